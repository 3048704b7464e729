/* SPDX-License-Identifier: MIT */
/*
 * One exchange at the Token Vault, of a session's token or of one that a caller brings;
 * nothing is kept. Whatever Auth0 answers, the session stays as it is [VAULT-06].
 */
#ifndef A0_FLOWS_VAULT_EXCHANGE_H
#define A0_FLOWS_VAULT_EXCHANGE_H

#include "auth0/vault.h"
#include "flows/session.h"

typedef struct a0__vault_exchange {
    a0_client *client;
    a0_session *session;    /* NULL: the caller brought the token */
    a0__text refresh_token; /* that token */
    a0__text connection;
    a0__text login_hint; /* "": none */

    /* Whether another has obtained what is wanted, while this waited for its turn on
     * the session's refresh token. NULL: it is not shared. */
    a0_status (*look)(void *self, bool *out_done, a0_error **err);
    void *self;

    a0__token_set tokens; /* what was obtained; empty when `look` has found it */
} a0__vault_exchange;

void a0__vault_exchange_clear(a0__vault_exchange *exchange);
void a0__vault_exchange_auto(a0__vault_exchange *exchange);

/* Errors: vault_* but vault_scope_missing, vault_account_ambiguous and
 * vault_connection_forbidden; session_invalid, refresh_*, store_*. */
A0_MUST_USE a0_status a0__vault_exchange_run(a0__vault_exchange *exchange,
                                             a0_error **err);

#endif
