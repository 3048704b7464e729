/* SPDX-License-Identifier: MIT */
/*
 * Sealed texts [MEM-08]: what the database holds may be anything, but plain text comes
 * out only of a text that was sealed for its place, bit by bit. The input says which of
 * two things to do: open it as it is, or seal a text and spoil it.
 */
#include <string.h>

#include "fuzz.h"

#include "session/sealing.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* A constant makes runs repeatable, and every sealed text the same one. */
static a0_status
constant_fill(void *self, void *out_bytes, size_t len)
{
    (void)self;
    memset(out_bytes, 0x5a, len);
    return A0_OK;
}

static const a0_random constant_random = { .size = sizeof constant_random,
                                           .fill = constant_fill };

static a0__keyring *
new_keyring(void)
{
    char text[] = KEY;
    a0__secret key = { (unsigned char *)text, sizeof text - 1 };
    a0__keyring *keyring = NULL;

    FUZZ_CHECK(a0__keyring_new(&(a0__keyring_config){ .keys = &key,
                                                      .keys_len = 1,
                                                      .random = &constant_random },
                               &keyring, NULL) == A0_OK);
    return keyring;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static a0__keyring *keyring;
    const a0_record record = {
        .size = sizeof record, .kind = A0_RECORD_SESSION, .key = "key", .version = 1
    };
    const a0__seal_place place = { .purpose = A0__SEAL_SESSION,
                                   .tenant = "https://a.example/",
                                   .record = &record,
                                   .holder = A0__LIT("session id") };
    a0__text input = a0__text_range((const char *)data, size);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1 << 20);
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(1 << 20);
    a0__opening opening = A0__TAMPERED;

    if (keyring == NULL) {
        keyring = new_keyring();
    }
    FUZZ_CHECK(a0__open(keyring, &place, input, &plain, &opening, NULL) == A0_OK);
    FUZZ_CHECK(plain.len == (opening == A0__OPENED ? size - A0__SEAL_OVERHEAD : 0));
    if (size < 2) {
        return 0;
    }
    /* Two bytes say where to spoil what the rest was sealed to; 0 spoils nothing. */
    a0__buf_reset(&plain);
    FUZZ_CHECK(a0__seal(keyring, &place, a0__text_from(input, 2), &sealed, NULL) ==
               A0_OK);
    sealed.ptr[data[0] % sealed.len] ^= (char)data[1];
    FUZZ_CHECK(a0__open(keyring, &place, a0__buf_view(&sealed), &plain, &opening,
                        NULL) == A0_OK);
    FUZZ_CHECK((opening == A0__OPENED) == (data[1] == 0));
    FUZZ_CHECK(opening == A0__OPENED
                   ? a0__text_equal(a0__buf_view(&plain), a0__text_from(input, 2))
                   : plain.len == 0);
    return 0;
}
