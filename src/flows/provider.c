/* SPDX-License-Identifier: MIT */
#include "flows/provider.h"

#include <string.h>

#include "base/mem.h"
#include "flows/client.h"
#include "flows/provider_cache.h"
#include "http/http.h"

/* security-cases §0.3: how long keys are believed, whatever Cache-Control says. */
enum {
    TTL_DEFAULT_MS = 600 * 1000,
    TTL_MIN_MS = 60 * 1000,
    STALE_MAX_MS = 24 * 3600 * 1000,
    WAIT_MS = 5000,
    /* While what is known is good: whoever signs in meanwhile does not wait longer for
     * a renewal that hangs. */
    RENEWAL_MS = 1000,
    DOCUMENTS = 2 /* discovery and keys */
};

static const char FLIGHT[] = "tenant";

void
a0__provider_init(a0__provider *provider)
{
    *provider = (a0__provider){ 0 };
    (void)pthread_mutex_init(&provider->mutex, NULL);
}

void
a0__provider_clear(a0__provider *provider)
{
    a0__tenant_free(provider->tenant);
    provider->tenant = NULL;
    (void)pthread_mutex_destroy(&provider->mutex);
}

void
a0__tenant_free(a0__tenant *tenant)
{
    if (tenant != NULL && atomic_fetch_sub(&tenant->holders, 1) == 1) {
        a0__metadata_clear(&tenant->metadata);
        a0__jwks_free(tenant->jwks);
        a0__free(tenant);
    }
}

void
a0__tenant_ptr_auto(a0__tenant_ptr *tenant)
{
    a0__tenant_free(*tenant);
    *tenant = NULL;
}

/* What is known, with a holder more; NULL when nothing is, or when it is so old that it
 * is worth no more than nothing [JWKS-04]. */
static a0__tenant *
known(a0_client *client)
{
    a0__provider *provider = &client->provider;
    a0__tenant *tenant = NULL;

    (void)pthread_mutex_lock(&provider->mutex);
    tenant = provider->tenant;
    if (tenant != NULL && a0__client_monotonic_ms(client) - tenant->fetched_at_ms >
                              tenant->ttl_ms + STALE_MAX_MS) {
        tenant = NULL;
    }
    if (tenant != NULL) {
        atomic_fetch_add(&tenant->holders, 1);
    }
    (void)pthread_mutex_unlock(&provider->mutex);
    return tenant;
}

/* Whether what is known has aged and the caller is the one to renew it: of many at once
 * one is, and after a renewal that failed nobody for a minute [JWKS-03, JWKS-04]. */
static bool
may_renew(const a0_client *client, a0__tenant *tenant)
{
    int64_t now = a0__client_monotonic_ms(client);
    int64_t renew_at = atomic_load(&tenant->renew_at_ms);

    return now >= renew_at && atomic_compare_exchange_strong(
                                  &tenant->renew_at_ms, &renew_at, now + TTL_MIN_MS);
}

/* Publishes a new state and gives it to the caller as well. */
static void
publish(a0_client *client, a0__tenant *tenant)
{
    a0__provider *provider = &client->provider;
    a0__tenant *old = NULL;

    tenant->fetched_at_ms = a0__client_monotonic_ms(client);
    atomic_init(&tenant->renew_at_ms, tenant->fetched_at_ms + tenant->ttl_ms);
    atomic_fetch_add(&tenant->holders, 1);
    (void)pthread_mutex_lock(&provider->mutex);
    old = provider->tenant;
    provider->tenant = tenant;
    (void)pthread_mutex_unlock(&provider->mutex);
    a0__tenant_free(old);
}

/* ---- asking ---- */

static a0__http
http_of(const a0_client *client)
{
    return (a0__http){ client->ports.transport, client->ports.transport_self };
}

static void
calls_clear(a0__http_call *calls, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        a0__http_call_clear(&calls[i]);
    }
}

/* What is known names the address of the keys; before that it is Auth0's fixed path,
 * and the answer is used only if the discovery document agrees. */
static a0_status
ask(const a0_client *client, const a0__tenant *tenant, a0__http_call calls[DOCUMENTS],
    a0_error **err)
{
    A0_AUTO(a0__buf) jwks_uri = A0__BUF_INIT(A0__URL_MAX);

    if (tenant != NULL) {
        a0__buf_string(&jwks_uri, tenant->metadata.jwks_uri);
    } else {
        a0__buf_string(&jwks_uri, client->settings->base_url);
        a0__buf_string(&jwks_uri, "/.well-known/jwks.json");
    }
    A0_TRY(a0__buf_check(&jwks_uri, err));
    A0_TRY(a0__metadata_request(client->settings, &calls[0].request, err));
    a0__http_get(&calls[1].request, a0__buf_view(&jwks_uri), A0__HTTP_JWKS_MAX);
    return a0__http_request_check(&calls[1].request, err);
}

/* ---- learning ---- */

/* The transport says what happened; what it means to a sign-in is one error. */
static a0_status
unanswered(const a0__http_call *call, a0__error_id id, a0_error **err)
{
    return a0__fail_saying(err, id, "%s (%s)", a0__error_sentence(id),
                           a0_error_message(call->error));
}

/* RFC 9111 §5.2.2.1 within our bounds. */
static int64_t
ttl_ms_of(const a0_http_response *response)
{
    a0__text rest = a0__text_of(a0_http_response_header(response, "cache-control"));
    a0__text piece = A0__NO_TEXT;
    uint64_t seconds = 0;

    while (a0__text_next(&rest, ',', &piece)) {
        piece = a0__text_trim(piece);
        if (a0__text_starts_with(piece, A0__LIT("max-age=")) &&
            a0__parse_u64(a0__text_from(piece, 8), INT32_MAX, &seconds)) {
            int64_t ms = (int64_t)seconds * 1000;

            ms = ms < TTL_MIN_MS ? TTL_MIN_MS : ms;
            return ms < A0__KEYS_TTL_MAX_MS ? ms : A0__KEYS_TTL_MAX_MS;
        }
    }
    return TTL_DEFAULT_MS;
}

/* RFC 7517 §5. The cache keeps what was good, for the next process. */
static a0_status
learn_keys(a0_client *client, const a0__http_call *metadata, const a0__http_call *call,
           a0__tenant *tenant, a0_error **err)
{
    if (call->response == NULL) {
        return unanswered(call, A0_E_jwks_fetch_failed, err);
    }
    A0_ENSURE(a0_http_response_status(call->response) == 200, err, jwks_fetch_failed);
    A0_TRY(a0__jwks_parse(a0__http_body(call->response), &tenant->jwks, err));
    /* A set of which nothing is usable must not take the place of a good one. */
    A0_ENSURE(a0__jwks_len(tenant->jwks) > 0, err, jwks_invalid);
    if (a0__jwks_private_len(tenant->jwks) > 0) {
        A0__LOG(client->log, A0_LOG_ERROR, "jwks.private_material",
                A0__FIELD_NUMBER("keys", (int64_t)a0__jwks_private_len(tenant->jwks)));
    }
    tenant->ttl_ms = ttl_ms_of(call->response);
    a0__provider_cache_keep(client, a0__http_body(metadata->response),
                            a0__http_body(call->response), tenant->ttl_ms);
    return A0_OK;
}

/* The document names another address for the keys than the one that was asked. */
static a0_status
learn_keys_elsewhere(a0_client *client, const a0__http_call *metadata, int64_t until_ms,
                     a0__tenant *tenant, a0_error **err)
{
    A0_AUTO(a0__http_call) call = { 0 };

    a0__http_get(&call.request, a0__text_of(tenant->metadata.jwks_uri),
                 A0__HTTP_JWKS_MAX);
    A0_TRY(a0__http_send(http_of(client), &call, 1,
                         until_ms - a0__client_monotonic_ms(client), err));
    return learn_keys(client, metadata, &call, tenant, err);
}

static a0_status
learn(a0_client *client, const a0__tenant *older, const a0__http_call calls[DOCUMENTS],
      int64_t until_ms, a0__tenant **out_tenant, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = a0__calloc(1, sizeof *tenant);

    A0_ENSURE(tenant != NULL, err, no_memory);
    atomic_init(&tenant->holders, 1);
    if (calls[0].response == NULL) {
        return unanswered(&calls[0], A0_E_discovery_fetch_failed, err);
    }
    A0_TRY(a0__metadata_response(client->settings, calls[0].response, &tenant->metadata,
                                 err));
    if (older != NULL) {
        A0_TRY(a0__metadata_check_not_weaker(client->settings, &older->metadata,
                                             &tenant->metadata, err));
    }
    if (a0__text_is(a0__buf_view(&calls[1].request.url), tenant->metadata.jwks_uri)) {
        A0_TRY(learn_keys(client, &calls[0], &calls[1], tenant, err));
    } else {
        A0_TRY(learn_keys_elsewhere(client, &calls[0], until_ms, tenant, err));
    }
    publish(client, tenant);
    *out_tenant = a0__steal(&tenant);
    return A0_OK;
}

a0_status
a0__provider_fetch(a0_client *client, int64_t until_ms, a0__tenant **out_tenant,
                   a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) older = known(client);
    a0__http_call calls[DOCUMENTS] = { 0 };
    a0_status status = ask(client, older, calls, err);

    if (status == A0_OK) {
        status = a0__http_send(http_of(client), calls, DOCUMENTS,
                               until_ms - a0__client_monotonic_ms(client), err);
    }
    if (status == A0_OK) {
        status = learn(client, older, calls, until_ms, out_tenant, err);
    }
    calls_clear(calls, DOCUMENTS);
    return status;
}

/* What the cache knows, or else what the tenant says. */
static a0_status
load_or_fetch(a0_client *client, int64_t until_ms, a0__tenant **out_tenant,
              a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = a0__calloc(1, sizeof *tenant);
    bool found = false;

    A0_ENSURE(tenant != NULL, err, no_memory);
    atomic_init(&tenant->holders, 1);
    a0__provider_cache_load(client, tenant, &found);
    if (!found) {
        return a0__provider_fetch(client, until_ms, out_tenant, err);
    }
    publish(client, tenant);
    *out_tenant = a0__steal(&tenant);
    return A0_OK;
}

/* JWKS-03: of many that know nothing one asks; a failure is shared by those who waited,
 * because each of them looks again only when it is called again. */
a0_status
a0__provider_get_until(a0_client *client, int64_t until_ms, a0__tenant **out_tenant,
                       a0_error **err)
{
    int64_t left_ms = until_ms - a0__client_monotonic_ms(client);
    a0__boarding boarding = A0__BOARDED;
    a0_status status = A0_OK;

    *out_tenant = known(client);
    if (*out_tenant != NULL) {
        return A0_OK;
    }
    A0_TRY(a0__flights_board(&client->flights, FLIGHT, NULL,
                             left_ms < WAIT_MS ? left_ms : WAIT_MS, &boarding, NULL,
                             err));
    if (boarding != A0__BOARDED) {
        *out_tenant = known(client);
        A0_ENSURE(*out_tenant != NULL, err, discovery_fetch_failed);
        return A0_OK;
    }
    *out_tenant = known(client);
    if (*out_tenant == NULL) {
        status = load_or_fetch(client, until_ms, out_tenant, err);
    }
    a0__flights_leave(&client->flights, FLIGHT, NULL, NULL);
    return status;
}

int64_t
a0__provider_deadline(const a0_client *client)
{
    return a0__client_monotonic_ms(client) + client->settings->http_timeout_ms;
}

a0_status
a0__provider_get(a0_client *client, a0__tenant **out_tenant, a0_error **err)
{
    return a0__provider_get_until(client, a0__provider_deadline(client), out_tenant,
                                  err);
}

/* A renewal that failed changes nothing: what is known stays in force [JWKS-04,
 * JWKS-10]. */
static void
log_renewal_failed(const a0_client *client, const a0_error *error)
{
    bool weaker = a0__error_is(error, A0_E_discovery_invalid);

    A0__LOG(client->log, A0_LOG_ERROR, weaker ? "discovery.weakened" : "jwks.stale",
            A0__FIELD_TEXT("error", a0_error_id(error)));
}

a0_status
a0__provider_send(a0_client *client, a0__http_call *call, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) older = known(client);
    A0_AUTO(a0__tenant_ptr) newer = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0__http_call calls[1 + DOCUMENTS] = { *call };
    int64_t deadline_ms = client->settings->http_timeout_ms;
    a0_status status = A0_OK;

    if (older == NULL || !may_renew(client, older)) {
        return a0__http_send(http_of(client), call, 1, deadline_ms, err);
    }
    status = ask(client, older, calls + 1, err);
    for (size_t i = 1; i <= DOCUMENTS; i++) {
        calls[i].request.deadline_ms = RENEWAL_MS;
    }
    if (status == A0_OK) {
        status = a0__http_send(http_of(client), calls, 1 + DOCUMENTS, deadline_ms, err);
    }
    *call = calls[0];
    if (status == A0_OK &&
        learn(client, older, calls + 1, a0__client_monotonic_ms(client) + RENEWAL_MS,
              &newer, &failure) != A0_OK) {
        log_renewal_failed(client, failure);
    }
    calls_clear(calls + 1, DOCUMENTS);
    return status;
}
