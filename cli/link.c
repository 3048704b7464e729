/* SPDX-License-Identifier: MIT */
/* a0 link: what account linking did, how it is taken back, and whom it would concern.
 */
#include <a0/link.h>

#include <string.h>

#include "audit.h"
#include "client.h"
#include "life.h"

enum {
    CONFIG,
    YES,
    WORK,
    CSV,
    APPLY,
    RATE
};

enum {
    RATE_DEFAULT = 60,
    RATE_MAX = 600,
    MS_PER_MINUTE = 60000
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
    [YES] = { "yes", NULL, "undo, or link, without asking back", false },
    [WORK] = { "work", "DIRECTORY",
               "where an audit keeps what it has seen, so that it can go on; without "
               "it, "
               "a temporary one",
               false },
    [CSV] = { "csv", NULL, "print the audit as a table instead of JSON", false },
    [APPLY] = { "apply", NULL,
                "link what the finished audit in --work found safe; each is decided "
                "once more",
                false },
    [RATE] = { "rate", "NUMBER", "links in a minute with --apply (60)", false },
};

/* ---- the actions ---- */

/* Prints the answer of a call, or why there is none. */
static int
print_answer(a0_status status, a0_link_answer *answer, a0_error *err)
{
    if (status != A0_OK) {
        return cli_report(NULL, err);
    }
    cli_print("%s\n", a0_link_answer_json(answer));
    a0_link_answer_free(answer);
    return CLI_OK;
}

static int
explain(a0_client *client, char *const *arguments)
{
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    a0_status status = a0_link_explain(client, arguments[0], &answer, &err);

    return print_answer(status, answer, err);
}

static int
list(a0_client *client, char *const *arguments)
{
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    a0_status status = a0_link_list(client, arguments[0], &answer, &err);

    return print_answer(status, answer, err);
}

static int
undo(a0_client *client, char *const *arguments)
{
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    a0_status status =
        a0_link_undo(client, arguments[0], arguments[1], arguments[2], &answer, &err);

    return print_answer(status, answer, err);
}

/* What is left can not be repaired now: not ready, in the words of a probe. */
static int
repair(a0_client *client, char *const *arguments)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    int64_t left = 0;
    a0_status status = a0_link_repair(client, &answer, &err);
    int code = CLI_OK;

    (void)arguments;
    if (status == A0_OK && a0__json_parse(a0__text_of(a0_link_answer_json(answer)),
                                          &document, NULL) == A0_OK) {
        (void)a0__json_i64(document, "left", &left);
    }
    code = print_answer(status, answer, err);
    return code == CLI_OK && left > 0 ? CLI_REFUSED : code;
}

typedef struct action {
    const char *name;
    int arguments_min;
    int arguments_max;
    bool needs_yes;
    int (*run)(a0_client *client, char *const *arguments);
} action;

static const action actions[] = {
    { "explain", 1, 1, false, explain },
    { "list", 0, 1, false, list },
    { "undo", 3, 3, true, undo },
    { "repair", 0, 0, false, repair },
};

static const action *
find_action(int arguments_len, char *const *arguments)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (arguments_len > 0 && strcmp(actions[i].name, arguments[0]) == 0 &&
            arguments_len - 1 >= actions[i].arguments_min &&
            arguments_len - 1 <= actions[i].arguments_max) {
            return &actions[i];
        }
    }
    return NULL;
}

static int
run_action(const action *wanted, const char *const *values, char *const *arguments)
{
    a0_client *client = NULL;
    int code = CLI_USAGE;

    if (wanted->needs_yes && values[YES] == NULL) {
        cli_complain(
            "this takes the account out of the user again; write --yes if that "
            "is meant");
        return CLI_USAGE;
    }
    client = cli_open_client_on_store(values[CONFIG], &code);
    if (client != NULL) {
        code = wanted->run(client, arguments);
    }
    a0_client_free(client);
    return code;
}

/* ---- the audit ---- */

static bool
read_audit(const char *const *values, audit_options *out)
{
    uint64_t rate = RATE_DEFAULT;

    if (values[RATE] != NULL &&
        (!a0__parse_u64(a0__text_of(values[RATE]), RATE_MAX, &rate) || rate == 0)) {
        cli_complain("--rate: write a number of links a minute from 1 to %d", RATE_MAX);
        return false;
    }
    if (values[APPLY] != NULL && (values[WORK] == NULL || values[YES] == NULL)) {
        cli_complain(
            "--apply links accounts: run the audit with --work DIRECTORY, look "
            "at what it found, then the same with --apply --yes");
        return false;
    }
    *out = (audit_options){ .work = values[WORK],
                            .as_csv = values[CSV] != NULL,
                            .applies = values[APPLY] != NULL,
                            .each_ms = MS_PER_MINUTE / (int64_t)rate };
    return true;
}

static int
run_audit(const char *const *values)
{
    audit_options given = { .work = NULL };
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    int code = CLI_USAGE;

    if (!read_audit(values, &given)) {
        return CLI_USAGE;
    }
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

/* ---- the command ---- */

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    char *const nothing[] = { NULL, NULL };
    const action *wanted = find_action(arguments_len, arguments);

    if (arguments_len == 1 && strcmp(arguments[0], "audit") == 0) {
        return run_audit(values);
    }
    if (wanted == NULL) {
        cli_complain(
            "write `a0 link explain USER_ID`, `a0 link list [USER_ID]`, `a0 link undo "
            "PRIMARY_ID PROVIDER ID --yes`, `a0 link repair` or `a0 link audit`");
        return CLI_USAGE;
    }
    return run_action(wanted, values, arguments_len > 1 ? arguments + 1 : nothing);
}

static void
print_more(void)
{
    cli_print(
        "  explain USER_ID              what the next sign-in of a user would do, and "
        "why\n"
        "  list [USER_ID]               the links that were made and stand\n"
        "  undo PRIMARY_ID PROVIDER ID  takes an account out of a user again, with "
        "its\n"
        "                               metadata; needs --yes\n"
        "  repair                       finishes, or takes back, what a crash left "
        "half-way;\n"
        "                               exit code 1 when something is left\n"
        "  audit                        all accounts of the tenant that share an "
        "address, by what\n"
        "                               the rules would do at their next sign-in:\n"
        "                                 safe        linked\n"
        "                                 confirm     the person is asked to sign in "
        "with the\n"
        "                                             other account\n"
        "                                 refused     left apart; `reason` says why\n"
        "                                 suspicious  an address that was not proved, "
        "or "
        "an\n"
        "                                             account that holds more than its "
        "address\n"
        "\n"
        "An audit asks for a hundred users at a time and for each account that shares "
        "an "
        "address,\n`management_rate` requests a second at most. Look first, then link "
        "what is safe by "
        "its address:\n"
        "  a0 link audit --config a0.json --work /var/lib/a0/audit --csv > found.csv\n"
        "  a0 link audit --config a0.json --work /var/lib/a0/audit --apply --yes\n");
}

const cli_command link_command = {
    .name = "link",
    .summary = "links between accounts: explain, list, undo, repair; audit a tenant",
    .text = "Works on the database of the gateway and asks the Management API. Prints "
            "JSON.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .arguments = "explain|list|undo|repair|audit ...",
    .run = run,
    .print_more = print_more,
};
