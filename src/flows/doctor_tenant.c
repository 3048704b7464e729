/* SPDX-License-Identifier: MIT */
/* Whether the tenant can be reached, what time it is there, and what it says of itself:
 * OIDC Discovery 1.0 §4, RFC 7517. */
#include <string.h>

#include "flows/doctor.h"
#include "jose/jwk.h"
#include "oidc/discovery.h"

/* ---- network ---- */

static a0_status
ask(a0__examination *x, a0_http_response **out, a0_error **err)
{
    A0_AUTO(a0__http_request) request = { 0 };
    a0__http http = { x->client->ports.transport, x->client->ports.transport_self };

    A0_TRY(a0__metadata_request(x->client->settings, &request, err));
    return a0__http_send_one(http, &request, x->given.timeout_ms, out, NULL, err);
}

/* ---- clock ---- */

/* RFC 9110 §6.6.1; it has whole seconds and was written before it arrived. */
static void
check_clock(a0__examination *x, const a0_http_response *response)
{
    static const char remedy[] = "set the clock of this machine by NTP; tokens are "
                                 "refused when it is wrong";
    int64_t theirs = 0;
    int64_t ahead_s = 0;

    if (!a0__http_date_s(response, &theirs)) {
        a0__buf_string(a0__check_add(x, "clock", A0_CHECK_NOT_CHECKED, NULL),
                       "the tenant does not say what time it is");
        return;
    }
    ahead_s = a0__client_now_s(x->client) - theirs;
    if (ahead_s > x->client->settings->clock_leeway_s + 1 ||
        ahead_s < -x->client->settings->clock_leeway_s - 1) {
        a0__buf_format(
            a0__check_add(x, "clock", A0_CHECK_FAILED, remedy),
            "the clock of this machine is %lld seconds %s that of the tenant",
            (long long)(ahead_s < 0 ? -ahead_s : ahead_s),
            ahead_s < 0 ? "behind" : "ahead of");
        return;
    }
    a0__check_ok(x, "clock", "this machine and the tenant agree about the time");
}

/* ---- discovery and keys ---- */

static bool
has_key_for(const a0__examination *x, a0__alg alg)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    const a0__jwk *key = NULL;

    /* Several that fit are as good as one: tokens say which. */
    return a0__jwks_find(x->tenant->jwks, alg, NULL, &key, &failure) == A0_OK ||
           a0__error_is(failure, A0_E_jwt_key_ambiguous);
}

static void
check_keys(a0__examination *x)
{
    static const char remedy[] =
        "set id_token_algorithms to what the application signs "
        "with at Auth0";
    a0__algs wanted = a0__algs_named(&x->client->settings->id_token_algorithms);
    a0__buf *text = NULL;

    for (int alg = 0; alg < A0__ALGS_LEN; alg++) {
        if ((wanted & A0__ALG_BIT(alg)) != 0 &&
            (alg == A0__HS256 || has_key_for(x, (a0__alg)alg))) {
            a0__check_ok(x, "keys", "the tenant publishes keys that fit");
            return;
        }
    }
    text = a0__check_add(x, "keys", A0_CHECK_FAILED, remedy);
    a0__buf_string(text, "the tenant publishes no key for");
    for (size_t i = 0; i < x->client->settings->id_token_algorithms.len; i++) {
        a0__buf_string(text, " ");
        a0__buf_string(text, x->client->settings->id_token_algorithms.items[i]);
    }
}

static a0_status
check_discovery(a0__examination *x, a0_error **err)
{
    static const char *const without_keys[] = { "keys", NULL };
    A0_AUTO(a0__error_ptr) failure = NULL;
    int64_t until_ms = a0__client_monotonic_ms(x->client) + x->given.timeout_ms;
    a0_status status = a0__provider_fetch(x->client, until_ms, &x->tenant, &failure);

    if (status == A0_NO_MEMORY) {
        return a0__fail(err, A0_E_no_memory);
    }
    if (status == A0_OK) {
        a0__check_ok(x, "discovery",
                     "the tenant describes itself as auth0_domain says");
        check_keys(x);
    } else if (strncmp(a0_error_id(failure), "jwks", 4) == 0) {
        a0__check_ok(x, "discovery",
                     "the tenant describes itself as auth0_domain says");
        a0__check_error(x, "keys", A0_CHECK_FAILED, failure);
    } else {
        a0__check_error(x, "discovery", A0_CHECK_FAILED, failure);
        a0__checks_skipped(x, without_keys, "the discovery document names them");
    }
    return A0_OK;
}

a0_status
a0__doctor_tenant(a0__examination *x, a0_error **err)
{
    static const char *const rest[] = { "clock", "discovery", "keys", NULL };
    A0_AUTO(a0__http_response_ptr) response = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = ask(x, &response, &failure);

    if (status == A0_NO_MEMORY) {
        return a0__fail(err, A0_E_no_memory);
    }
    if (status != A0_OK) {
        a0__check_error(x, "network", A0_CHECK_FAILED, failure);
        a0__checks_skipped(x, rest, "the tenant can not be reached");
        return A0_OK;
    }
    a0__buf_format(a0__check_add(x, "network", A0_CHECK_OK, NULL), "%s answers",
                   x->client->settings->base_url);
    check_clock(x, response);
    return check_discovery(x, err);
}
