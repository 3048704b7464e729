/* SPDX-License-Identifier: MIT */
/*
 * Readiness: whether the tenant gives this application a token for the Management API
 * that can do what is needed. One request, nothing cached, nothing changed.
 */
#ifndef A0_PING_H
#define A0_PING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/client.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct a0_ping_options {
    size_t size;
    const char *required_scopes; /* separated by spaces; NULL: none in particular */
    int64_t timeout_ms;          /* for everything; 0: 5000 */
} a0_ping_options;

#define A0_PING_OPTIONS_INIT                                                           \
    {                                                                                  \
        .size = sizeof(a0_ping_options)                                                \
    }

/* What a ping found. Owned by the caller; getters live as long as the object. */
typedef struct a0_ping_result a0_ping_result;

/*
 * Asks the token endpoint of the Management API's domain for a machine token and reads
 * it. Failures are of the kind A0_ERROR_PING and name their stage (a0_error_stage):
 * "m2m_token" (no token; a0_error_peer_status says what was answered, 0 for nothing),
 * "token_claims" (it is of another tenant or for another API), "scope_grant"
 * (a0_error_missing_scopes). Beside those: param_invalid, no_memory.
 */
A0_API A0_MUST_USE a0_status a0_ping(a0_client *client, const a0_ping_options *options,
                                     a0_ping_result **out_result, a0_error **err);

A0_API void a0_ping_result_free(a0_ping_result *result);

A0_API int64_t a0_ping_result_expires_in(const a0_ping_result *result); /* seconds */
A0_API int64_t a0_ping_result_latency_ms(const a0_ping_result *result);

/* The scopes that stand in the token itself, separated by spaces: Auth0 drops those
 * that are not granted without saying so. */
A0_API const char *a0_ping_result_granted_scopes(const a0_ping_result *result);

/* Those among them that nobody required and that would do most harm in wrong hands
 * (deleting, applications, grants, tokens of identity providers); "" for none. */
A0_API const char *a0_ping_result_excess_scopes(const a0_ping_result *result);

/* Whether sign-ins use the same credentials: who steals them gets those scopes too. */
A0_API bool a0_ping_result_shares_credentials(const a0_ping_result *result);

#ifdef __cplusplus
}
#endif

#endif
