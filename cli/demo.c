/* SPDX-License-Identifier: MIT */
/* a0 demo: a tenant with people in it and a gateway in front of it, in one process. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "gateway/gateway.h"
#include "life.h"
#include "tenant/tenant.h"

enum {
    TENANT_PORT,
    GATEWAY_PORT,
    DIR
};

static const cli_option options[] = {
    [TENANT_PORT] = { "tenant-port", "NUMBER",
                      "the port of the tenant (4000); 0 lets the system choose",
                      false },
    [GATEWAY_PORT] = { "gateway-port", "NUMBER",
                       "the port of the gateway (3000); 0 lets the system choose",
                       false },
    [DIR] = { "dir", "DIRECTORY",
              "keep people and sessions here; without it everything is forgotten at "
              "the end",
              false },
};

enum {
    /* "provider_userinfo" with its addresses is the longest. */
    TEXT_MAX = 1024,
    PATH_MAX_HERE = 4096
};

/* What the simulated Google's calendar takes. */
#define CALENDAR "https://www.googleapis.com/auth/calendar.readonly"

/* The first application of the tenant's built-in seed. */
static const char client_id[] = "demo-web";
static const char client_secret[] = "demo-web-secret";

typedef struct demo {
    int tenant_port;
    int gateway_port;
    const char *dir; /* NULL: nothing is kept */
    a0__tenant *tenant;
    gateway *gateway;
    a0_config *config;
} demo;

/* snprintf into an array that is large enough for what we write. */
#define WRITE(array, ...) ((void)snprintf((array), sizeof(array), __VA_ARGS__))

/* The gateway's port has to be known before it starts: the tenant lists its addresses.
 * 0 asks for one that is free now. */
static int
free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;
    int port = -1;
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (probe >= 0 && bind(probe, (const struct sockaddr *)&address, len) == 0 &&
        getsockname(probe, (struct sockaddr *)&address, &len) == 0) {
        port = ntohs(address.sin_port);
    }
    if (probe >= 0) {
        (void)close(probe);
    }
    return port;
}

static a0_status
start_tenant(demo *d, a0_error **err)
{
    char state_file[PATH_MAX_HERE] = "";
    char texts[4][TEXT_MAX] = { "" };
    const char *callbacks[] = { texts[0], texts[1] };
    const char *logout_urls[] = { texts[2], texts[3] };
    a0__tenant_options tenant_options = {
        .port = (unsigned)d->tenant_port,
        .state_file = d->dir != NULL ? state_file : NULL,
        .callbacks = callbacks,
        .callbacks_len = 2,
        .logout_urls = logout_urls,
        .logout_urls_len = 2,
    };

    WRITE(state_file, "%s/tenant.sqlite", d->dir != NULL ? d->dir : "");
    WRITE(texts[0], "http://localhost:%d/auth/callback", d->gateway_port);
    WRITE(texts[1], "http://127.0.0.1:%d/auth/callback", d->gateway_port);
    WRITE(texts[2], "http://localhost:%d/", d->gateway_port);
    WRITE(texts[3], "http://127.0.0.1:%d/", d->gateway_port);
    return a0__tenant_start(&tenant_options, &d->tenant, err);
}

/* Writes DIR/secret the first time, so that sessions survive a restart. */
static bool
keep_secret(const char *path, const char *secret)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool written = false;

    if (file < 0) {
        return errno == EEXIST;
    }
    written = write(file, secret, strlen(secret)) == (ssize_t)strlen(secret);
    return close(file) == 0 && written;
}

static a0_status
set_secret(const demo *d, a0_error **err)
{
    char secret[CLI_KEY_LEN + 1] = "";
    char path[PATH_MAX_HERE] = "";

    A0_TRY(cli_random_key(secret, err));
    if (d->dir == NULL) {
        return a0_config_set(d->config, "secret", secret, err);
    }
    WRITE(path, "%s/secret", d->dir);
    if (!keep_secret(path, secret)) {
        return a0_config_refuse(d->config, "secret_file",
                                "can not be written; give a --dir that can", err);
    }
    return a0_config_set(d->config, "secret_file", path, err);
}

/* The simulated providers say who somebody is in the place of the real ones. */
static void
write_providers(const char *tenant, char out[TEXT_MAX])
{
    (void)snprintf(
        out, TEXT_MAX,
        "{\"google-oauth2\": {\"url\": \"%s/_provider/google-oauth2/userinfo\"}, "
        "\"github\": {\"url\": \"%s/_provider/github/user\", \"emails_url\": "
        "\"%s/_provider/github/user/emails\"}, "
        "\"facebook\": {\"url\": \"%s/_provider/facebook/userinfo\", "
        "\"subject\": \"sub\"}}",
        tenant, tenant, tenant, tenant);
}

static a0_status
configure(demo *d, a0_error **err)
{
    char texts[5][TEXT_MAX] = { "" };
    char database[PATH_MAX_HERE] = ":memory:";
    const char *const settings[][2] = {
        { "auth0_domain", a0__tenant_url(d->tenant) },
        { "client_id", client_id },
        { "client_secret", client_secret },
        { "connections_for_account_linking",
          "[\"Username-Password-Authentication\", \"google-oauth2\", \"github\"]" },
        { "listen", texts[0] },
        { "base_url", texts[1] },
        { "additional_base_urls", texts[2] },
        { "allowed_connections", "[\"google-oauth2\", \"github\", \"facebook\", "
                                 "\"apple\", \"Username-Password-Authentication\"]" },
        { "connect_allowed", "{\"google-oauth2\": [\"" CALENDAR "\"], \"github\": [], "
                             "\"facebook\": []}" },
        { "vault_try_out", texts[3] },
        { "provider_userinfo", texts[4] },
        { "management_client_id", "demo-m2m" },
        { "management_client_secret", "demo-m2m-secret" },
        { "default_return_to", "/internal/" },
        { "database", database },
        { "log_level", "warn" },
    };

    WRITE(texts[0], "[\"localhost:%d\"]", d->gateway_port);
    WRITE(texts[1], "http://localhost:%d", d->gateway_port);
    WRITE(texts[2], "[\"http://127.0.0.1:%d\"]", d->gateway_port);
    WRITE(
        texts[3],
        "{\"google-oauth2\": {\"url\": \"%s/_provider/google-oauth2/calendar/events\", "
        "\"scope\": \"" CALENDAR "\"}}",
        a0__tenant_url(d->tenant));
    write_providers(a0__tenant_url(d->tenant), texts[4]);
    if (d->dir != NULL) {
        WRITE(database, "%s/gateway.sqlite", d->dir);
    }
    if (gateway_config_new(&d->config, err) != A0_OK) {
        return a0_error_status(*err);
    }
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        a0_status status =
            a0_config_set(d->config, settings[i][0], settings[i][1], err);

        if (status != A0_OK) {
            return status;
        }
    }
    return set_secret(d, err);
}

static a0_status
start(demo *d, a0_error **err)
{
    a0_status status = start_tenant(d, err);

    if (status == A0_OK) {
        status = configure(d, err);
    }
    if (status == A0_OK) {
        status = gateway_start(d->config, STDERR_FILENO, NULL, &d->gateway, err);
    }
    return status;
}

static void
print_person(void *self, const a0__tenant_person *person)
{
    const char *email = person->email != NULL ? person->email : "(no e-mail)";

    (void)self;
    if (person->password != NULL) {
        cli_print("  %-18s  password %s", email, person->password);
    } else {
        cli_print("  %-18s  continue with %s, %s", email, person->connection,
                  person->name);
    }
    cli_print("%s\n", person->email != NULL && !person->email_verified
                          ? " (address not verified)"
                          : "");
}

/* What the people of the built-in seed are there for. */
static const char stories[] =
    "Worth a try:\n"
    "  Ana has two accounts with one address. With her password she is asked whether\n"
    "  the other one is hers; with Google they become one without a question.\n"
    "  Ben's address is not verified: nothing is ever linked by it.\n"
    "  Connect Chen's Google account on the dashboard of somebody, sign out, and\n"
    "  continue with Google as Chen: it is known by the connection, not the address.\n";

static void
greet(const demo *d)
{
    cli_print("Open %s/ and sign in as\n\n", gateway_url(d->gateway));
    a0__tenant_each_person(d->tenant, print_person, NULL);
    cli_print("\nor sign up as somebody new.\n\n%s\nThe tenant behind it is %s/.\n"
              "Ctrl-C ends both.\n",
              stories, a0__tenant_url(d->tenant));
}

static int
serve_until_told(demo *d, const sigset_t *signals)
{
    a0_error *err = NULL;
    int code = CLI_OK;

    if (start(d, &err) == A0_OK) {
        greet(d);
        (void)cli_wait_for_signal(signals);
    } else {
        bool is_about_ports = strcmp(a0_error_id(err), "gw_start_failed") == 0;

        code = cli_report(d->config, err);
        if (is_about_ports) {
            cli_complain("is another program on port %d or %d? --tenant-port 0 and "
                         "--gateway-port 0 let the system choose",
                         d->tenant_port, d->gateway_port);
        }
    }
    gateway_stop(d->gateway);
    a0__tenant_stop(d->tenant);
    a0_config_free(d->config);
    return code;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    demo d = { .tenant_port = 4000, .gateway_port = 3000, .dir = values[DIR] };
    sigset_t signals;

    (void)arguments_len;
    (void)arguments;
    if (values[TENANT_PORT] != NULL) {
        d.tenant_port = cli_port("tenant-port", values[TENANT_PORT]);
    }
    if (values[GATEWAY_PORT] != NULL) {
        d.gateway_port = cli_port("gateway-port", values[GATEWAY_PORT]);
    }
    if (d.tenant_port < 0 || d.gateway_port < 0) {
        return CLI_USAGE;
    }
    if (d.gateway_port == 0) {
        d.gateway_port = free_port();
    }
    if (d.dir != NULL && mkdir(d.dir, S_IRWXU) != 0 && errno != EEXIST) {
        cli_complain("--dir: %s can not be made; name a directory that can", d.dir);
        return CLI_USAGE;
    }
    cli_block_signals(&signals);
    return serve_until_told(&d, &signals);
}

const cli_command demo_command = {
    .name = "demo",
    .summary = "a tenant and a gateway to sign in to, in one step",
    .text = "Starts a local tenant with people in it and a gateway in front of it, "
            "prints the\naddress to open and who can sign in, and ends both on Ctrl-C. "
            "It needs no account\nand no internet. localhost and 127.0.0.1 are served "
            "alike.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .run = run,
};
