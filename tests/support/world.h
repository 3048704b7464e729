/* SPDX-License-Identifier: MIT */
/* A client in a world of the test's own: tenant, store, clock, chance and log. */
#ifndef A0_TESTS_WORLD_H
#define A0_TESTS_WORLD_H

#include <a0/a0.h>

#include "failing_store.h"
#include "fake_tenant.h"
#include "recording_log.h"
#include "support.h"
#include "test_random.h"

typedef struct world {
    test_clock clock;
    test_random random;
    failing_store store;
    recording_log log;
    fake_tenant tenant;
    a0_client *client;
    a0_error *err;
} world;

/* `settings`: members of a JSON object that are added to the usual ones, or NULL. */
void world_init(world *w, const char *settings);
/* The same on an SQLite file. */
void world_init_on(world *w, const char *settings, const char *sqlite_path);
void world_clear(world *w);
/* Another client on the same store, tenant, clock and log; cache may be NULL. Settings
 * that start with "{" are all there is, not an addition to the usual ones. */
a0_client *world_another_client(world *w, const char *settings, const a0_cache *cache,
                                void *cache_self);
/* The usual settings but for encryption_keys, which follows as an array. */
#define WORLD_SETTINGS_WITHOUT_KEYS                                                    \
    "\"auth0_domain\":\"" FAKE_DOMAIN "\",\"client_id\":\"" FAKE_CLIENT_ID             \
    "\",\"client_secret\":\"client-secret-canary-000000000000\","                      \
    "\"connections_for_account_linking\":[]"
/* Those with linking among some connections, a list of JSON strings. */
#define WORLD_SETTINGS_OF_LINKING(connections)                                         \
    "\"auth0_domain\":\"" FAKE_DOMAIN "\",\"client_id\":\"" FAKE_CLIENT_ID             \
    "\",\"client_secret\":\"client-secret-canary-000000000000\","                      \
    "\"encryption_keys\":[\"0123456789abcdef0123456789abcdef0123456789abcdef01234567"  \
    "89abcdef\"],\"connections_for_account_linking\":[" connections "]"

a0_session *world_session(world *w, const char *id);
/* A new session of somebody who has just signed in; NULL: whoever the tenant has. */
a0_session *world_sign_in(world *w, const char *sub);
/* Whether that session is signed in, by what the store has. */
bool world_lives(world *w, const char *session_id);
/* How many live rows of a kind the store has under that value. */
size_t world_rows(world *w, a0_record_kind kind, a0_record_index index,
                  const char *value);

/* Starts a sign-in and gives the callback URL with which the tenant would answer; its
 * nonce is what the tenant's next ID token carries. Freed with a0__free. */
char *world_start(world *w, a0_session *session, const a0_login_options *options);
/* Starts and completes; asserts success. Freed with a0_login_free. */
a0_login *world_login(world *w, a0_session *session);
/* Completes, where the login is of no interest. */
a0_status world_complete(world *w, a0_session *session, const char *callback);
/* A value out of the query of a URL; freed with a0__free, NULL when absent. */
char *world_query_value(const char *url, const char *name);

#endif
