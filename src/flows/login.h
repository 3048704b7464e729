/* SPDX-License-Identifier: MIT */
/* What a completed sign-in gave, from inside. */
#ifndef A0_FLOWS_LOGIN_H
#define A0_FLOWS_LOGIN_H

#include <a0/login.h>

#include "oauth/token.h"

struct a0_login {
    a0__token_set tokens;
    char *userinfo;
    char *return_to;
    int64_t expires_at;
    bool was_completed;
};

/* Statuses: no_memory. */
A0_MUST_USE a0_status a0__login_new(a0__text return_to, a0_login **out_login,
                                    a0_error **err);

typedef a0_login *a0__login_ptr;
void a0__login_ptr_auto(a0__login_ptr *login);

#endif
