/* SPDX-License-Identifier: MIT */
/* The Management API of the fake tenant: machine tokens and what they open. */
#ifndef A0_TESTS_FAKE_MANAGEMENT_H
#define A0_TESTS_FAKE_MANAGEMENT_H

#include "fake_users.h"

enum {
    FAKE_TOKEN_MAX = 2048,
    FAKE_FAULTS_FOREVER = 1000000
};

typedef struct fake_management {
    /* How machine tokens look. */
    const char *iss;
    const char *aud; /* NULL: as asked */
    const char *scope;
    bool opaque;
    int64_t expires_in;

    /* What the API answers. */
    const char *body;        /* to a GET or PATCH of a user */
    fake_users *users;       /* they answer, if there are some; NULL: `body` */
    const char *body_second; /* to the second look-up by address; NULL: the same */
    int fault_status;        /* instead, that often */
    unsigned fault_times;
    const char *fault_body; /* as text/html; NULL: the usual JSON */
    const char *fault_header;
    const char *fault_header_value;
    a0__error_id fault_network; /* 0: none; that often */

    /* What was seen. */
    unsigned tokens;
    unsigned calls;
    char token[FAKE_TOKEN_MAX]; /* the newest */
    bool sent_newest_token;     /* whether the last call had it */
} fake_management;

#define FAKE_MANAGEMENT_INIT                                                           \
    ((fake_management){ .iss = "https://tenant.example/",                              \
                        .scope = "read:users update:users",                            \
                        .expires_in = 86400 })

/* The answer to a client credentials request for that audience. */
void fake_management_token(fake_management *m, const char *audience,
                           a0_http_exchange *exchange);
/* The answer to a request below /api/v2/. */
void fake_management_answer(fake_management *m, const scripted_request *request,
                            a0_http_exchange *exchange);

#endif
