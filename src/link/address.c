/* SPDX-License-Identifier: MIT */
#include "link/address.h"

enum {
    LABEL_MAX = 63 /* RFC 1035 §2.3.4 */
};

/* RFC 5322 §3.2.3: atext. */
static bool
is_atext(char byte)
{
    return a0__is_alpha(byte) || a0__is_digit(byte) ||
           a0__text_contains_byte(A0__LIT("!#$%&'*+-/=?^_`{|}~"), byte);
}

static bool
is_atom(a0__text atom)
{
    for (size_t i = 0; i < atom.len; i++) {
        if (!is_atext(atom.ptr[i])) {
            return false;
        }
    }
    return atom.len > 0;
}

/* RFC 952, RFC 1123 §2.1. */
static bool
is_label(a0__text label)
{
    for (size_t i = 0; i < label.len; i++) {
        if (!a0__is_alpha(label.ptr[i]) && !a0__is_digit(label.ptr[i]) &&
            label.ptr[i] != '-') {
            return false;
        }
    }
    return label.len > 0 && label.len <= LABEL_MAX && label.ptr[0] != '-' &&
           label.ptr[label.len - 1] != '-';
}

static bool
each_piece(a0__text text, bool (*is_piece)(a0__text piece))
{
    a0__text piece = A0__NO_TEXT;

    while (a0__text_next(&text, '.', &piece)) {
        if (!is_piece(piece)) {
            return false;
        }
    }
    return true;
}

bool
a0__address_is_eligible(a0__text address)
{
    a0__text domain = a0__text_trim(address);
    a0__text local = A0__NO_TEXT;

    if (domain.len == 0 || domain.len > A0__ADDRESS_MAX ||
        !a0__text_next(&domain, '@', &local) || domain.ptr == NULL) {
        return false;
    }
    /* A second @ is no byte of a label. */
    return each_piece(local, is_atom) && each_piece(domain, is_label);
}

bool
a0__address_matches(a0__text a, a0__text b)
{
    return a0__text_equal_ignoring_case(a0__text_trim(a), a0__text_trim(b)) &&
           a0__address_is_eligible(a);
}

void
a0__address_canonical(a0__text address, char out[A0__ADDRESS_MAX + 1])
{
    a0__text trimmed = a0__text_trim(address);
    size_t len = 0;

    while (len < trimmed.len && len < A0__ADDRESS_MAX) {
        out[len] = a0__to_lower(trimmed.ptr[len]);
        len++;
    }
    out[len] = '\0';
}
