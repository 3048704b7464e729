/* SPDX-License-Identifier: MIT */
/* a0 ping: whether the tenant gives this application what it needs, for probes. */
#include <a0/ping.h>

#include "client.h"
#include "life.h"

enum {
    CONFIG,
    REQUIRED_SCOPE,
    TIMEOUT
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
    [REQUIRED_SCOPE] = { "required-scope", "SCOPE",
                         "a scope of the Management API that has to be granted, for "
                         "example read:users",
                         true },
    [TIMEOUT] = { "timeout", "SECONDS", "how long it may take in all (5)", false },
};

/* ---- ready ---- */

/* What works and is a risk all the same [MGMT-04]. */
static void
put_warnings(const a0_ping_result *result, a0__json_writer *w)
{
    const char *excess = a0_ping_result_excess_scopes(result);

    a0__json_name(w, "warnings");
    a0__json_open(w, '[');
    if (a0_ping_result_shares_credentials(result)) {
        a0__json_string(w, "sign-ins use the same credentials, so who steals them gets "
                           "these scopes too; set management_client_id and "
                           "management_client_secret to those of an application of "
                           "its own");
    }
    if (excess[0] != '\0') {
        a0__json_string(w, "excess_scopes are granted and nobody asked for them; take "
                           "them from the application's grant");
    }
    a0__json_close(w, ']');
}

static int
print_ready(const a0_ping_result *result)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(CLI_JSON_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    a0__json_open(&w, '{');
    a0__json_put_bool(&w, "ok", true);
    a0__json_put_i64(&w, "expires_in", a0_ping_result_expires_in(result));
    cli_put_words(&w, "granted_scopes", a0_ping_result_granted_scopes(result));
    cli_put_words(&w, "excess_scopes", a0_ping_result_excess_scopes(result));
    a0__json_put_i64(&w, "latency_ms", a0_ping_result_latency_ms(result));
    put_warnings(result, &w);
    a0__json_close(&w, '}');
    return cli_print_json(&json, CLI_OK);
}

/* ---- not ready ---- */

static int
print_not_ready(const a0_error *err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(CLI_JSON_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    a0__json_open(&w, '{');
    a0__json_put_bool(&w, "ok", false);
    a0__json_put_string(&w, "stage", a0_error_stage(err));
    if (a0_error_peer_status(err) != 0) {
        a0__json_put_i64(&w, "status", a0_error_peer_status(err));
    }
    if (a0_error_peer_code(err) != NULL) {
        a0__json_put_string(&w, "error", a0_error_peer_code(err));
    }
    if (a0_error_missing_scopes(err) != NULL) {
        cli_put_words(&w, "missing_scopes", a0_error_missing_scopes(err));
    }
    if (a0_error_retry_after_s(err) > 0) {
        a0__json_put_i64(&w, "retry_after", a0_error_retry_after_s(err));
    }
    a0__json_put_string(&w, "remedy", a0_error_message(err));
    a0__json_close(&w, '}');
    return cli_print_json(&json, CLI_REFUSED);
}

/* ---- the command ---- */

static int
ping(a0_client *client, const a0_ping_options *ping_options)
{
    a0_ping_result *result = NULL;
    a0_error *err = NULL;
    int code = CLI_OK;

    if (a0_ping(client, ping_options, &result, &err) == A0_OK) {
        code = print_ready(result);
        a0_ping_result_free(result);
    } else if (a0_error_stage(err) != NULL) {
        code = print_not_ready(err);
        a0_error_free(err);
    } else {
        code = cli_report(NULL, err);
    }
    return code;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    a0_ping_options ping_options = A0_PING_OPTIONS_INIT;
    a0_client *client = NULL;
    int code = CLI_USAGE;

    (void)arguments_len;
    (void)arguments;
    ping_options.required_scopes = values[REQUIRED_SCOPE];
    if (!cli_read_timeout(values[TIMEOUT], &ping_options.timeout_ms)) {
        return CLI_USAGE;
    }
    client = cli_open_client(values[CONFIG], &code);
    if (client != NULL) {
        code = ping(client, &ping_options);
    }
    a0_client_free(client);
    return code;
}

static void
print_more(void)
{
    cli_print("Prints one JSON object. Exit code 0: ready. 1: not ready; `stage` says "
              "how far "
              "it got\nand `remedy` what to do:\n"
              "  m2m_token     the tenant gave no token (`status`: what it answered)\n"
              "  token_claims  the token is of another tenant or for another API\n"
              "  scope_grant   `missing_scopes` are not granted\n"
              "2: the configuration has a fault.\n"
              "\n"
              "Example:\n"
              "  a0 ping --config a0.json --required-scope read:users --timeout 2\n");
}

const cli_command ping_command = {
    .name = "ping",
    .summary = "whether the tenant gives this application what it needs",
    .text = "Asks the tenant for a token of the Management API and looks at it: one "
            "request,\nnothing kept. For readiness probes and for checking a "
            "configuration.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .run = run,
    .print_more = print_more,
};
