/* SPDX-License-Identifier: MIT */
/*
 * The users of the fake tenant: found by id and, byte by byte, by address; linked and
 * unlinked as Auth0 does it. For tests of account linking. Flat, so that it can lie in
 * memory which outlives the process that is killed.
 */
#ifndef A0_TESTS_FAKE_USERS_H
#define A0_TESTS_FAKE_USERS_H

#include "scripted_transport.h"
#include "json/json.h"

enum {
    FAKE_USERS_MAX = 8,
    FAKE_USER_ID_MAX = 128,
    FAKE_USER_JSON_MAX = 65536
};

typedef struct fake_user {
    char user_id[FAKE_USER_ID_MAX]; /* "": gone */
    char json[FAKE_USER_JSON_MAX];
    char accounts[1024];    /* connected ones, as a JSON array; "": none */
    bool accounts_go_round; /* each page names one before it as the next */
} fake_user;

typedef struct fake_users {
    fake_user items[FAKE_USERS_MAX];
    size_t len;

    /* What is answered instead. */
    bool finds_everybody;  /* by any address */
    int link_status;       /* to a link, which is not made; 0: the normal answer */
    const char *link_body; /* with it; NULL: that of a failure */
    bool link_is_done;     /* it is made all the same */

    /* What was seen. */
    unsigned searches; /* requests that used the search language */
    unsigned links;
    unsigned unlinks;
    unsigned updates;
    char last_email[512]; /* of a look-up, decoded */
    char last_body[FAKE_USER_JSON_MAX];
} fake_users;

void fake_users_clear(fake_users *users);
/* Adds a user, or gives the one of that id another profile. */
fake_user *fake_users_put(fake_users *users, const char *profile);
/* NULL: there is none. */
fake_user *fake_users_find(fake_users *users, const char *user_id);
/* Whether the user has that identity ("provider|id"). */
bool fake_user_has(const fake_user *user, const char *identity);
/* As whom an identity signs in: as itself, or as the user that it was linked to. */
const char *fake_users_sub(fake_users *users, const char *identity);

/* The answer to a request below /api/v2/users. */
void fake_users_answer(fake_users *users, const scripted_request *request,
                       a0_http_exchange *exchange);

#endif
