/* SPDX-License-Identifier: MIT */
#include "vault_worker.h"

#include "assertion.h"

enum {
    /* Wire §20.2 */
    AUDIT_CONTEXT_MAX = 256,
    GRANTS_MAX = 5,
    SCOPES_MAX = 20,
    ADDRESSES_MAX = 10
};

static bool
comes_from_listed_address(const a0__exchange *x, const a0__client *client)
{
    const a0__list *list = &client->token_vault_ip_allowlist;

    for (size_t i = 0; i < list->len; i++) {
        a0__network network;

        if (a0__network_parse(a0__text_of(list->items[i]), &network) &&
            a0__network_contains(&network, &x->request->peer)) {
            return true;
        }
    }
    return list->len == 0;
}

static a0_status
check_application(a0__exchange *x, const a0__client *client)
{
    if (!a0__text_is(A0__LIT("private_key_jwt"), client->token_endpoint_auth_method) ||
        client->token_vault_grants.len == 0) {
        return a0__refuse(x, 403, "unauthorized_client",
                          "The client has no privileged access to Token Vault");
    }
    if (!comes_from_listed_address(x, client)) {
        return a0__refuse(x, 403, "access_denied",
                          "The address is not in the allowlist of the client");
    }
    return A0_OK;
}

static a0_status
check_organization(a0__exchange *x, const a0__json *claims, const a0__user *user)
{
    a0__text id = A0__NO_TEXT;
    a0__found found = a0__json_text(claims, "org_id", &id);
    const a0__organization *organization =
        a0__table_get(&x->tenant->tables[A0__ORGANIZATIONS], id);

    return found == A0__ABSENT ||
                   (organization != NULL &&
                    a0__list_has(&organization->members, a0__text_of(user->user_id)))
               ? A0_OK
               : a0__refuse(x, 403, "access_denied",
                            "user is not a member of the organization");
}

a0_status
a0__vault_worker_user(a0__exchange *x, const a0__client *client,
                      const a0__user **out_user)
{
    static const char *const types[] = { "token-vault-req+jwt", NULL };
    static const a0__assertion_rules rules = { .types = types };
    A0_AUTO(a0__json_doc) claims = NULL;
    const char *fault = NULL;
    a0__text audit = A0__NO_TEXT;
    int64_t iat = 0;

    A0_TRY(check_application(x, client));
    fault =
        a0__assertion_take(x, client, a0__param(x, "subject_token"), &rules, &claims);
    if (fault != NULL) {
        return a0__refuse(x, 403, "invalid_grant", "subject_token: %s", fault);
    }
    audit = a0__json_text_of_member(claims, "audit_context");
    if (audit.len == 0 || audit.len > AUDIT_CONTEXT_MAX ||
        a0__json_i64(claims, "iat", &iat) != A0__FOUND) {
        return a0__refuse(x, 400, "invalid_request",
                          "subject_token: iat, and audit_context of 1 to 256 "
                          "characters, are required");
    }
    *out_user = a0__table_get(&x->tenant->tables[A0__USERS],
                              a0__json_text_of_member(claims, "sub"));
    if (*out_user == NULL) {
        return a0__refuse(x, 403, "invalid_grant", "subject_token: sub is nobody");
    }
    return check_organization(x, claims, *out_user);
}

static const a0__vault_grant *
grant_at(const a0__client *client, size_t i)
{
    return a0__records_at(&client->token_vault_grants, &a0__vault_grant_shape, i);
}

bool
a0__vault_worker_may(const a0__client *client, const a0__connected_account *account)
{
    const a0__vault_grant *grant = NULL;

    for (size_t i = 0; i < client->token_vault_grants.len; i++) {
        if (a0__text_is(a0__text_of(account->connection),
                        grant_at(client, i)->connection)) {
            grant = grant_at(client, i);
        }
    }
    for (size_t i = 0; grant != NULL && i < account->scopes.len; i++) {
        if (!a0__list_has(&grant->scopes, a0__text_of(account->scopes.items[i]))) {
            return false;
        }
    }
    return grant != NULL;
}

const char *
a0__vault_worker_fault(const a0__client *client)
{
    const a0__list *addresses = &client->token_vault_ip_allowlist;
    size_t scopes = 0;

    for (size_t i = 0; i < client->token_vault_grants.len; i++) {
        scopes += grant_at(client, i)->scopes.len;
    }
    if (client->token_vault_grants.len > GRANTS_MAX || scopes > SCOPES_MAX) {
        return "clients: token_vault_grants are for 5 connections and 20 scopes at "
               "most";
    }
    if (addresses->len > ADDRESSES_MAX) {
        return "clients: token_vault_ip_allowlist has 10 entries at most";
    }
    for (size_t i = 0; i < addresses->len; i++) {
        a0__network network;

        if (!a0__network_parse(a0__text_of(addresses->items[i]), &network)) {
            return "clients: token_vault_ip_allowlist is of addresses, or of networks "
                   "such as 10.0.0.0/8";
        }
    }
    return NULL;
}
