/* SPDX-License-Identifier: MIT */
#include "flows/refresh_proof.h"

#include "flows/revoke.h"
#include "flows/verify.h"
#include "oauth/refresh.h"
#include "oauth/scope.h"

void
a0__refresh_proof_clear(a0__refresh_proof *proof)
{
    a0__token_set_clear(&proof->tokens);
    a0__buf_clear(&proof->wanted.scope);
    a0__claims_free(proof->claims);
    a0__buf_clear(&proof->userinfo);
}

/* What a session of its own would ask for first (contract §1, access tokens). */
static a0_status
want(const a0_client *client, a0__wanted_token *wanted, a0_error **err)
{
    const a0__settings *settings = client->settings;

    wanted->audience = a0__text_of(settings->audience);
    A0_TRY(a0__scope_sort(
        a0__text_of(a0__settings_scope_for(settings, settings->audience)),
        &wanted->scope, err));
    return a0__buf_check(&wanted->scope, err);
}

static a0_status
refresh(a0_client *client, const a0__tenant *tenant, const a0__secret *refresh_token,
        a0__refresh_proof *out, a0_error **err)
{
    A0_AUTO(a0__http_call) call = { 0 };
    a0__client_auth auth = a0__client_auth_now(client);
    a0__text scope = a0__buf_view(&out->wanted.scope);

    A0_TRY(a0__refresh_request(&auth, tenant->metadata.token_endpoint,
                               a0__secret_expose(refresh_token), out->wanted.audience,
                               scope, &call.request, err));
    A0_TRY(a0__provider_send(client, &call, err));
    if (call.response == NULL) {
        a0_status status = a0_error_status(call.error);

        a0__error_move(err, &call.error);
        return a0__refresh_transport_failed(status, err);
    }
    return a0__refresh_response(call.response, scope, a0__client_wall_ms(client),
                                &out->tokens, err);
}

/* Only an ID token says whose token it was. */
static a0_status
check_whose(a0_client *client, const char *user_id, a0__refresh_proof *out,
            a0_error **err)
{
    a0__id_token_expected expected = {
        .settings = client->settings,
        .now = a0__client_now_s(client),
        .max_age = -1,
        .access_token = a0__secret_expose(&out->tokens.access_token),
        .sub = a0__text_of(user_id),
    };

    A0_ENSURE(a0__secret_is_set(&out->tokens.id_token), err, refresh_identity_mismatch);
    A0_TRY(a0__verify_with_newest_keys(client, &out->tokens.id_token, &expected,
                                       &out->claims, err));
    return a0__claims_userinfo(out->claims, NULL, NULL, &out->userinfo, err);
}

a0_status
a0__refresh_prove(a0_client *client, const a0__tenant *tenant, const char *user_id,
                  const a0__secret *refresh_token, a0__refresh_proof *out,
                  a0_error **err)
{
    a0_status status = A0_OK;

    A0_TRY(want(client, &out->wanted, err));
    A0_TRY(refresh(client, tenant, refresh_token, out, err));
    status = check_whose(client, user_id, out, err);
    if (status != A0_OK) {
        /* Somebody else's, or nobody's: what was just issued is of no use. */
        a0__revoke_token(client, tenant, &out->tokens.refresh_token, user_id);
        return status;
    }
    out->is_covered =
        a0__refresh_check_covers(&out->tokens, out->wanted.audience,
                                 a0__buf_view(&out->wanted.scope), NULL) == A0_OK;
    if (a0__secret_is_set(&out->tokens.refresh_token)) {
        return A0_OK;
    }
    return a0__secret_set_text(&out->tokens.refresh_token,
                               a0__secret_expose(refresh_token), err);
}

void
a0__refresh_proof_apply(const a0_client *client, const a0__refresh_proof *proof,
                        a0__session_record *record)
{
    int64_t now = a0__client_now_s(client);

    record->name = a0__claims_text(proof->claims, "name");
    record->email = a0__claims_text(proof->claims, "email");
    record->email_verified = a0__claims_email_verified(proof->claims);
    record->azp = a0__claims_text(proof->claims, "azp");
    record->userinfo = a0__buf_view(&proof->userinfo);
    record->id_token = a0__secret_expose(&proof->tokens.id_token);
    if (proof->is_covered) {
        record->tokens_len = 1;
        record->tokens[0] = (a0__kept_token){
            .audience = proof->wanted.audience,
            .scope_asked = a0__buf_view(&proof->wanted.scope),
            .scope_granted = a0__text_of(proof->tokens.scope),
            .access_token = a0__secret_expose(&proof->tokens.access_token),
            .token_type = A0__LIT(A0__TOKEN_TYPE),
            .obtained_at = now,
            .expires_at = a0__add_saturating(now, proof->tokens.expires_in),
        };
    }
}
