/* SPDX-License-Identifier: MIT */
/* Facts for the rules of linking, made of profiles as the Management API gives them. */
#ifndef A0_TESTS_LINK_CASE_H
#define A0_TESTS_LINK_CASE_H

#include "link/rules.h"

enum {
    LINK_CASE_MAX = 8
};

typedef struct link_case {
    a0__link_facts facts;
    a0__link_profile own;
    a0__link_profile candidates[LINK_CASE_MAX];
    a0__link_connected records[LINK_CASE_MAX];
    a0__json *documents[2 * LINK_CASE_MAX];
    size_t documents_len;
} link_case;

/* Linking among the connections google-oauth2, facebook and db. */
link_case *link_case_new(void);
void link_case_free(link_case *c);

/* Who signed in, from a whole profile; its id is the `sub`. */
void link_case_sign_in(link_case *c, const char *profile);
a0__link_profile *link_case_candidate(link_case *c, const char *profile);
a0__link_connected *link_case_record(link_case *c, const char *owner,
                                     const char *connection, const char *subject);

a0__link_verdict link_case_decide(const link_case *c);

/* A profile with one identity; the strategy is what the id begins with. */
#define LINK_USER(user_id, connection, email, verified)                                \
    LINK_USER_SINCE(user_id, connection, email, verified, "2024-01-01T00:00:00.000Z")
#define LINK_USER_SINCE(user_id, connection, email, verified, created_at)              \
    link_user((char[1024]){ 0 }, user_id, connection, email, verified, created_at)
const char *link_user(char out[1024], const char *user_id, const char *connection,
                      const char *email, const char *verified, const char *created_at);

#endif
