/* SPDX-License-Identifier: MIT */
/*
 * A browser of somebody who signs in where linking is on: for rows of the group LINK as
 * a sign-in meets them, from the ID token to what is left in the session.
 */
#ifndef A0_TESTS_LINK_VISIT_H
#define A0_TESTS_LINK_VISIT_H

#include "link_world.h"

/* A profile with one identity, and one with the flags that are asked for; the address
 * is LINK_EMAIL. */
#define VISIT_USER(strategy, id, connection)                                           \
    VISIT_USER_WITH(strategy, id, connection, LINK_EMAIL, "true", "")
#define VISIT_USER_WITH(strategy, id, connection, email, verified, more)               \
    "{\"user_id\":\"" strategy "|" id "\",\"email\":\"" email                          \
    "\",\"email_verified\":" verified                                                  \
    ",\"created_at\":\"2024-01-01T00:00:00.000Z\",\"identities\":["                    \
    "{\"provider\":\"" strategy "\",\"connection\":\"" connection                      \
    "\",\"user_id\":\"" id "\"}]" more "}"
#define VISIT_GOOGLE VISIT_USER("google-oauth2", "g1", "google-oauth2")
#define VISIT_FACEBOOK VISIT_USER("facebook", "f1", "facebook")
#define VISIT_PASSWORD VISIT_USER("auth0", "p1", "db")
#define VISIT_GOOGLE_ID "google-oauth2|g1"
#define VISIT_FACEBOOK_ID "facebook|f1"
#define VISIT_PASSWORD_ID "auth0|p1"
#define VISIT_STRANGER_ID "google-oauth2|other" /* of link_visit_asked */

typedef struct link_visit {
    link_world l;
    fake_users *users;      /* of the tenant; nobody at first */
    a0_link_answer *answer; /* the last one; NULL: none */
} link_visit;

/* `more`: settings, ",\"name\":value" each. */
link_visit *link_visit_new(const char *more);
/* With what Auth0 has of a person who signs in with Google, and otherwise; NULL: no
 * more. */
link_visit *link_visit_of(const char *own, const char *other);
void link_visit_free(link_visit *v);

/* The session that the browser has. */
a0_session *link_visit_session(const link_visit *v);
/* Goes on in a browser that has none; what was in the other one stays in the store. */
void link_visit_in_another_browser(link_visit *v);

/* An ordinary sign-in by that identity. */
void link_visit_sign_in(link_visit *v, const char *identity);
/* The answers are also left in `answer`; both assert that there is no error. */
const a0_link_answer *link_visit_verify(link_visit *v);
const a0_link_answer *link_visit_complete(link_visit *v);
/* Fails the test unless the last answer is a refusal for that reason. */
void link_visit_assert_refused(const link_visit *v, const char *reason);
/* Unless whoever signed in with Google is still that account, and is asked nothing. */
void link_visit_assert_unlinked(const link_visit *v);
void link_visit_assert_linked_to(const link_visit *v, const char *primary);

/* How many requests went out with that text in their address. */
size_t link_visit_count_requests(const link_visit *v, const char *method,
                                 const char *text);

/* A person has signed in by password where a Google account was first, and is asked to
 * sign in with that one too; there is a stranger with a Google account as well. */
link_visit *link_visit_asked(const char *more);
/* The callback of a sign-in that was asked for with that connection. */
char *link_visit_start(link_visit *v, const char *connection);
/* The person comes back as that identity, having typed a password so long ago. */
a0_status link_visit_return(link_visit *v, const char *callback, const char *identity,
                            int64_t seconds_ago);
/* All of it: asked for by google-oauth2, back at once, completed. */
const a0_link_answer *link_visit_confirm_as(link_visit *v, const char *identity);

/* Whether something waits for a confirmation. */
bool link_visit_is_pending(link_visit *v);

/* An account that its owner has connected: our record of it, and Auth0's list. */
typedef struct visit_connected {
    const char *key;
    const char *user_id;
    const char *connection;
    const char *subject;
    const char *email;
} visit_connected;
void link_visit_connect(link_visit *v, const visit_connected *connected);

#endif
