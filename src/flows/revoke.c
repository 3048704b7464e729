/* SPDX-License-Identifier: MIT */
#include "flows/revoke.h"

#include "oauth/revoke.h"

static a0_status
revoke(a0_client *client, const a0__tenant *tenant, const a0__secret *refresh_token,
       a0_error **err)
{
    A0_AUTO(a0__http_call) call = { 0 };
    a0__client_auth auth = a0__client_auth_now(client);
    a0_status status = A0_OK;

    A0_TRY(a0__revoke_request(&auth, tenant->metadata.revocation_endpoint,
                              a0__secret_expose(refresh_token), &call.request, err));
    A0_TRY(a0__http_send(
        (a0__http){ client->ports.transport, client->ports.transport_self }, &call, 1,
        A0__REVOKE_WITHIN_MS, err));
    if (call.response == NULL) {
        status = a0_error_status(call.error);
        a0__error_move(err, &call.error);
        return status;
    }
    return a0__revoke_response(call.response, err);
}

void
a0__revoke_best_effort(a0_client *client, const a0__tenant *tenant,
                       const a0__secret *refresh_token)
{
    A0_AUTO(a0__error_ptr) failure = NULL;

    if (a0__secret_is_set(refresh_token) &&
        revoke(client, tenant, refresh_token, &failure) != A0_OK) {
        a0__client_log_rejected(client, "logout.remote_failed", failure);
    }
}
