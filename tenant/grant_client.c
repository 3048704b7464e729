/* SPDX-License-Identifier: MIT */
/* The client credentials grant: RFC 6749 §4.4, with Auth0's client grants. */
#include "access.h"
#include "token.h"

/* All that the grant gives, or the asked part of it; the rest is dropped silently. */
static void
select_scopes(const a0__client_grant *grant, a0__text asked, a0__buf *out)
{
    for (size_t i = 0; i < grant->scope.len; i++) {
        a0__text scope = a0__text_of(grant->scope.items[i]);

        if (asked.len > 0 && !a0__text_has_word(asked, scope)) {
            continue;
        }
        if (out->len > 0) {
            a0__buf_byte(out, ' ');
        }
        a0__buf_text(out, scope);
    }
}

static a0_status
find_grant(a0__exchange *x, const a0__client *client, a0__text audience,
           const a0__client_grant **out)
{
    A0_AUTO(a0__buf) shown = A0__BUF_INIT(A0__FORM_MAX);
    const a0__api *api = a0__table_get(&x->tenant->tables[A0__APIS], audience);

    if (audience.len == 0) {
        return a0__refuse(x, 403, "access_denied",
                          "No audience parameter was provided, and no default "
                          "audience has been configured");
    }
    a0__buf_text(&shown, audience);
    if (api == NULL) {
        return a0__refuse(x, 403, "access_denied", "Service not found: %.200s",
                          a0__buf_cstr(&shown));
    }
    *out = a0__access_for_client(x->tenant, client, api);
    if (*out == NULL) {
        return a0__refuse(x, 403, "access_denied",
                          "Client is not authorized to access \"%.200s\". You need to "
                          "create a \"client-grant\" associated to this API. See: "
                          "https://auth0.com/docs/api/v2#!/Client_Grants/"
                          "post_client_grants",
                          a0__buf_cstr(&shown));
    }
    return A0_OK;
}

a0_status
a0__grant_client_credentials(a0__exchange *x, a0__client *client)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(A0__FORM_MAX);
    a0__text audience = a0__param(x, "audience");
    a0__text wanted = a0__param(x, "organization");
    const a0__organization *organization = a0__tenant_organization(x->tenant, wanted);
    const a0__client_grant *grant = NULL;
    a0__token_facts facts = { .client = client, .gty = "client-credentials" };

    if (audience.len == 0) {
        audience = a0__text_of(a0__tenant_settings_of(x->tenant)->default_audience);
    }
    A0_TRY(find_grant(x, client, audience, &grant));
    if (wanted.len > 0 && organization == NULL) {
        return a0__refuse(x, 400, "invalid_request",
                          "parameter organization is invalid");
    }
    select_scopes(grant, a0__param(x, "scope"), &scope);
    facts.audience = grant->audience;
    facts.scope = a0__buf_cstr(&scope);
    facts.organization = organization != NULL ? organization->id : "";
    return a0__token_answer(x, &facts, NULL);
}
