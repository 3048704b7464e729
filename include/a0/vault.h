/* SPDX-License-Identifier: MIT */
/*
 * Token Vault: an access token of the provider whose account the person has connected,
 * for calling that provider's API on their behalf.
 */
#ifndef A0_VAULT_H
#define A0_VAULT_H

#include <stdbool.h>

#include <a0/session.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct a0_vault_options {
    size_t size;
    /* Which of several accounts of the connection: the person's id at the provider.
     * NULL: the only one. "" is param_invalid. */
    const char *login_hint;
    /* What the token must be good for, space-separated; NULL: whatever was granted. */
    const char *scope;
    /* Only for a connection of which the person is known to have an account connected:
     * for callers whose users name the connection. Not for a0_vault_token. */
    bool only_connected;
} a0_vault_options;

#define A0_VAULT_OPTIONS_INIT                                                          \
    {                                                                                  \
        .size = sizeof(a0_vault_options)                                               \
    }

/*
 * The provider's access token for the person of this session. One that is kept is given
 * without a request until shortly before it expires; else one exchange, single-flight.
 * The scope of the token is what the provider granted; a0_token_expires_at is 0 when
 * Auth0 did not say. No error of these ends the session:
 *
 *     vault_token_not_found, vault_reconnect  connect the account (again)
 *     vault_scope_missing                     connect with a0_error_missing_scopes
 *     vault_mfa_required                      the tenant's MFA policy is in the way
 *     vault_grant_disabled                    enable the grant for the application
 *     vault_account_ambiguous                 several accounts: give a login_hint
 *     vault_connection_forbidden              none connected, and only_connected is set
 *     vault_login_required                    sign in again
 *     vault_unavailable, vault_response_invalid
 *
 * and param_invalid, session_missing, session_invalid, refresh_*, discovery_*, jwks_*,
 * store_*; with vault_subject access_token also what a0_session_access_token fails
 * with.
 */
A0_API A0_MUST_USE a0_status a0_vault_token_for_session(a0_session *session,
                                                        const char *connection,
                                                        const a0_vault_options *options,
                                                        a0_token **out_token,
                                                        a0_error **err);

/*
 * The same for a refresh token of Auth0 that the caller keeps, for work without a
 * browser. What is kept of it is never shared with a session, and is forgotten with
 * what is kept for the person, if the token is one that stands here for somebody.
 */
A0_API A0_MUST_USE a0_status a0_vault_token(a0_client *client,
                                            const char *refresh_token,
                                            const char *connection,
                                            const a0_vault_options *options,
                                            a0_token **out_token, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
