/* SPDX-License-Identifier: MIT */
/*
 * OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8: Auth0 says which sessions are
 * over. What it says is remembered first, so that a sign-in under way does not slip
 * through; that the token was used comes last, so that it works again after a fault.
 */
#include <a0/login.h>

#include <string.h>

#include "flows/ended.h"
#include "flows/session_end.h"
#include "flows/verify.h"

static a0_status
verify_with(a0_client *client, const a0__tenant *tenant, a0__text token,
            a0__logout_token *out, a0_error **err)
{
    return a0__logout_token_verify(client->settings, tenant->jwks,
                                   a0__client_now_s(client), token, out, err);
}

/* §2.6 with fresh keys, because the token names one that is not known. The endpoint is
 * open to everybody: they are fetched no more often than for anything else [JWKS-02].
 */
static a0_status
verify_with_fresh(a0_client *client, a0__text token, a0__logout_token *out,
                  a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) fresh = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = a0__refetch_keys_for(client, token, &fresh, err);

    A0_ENSURE(status != A0_NOT_FOUND, err, logout_token_invalid);
    A0_TRY(status);
    status = verify_with(client, fresh, token, out, &failure);
    A0_ENSURE(!a0__error_is(failure, A0_E_jwt_key_not_found), err,
              logout_token_invalid);
    a0__error_move(err, &failure);
    return status;
}

static a0_status
verify(a0_client *client, a0__text token, a0__logout_token *out, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) newest = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__provider_get(client, &newest, err));
    status = verify_with(client, newest, token, out, &failure);
    if (a0__error_is(failure, A0_E_jwt_key_not_found)) {
        return verify_with_fresh(client, token, out, err);
    }
    a0__error_move(err, &failure);
    return status;
}

static const char *
cstr(a0__text text, char space[A0_RECORD_INDEX_MAX + 1])
{
    if (text.len == 0) {
        return NULL;
    }
    memcpy(space, text.ptr, text.len);
    space[text.len] = '\0';
    return space;
}

static a0_status
end_named(a0_client *client, const a0__logout_token *token, size_t *out_ended,
          a0_error **err)
{
    char sid[A0_RECORD_INDEX_MAX + 1];
    char sub[A0_RECORD_INDEX_MAX + 1];
    const a0__session_choice choice = { .sid = cstr(token->sid, sid),
                                        .user_id = cstr(token->sub, sub) };

    A0_TRY(a0__ended_note(client, token, err));
    return a0__sessions_end(client, &choice, out_ended, err);
}

/* LOUT-08: without the memory of used tokens sessions are ended all the same. */
static void
log_no_memory_of_tokens(a0_client *client, const a0_error *failure)
{
    A0__LOG(client->log, A0_LOG_ERROR, "bcl.replay_check_unavailable",
            A0__FIELD_TEXT("error", a0_error_id(failure)));
}

static a0_status
refuse_replay(a0_client *client, const a0__logout_token *token, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool used = false;

    if (a0__ended_has_jti(client, token, &used, &failure) != A0_OK) {
        log_no_memory_of_tokens(client, failure);
    }
    A0_ENSURE(!used, err, logout_token_replayed);
    return A0_OK;
}

static a0_status
note_used(a0_client *client, const a0__logout_token *token, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool is_new = true;

    if (a0__ended_note_jti(client, token, &is_new, &failure) != A0_OK) {
        log_no_memory_of_tokens(client, failure);
        return A0_OK;
    }
    A0_ENSURE(is_new, err, logout_token_replayed);
    return A0_OK;
}

a0_status
a0_logout_backchannel(a0_client *client, const char *logout_token, size_t *out_ended,
                      a0_error **err)
{
    A0_AUTO(a0__logout_token) token = A0__LOGOUT_TOKEN_INIT;
    size_t ended = 0;

    A0_TRY(verify(client, a0__text_of(logout_token), &token, err));
    A0_TRY(refuse_replay(client, &token, err));
    A0_TRY(end_named(client, &token, &ended, err));
    A0_TRY(note_used(client, &token, err));
    if (out_ended != NULL) {
        *out_ended = ended;
    }
    return A0_OK;
}
