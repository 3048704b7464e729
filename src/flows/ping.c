/* SPDX-License-Identifier: MIT */
/*
 * Readiness (contract §1): one token request in three stages, told apart in the answer.
 * The cache is neither read nor written: what is probed is the tenant as it is now.
 */
#include <a0/ping.h>

#include <string.h>

#include "auth0/management.h"
#include "base/mem.h"
#include "flows/client.h"
#include "oauth/scope.h"

enum {
    SCOPES_MAX = 65536,
    TIMEOUT_MAX_MS = 120000
};

struct a0_ping_result {
    int64_t expires_in;
    int64_t latency_ms;
    char *granted_scopes;
    char *excess_scopes;
    bool shares_credentials;
};

void
a0_ping_result_free(a0_ping_result *result)
{
    if (result != NULL) {
        a0__free(result->granted_scopes);
        a0__free(result->excess_scopes);
        a0__free(result);
    }
}

typedef a0_ping_result *result_ptr;

static void
result_ptr_auto(result_ptr *result)
{
    a0_ping_result_free(*result);
}

/* ---- stage m2m_token ---- */

/* The stage with the sentence and the answer of what went wrong in it. */
static a0_status
fail_without_token(const a0_error *cause, a0_error **err)
{
    a0_status status =
        a0__fail_saying(err, A0_E_ping_m2m_token, "%s", a0_error_message(cause));

    if (err != NULL) {
        a0__error_copy_peer(*err, cause);
    }
    return status;
}

static a0_status
ask(const a0_client *client, int64_t timeout_ms, a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__http_request) request = { 0 };
    A0_AUTO(a0__http_response_ptr) response = NULL;
    a0__client_auth auth = a0__client_auth_for_management(client);

    A0_TRY(a0__machine_token_request(&auth, &request, err));
    A0_TRY(a0__http_send_one(
        (a0__http){ client->ports.transport, client->ports.transport_self }, &request,
        timeout_ms, &response, NULL, err));
    return a0__machine_token_response(response, a0__client_wall_ms(client), out, err);
}

static a0_status
get_token(const a0_client *client, int64_t timeout_ms, a0__token_set *out,
          a0_error **err)
{
    A0_AUTO(a0__error_ptr) cause = NULL;
    a0_status status = ask(client, timeout_ms, out, &cause);

    if (status == A0_OK) {
        return A0_OK;
    }
    if (status == A0_NO_MEMORY) {
        return a0__fail(err, A0_E_no_memory);
    }
    return fail_without_token(cause, err);
}

/* ---- stage scope_grant ---- */

static a0_status
check_scopes(a0__text granted, a0__text required, a0_error **err)
{
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(SCOPES_MAX);
    a0_status status = A0_OK;

    a0__scopes_missing(granted, required, &missing);
    A0_TRY(a0__buf_check(&missing, err));
    if (missing.len == 0) {
        return A0_OK;
    }
    status = a0__fail(err, A0_E_ping_scope_grant);
    if (err != NULL) {
        a0__error_set_missing_scopes(*err, a0__buf_view(&missing));
    }
    return status;
}

/* ---- the whole ---- */

static a0_status
read_options(const a0_ping_options *options, a0_ping_options *out, a0_error **err)
{
    if (options != NULL) {
        memcpy(out, options, options->size < sizeof *out ? options->size : sizeof *out);
    }
    if (out->timeout_ms == 0) {
        out->timeout_ms = A0__HTTP_MANAGEMENT_TIMEOUT_MS;
    }
    if (out->timeout_ms < 0 || out->timeout_ms > TIMEOUT_MAX_MS) {
        return a0__fail_about(err, A0_E_param_invalid, "timeout_ms");
    }
    if (!a0__scope_is_valid(a0__text_of(out->required_scopes))) {
        return a0__fail_about(err, A0_E_param_invalid, "required_scopes");
    }
    return A0_OK;
}

/* [MGMT-04] */
static a0_status
note_excess(const a0_client *client, a0__text granted, a0__text required,
            a0_ping_result *result, a0_error **err)
{
    A0_AUTO(a0__buf) excess = A0__BUF_INIT(SCOPES_MAX);

    a0__scopes_excess(granted, required, &excess);
    A0_TRY(a0__buf_check(&excess, err));
    if (excess.len > 0) {
        A0__LOG(client->log, A0_LOG_WARN, "mgmt.scope_excess",
                A0__FIELD_FOREIGN("scopes", a0__buf_cstr(&excess)));
    }
    result->excess_scopes = a0__strdup(a0__buf_cstr(&excess));
    A0_ENSURE(result->excess_scopes != NULL, err, no_memory);
    return A0_OK;
}

static a0_status
new_result(const a0_client *client, a0__text granted, a0__text required,
           a0_ping_result **out, a0_error **err)
{
    A0_AUTO(result_ptr) result = a0__calloc(1, sizeof *result);
    const a0__settings *settings = client->settings;

    A0_ENSURE(result != NULL, err, no_memory);
    result->granted_scopes =
        a0__strndup(granted.len > 0 ? granted.ptr : "", granted.len);
    A0_ENSURE(result->granted_scopes != NULL, err, no_memory);
    A0_TRY(note_excess(client, granted, required, result, err));
    result->shares_credentials =
        a0__text_is(a0__text_of(settings->client_id), settings->management_client_id);
    *out = a0__steal(&result);
    return A0_OK;
}

a0_status
a0_ping(a0_client *client, const a0_ping_options *options, a0_ping_result **out_result,
        a0_error **err)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    A0_AUTO(a0__buf) granted = A0__BUF_INIT(SCOPES_MAX);
    a0_ping_options given = A0_PING_OPTIONS_INIT;
    a0__text required = A0__NO_TEXT;
    int64_t began_ms = a0__client_monotonic_ms(client);
    int64_t latency_ms = 0;
    bool is_ours = false;

    A0_TRY(read_options(options, &given, err));
    required = a0__text_of(given.required_scopes);
    A0_TRY(get_token(client, given.timeout_ms, &tokens, err));
    latency_ms = a0__client_monotonic_ms(client) - began_ms;
    A0_TRY(a0__machine_token_inspect(client->settings, &tokens.access_token, &is_ours,
                                     &granted, err));
    A0_ENSURE(is_ours, err, ping_token_claims);
    A0_TRY(check_scopes(a0__buf_view(&granted), required, err));
    A0_TRY(new_result(client, a0__buf_view(&granted), required, out_result, err));
    (*out_result)->expires_in = tokens.expires_in;
    (*out_result)->latency_ms = latency_ms;
    return A0_OK;
}

int64_t
a0_ping_result_expires_in(const a0_ping_result *result)
{
    return result->expires_in;
}

int64_t
a0_ping_result_latency_ms(const a0_ping_result *result)
{
    return result->latency_ms;
}

const char *
a0_ping_result_granted_scopes(const a0_ping_result *result)
{
    return result->granted_scopes;
}

const char *
a0_ping_result_excess_scopes(const a0_ping_result *result)
{
    return result->excess_scopes;
}

bool
a0_ping_result_shares_credentials(const a0_ping_result *result)
{
    return result->shares_credentials;
}
