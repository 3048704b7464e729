/* SPDX-License-Identifier: MIT */
/*
 * Signing out: what this library keeps goes first and always, then the refresh token is
 * revoked if the settings want it, then the browser is sent to Auth0 (/v2/logout, or
 * RP-Initiated Logout 1.0 §2).
 */
#include <a0/login.h>

#include <string.h>

#include "flows/session_drop.h"
#include "oidc/logout.h"

enum {
    STATE_OCTETS = 16
};

static a0_status
make_url(a0_session *session, const a0_logout_options *options,
         const char *end_session_endpoint, a0_error **err)
{
    A0_AUTO(a0__secret) state = A0__SECRET_INIT;
    a0__logout_input input = {
        .return_to = options->return_to,
        .federated = options->federated,
        .id_token_hint = session->record.id_token,
        .logout_hint = session->record.sid,
    };

    /* LOUT-05: nothing hangs on the state, so that a sign-out never fails for it. */
    if (session->client->settings->logout_endpoint_oidc &&
        a0__client_random(session->client, STATE_OCTETS, &state, NULL) == A0_OK) {
        input.state = a0__secret_expose(&state);
    }
    a0__buf_reset(&session->url);
    return a0__logout_url(session->client->settings, end_session_endpoint, &input,
                          &session->url, err);
}

/* /v2/logout stands at a fixed address: nobody who signs out there waits for discovery.
 */
static bool
needs_tenant(const a0_client *client, const a0__revocation *revocation)
{
    return client->settings->logout_endpoint_oidc ||
           a0__secret_is_set(&revocation->refresh_token);
}

a0_status
a0_logout(a0_session *session, const a0_logout_options *options, const char **out_url,
          a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__revocation) revocation = A0__REVOCATION_INIT;
    A0_AUTO(a0__secret) id = A0__SECRET_INIT;
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    a0_logout_options given = A0_LOGOUT_OPTIONS_INIT;
    char key[A0__ROW_KEY_LEN + 1];
    a0_status status = A0_OK;

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    A0_TRY(a0__session_id_new(client, &id, key, err));
    if (session->is_signed_in) {
        A0_TRY(a0__session_drop_rows(session, client->settings->revoke_on_logout,
                                     &revocation, err));
    }
    if (needs_tenant(client, &revocation)) {
        a0__revocation_try_at_logout(client, &revocation, &tenant);
    }
    status =
        make_url(session, &given,
                 tenant != NULL ? tenant->metadata.end_session_endpoint : NULL, err);
    a0__session_forget(session);
    a0__session_rename(session, &id, key);
    A0_TRY(status);
    *out_url = a0__buf_cstr(&session->url);
    return A0_OK;
}
