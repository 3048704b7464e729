/* SPDX-License-Identifier: MIT */
#include "base/key.h"

#include <string.h>

#include "base/base64url.h"

enum {
    HEX_LEN = 2 * A0__KEY_BYTES,
    BASE64URL_LEN = 43,
    BASE64_LEN = 44,
    PASSPHRASE_MIN = 32,
    /* What OWASP asks of PBKDF2 with HMAC-SHA-256 (2023). */
    PASSPHRASE_ITERATIONS = 600000
};

/* All nodes must come to the same key, so the salt is a constant. It keeps tables made
 * for other programs away; against one made for a0 stands the length of the text. */
static const char passphrase_salt[] = "a0 encryption key 1";

static bool
is_hex(a0__text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (a0__hex_value(text.ptr[i]) < 0) {
            return false;
        }
    }
    return true;
}

const char *
a0__key_fault(a0__text text)
{
    if (text.len == 0) {
        return "is empty; write 32 random octets, e.g. from `openssl rand -hex 32`";
    }
    if (!a0__text_has_no_controls(text) || !a0__text_equal(text, a0__text_trim(text))) {
        return "has white space around it or a line break in it; remove that";
    }
    if (text.len < PASSPHRASE_MIN) {
        return "is shorter than 32 characters; write 32 random octets, e.g. from "
               "`openssl rand -hex 32`";
    }
    /* Hex of another length was meant to be a key and lost or gained something. */
    if (is_hex(text) && text.len != HEX_LEN) {
        return "is hex but has not 64 digits; write 32 random octets, e.g. from "
               "`openssl rand -hex 32`";
    }
    return NULL;
}

static void
decode_hex(a0__text text, unsigned char out[A0__KEY_BYTES])
{
    for (size_t i = 0; i < A0__KEY_BYTES; i++) {
        out[i] = (unsigned char)(a0__hex_value(text.ptr[2 * i]) << 4 |
                                 a0__hex_value(text.ptr[2 * i + 1]));
    }
}

static bool
decode_base64(a0__text text, unsigned char out[A0__KEY_BYTES])
{
    A0_AUTO(a0__buf) octets = A0__BUF_INIT(A0__KEY_BYTES);
    bool is_base64 =
        (text.len == BASE64URL_LEN && a0__base64url_decode(text, &octets)) ||
        (text.len == BASE64_LEN && a0__base64_decode(text, &octets));

    if (!is_base64 || !a0__buf_ok(&octets) || octets.len != A0__KEY_BYTES) {
        return false;
    }
    memcpy(out, octets.ptr, A0__KEY_BYTES);
    return true;
}

a0_status
a0__key_from_text(a0__text text, unsigned char out[A0__KEY_BYTES], a0_error **err)
{
    A0_ENSURE(a0__key_fault(text) == NULL, err, config_invalid);
    if (text.len == HEX_LEN && is_hex(text)) {
        decode_hex(text, out);
        return A0_OK;
    }
    if (decode_base64(text, out)) {
        return A0_OK;
    }
    return a0__pbkdf2_sha256(text, A0__LIT(passphrase_salt), PASSPHRASE_ITERATIONS, out,
                             A0__KEY_BYTES, err);
}
