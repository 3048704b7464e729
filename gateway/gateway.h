/* SPDX-License-Identifier: MIT */
/*
 * The sign-in gateway, `a0 serve`: what the program a0 needs of it. Settings are those
 * of liba0 and the gateway's own (gateway_settings_rows), in one JSON file and in the
 * environment.
 */
#ifndef A0_GATEWAY_GATEWAY_H
#define A0_GATEWAY_GATEWAY_H

#include <stdint.h>

#include <a0/a0.h>

typedef struct gateway gateway;

/* The gateway's own settings, for `a0 serve --help`. */
const a0_setting *gateway_settings_rows(size_t *out_len);

/*
 * A configuration that knows the gateway's settings and its defaults; read a file and
 * the environment into it. The caller frees it.
 */
A0_MUST_USE a0_status gateway_config_new(a0_config **out_config, a0_error **err);

/*
 * Checks everything, a0_config_check included: A0_INVALID (config_invalid) after which
 * a0_config_fault gives every fault.
 */
A0_MUST_USE a0_status gateway_config_check(a0_config *config, a0_error **err);

/*
 * A client on the gateway's database and with its keys, without a gateway: for commands
 * that look after what is kept there. Errors: config_invalid, store_*, no_memory.
 */
A0_MUST_USE a0_status gateway_client_new(a0_config *config, a0_client **out_client,
                                         a0_error **err);

/*
 * Opens the database, makes the client, listens. The log goes to log_fd as JSON lines
 * and has to stay open. The configuration is not needed afterwards. Errors:
 * config_invalid, store_invalid, gw_start_failed, no_memory.
 *
 * predecessor is NULL, or a gateway whose place this one takes: both listen at the
 * addresses that both have, until the caller stops the other.
 */
A0_MUST_USE a0_status gateway_start(a0_config *config, int log_fd, gateway *predecessor,
                                    gateway **out_gateway, a0_error **err);

/* Logs why another configuration did not take the place of this one's: every fault of
 * the configuration (may be NULL), or else the error. */
void gateway_keeps_on(const gateway *g, const a0_config *config, const a0_error *error);

/* Where people go: base_url, without a slash at the end. Lives as long as the gateway.
 */
const char *gateway_url(const gateway *g);

/* Lets the requests under way finish. Accepts NULL. */
void gateway_stop(gateway *g);

#endif
