/* SPDX-License-Identifier: MIT */
/*
 * The refresh token grant (wire §7): rotation with an overlap, reuse detection, and
 * multi-resource refresh tokens with their silent fallback.
 */
#include "access.h"
#include "authorization.h"
#include "refresh.h"
#include "token.h"

static a0_status
refuse_token(a0__exchange *x)
{
    return a0__refuse(x, 403, "invalid_grant", "Unknown or invalid refresh token.");
}

/* The settings of the client, or what the faults rt.* say in their place. */
static a0__rotation
rotation_of(a0__exchange *x, const a0__client *client, const a0__refresh_token *token)
{
    a0__rotation_facts facts = {
        .is_rotating = a0__client_rotates(x->tenant, client),
        .leeway = client->leeway,
        .rotated_at = token->rotated_at,
        .successor_was_used = token->successor_was_used,
        .now = x->now,
    };

    (void)a0__fault_take_number(&x->tenant->faults, "rt.leeway", &facts.leeway);
    return a0__rotation_decide(&facts);
}

static a0_status
refuse_reuse(a0__exchange *x, const a0__refresh_token *token)
{
    bool kills_family = true;

    (void)a0__fault_take_bool(&x->tenant->faults, "rt.reuse_kills_family",
                              &kills_family);
    if (kills_family) {
        a0__refresh_revoke(x->tenant, a0__text_of(token->family));
    }
    return refuse_token(x);
}

/* A successor, and the marks that tell later whether a token is of the past. */
static const char *
rotate(a0__exchange *x, a0__refresh_token *token)
{
    a0__refresh_token *parent = a0__table_get(&x->tenant->tables[A0__REFRESH_TOKENS],
                                              a0__text_of(token->parent));

    if (parent != NULL) {
        parent->successor_was_used = true;
        a0__table_touch(parent);
    }
    if (token->rotated_at == 0) {
        token->rotated_at = x->now;
    }
    a0__table_touch(token);
    return a0__refresh_add(x, token->family, token->token)->token;
}

/* Policies for what cannot be had that way are silently ignored. */
static const a0__refresh_policy *
policy_for(const a0__exchange *x, const a0__client *client, a0__text audience)
{
    const a0__api *api = a0__table_get(&x->tenant->tables[A0__APIS], audience);

    if (api == NULL || a0__access_is_management(x->tenant, api) ||
        !a0__access_for_user(x->tenant, client, api)) {
        return NULL;
    }
    for (size_t i = 0; i < client->refresh_policies.len; i++) {
        const a0__refresh_policy *policy =
            a0__records_at(&client->refresh_policies, &a0__refresh_policy_shape, i);

        if (a0__text_is(audience, policy->audience)) {
            return policy;
        }
    }
    return NULL;
}

static void
add_scope(a0__buf *scopes, a0__text scope)
{
    if (scope.len == 0 || a0__text_has_word(a0__buf_view(scopes), scope)) {
        return;
    }
    if (scopes->len > 0) {
        a0__buf_byte(scopes, ' ');
    }
    a0__buf_text(scopes, scope);
}

/* Of the original grant: everything, or what concerns the person alone. */
static void
add_original(a0__buf *scopes, const a0__refresh_family *family, bool everything)
{
    a0__text rest = a0__text_of(family->scope);
    a0__text scope = A0__NO_TEXT;

    while (a0__text_next(&rest, ' ', &scope)) {
        if (everything ||
            a0__text_has_word(A0__LIT("openid profile email offline_access"), scope)) {
            add_scope(scopes, scope);
        }
    }
}

static void
add_policy(const a0__exchange *x, const a0__client *client,
           const a0__refresh_policy *policy, a0__buf *scopes)
{
    const a0__api *api =
        a0__table_get(&x->tenant->tables[A0__APIS], a0__text_of(policy->audience));

    for (size_t i = 0; i < policy->scope.len; i++) {
        a0__text scope = a0__text_of(policy->scope.items[i]);

        if (a0__access_has_scope(x->tenant, client, api, scope)) {
            add_scope(scopes, scope);
        }
    }
}

/* Wire §7.4: which audience, and all that may be asked of it. An audience without a
 * policy is no error: the original one is answered. */
static const char *
resolve_audience(const a0__exchange *x, const a0__client *client,
                 const a0__refresh_family *family, a0__buf *out_allowed)
{
    const a0__refresh_policy *policy = policy_for(x, client, a0__param(x, "audience"));
    const char *audience = policy != NULL ? policy->audience : family->audience;

    if (policy == NULL) {
        policy = policy_for(x, client, a0__text_of(family->audience));
    }
    add_original(out_allowed, family,
                 a0__text_is(a0__text_of(audience), family->audience));
    if (policy != NULL) {
        add_policy(x, client, policy, out_allowed);
    }
    return audience;
}

/* `scope` selects; what is not allowed is dropped silently. */
static void
select_scope(a0__text asked, a0__text allowed, a0__buf *out)
{
    a0__text scope = A0__NO_TEXT;

    while (a0__text_next(&asked, ' ', &scope)) {
        if (a0__text_has_word(allowed, scope)) {
            add_scope(out, scope);
        }
    }
    if (out->len == 0) {
        a0__buf_text(out, allowed);
    }
}

a0_status
a0__grant_refresh_token(a0__exchange *x, a0__client *client)
{
    A0_AUTO(a0__buf) allowed = A0__BUF_INIT(A0__FORM_MAX);
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(A0__FORM_MAX);
    a0__text presented = a0__param(x, "refresh_token");
    a0__refresh_token *token =
        a0__table_get(&x->tenant->tables[A0__REFRESH_TOKENS], presented);
    const a0__refresh_family *family = a0__refresh_family_of(x->tenant, presented);
    a0__token_facts facts = { .client = client, .nonce = "", .gty = "refresh_token" };
    const char *successor = NULL;

    if (presented.len == 0) {
        return a0__refuse(x, 400, "invalid_request",
                          "Missing required parameter: refresh_token");
    }
    if (!a0__refresh_is_live(x, client, family, token)) {
        return refuse_token(x);
    }
    facts.user =
        a0__table_get(&x->tenant->tables[A0__USERS], a0__text_of(family->user_id));
    if (facts.user == NULL || a0__user_is_blocked(x->tenant, facts.user)) {
        return a0__refuse(x, 403, "invalid_grant", "user is blocked");
    }
    switch (rotation_of(x, client, token)) {
    case A0__REUSED:
        return refuse_reuse(x, token);
    case A0__ROTATE:
        successor = rotate(x, token);
        break;
    case A0__KEEP:
        token->active_at = x->now;
        a0__table_touch(token);
        break;
    }
    facts.audience = resolve_audience(x, client, family, &allowed);
    select_scope(a0__param(x, "scope"), a0__buf_view(&allowed), &scope);
    facts.scope = a0__buf_cstr(&scope);
    facts.sid = family->sid;
    facts.organization = family->organization;
    facts.auth_time = family->auth_time;
    return a0__token_answer(x, &facts, successor);
}
