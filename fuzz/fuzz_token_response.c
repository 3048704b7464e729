/* SPDX-License-Identifier: MIT */
/*
 * The reader of token answers [TOK-02, TOK-03], and the look into the access token that
 * it may hold [RFR-10].
 */
#include "fuzz.h"

#include "oauth/refresh.h"
#include "oauth/scope.h"

static void
check_token(const a0__secret *token)
{
    a0__text text = a0__secret_expose(token);

    FUZZ_CHECK(!a0__secret_is_set(token) ||
               (text.len > 0 && a0__text_is_visible_ascii(text)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    a0__text body = a0__text_range((const char *)data, size);
    a0_status status = A0_OK;

    if (a0__token_set_read(body, A0__LIT("openid asked"), &tokens, NULL) != A0_OK) {
        FUZZ_CHECK(!a0__secret_is_set(&tokens.access_token) && tokens.scope == NULL);
        return 0;
    }
    FUZZ_CHECK(a0__secret_is_set(&tokens.access_token));
    check_token(&tokens.access_token);
    check_token(&tokens.id_token);
    check_token(&tokens.refresh_token);
    FUZZ_CHECK(tokens.expires_in >= 1 && tokens.expires_in <= A0__TOKEN_LIFETIME_MAX_S);
    FUZZ_CHECK(tokens.scope != NULL && a0__scope_is_valid(a0__text_of(tokens.scope)));
    status = a0__refresh_check_covers(&tokens, A0__LIT("https://api.example/"),
                                      A0__LIT("openid read:x"), NULL);
    FUZZ_CHECK(status == A0_OK || status == A0_REFUSED);
    return 0;
}
