/* SPDX-License-Identifier: MIT */
/*
 * An application as the Management API describes it: where that stands, and the few
 * members that a configuration is held against. Pure. What is missing in an answer
 * counts as empty.
 */
#ifndef A0_AUTH0_APPLICATION_H
#define A0_AUTH0_APPLICATION_H

#include "config/settings.h"
#include "json/json.h"

/* Append the address. `from` is the cursor of a page, or empty. */
void a0__application_url(const a0__settings *settings, a0__buf *out);
void a0__application_connections_url(const a0__settings *settings, a0__text from,
                                     a0__buf *out);

/* Whether the list of that name has the text. */
bool a0__application_lists(const a0__json *application, const char *name,
                           a0__text text);
/* The algorithm of its ID tokens; "" when it does not say. */
a0__text a0__application_alg(const a0__json *application);
bool a0__application_rotates(const a0__json *application);
/* Appends the words of `wanted` that no multi-resource refresh to that audience gives.
 */
void a0__application_scopes_missing(const a0__json *application, a0__text audience,
                                    a0__text wanted, a0__buf *out);

/* A connection that is switched on for the application. */
typedef struct a0__application_connection {
    a0__text name;
    a0__text strategy;
    bool is_connectable; /* for connected accounts */
} a0__application_connection;

/* The i-th of a page; false past its end, and for what is none. */
bool a0__application_connection_at(const a0__json *page, size_t i,
                                   a0__application_connection *out);

/* Whether that strategy itself checks the addresses it calls verified [LINK-03]. */
bool a0__strategy_verifies_email(a0__text strategy);

#endif
