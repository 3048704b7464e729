/* SPDX-License-Identifier: MIT */
/*
 * The store port: the few operations a0 needs of a database. A store keeps
 * records; the data of most kinds arrives sealed and is opaque to it. That of
 * CONNECTED_ACCOUNT and ACCOUNT_LINKING is a JSON object (docs/formats.md), which a
 * store may take apart into columns as long as it gives back every member with its
 * value. All conditions of a change stand in the change itself (compare-and-set), so
 * that no flow needs a transaction that outlives a call.
 */
#ifndef A0_SYS_STORE_H
#define A0_SYS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values are stored in databases: never renumber, only add. */
typedef enum a0_record_kind {
    A0_RECORD_SESSION = 1,
    A0_RECORD_TRANSACTION = 2,   /* an open sign-in, connect or confirmation */
    A0_RECORD_REFRESH_TOKEN = 3, /* sessions name their row by its key */
    A0_RECORD_ACCOUNT_TOKEN = 4, /* the newest refresh token of a user; key: user id */
    A0_RECORD_LOCK = 5,          /* a lease: whoever inserted it holds it */
    A0_RECORD_MARK = 6,          /* a fact with an end: used jti, ended sid, throttle */
    /* Key: Auth0's id of it. User id: its owner. Owner: the base64url SHA-256 of
     * connection and subject, or "". Sid: of connection and verified address, or "". */
    A0_RECORD_CONNECTED_ACCOUNT = 7,
    /* Key: the base64url SHA-256 of its three names. User id: the primary. Owner: the
     * secondary. Sid: "all", so that they can be listed. */
    A0_RECORD_ACCOUNT_LINKING = 8,
    /* Key: "link|" and the secondary, or "pair|" and a hash. User id: the primary,
     * owner: the secondary. Sid: "open" while something is left to be done. */
    A0_RECORD_LINK_JOURNAL = 9
} a0_record_kind;

/* Longest accepted texts, in bytes; longer ones are refused, never cut. A key has at
 * least one byte. */
enum {
    A0_RECORD_KEY_MAX = 255,
    A0_RECORD_INDEX_MAX = 255,
    A0_RECORD_DATA_MAX = 262144
};

/*
 * A row. Text is compared byte by byte, whatever the database's collation. A row
 * whose expires_at is not 0 and not after `now` does not exist for any reader.
 */
typedef struct a0_record {
    size_t size;
    a0_record_kind kind;
    const char *key;     /* unique within its kind */
    int64_t version;     /* 1 when inserted, 1 more at each update; not read in ops */
    int64_t created_at;  /* Unix seconds */
    int64_t expires_at;  /* Unix seconds; 0: never */
    const char *owner;   /* index: what the row belongs to (a browser, a row), or "" */
    const char *user_id; /* index: the person, or "" */
    const char *sid;     /* index: Auth0's session id, or "" */
    const void *data;    /* sealed by the library, or JSON with a mac: see above */
    size_t data_len;
} a0_record;

typedef enum a0_record_index {
    A0_INDEX_OWNER = 1,
    A0_INDEX_USER_ID = 2,
    A0_INDEX_SID = 3,
    A0_INDEX_AFTER_KEY = 4 /* no index: all rows of the kind; see find */
} a0_record_index;

typedef enum a0_store_op_type {
    A0_STORE_INSERT = 1,  /* condition: no live row of that kind and key */
    A0_STORE_UPDATE = 2,  /* replaces all other columns; condition: a live row with
                             `expected_version` */
    A0_STORE_DELETE = 3,  /* condition: a live row with `expected_version` */
    A0_STORE_REQUIRE = 4, /* changes nothing; condition as of UPDATE */
    A0_STORE_ABSENT = 5,  /* changes nothing; condition as of INSERT */
    A0_STORE_ERASE = 6    /* deletes the row if there is one; no condition */
} a0_store_op_type;

typedef struct a0_store_op {
    a0_store_op_type type;
    int64_t expected_version; /* UPDATE, DELETE, REQUIRE; 0: any version */
    const a0_record *record;  /* kind and key always; the rest for INSERT, UPDATE */
} a0_store_op;

/*
 * Receives a row. Everything in it is borrowed for the length of the call. The
 * sink must not call the store. Anything but A0_OK ends the reading and is
 * returned by the reader.
 */
typedef a0_status (*a0_record_sink)(void *sink_self, const a0_record *record,
                                    a0_error **err);

/*
 * All functions block and may be called from several threads at once. Failures:
 * A0_UNAVAILABLE (locked, lost: try again), A0_STORE (disk full, corrupt),
 * A0_INVALID (a text too long), A0_NO_MEMORY. "Not found" is never a failure of
 * the store and never stands for one.
 */
typedef struct a0_store {
    size_t size;

    /* Passes the live row of that key to the sink, or returns A0_NOT_FOUND. */
    a0_status (*get)(void *self, a0_record_kind kind, const char *key, int64_t now,
                     a0_record_sink sink, void *sink_self, a0_error **err);

    /*
     * Passes up to max_records live rows with that index value, oldest first
     * (created_at, then key). None is A0_OK without a call of the sink. "" is the
     * value of rows that are not in the index and finds none.
     *
     * A0_INDEX_AFTER_KEY goes through all rows of the kind, in an order of the store's
     * own that stays the same: those after the row of the key `value`, whether that row
     * is still there or not; "" is before the first. A store that can not do this finds
     * none, and its rows are not sealed anew when keys change.
     */
    a0_status (*find)(void *self, a0_record_kind kind, a0_record_index index,
                      const char *value, int64_t now, size_t max_records,
                      a0_record_sink sink, void *sink_self, a0_error **err);

    /*
     * Carries out all ops or none, durably. They act in their order, and a condition
     * sees what the ops before it did. *out_applied is false when a condition did not
     * hold; then nothing has changed. After a failure nothing has changed either, but
     * for a connection lost at the very end: then it is not known.
     */
    a0_status (*commit)(void *self, const a0_store_op *ops, size_t ops_len, int64_t now,
                        bool *out_applied, a0_error **err);

    /*
     * Removes up to max_records rows that have expired, and of the kind `cap_kind`
     * (0: none) the oldest ones beyond cap_records.
     */
    a0_status (*sweep)(void *self, int64_t now, size_t max_records,
                       a0_record_kind cap_kind, size_t cap_records, size_t *out_removed,
                       a0_error **err);

    /* Releases self; called once, by the client that owns the port. May be NULL. */
    void (*destroy)(void *self);
} a0_store;

/*
 * A store in the memory of this process, for tests and for programs that need no
 * memory of yesterday. *out_self goes to the destroy function of the table, or to
 * a client that takes ownership. Errors: A0_NO_MEMORY.
 */
A0_API A0_MUST_USE a0_status a0_store_memory_new(const a0_store **out_store,
                                                 void **out_self, a0_error **err);

/*
 * A store in an SQLite database, made with mode 0600 (its folder must exist) and
 * migrated to the newest schema. Safe to share between processes and across fork.
 * Errors: A0_STORE and A0_UNAVAILABLE with id store_*, A0_INVALID for a file that
 * is no regular file or that others may read.
 */
A0_API A0_MUST_USE a0_status a0_store_sqlite_open(const char *path,
                                                  const a0_store **out_store,
                                                  void **out_self, a0_error **err);

/*
 * To be called on a database that was put back from a backup, before it is used
 * again: forgets every session, open sign-in, refresh token of a session, lock and
 * mark, so that nothing ended since the backup lives again. Account tokens and what
 * was connected and linked stay. Errors: as of
 * a0_store_sqlite_open.
 */
A0_API A0_MUST_USE a0_status a0_store_sqlite_mark_restored(const char *path,
                                                           a0_error **err);

/*
 * Rewrites a database, so that nothing of what was erased is left in unused parts of
 * the file. Takes as long as copying it, and nobody else can write meanwhile. Errors:
 * as of a0_store_sqlite_open.
 */
A0_API A0_MUST_USE a0_status a0_store_sqlite_compact(const char *path, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
