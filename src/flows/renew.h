/* SPDX-License-Identifier: MIT */
/*
 * After a change of keys, rows that live long move to the new one: a few at each sweep,
 * from the beginning in each process, so that it may be killed anywhere [STOR-06].
 * Sessions, their refresh tokens and what is short-lived end by themselves before
 * session_lifetime has passed.
 */
#ifndef A0_FLOWS_RENEW_H
#define A0_FLOWS_RENEW_H

#include <stdatomic.h>

#include <a0/client.h>
#include <a0/sys/store.h>

/* How far this process has come. */
typedef struct a0__renewal {
    atomic_flag is_under_way;
    bool is_over;
    size_t kind; /* of those that are renewed */
    char after[A0_RECORD_KEY_MAX + 1];
    int64_t renewed;
} a0__renewal;

void a0__renewal_init(a0__renewal *renewal);

/* Looks at some rows and renews those of an older key; nothing while there is one key
 * alone. A store that can not be asked now is asked again at the next sweep. */
void a0__renew_some(a0_client *client);

#endif
