/* SPDX-License-Identifier: MIT */
/*
 * Single-flight within a process: of the threads that want the same thing at once one
 * flies, the others wait for it to land and then look again; a failure is theirs as
 * well, or each of them would ask once more. Across processes a lock row does the same;
 * this spares the database the crowd.
 */
#ifndef A0_FLOWS_FLIGHTS_H
#define A0_FLOWS_FLIGHTS_H

#include <pthread.h>

#include "base/error.h"

typedef struct a0__flight a0__flight;

typedef struct a0__flights {
    pthread_mutex_t mutex;
    pthread_cond_t landed;
    a0__flight *first;
} a0__flights;

void a0__flights_init(a0__flights *flights);
void a0__flights_clear(a0__flights *flights);

typedef enum a0__boarding {
    A0__BOARDED,   /* the caller flies, and calls a0__flights_leave */
    A0__LANDED,    /* somebody else did: look again */
    A0__WAITED_OUT /* it is still in the air after wait_ms */
} a0__boarding;

enum {
    A0__FLIGHT_ABOUT_MAX = 96
};

/*
 * Statuses: no_memory. The key is copied. `about` is what is wanted, because flights of
 * one key may want different things; up to A0__FLIGHT_ABOUT_MAX bytes of it count.
 * NULL: no failure is shared. *out_failure is what a flight about the same failed with,
 * for the caller to free, or NULL; out_failure may be NULL.
 */
A0_MUST_USE a0_status a0__flights_board(a0__flights *flights, const char *key,
                                        const char *about, int64_t wait_ms,
                                        a0__boarding *out_boarding,
                                        a0_error **out_failure, a0_error **err);
/* With what it failed, or NULL. */
void a0__flights_leave(a0__flights *flights, const char *key, const char *about,
                       const a0_error *failure);

/*
 * Around fork: the mutex is held while the process splits, so that the child finds it
 * whole; in the child nobody is in the air, because only one thread crossed.
 */
void a0__flights_before_fork(a0__flights *flights);
void a0__flights_after_fork_in_parent(a0__flights *flights);
void a0__flights_after_fork_in_child(a0__flights *flights);

#endif
