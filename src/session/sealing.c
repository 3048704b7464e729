/* SPDX-License-Identifier: MIT */
#include "session/sealing.h"

#include <stdatomic.h>
#include <string.h>

#include "base/base64url.h"
#include "base/key.h"
#include "base/pack.h"

enum {
    VERSION = 1,
    KEY_ID_AT = 1,
    NONCE_AT = KEY_ID_AT + A0__SEAL_KEY_ID_BYTES,
    CIPHERTEXT_AT = NONCE_AT + A0__GCM_NONCE_BYTES,
    PURPOSES_LEN = A0__SEAL_LINK_JOURNAL + 1,
    /* Lengths, numbers and texts of a place; a tenant is a URL. */
    AAD_MAX = 8192,
    AAD_USUAL = 500
};

/* Random nonces of 96 bits: 2^32 seals with a key are its end (NIST SP 800-38D §8.3),
 * half of that the alarm [STOR-06]. */
#define ALARM_AFTER (UINT64_C(1) << 31)

static const char *const purpose_info[PURPOSES_LEN] = {
    [A0__SEAL_CACHE] = "a0 seal cache",
    [A0__SEAL_SESSION] = "a0 seal session",
    [A0__SEAL_TRANSACTION] = "a0 seal transaction",
    [A0__SEAL_REFRESH_TOKEN] = "a0 seal refresh token",
    [A0__SEAL_ACCOUNT_TOKEN] = "a0 seal account token",
    [A0__SEAL_LOCK] = "a0 seal lock",
    [A0__SEAL_MARK] = "a0 seal mark",
    [A0__SEAL_LINK_JOURNAL] = "a0 seal link journal",
};

typedef struct subkey {
    unsigned char bytes[A0__KEY_BYTES];
} subkey;

typedef struct ring_key {
    unsigned char id[A0__SEAL_KEY_ID_BYTES];
    subkey purposes[PURPOSES_LEN]; /* by a0__seal_purpose; some stay empty */
    subkey mac;
} ring_key;

struct a0__keyring {
    ring_key *keys;
    size_t keys_len;
    subkey fingerprint;
    const a0_random *random;
    void *random_self;
    a0__log log;
    uint64_t alarm_after;
    _Atomic uint64_t *seals; /* with the first key, by this process */
};

static a0__text
subkey_text(const subkey *key)
{
    return a0__text_range((const char *)key->bytes, sizeof key->bytes);
}

static a0_status
derive(const subkey *key, const char *info, unsigned char *out, size_t out_len,
       a0_error **err)
{
    return a0__hkdf_sha256(subkey_text(key), A0__NO_TEXT, a0__text_of(info), out,
                           out_len, err);
}

static a0_status
derive_ring_key(const subkey *key, ring_key *out, a0_error **err)
{
    A0_TRY(derive(key, "a0 key id", out->id, sizeof out->id, err));
    for (size_t i = 0; i < PURPOSES_LEN; i++) {
        if (purpose_info[i] != NULL) {
            A0_TRY(derive(key, purpose_info[i], out->purposes[i].bytes,
                          sizeof out->purposes[i].bytes, err));
        }
    }
    return derive(key, "a0 mac", out->mac.bytes, sizeof out->mac.bytes, err);
}

/* The octets of the i-th configured key; of a random one when none is configured. */
static a0_status
read_key(const a0__keyring_config *config, size_t i, subkey *out, a0_error **err)
{
    a0__text text = A0__NO_TEXT;
    const char *fault = NULL;

    if (config->keys_len == 0) {
        return a0__random_bytes(config->random, config->random_self, out->bytes,
                                sizeof out->bytes, err);
    }
    text = a0__secret_expose(&config->keys[i]);
    fault = a0__key_fault(text);
    if (fault != NULL) {
        a0_status status =
            a0__fail_saying(err, A0_E_config_invalid, "encryption_keys: key %u %s",
                            (unsigned)(i + 1), fault);

        if (err != NULL) {
            a0__error_set_argument(*err, "encryption_keys");
        }
        return status;
    }
    return a0__key_from_text(text, out->bytes, err);
}

static a0_status
fill_keyring(a0__keyring *keyring, const a0__keyring_config *config, a0_error **err)
{
    a0_status status = A0_OK;
    subkey key = { { 0 } };

    for (size_t i = 0; i < keyring->keys_len && status == A0_OK; i++) {
        status = read_key(config, i, &key, err);
        if (status == A0_OK) {
            status = derive_ring_key(&key, &keyring->keys[i], err);
        }
        if (status == A0_OK && i == 0) {
            status = derive(&key, "a0 fingerprint", keyring->fingerprint.bytes,
                            sizeof keyring->fingerprint.bytes, err);
        }
    }
    a0__wipe(&key, sizeof key);
    return status;
}

a0_status
a0__keyring_new(const a0__keyring_config *config, a0__keyring **out_keyring,
                a0_error **err)
{
    a0__keyring *keyring = a0__calloc(1, sizeof *keyring);
    a0_status status = A0_OK;

    A0_ENSURE(keyring != NULL, err, no_memory);
    keyring->keys_len = config->keys_len > 0 ? config->keys_len : 1;
    keyring->random = config->random;
    keyring->random_self = config->random_self;
    keyring->log = config->log;
    keyring->alarm_after = config->alarm_after > 0 ? config->alarm_after : ALARM_AFTER;
    keyring->keys = a0__calloc(keyring->keys_len, sizeof *keyring->keys);
    keyring->seals = a0__calloc(1, sizeof *keyring->seals);
    status = keyring->keys != NULL && keyring->seals != NULL
                 ? fill_keyring(keyring, config, err)
                 : a0__fail(err, A0_E_no_memory);
    if (status != A0_OK) {
        a0__keyring_free(keyring);
        return status;
    }
    *out_keyring = keyring;
    return A0_OK;
}

void
a0__keyring_free(a0__keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    if (keyring->keys != NULL) {
        a0__wipe(keyring->keys, keyring->keys_len * sizeof *keyring->keys);
    }
    a0__free(keyring->keys);
    a0__free(keyring->seals);
    a0__wipe(keyring, sizeof *keyring);
    a0__free(keyring);
}

/* Length-prefixed, so that no two places have one encoding [STOR-05]. */
static void
pack_place(const a0__seal_place *place, a0__buf *out)
{
    const a0_record *record = place->record;

    a0__buf_reserve(out, AAD_USUAL);
    a0__buf_byte(out, VERSION);
    a0__pack_i64(out, place->purpose);
    a0__pack_string(out, place->tenant);
    a0__pack_string(out, place->site);
    a0__pack_i64(out, record->kind);
    a0__pack_string(out, record->key);
    a0__pack_i64(out, record->version);
    a0__pack_i64(out, record->created_at);
    a0__pack_i64(out, record->expires_at);
    a0__pack_string(out, record->owner);
    a0__pack_string(out, record->user_id);
    a0__pack_string(out, record->sid);
}

/*
 * The key of a place: that of its purpose, or with a holder the HMAC of the holder's
 * secret under it. One HMAC is all of HKDF-Expand that a single block needs, and every
 * look at a session pays for it.
 */
static a0_status
place_key(const ring_key *key, const a0__seal_place *place, a0__digest *out,
          a0_error **err)
{
    const subkey *purpose = &key->purposes[place->purpose];

    if (place->holder.len > 0) {
        return a0__hmac_sha256(subkey_text(purpose), place->holder, out, err);
    }
    memcpy(out->bytes, purpose->bytes, sizeof out->bytes);
    return A0_OK;
}

_Static_assert((int)A0__SHA256_BYTES == (int)A0__KEY_BYTES, "an HMAC is a key");

static void
count_seal(const a0__keyring *keyring)
{
    uint64_t seals = atomic_fetch_add(keyring->seals, 1) + 1;

    if (seals == keyring->alarm_after) {
        A0_AUTO(a0__buf) id = A0__BUF_INIT(2 * A0__SEAL_KEY_ID_BYTES);

        a0__buf_hex(&id, keyring->keys[0].id, A0__SEAL_KEY_ID_BYTES);
        A0__LOG(keyring->log, A0_LOG_ERROR, "store.key_worn",
                A0__FIELD_TEXT("key_id", a0__buf_cstr(&id)));
    }
}

a0_status
a0__seal(const a0__keyring *keyring, const a0__seal_place *place, a0__text plain,
         a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__buf) aad = A0__BUF_INIT(AAD_MAX);
    unsigned char nonce[A0__GCM_NONCE_BYTES];
    a0__digest key;
    a0_status status = A0_OK;

    pack_place(place, &aad);
    A0_TRY(a0__buf_check(&aad, err));
    A0_TRY(a0__random_bytes(keyring->random, keyring->random_self, nonce, sizeof nonce,
                            err));
    A0_TRY(place_key(&keyring->keys[0], place, &key, err));
    a0__buf_byte(out, VERSION);
    a0__buf_bytes(out, keyring->keys[0].id, A0__SEAL_KEY_ID_BYTES);
    a0__buf_bytes(out, nonce, sizeof nonce);
    status = a0__gcm_seal(key.bytes, nonce, a0__buf_view(&aad), plain, out, err);
    a0__wipe(&key, sizeof key);
    A0_TRY(status);
    count_seal(keyring);
    return A0_OK;
}

static const ring_key *
key_by_id(const a0__keyring *keyring, const void *id)
{
    for (size_t i = 0; i < keyring->keys_len; i++) {
        if (memcmp(keyring->keys[i].id, id, A0__SEAL_KEY_ID_BYTES) == 0) {
            return &keyring->keys[i];
        }
    }
    return NULL;
}

static const ring_key *
key_of(const a0__keyring *keyring, a0__text sealed)
{
    return key_by_id(keyring, sealed.ptr + KEY_ID_AT);
}

static bool
is_envelope(a0__text sealed)
{
    return sealed.len >= A0__SEAL_OVERHEAD && sealed.ptr[0] == VERSION;
}

a0_status
a0__open(const a0__keyring *keyring, const a0__seal_place *place, a0__text sealed,
         a0__buf *out, a0__opening *out_opening, a0_error **err)
{
    A0_AUTO(a0__buf) aad = A0__BUF_INIT(AAD_MAX);
    const ring_key *sealer = NULL;
    a0__digest key;
    bool opened = false;
    a0_status status = A0_OK;

    if (!is_envelope(sealed)) {
        *out_opening = A0__TAMPERED;
        return A0_OK;
    }
    sealer = key_of(keyring, sealed);
    if (sealer == NULL) {
        *out_opening = A0__KEY_UNKNOWN;
        return A0_OK;
    }
    pack_place(place, &aad);
    A0_TRY(a0__buf_check(&aad, err));
    A0_TRY(place_key(sealer, place, &key, err));
    status = a0__gcm_open(key.bytes, (const unsigned char *)sealed.ptr + NONCE_AT,
                          a0__buf_view(&aad), a0__text_from(sealed, CIPHERTEXT_AT), out,
                          &opened, err);
    a0__wipe(&key, sizeof key);
    A0_TRY(status);
    *out_opening = opened ? A0__OPENED : A0__TAMPERED;
    return A0_OK;
}

void
a0__sealed_key_id(a0__text sealed, char out[A0__SEAL_KEY_ID_LEN + 1])
{
    out[0] = '\0';
    if (is_envelope(sealed)) {
        a0__hex(sealed.ptr + KEY_ID_AT, A0__SEAL_KEY_ID_BYTES, out);
        out[A0__SEAL_KEY_ID_LEN] = '\0';
    }
}

bool
a0__sealed_is_current(const a0__keyring *keyring, a0__text sealed)
{
    return is_envelope(sealed) && key_of(keyring, sealed) == &keyring->keys[0];
}

/* ---- what is ours but no secret ---- */

static const ring_key *
read_mac(const a0__keyring *keyring, a0__text mac,
         unsigned char out[A0__SEAL_KEY_ID_BYTES + A0__SHA256_BYTES])
{
    size_t len = 0;

    if (!a0__base64url_decode_into(mac, out, A0__SEAL_KEY_ID_BYTES + A0__SHA256_BYTES,
                                   &len) ||
        len != A0__SEAL_KEY_ID_BYTES + A0__SHA256_BYTES) {
        return NULL;
    }
    return key_by_id(keyring, out);
}

a0_status
a0__mac(const a0__keyring *keyring, a0__text text, a0__buf *out, a0_error **err)
{
    unsigned char bytes[A0__SEAL_KEY_ID_BYTES + A0__SHA256_BYTES];
    const ring_key *key = &keyring->keys[0];
    a0__digest digest;

    A0_TRY(a0__hmac_sha256(subkey_text(&key->mac), text, &digest, err));
    memcpy(bytes, key->id, A0__SEAL_KEY_ID_BYTES);
    memcpy(bytes + A0__SEAL_KEY_ID_BYTES, digest.bytes, sizeof digest.bytes);
    a0__base64url_encode(bytes, sizeof bytes, out);
    return A0_OK;
}

bool
a0__mac_is_current(const a0__keyring *keyring, a0__text mac)
{
    unsigned char bytes[A0__SEAL_KEY_ID_BYTES + A0__SHA256_BYTES];

    return read_mac(keyring, mac, bytes) == &keyring->keys[0];
}

a0_status
a0__mac_check(const a0__keyring *keyring, a0__text text, a0__text mac, bool *out_holds,
              a0_error **err)
{
    unsigned char bytes[A0__SEAL_KEY_ID_BYTES + A0__SHA256_BYTES];
    const ring_key *key = read_mac(keyring, mac, bytes);
    a0__digest digest;

    *out_holds = false;
    if (key == NULL) {
        return A0_OK;
    }
    A0_TRY(a0__hmac_sha256(subkey_text(&key->mac), text, &digest, err));
    *out_holds = a0__equal_constant_time(digest.bytes, bytes + A0__SEAL_KEY_ID_BYTES,
                                         sizeof digest.bytes);
    return A0_OK;
}

a0_status
a0__fingerprint(const a0__keyring *keyring, a0__text text,
                char out[A0__FINGERPRINT_LEN + 1], a0_error **err)
{
    A0_AUTO(a0__buf) hex = A0__BUF_INIT(A0__FINGERPRINT_LEN);
    a0__digest digest;

    A0_TRY(a0__hmac_sha256(subkey_text(&keyring->fingerprint), text, &digest, err));
    a0__buf_hex(&hex, digest.bytes, A0__FINGERPRINT_LEN / 2);
    A0_TRY(a0__buf_check(&hex, err));
    memcpy(out, a0__buf_cstr(&hex), A0__FINGERPRINT_LEN + 1);
    return A0_OK;
}
