/* SPDX-License-Identifier: MIT */
/*
 * Connected accounts: a signed-in person lets the application use their account at
 * another provider (Auth0's My Account API). The tokens are then in the Token Vault.
 */
#ifndef A0_CONNECT_H
#define A0_CONNECT_H

#include <a0/login.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct a0_connect_options {
    size_t size;
    /* Space-separated; asked for beside the custom_scopes of the connection. */
    const char *scope;
    /* "login_hint", "prompt" and "ui_locales"; any other is param_forbidden. */
    const a0_param *params;
    size_t params_len;
    /* Given back by a0_connect_answer_return_to; the caller validates it. */
    const char *return_to;
} a0_connect_options;

#define A0_CONNECT_OPTIONS_INIT                                                        \
    {                                                                                  \
        .size = sizeof(a0_connect_options)                                             \
    }

/*
 * Begins to connect an account of that connection to the person of the session and
 * gives the address to send the browser to; it lives until the session is next used.
 * With no scope configured or given, those of the tenant count. Errors: param_invalid,
 * param_forbidden, connect_*, http_*, and those of a0_session_access_token, with which
 * the token of the My Account API is obtained.
 */
A0_API A0_MUST_USE a0_status a0_connect_start(a0_session *session,
                                              const char *connection,
                                              const char *redirect_uri,
                                              const a0_connect_options *options,
                                              const char **out_url, a0_error **err);

/* What Auth0 answered. Owned by the caller. */
typedef struct a0_connect_answer a0_connect_answer;
A0_API void a0_connect_answer_free(a0_connect_answer *answer);
/* JSON: the connected account as an object, or a list as an array. */
A0_API const char *a0_connect_answer_json(const a0_connect_answer *answer);
/* After a0_connect_complete; NULL when none was given at the start. */
A0_API const char *a0_connect_answer_return_to(const a0_connect_answer *answer);

/*
 * Completes it from the URL (or just the query) with which the browser came back. Only
 * the session and the person that began may complete. The provider is then asked whose
 * account it is; what fails of that is in the log (connect.identity_unknown), and the
 * account is connected all the same. Errors: callback_*,
 * connect_user_mismatch, connect_response_invalid, connect_api_error (with
 * a0_error_problem), http_*, and those of a0_session_access_token.
 */
A0_API A0_MUST_USE a0_status a0_connect_complete(a0_session *session,
                                                 const char *callback_url,
                                                 a0_connect_answer **out_answer,
                                                 a0_error **err);

/* All connected accounts of the person, however many pages; the local records follow
 * the list. To what Auth0 says of an account the answer adds `provider`, `subject` (the
 * person's id there, which a0_vault_options takes as login_hint) and `email` of the
 * account at its provider, null when not known, `email_verified` and
 * `is_account_linked`. Errors: connect_list_incomplete, and as above. */
A0_API A0_MUST_USE a0_status a0_connect_list(a0_session *session,
                                             a0_connect_answer **out_answer,
                                             a0_error **err);

/* All connections of which an account can be connected. */
A0_API A0_MUST_USE a0_status a0_connect_connections(a0_session *session,
                                                    a0_connect_answer **out_answer,
                                                    a0_error **err);

/* Removes a connected account of the person at Auth0, then here; one that is gone
 * already counts as removed. */
A0_API A0_MUST_USE a0_status a0_connect_delete(a0_session *session,
                                               const char *connected_account_id,
                                               a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
