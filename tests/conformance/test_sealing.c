/* SPDX-License-Identifier: MIT */
/* Rows SESS-05, SESS-06, STOR-05, STOR-06, SEC-05 and MEM-08, as far as they concern
 * what is sealed. */
#include <string.h>

#include "base/key.h"
#include "recording_log.h"
#include "session/sealing.h"
#include "support.h"
#include "test_random.h"

#define FIRST_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECOND_KEY "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeffe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
#define SESSION_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SESSION_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define PLAIN "what only its owner may read"

static const a0_record row = { .size = sizeof row,
                               .kind = A0_RECORD_SESSION,
                               .key = "hash-of-a",
                               .version = 3,
                               .created_at = 1000,
                               .expires_at = 2000,
                               .owner = "owner",
                               .user_id = "auth0|1",
                               .sid = "sid" };

static a0__seal_place
place_of_a(void)
{
    return (a0__seal_place){ .purpose = A0__SEAL_SESSION,
                             .tenant = "https://a.example/",
                             .site = "https://app.example",
                             .record = &row,
                             .holder = A0__LIT(SESSION_A) };
}

typedef struct test_ring {
    test_random random;
    recording_log log;
    a0__secret keys[2];
    a0__keyring *keyring;
} test_ring;

/* A ring of one key or two; NULL for the second: one. */
static void
open_ring(test_ring *ring, const char *first, const char *second)
{
    size_t len = second != NULL ? 2 : 1;
    a0_error *err = NULL;

    *ring = (test_ring){ .random = TEST_RANDOM_INIT, .log = RECORDING_LOG_INIT };
    assert_ok(a0__secret_set_text(&ring->keys[0], a0__text_of(first), &err), err);
    assert_ok(a0__secret_set_text(&ring->keys[1], a0__text_of(second), &err), err);
    assert_ok(
        a0__keyring_new(&(a0__keyring_config){ .keys = ring->keys,
                                               .keys_len = len,
                                               .random = &test_random_table,
                                               .random_self = &ring->random,
                                               .log = recording_log_port(&ring->log),
                                               .alarm_after = 3 },
                        &ring->keyring, &err),
        err);
}

static void
close_ring(test_ring *ring)
{
    a0__keyring_free(ring->keyring);
    a0__secret_clear(&ring->keys[0]);
    a0__secret_clear(&ring->keys[1]);
    recording_log_clear(&ring->log);
}

static void
seal_at(test_ring *ring, const a0__seal_place *place, a0__buf *out)
{
    a0_error *err = NULL;

    assert_ok(a0__seal(ring->keyring, place, A0__LIT(PLAIN), out, &err), err);
}

/* Asserts that nothing but the exact plain text ever comes out. */
static a0__opening
open_at(test_ring *ring, const a0__seal_place *place, a0__text sealed)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(4096);
    a0__opening opening = A0__TAMPERED;
    a0_error *err = NULL;

    assert_ok(a0__open(ring->keyring, place, sealed, &plain, &opening, &err), err);
    assert_text(a0__buf_view(&plain), opening == A0__OPENED ? PLAIN : "");
    return opening;
}

static void
sess_05_every_flipped_bit_and_every_cut_is_noticed(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    seal_at(&ring, &place, &sealed);
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__OPENED);
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
        assert_int_not_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__OPENED);
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t len = 0; len < sealed.len; len++) {
        assert_int_not_equal(open_at(&ring, &place, a0__text_range(sealed.ptr, len)),
                             A0__OPENED);
    }
    a0__buf_byte(&sealed, 'x');
    assert_int_not_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__OPENED);
    close_ring(&ring);
}

static void
sess_05_session_opens_with_its_own_id_only(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    seal_at(&ring, &place, &sealed);
    place.holder = A0__LIT(SESSION_B);
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    /* Database and server key together open nothing. */
    place.holder = A0__NO_TEXT;
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    close_ring(&ring);
}

static void
sess_05_sealed_text_opens_for_its_tenant_site_and_purpose_only(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    seal_at(&ring, &place, &sealed);
    for (a0__seal_purpose purpose = A0__SEAL_CACHE; purpose <= A0__SEAL_MARK;
         purpose++) {
        place.purpose = purpose;
        assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)),
                         purpose == A0__SEAL_SESSION ? A0__OPENED : A0__TAMPERED);
    }
    place = place_of_a();
    place.tenant = "https://b.example/";
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    place = place_of_a();
    place.site = "https://b.example";
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    /* Not even when the parts give the same text in a row. */
    place.tenant = "https://a.example/https://app.example";
    place.site = NULL;
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    close_ring(&ring);
}

static void
stor_05_sealed_data_opens_in_its_own_row_and_version_only(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    a0_record moved[8];
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    seal_at(&ring, &place, &sealed);
    for (size_t i = 0; i < 8; i++) {
        moved[i] = row;
    }
    moved[0].key = "hash-of-b";
    moved[1].kind = A0_RECORD_TRANSACTION;
    moved[2].user_id = "auth0|2";
    moved[3].owner = "other";
    moved[4].sid = "other";
    moved[5].version = 2; /* an older value put back */
    moved[6].expires_at = 9000;
    moved[7].created_at = 9000;
    for (size_t i = 0; i < 8; i++) {
        place.record = &moved[i];
        assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    }
    /* Columns swapped. */
    moved[0] = row;
    moved[0].owner = row.user_id;
    moved[0].user_id = row.owner;
    place.record = &moved[0];
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    close_ring(&ring);
}

static void
sess_06_old_key_opens_and_the_next_seal_takes_the_new_one(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) resealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_ring before;
    test_ring during;
    test_ring after;

    (void)state;
    open_ring(&before, FIRST_KEY, NULL);
    open_ring(&during, SECOND_KEY, FIRST_KEY);
    open_ring(&after, SECOND_KEY, NULL);
    seal_at(&before, &place, &sealed);
    assert_int_equal(open_at(&during, &place, a0__buf_view(&sealed)), A0__OPENED);
    assert_false(a0__sealed_is_current(during.keyring, a0__buf_view(&sealed)));
    assert_int_equal(open_at(&after, &place, a0__buf_view(&sealed)), A0__KEY_UNKNOWN);
    seal_at(&during, &place, &resealed);
    assert_true(a0__sealed_is_current(during.keyring, a0__buf_view(&resealed)));
    assert_int_equal(open_at(&after, &place, a0__buf_view(&resealed)), A0__OPENED);
    assert_int_equal(open_at(&before, &place, a0__buf_view(&resealed)),
                     A0__KEY_UNKNOWN);
    close_ring(&before);
    close_ring(&during);
    close_ring(&after);
}

/* Two nodes that name the keys in different order read one another. */
static void
sess_06_order_of_the_keys_does_not_matter_for_opening(void **state)
{
    A0_AUTO(a0__buf) one = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) two = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_ring first;
    test_ring second;

    (void)state;
    open_ring(&first, FIRST_KEY, SECOND_KEY);
    open_ring(&second, SECOND_KEY, FIRST_KEY);
    seal_at(&first, &place, &one);
    seal_at(&second, &place, &two);
    assert_int_equal(open_at(&second, &place, a0__buf_view(&one)), A0__OPENED);
    assert_int_equal(open_at(&first, &place, a0__buf_view(&two)), A0__OPENED);
    close_ring(&first);
    close_ring(&second);
}

static void
sess_06_weak_or_malformed_key_is_config_invalid(void **state)
{
    static const char *const bad[] = {
        "",
        "short",
        "thirty-one characters of secret",
        "0123456789abcdef0123456789abcdef", /* hex of 16 octets */
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
        (FIRST_KEY "0"),
        (FIRST_KEY "\n"),
        (" " FIRST_KEY),
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        A0_AUTO(a0__secret) key = A0__SECRET_INIT;
        test_random random = TEST_RANDOM_INIT;
        a0__keyring *keyring = NULL;
        a0_error *err = NULL;
        a0_status status = A0_OK;

        assert_ok(a0__secret_set_text(&key, a0__text_of(bad[i]), &err), err);
        status = a0__keyring_new(&(a0__keyring_config){ .keys = &key,
                                                        .keys_len = 1,
                                                        .random = &test_random_table,
                                                        .random_self = &random },
                                 &keyring, &err);
        assert_string_equal(a0_error_argument(err), "encryption_keys");
        assert_fails(status, &err, config_invalid);
    }
}

static void
sess_06_passphrase_goes_through_a_slow_derivation(void **state)
{
    static const char passphrase[] = "correct horse battery staple and more";
    unsigned char key[A0__KEY_BYTES];
    unsigned char expected[A0__KEY_BYTES];
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__key_from_text(A0__LIT(passphrase), key, &err), err);
    assert_ok(a0__pbkdf2_sha256(A0__LIT(passphrase), A0__LIT("a0 encryption key 1"),
                                600000, expected, sizeof expected, &err),
              err);
    assert_memory_equal(key, expected, sizeof key);
}

static void
stor_06_worn_key_raises_one_alarm(void **state)
{
    a0__seal_place place = place_of_a();
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    for (size_t seals = 1; seals <= 5; seals++) {
        A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);

        seal_at(&ring, &place, &sealed);
        assert_int_equal(recording_log_count(&ring.log, "store.key_worn"), seals >= 3);
    }
    close_ring(&ring);
}

static void
stor_06_no_nonce_is_used_twice(void **state)
{
    enum {
        SEALS = 200
    };
    char nonces[SEALS][A0__GCM_NONCE_BYTES];
    a0__seal_place place = place_of_a();
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    for (size_t i = 0; i < SEALS; i++) {
        A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);

        seal_at(&ring, &place, &sealed);
        memcpy(nonces[i], sealed.ptr + 1 + A0__SEAL_KEY_ID_BYTES, A0__GCM_NONCE_BYTES);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(nonces[i], nonces[j], A0__GCM_NONCE_BYTES);
        }
    }
    close_ring(&ring);
}

/* An envelope of a version to come is not misread by this one. */
static void
stor_08_newer_envelope_does_not_open(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, NULL);
    seal_at(&ring, &place, &sealed);
    sealed.ptr[0] = 2;
    assert_int_equal(open_at(&ring, &place, a0__buf_view(&sealed)), A0__TAMPERED);
    close_ring(&ring);
}

static void
sec_05_fingerprint_is_keyed_and_short(void **state)
{
    char one[A0__FINGERPRINT_LEN + 1];
    char same[A0__FINGERPRINT_LEN + 1];
    char other[A0__FINGERPRINT_LEN + 1];
    A0_AUTO(a0__buf) plain_hash = A0__BUF_INIT(64);
    a0_error *err = NULL;
    test_ring first;
    test_ring second;

    (void)state;
    open_ring(&first, FIRST_KEY, NULL);
    open_ring(&second, SECOND_KEY, NULL);
    assert_ok(a0__fingerprint(first.keyring, A0__LIT(SESSION_A), one, &err), err);
    assert_ok(a0__fingerprint(first.keyring, A0__LIT(SESSION_A), same, &err), err);
    assert_ok(a0__fingerprint(second.keyring, A0__LIT(SESSION_A), other, &err), err);
    assert_ok(a0__sha256_hex(A0__LIT(SESSION_A), &plain_hash, &err), err);
    assert_int_equal(strlen(one), 16);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    assert_memory_not_equal(one, plain_hash.ptr, A0__FINGERPRINT_LEN);
    close_ring(&first);
    close_ring(&second);
}

/* What fuzz_envelope looks for, in a few thousand mutations of every run. */
static void
mem_08_mutated_envelope_gives_no_plain_text(void **state)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0__seal_place place = place_of_a();
    test_random noise = { .seed = 8 };
    test_ring ring;

    (void)state;
    open_ring(&ring, FIRST_KEY, SECOND_KEY);
    seal_at(&ring, &place, &sealed);
    for (size_t i = 0; i < 5000; i++) {
        A0_AUTO(a0__buf) mutated = A0__BUF_INIT(1024);
        uint16_t drawn[4];

        assert_int_equal(test_random_table.fill(&noise, drawn, sizeof drawn), A0_OK);
        a0__buf_bytes(&mutated, sealed.ptr, drawn[0] % (sealed.len + 1));
        if (mutated.len > 0) {
            mutated.ptr[drawn[1] % mutated.len] ^= (char)(drawn[2] | 1);
        }
        a0__buf_bytes(&mutated, drawn, drawn[3] % sizeof drawn);
        assert_int_not_equal(open_at(&ring, &place, a0__buf_view(&mutated)),
                             A0__OPENED);
    }
    close_ring(&ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sess_05_every_flipped_bit_and_every_cut_is_noticed),
        cmocka_unit_test(sess_05_session_opens_with_its_own_id_only),
        cmocka_unit_test(
            sess_05_sealed_text_opens_for_its_tenant_site_and_purpose_only),
        cmocka_unit_test(stor_05_sealed_data_opens_in_its_own_row_and_version_only),
        cmocka_unit_test(sess_06_old_key_opens_and_the_next_seal_takes_the_new_one),
        cmocka_unit_test(sess_06_order_of_the_keys_does_not_matter_for_opening),
        cmocka_unit_test(sess_06_weak_or_malformed_key_is_config_invalid),
        cmocka_unit_test(sess_06_passphrase_goes_through_a_slow_derivation),
        cmocka_unit_test(stor_06_worn_key_raises_one_alarm),
        cmocka_unit_test(stor_06_no_nonce_is_used_twice),
        cmocka_unit_test(stor_08_newer_envelope_does_not_open),
        cmocka_unit_test(sec_05_fingerprint_is_keyed_and_short),
        cmocka_unit_test(mem_08_mutated_envelope_gives_no_plain_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
