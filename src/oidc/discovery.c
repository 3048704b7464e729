/* SPDX-License-Identifier: MIT */
#include "oidc/discovery.h"

#include "json/json.h"

enum {
    URL_MAX = 2048
};

/* ---- the members, §3 ---- */

/* An endpoint, where it goes, and where Auth0 has it. */
typedef struct endpoint {
    const char *member;
    size_t offset;
    const char *path;
    bool is_required; /* by §3 */
} endpoint;

#define ENDPOINT(name, path, is_required)                                              \
    {                                                                                  \
#name, offsetof(a0__metadata, name), path, is_required                         \
    }

static const endpoint endpoints[] = {
    ENDPOINT(authorization_endpoint, "/authorize", true),
    ENDPOINT(token_endpoint, "/oauth/token", true),
    ENDPOINT(userinfo_endpoint, "/userinfo", false),
    ENDPOINT(jwks_uri, "/.well-known/jwks.json", true),
    ENDPOINT(pushed_authorization_request_endpoint, "/oauth/par", false),
    ENDPOINT(revocation_endpoint, "/oauth/revoke", false),
    ENDPOINT(end_session_endpoint, "/oidc/logout", false),
};

enum {
    ENDPOINTS_LEN = sizeof endpoints / sizeof endpoints[0]
};

static char **
slot(a0__metadata *metadata, const endpoint *e)
{
    return (char **)(void *)((char *)metadata + e->offset);
}

void
a0__metadata_clear(a0__metadata *metadata)
{
    a0__free(metadata->issuer);
    for (size_t i = 0; i < ENDPOINTS_LEN; i++) {
        a0__free(*slot(metadata, &endpoints[i]));
    }
    *metadata = A0__METADATA_INIT;
}

void
a0__metadata_auto(a0__metadata *metadata)
{
    a0__metadata_clear(metadata);
}

/* ---- §4.1 ---- */

a0_status
a0__metadata_request(const a0__settings *settings, a0__http_request *out,
                     a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);

    a0__buf_string(&url, settings->base_url);
    a0__buf_string(&url, "/.well-known/openid-configuration");
    A0_TRY(a0__buf_check(&url, err));
    a0__http_get(out, a0__buf_view(&url), A0__HTTP_DISCOVERY_MAX);
    return a0__http_request_check(out, err);
}

/* ---- §4.2, §4.3 ---- */

static a0_status
fail_about_member(const char *member, a0_error **err)
{
    return a0__fail_about(err, A0_E_discovery_invalid, member);
}

/* Byte for byte: the issuer is what tokens are held against later [JWKS-07]. */
static a0_status
read_issuer(const a0__settings *settings, const a0__json *document, a0__metadata *out,
            a0_error **err)
{
    a0__text issuer = A0__NO_TEXT;

    (void)a0__json_text(document, "issuer", &issuer);
    A0_ENSURE(a0__text_is(issuer, settings->issuer), err, discovery_issuer_mismatch);
    out->issuer = a0__strdup(settings->issuer);
    A0_ENSURE(out->issuer != NULL, err, no_memory);
    return A0_OK;
}

/* A foreign endpoint would be sent our secrets [JWKS-08]. */
static bool
is_on_issuer(a0__text endpoint_url, const char *issuer)
{
    a0__url url;
    a0__url home;

    return endpoint_url.len <= URL_MAX && a0__url_parse(endpoint_url, &url) &&
           a0__url_parse(a0__text_of(issuer), &home) &&
           a0__url_same_origin(&url, &home) && !url.has_userinfo && !url.has_query &&
           !url.has_fragment;
}

/* Where Auth0 has an endpoint that its document leaves out. */
static a0_status
use_fixed_path(const a0__settings *settings, const endpoint *e, char **out,
               a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);

    a0__buf_string(&url, settings->base_url);
    a0__buf_string(&url, e->path);
    A0_TRY(a0__buf_check(&url, err));
    *out = a0__buf_take(&url);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

static a0_status
read_endpoint(const a0__settings *settings, const a0__json *document, const endpoint *e,
              a0__metadata *out, a0_error **err)
{
    char **to = slot(out, e);
    a0__text url = A0__NO_TEXT;
    a0__found found = a0__json_text(document, e->member, &url);

    if (found == A0__ABSENT && !e->is_required) {
        return use_fixed_path(settings, e, to, err);
    }
    if (found != A0__FOUND || !is_on_issuer(url, settings->issuer)) {
        return fail_about_member(e->member, err);
    }
    *to = a0__strndup(url.ptr, url.len);
    A0_ENSURE(*to != NULL, err, no_memory);
    return A0_OK;
}

/* RFC 8414 §2, RFC 7636: a list of methods without S256 refuses ours [AUTHZ-03]. */
static a0_status
read_code_challenge_methods(const a0__json *document, a0__metadata *out, a0_error **err)
{
    static const char member[] = "code_challenge_methods_supported";
    const a0__json *methods = NULL;
    a0__text method = A0__NO_TEXT;

    switch (a0__json_array(document, member, &methods)) {
    case A0__ABSENT:
        return A0_OK;
    case A0__MISTYPED:
        return fail_about_member(member, err);
    case A0__FOUND:
        break;
    }
    for (size_t i = 0; i < a0__json_len(methods); i++) {
        if (a0__json_text_of(a0__json_at(methods, i), &method) &&
            a0__text_is(method, "S256")) {
            out->says_s256 = true;
        }
    }
    return out->says_s256 ? A0_OK : fail_about_member(member, err);
}

static a0_status
read_iss_parameter(const a0__json *document, a0__metadata *out, a0_error **err)
{
    static const char member[] = "authorization_response_iss_parameter_supported";

    if (a0__json_bool(document, member,
                      &out->authorization_response_iss_parameter_supported) ==
        A0__MISTYPED) {
        return fail_about_member(member, err);
    }
    return A0_OK;
}

static bool
says(const a0__json *document, const char *member)
{
    return a0__json_member(document, member) != NULL;
}

a0_status
a0__metadata_read(const a0__settings *settings, a0__text document, a0__metadata *out,
                  a0_error **err)
{
    A0_AUTO(a0__json_doc) json = NULL;
    A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;

    A0_TRY(a0__json_parse(document, &json, err));
    A0_ENSURE(a0__json_is_object(json), err, discovery_invalid);
    A0_TRY(read_issuer(settings, json, &metadata, err));
    for (size_t i = 0; i < ENDPOINTS_LEN; i++) {
        A0_TRY(read_endpoint(settings, json, &endpoints[i], &metadata, err));
    }
    A0_TRY(read_code_challenge_methods(json, &metadata, err));
    A0_TRY(read_iss_parameter(json, &metadata, err));
    metadata.says_par = says(json, "pushed_authorization_request_endpoint");
    metadata.says_revocation = says(json, "revocation_endpoint");
    metadata.says_end_session = says(json, "end_session_endpoint");

    *out = metadata;
    metadata = A0__METADATA_INIT;
    return A0_OK;
}

a0_status
a0__metadata_response(const a0__settings *settings, const a0_http_response *response,
                      a0__metadata *out, a0_error **err)
{
    int status = a0_http_response_status(response);

    if (status != 200) {
        a0_status failed = a0__fail(err, A0_E_discovery_fetch_failed);

        if (err != NULL) {
            a0__error_set_peer(*err, status, A0__NO_TEXT, A0__NO_TEXT);
        }
        return failed;
    }
    return a0__metadata_read(settings, a0__http_body(response), out, err);
}

/* ---- drift ---- */

a0_status
a0__metadata_check_not_weaker(const a0__settings *settings, const a0__metadata *older,
                              const a0__metadata *newer, a0_error **err)
{
    if (older->says_s256 && !newer->says_s256) {
        return fail_about_member("code_challenge_methods_supported", err);
    }
    if (older->authorization_response_iss_parameter_supported &&
        !newer->authorization_response_iss_parameter_supported) {
        return fail_about_member("authorization_response_iss_parameter_supported", err);
    }
    if (settings->pushed_authorization_requests && older->says_par &&
        !newer->says_par) {
        return fail_about_member("pushed_authorization_request_endpoint", err);
    }
    if (settings->revoke_on_logout && older->says_revocation &&
        !newer->says_revocation) {
        return fail_about_member("revocation_endpoint", err);
    }
    if (settings->logout_endpoint_oidc && older->says_end_session &&
        !newer->says_end_session) {
        return fail_about_member("end_session_endpoint", err);
    }
    return A0_OK;
}
