/* SPDX-License-Identifier: MIT */
#include "jose/jwt.h"

#include "base/base64url.h"

enum {
    UNVERIFIED_CLAIMS_MAX = 65536
};

const char *const a0__jwt_types[] = { "", "JWT", NULL };

/* Texts that go into comparisons, keys and logs: a control character in one of them
 * can only be meant to deceive [IDT-13]. */
static bool
is_clean(const a0__json *value)
{
    a0__text text = A0__NO_TEXT;

    return !a0__json_text_of(value, &text) || a0__text_has_no_controls(text);
}

static bool
has_clean_texts(const a0__json *claims)
{
    static const char *const names[] = { "iss", "sub", "nonce", "sid", "email" };
    const a0__json *aud = a0__json_member(claims, "aud");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!is_clean(a0__json_member(claims, names[i]))) {
            return false;
        }
    }
    if (!a0__json_is_array(aud)) {
        return is_clean(aud);
    }
    for (size_t i = 0; i < a0__json_len(aud); i++) {
        if (!is_clean(a0__json_at(aud, i))) {
            return false;
        }
    }
    return true;
}

a0_status
a0__jwt_verify(a0__text token, const a0__jws_trust *trust, a0__json **out_claims,
               a0_error **err)
{
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(A0__JWS_BYTES_MAX);
    A0_AUTO(a0__json_doc) claims = NULL;

    A0_TRY(a0__jws_verify(token, trust, &payload, err));
    A0_TRY(a0__json_parse(a0__buf_view(&payload), &claims, err));
    A0_ENSURE(a0__json_is_object(claims), err, jwt_malformed);
    A0_ENSURE(has_clean_texts(claims), err, jwt_malformed);
    *out_claims = a0__steal(&claims);
    return A0_OK;
}

a0_status
a0__jwt_read_unverified(a0__text token, a0__json **out_claims, a0_error **err)
{
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(UNVERIFIED_CLAIMS_MAX);
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__text part[3] = { { 0 } };
    size_t len = 0;

    *out_claims = NULL;
    while (len < 3 && a0__text_next(&token, '.', &part[len])) {
        len++;
    }
    if (len < 3 || token.ptr != NULL || !a0__base64url_decode(part[1], &payload)) {
        return A0_OK;
    }
    A0_TRY(a0__buf_check(&payload, err));
    A0_TRY(a0__json_parse(a0__buf_view(&payload), &claims, err));
    if (a0__json_is_object(claims)) {
        *out_claims = a0__steal(&claims);
    }
    return A0_OK;
}
