/* SPDX-License-Identifier: MIT */
#include "oauth/token.h"

#include "oauth/error.h"
#include "oauth/scope.h"
#include "json/json.h"

enum {
    FORM_MAX = 32768
};

void
a0__token_set_clear(a0__token_set *tokens)
{
    a0__secret_clear(&tokens->access_token);
    a0__secret_clear(&tokens->id_token);
    a0__secret_clear(&tokens->refresh_token);
    a0__free(tokens->scope);
    *tokens = A0__TOKEN_SET_INIT;
}

void
a0__token_set_auto(a0__token_set *tokens)
{
    a0__token_set_clear(tokens);
}

/* ---- §4.1.3 ---- */

a0_status
a0__token_request_code(const a0__client_auth *auth, const char *token_endpoint,
                       a0__text code, a0__text redirect_uri, a0__text code_verifier,
                       a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(FORM_MAX);

    a0__form_add_string(&form, "grant_type", "authorization_code");
    a0__form_add(&form, "code", code);
    a0__form_add(&form, "redirect_uri", redirect_uri);
    a0__form_add(&form, "code_verifier", code_verifier);
    return a0__client_auth_post(auth, token_endpoint, &form, out, err);
}

/* ---- §5.1 ---- */

static a0_status
fail_about_member(const char *name, a0_error **err)
{
    return a0__fail_about(err, A0_E_token_response_invalid, name);
}

/* A token is sent in headers and forms: visible ASCII only (RFC 6749 appendix A.12,
 * without its space). */
static a0_status
read_token(const a0__json *document, const char *name, a0__secret *out, a0_error **err)
{
    a0__text token = A0__NO_TEXT;

    switch (a0__json_text(document, name, &token)) {
    case A0__ABSENT:
        return A0_OK;
    case A0__MISTYPED:
        return fail_about_member(name, err);
    case A0__FOUND:
        break;
    }
    if (token.len == 0 || !a0__text_is_visible_ascii(token)) {
        return fail_about_member(name, err);
    }
    return a0__secret_set_text(out, token, err);
}

static a0_status
check_token_type(const a0__json *document, a0_error **err)
{
    a0__text type = A0__NO_TEXT;

    (void)a0__json_text(document, "token_type", &type);
    A0_ENSURE(a0__text_equal_ignoring_case(type, A0__LIT(A0__TOKEN_TYPE)), err,
              token_type_invalid);
    return A0_OK;
}

static a0_status
read_expires_in(const a0__json *document, a0__token_set *tokens, a0_error **err)
{
    int64_t expires_in = 0;

    switch (a0__json_number(document, "expires_in", &expires_in)) {
    case A0__ABSENT:
        tokens->expires_in = A0__TOKEN_LIFETIME_UNKNOWN_S;
        return A0_OK;
    case A0__MISTYPED:
        return fail_about_member("expires_in", err);
    case A0__FOUND:
        break;
    }
    if (expires_in <= 0) {
        return fail_about_member("expires_in", err);
    }
    tokens->lifetime_is_stated = true;
    tokens->expires_in =
        expires_in < A0__TOKEN_LIFETIME_MAX_S ? expires_in : A0__TOKEN_LIFETIME_MAX_S;
    return A0_OK;
}

/* §5.1: left out when it is what was asked for [TOK-06]. */
static a0_status
read_scope(const a0__json *document, a0__text asked, a0__token_set *tokens,
           a0_error **err)
{
    a0__text scope = asked;
    a0__found found = a0__json_text(document, "scope", &scope);

    if (found == A0__MISTYPED || !a0__scope_is_valid(scope)) {
        return fail_about_member("scope", err);
    }
    tokens->scope_is_stated = found == A0__FOUND;
    tokens->scope = a0__strndup(scope.len > 0 ? scope.ptr : "", scope.len);
    A0_ENSURE(tokens->scope != NULL, err, no_memory);
    return A0_OK;
}

a0_status
a0__token_set_of(const a0__json *document, a0__text scope, a0__token_set *out,
                 a0_error **err)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;

    A0_ENSURE(a0__json_is_object(document), err, token_response_invalid);
    A0_TRY(read_token(document, "access_token", &tokens.access_token, err));
    if (!a0__secret_is_set(&tokens.access_token)) {
        return fail_about_member("access_token", err);
    }
    A0_TRY(check_token_type(document, err));
    A0_TRY(read_expires_in(document, &tokens, err));
    A0_TRY(read_token(document, "refresh_token", &tokens.refresh_token, err));
    A0_TRY(read_scope(document, scope, &tokens, err));
    A0_TRY(read_token(document, "id_token", &tokens.id_token, err));

    *out = tokens;
    tokens = A0__TOKEN_SET_INIT;
    return A0_OK;
}

a0_status
a0__token_set_read(a0__text body, a0__text scope, a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    A0_TRY(a0__json_parse(body, &document, err));
    return a0__token_set_of(document, scope, out, err);
}

a0_status
a0__token_response_read(const a0_http_response *response, a0__text scope,
                        a0__token_set *out, a0_error **err)
{
    A0_ENSURE(a0__http_content_type_is(response, A0__LIT("application/json")), err,
              token_response_invalid);
    return a0__token_set_read(a0__http_body(response), scope, out, err);
}

a0_status
a0__token_response_code(const a0_http_response *response, a0__text scope,
                        a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    A0_AUTO(a0__oauth_error) error = { 0 };

    if (a0_http_response_status(response) != 200) {
        A0_TRY(a0__oauth_error_read(response, &error, err));
        return a0__oauth_error_fail(&error, A0_E_token_http_error, err);
    }
    A0_TRY(a0__token_response_read(response, scope, &tokens, err));
    if (!a0__secret_is_set(&tokens.id_token)) {
        return fail_about_member("id_token", err);
    }
    *out = tokens;
    tokens = A0__TOKEN_SET_INIT;
    return A0_OK;
}
