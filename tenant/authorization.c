/* SPDX-License-Identifier: MIT */
#include "authorization.h"

#include <string.h>

#include "access.h"

enum {
    STATE_MAX = 4096,
    MAX_AGE_MAX = INT32_MAX
};

static const a0__refusal acceptable = { NULL, NULL, false };

static a0__refusal
on_page(const char *error, const char *description)
{
    return (a0__refusal){ error, description, true };
}

static a0__refusal
to_client(const char *error, const char *description)
{
    return (a0__refusal){ error, description, false };
}

static a0__text
host_and_rest(a0__text url, a0__text *out_scheme)
{
    for (size_t i = 0; i + 3 <= url.len; i++) {
        if (a0__text_starts_with(a0__text_from(url, i), A0__LIT("://"))) {
            *out_scheme = a0__text_range(url.ptr, i + 3);
            return a0__text_from(url, i + 3);
        }
    }
    return A0__NO_TEXT;
}

/* A star is the left-most label of a host: https://(star).example.com/callback. */
static bool
matches_star(a0__text pattern, a0__text url)
{
    a0__text pattern_scheme = A0__NO_TEXT;
    a0__text url_scheme = A0__NO_TEXT;
    a0__text pattern_rest = host_and_rest(pattern, &pattern_scheme);
    a0__text url_rest = host_and_rest(url, &url_scheme);
    size_t label = 0;

    if (!a0__text_starts_with(pattern_rest, A0__LIT("*.")) ||
        !a0__text_equal(pattern_scheme, url_scheme)) {
        return false;
    }
    while (label < url_rest.len && url_rest.ptr[label] != '.' &&
           url_rest.ptr[label] != '/' && url_rest.ptr[label] != ':' &&
           url_rest.ptr[label] != '@') {
        label++;
    }
    return label > 0 && a0__text_equal(a0__text_from(url_rest, label),
                                       a0__text_from(pattern_rest, 1));
}

bool
a0__url_is_allowed(const a0__list *allowed, a0__text url)
{
    if (a0__list_has(allowed, url)) {
        return true;
    }
    for (size_t i = 0; i < allowed->len; i++) {
        if (matches_star(a0__text_of(allowed->items[i]), url)) {
            return true;
        }
    }
    return false;
}

static a0__text
without_query(a0__text url)
{
    size_t len = 0;

    while (len < url.len && url.ptr[len] != '?' && url.ptr[len] != '#') {
        len++;
    }
    return a0__text_range(url.ptr, len);
}

bool
a0__logout_url_is_allowed(const a0__list *allowed, a0__text url)
{
    a0__text plain = without_query(url);

    for (size_t i = 0; i < allowed->len; i++) {
        a0__text one = without_query(a0__text_of(allowed->items[i]));

        if (a0__text_equal(one, plain) || matches_star(one, plain)) {
            return true;
        }
    }
    return false;
}

/* The redirect_uri first: until it is known to be the application's, nothing is sent
 * there. (RFC 6749 §4.1.2.1) */
static a0__refusal
read_redirect_uri(const a0__exchange *x, const a0__client *client,
                  a0__authorization *out)
{
    a0__text redirect_uri = a0__param(x, "redirect_uri");

    out->has_redirect_uri = redirect_uri.ptr != NULL;
    if (!out->has_redirect_uri && client->callbacks.len == 1) {
        redirect_uri = a0__text_of(client->callbacks.items[0]);
    }
    if (redirect_uri.len == 0) {
        return on_page("invalid_request", "redirect_uri is missing");
    }
    if (!a0__url_is_allowed(&client->callbacks, redirect_uri)) {
        return on_page("unauthorized_client",
                       "Callback URL mismatch: the redirect_uri is not in the list of "
                       "Allowed Callback URLs of the application");
    }
    a0__keep_in(&out->redirect_uri, redirect_uri);
    return acceptable;
}

/* RFC 7636 §4.4.1; "plain" protects from nobody who sees the request. */
static a0__refusal
read_pkce(const a0__exchange *x, const a0__client *client, a0__authorization *out)
{
    a0__text challenge = a0__param(x, "code_challenge");
    bool is_public = a0__text_is(A0__LIT("none"), client->token_endpoint_auth_method);

    if (challenge.len == 0) {
        return client->require_pkce || is_public
                   ? to_client("invalid_request",
                               "code_challenge is required for this client")
                   : acceptable;
    }
    if (!a0__text_is(a0__param(x, "code_challenge_method"), "S256")) {
        return to_client("invalid_request", "code_challenge_method must be S256");
    }
    if (challenge.len != 43) {
        return to_client("invalid_request",
                         "code_challenge must be 43 characters of base64url");
    }
    a0__keep_in(&out->code_challenge, challenge);
    return acceptable;
}

static a0__refusal
read_prompt(const a0__exchange *x, a0__authorization *out)
{
    a0__text prompt = a0__param(x, "prompt");
    a0__text max_age = a0__param(x, "max_age");
    uint64_t seconds = 0;

    if (a0__text_has_word(prompt, A0__LIT("none")) && !a0__text_is(prompt, "none")) {
        return to_client("invalid_request", "prompt=none stands alone");
    }
    a0__keep_in(&out->prompt, prompt);
    out->max_age = -1;
    if (max_age.ptr != NULL) {
        if (!a0__parse_u64(max_age, MAX_AGE_MAX, &seconds)) {
            return to_client("invalid_request", "max_age must be a number of seconds");
        }
        out->max_age = (int64_t)seconds;
    }
    return acceptable;
}

/* Wire §13. */
static a0__refusal
read_organization(const a0__exchange *x, const a0__client *client,
                  a0__authorization *out)
{
    a0__text wanted = a0__param(x, "organization");
    const a0__organization *organization = NULL;

    if (wanted.len == 0) {
        return a0__text_is(A0__LIT("require"), client->organization_usage)
                   ? to_client("invalid_request",
                               "parameter organization is required for this client")
                   : acceptable;
    }
    if (a0__text_is(A0__LIT("deny"), client->organization_usage)) {
        return to_client("invalid_request",
                         "parameter organization is not allowed for this client");
    }
    organization = a0__tenant_organization(x->tenant, wanted);
    if (organization == NULL) {
        return to_client("invalid_request", "parameter organization is invalid");
    }
    a0__keep_in(&out->organization, a0__text_of(organization->id));
    return acceptable;
}

static a0__refusal
read_invitation(const a0__exchange *x, a0__authorization *out)
{
    a0__text ticket = a0__param(x, "invitation");
    const a0__invitation *invitation =
        a0__table_get(&x->tenant->tables[A0__INVITATIONS], ticket);

    if (ticket.len == 0) {
        return acceptable;
    }
    if (invitation == NULL || invitation->expires_at <= x->now ||
        !a0__text_is(a0__text_of(out->organization), invitation->organization)) {
        return to_client("invalid_request", "invitation not found or already used");
    }
    a0__keep_in(&out->invitation, ticket);
    return acceptable;
}

static a0__refusal
read_connection(const a0__exchange *x, const a0__client *client, a0__authorization *out)
{
    a0__text name = a0__param(x, "connection");

    if (name.len == 0) {
        return acceptable;
    }
    if (a0__tenant_connection(x->tenant, name) == NULL ||
        (client->connections.len > 0 && !a0__list_has(&client->connections, name))) {
        return to_client("invalid_request", "the connection was not found");
    }
    a0__keep_in(&out->connection, name);
    return acceptable;
}

static a0__refusal
read_audience(const a0__exchange *x, const a0__client *client, a0__authorization *out)
{
    a0__text audience = a0__param(x, "audience");
    const a0__api *api = NULL;

    if (audience.len == 0) {
        audience = a0__text_of(a0__tenant_settings_of(x->tenant)->default_audience);
    }
    api = a0__table_get(&x->tenant->tables[A0__APIS], audience);
    if (audience.len > 0 && api == NULL) {
        return to_client("access_denied", "Service not found");
    }
    if (api != NULL && !a0__access_for_user(x->tenant, client, api)) {
        return to_client("access_denied",
                         "Client is not authorized to access the resource server");
    }
    a0__keep_in(&out->audience, audience);
    return acceptable;
}

static a0__refusal
read_response_form(const a0__exchange *x, const a0__client *client,
                   a0__authorization *out)
{
    a0__text type = a0__param(x, "response_type");
    a0__text mode = a0__param(x, "response_mode");

    a0__keep_in(&out->response_mode, mode.len > 0 ? mode : A0__LIT("query"));
    if (type.len == 0) {
        return to_client("invalid_request", "response_type is missing");
    }
    if (!a0__text_is(type, "code")) {
        return to_client("unsupported_response_type",
                         "The local tenant knows response_type=code only");
    }
    if (!a0__text_is(a0__text_of(out->response_mode), "query") &&
        !a0__text_is(a0__text_of(out->response_mode), "fragment")) {
        return to_client("invalid_request",
                         "The local tenant knows response_mode query and fragment");
    }
    if (!a0__list_has(&client->grant_types, A0__LIT("authorization_code"))) {
        return to_client("unauthorized_client",
                         "Grant type 'authorization_code' not allowed for the client.");
    }
    return acceptable;
}

a0__refusal
a0__authorization_read(const a0__exchange *x, const a0__client *client,
                       a0__authorization *out)
{
    a0__refusal refusal = read_redirect_uri(x, client, out);
    a0__refusal (*const rest[])(const a0__exchange *, const a0__client *,
                                a0__authorization *) = {
        read_response_form,
        read_pkce,
        read_organization,
        read_connection,
    };

    a0__keep_in(&out->client_id, a0__text_of(client->client_id));
    a0__keep_in(&out->state, a0__param(x, "state"));
    a0__keep_in(&out->nonce, a0__param(x, "nonce"));
    a0__keep_in(&out->scope, a0__param(x, "scope"));
    a0__keep_in(&out->login_hint, a0__param(x, "login_hint"));
    a0__keep_in(&out->screen_hint, a0__param(x, "screen_hint"));
    if (refusal.error == NULL && strlen(out->state) > STATE_MAX) {
        refusal = on_page("invalid_request", "state is too long");
    }
    for (size_t i = 0; refusal.error == NULL && i < sizeof rest / sizeof rest[0]; i++) {
        refusal = rest[i](x, client, out);
    }
    if (refusal.error == NULL) {
        refusal = read_prompt(x, out);
    }
    if (refusal.error == NULL) {
        refusal = read_invitation(x, out);
    }
    return refusal.error == NULL ? read_audience(x, client, out) : refusal;
}

void
a0__authorization_store(a0__tenant *tenant, a0__authorization *authorization,
                        const char *stage, const char *id_prefix, int64_t lifetime_s)
{
    a0__free(authorization->id);
    authorization->id = a0__tenant_new_id(id_prefix);
    a0__keep_in(&authorization->stage, a0__text_of(stage));
    authorization->expires_at = a0__tenant_now(tenant) + lifetime_s;
    a0__table_put(&tenant->tables[A0__AUTHORIZATIONS], authorization);
}

a0__authorization *
a0__authorization_find(const a0__tenant *tenant, const char *stage, a0__text id)
{
    a0__authorization *found = a0__table_get(&tenant->tables[A0__AUTHORIZATIONS], id);

    if (found == NULL || !a0__text_is(a0__text_of(found->stage), stage) ||
        found->expires_at <= a0__tenant_now(tenant)) {
        return NULL;
    }
    return found;
}

static bool
is_profile_scope(a0__text scope)
{
    return a0__text_has_word(A0__LIT("openid profile email address phone"), scope);
}

void
a0__scope_grant(const a0__tenant *tenant, const a0__client *client,
                const char *audience, a0__text wanted, a0__buf *out)
{
    const a0__api *api =
        a0__table_get(&tenant->tables[A0__APIS], a0__text_of(audience));
    bool offline = a0__list_has(&client->grant_types, A0__LIT("refresh_token")) &&
                   (api == NULL || api->allow_offline_access);
    a0__text scope = A0__NO_TEXT;

    while (a0__text_next(&wanted, ' ', &scope)) {
        bool granted =
            is_profile_scope(scope) ||
            (api != NULL && a0__access_has_scope(tenant, client, api, scope));

        if (a0__text_is(scope, "offline_access")) {
            granted = offline;
        }
        if (scope.len == 0 || !granted || a0__text_has_word(a0__buf_view(out), scope)) {
            continue;
        }
        if (out->len > 0) {
            a0__buf_byte(out, ' ');
        }
        a0__buf_text(out, scope);
    }
}
