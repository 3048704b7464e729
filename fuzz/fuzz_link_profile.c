/* SPDX-License-Identifier: MIT */
/*
 * What linking reads of users: an array of profiles, of which the first signed in and
 * the others are candidates, through the reader and the rules. Whatever stands in them,
 * nobody is linked to an address that was not verified on both sides [LINK-01,
 * LINK-02], and the order in which users are listed changes nothing [LINK-12].
 */
#include <string.h>

#include "fuzz.h"

#include "link/rules.h"

enum {
    PROFILES_MAX = 6
};

static char google[] = "google-oauth2";
static char facebook[] = "facebook";
static char db[] = "db";
static char *const connections[] = { google, facebook, db };

static a0__link_profile profiles[PROFILES_MAX];

static void
check_profile(const a0__link_profile *profile)
{
    FUZZ_CHECK(profile->user_id.len > 0 && a0__text_has_no_controls(profile->user_id));
    FUZZ_CHECK(profile->identities_len > 0 &&
               profile->identities_len <= A0__LINK_IDENTITIES_MAX);
    for (size_t i = 0; i < profile->identities_len; i++) {
        const a0__link_identity *own = &profile->identities[i];

        FUZZ_CHECK(own->provider.len > 0 && own->connection.len > 0);
        FUZZ_CHECK(own->user_id.len > 0 && a0__text_has_no_controls(own->user_id));
        FUZZ_CHECK(a0__link_identity_subject(own).len > 0);
    }
}

/* How many profiles were read; an id that comes twice is left out, as by whoever
 * gathers them. */
static size_t
read_profiles(const a0__json *list)
{
    size_t len = 0;

    for (size_t i = 0; i < a0__json_len(list) && len < PROFILES_MAX; i++) {
        bool is_new = a0__link_profile_read(a0__json_at(list, i), &profiles[len]);

        for (size_t j = 0; is_new && j < len; j++) {
            is_new = !a0__text_equal(profiles[j].user_id, profiles[len].user_id);
        }
        if (is_new) {
            check_profile(&profiles[len]);
            len++;
        }
    }
    return len;
}

static void
check_verdict(const a0__link_facts *facts, const a0__link_verdict *v)
{
    bool names_primary = v->outcome == A0__LINK_NOW || v->outcome == A0__LINK_PENDING;

    FUZZ_CHECK((v->outcome == A0__LINK_REFUSED) == (v->reason != A0__LINK_NO_REASON));
    FUZZ_CHECK(names_primary == (v->primary != NULL));
    if (!names_primary) {
        return;
    }
    FUZZ_CHECK(v->rule == (v->outcome == A0__LINK_NOW ? 3 : 4));
    FUZZ_CHECK(v->identity->email_verified && v->primary_identity->email_verified);
    FUZZ_CHECK(a0__address_matches(v->identity->email, v->primary_identity->email));
    FUZZ_CHECK(!a0__text_equal(v->primary->user_id, facts->user_id));
    FUZZ_CHECK(!v->primary->blocked && !facts->signed_in->blocked);
    FUZZ_CHECK(facts->signed_in->identities_len == 1);
    FUZZ_CHECK(v->outcome == A0__LINK_PENDING ||
               !a0__link_identity_has_password(v->identity));
}

static void
turn_round(size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        static a0__link_profile other;
        a0__link_profile *a = &profiles[1 + i];
        a0__link_profile *b = &profiles[len - i];

        memcpy(&other, a, sizeof other);
        memcpy(a, b, sizeof other);
        memcpy(b, &other, sizeof other);
    }
}

static void
decide(size_t len)
{
    a0__link_facts facts = { .policy = { .connections = { connections, 3 } },
                             .user_id = profiles[0].user_id,
                             .signed_in = &profiles[0],
                             .candidates = &profiles[1],
                             .candidates_len = len - 1 };
    a0__link_verdict there = a0__link_decide(&facts);
    a0__text primary = there.primary != NULL ? there.primary->user_id : A0__NO_TEXT;
    a0__link_verdict back = there;

    check_verdict(&facts, &there);
    turn_round(len - 1);
    back = a0__link_decide(&facts);
    FUZZ_CHECK(there.outcome == back.outcome && there.reason == back.reason);
    FUZZ_CHECK(back.primary == NULL || a0__text_equal(primary, back.primary->user_id));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__json_doc) list = NULL;

    if (a0__json_parse_deep(a0__text_range((const char *)data, size), &list, NULL) ==
            A0_OK &&
        a0__json_is_array(list)) {
        size_t len = read_profiles(list);

        if (len > 0) {
            decide(len);
        }
    }
    return 0;
}
