/* SPDX-License-Identifier: MIT */
/* Pushed Authorization Requests, RFC 9126. */
#ifndef A0_OAUTH_PAR_H
#define A0_OAUTH_PAR_H

#include <a0/sys/transport.h>

#include "oauth/client_auth.h"

enum {
    A0__REQUEST_URI_MAX = 512
};

/* §2.2 */
typedef struct a0__par_answer {
    char *request_uri;
    int64_t expires_in; /* seconds; more than 0 */
} a0__par_answer;

void a0__par_answer_clear(a0__par_answer *answer);
void a0__par_answer_auto(a0__par_answer *answer);

/* §2.1: `authorization` is the form of a0__authorization_request; it gains the client's
 * authentication. */
A0_MUST_USE a0_status a0__par_request(const a0__client_auth *auth,
                                      const char *par_endpoint, a0__form *authorization,
                                      a0__http_request *out, a0_error **err);

/* §2.2, §2.3. Errors: par_failed (an error status), par_response_invalid [AUTHZ-06]. */
A0_MUST_USE a0_status a0__par_response(const a0_http_response *response,
                                       a0__par_answer *out, a0_error **err);

#endif
