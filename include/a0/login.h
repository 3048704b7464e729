/* SPDX-License-Identifier: MIT */
/*
 * Signing in and out: OpenID Connect Core §3.1 (authorization code) with PKCE
 * (RFC 7636), PAR (RFC 9126), RP-initiated logout. One thread at a time uses a session;
 * sessions of one client may be used at once.
 */
#ifndef A0_LOGIN_H
#define A0_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An authorization parameter: "connection" = "google-oauth2". */
typedef struct a0_param {
    const char *name;
    const char *value;
} a0_param;

typedef struct a0_login_options {
    size_t size;
    /* They win over the configured defaults; the ones that carry security can not be
     * named (param_forbidden). */
    const a0_param *params;
    size_t params_len;
    /* Where the application goes afterwards; kept in the transaction, given back by
     * a0_login_return_to. The caller validates it. At most 2048 bytes. */
    const char *return_to;
    /* The id of what a0_link_pending tells of and this sign-in is to confirm, from the
     * page that asked; with another one, or for another connection, the call fails.
     * "": it confirms nothing, as where anybody may have chosen the parameters. NULL:
     * it confirms what waits, if that is for its connection. */
    const char *link_id;
} a0_login_options;

#define A0_LOGIN_OPTIONS_INIT                                                          \
    {                                                                                  \
        .size = sizeof(a0_login_options)                                               \
    }

/*
 * Opens a sign-in: stores the transaction and gives the /authorize URL to send the
 * browser to. redirect_uri is absolute (https, or http for a loopback host), without
 * fragment. *out_url lives until the session is next used. With the connection of what
 * a0_link_pending tells of, the sign-in is its confirmation, and `prompt`, `max_age`
 * and `organization` are set here, whatever the caller says. Errors: param_invalid,
 * param_forbidden, link_pending_invalid, par_failed, par_response_invalid, discovery_*,
 * rng_failure, store_*.
 */
A0_API A0_MUST_USE a0_status a0_login_start(a0_session *session,
                                            const char *redirect_uri,
                                            const a0_login_options *options,
                                            const char **out_url, a0_error **err);

/* What the transaction of a callback was opened for, and so which call completes it. */
typedef enum a0_callback_purpose {
    A0_CALLBACK_LOGIN = 1,  /* a0_login_complete */
    A0_CALLBACK_CONNECT = 2 /* a0_connect_complete */
} a0_callback_purpose;

/*
 * For one address that takes several kinds of callback: what the transaction is for
 * that the `state` of the URL (or just the query) names. Nothing else in the query has
 * a say, and nothing is changed. Errors: callback_state_missing,
 * callback_state_unknown, callback_state_mismatch, callback_duplicate_param,
 * callback_malformed, store_*.
 */
A0_API A0_MUST_USE a0_status a0_callback_purpose_of(a0_session *session,
                                                    const char *callback_url,
                                                    a0_callback_purpose *out_purpose,
                                                    a0_error **err);

/* What a completed sign-in gave. Owned by the caller; wiped when freed. */
typedef struct a0_login a0_login;

typedef struct a0_login_complete_options {
    size_t size;
    /* The session that this sign-in takes the place of when it is another one than
     * the session that started it (one cookie per sign-in); it is ended in the same
     * step. NULL: none. */
    a0_session *replaces;
} a0_login_complete_options;

#define A0_LOGIN_COMPLETE_OPTIONS_INIT                                                 \
    {                                                                                  \
        .size = sizeof(a0_login_complete_options)                                      \
    }

/*
 * Completes a sign-in from the URL (or just the query) with which the browser came
 * back: checks `state`, `error`, `iss`, exchanges the code, verifies the ID token,
 * and turns `session` into the signed-in session under a new id. On failure the
 * session is as it was. Errors: callback_*, token_*, idt_*, jwt_*, jwks_*, http_*,
 * discovery_*, store_*, session_revoked.
 */
A0_API A0_MUST_USE a0_status a0_login_complete(a0_session *session,
                                               const char *callback_url,
                                               const a0_login_complete_options *options,
                                               a0_login **out_login, a0_error **err);

A0_API void a0_login_free(a0_login *login);

/* Getters live as long as the object; NULL for what Auth0 did not send. */
A0_API const char *a0_login_access_token(const a0_login *login);
A0_API const char *a0_login_id_token(const a0_login *login);
A0_API const char *a0_login_refresh_token(const a0_login *login);
A0_API const char *a0_login_token_type(const a0_login *login);
A0_API const char *a0_login_scope(const a0_login *login);
A0_API const char *a0_login_userinfo(const a0_login *login); /* JSON object */
A0_API const char *a0_login_return_to(const a0_login *login);
/* True when this browser had completed this very callback before (reload, double
 * click): the session stands as it was, only the return target is given. */
A0_API bool a0_login_was_completed(const a0_login *login);
A0_API int64_t a0_login_expires_in(const a0_login *login); /* seconds */
A0_API int64_t a0_login_expires_at(const a0_login *login); /* Unix seconds */

/* A sign-in that another library made and has kept. */
typedef struct a0_former_login {
    size_t size;
    const char *refresh_token; /* a secret */
    const char *user_id;       /* whose it is said to be */
    int64_t signed_in_at;      /* Unix seconds */
} a0_former_login;

#define A0_FORMER_LOGIN_INIT                                                           \
    {                                                                                  \
        .size = sizeof(a0_former_login)                                                \
    }

/*
 * Makes a session of such a sign-in. Nothing that was kept is believed: the token is
 * refreshed once, the ID token that comes back is verified and must name user_id, and
 * the claims of the session are those; it can not confirm a link. It ends
 * session_lifetime after signed_in_at.
 *
 * The session is anonymous, and keeps the id that it was opened with: one that cannot
 * be guessed and that the caller derives from what was kept, so that requests at the
 * same time get one session and ask Auth0 once. An id serves once: what has ended does
 * not come back. Errors: param_invalid, session_expired (signed in too long ago),
 * session_invalid (the id has served), session_revoked, refresh_rejected and the others
 * of a0_session_access_token, idt_*, jwt_*, jwks_*, discovery_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_login_adopt(a0_session *session,
                                            const a0_former_login *former,
                                            a0_error **err);

typedef struct a0_logout_options {
    size_t size;
    const char *return_to; /* absolute, registered at Auth0; NULL: parameter left out */
    bool federated;        /* also sign out at the identity provider */
} a0_logout_options;

#define A0_LOGOUT_OPTIONS_INIT                                                         \
    {                                                                                  \
        .size = sizeof(a0_logout_options)                                              \
    }

/*
 * Ends what this library keeps for the session, first and always, then (with
 * revoke_on_logout) revokes its refresh token within 3 seconds, or else by later calls
 * of a0_client_sweep, and gives the logout URL of Auth0 to send the browser to. The
 * session is anonymous afterwards, under a new id. Errors: store_* (the session may
 * then still stand).
 */
A0_API A0_MUST_USE a0_status a0_logout(a0_session *session,
                                       const a0_logout_options *options,
                                       const char **out_url, a0_error **err);

/*
 * Ends the sessions that a logout token of Auth0 names (OpenID Connect Back-Channel
 * Logout 1.0): those of its `sid`, or all of its `sub`; for every process that shares
 * the store. To be called with what was posted as `logout_token` to an address that
 * needs no other proof. Refresh tokens of those sessions are forgotten, not revoked.
 * out_ended (may be NULL) is how many there were; none is A0_OK. Errors:
 * logout_token_invalid, logout_token_replayed (answer both with 400), discovery_*,
 * jwks_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_logout_backchannel(a0_client *client,
                                                   const char *logout_token,
                                                   size_t *out_ended, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
