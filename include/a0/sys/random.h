/* SPDX-License-Identifier: MIT */
/* The random port: bytes nobody can guess, or an error; never a weaker source. */
#ifndef A0_SYS_RANDOM_H
#define A0_SYS_RANDOM_H

#include <stddef.h>

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct a0_random {
    size_t size;

    /*
     * Fills out_bytes wholly or fails (A0_UNAVAILABLE). Called from several threads
     * at once; a forked child must not repeat what its parent gives.
     */
    a0_status (*fill)(void *self, void *out_bytes, size_t len);
} a0_random;

/* OpenSSL's generator; self is NULL. */
A0_API const a0_random *a0_random_system(void);

#ifdef __cplusplus
}
#endif

#endif
