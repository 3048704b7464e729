/* SPDX-License-Identifier: MIT */
#include "access.h"

enum {
    AUDIENCE_MAX = 2048
};

static const a0__client_grant *
grant_of(const a0__tenant *tenant, const a0__client *client, const a0__api *api,
         const char *subject_type)
{
    const a0__table *table = &tenant->tables[A0__CLIENT_GRANTS];

    for (a0__client_grant *g = a0__table_first(table); g != NULL;
         g = a0__table_next(g)) {
        if (a0__text_is(a0__text_of(g->client_id), client->client_id) &&
            a0__text_is(a0__text_of(g->audience), api->identifier) &&
            a0__text_is(a0__text_of(g->subject_type), subject_type)) {
            return g;
        }
    }
    return NULL;
}

bool
a0__access_is_management(const a0__tenant *tenant, const a0__api *api)
{
    A0_AUTO(a0__buf) audience = A0__BUF_INIT(AUDIENCE_MAX);

    a0__buf_format(&audience, "%sapi/v2/", tenant->issuer);
    return a0__text_is(a0__buf_view(&audience), api->identifier);
}

bool
a0__access_for_user(const a0__tenant *tenant, const a0__client *client,
                    const a0__api *api)
{
    a0__text policy = a0__text_of(api->user_policy);

    return a0__text_is(policy, "allow_all") ||
           (a0__text_is(policy, "require_client_grant") &&
            grant_of(tenant, client, api, "user") != NULL);
}

/* read:current_user, update:current_user_identities: a person's token for the
 * Management API opens that person's profile and no more. */
static bool
is_about_oneself(a0__text scope)
{
    a0__text rest = scope;
    a0__text verb = A0__NO_TEXT;

    return a0__text_next(&rest, ':', &verb) &&
           a0__text_starts_with(rest, A0__LIT("current_user"));
}

bool
a0__access_has_scope(const a0__tenant *tenant, const a0__client *client,
                     const a0__api *api, a0__text scope)
{
    bool by_grant = a0__text_is(A0__LIT("require_client_grant"), api->user_policy);
    const a0__client_grant *grant = grant_of(tenant, client, api, "user");

    if (!a0__list_has(&api->scopes, scope) ||
        !a0__access_for_user(tenant, client, api) ||
        (by_grant && !a0__list_has(&grant->scope, scope))) {
        return false;
    }
    return !a0__access_is_management(tenant, api) || is_about_oneself(scope);
}

const a0__client_grant *
a0__access_for_client(const a0__tenant *tenant, const a0__client *client,
                      const a0__api *api)
{
    return a0__text_is(A0__LIT("deny_all"), api->client_policy)
               ? NULL
               : grant_of(tenant, client, api, "client");
}
