/* SPDX-License-Identifier: MIT */
/* A tenant of whatever users a test puts there, and one browser: for tests of what is
 * decided about them. */
#ifndef A0_TESTS_LINK_STAGE_H
#define A0_TESTS_LINK_STAGE_H

#include "world.h"

#include "fake_users.h"

#define STAGE_EMAIL "jo@acme.example" /* of everybody who signs in */

typedef struct link_stage {
    world w;
    fake_users users;
    a0_session *session;    /* NULL: nobody has signed in */
    a0_link_answer *answer; /* the last one; NULL: none */
} link_stage;

/* Linking is among those connections, a list of JSON strings; `more`: settings,
 * ",\"name\":value" each. */
#define STAGE_SETTINGS(connections, more)                                              \
    "{" WORLD_SETTINGS_OF_LINKING(connections) more "}"
void link_stage_begin(link_stage *s, const char *settings);
void link_stage_end(link_stage *s);

/* A user with one identity, whose address is verified. */
fake_user *link_stage_add_user(link_stage *s, const char *strategy,
                               const char *connection, const char *id,
                               const char *email);
/* In a new browser; the answer is left in `answer`. */
void link_stage_sign_in(link_stage *s, const char *sub);

#endif
