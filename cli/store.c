/* SPDX-License-Identifier: MIT */
/* a0 store: what an operator does to the database itself. */
#include <a0/sys/store.h>

#include <string.h>
#include <unistd.h>

#include "client.h"
#include "life.h"

enum {
    CONFIG
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
};

/* A name with a slip in it would make a new database and call that done. */
static bool
is_there(const char *database)
{
    if (access(database, F_OK) == 0) {
        return true;
    }
    cli_complain(
        "database: there is none at %s; name the file in the settings, or put it there",
        database);
    return false;
}

typedef struct action {
    const char *name;
    a0_status (*run)(const char *database, a0_error **err);
    const char *done;
} action;

static const action actions[] = {
    { "mark-restored", a0_store_sqlite_mark_restored, "restored" },
    { "compact", a0_store_sqlite_compact, "compacted" },
};

static const action *
find_action(int arguments_len, char *const *arguments)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (arguments_len == 1 && strcmp(actions[i].name, arguments[0]) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

static int
work_on(const a0_config *config, const action *wanted)
{
    const char *database = a0_config_own(config, "database");
    a0_error *err = NULL;

    if (!is_there(database)) {
        return CLI_USAGE;
    }
    if (wanted->run(database, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    cli_print("{\"database\":\"%s\"}\n", wanted->done);
    return CLI_OK;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    const action *wanted = find_action(arguments_len, arguments);
    a0_config *config = NULL;
    a0_error *err = NULL;
    int code = CLI_OK;

    if (wanted == NULL) {
        cli_complain("write `a0 store mark-restored` or `a0 store compact`");
        return CLI_USAGE;
    }
    if (cli_read_config(values[CONFIG], &config, &err) != A0_OK) {
        code = cli_report(config, err);
    } else {
        code = work_on(config, wanted);
    }
    a0_config_free(config);
    return code;
}

static void
print_more(void)
{
    cli_print(
        "  mark-restored  forgets every session, open sign-in and refresh token of "
        "a session,\n"
        "                 so that nothing that was ended since the backup lives "
        "again\n"
        "\n"
        "Stop the gateway, put the backup in the place of the database, then:\n"
        "  a0 store --config a0.json mark-restored\n");
}

const cli_command store_command = {
    .name = "store",
    .summary = "look after the database of the gateway",
    .text = "Works on the file that the setting `database` names.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .arguments = "mark-restored|compact",
    .run = run,
    .print_more = print_more,
};
