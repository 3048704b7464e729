/* SPDX-License-Identifier: MIT */
/* base64url without padding, RFC 4648 §5 and RFC 7515 §2. */
#ifndef A0_BASE_BASE64URL_H
#define A0_BASE_BASE64URL_H

#include "base/buf.h"
#include "base/secret.h"

void a0__base64url_encode(const void *bytes, size_t len, a0__buf *out);
A0_MUST_USE a0_status a0__base64url_secret(const a0__secret *bytes,
                                           a0__secret *out_text, a0_error **err);

/*
 * Appends the bytes; false, and nothing appended, on any text that the encoder would
 * not have written: other alphabet, padding, white space, a length of 1 mod 4, spare
 * bits that are not zero [IDT-10]. Check the buffer for its own failures.
 */
A0_MUST_USE bool a0__base64url_decode(a0__text text, a0__buf *out);
/* The same into an array; false also when it does not fit. */
A0_MUST_USE bool a0__base64url_decode_into(a0__text text, unsigned char *out,
                                           size_t out_max, size_t *out_len);

/* Classic base64 with padding, for HTTP Basic (RFC 7617) and PEM. */
void a0__base64_encode(const void *bytes, size_t len, a0__buf *out);
A0_MUST_USE bool a0__base64_decode(a0__text text, a0__buf *out);

#endif
