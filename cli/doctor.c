/* SPDX-License-Identifier: MIT */
/* a0 doctor: what is wrong with an installation, and what to do about it. */
#include <a0/doctor.h>

#include "client.h"
#include "life.h"

enum {
    CONFIG,
    CALLBACK_URL,
    TIMEOUT,
    JSON
};

enum {
    URL_MAX = 2048
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
    [CALLBACK_URL] = { "callback-url", "URL",
                       "where people come back to; without it, that of the gateway's "
                       "base_url",
                       false },
    [TIMEOUT] = { "timeout", "SECONDS", "how long one request may take (5)", false },
    [JSON] = { "json", NULL, "print one JSON object", false },
};

/* ---- printing ---- */

static const char *
outcome_name(a0_check_outcome outcome)
{
    switch (outcome) {
    case A0_CHECK_OK:
        return "ok";
    case A0_CHECK_WARNING:
        return "warning";
    case A0_CHECK_FAILED:
        return "failed";
    case A0_CHECK_NOT_CHECKED:
        return "not checked";
    }
    return "";
}

static int
print_json(const a0_doctor_report *report, int code)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(CLI_JSON_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    const a0_check *check = NULL;

    a0__json_open(&w, '{');
    a0__json_put_bool(&w, "ok", a0_doctor_report_is_healthy(report));
    a0__json_name(&w, "checks");
    a0__json_open(&w, '[');
    for (size_t i = 0; (check = a0_doctor_report_check(report, i)) != NULL; i++) {
        a0__json_open(&w, '{');
        a0__json_put_string(&w, "id", check->id);
        a0__json_put_string(&w, "outcome", outcome_name(check->outcome));
        a0__json_put_string(&w, "text", check->text);
        a0__json_put_string(&w, "remedy", check->remedy);
        a0__json_close(&w, '}');
    }
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    return cli_print_json(&json, code);
}

/* A line each: outcome, what was looked at, what is the case, what to do. */
static int
print_lines(const a0_doctor_report *report, int code)
{
    const a0_check *check = NULL;

    for (size_t i = 0; (check = a0_doctor_report_check(report, i)) != NULL; i++) {
        cli_print("%-11s  %s: %s%s%s\n", outcome_name(check->outcome), check->id,
                  check->text, check->remedy != NULL ? "; " : "",
                  check->remedy != NULL ? check->remedy : "");
    }
    return code;
}

/* ---- the command ---- */

/* The gateway's own, when the configuration says where it stands. */
static const char *
callback_of(const a0_config *config, a0__buf *out)
{
    const char *base_url = a0_config_own(config, "base_url");

    if (base_url == NULL) {
        return NULL;
    }
    a0__buf_format(out, "%s%s/callback", base_url, a0_config_own(config, "prefix"));
    return a0__buf_ok(out) ? a0__buf_cstr(out) : NULL;
}

static int
examine(a0_client *client, const a0_doctor_options *doctor_options, bool as_json)
{
    a0_doctor_report *report = NULL;
    a0_error *err = NULL;
    int code = CLI_OK;

    if (a0_doctor(client, doctor_options, &report, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    code = a0_doctor_report_is_healthy(report) ? CLI_OK : CLI_REFUSED;
    code = as_json ? print_json(report, code) : print_lines(report, code);
    a0_doctor_report_free(report);
    return code;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    A0_AUTO(a0__buf) callback = A0__BUF_INIT(URL_MAX);
    a0_doctor_options doctor_options = A0_DOCTOR_OPTIONS_INIT;
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    int code = CLI_USAGE;

    (void)arguments_len;
    (void)arguments;
    if (!cli_read_timeout(values[TIMEOUT], &doctor_options.timeout_ms)) {
        return CLI_USAGE;
    }
    if (cli_read_config(values[CONFIG], &config, &err) != A0_OK ||
        cli_new_client(config, &client, &err) != A0_OK) {
        code = cli_report(config, err);
    } else {
        doctor_options.callback_url = values[CALLBACK_URL] != NULL
                                          ? values[CALLBACK_URL]
                                          : callback_of(config, &callback);
        code = examine(client, &doctor_options, values[JSON] != NULL);
    }
    a0_client_free(client);
    a0_config_free(config);
    return code;
}

static void
print_more(void)
{
    cli_print(
        "Exit code 0: nothing failed. 1: something did. 2: the configuration has a "
        "fault; every\nfault is printed.\n"
        "\n"
        "Callback URL, rotation, My Account and connections are compared when the "
        "application of\nthe Management API has the scopes read:clients and "
        "read:connections; otherwise it\nsays so. Take them away again afterwards.\n"
        "\n"
        "Example:\n"
        "  a0 doctor --config a0.json\n");
}

const cli_command doctor_command = {
    .name = "doctor",
    .summary = "what is wrong with an installation, and what to do",
    .text = "Looks at settings, network, clock, discovery, keys, credentials, grants, "
            "callback URL\nand connections: a line each, with the remedy. Changes "
            "nothing.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .run = run,
    .print_more = print_more,
};
