/* SPDX-License-Identifier: MIT */
/*
 * A transport in front of another one that counts the requests and lets one of them, or
 * all from it on, fail in a way of choice. It can let allocations fail too, without
 * those that the other one makes.
 */
#ifndef A0_TESTS_AILING_TRANSPORT_H
#define A0_TESTS_AILING_TRANSPORT_H

#include <a0/client.h>

#include "scripted_transport.h"

typedef enum ailment {
    REFUSED,
    RESET_BEFORE,
    RESET_AFTER,
    TIMED_OUT,
    TIMED_OUT_AFTER,
    STATUS_401,
    STATUS_403,
    STATUS_409,
    STATUS_429,
    STATUS_500,
    STATUS_500_AFTER,
    GARBAGE,
    AILMENTS
} ailment;

typedef struct ailing_transport {
    a0__http inner;
    a0_transport table;
    size_t seen;
    size_t fail_at; /* 1: the first request; 0: none */
    bool for_good;
    ailment ailment;
    uint64_t memory_at; /* as a0__mem_count counts; 0: none */
    bool memory_for_good;
} ailing_transport;

/* Puts it in front of a client's transport, which it borrows, until it is taken out. */
void ailing_begin(ailing_transport *ailing, a0_client *client);
void ailing_end(ailing_transport *ailing, a0_client *client);

/* The n-th allocation from now on fails; 0: none any more. */
void ailing_memory_fail_at(ailing_transport *ailing, uint64_t n, bool for_good);

#endif
