/* SPDX-License-Identifier: MIT */
/*
 * The Token Vault at the token endpoint: RFC 8693 with Auth0's grant and token types
 * for access tokens of federated connections.
 */
#ifndef A0_AUTH0_VAULT_H
#define A0_AUTH0_VAULT_H

#include "oauth/client_auth.h"
#include "oauth/token.h"

#define A0__VAULT_GRANT                                                                \
    "urn:auth0:params:oauth:grant-type:token-exchange:"                                \
    "federated-connection-access-token"
#define A0__VAULT_TOKEN_TYPE                                                           \
    "http://auth0.com/oauth/token-type/federated-connection-access-token"

typedef enum a0__vault_subject {
    A0__VAULT_REFRESH_TOKEN,
    A0__VAULT_ACCESS_TOKEN
} a0__vault_subject;

typedef struct a0__vault_wish {
    a0__vault_subject subject;
    a0__text subject_token;
    a0__text connection;
    a0__text login_hint; /* "" for none */
} a0__vault_wish;

A0_MUST_USE a0_status a0__vault_request(const a0__client_auth *auth,
                                        const char *token_endpoint,
                                        const a0__vault_wish *wish,
                                        a0__http_request *out, a0_error **err);

/*
 * The answer. A refresh token in it is nobody's business and stays in *out only for the
 * caller to report. Errors: the vault_* of <a0/vault.h> but vault_scope_missing, by the
 * `error` code alone [VAULT-04, VAULT-06].
 */
A0_MUST_USE a0_status a0__vault_response(const a0_http_response *response,
                                         int64_t wall_ms, a0__token_set *out,
                                         a0_error **err);

#endif
