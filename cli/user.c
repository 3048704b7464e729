/* SPDX-License-Identifier: MIT */
/* a0 user: what the Management API knows of a user, and what we keep, as JSON. */
#include <a0/user.h>

#include <string.h>

#include "client.h"
#include "life.h"

enum {
    CONFIG,
    YES
};

static const cli_option options[] = {
    [CONFIG] = { "config", "FILE", CLI_CONFIG_TEXT, false },
    [YES] = { "yes", NULL, "erase without asking back", false },
};

static int
get(a0_client *client, const char *user_id)
{
    a0_user *user = NULL;
    a0_error *err = NULL;

    if (a0_user_get(client, user_id, NULL, &user, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    cli_print("%s\n", a0_user_json(user));
    a0_user_free(user);
    return CLI_OK;
}

static int
by_email(a0_client *client, const char *email)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(CLI_JSON_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    a0_users *users = NULL;
    a0_error *err = NULL;

    if (a0_user_by_email(client, email, &users, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    a0__json_open(&w, '[');
    for (size_t i = 0; i < a0_users_len(users); i++) {
        a0__json_value_raw(&w, a0__text_of(a0_user_json(a0_users_at(users, i))));
    }
    a0__json_close(&w, ']');
    a0_users_free(users);
    return cli_print_json(&json, CLI_OK);
}

static int
tokensets(a0_client *client, const char *user_id)
{
    a0_tokensets *found = NULL;
    a0_error *err = NULL;

    if (a0_user_tokensets(client, user_id, &found, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    cli_print("%s\n", a0_tokensets_json(found));
    a0_tokensets_free(found);
    return CLI_OK;
}

static int
print_data(a0_user_data *data)
{
    cli_print("%s\n", a0_user_data_json(data));
    a0_user_data_free(data);
    return CLI_OK;
}

static int export(a0_client *client, const char *user_id)
{
    a0_user_data *data = NULL;
    a0_error *err = NULL;

    if (a0_user_export(client, user_id, &data, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    return print_data(data);
}

static int
erase(a0_client *client, const char *user_id)
{
    a0_user_data *data = NULL;
    a0_error *err = NULL;

    if (a0_user_erase(client, user_id, &data, &err) != A0_OK) {
        return cli_report(NULL, err);
    }
    return print_data(data);
}

typedef struct action {
    const char *name;
    int (*run)(a0_client *client, const char *argument);
    bool is_about_store; /* works on the gateway's database, not on Auth0 */
    bool needs_yes;
} action;

static const action actions[] = {
    { "get", get, false, false },
    { "by-email", by_email, false, false },
    { "tokensets", tokensets, false, false },
    { "export", export, true, false },
    { "erase", erase, true, true },
};

static const action *
find_action(const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].name, name) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    const action *wanted = arguments_len == 2 ? find_action(arguments[0]) : NULL;
    a0_client *client = NULL;
    int code = CLI_USAGE;

    if (wanted == NULL) {
        cli_complain("write `a0 user get ID`, `a0 user by-email ADDRESS`, `a0 user "
                     "tokensets ID`, `a0 user export ID` or `a0 user erase ID --yes`");
        return CLI_USAGE;
    }
    if (wanted->needs_yes && values[YES] == NULL) {
        cli_complain(
            "this signs %s out everywhere and forgets what is kept about them; "
            "write --yes if that is meant",
            arguments[1]);
        return CLI_USAGE;
    }
    client = wanted->is_about_store ? cli_open_client_on_store(values[CONFIG], &code)
                                    : cli_open_client(values[CONFIG], &code);
    if (client != NULL) {
        code = wanted->run(client, arguments[1]);
    }
    a0_client_free(client);
    return code;
}

static void
print_more(void)
{
    cli_print(
        "  get ID            the whole profile, without tokens of identity "
        "providers\n"
        "  by-email ADDRESS  an array of the profiles with that address\n"
        "  tokensets ID      an array of what the Token Vault holds, without "
        "tokens\n"
        "  export ID         what the gateway's database has about the user, "
        "without tokens\n"
        "  erase ID --yes    removes all of that, and revokes the refresh tokens\n"
        "\n"
        "For the first three the application needs the scope read:users of the "
        "Management API; `a0 "
        "ping\n--required-scope read:users` says whether it has it.\n"
        "\n"
        "Example:\n"
        "  a0 user --config a0.json get 'auth0|66f0c0ffee1234567890abcd'\n");
}

const cli_command user_command = {
    .name = "user",
    .summary = "what Auth0 knows of a user, and what is kept here",
    .text = "Asks the Management API, or looks into the database, and prints JSON.",
    .options = options,
    .options_len = sizeof options / sizeof options[0],
    .arguments = "get|by-email|tokensets|export|erase ID",
    .run = run,
    .print_more = print_more,
};
