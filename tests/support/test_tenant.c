/* SPDX-License-Identifier: MIT */
#include "test_tenant.h"

#include <string.h>

#include "support.h"
#include "json/json.h"

static char issuer[] = TEST_ISSUER;
static char base_url[] = "https://acme.eu.auth0.com";
static char domain[] = "acme.eu.auth0.com";
static char client_id[] = TEST_CLIENT_ID;
static char scope[] = "openid profile email offline_access";
static char es256[] = "ES256";
static char *algorithms[] = { es256 };
static unsigned char client_secret[] = TEST_CLIENT_SECRET;

a0__settings
test_settings(void)
{
    return (a0__settings){
        .auth0_domain = domain,
        .base_url = base_url,
        .issuer = issuer,
        .client_id = client_id,
        .client_secret = { client_secret, sizeof client_secret - 1 },
        .scope = scope,
        .id_token_algorithms = { algorithms, 1 },
        .clock_leeway_s = 60,
    };
}

/* ---- keys ---- */

static a0__signing_key *keys[A0__ALGS_LEN];
static a0__jwks *jwks;

static void
must(a0_status status, a0_error *err)
{
    support_assert_ok(status, err, "test tenant", __FILE__, __LINE__);
}

const a0__signing_key *
test_key(a0__alg alg)
{
    a0_error *err = NULL;

    if (keys[alg] != NULL) {
        return keys[alg];
    }
    if (alg == A0__HS256) {
        must(a0__signing_key_of_secret(A0__LIT(TEST_CLIENT_SECRET), &keys[alg], &err),
             err);
    } else {
        must(a0__signing_key_generate(alg, &keys[alg], &err), err);
    }
    return keys[alg];
}

const a0__jwks *
test_jwks(void)
{
    static const a0__alg published[] = { A0__ES256, A0__ES384, A0__EDDSA };
    A0_AUTO(a0__buf) set = A0__BUF_INIT(8192);
    a0_error *err = NULL;

    if (jwks != NULL) {
        return jwks;
    }
    a0__buf_string(&set, "{\"keys\":[");
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        a0__alg alg = published[i];

        a0__buf_string(&set, i > 0 ? "," : NULL);
        must(a0__signing_key_write_jwk(test_key(alg), alg, a0__alg_name(alg), &set,
                                       &err),
             err);
    }
    a0__buf_string(&set, "]}");
    must(a0__jwks_parse(a0__buf_view(&set), &jwks, &err), err);
    return jwks;
}

void
test_tenant_end(void)
{
    for (size_t i = 0; i < A0__ALGS_LEN; i++) {
        a0__signing_key_free(keys[i]);
        keys[i] = NULL;
    }
    a0__jwks_free(jwks);
    jwks = NULL;
}

void
test_sign(a0__alg alg, const char *typ, const char *claims, a0__secret *out)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(65536);
    a0_error *err = NULL;

    must(a0__jws_sign(test_key(alg), alg, alg == A0__HS256 ? NULL : a0__alg_name(alg),
                      typ, a0__text_of(claims), &token, &err),
         err);
    must(a0__secret_set_text(out, a0__buf_view(&token), &err), err);
}

/* ---- claims ---- */

typedef struct change {
    const a0__json *changes;
    a0__json_writer writer;
} change;

static bool
is_absent(const a0__json *value)
{
    a0__text text = A0__NO_TEXT;

    return a0__json_text_of(value, &text) && a0__text_is(text, "(absent)");
}

static bool
write_unless_changed(void *self, a0__text name, const a0__json *value)
{
    change *c = self;
    char *copy = a0__strndup(name.ptr, name.len);

    if (a0__json_member(c->changes, copy) == NULL) {
        a0__json_name_text(&c->writer, name);
        a0__json_value_node(&c->writer, value);
    }
    a0__free(copy);
    return true;
}

static bool
write_unless_absent(void *self, a0__text name, const a0__json *value)
{
    change *c = self;

    if (!is_absent(value)) {
        a0__json_name_text(&c->writer, name);
        a0__json_value_node(&c->writer, value);
    }
    return true;
}

void
test_change(const char *base, const char *changes, a0__buf *out)
{
    A0_AUTO(a0__json_doc) base_document = NULL;
    A0_AUTO(a0__json_doc) changes_document = NULL;
    a0_error *err = NULL;
    change c = { .writer = a0__json_writer_on(out) };

    must(a0__json_parse(a0__text_of(base), &base_document, &err), err);
    must(a0__json_parse(a0__text_of(changes), &changes_document, &err), err);
    assert_non_null(base_document);
    assert_non_null(changes_document);
    c.changes = changes_document;
    a0__json_open(&c.writer, '{');
    a0__json_each(base_document, write_unless_changed, &c);
    a0__json_each(changes_document, write_unless_absent, &c);
    a0__json_close(&c.writer, '}');
    must(a0__buf_check(out, &err), err);
}

/* ---- answers ---- */

a0_http_response *
test_response(int status, const char *content_type, const char *body)
{
    a0_http_response *response = a0_http_response_new();
    a0_error *err = NULL;

    assert_non_null(response);
    a0_http_response_set_status(response, status);
    if (content_type != NULL) {
        must(a0_http_response_add_header(response, "Content-Type", 12, content_type,
                                         strlen(content_type)),
             err);
    }
    if (body != NULL) {
        must(a0_http_response_add_body(response, body, strlen(body), 1 << 20), err);
    }
    return response;
}
