/* SPDX-License-Identifier: MIT */
#include "auth0/identities.h"

#include <string.h>

#include "auth0/users.h"
#include "json/json.h"

enum {
    NUMBER_MAX = 32
};

void
a0__identity_link_url(const a0__settings *settings, a0__text primary_user_id,
                      a0__buf *out)
{
    a0__user_url(settings, primary_user_id, "/identities", out);
}

void
a0__identity_link_body(const a0_identity *secondary, a0__buf *out)
{
    a0__json_writer w = a0__json_writer_on(out);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "provider", secondary->provider);
    a0__json_put_string(&w, "user_id", secondary->user_id);
    a0__json_close(&w, '}');
}

void
a0__identity_unlink_url(const a0__settings *settings, a0__text primary_user_id,
                        const a0_identity *secondary, a0__buf *out)
{
    a0__user_url(settings, primary_user_id, "/identities/", out);
    a0__percent_encode(a0__text_of(secondary->provider), out);
    a0__buf_byte(out, '/');
    a0__percent_encode(a0__text_of(secondary->user_id), out);
}

static bool
is_same(const a0_identity *a, const a0_identity *b)
{
    return strcmp(a->provider, b->provider) == 0 &&
           strcmp(a->connection, b->connection) == 0 &&
           strcmp(a->user_id, b->user_id) == 0;
}

bool
a0__user_has_identity(const a0_user *user, const a0_identity *identity)
{
    for (size_t i = 0; i < a0_user_identities_len(user); i++) {
        if (is_same(a0_user_identity(user, i), identity)) {
            return true;
        }
    }
    return false;
}

/* Auth0's description allows a number for an id. */
static bool
member_is(const a0__json *item, const char *name, const char *value)
{
    A0_AUTO(a0__buf) digits = A0__BUF_INIT(NUMBER_MAX);
    const a0__json *member = a0__json_member(item, name);
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;

    if (member == NULL) {
        return false;
    }
    if (a0__json_i64_of(member, &number)) {
        a0__buf_i64(&digits, number);
        return a0__text_is(a0__buf_view(&digits), value);
    }
    return a0__json_text_of(member, &text) && a0__text_is(text, value);
}

static bool
list_has(const a0__json *list, const a0_identity *identity)
{
    for (size_t i = 0; i < a0__json_len(list); i++) {
        const a0__json *item = a0__json_at(list, i);

        if (a0__json_is_object(item) &&
            member_is(item, "provider", identity->provider) &&
            member_is(item, "connection", identity->connection) &&
            member_is(item, "user_id", identity->user_id)) {
            return true;
        }
    }
    return false;
}

a0__identities_outcome
a0__identities_response(const a0_http_response *response, const a0_identity *identity,
                        bool is_there)
{
    A0_AUTO(a0__json_doc) list = NULL;
    int status = a0_http_response_status(response);

    if (status >= 400 && status < 500) {
        /* LINK-11: what the two say of the state is for the user's profile to tell. */
        return status == 400 || status == 404 || status == 409
                   ? A0__IDENTITIES_OTHERWISE
                   : A0__IDENTITIES_REFUSED;
    }
    if (a0__management_response(response, 0, &list, NULL) != A0_OK ||
        !a0__json_is_array(list)) {
        return A0__IDENTITIES_UNCLEAR;
    }
    /* LINK-24: exactly that identity, not one that looks like it. */
    return list_has(list, identity) == is_there ? A0__IDENTITIES_CHANGED
                                                : A0__IDENTITIES_OTHERWISE;
}
