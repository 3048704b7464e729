/* SPDX-License-Identifier: MIT */
/*
 * A session: what one browser is signed in as. The id is what a cookie carries; the
 * store keeps its hash and a sealed record.
 */
#ifndef A0_SESSION_H
#define A0_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/client.h>
#include <a0/token.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Length of a session id: 256 bits in base64url, without the final NUL. */
enum {
    A0_SESSION_ID_LEN = 43
};

/* One thread at a time. Strings it gives live until it is next used to change it. */
typedef struct a0_session a0_session;

/*
 * Opens the session of that id. With NULL, a malformed id, or one whose session has
 * ended, the session is anonymous; that is no error. Errors: store_* when the store
 * could not be asked (answer 503, never "signed out").
 */
A0_API A0_MUST_USE a0_status a0_session_open(a0_client *client, const char *id,
                                             a0_session **out_session, a0_error **err);
A0_API void a0_session_free(a0_session *session);

/*
 * The id to keep in the browser. It changes at every sign-in and sign-out; an
 * anonymous session needs its id kept only while a sign-in is open.
 */
A0_API const char *a0_session_id(const a0_session *session);

A0_API bool a0_session_is_signed_in(const a0_session *session);

/* When it ends unless it is used, and at the latest: Unix seconds, 0 if anonymous. */
A0_API int64_t a0_session_idle_expires_at(const a0_session *session);
A0_API int64_t a0_session_expires_at(const a0_session *session);

/* Auth0's id of the person (`sub`), or NULL when nobody is signed in. */
A0_API const char *a0_session_user_id(const a0_session *session);

/*
 * A text claim of the verified ID token, for example "email" or "name"; NULL when
 * nobody is signed in or the claim is absent. "email_verified" gives "true" or
 * "false".
 */
A0_API const char *a0_session_claim(const a0_session *session, const char *name);

/* All verified claims of the ID token as one JSON object, or NULL. */
A0_API const char *a0_session_userinfo(const a0_session *session);

/*
 * The refresh token of the session, a secret; it lives until the session is next used
 * to change it. Errors: session_missing, session_expired, refresh_token_missing,
 * store_*.
 */
A0_API A0_MUST_USE a0_status a0_session_refresh_token(a0_session *session,
                                                      const char **out_refresh_token,
                                                      a0_error **err);

typedef struct a0_access_token_options {
    size_t size;
    const char *audience; /* NULL: the default audience of the settings */
    const char *scope;    /* space-separated; NULL: the configured one */
} a0_access_token_options;

#define A0_ACCESS_TOKEN_OPTIONS_INIT                                                   \
    {                                                                                  \
        .size = sizeof(a0_access_token_options)                                        \
    }

/*
 * An access token for an API: the kept one while it is valid, else one refresh
 * (RFC 6749 §6, Auth0 multi-resource refresh), single-flight across threads and
 * processes that share the store. The token is the caller's. Errors: param_invalid,
 * session_missing, session_expired and session_invalid (it has ended meanwhile),
 * refresh_token_missing, refresh_rejected and refresh_identity_mismatch (sign in again;
 * the session has ended), mfa_required (sign in again; the session stays),
 * refresh_audience_mismatch, scope_insufficient, refresh_failed (Auth0's code says
 * why), refresh_unavailable and refresh_in_progress (try again later), token_*,
 * discovery_*, jwks_*, store_*.
 */
A0_API A0_MUST_USE a0_status
a0_session_access_token(a0_session *session, const a0_access_token_options *options,
                        a0_token **out_token, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
