/* SPDX-License-Identifier: MIT */
/* a0 tenant: the local Auth0, until it is told to stop. */
#include "tenant/tenant.h"

#include <stdio.h>

#include "command.h"
#include "life.h"

enum {
    LISTEN,
    PORT,
    ISSUER,
    SEED,
    STATE,
    TLS,
    CALLBACK,
    LOGOUT_URL
};

static const cli_option options[] = {
    [LISTEN] = { "listen", "ADDRESS",
                 "where to listen (localhost: 127.0.0.1 and ::1). Any other address "
                 "lets others sign in as anybody",
                 false },
    [PORT] = { "port", "NUMBER", "the port (4000); 0 lets the system choose", false },
    [ISSUER] = { "issuer", "URL",
                 "what the tenant calls itself (http://localhost:PORT/)", false },
    [SEED] = { "seed", "FILE",
               "users, applications, APIs and grants as JSON instead of the built-in "
               "ones; docs/tenant.md describes it",
               false },
    [STATE] = { "state", "FILE",
                "keep everything in this SQLite file; the seed fills it the first "
                "time",
                false },
    [TLS] = { "tls", "DIR",
              "speak https; DIR/ca.pem is the authority to trust, made when missing",
              false },
    [CALLBACK] = { "callback", "URL",
                   "one more Allowed Callback URL of the first application", false },
    [LOGOUT_URL] = { "logout-url", "URL",
                     "one more Allowed Logout URL of the first application", false },
};

static void
greet(const a0__tenant *tenant)
{
    const char *ca_file = a0__tenant_ca_file(tenant);

    cli_print("%s/\n", a0__tenant_url(tenant));
    if (ca_file != NULL) {
        cli_print("Trust %s to reach it.\n", ca_file);
    }
    if (!a0__tenant_is_loopback(tenant)) {
        cli_complain("WARNING: --listen is no loopback address. Whoever reaches this "
                     "tenant can sign in as anybody and change everything in it.");
    }
    cli_print("Local tenant for development, not Auth0. Open that address to see who "
              "can sign in; Ctrl-C stops it.\n");
    (void)fflush(stdout);
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    a0__tenant *tenant = NULL;
    a0_error *err = NULL;
    int port = values[PORT] != NULL ? cli_port("port", values[PORT]) : 4000;
    a0__tenant_options tenant_options = { .listen = values[LISTEN],
                                          .issuer = values[ISSUER],
                                          .seed_file = values[SEED],
                                          .state_file = values[STATE],
                                          .tls_dir = values[TLS],
                                          .callbacks = &values[CALLBACK],
                                          .logout_urls = &values[LOGOUT_URL] };
    sigset_t signals;

    (void)arguments_len;
    (void)arguments;
    if (port < 0) {
        return CLI_USAGE;
    }
    tenant_options.port = (unsigned)port;
    tenant_options.callbacks_len = values[CALLBACK] != NULL ? 1 : 0;
    tenant_options.logout_urls_len = values[LOGOUT_URL] != NULL ? 1 : 0;
    cli_block_signals(&signals);
    if (a0__tenant_start(&tenant_options, &tenant, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    greet(tenant);
    (void)cli_wait_for_signal(&signals);
    a0__tenant_stop(tenant);
    return CLI_OK;
}

static void
print_more(void)
{
    cli_print(
        "Example:\n"
        "  a0 tenant --port 4000 &\n"
        "  curl http://localhost:4000/.well-known/openid-configuration\n"
        "\n"
        "The built-in application is demo-web with the secret demo-web-secret. Tests "
        "drive\n"
        "the tenant by JSON under /_tenant/: next-login, users, requests, faults, "
        "keys/rotate,\n"
        "clock, reset. docs/tenant.md has all of it.\n"
        "\n"
        "The first line on standard output is the address of the tenant.\n");
}

const cli_command tenant_command = {
    .name = "tenant",
    .summary = "a local Auth0 tenant for development and tests",
    .text = "Everything Auth0 does for a sign-in, on this machine, without an account "
            "and\nwithout the internet: pages to sign in and up, simulated Google, "
            "GitHub, Facebook\nand Apple, tokens, logout. It enforces PKCE, client "
            "authentication and the lists\nof allowed URLs.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .run = run,
    .print_more = print_more,
};
