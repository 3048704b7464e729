/* SPDX-License-Identifier: MIT */
/*
 * The local tenant's search language: any text is refused or finds people, and what it
 * does not find, its negation does.
 */
#include "fuzz.h"

#include "user_query.h"

static a0__user *
somebody(void)
{
    static a0__user user;

    if (user.user_id == NULL) {
        a0__identity *identity = NULL;

        a0__record_init(&a0__shapes[A0__USERS], &user);
        a0__keep_in(&user.user_id, A0__LIT("auth0|a1"));
        a0__keep_in(&user.email, A0__LIT("ana@example.test"));
        a0__keep_in(&user.name, A0__LIT("Ana Silva"));
        a0__keep_in(&user.created_at, A0__LIT("2026-03-04T05:06:07.089Z"));
        a0__keep_in(&user.user_metadata, A0__LIT("{\"a\":[{\"b\":\"c\"},1,true]}"));
        identity = a0__records_add(&user.identities, &a0__identity_shape);
        a0__keep_in(&identity->provider, A0__LIT("auth0"));
    }
    return &user;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__buf) negated = A0__BUF_INIT(1024 * 1024);
    a0__text text = a0__text_range((const char *)data, size);
    A0_AUTO(a0__user_query_ptr) query = a0__user_query_parse(text);
    A0_AUTO(a0__user_query_ptr) opposite = NULL;

    if (query == NULL || a0__text_trim(text).len == 0) {
        return 0;
    }
    a0__buf_string(&negated, "NOT (");
    a0__buf_text(&negated, text);
    a0__buf_string(&negated, ")");
    opposite = a0__user_query_parse(a0__buf_view(&negated));
    /* Two levels deeper, it may be too deep. */
    FUZZ_CHECK(opposite == NULL || a0__user_query_fits(query, somebody()) !=
                                       a0__user_query_fits(opposite, somebody()));
    return 0;
}
