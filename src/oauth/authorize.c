/* SPDX-License-Identifier: MIT */
#include "oauth/authorize.h"

#include "base/mem.h"
#include "oauth/pkce.h"
#include "oauth/scope.h"

enum {
    NAME_MAX_LEN = 64,
    VALUE_MAX_LEN = 2048,
    ORGANIZATION_MAX = 128,
    INVITATION_MAX = 512,
    CHALLENGE_LEN = 43
};

#define RESPONSE_TYPE "code"

/* ---- what a parameter may be ---- */

/* RFC 6749 appendix A: name-char is "-", ".", "_", a digit or a letter. */
static bool
is_param_name(a0__text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '-' && c != '.' && c != '_') {
            return false;
        }
    }
    return name.len > 0 && name.len <= NAME_MAX_LEN;
}

/* A name that is encoded once more than it should be hides nothing [AUTHZ-01]. */
static a0_status
check_name(const char *name, a0_error **err)
{
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(NAME_MAX_LEN);
    a0__text text = a0__text_of(name);

    if (text.len > NAME_MAX_LEN || !a0__percent_decode(text, true, &decoded)) {
        return a0__fail_about(err, A0_E_param_invalid, name);
    }
    A0_TRY(a0__buf_check(&decoded, err));
    if (a0__param_is_reserved(a0__text_trim(a0__buf_view(&decoded)))) {
        return a0__fail_about(err, A0_E_param_forbidden, name);
    }
    if (!is_param_name(text)) {
        return a0__fail_about(err, A0_E_param_invalid, name);
    }
    return A0_OK;
}

/* OIDC Core §3.1.2.1: a number of seconds. */
static bool
is_max_age(a0__text value)
{
    uint64_t seconds = 0;

    return a0__parse_u64(value, INT32_MAX, &seconds);
}

/* OIDC Core §3.1.2.1: `none` stands alone. */
static bool
is_prompt(a0__text value)
{
    static const char known[] = "none login consent select_account create";
    a0__text word = A0__NO_TEXT;
    a0__text rest = value;

    while (a0__text_next(&rest, ' ', &word)) {
        if (!a0__text_has_word(a0__text_of(known), word) ||
            (a0__text_is(word, "none") && value.len > word.len)) {
            return false;
        }
    }
    return true;
}

static bool
is_organization(a0__text value)
{
    return a0__text_is_visible_ascii(value) && value.len <= ORGANIZATION_MAX;
}

static bool
is_invitation(a0__text value)
{
    return a0__text_is_visible_ascii(value) && value.len <= INVITATION_MAX;
}

/* What a map looks like that was turned into text by mistake is no scope [AUTHZ-09]. */
static bool
is_scope(a0__text value)
{
    return a0__scope_is_valid(value) && !a0__text_contains_byte(value, '{');
}

static bool
is_acceptable_value(const char *name, a0__text value)
{
    static const struct {
        const char *name;
        bool (*accepts)(a0__text value);
    } rules[] = {
        { "max_age", is_max_age },
        { "prompt", is_prompt },
        { "organization", is_organization },
        { "invitation", is_invitation },
        { "scope", is_scope },
        { "acr_values", a0__scope_is_valid },
    };

    if (value.len > VALUE_MAX_LEN || !a0__text_has_no_controls(value) ||
        !a0__text_is_utf8(value) || a0__text_is(value, "None") ||
        a0__text_is(value, "null")) {
        return false;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (a0__text_is(a0__text_of(rules[i].name), name)) {
            return rules[i].accepts(value);
        }
    }
    return true;
}

static bool
is_sent(const char *value)
{
    return value != NULL && value[0] != '\0';
}

/* Contract §1: a reserved parameter with another value is an invalid argument. With
 * exactly what is sent anyway it says nothing new, and is sent once as ever. */
static bool
restates(const a0__settings *settings, const a0__authorization_input *input,
         const a0_param *param)
{
    const a0_param sent[] = {
        { "response_type", RESPONSE_TYPE },
        { "client_id", settings->client_id },
        { "redirect_uri", input->redirect_uri },
        { "code_challenge_method", A0__CODE_CHALLENGE_METHOD },
    };

    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        if (a0__text_is(a0__text_of(param->name), sent[i].name) &&
            a0__text_is(a0__text_of(param->value), sent[i].value)) {
            return true;
        }
    }
    return false;
}

static a0_status
check_param(const char *name, const char *value, a0_error **err)
{
    if (name == NULL) {
        return a0__fail_about(err, A0_E_param_invalid, "params");
    }
    A0_TRY(check_name(name, err));
    if (is_sent(value) && !is_acceptable_value(name, a0__text_of(value))) {
        return a0__fail_about(err, A0_E_param_invalid, name);
    }
    return A0_OK;
}

static const a0_param *
param_of_caller(const a0__authorization_input *input, const char *name)
{
    for (size_t i = 0; i < input->params_len; i++) {
        if (a0__text_is(a0__text_of(input->params[i].name), name)) {
            return &input->params[i];
        }
    }
    return NULL;
}

static a0_status
check_params(const a0__settings *settings, const a0__authorization_input *input,
             a0_error **err)
{
    const a0__pairs *defaults = &settings->authorization_params;

    for (size_t i = 0; i < defaults->len; i++) {
        A0_TRY(check_param(defaults->items[i].name, defaults->items[i].value, err));
    }
    for (size_t i = 0; i < input->params_len; i++) {
        const a0_param *param = &input->params[i];

        if (!restates(settings, input, param)) {
            A0_TRY(check_param(param->name, param->value, err));
        }
        if (param_of_caller(input, param->name) != param) {
            return a0__fail_about(err, A0_E_param_invalid, param->name);
        }
    }
    return A0_OK;
}

a0_status
a0__redirect_uri_check(const char *redirect_uri, a0_error **err)
{
    a0__text text = a0__text_of(redirect_uri);
    a0__url url;

    if (text.len > A0__REDIRECT_URI_MAX || !a0__url_parse(text, &url) ||
        url.has_userinfo || url.has_fragment ||
        !(a0__url_scheme_is(&url, "https") ||
          (a0__url_scheme_is(&url, "http") && a0__host_is_loopback(url.host)))) {
        return a0__fail_about(err, A0_E_param_invalid, "redirect_uri");
    }
    return A0_OK;
}

/* ---- the request ---- */

/* The caller's value, else the configured default, else NULL. */
static const char *
effective(const a0__settings *settings, const a0__authorization_input *input,
          const char *name)
{
    const a0__pairs *defaults = &settings->authorization_params;
    const a0_param *param = param_of_caller(input, name);

    if (param != NULL) {
        return param->value;
    }
    for (size_t i = 0; i < defaults->len; i++) {
        if (a0__text_is(a0__text_of(name), defaults->items[i].name)) {
            return defaults->items[i].value;
        }
    }
    return NULL;
}

/* *out stays NULL when the value is not sent. */
static a0_status
keep(const char *value, char **out, a0_error **err)
{
    if (!is_sent(value)) {
        return A0_OK;
    }
    *out = a0__strdup(value);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

/* The scope of the audience in use, the caller's before the configured one; `openid` is
 * always in it, once [AUTHZ-09]. */
static a0_status
resolve_scope(const a0__settings *settings, const a0__authorization_input *input,
              a0__authorization *request, a0_error **err)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(VALUE_MAX_LEN);
    const a0_param *asked = param_of_caller(input, "scope");
    a0__text rest =
        a0__text_of(asked != NULL && is_sent(asked->value)
                        ? asked->value
                        : a0__settings_scope_for(settings, request->audience));
    a0__text word = A0__NO_TEXT;

    if (!a0__text_has_word(rest, A0__LIT("openid"))) {
        a0__buf_string(&scope, "openid");
    }
    while (a0__text_next(&rest, ' ', &word)) {
        if (word.len == 0 || a0__text_has_word(a0__buf_view(&scope), word)) {
            continue;
        }
        a0__buf_string(&scope, scope.len > 0 ? " " : NULL);
        a0__buf_text(&scope, word);
    }
    A0_TRY(a0__buf_check(&scope, err));
    request->scope = a0__buf_take(&scope);
    A0_ENSURE(request->scope != NULL, err, no_memory);
    return A0_OK;
}

static a0_status
resolve(const a0__settings *settings, const a0__authorization_input *input,
        a0__authorization *request, a0_error **err)
{
    const a0_param *audience = param_of_caller(input, "audience");
    const char *max_age = effective(settings, input, "max_age");
    uint64_t seconds = 0;

    A0_TRY(keep(audience != NULL ? audience->value : settings->audience,
                &request->audience, err));
    A0_TRY(resolve_scope(settings, input, request, err));
    A0_TRY(keep(effective(settings, input, "connection"), &request->connection, err));
    A0_TRY(
        keep(effective(settings, input, "organization"), &request->organization, err));
    A0_TRY(keep(effective(settings, input, "acr_values"), &request->acr_values, err));
    if (is_sent(max_age) && a0__parse_u64(a0__text_of(max_age), INT32_MAX, &seconds)) {
        request->max_age = (int64_t)seconds;
    }
    return A0_OK;
}

static void
add_unless_empty(a0__form *form, const char *name, const char *value)
{
    if (is_sent(value)) {
        a0__form_add_string(form, name, value);
    }
}

static bool
is_scope_or_audience(const char *name)
{
    return a0__text_is(A0__LIT("scope"), name) ||
           a0__text_is(A0__LIT("audience"), name);
}

static void
add_chosen(const a0__settings *settings, const a0__authorization_input *input,
           a0__form *form)
{
    const a0__pairs *defaults = &settings->authorization_params;

    for (size_t i = 0; i < defaults->len; i++) {
        const a0__pair *pair = &defaults->items[i];

        if (!is_scope_or_audience(pair->name) &&
            param_of_caller(input, pair->name) == NULL) {
            add_unless_empty(form, pair->name, pair->value);
        }
    }
    for (size_t i = 0; i < input->params_len; i++) {
        if (!is_scope_or_audience(input->params[i].name) &&
            !restates(settings, input, &input->params[i])) {
            add_unless_empty(form, input->params[i].name, input->params[i].value);
        }
    }
}

a0_status
a0__authorization_request(const a0__settings *settings,
                          const a0__authorization_input *input, a0__authorization *out,
                          a0_error **err)
{
    A0_AUTO(a0__authorization) request = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__buf) challenge = A0__BUF_INIT(CHALLENGE_LEN);
    a0__form *form = &request.form;

    A0_TRY(a0__redirect_uri_check(input->redirect_uri, err));
    A0_TRY(check_params(settings, input, err));
    A0_TRY(resolve(settings, input, &request, err));
    A0_TRY(a0__pkce_challenge(input->code_verifier, &challenge, err));

    a0__form_add_string(form, "response_type", RESPONSE_TYPE);
    a0__form_add_string(form, "client_id", settings->client_id);
    a0__form_add_string(form, "redirect_uri", input->redirect_uri);
    a0__form_add_secret(form, "state", input->state);
    a0__form_add_secret(form, "nonce", input->nonce);
    a0__form_add(form, "code_challenge", a0__buf_view(&challenge));
    a0__form_add_string(form, "code_challenge_method", A0__CODE_CHALLENGE_METHOD);
    a0__form_add_string(form, "scope", request.scope);
    add_unless_empty(form, "audience", request.audience);
    add_chosen(settings, input, form);
    A0_TRY(a0__buf_check(&form->text, err));

    *out = request;
    request = A0__AUTHORIZATION_INIT;
    return A0_OK;
}

void
a0__authorization_clear(a0__authorization *authorization)
{
    a0__form_auto(&authorization->form);
    a0__free(authorization->audience);
    a0__free(authorization->scope);
    a0__free(authorization->connection);
    a0__free(authorization->organization);
    a0__free(authorization->acr_values);
    *authorization = A0__AUTHORIZATION_INIT;
}

void
a0__authorization_auto(a0__authorization *authorization)
{
    a0__authorization_clear(authorization);
}

/* ---- the URL ---- */

a0_status
a0__authorization_url(const char *authorization_endpoint, const a0__form *form,
                      a0__buf *out_url, a0_error **err)
{
    a0__buf_string(out_url, authorization_endpoint);
    a0__buf_byte(out_url, '?');
    a0__buf_text(out_url, a0__buf_view(&form->text));
    return a0__buf_check(out_url, err);
}

a0_status
a0__authorization_url_pushed(const char *authorization_endpoint, const char *client_id,
                             const char *request_uri, a0__buf *out_url, a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(A0__AUTHORIZATION_MAX);

    a0__form_add_string(&form, "client_id", client_id);
    a0__form_add_string(&form, "request_uri", request_uri);
    A0_TRY(a0__buf_check(&form.text, err));
    return a0__authorization_url(authorization_endpoint, &form, out_url, err);
}
