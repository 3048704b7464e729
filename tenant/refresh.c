/* SPDX-License-Identifier: MIT */
#include "refresh.h"

a0__rotation
a0__rotation_decide(const a0__rotation_facts *facts)
{
    if (!facts->is_rotating) {
        return A0__KEEP;
    }
    if (facts->rotated_at == 0) {
        return A0__ROTATE;
    }
    if (!facts->successor_was_used && facts->leeway > 0 &&
        facts->now <= facts->rotated_at + facts->leeway) {
        return A0__ROTATE;
    }
    return A0__REUSED;
}

a0__refresh_token *
a0__refresh_add(a0__exchange *x, const char *family, const char *parent)
{
    a0__table *table = &x->tenant->tables[A0__REFRESH_TOKENS];
    a0__refresh_token *token = a0__row_new(table);

    a0__free(token->token);
    token->token = a0__tenant_new_id("v1.");
    a0__keep_in(&token->family, a0__text_of(family));
    a0__keep_in(&token->parent, a0__text_of(parent));
    token->active_at = x->now;
    a0__table_put(table, token);
    return token;
}

const char *
a0__refresh_begin(a0__exchange *x, const a0__client *client,
                  const a0__authorization *code, const char *scope, int64_t auth_time,
                  char **out_family)
{
    a0__table *table = &x->tenant->tables[A0__REFRESH_FAMILIES];
    a0__refresh_family *family = a0__row_new(table);

    a0__free(family->id);
    family->id = a0__tenant_new_id("rtf_");
    a0__keep_in(&family->client_id, a0__text_of(client->client_id));
    a0__keep_in(&family->user_id, a0__text_of(code->user_id));
    a0__keep_in(&family->audience, a0__text_of(code->audience));
    a0__keep_in(&family->scope, a0__text_of(scope));
    a0__keep_in(&family->sid, a0__text_of(code->sid));
    a0__keep_in(&family->organization, a0__text_of(code->organization));
    family->auth_time = auth_time;
    family->expires_at = x->now + client->token_lifetime;
    a0__table_put(table, family);
    a0__keep_in(out_family, a0__text_of(family->id));
    return a0__refresh_add(x, family->id, "")->token;
}

a0__refresh_family *
a0__refresh_family_of(const a0__tenant *tenant, a0__text token)
{
    const a0__refresh_token *row =
        a0__table_get(&tenant->tables[A0__REFRESH_TOKENS], token);

    return row == NULL ? NULL
                       : a0__table_get(&tenant->tables[A0__REFRESH_FAMILIES],
                                       a0__text_of(row->family));
}

void
a0__refresh_revoke(a0__tenant *tenant, a0__text family_id)
{
    a0__refresh_family *family =
        a0__table_get(&tenant->tables[A0__REFRESH_FAMILIES], family_id);

    if (family != NULL) {
        family->is_revoked = true;
        a0__table_touch(family);
    }
}

bool
a0__refresh_is_live(const a0__exchange *x, const a0__client *client,
                    const a0__refresh_family *family, const a0__refresh_token *token)
{
    return family != NULL &&
           a0__text_is(a0__text_of(family->client_id), client->client_id) &&
           !family->is_revoked && x->now < family->expires_at &&
           x->now < token->active_at + client->idle_token_lifetime;
}

bool
a0__client_rotates(a0__tenant *tenant, const a0__client *client)
{
    bool rotates = a0__text_is(A0__LIT("rotating"), client->rotation_type);

    (void)a0__fault_take_bool(&tenant->faults, "rt.rotation", &rotates);
    return rotates;
}
