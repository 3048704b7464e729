/* SPDX-License-Identifier: MIT */
/* The newest refresh token of a user (contract §4, AccountToken), for work without a
 * browser. Sign-ins and rotations keep it up to date (flows/refresh_token_row). */
#include <a0/user.h>

#include "auth0/user.h"
#include "base/mem.h"
#include "flows/refresh_token_row.h"

enum {
    ATTEMPTS = 4
};

struct a0_refresh_token {
    a0__secret text;
};

void
a0_refresh_token_free(a0_refresh_token *token)
{
    if (token != NULL) {
        a0__secret_clear(&token->text);
        a0__free(token);
    }
}

const char *
a0_refresh_token_text(const a0_refresh_token *token)
{
    return a0__secret_expose_cstr(&token->text);
}

static a0_status
check_user_id(const char *user_id, a0_error **err)
{
    if (!a0__user_id_is_valid(a0__text_of(user_id))) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    return A0_OK;
}

a0_status
a0_user_refresh_token(a0_client *client, const char *user_id,
                      a0_refresh_token **out_token, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) text = A0__SECRET_INIT;
    a0_refresh_token *token = NULL;
    bool found = false;

    A0_TRY(check_user_id(user_id, err));
    A0_TRY(a0__row_read(client, A0_RECORD_ACCOUNT_TOKEN, user_id, NULL, &row, &found,
                        err));
    A0_ENSURE(found, err, refresh_token_missing);
    A0_TRY(a0__secret_set_text(&text, a0__buf_view(&row.plain), err));
    token = a0__calloc(1, sizeof *token);
    A0_ENSURE(token != NULL, err, no_memory);
    a0__secret_move(&token->text, &text);
    *out_token = token;
    return A0_OK;
}

a0_status
a0_user_refresh_token_put(a0_client *client, const char *user_id,
                          const char *refresh_token, a0_error **err)
{
    A0_AUTO(a0__secret) text = A0__SECRET_INIT;
    a0__text given = a0__text_of(refresh_token);
    bool applied = false;

    A0_TRY(check_user_id(user_id, err));
    if (!a0__refresh_token_is_valid(given)) {
        return a0__fail_about(err, A0_E_param_invalid, "refresh_token");
    }
    A0_TRY(a0__secret_set_text(&text, given, err));
    /* Only another writer of the same row can be in the way. */
    for (int attempt = 0; attempt < ATTEMPTS && !applied; attempt++) {
        A0_AUTO(a0__batch) batch = A0__BATCH_INIT;

        A0_TRY(a0__refresh_token_put_newest(&batch, client, user_id,
                                            a0__client_now_s(client), &text, err));
        A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}
