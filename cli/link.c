/* SPDX-License-Identifier: MIT */
/* a0 link: accounts that linking is about. */
#include <string.h>

#include "audit.h"
#include "client.h"
#include "life.h"

enum {
    CONFIG,
    WORK,
    CSV
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
    [WORK] = { "work", "DIRECTORY",
               "where an audit keeps what it has seen, so that it can go on; without "
               "it, "
               "a temporary one",
               false },
    [CSV] = { "csv", NULL, "print the audit as a table instead of JSON", false },
};

static int
audit(const char *const *values)
{
    audit_options given = { .work = values[WORK], .as_csv = values[CSV] != NULL };
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    int code = CLI_USAGE;

    if (cli_read_config(values[CONFIG], &config, &err) != A0_OK ||
        cli_new_client_on_store(config, &client, &err) != A0_OK) {
        code = cli_report(config, err);
    } else {
        given.tenant = a0_config_get(config, "auth0_domain");
        code = cli_audit(client, &given);
    }
    a0_client_free(client);
    a0_config_free(config);
    return code;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    if (arguments_len != 1 || strcmp(arguments[0], "audit") != 0) {
        cli_complain("write `a0 link audit`");
        return CLI_USAGE;
    }
    return audit(values);
}

static void
print_more(void)
{
    cli_print(
        "  audit  all accounts of the tenant that share an address, by what the rules "
        "would do\n"
        "         at their next sign-in:\n"
        "           safe        linked\n"
        "           confirm     the person is asked to sign in with the other account\n"
        "           refused     left apart; `reason` says why\n"
        "           suspicious  an address that was not proved, or an account that "
        "holds "
        "more\n"
        "                       than its address\n"
        "\n"
        "An audit asks for a hundred users at a time and for each account that shares "
        "an "
        "address,\nten requests a second at most; the application needs the scope "
        "read:users. Nothing is\nchanged.\n"
        "  a0 link audit --config a0.json --work /var/lib/a0/audit --csv > "
        "found.csv\n");
}

const cli_command link_command = {
    .name = "link",
    .summary = "accounts of the tenant that share an address",
    .text = "Asks the Management API, and looks into the gateway's database for what "
            "was connected.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .arguments = "audit",
    .run = run,
    .print_more = print_more,
};
