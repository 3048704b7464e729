/* SPDX-License-Identifier: MIT */
#include "flows/login.h"

#include "base/mem.h"
#include "base/secret.h"

a0_status
a0__login_new(a0__text return_to, a0_login **out_login, a0_error **err)
{
    A0_AUTO(a0__login_ptr) login = a0__calloc(1, sizeof *login);

    A0_ENSURE(login != NULL, err, no_memory);
    if (return_to.len > 0) {
        login->return_to = a0__strndup(return_to.ptr, return_to.len);
        A0_ENSURE(login->return_to != NULL, err, no_memory);
    }
    *out_login = a0__steal(&login);
    return A0_OK;
}

void
a0__login_ptr_auto(a0__login_ptr *login)
{
    a0_login_free(*login);
    *login = NULL;
}

void
a0_login_free(a0_login *login)
{
    if (login != NULL) {
        a0__token_set_clear(&login->tokens);
        a0__free(login->userinfo);
        a0__free(login->return_to);
        a0__free(login);
    }
}

const char *
a0_login_access_token(const a0_login *login)
{
    return a0__secret_expose_cstr(&login->tokens.access_token);
}

const char *
a0_login_id_token(const a0_login *login)
{
    return a0__secret_expose_cstr(&login->tokens.id_token);
}

const char *
a0_login_refresh_token(const a0_login *login)
{
    return a0__secret_expose_cstr(&login->tokens.refresh_token);
}

const char *
a0_login_token_type(const a0_login *login)
{
    return login->was_completed ? NULL : A0__TOKEN_TYPE;
}

const char *
a0_login_scope(const a0_login *login)
{
    return login->tokens.scope;
}

const char *
a0_login_userinfo(const a0_login *login)
{
    return login->userinfo;
}

const char *
a0_login_return_to(const a0_login *login)
{
    return login->return_to;
}

bool
a0_login_was_completed(const a0_login *login)
{
    return login->was_completed;
}

int64_t
a0_login_expires_in(const a0_login *login)
{
    return login->tokens.expires_in;
}

int64_t
a0_login_expires_at(const a0_login *login)
{
    return login->expires_at;
}
