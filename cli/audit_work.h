/* SPDX-License-Identifier: MIT */
/*
 * The folder in which an audit of many users keeps what it has seen, so that memory
 * does not grow with them and an audit that was cut off goes on: addresses in files by
 * their hash, what was found, and how far it has come.
 */
#ifndef A0_CLI_AUDIT_WORK_H
#define A0_CLI_AUDIT_WORK_H

#include <stdbool.h>

#include "base/buf.h"

enum {
    AUDIT_BUCKETS = 256,
    AUDIT_PATH_MAX = 4096,
    AUDIT_CURSOR_MAX = 512 * 1024,
    /* The addresses of one bucket, a 256th of all: enough for a hundred million. */
    AUDIT_BUCKET_MAX = 64 * 1024 * 1024
};

/* What becomes of accounts that share an address. */
typedef enum audit_class {
    AUDIT_SAFE,
    AUDIT_CONFIRM,
    AUDIT_REFUSED,
    AUDIT_SUSPICIOUS,
    AUDIT_CLASSES_LEN
} audit_class;

extern const char *const audit_class_names[AUDIT_CLASSES_LEN];

/* How far it has come. */
typedef struct audit_state {
    a0__buf after; /* where the next page of users begins; empty: at the first */
    bool is_walked;
    int64_t users;
    int64_t unreadable;   /* left out: nothing can be made of them */
    int64_t bucket;       /* the next one to be looked at */
    int64_t result_bytes; /* of what was found up to there */
    int64_t groups[AUDIT_CLASSES_LEN];
} audit_state;

#define AUDIT_STATE_INIT ((audit_state){ .after = A0__BUF_INIT(AUDIT_CURSOR_MAX) })
void audit_state_auto(audit_state *state);

typedef struct audit_work {
    char path[AUDIT_PATH_MAX];
    const char *tenant; /* whose users they are; borrowed */
    bool is_temporary;
    int folder; /* and the other two: -1 when not open */
    int lock;
    int result;
} audit_work;

#define AUDIT_WORK_INIT ((audit_work){ .folder = -1, .lock = -1, .result = -1 })

/*
 * Opens the folder, or makes one; NULL for one that goes at the end. *state is what was
 * saved there. False and a complaint when it is somebody else's, in use, or can not be
 * written. Those below likewise.
 */
bool audit_work_open(audit_work *work, const char *path, const char *tenant,
                     audit_state *state);
void audit_work_auto(audit_work *work);

bool audit_work_save(const audit_work *work, const audit_state *state);

/* Keeps a user under an address. The same one may be kept twice. */
bool audit_work_add(const audit_work *work, a0__text address, a0__text user_id);
/* Appends the lines of a bucket: address, tab, user id. */
bool audit_work_bucket(const audit_work *work, int64_t bucket, a0__buf *out);

/* A line of what was found. */
bool audit_work_found(const audit_work *work, audit_state *state, a0__text line);
/* Passes every line to `each` until it returns false; false also when it can not be
 * read. */
bool audit_work_each(const audit_work *work, bool (*each)(void *self, a0__text line),
                     void *self);

#endif
