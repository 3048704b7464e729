/* SPDX-License-Identifier: MIT */
#include "fake_tenant.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

#include "base/url.h"
#include "json/json.h"

enum {
    TEXT_MAX = 65536
};

static void
answer_discovery(fake_tenant *t, a0_http_exchange *exchange)
{
    static const char normal[] =
        "{\"issuer\":\"" FAKE_ISSUER "\",\"authorization_endpoint\":\"" FAKE_URL
        "/authorize\",\"token_endpoint\":\"" FAKE_URL
        "/oauth/token\",\"userinfo_endpoint\":\"" FAKE_URL
        "/userinfo\",\"jwks_uri\":\"" FAKE_URL
        "/.well-known/jwks.json\",\"revocation_endpoint\":\"" FAKE_URL
        "/oauth/revoke\",\"end_session_endpoint\":\"" FAKE_URL
        "/oidc/logout\",\"pushed_authorization_request_endpoint\":\"" FAKE_URL
        "/oauth/par\",\"code_challenge_methods_supported\":[\"S256\",\"plain\"]}";

    scripted_respond(exchange, 200, "application/json",
                     t->discovery_body != NULL ? t->discovery_body : normal);
}

static void
answer_jwks(fake_tenant *t, a0_http_exchange *exchange)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(TEXT_MAX);

    a0__buf_string(&body, "{\"keys\":[");
    assert_int_equal(
        a0__signing_key_write_jwk(t->key, A0__RS256, t->published_kid, &body, NULL),
        A0_OK);
    a0__buf_string(&body, "]}");
    scripted_respond(exchange, 200, "application/json",
                     t->jwks_body != NULL ? t->jwks_body : a0__buf_cstr(&body));
}

char *
fake_tenant_id_token(fake_tenant *t, bool with_nonce)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(TEXT_MAX);
    a0__json_writer w = a0__json_writer_on(&claims);
    int64_t now = test_clock_now_s(t->clock) + t->iat_offset_s;

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "iss", t->iss);
    a0__json_put_string(&w, "sub", t->sub);
    a0__json_put_string(&w, "aud", t->aud);
    a0__json_put_i64(&w, "iat", now);
    a0__json_put_i64(&w, "exp", now + 36000);
    a0__json_put_string(&w, "sid", t->sid);
    a0__json_put_string(&w, "name", "Jo Emu");
    if (t->email != NULL) {
        a0__json_put_string(&w, "email", t->email);
        a0__buf_string(&claims, ",\"email_verified\":");
        a0__buf_string(&claims, t->email_verified);
    }
    if (with_nonce) {
        a0__json_put_string(&w, "nonce", t->nonce);
    }
    a0__buf_string(&claims, t->more_claims);
    a0__json_close(&w, '}');
    assert_int_equal(a0__jws_sign(t->key, A0__RS256, t->kid, "JWT",
                                  a0__buf_view(&claims), &token, NULL),
                     A0_OK);
    return a0__buf_take(&token);
}

void
fake_tenant_form_value(const fake_tenant *t, const char *name, char *out,
                       size_t out_size)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    bool valid = false;
    a0__text value = A0__NO_TEXT;

    assert_int_equal(
        a0__params_parse(a0__text_of(t->last_form), 64, &params, &valid, NULL), A0_OK);
    assert_true(valid);
    value = a0__params_get(&params, name, NULL);
    assert_true(value.len < out_size);
    memcpy(out, value.ptr != NULL ? value.ptr : "", value.len);
    out[value.len] = '\0';
}

/* A JWT that nobody verifies: the client treats access tokens as opaque but for `aud`.
 */
static void
write_access_token(fake_tenant *t, const char *audience, a0__buf *out)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(1024);
    a0__json_writer w = a0__json_writer_on(&claims);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "aud",
                        t->access_audience[0] != '\0' ? t->access_audience : audience);
    a0__json_put_i64(&w, "n", t->refreshes);
    a0__json_close(&w, '}');
    assert_int_equal(a0__jws_sign(t->key, A0__RS256, "at", "at+jwt",
                                  a0__buf_view(&claims), out, NULL),
                     A0_OK);
}

static void
put_refresh_token(fake_tenant *t, bool is_refresh, a0__json_writer *w)
{
    if (t->no_refresh_token || (is_refresh && !t->rotation)) {
        return;
    }
    if (t->families != NULL) {
        a0__json_put_string(w, "refresh_token",
                            is_refresh ? t->next_refresh_token
                                       : fake_families_begin(t->families, t->sub));
        return;
    }
    (void)snprintf(t->refresh_token, sizeof t->refresh_token, "rt-canary-%u",
                   t->refreshes);
    a0__json_put_string(w, "refresh_token", t->refresh_token);
}

static void
answer_tokens(fake_tenant *t, bool is_refresh, a0_http_exchange *exchange)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__buf) access_token = A0__BUF_INIT(TEXT_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    a0__string id_token = NULL;
    char audience[256];

    fake_tenant_form_value(t, "audience", audience, sizeof audience);
    write_access_token(t, audience, &access_token);
    a0__json_open(&w, '{');
    a0__json_put(&w, "access_token", a0__buf_view(&access_token));
    if (!is_refresh || !t->no_id_token_at_refresh) {
        id_token = fake_tenant_id_token(t, !is_refresh);
        a0__json_put_string(&w, "id_token",
                            t->id_token != NULL ? t->id_token : id_token);
        a0__free(id_token);
    }
    put_refresh_token(t, is_refresh, &w);
    if (t->scope != NULL) {
        a0__json_put_string(&w, "scope", t->scope);
    }
    a0__json_put_string(&w, "token_type", "Bearer");
    a0__json_put_i64(&w, "expires_in", t->expires_in);
    a0__buf_string(&body, t->more_answer);
    a0__json_close(&w, '}');
    scripted_respond(exchange, 200, "application/json", a0__buf_cstr(&body));
}

static bool
answer_fault(fake_tenant *t, a0_http_exchange *exchange)
{
    if (t->network_error != 0) {
        scripted_respond_error(exchange, t->network_error, t->network_error_sent);
        t->network_error = t->token_fault_stays ? t->network_error : 0;
        return true;
    }
    if (t->token_status != 0) {
        scripted_respond(exchange, t->token_status, "application/json", t->token_body);
        t->token_status = t->token_fault_stays ? t->token_status : 0;
        return true;
    }
    return false;
}

static void
answer_vault(fake_tenant *t, a0_http_exchange *exchange)
{
    A0_AUTO(a0__params) form = A0__PARAMS_INIT;
    bool valid = false;

    assert_int_equal(
        a0__params_parse(a0__text_of(t->last_form), 64, &form, &valid, NULL), A0_OK);
    assert_true(valid);
    fake_vault_exchange(&t->vault, &form, exchange);
}

static const char *
sub_of(fake_tenant *t)
{
    return t->families != NULL && t->management.users != NULL
               ? fake_users_sub(t->management.users, t->sub)
               : t->sub;
}

/* Whose the token is; NULL for one that does not work. Those of an account that became
 * a secondary are dead (wire §22.2). */
static const char *
owner_of(fake_tenant *t, const char *refresh_token)
{
    const char *owner = NULL;

    if (t->families == NULL) {
        return strcmp(refresh_token, t->refresh_token) == 0 ? t->sub : NULL;
    }
    owner = fake_families_use(t->families, refresh_token, t->rotation,
                              &t->next_refresh_token);
    return owner == NULL || t->management.users == NULL ||
                   fake_users_find(t->management.users, owner) != NULL
               ? owner
               : NULL;
}

static void
answer_tokens_for(fake_tenant *t, const char *sub, bool is_refresh,
                  a0_http_exchange *exchange)
{
    const char *signs_in = t->sub;

    t->sub = sub;
    answer_tokens(t, is_refresh, exchange);
    t->sub = signs_in;
}

static void
answer_token_endpoint(fake_tenant *t, const scripted_request *request,
                      a0_http_exchange *exchange)
{
    char grant_type[128];
    char audience[256];
    char refresh_token[64];
    const char *owner = NULL;

    assert_true(request->body_len < sizeof t->last_form);
    memcpy(t->last_form, request->body, request->body_len + 1);
    if (answer_fault(t, exchange)) {
        return;
    }
    fake_tenant_form_value(t, "grant_type", grant_type, sizeof grant_type);
    if (strstr(grant_type, "federated-connection-access-token") != NULL) {
        answer_vault(t, exchange);
        return;
    }
    if (strcmp(grant_type, "client_credentials") == 0) {
        fake_tenant_form_value(t, "audience", audience, sizeof audience);
        fake_management_token(&t->management, audience, exchange);
        return;
    }
    if (strcmp(grant_type, "refresh_token") != 0) {
        answer_tokens_for(t, sub_of(t), false, exchange);
        return;
    }
    fake_tenant_form_value(t, "refresh_token", refresh_token, sizeof refresh_token);
    owner = owner_of(t, refresh_token);
    if (owner == NULL) {
        scripted_respond(exchange, 403, "application/json",
                         "{\"error\":\"invalid_grant\",\"error_description\":"
                         "\"Unknown or invalid refresh token.\"}");
        return;
    }
    t->refreshes++;
    answer_tokens_for(t, owner, true, exchange);
}

static void
answer_revocation(fake_tenant *t, const scripted_request *request,
                  a0_http_exchange *exchange)
{
    memcpy(t->last_form, request->body, request->body_len + 1);
    fake_tenant_form_value(t, "token", t->last_revoked, sizeof t->last_revoked);
    if (t->families != NULL && !t->revocation_fails) {
        fake_families_revoke(t->families, t->last_revoked);
    }
    scripted_respond(exchange, t->revocation_fails ? 503 : 200, NULL, NULL);
}

static void
answer_par(fake_tenant *t, const scripted_request *request, a0_http_exchange *exchange)
{
    memcpy(t->last_form, request->body, request->body_len + 1);
    if (t->par_network_errors > 0) {
        t->par_network_errors--;
        scripted_respond_error(exchange, t->par_network_error,
                               t->par_network_error_sent);
        return;
    }
    scripted_respond(
        exchange, t->par_status != 0 ? t->par_status : 201, "application/json",
        t->par_body != NULL ? t->par_body
                            : "{\"request_uri\":\"urn:x:1\",\"expires_in\":30}");
}

static bool
is_path(const scripted_request *request, const char *path)
{
    return strncmp(request->url, FAKE_URL, sizeof FAKE_URL - 1) == 0 &&
           strcmp(request->url + sizeof FAKE_URL - 1, path) == 0;
}

static void
answer(void *self, const scripted_request *request, a0_http_exchange *exchange)
{
    fake_tenant *t = self;
    bool is_ours = strncmp(request->url, FAKE_URL, sizeof FAKE_URL - 1) == 0;
    const char *path = is_ours ? request->url + strlen(FAKE_URL) : request->url;

    if (t->watch != NULL) {
        t->watch(t->watch_self, path, false);
    }
    (void)pthread_mutex_lock(&t->mutex);
    if (t->between_processes != NULL) {
        (void)pthread_mutex_lock(t->between_processes);
    }
    if (!is_ours) {
        fake_provider_answer(&t->provider, request, exchange);
    } else if (is_path(request, "/.well-known/openid-configuration")) {
        answer_discovery(t, exchange);
    } else if (is_path(request, "/.well-known/jwks.json")) {
        answer_jwks(t, exchange);
    } else if (is_path(request, "/oauth/token")) {
        answer_token_endpoint(t, request, exchange);
    } else if (is_path(request, "/oauth/revoke")) {
        answer_revocation(t, request, exchange);
    } else if (strncmp(request->url, FAKE_API, sizeof FAKE_API - 1) == 0) {
        fake_management_answer(&t->management, request, exchange);
    } else if (strncmp(request->url, FAKE_MY_ACCOUNT, sizeof FAKE_MY_ACCOUNT - 1) ==
               0) {
        fake_my_account_answer(&t->my_account, request, exchange);
    } else if (is_path(request, "/oauth/par")) {
        answer_par(t, request, exchange);
    } else {
        scripted_respond(exchange, 404, "text/html", "<p>no such path</p>");
    }
    if (t->between_processes != NULL) {
        (void)pthread_mutex_unlock(t->between_processes);
    }
    (void)pthread_mutex_unlock(&t->mutex);
    if (t->watch != NULL) {
        t->watch(t->watch_self, path, true);
    }
}

/* Making an RSA key takes longer than everything else in a test. */
static a0__signing_key *
usual_key(void)
{
    static a0__signing_key *key;

    if (key == NULL) {
        assert_int_equal(a0__signing_key_generate(A0__RS256, &key, NULL), A0_OK);
    }
    return key;
}

void
fake_tenant_init(fake_tenant *t, test_clock *clock)
{
    *t = (fake_tenant){
        .clock = clock,
        .script = scripted_new(),
        .kid = "kid-1",
        .published_kid = "kid-1",
        .iss = FAKE_ISSUER,
        .sub = "auth0|66f0c0ffee1234567890abcd",
        .sid = "s-1",
        .aud = FAKE_CLIENT_ID,
        .email = "jo@acme.example",
        .email_verified = "true",
        .scope = "openid profile email offline_access read:things",
        .expires_in = 3600,
        .management = FAKE_MANAGEMENT_INIT,
        .vault = FAKE_VAULT_INIT,
        .my_account = fake_my_account_usual,
        .provider = FAKE_PROVIDER_INIT,
    };
    (void)pthread_mutex_init(&t->mutex, NULL);
    t->key = usual_key();
    scripted_handler(t->script, answer, t);
}

void
fake_tenant_clear(fake_tenant *t)
{
    scripted_free(t->script);
    (void)pthread_mutex_destroy(&t->mutex);
}

size_t
fake_tenant_calls(fake_tenant *t, const char *path)
{
    char url[256];

    (void)snprintf(url, sizeof url, FAKE_URL "%s", path);
    return scripted_count(t->script, url);
}
