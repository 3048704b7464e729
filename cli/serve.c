/* SPDX-License-Identifier: MIT */
/* a0 serve: the gateway, until it is told to stop. */
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "gateway/gateway.h"
#include "life.h"

enum {
    CONFIG,
    CHECK_CONFIG
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
    [CHECK_CONFIG] = { "check-config", NULL,
                       "say what is wrong with the configuration, and start nothing",
                       false },
};

/* A core file would hold every secret of every session. */
static void
forbid_core_files(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

/* A connection is a file, and the usual limit is for programs with a few. [GW-11] */
static void
allow_many_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static a0_status
read_config(const char *file, a0_config **out_config, a0_error **err)
{
    a0_status status = cli_read_config(file, out_config, err);

    return status == A0_OK ? gateway_config_check(*out_config, err) : status;
}

/* The gateway that serves from now on: with the configuration as it is now, or the same
 * as before when that has a fault or can not be had. [AUTHZ-09, MGMT-09] */
static gateway *
reload(gateway *running, const char *file)
{
    a0_config *config = NULL;
    gateway *next = NULL;
    a0_error *err = NULL;
    a0_status status = read_config(file, &config, &err);

    if (status == A0_OK) {
        status = gateway_start(config, STDERR_FILENO, running, &next, &err);
    }
    if (status == A0_OK) {
        gateway_stop(running);
    } else {
        gateway_keeps_on(running, config, err);
        next = running;
    }
    a0_error_free(err);
    a0_config_free(config);
    return next;
}

static int
serve(a0_config *config, const char *file)
{
    gateway *g = NULL;
    a0_error *err = NULL;
    sigset_t signals;

    cli_block_signals(&signals);
    cli_block_reload(&signals);
    if (gateway_start(config, STDERR_FILENO, NULL, &g, &err) != A0_OK) {
        return cli_report(config, err);
    }
    cli_print("ready: %s\n", gateway_url(g));
    while (cli_wait_for_signal(&signals) == SIGHUP) {
        g = reload(g, file);
    }
    gateway_stop(g);
    return CLI_OK;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    a0_config *config = NULL;
    a0_error *err = NULL;
    int code = CLI_OK;

    (void)arguments_len;
    (void)arguments;
    forbid_core_files();
    allow_many_files();
    if (read_config(values[CONFIG], &config, &err) != A0_OK) {
        code = cli_report(config, err);
    } else if (values[CHECK_CONFIG] != NULL) {
        cli_print("the configuration is good\n");
    } else {
        code = serve(config, values[CONFIG]);
    }
    a0_config_free(config);
    return code;
}

static void
print_setting(const a0_setting *setting)
{
    cli_print("  %s (%s%s%s)\n        %s\n", setting->name, setting->type,
              setting->default_value[0] != '\0' ? ", default " : "",
              setting->default_value, setting->text);
}

static void
print_more(void)
{
    size_t len = 0;
    const a0_setting *rows = gateway_settings_rows(&len);

    cli_print("Settings of the gateway, beside those of `a0 help settings`; in the "
              "environment they\nare called A0_LISTEN and so on:\n");
    for (size_t i = 0; i < len; i++) {
        print_setting(&rows[i]);
    }
    cli_print(
        "\nThe smallest configuration:\n"
        "  {\n"
        "    \"auth0_domain\": \"acme.eu.auth0.com\",\n"
        "    \"client_id\": \"…\",\n"
        "    \"client_secret\": \"…\",\n"
        "    \"connections_for_account_linking\": [],\n"
        "    \"base_url\": \"https://app.example.com\",\n"
        "    \"secret_file\": \"/etc/a0/secret\"\n"
        "  }\n"
        "Make the secret with: (umask 077; openssl rand -base64 32 > /etc/a0/secret)\n"
        "At Auth0, register BASE_URL/auth/callback as Allowed Callback URL and "
        "BASE_URL/ as\nAllowed Logout URL.\n"
        "\n"
        "The log goes to standard error, a JSON object a line. SIGTERM lets the "
        "requests under\nway finish; SIGHUP reads the configuration anew and keeps the "
        "old one if that has a\nfault. docs/gateway.md has the routes.\n");
}

const cli_command serve_command = {
    .name = "serve",
    .summary = "the sign-in gateway for a web application behind a proxy",
    .text = "Signs people in for a web application in any language. The proxy in front "
            "asks\n/auth/verify with each request who is there: 200 with headers that "
            "name the\nperson, or 401.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .run = run,
    .print_more = print_more,
};
