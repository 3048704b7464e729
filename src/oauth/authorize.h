/* SPDX-License-Identifier: MIT */
/*
 * The authorization request: RFC 6749 §4.1.1, OIDC Core §3.1.2.1, RFC 7636 §4.3. The
 * parameters are made once; they go into the URL of /authorize or to /oauth/par.
 */
#ifndef A0_OAUTH_AUTHORIZE_H
#define A0_OAUTH_AUTHORIZE_H

#include <a0/login.h>

#include "base/url.h"
#include "config/settings.h"

enum {
    /* Auth0 takes 10 KB at /oauth/par. */
    A0__AUTHORIZATION_MAX = 10240,
    A0__REDIRECT_URI_MAX = 2048
};

/* What the caller of a sign-in brings. All borrowed. */
typedef struct a0__authorization_input {
    const char *redirect_uri;
    const a0__secret *state;
    const a0__secret *nonce;
    const a0__secret *code_verifier;
    /* They win over the configured defaults. A value that is NULL or empty leaves the
     * parameter out (RFC 6749 §3.1). */
    const a0_param *params;
    size_t params_len;
} a0__authorization_input;

/* The request, and what its answer will have to satisfy [AUTHZ-10]. */
typedef struct a0__authorization {
    a0__form form;      /* the parameters, in the order of contract §1 */
    char *audience;     /* asked for; NULL: none */
    char *scope;        /* asked for; never NULL, always has "openid" */
    char *connection;   /* NULL: none named */
    char *organization; /* NULL: none asked */
    char *acr_values;   /* NULL: none asked */
    int64_t max_age;    /* seconds; -1: none asked */
} a0__authorization;

#define A0__AUTHORIZATION_INIT                                                         \
    ((a0__authorization){ .form = A0__FORM_INIT(A0__AUTHORIZATION_MAX), .max_age = -1 })

void a0__authorization_clear(a0__authorization *authorization);
void a0__authorization_auto(a0__authorization *authorization);

/* Errors: param_invalid and param_forbidden (about the parameter), no_memory. */
A0_MUST_USE a0_status a0__authorization_request(const a0__settings *settings,
                                                const a0__authorization_input *input,
                                                a0__authorization *out, a0_error **err);

/* Appends the URL to send the browser to. */
A0_MUST_USE a0_status a0__authorization_url(const char *authorization_endpoint,
                                            const a0__form *form, a0__buf *out_url,
                                            a0_error **err);

/* RFC 9126 §4: the same after a pushed request: client_id and request_uri, no more. */
A0_MUST_USE a0_status a0__authorization_url_pushed(const char *authorization_endpoint,
                                                   const char *client_id,
                                                   const char *request_uri,
                                                   a0__buf *out_url, a0_error **err);

/* Absolute, https or http for a loopback host, no fragment, no userinfo; else
 * param_invalid about "redirect_uri" [AUTHZ-04]. */
A0_MUST_USE a0_status a0__redirect_uri_check(const char *redirect_uri, a0_error **err);

#endif
