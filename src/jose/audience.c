/* SPDX-License-Identifier: MIT */
#include "jose/audience.h"

size_t
a0__audience_len(const a0__json *claims)
{
    const a0__json *aud = a0__json_member(claims, "aud");
    a0__text text = A0__NO_TEXT;
    size_t len = 0;

    if (aud == NULL) {
        return 0;
    }
    if (!a0__json_is_array(aud)) {
        return a0__json_text_of(aud, &text) ? 1 : 0;
    }
    len = a0__json_len(aud);
    for (size_t i = 0; i < len; i++) {
        if (!a0__json_text_of(a0__json_at(aud, i), &text)) {
            return 0;
        }
    }
    return len <= A0__AUDIENCES_MAX ? len : 0;
}

a0__text
a0__audience_at(const a0__json *claims, size_t i)
{
    const a0__json *aud = a0__json_member(claims, "aud");
    a0__text text = A0__NO_TEXT;

    (void)a0__json_text_of(a0__json_is_array(aud) ? a0__json_at(aud, i) : aud, &text);
    return text;
}

bool
a0__audience_has(const a0__json *claims, a0__text audience)
{
    size_t len = a0__audience_len(claims);

    for (size_t i = 0; i < len; i++) {
        if (a0__text_equal(a0__audience_at(claims, i), audience)) {
            return true;
        }
    }
    return false;
}

bool
a0__audience_covers(const a0__json *claims, const a0__json *other)
{
    size_t len = a0__audience_len(other);

    for (size_t i = 0; i < len; i++) {
        if (!a0__audience_has(claims, a0__audience_at(other, i))) {
            return false;
        }
    }
    return true;
}
