/* SPDX-License-Identifier: MIT */
#include "auth0/identifier.h"

bool
a0__identifier_is_valid(a0__text text)
{
    if (text.len == 0 || text.len > A0__IDENTIFIER_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
}
