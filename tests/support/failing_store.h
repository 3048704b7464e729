/* SPDX-License-Identifier: MIT */
/*
 * A store in front of another one, which counts the calls, fails the n-th, and can run
 * a function of the test between any two (to kill, to wait, to look).
 */
#ifndef A0_TESTS_FAILING_STORE_H
#define A0_TESTS_FAILING_STORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"

#include <a0/sys/store.h>

typedef enum failing_store_call {
    FAILING_STORE_GET,
    FAILING_STORE_FIND,
    FAILING_STORE_COMMIT,
    FAILING_STORE_SWEEP
} failing_store_call;

typedef struct failing_store {
    const a0_store *inner; /* its self is destroyed with the wrapper */
    void *inner_self;

    _Atomic uint64_t calls; /* of all four functions */
    _Atomic uint64_t commits;
    uint64_t fail_at;    /* the n-th call from the start (1: the first); 0: none */
    bool only_commits;   /* fail_at counts commits, other calls never fail */
    bool for_good;       /* all calls after it fail as well */
    bool after_applying; /* a commit is carried out, then reported as failed */
    a0__error_id error;  /* A0_E_store_unavailable, A0_E_store_write_failed, … */

    /* Before (done false) and after (done true) each call; may be NULL. */
    void (*watch)(void *watch_self, failing_store_call call, uint64_t n, bool done);
    void *watch_self;
} failing_store;

#define FAILING_STORE_INIT                                                             \
    {                                                                                  \
        .error = A0_E_store_unavailable                                                \
    }

/* The table; self is a failing_store. */
extern const a0_store failing_store_table;

#endif
