/* SPDX-License-Identifier: MIT */
/* The Token Vault of the fake tenant. */
#ifndef A0_TESTS_FAKE_VAULT_H
#define A0_TESTS_FAKE_VAULT_H

#include "base/url.h"
#include "scripted_transport.h"

typedef struct fake_vault {
    const char *scope;
    const char *expires_in; /* raw JSON; NULL: absent */
    const char *type;       /* issued_token_type */
    const char *more;       /* raw members of the answer, or NULL */

    /* What is answered instead, for good (status 0: the normal answer). */
    int status;
    const char *body;

    /* What was seen. */
    unsigned exchanges;
    char subject_token[2048];
    char subject_token_type[128];
    char connection[256];
    char login_hint[256];
} fake_vault;

#define FAKE_VAULT_INIT                                                                \
    ((fake_vault){                                                                     \
        .scope = "openid email https://www.googleapis.com/auth/calendar.readonly",     \
        .expires_in = "3377",                                                          \
        .type =                                                                        \
            "http://auth0.com/oauth/token-type/federated-connection-access-token" })

/* The answer to an exchange; the n-th token of all is "pt-canary-n". */
void fake_vault_exchange(fake_vault *vault, const a0__params *form,
                         a0_http_exchange *exchange);

#endif
