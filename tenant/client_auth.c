/* SPDX-License-Identifier: MIT */
#include "client_auth.h"

#include "assertion.h"
#include "base/base64url.h"

enum {
    ASSERTION_MAX = 2048, /* wire §3 */
    BASIC_MAX = 4096
};

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* What came with the request, whatever the client is set to. */
typedef struct credentials {
    const char *method;
    a0__buf client_id;
    a0__buf secret;
} credentials;

#define CREDENTIALS_INIT                                                               \
    {                                                                                  \
        .method = "none", .client_id = A0__BUF_INIT(BASIC_MAX),                        \
        .secret = A0__BUF_INIT(BASIC_MAX)                                              \
    }

static void
credentials_auto(credentials *c)
{
    a0__buf_clear(&c->client_id);
    a0__buf_clear(&c->secret);
}

static a0_status
refuse_client(a0__exchange *x, const char *description)
{
    a0__web_header_set(x->response, "WWW-Authenticate", A0__LIT("Basic realm=\"a0\""));
    return a0__refuse(x, 401, "invalid_client", "%s", description);
}

/* RFC 6749 §2.3.1: both halves were form-encoded before they were joined. */
static bool
read_basic(a0__text header, credentials *out)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(BASIC_MAX);
    a0__text rest = A0__NO_TEXT;
    a0__text id = A0__NO_TEXT;

    if (!a0__base64_decode(a0__text_trim(a0__text_from(header, 6)), &plain)) {
        return false;
    }
    rest = a0__buf_view(&plain);
    return a0__text_next(&rest, ':', &id) && rest.ptr != NULL &&
           a0__percent_decode(id, true, &out->client_id) &&
           a0__percent_decode(rest, true, &out->secret);
}

/* Who an assertion says it is from, to know whose key to verify it with. */
static void
read_issuer_unverified(a0__text assertion, a0__buf *out)
{
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(ASSERTION_MAX);
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__text header = A0__NO_TEXT;
    a0__text segment = A0__NO_TEXT;

    if (a0__text_next(&assertion, '.', &header) &&
        a0__text_next(&assertion, '.', &segment) &&
        a0__base64url_decode(segment, &payload) &&
        a0__json_parse(a0__buf_view(&payload), &claims, NULL) == A0_OK) {
        a0__buf_text(out, a0__json_text_of_member(claims, "iss"));
    }
}

static a0_status
read_credentials(a0__exchange *x, credentials *out)
{
    a0__text authorization = a0__header(x, "Authorization");
    a0__text posted_id = a0__param(x, "client_id");

    if (authorization.len >= 6 &&
        a0__text_equal_ignoring_case(a0__text_range(authorization.ptr, 6),
                                     A0__LIT("Basic "))) {
        out->method = "client_secret_basic";
        if (!read_basic(authorization, out)) {
            return refuse_client(x, "Malformed Basic credentials");
        }
        if (posted_id.len > 0 &&
            !a0__text_equal(posted_id, a0__buf_view(&out->client_id))) {
            return refuse_client(x, "Two client_id that differ");
        }
        return A0_OK;
    }
    a0__buf_text(&out->client_id, posted_id);
    if (a0__has_param(x, "client_assertion")) {
        out->method = "private_key_jwt";
        if (posted_id.len == 0) {
            read_issuer_unverified(a0__param(x, "client_assertion"), &out->client_id);
        }
    } else if (a0__has_param(x, "client_secret")) {
        out->method = "client_secret_post";
        a0__buf_text(&out->secret, a0__param(x, "client_secret"));
    }
    return A0_OK;
}

static a0_status
check_assertion(a0__exchange *x, const a0__client *client)
{
    static const a0__assertion_rules rules = { .speaks_of_itself = true };
    A0_AUTO(a0__json_doc) claims = NULL;
    const char *fault = NULL;

    if (!a0__text_is(a0__param(x, "client_assertion_type"), ASSERTION_TYPE)) {
        return refuse_client(x, "client_assertion_type must be " ASSERTION_TYPE);
    }
    fault = a0__assertion_take(x, client, a0__param(x, "client_assertion"), &rules,
                               &claims);
    return fault == NULL ? A0_OK : refuse_client(x, fault);
}

a0_status
a0__client_authenticate(a0__exchange *x, a0__client **out_client)
{
    A0_AUTO(credentials) given = CREDENTIALS_INIT;
    a0__client *client = NULL;
    a0__text secret = A0__NO_TEXT;

    A0_TRY(read_credentials(x, &given));
    client = a0__tenant_client(x->tenant, a0__buf_view(&given.client_id));
    if (client == NULL) {
        return refuse_client(x, "Unknown client");
    }
    if (!a0__text_is(a0__text_of(given.method), client->token_endpoint_auth_method)) {
        return refuse_client(x, "Client authentication failed: another method is "
                                "configured for the application");
    }
    if (a0__text_is(a0__text_of(given.method), "private_key_jwt")) {
        A0_TRY(check_assertion(x, client));
    }
    secret = a0__text_of(client->client_secret);
    if (a0__text_starts_with(a0__text_of(given.method), A0__LIT("client_secret_")) &&
        (secret.len != given.secret.len || secret.len == 0 ||
         !a0__equal_constant_time(secret.ptr, given.secret.ptr, secret.len))) {
        return refuse_client(x, "Unauthorized");
    }
    *out_client = client;
    return A0_OK;
}
