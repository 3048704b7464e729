/* SPDX-License-Identifier: MIT */
/*
 * Encryption keys as people write them in the settings: 32 random octets in hex or
 * base64, or, less good, a passphrase.
 */
#ifndef A0_BASE_KEY_H
#define A0_BASE_KEY_H

#include "base/crypto.h"

/*
 * What is wrong with a key, as the end of a sentence that begins with the name of the
 * setting; NULL when it can be used. Cheap: nothing is derived. [SESS-06]
 */
const char *a0__key_fault(a0__text text);

/*
 * The octets: 64 hex digits, 43 characters of base64url or 44 of base64 give them as
 * they are; any other text goes through PBKDF2, which takes a good part of a second.
 * Errors: config_invalid, internal.
 */
A0_MUST_USE a0_status a0__key_from_text(a0__text text, unsigned char out[A0__KEY_BYTES],
                                        a0_error **err);

#endif
