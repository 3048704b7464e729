/* SPDX-License-Identifier: MIT */
/*
 * Two accounts of one person and what it takes to make them one: for tests of how a
 * link is carried out, whatever decided it. The tenant's part lies in memory that
 * survives the process.
 */
#ifndef A0_TESTS_LINK_WORLD_H
#define A0_TESTS_LINK_WORLD_H

#include "world.h"

#include "flows/link_saga.h"

#define LINK_PRIMARY "auth0|66f0c0ffee1234567890abcd"
#define LINK_SECONDARY "google-oauth2|104857600123456789012"
#define LINK_CONNECTION "google-oauth2"
#define LINK_EMAIL "jo@acme.example"

typedef struct link_tenant {
    pthread_mutex_t mutex;
    fake_users users;
    fake_families families;
} link_tenant;

/* Memory that processes share across fork. */
link_tenant *link_tenant_new(void);
void link_tenant_free(link_tenant *tenant);
/* Both accounts as they were before anything was linked. */
void link_tenant_reset(link_tenant *tenant);

typedef struct link_world {
    world w;
    link_tenant *tenant;
    bool owns_tenant;
    a0_session *before; /* of the primary, in another browser; NULL: none */
    a0_session *session;
    char *callback;  /* of a sign-in that was started; NULL: none */
    char claims[64]; /* room for more claims of the tenant */
} link_world;

/* Settings with which a sign-in looks for links, and more: ",\"name\":value" each. */
#define LINK_SETTINGS(more)                                                            \
    "{" WORLD_SETTINGS_OF_LINKING(                                                     \
        "\"google-oauth2\",\"facebook\",\"db\"") ",\"revoke_on_logout\":true" more "}"

/* Nobody is signed in. Settings: members that are added to the usual ones, which link
 * nothing; or all there are, from LINK_SETTINGS. The tenant NULL: one of its own. */
void link_world_init(link_world *l, const char *settings, const char *sqlite_path,
                     link_tenant *tenant);
void link_world_clear(link_world *l);

/* A sign-in by that identity in a new browser. */
a0_session *link_world_sign_in(link_world *l, const char *identity);
/* The primary in one browser, then the secondary in another, which is `session`. */
void link_world_sign_in_both(link_world *l);

/* Reads both accounts, locks, and links them under rule 3, for that session. */
a0_status link_world_link(link_world *l, a0_session *session, a0__link_done *out);

/* For tests of what comes after; each fails the test on an error. Both are signed in,
 * in a world that is the only one of its kind at a time. */
link_world *link_world_begin(const char *settings);
/* As link_world_link, for `session`. */
a0__link_done link_world_link_both(link_world *l);
/* Whether the answer says that the link was undone. */
bool link_world_undo(link_world *l);
/* Also fails it unless that is the answer. */
void link_world_repair(link_world *l, const char *expected);
/* Has what a link left to be revoked, while nobody waits for it, revoked. */
void link_world_sweep(link_world *l);

/* What the tenant has. */
bool link_tenant_is_linked(link_tenant *tenant);
/* Whether it is as it was: two accounts with their metadata. */
bool link_tenant_is_untouched(link_tenant *tenant);
bool link_tenant_is_merged(link_tenant *tenant);
/* As if somebody else had linked them just now, without merging anything. */
void link_tenant_link_behind_our_back(link_tenant *tenant);

/* What the store has. */
size_t link_world_rows(link_world *l, a0_record_kind kind, const char *user_id);
size_t link_world_open(link_world *l);
size_t link_world_links(link_world *l);

#endif
