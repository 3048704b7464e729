/* SPDX-License-Identifier: MIT */
/* Somebody who connects accounts, for tests of connecting and of what is kept of it. */
#ifndef A0_TESTS_CONNECT_WORLD_H
#define A0_TESTS_CONNECT_WORLD_H

#include "world.h"

#include "flows/connected_account.h"

#define GOOGLE "google-oauth2"
#define CONNECT_REDIRECT_URI "https://app.example/auth/callback"

/* As world_sign_in; from then on the tenant's tokens are for connected accounts. */
a0_session *connect_sign_in(world *w, const char *sub);
/* Starts, and gives the callback with which the tenant would answer; freed with
 * a0__free. */
char *connect_start(world *w, a0_session *session, const char *connection);
/* Starts and completes; asserts success, and that the tenant's answer is handed on. */
void connect_account(world *w, a0_session *session, const char *connection);
/* How many records there are of that person's accounts. */
size_t connect_records(world *w, const char *sub);

#endif
