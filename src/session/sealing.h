/* SPDX-License-Identifier: MIT */
/*
 * Encryption at rest (docs/formats.md). What is sealed opens only under a key of the
 * ring and only in the place it was sealed for: the same tenant, row, columns and row
 * version. A sealed text is
 *
 *     version (1) | key id (4) | nonce (12) | ciphertext | tag (16)
 *
 * with AES-256-GCM, one fixed format without a choice of algorithms.
 * [SESS-05, SESS-06, STOR-04..06]
 */
#ifndef A0_SESSION_SEALING_H
#define A0_SESSION_SEALING_H

#include <a0/sys/store.h>

#include "base/crypto.h"
#include "base/log.h"

enum {
    A0__SEAL_KEY_ID_BYTES = 4,
    A0__SEAL_KEY_ID_LEN = 2 * A0__SEAL_KEY_ID_BYTES,
    A0__SEAL_OVERHEAD =
        1 + A0__SEAL_KEY_ID_BYTES + A0__GCM_NONCE_BYTES + A0__GCM_TAG_BYTES,
    /* 8 bytes of an HMAC in hex: enough to tell log lines apart [SEC-05]. */
    A0__FINGERPRINT_LEN = 16
};

/* Each has a key of its own. Names and numbers are part of the format: a sealed row has
 * the number of its kind. */
typedef enum a0__seal_purpose {
    A0__SEAL_CACHE = 0,
    A0__SEAL_SESSION = 1,
    A0__SEAL_TRANSACTION = 2,
    A0__SEAL_REFRESH_TOKEN = 3,
    A0__SEAL_ACCOUNT_TOKEN = 4,
    A0__SEAL_LOCK = 5,
    A0__SEAL_MARK = 6,
    A0__SEAL_LINK_JOURNAL = 9
} a0__seal_purpose;

/* The keys. Does not change after it is made; any thread may use it. */
typedef struct a0__keyring a0__keyring;

typedef struct a0__keyring_config {
    const a0__secret *keys; /* as in encryption_keys: the first seals, all open */
    size_t keys_len;        /* 0: a random key, so nothing outlives this process */
    const a0_random *random;
    void *random_self;
    a0__log log;
    uint64_t alarm_after; /* seals with one key until store.key_worn; 0: 2^31 */
} a0__keyring_config;

/*
 * Keeps a copy of the keys. A passphrase costs a good part of a second here. Errors:
 * config_invalid about encryption_keys, rng_failure, no_memory.
 */
A0_MUST_USE a0_status a0__keyring_new(const a0__keyring_config *config,
                                      a0__keyring **out_keyring, a0_error **err);
void a0__keyring_free(a0__keyring *keyring);

/*
 * The place a sealed text belongs to. All of it is authenticated, nothing of it stands
 * in the sealed text.
 */
typedef struct a0__seal_place {
    a0__seal_purpose purpose;
    const char *tenant; /* the issuer */
    const char *site;   /* the origin whose cookie names the record, or NULL */

    /* All columns but the data. The version is the one that the row will have: 1 for
     * an insert, expected_version + 1 for an update. A value of the cache is a record
     * of kind 0 with its cache key. */
    const a0_record *record;

    /* A secret that the server does not keep, the session id: with it, the database and
     * the server's keys together still open nothing. Empty: the server's key alone. */
    a0__text holder;
} a0__seal_place;

/* Appends the sealed text. Errors: rng_failure, no_memory, param_invalid (too long). */
A0_MUST_USE a0_status a0__seal(const a0__keyring *keyring, const a0__seal_place *place,
                               a0__text plain, a0__buf *out, a0_error **err);

typedef enum a0__opening {
    A0__OPENED,
    A0__TAMPERED,   /* not sealed by us for this place, or changed since */
    A0__KEY_UNKNOWN /* sealed with a key that is not in the ring */
} a0__opening;

/*
 * Appends the plain text, and nothing unless *out_opening is A0__OPENED. What does not
 * open is no error: a session that does not open is an anonymous one.
 */
A0_MUST_USE a0_status a0__open(const a0__keyring *keyring, const a0__seal_place *place,
                               a0__text sealed, a0__buf *out, a0__opening *out_opening,
                               a0_error **err);

/* The id of the key that something was sealed with, in hex, for people; "" when it was
 * not sealed by us [STOR-06]. */
void a0__sealed_key_id(a0__text sealed, char out[A0__SEAL_KEY_ID_LEN + 1]);

/* Whether it was sealed with the key that seals now; if not, sealing it anew moves it
 * to that key. */
bool a0__sealed_is_current(const a0__keyring *keyring, a0__text sealed);

/* The key's id and an HMAC under it, for what is not secret but must be ours:
 * base64url, appended. It holds under every key of the ring. */
enum {
    A0__MAC_LEN = 48
};
A0_MUST_USE a0_status a0__mac(const a0__keyring *keyring, a0__text text, a0__buf *out,
                              a0_error **err);
A0_MUST_USE a0_status a0__mac_check(const a0__keyring *keyring, a0__text text,
                                    a0__text mac, bool *out_holds, a0_error **err);

/* Whether it was made with the key that seals now. */
bool a0__mac_is_current(const a0__keyring *keyring, a0__text mac);

/* How logs name a session id, a token, an address: an HMAC under a key of this
 * installation, NUL-terminated hex. [SEC-05] */
A0_MUST_USE a0_status a0__fingerprint(const a0__keyring *keyring, a0__text text,
                                      char out[A0__FINGERPRINT_LEN + 1],
                                      a0_error **err);

#endif
