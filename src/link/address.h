/* SPDX-License-Identifier: MIT */
/*
 * E-mail addresses as linking compares them (contract §2, rule 7): trimmed, ASCII
 * letters in lower case, byte by byte. No dot or plus folding, no Unicode: whatever two
 * systems could read differently is not eligible [LINK-08].
 */
#ifndef A0_LINK_ADDRESS_H
#define A0_LINK_ADDRESS_H

#include "base/text.h"

enum {
    A0__ADDRESS_MAX = 254 /* RFC 5321 §4.5.3.1.3, without the brackets */
};

/* Dot-atom local part, one @, a domain of letters, digits and hyphens; after trimming.
 */
bool a0__address_is_eligible(a0__text address);

/* Whether two addresses are the same one; false unless both are eligible. */
bool a0__address_matches(a0__text a, a0__text b);

/* The form that is compared, of an eligible address; out is NUL-terminated. */
void a0__address_canonical(a0__text address, char out[A0__ADDRESS_MAX + 1]);

#endif
