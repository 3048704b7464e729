/* SPDX-License-Identifier: MIT */
#include "flows/flights.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

struct a0__flight {
    a0__flight *next; /* while it is in the air */
    char *key;
    size_t waiting; /* the last of them frees what has landed */
    bool has_landed;
    char about[A0__FLIGHT_ABOUT_MAX + 1];
    a0_error *failure;
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
free_flight(a0__flight *flight)
{
    a0_error_free(flight->failure);
    a0__free(flight->key);
    a0__free(flight);
}

static void
forget_all(a0__flights *flights)
{
    while (flights->first != NULL) {
        a0__flight *gone = flights->first;

        flights->first = gone->next;
        free_flight(gone);
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

    /* A time before the present one would be no time at all. */
    wait_ms = wait_ms > 0 ? wait_ms : 0;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

/* Whatever takes off under that key after it has landed is another flight. */
static a0__boarding
wait_locked(a0__flights *flights, a0__flight *flight, const char *about,
            int64_t wait_ms, a0_error **out_failure)
{
    struct timespec until = from_now(wait_ms);
    int waited = 0;
    bool landed = false;

    flight->waiting++;
    while (waited != ETIMEDOUT && !flight->has_landed) {
        waited = pthread_cond_timedwait(&flights->landed, &flights->mutex, &until);
    }
    flight->waiting--;
    landed = flight->has_landed;
    if (landed && out_failure != NULL && about != NULL &&
        strncmp(flight->about, about, A0__FLIGHT_ABOUT_MAX) == 0) {
        *out_failure = a0__error_copy(flight->failure);
    }
    if (landed && flight->waiting == 0) {
        free_flight(flight);
    }
    return landed ? A0__LANDED : A0__WAITED_OUT;
}

a0_status
a0__flights_board(a0__flights *flights, const char *key, const char *about,
                  int64_t wait_ms, a0__boarding *out_boarding, a0_error **out_failure,
                  a0_error **err)
{
    a0__flight *flight = NULL;
    a0_status status = A0_OK;

    (void)pthread_mutex_lock(&flights->mutex);
    flight = *find_locked(flights, key);
    if (flight == NULL) {
        status = take_off_locked(flights, key, err);
        *out_boarding = A0__BOARDED;
    } else {
        *out_boarding = wait_locked(flights, flight, about, wait_ms, out_failure);
    }
    (void)pthread_mutex_unlock(&flights->mutex);
    return status;
}

void
a0__flights_leave(a0__flights *flights, const char *key, const char *about,
                  const a0_error *failure)
{
    a0__flight **at = NULL;
    a0__flight *gone = NULL;

    (void)pthread_mutex_lock(&flights->mutex);
    at = find_locked(flights, key);
    gone = *at;
    if (gone != NULL) {
        *at = gone->next;
        gone->has_landed = true;
    }
    if (gone != NULL && gone->waiting == 0) {
        free_flight(gone);
    } else if (gone != NULL && about != NULL) {
        memcpy(gone->about, about, strnlen(about, A0__FLIGHT_ABOUT_MAX));
        gone->failure = a0__error_copy(failure);
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
