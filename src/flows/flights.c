/* SPDX-License-Identifier: MIT */
#include "flows/flights.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

struct a0__flight {
    a0__flight *next;
    char *key;
};

void
a0__flights_init(a0__flights *flights)
{
    pthread_condattr_t attributes;

    (void)pthread_mutex_init(&flights->mutex, NULL);
    (void)pthread_condattr_init(&attributes);
    /* A step of the wall clock must not stretch a wait. */
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&flights->landed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    flights->first = NULL;
}

static void
forget_all(a0__flights *flights)
{
    while (flights->first != NULL) {
        a0__flight *gone = flights->first;

        flights->first = gone->next;
        a0__free(gone->key);
        a0__free(gone);
    }
}

void
a0__flights_clear(a0__flights *flights)
{
    forget_all(flights);
    (void)pthread_cond_destroy(&flights->landed);
    (void)pthread_mutex_destroy(&flights->mutex);
}

static a0__flight **
find_locked(a0__flights *flights, const char *key)
{
    a0__flight **at = &flights->first;

    while (*at != NULL && strcmp((*at)->key, key) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static a0_status
take_off_locked(a0__flights *flights, const char *key, a0_error **err)
{
    a0__flight *flight = a0__calloc(1, sizeof *flight);

    A0_ENSURE(flight != NULL, err, no_memory);
    flight->key = a0__strdup(key);
    if (flight->key == NULL) {
        a0__free(flight);
        return a0__fail(err, A0_E_no_memory);
    }
    flight->next = flights->first;
    flights->first = flight;
    return A0_OK;
}

static struct timespec
from_now(int64_t wait_ms)
{
    struct timespec until = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

a0_status
a0__flights_board(a0__flights *flights, const char *key, int64_t wait_ms,
                  a0__boarding *out_boarding, a0_error **err)
{
    struct timespec until = from_now(wait_ms);
    a0_status status = A0_OK;

    (void)pthread_mutex_lock(&flights->mutex);
    if (*find_locked(flights, key) == NULL) {
        status = take_off_locked(flights, key, err);
        *out_boarding = A0__BOARDED;
    } else {
        int waited = 0;

        while (waited != ETIMEDOUT && *find_locked(flights, key) != NULL) {
            waited = pthread_cond_timedwait(&flights->landed, &flights->mutex, &until);
        }
        *out_boarding = waited == ETIMEDOUT ? A0__WAITED_OUT : A0__LANDED;
    }
    (void)pthread_mutex_unlock(&flights->mutex);
    return status;
}

void
a0__flights_leave(a0__flights *flights, const char *key)
{
    a0__flight **at = NULL;
    a0__flight *gone = NULL;

    (void)pthread_mutex_lock(&flights->mutex);
    at = find_locked(flights, key);
    gone = *at;
    if (gone != NULL) {
        *at = gone->next;
        a0__free(gone->key);
        a0__free(gone);
    }
    (void)pthread_cond_broadcast(&flights->landed);
    (void)pthread_mutex_unlock(&flights->mutex);
}

void
a0__flights_before_fork(a0__flights *flights)
{
    (void)pthread_mutex_lock(&flights->mutex);
}

void
a0__flights_after_fork_in_parent(a0__flights *flights)
{
    (void)pthread_mutex_unlock(&flights->mutex);
}

void
a0__flights_after_fork_in_child(a0__flights *flights)
{
    forget_all(flights);
    a0__flights_init(flights);
}
