/* SPDX-License-Identifier: MIT */
/*
 * A target is one file fuzz_NAME.c with this function; seeds are in corpus/NAME. It
 * aborts when an oracle is hurt, not only when memory is.
 */
#ifndef A0_FUZZ_FUZZ_H
#define A0_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                          \
    do {                                                                               \
        if (!(condition)) {                                                            \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
            abort();                                                                   \
        }                                                                              \
    } while (0)

#endif
