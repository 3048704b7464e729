/* SPDX-License-Identifier: MIT */
/*
 * Something that is done to the accounts of a link_world while something fails: a
 * request, a call of the store, an allocation, or the process; then the next sign-in of
 * either user, or a repair. Afterwards the accounts are whole: linked with merged
 * metadata and rows, or as they were [LINK-15]. Each function gives how many points
 * there were to fail at, and fails the test when something is left half-way.
 */
#ifndef A0_TESTS_LINK_ORDEAL_H
#define A0_TESTS_LINK_ORDEAL_H

#include "ailing_transport.h"
#include "link_world.h"

typedef struct link_ordeal {
    const char *name;
    const char *settings; /* of link_world_init */
    bool verifies;        /* they look for links at each sign-in */
    bool ends_linked;     /* when nothing fails */
    void (*before)(link_world *l);
    a0_status (*run)(link_world *l);
} link_ordeal;

/* The ways to come back; the next one for each fault, so that all are met. */
typedef enum link_recovery {
    BY_THE_SECONDARY,
    BY_THE_PRIMARY,
    BY_REPAIR,
    RECOVERIES
} link_recovery;

/* Time passes, leases end, and somebody comes. */
void link_come_back(const link_ordeal *o, link_world *l, link_recovery way);
void link_check_whole(link_world *l);

typedef struct link_fault {
    uint64_t at; /* 1: the first point; 0: nothing fails */
    bool for_good;
    link_recovery way;
} link_fault;

uint64_t link_ordeal_requests(const link_ordeal *o, ailment a, link_fault f);
/* `lost`: a commit is carried out, then reported as failed. */
uint64_t link_ordeal_store(const link_ordeal *o, bool lost, link_fault f);
uint64_t link_ordeal_memory(const link_ordeal *o, link_fault f);
/* On SQLite, in a process of its own. */
unsigned link_ordeal_kill(const link_ordeal *o, unsigned at, link_recovery way);

/* Steps of many ordeals: looks for links; has the secondary asked for a confirmation by
 * the primary, who is at Auth0 then; comes back from there with `callback`. */
a0_status link_verify(link_world *l);
void link_start_to_confirm(link_world *l);
a0_status link_come_from_auth0(link_world *l);
/* What an operator does, without anybody signed in. */
a0_status link_apply(link_world *l);
a0_status link_undo(link_world *l);
a0_status link_repair(link_world *l);

/* All points in all ways; prints how many there were. */
void link_ordeal_every_request(const link_ordeal *o);
void link_ordeal_every_store_call(const link_ordeal *o);
void link_ordeal_every_allocation(const link_ordeal *o);
void link_ordeal_every_death(const link_ordeal *o);

#endif
