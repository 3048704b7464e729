/* SPDX-License-Identifier: MIT */
/* The connected accounts of the fake tenant's My Account API. */
#ifndef A0_TESTS_FAKE_MY_ACCOUNT_H
#define A0_TESTS_FAKE_MY_ACCOUNT_H

#include "scripted_transport.h"

#define FAKE_MY_ACCOUNT "https://tenant.example/me/v1/connected-accounts/"

typedef struct fake_my_account {
    /* What is answered. */
    int connect_status;
    const char *connect_body;
    int complete_status;
    const char *complete_body;
    const char *complete_second; /* to every other completion; NULL: the same */
    const char *const *pages; /* to one list request after the other; the last stays */
    size_t pages_len;
    int list_fault_at; /* 1: the first; 0: none */
    int delete_status;
    int refusals; /* of the next requests, with 401 */

    /* What was seen. */
    int connects;
    int completes;
    int lists;
    int deletes;
    char url[2048]; /* of the last request */
    char body[8192];
    char completed[8192]; /* the body of the last completion */
} fake_my_account;

extern const fake_my_account fake_my_account_usual;

void fake_my_account_answer(fake_my_account *api, const scripted_request *request,
                            a0_http_exchange *exchange);

#endif
