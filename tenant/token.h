/* SPDX-License-Identifier: MIT */
/* POST /oauth/token (wire §6, §7): one function per grant. */
#ifndef A0_TENANT_TOKEN_H
#define A0_TENANT_TOKEN_H

#include "exchange.h"
#include "tokens.h"

A0_MUST_USE a0_status a0__token(a0__exchange *x);

A0_MUST_USE a0_status a0__grant_authorization_code(a0__exchange *x, a0__client *client);
A0_MUST_USE a0_status a0__grant_refresh_token(a0__exchange *x, a0__client *client);
A0_MUST_USE a0_status a0__grant_client_credentials(a0__exchange *x, a0__client *client);
A0_MUST_USE a0_status a0__grant_vault(a0__exchange *x, a0__client *client);

#define A0__GRANT_VAULT                                                                \
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-"    \
    "token"

/* Writes the answer of wire §6; refresh_token may be NULL. */
A0_MUST_USE a0_status a0__token_answer(a0__exchange *x, const a0__token_facts *facts,
                                       const char *refresh_token);

#endif
