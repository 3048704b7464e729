/* SPDX-License-Identifier: MIT */
/*
 * RFC 9112 §7.1, read by the letter: no bare LF, no "0x", no sign, no size that is cut
 * off, nothing after the end. libcurl reads more than that, which is one half of every
 * request smuggling [HTTP-09].
 */
#include "http/answer.h"
#include "http/http.h"

enum {
    SIZE_DIGITS_MAX = 8,
    FRAMING_MAX = 4096 /* nobody has a use for more extensions and trailers */
};

static bool
take_size_digit(a0__chunked *chunked, char byte)
{
    int digit = a0__hex_value(byte);

    if (digit < 0 || chunked->size_digits == SIZE_DIGITS_MAX) {
        return false;
    }
    chunked->left = chunked->left << 4 | (uint64_t)digit;
    chunked->size_digits++;
    return true;
}

/* The byte after the digits of a size. */
static bool
end_size(a0__chunked *chunked, char byte)
{
    if (chunked->size_digits == 0 || (byte != '\r' && byte != ';')) {
        return false;
    }
    chunked->state = byte == '\r' ? A0__CHUNK_SIZE_LF : A0__CHUNK_EXTENSION;
    return true;
}

static void
start_data(a0__chunked *chunked)
{
    chunked->state = chunked->left > 0 ? A0__CHUNK_DATA : A0__CHUNK_TRAILER_START;
    chunked->size_digits = 0;
}

static bool
expect(a0__chunked *chunked, char byte, char want, a0__chunked_state next)
{
    chunked->state = next;
    return byte == want;
}

/* Extensions and trailers are passed over, within bounds. */
static bool
skip(a0__chunked *chunked, char byte, a0__chunked_state after_cr)
{
    if (byte == '\r') {
        chunked->state = after_cr;
    }
    return byte != '\n' && byte != '\0' && ++chunked->framing_size <= FRAMING_MAX;
}

static bool
take_framing(a0__chunked *chunked, char byte)
{
    switch (chunked->state) {
    case A0__CHUNK_SIZE:
        return take_size_digit(chunked, byte) || end_size(chunked, byte);
    case A0__CHUNK_EXTENSION:
        return skip(chunked, byte, A0__CHUNK_SIZE_LF);
    case A0__CHUNK_SIZE_LF:
        start_data(chunked);
        return byte == '\n';
    case A0__CHUNK_DATA_CR:
        return expect(chunked, byte, '\r', A0__CHUNK_DATA_LF);
    case A0__CHUNK_DATA_LF:
        return expect(chunked, byte, '\n', A0__CHUNK_SIZE);
    case A0__CHUNK_TRAILER_START:
        chunked->state = byte == '\r' ? A0__CHUNK_LAST_LF : A0__CHUNK_TRAILER;
        return byte != '\n';
    case A0__CHUNK_TRAILER:
        return skip(chunked, byte, A0__CHUNK_TRAILER_LF);
    case A0__CHUNK_TRAILER_LF:
        return expect(chunked, byte, '\n', A0__CHUNK_TRAILER_START);
    case A0__CHUNK_LAST_LF:
        return expect(chunked, byte, '\n', A0__CHUNK_END);
    case A0__CHUNK_DATA:
    case A0__CHUNK_END: /* surplus bytes */
        break;
    }
    return false;
}

bool
a0__chunked_read(a0__chunked *chunked, const char *bytes, size_t len,
                 a0_http_response *response, size_t max_body_bytes,
                 a0__error_id *out_refusal)
{
    while (len > 0) {
        size_t n = 1;

        if (chunked->state == A0__CHUNK_DATA) {
            a0_status status = A0_OK;

            n = len < chunked->left ? len : (size_t)chunked->left;
            status = a0_http_response_add_body(response, bytes, n, max_body_bytes);
            if (status != A0_OK) {
                *out_refusal =
                    status == A0_NO_MEMORY ? A0_E_no_memory : A0_E_http_oversize;
                return false;
            }
            chunked->left -= n;
            chunked->state = chunked->left > 0 ? A0__CHUNK_DATA : A0__CHUNK_DATA_CR;
        } else if (!take_framing(chunked, *bytes)) {
            *out_refusal = A0_E_http_protocol;
            return false;
        }
        bytes += n;
        len -= n;
    }
    return true;
}
