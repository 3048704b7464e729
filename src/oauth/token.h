/* SPDX-License-Identifier: MIT */
/* The token endpoint: RFC 6749 §4.1.3 (request), §5.1 (answer), §5.2 (error). */
#ifndef A0_OAUTH_TOKEN_H
#define A0_OAUTH_TOKEN_H

#include <a0/sys/transport.h>

#include "oauth/client_auth.h"
#include "json/json.h"

enum {
    A0__TOKEN_LIFETIME_UNKNOWN_S = 300,   /* expires_in is absent [TOK-03] */
    A0__TOKEN_LIFETIME_MAX_S = 30 * 86400 /* a longer one is cut to this */
};

/* token_type is always Bearer: no other one gets this far [TOK-04]. */
#define A0__TOKEN_TYPE "Bearer"

typedef struct a0__token_set {
    a0__secret access_token;
    a0__secret id_token;      /* unset: none was sent */
    a0__secret refresh_token; /* unset: none was sent */
    char *scope;              /* as granted, never NULL; what was asked if not said */
    bool scope_is_stated;     /* whether the answer had a `scope` */
    int64_t expires_in;       /* seconds; 1 or more */
    bool lifetime_is_stated;  /* whether the answer had an `expires_in` */
} a0__token_set;

#define A0__TOKEN_SET_INIT ((a0__token_set){ 0 })

void a0__token_set_clear(a0__token_set *tokens);
void a0__token_set_auto(a0__token_set *tokens);

/* §4.1.3 with RFC 7636 §4.5; redirect_uri is the one of the transaction. */
A0_MUST_USE a0_status a0__token_request_code(const a0__client_auth *auth,
                                             const char *token_endpoint, a0__text code,
                                             a0__text redirect_uri,
                                             a0__text code_verifier,
                                             a0__http_request *out, a0_error **err);

/*
 * The answer to that, which must bring an ID token. `scope` is what was asked for.
 * Errors: token_http_error (with the peer's status and code), token_response_invalid,
 * token_type_invalid.
 */
A0_MUST_USE a0_status a0__token_response_code(const a0_http_response *response,
                                              a0__text scope, a0__token_set *out,
                                              a0_error **err);

/* §5.1, for an answer of status 200: every grant reads with this. */
A0_MUST_USE a0_status a0__token_response_read(const a0_http_response *response,
                                              a0__text scope, a0__token_set *out,
                                              a0_error **err);
/* The same for the document alone, and for the body. */
A0_MUST_USE a0_status a0__token_set_of(const a0__json *document, a0__text scope,
                                       a0__token_set *out, a0_error **err);
A0_MUST_USE a0_status a0__token_set_read(a0__text body, a0__text scope,
                                         a0__token_set *out, a0_error **err);

#endif
