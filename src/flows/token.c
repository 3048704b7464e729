/* SPDX-License-Identifier: MIT */
#include "flows/token.h"

#include "base/mem.h"
#include "oauth/token.h"

struct a0_token {
    a0__secret access_token;
    char *audience;
    char *scope;
    int64_t expires_at;
};

void
a0_token_free(a0_token *token)
{
    if (token != NULL) {
        a0__secret_clear(&token->access_token);
        a0__free(token->audience);
        a0__free(token->scope);
        a0__free(token);
    }
}

typedef a0_token *token_ptr;

static void
token_ptr_auto(token_ptr *token)
{
    a0_token_free(*token);
}

a0_status
a0__token_new(const a0__kept_token *kept, a0_token **out_token, a0_error **err)
{
    A0_AUTO(token_ptr) token = a0__calloc(1, sizeof *token);

    A0_ENSURE(token != NULL, err, no_memory);
    A0_TRY(a0__secret_set_text(&token->access_token, kept->access_token, err));
    token->audience = a0__strndup(kept->audience.ptr, kept->audience.len);
    token->scope = a0__strndup(kept->scope_granted.ptr, kept->scope_granted.len);
    A0_ENSURE(token->audience != NULL && token->scope != NULL, err, no_memory);
    token->expires_at = kept->expires_at;
    *out_token = a0__steal(&token);
    return A0_OK;
}

const char *
a0_token_access_token(const a0_token *token)
{
    return a0__secret_expose_cstr(&token->access_token);
}

const char *
a0_token_type(const a0_token *token)
{
    (void)token;
    return A0__TOKEN_TYPE;
}

const char *
a0_token_audience(const a0_token *token)
{
    return token->audience;
}

const char *
a0_token_scope(const a0_token *token)
{
    return token->scope;
}

int64_t
a0_token_expires_at(const a0_token *token)
{
    return token->expires_at;
}
