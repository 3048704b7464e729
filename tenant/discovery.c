/* SPDX-License-Identifier: MIT */
#include "endpoints.h"
#include "keys.h"

static void
put_url(a0__json_writer *w, const a0__tenant *tenant, const char *name,
        const char *path)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(1024);

    a0__buf_format(&url, "%s%s", tenant->base_url, path);
    a0__json_put(w, name, a0__buf_view(&url));
}

static void
put_words(a0__json_writer *w, const char *name, const char *words)
{
    a0__text rest = a0__text_of(words);
    a0__text word = A0__NO_TEXT;

    a0__json_name(w, name);
    a0__json_open(w, '[');
    while (a0__text_next(&rest, ' ', &word)) {
        a0__json_value_text(w, word);
    }
    a0__json_close(w, ']');
}

static void
put_endpoints(a0__json_writer *w, const a0__tenant *tenant)
{
    put_url(w, tenant, "authorization_endpoint", "/authorize");
    put_url(w, tenant, "token_endpoint", "/oauth/token");
    put_url(w, tenant, "userinfo_endpoint", "/userinfo");
    put_url(w, tenant, "jwks_uri", "/.well-known/jwks.json");
    put_url(w, tenant, "revocation_endpoint", "/oauth/revoke");
    put_url(w, tenant, "end_session_endpoint", "/oidc/logout");
    put_url(w, tenant, "pushed_authorization_request_endpoint", "/oauth/par");
}

static void
put_abilities(a0__json_writer *w)
{
    put_words(w, "scopes_supported",
              "openid profile offline_access name given_name family_name nickname "
              "email email_verified picture created_at identities phone address");
    put_words(w, "response_types_supported", "code");
    put_words(w, "response_modes_supported", "query fragment");
    put_words(w, "code_challenge_methods_supported", "S256");
    put_words(w, "subject_types_supported", "public");
    put_words(w, "token_endpoint_auth_methods_supported",
              "client_secret_basic client_secret_post private_key_jwt none");
    put_words(w, "token_endpoint_auth_signing_alg_values_supported",
              "RS256 RS384 PS256");
    put_words(w, "id_token_signing_alg_values_supported",
              "HS256 RS256 PS256 ES256 EdDSA");
    put_words(w, "claims_supported",
              "aud auth_time created_at email email_verified exp family_name "
              "given_name iat identities iss name nickname phone_number picture sub");
    put_words(w, "prompt_values_supported", "none login consent select_account");
    a0__json_put_bool(w, "request_uri_parameter_supported", false);
    a0__json_put_bool(w, "request_parameter_supported", false);
    a0__json_put_bool(w, "backchannel_logout_supported", true);
    a0__json_put_bool(w, "backchannel_logout_session_supported", true);
}

a0_status
a0__discovery(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "issuer", x->tenant->issuer);
    put_endpoints(&w, x->tenant);
    put_abilities(&w);
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "disc.override.", &body);
    a0__answer_json(x, 200, &body);
    a0__web_header_set(x->response, "Cache-Control", A0__LIT("public, max-age=15"));
    a0__web_header_set(x->response, "Access-Control-Allow-Origin", A0__LIT("*"));
    return A0_OK;
}

/* Keys that the fault jwks.extra adds: a list of JSON values. */
static void
write_extra(a0__exchange *x, a0__json_writer *w)
{
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&x->tenant->faults, "jwks.extra");
    const a0__json *keys = NULL;

    if (a0__json_array(fault, "value", &keys) != A0__FOUND) {
        return;
    }
    for (size_t i = 0; i < a0__json_len(keys); i++) {
        a0__json_value_node(w, a0__json_at(keys, i));
    }
}

a0_status
a0__jwks_endpoint(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__buf) drop = A0__BUF_INIT(A0__FORM_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    (void)a0__fault_take_text(&x->tenant->faults, "jwks.drop", &drop);
    a0__json_open(&w, '{');
    a0__json_name(&w, "keys");
    a0__json_open(&w, '[');
    A0_TRY(a0__keys_write(x->tenant, a0__buf_view(&drop), &w, &x->error));
    write_extra(x, &w);
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    a0__answer_json(x, 200, &body);
    a0__web_header_set(x->response, "Cache-Control",
                       A0__LIT("public, max-age=15, stale-while-revalidate=15"));
    a0__web_header_set(x->response, "Access-Control-Allow-Origin", A0__LIT("*"));
    return A0_OK;
}
