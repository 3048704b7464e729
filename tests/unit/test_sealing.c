/* SPDX-License-Identifier: MIT */
/* Keys as people write them, and the form of a sealed text. */
#include <string.h>

#include "base/key.h"
#include "recording_log.h"
#include "session/signed_record.h"
#include "support.h"
#include "test_random.h"

#define HEX_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static a0__keyring *
keyring_of(a0__secret *keys, size_t len, test_random *random)
{
    a0__keyring *keyring = NULL;
    a0_error *err = NULL;

    assert_ok(a0__keyring_new(&(a0__keyring_config){ .keys = keys,
                                                     .keys_len = len,
                                                     .random = &test_random_table,
                                                     .random_self = random },
                              &keyring, &err),
              err);
    return keyring;
}

static a0__secret
secret_of(const char *text)
{
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    a0__secret out = A0__SECRET_INIT;
    a0_error *err = NULL;

    assert_ok(a0__secret_set_text(&secret, a0__text_of(text), &err), err);
    a0__secret_move(&out, &secret);
    return out;
}

static const a0_record row = { .size = sizeof row,
                               .kind = A0_RECORD_REFRESH_TOKEN,
                               .key = "key",
                               .version = 1,
                               .created_at = 1000,
                               .expires_at = 2000,
                               .owner = "owner",
                               .user_id = "auth0|1",
                               .sid = "sid" };

static const a0__seal_place place = { .purpose = A0__SEAL_REFRESH_TOKEN,
                                      .tenant = "https://a.example/",
                                      .record = &row };

static void
key_in_hex_base64url_and_base64_is_the_same_key(void **state)
{
    static const char *const same[] = {
        HEX_KEY,
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    };

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        unsigned char key[A0__KEY_BYTES];
        a0_error *err = NULL;

        assert_ok(a0__key_from_text(a0__text_of(same[i]), key, &err), err);
        for (unsigned char octet = 0; octet < A0__KEY_BYTES; octet++) {
            assert_int_equal(key[octet], octet);
        }
    }
}

static void
long_hmac_key_is_hashed_first(void **state)
{
    /* RFC 4231 §4.7: a key of 131 octets. */
    static const unsigned char expected[] = { 0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6,
                                              0x7f, 0x0d, 0x8a, 0x26, 0xaa, 0xcb, 0xf5,
                                              0xb7, 0x7f, 0x8e, 0x0b, 0xc6, 0x21, 0x37,
                                              0x28, 0xc5, 0x14, 0x05, 0x46, 0x04, 0x0f,
                                              0x0e, 0xe3, 0x7f, 0x54 };
    char key[131];
    a0__digest digest;
    a0_error *err = NULL;

    (void)state;
    memset(key, 0xaa, sizeof key);
    assert_ok(a0__hmac_sha256(
                  a0__text_range(key, sizeof key),
                  A0__LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
                  &digest, &err),
              err);
    assert_memory_equal(digest.bytes, expected, sizeof expected);
}

static void
sealed_text_has_the_documented_form(void **state)
{
    A0_AUTO(a0__secret) key = secret_of(HEX_KEY);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(256);
    A0_AUTO(a0__buf) again = A0__BUF_INIT(256);
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(256);
    test_random random = TEST_RANDOM_INIT;
    a0__keyring *keyring = keyring_of(&key, 1, &random);
    unsigned char id[A0__SEAL_KEY_ID_BYTES];
    unsigned char octets[A0__KEY_BYTES];
    a0__opening opening = A0__TAMPERED;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__seal(keyring, &place, A0__LIT("hello"), &sealed, &err), err);
    assert_int_equal(sealed.len, A0__SEAL_OVERHEAD + 5);
    assert_int_equal(sealed.ptr[0], 1);
    assert_ok(a0__key_from_text(A0__LIT(HEX_KEY), octets, &err), err);
    assert_ok(a0__hkdf_sha256(a0__text_range((const char *)octets, sizeof octets),
                              A0__NO_TEXT, A0__LIT("a0 key id"), id, sizeof id, &err),
              err);
    assert_memory_equal(sealed.ptr + 1, id, sizeof id);
    assert_true(a0__sealed_is_current(keyring, a0__buf_view(&sealed)));

    assert_ok(a0__seal(keyring, &place, A0__LIT("hello"), &again, &err), err);
    assert_memory_not_equal(sealed.ptr + 5, again.ptr + 5, A0__GCM_NONCE_BYTES);

    assert_ok(a0__open(keyring, &place, a0__buf_view(&sealed), &plain, &opening, &err),
              err);
    assert_int_equal(opening, A0__OPENED);
    assert_text(a0__buf_view(&plain), "hello");
    a0__keyring_free(keyring);
}

static void
ring_without_a_configured_key_opens_only_its_own(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(256);
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(256);
    test_random random = TEST_RANDOM_INIT;
    a0__keyring *first = keyring_of(NULL, 0, &random);
    a0__keyring *second = keyring_of(NULL, 0, &random);
    a0__opening opening = A0__OPENED;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__seal(first, &place, A0__LIT("hello"), &sealed, &err), err);
    assert_ok(a0__open(second, &place, a0__buf_view(&sealed), &plain, &opening, &err),
              err);
    assert_int_equal(opening, A0__KEY_UNKNOWN);
    assert_int_equal(plain.len, 0);
    a0__keyring_free(first);
    a0__keyring_free(second);
}

static void
no_memory_at_any_allocation_leaves_nothing_behind(void **state)
{
    A0_AUTO(a0__secret) key = secret_of(HEX_KEY);
    test_random random = TEST_RANDOM_INIT;
    a0_status status = A0_NO_MEMORY;

    (void)state;
    for (uint64_t n = 1; status != A0_OK; n++) {
        A0_AUTO(a0__buf) sealed = A0__BUF_INIT(256);
        a0__keyring *keyring = NULL;

        assert_true(n < 200);
        a0__mem_fail_at(n, 0);
        status = a0__keyring_new(&(a0__keyring_config){ .keys = &key,
                                                        .keys_len = 1,
                                                        .random = &test_random_table,
                                                        .random_self = &random },
                                 &keyring, NULL);
        if (status == A0_OK) {
            status = a0__seal(keyring, &place, A0__LIT("hello"), &sealed, NULL);
        }
        a0__mem_fail_at(0, 0);
        assert_true(status == A0_OK || status == A0_NO_MEMORY);
        a0__keyring_free(keyring);
    }
}

static void
failing_random_generator_seals_nothing(void **state)
{
    A0_AUTO(a0__secret) key = secret_of(HEX_KEY);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(256);
    test_random random = TEST_RANDOM_INIT;
    a0__keyring *keyring = keyring_of(&key, 1, &random);
    a0_error *err = NULL;

    (void)state;
    atomic_store(&random.fail_at, 1);
    assert_fails(a0__seal(keyring, &place, A0__LIT("hello"), &sealed, &err), &err,
                 rng_failure);
    assert_int_equal(sealed.len, 0);
    a0__keyring_free(keyring);
}

/* ---- rows that are signed, not sealed ---- */

static const a0_record account = { .size = sizeof account,
                                   .kind = A0_RECORD_CONNECTED_ACCOUNT,
                                   .key = "cac_1",
                                   .version = 1,
                                   .owner = "",
                                   .user_id = "auth0|jo",
                                   .sid = "" };

static bool
holds(const a0__keyring *keyring, const a0_record *record, const char *issuer,
      const char *data)
{
    A0_AUTO(a0__json_doc) object = NULL;
    a0_record read = *record;
    bool is_ours = false;
    a0_error *err = NULL;

    read.data = data;
    read.data_len = strlen(data);
    assert_ok(a0__signed_record_read(keyring, issuer, &read, &object, &is_ours, &err),
              err);
    return is_ours;
}

static void
signed_record_holds_in_its_place_whatever_the_order_of_its_members(void **state)
{
    A0_AUTO(a0__secret) key = secret_of(HEX_KEY);
    A0_AUTO(a0__buf) data = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) other = A0__BUF_INIT(1024);
    test_random random = TEST_RANDOM_INIT;
    a0__keyring *keyring = keyring_of(&key, 1, &random);
    a0_record moved = account;
    const char *mac = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__signed_record_write(keyring, "i", &account,
                                      A0__LIT("{\"b\":true,\"a\":\"<x>\",\"c\":7}"),
                                      &data, &err),
              err);
    assert_true(holds(keyring, &account, "i", a0__buf_cstr(&data)));
    mac = strstr(a0__buf_cstr(&data), "\"mac\"");
    assert_non_null(mac);
    a0__buf_format(&other, "{ %.*s , \"a\" : \"<x>\", \"c\":7,\"b\":true}",
                   (int)(strlen(mac) - 1), mac);
    assert_true(holds(keyring, &account, "i", a0__buf_cstr(&other)));
    assert_false(holds(keyring, &account, "j", a0__buf_cstr(&data)));
    moved.user_id = "auth0|mel";
    assert_false(holds(keyring, &moved, "i", a0__buf_cstr(&data)));
    moved = account;
    moved.key = "cac_2";
    assert_false(holds(keyring, &moved, "i", a0__buf_cstr(&data)));
    a0__keyring_free(keyring);
}

static void
signed_record_that_was_edited_or_is_foreign_does_not_hold(void **state)
{
    static const char *const foreign[] = { "",
                                           "[]",
                                           "{}",
                                           "null",
                                           "{\"a\":1}",
                                           "{\"a\":1,\"mac\":7}",
                                           "{\"a\":1,\"mac\":\"\"}",
                                           "{\"a\":1,\"mac\":\"AAAA\"}" };
    A0_AUTO(a0__secret) key = secret_of(HEX_KEY);
    A0_AUTO(a0__buf) data = A0__BUF_INIT(1024);
    test_random random = TEST_RANDOM_INIT;
    a0__keyring *keyring = keyring_of(&key, 1, &random);
    a0__keyring *stranger = keyring_of(NULL, 0, &random);
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        assert_false(holds(keyring, &account, "i", foreign[i]));
    }
    assert_ok(a0__signed_record_write(keyring, "i", &account,
                                      A0__LIT("{\"a\":\"x\",\"b\":false}"), &data,
                                      &err),
              err);
    assert_true(holds(keyring, &account, "i", a0__buf_cstr(&data)));
    assert_false(holds(stranger, &account, "i", a0__buf_cstr(&data)));
    for (size_t i = 0; i < data.len; i++) {
        data.ptr[i] ^= 1;
        assert_false(holds(keyring, &account, "i", a0__buf_cstr(&data)));
        data.ptr[i] ^= 1;
    }
    a0__keyring_free(stranger);
    a0__keyring_free(keyring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_in_hex_base64url_and_base64_is_the_same_key),
        cmocka_unit_test(long_hmac_key_is_hashed_first),
        cmocka_unit_test(sealed_text_has_the_documented_form),
        cmocka_unit_test(ring_without_a_configured_key_opens_only_its_own),
        cmocka_unit_test(no_memory_at_any_allocation_leaves_nothing_behind),
        cmocka_unit_test(failing_random_generator_seals_nothing),
        cmocka_unit_test(
            signed_record_holds_in_its_place_whatever_the_order_of_its_members),
        cmocka_unit_test(signed_record_that_was_edited_or_is_foreign_does_not_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
