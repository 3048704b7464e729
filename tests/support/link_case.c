/* SPDX-License-Identifier: MIT */
#include "link_case.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

link_case *
link_case_new(void)
{
    static char google[] = "google-oauth2";
    static char facebook[] = "facebook";
    static char db[] = "db";
    static char *const connections[] = { google, facebook, db };
    link_case *c = a0__calloc(1, sizeof *c);

    assert_non_null(c);
    c->facts.policy.connections = (a0__link_names){ connections, 3 };
    c->facts.candidates = c->candidates;
    c->facts.records = c->records;
    return c;
}

void
link_case_free(link_case *c)
{
    for (size_t i = 0; i < c->documents_len; i++) {
        a0__json_free(c->documents[i]);
    }
    a0__free(c);
}

static const a0__json *
parse(link_case *c, const char *profile)
{
    a0__json *document = NULL;

    assert_int_equal(a0__json_parse(a0__text_of(profile), &document, NULL), A0_OK);
    assert_non_null(document);
    c->documents[c->documents_len++] = document;
    return document;
}

void
link_case_sign_in(link_case *c, const char *profile)
{
    assert_true(a0__link_profile_read(parse(c, profile), &c->own));
    c->facts.signed_in = &c->own;
    c->facts.user_id = c->own.user_id;
}

a0__link_profile *
link_case_candidate(link_case *c, const char *profile)
{
    a0__link_profile *candidate = &c->candidates[c->facts.candidates_len++];

    assert_true(a0__link_profile_read(parse(c, profile), candidate));
    return candidate;
}

a0__link_connected *
link_case_record(link_case *c, const char *owner, const char *connection,
                 const char *subject)
{
    a0__link_connected *record = &c->records[c->facts.records_len++];

    *record = (a0__link_connected){ .id = A0__LIT("cac_1"),
                                    .user_id = a0__text_of(owner),
                                    .connection = a0__text_of(connection),
                                    .subject = a0__text_of(subject),
                                    .stands = true };
    return record;
}

a0__link_verdict
link_case_decide(const link_case *c)
{
    return a0__link_decide(&c->facts);
}

const char *
link_user(char out[1024], const char *user_id, const char *connection,
          const char *email, const char *verified, const char *created_at)
{
    const char *bar = strchr(user_id, '|');
    int len = snprintf(out, 1024,
                       "{\"user_id\":\"%s\",\"email\":\"%s\",\"email_verified\":%s,"
                       "\"created_at\":\"%s\",\"identities\":[{\"provider\":\"%.*s\","
                       "\"connection\":\"%s\",\"user_id\":\"%s\"}]}",
                       user_id, email, verified, created_at, (int)(bar - user_id),
                       user_id, connection, bar + 1);

    assert_in_range(len, 1, 1023);
    return out;
}
