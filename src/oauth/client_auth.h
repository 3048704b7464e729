/* SPDX-License-Identifier: MIT */
/*
 * Client authentication: RFC 6749 §2.3.1 (client_secret_post, client_secret_basic) and
 * RFC 7523 §2.2 (private_key_jwt). The audience of an assertion is the configured
 * issuer, never an endpoint out of metadata [AUTHZ-07].
 */
#ifndef A0_OAUTH_CLIENT_AUTH_H
#define A0_OAUTH_CLIENT_AUTH_H

#include <a0/sys/random.h>

#include "config/settings.h"
#include "http/http.h"

/*
 * With what a request authenticates. An assertion is for one attempt: build the request
 * anew for each, with the time of that attempt.
 */
typedef struct a0__client_auth {
    const a0__settings *settings;
    const a0_random *random;
    void *random_self;
    int64_t now; /* Unix seconds */
    /* As the application of the Management API, which may be one of its own. Then it
     * has a secret, whatever sign-ins authenticate with. */
    bool is_for_management;
} a0__client_auth;

enum {
    /* RFC 7523 §3: how long an assertion lives. Auth0 takes 5 minutes at most. */
    A0__ASSERTION_LIFETIME_S = 60
};

/*
 * Makes *out the POST of `form` to `endpoint` with the client's authentication in the
 * body or in the header, as configured. The form gains client_id unless it has one.
 */
A0_MUST_USE a0_status a0__client_auth_post(const a0__client_auth *auth,
                                           const char *endpoint, a0__form *form,
                                           a0__http_request *out, a0_error **err);

#endif
