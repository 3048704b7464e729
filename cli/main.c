/* SPDX-License-Identifier: MIT */
/* The program a0: finds the subcommand, reads its options, prints help. */
#include <a0/config.h>
#include <a0/version.h>

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "command.h"

static const cli_command *const commands[] = {
    &serve_command,  &tenant_command, &demo_command, &ping_command,
    &doctor_command, &user_command,   &link_command, &store_command,
};

enum {
    COMMANDS_LEN = sizeof commands / sizeof commands[0]
};

static const cli_command *
find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS_LEN; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static void
print_overview(void)
{
    cli_print("a0 signs people in with Auth0: a library, a gateway, a local tenant.\n"
              "\n"
              "Start here, without an account and without the internet:\n"
              "  a0 demo              a tenant and a gateway to sign in to\n"
              "\n"
              "Commands:\n");
    for (size_t i = 0; i < COMMANDS_LEN; i++) {
        cli_print("  %-18s   %s\n", commands[i]->name, commands[i]->summary);
    }
    cli_print("  %-18s   %s\n"
              "  %-18s   %s\n"
              "  %-18s   %s\n"
              "\n"
              "Exit codes:\n"
              "  0   done\n"
              "  1   not ready, refused, or failed while running\n"
              "  2   the command line or the configuration has a fault; nothing was "
              "started\n"
              "\n"
              "Secrets are read from files and the environment, never from the command "
              "line.\n",
              "help COMMAND", "what a command does and its options", "help settings",
              "every setting of the configuration", "version",
              "the version of this program");
}

static void
print_option(const cli_option *option)
{
    cli_print("  --%s%s%s%s\n        %s\n", option->name,
              option->value != NULL ? " " : "",
              option->value != NULL ? option->value : "", option->repeats ? " ..." : "",
              option->text);
}

static void
print_help(const cli_command *command)
{
    cli_print("usage: a0 %s%s%s%s\n\n%s\n", command->name,
              command->options_len > 0 ? " [OPTIONS]" : "",
              command->arguments != NULL ? " " : "",
              command->arguments != NULL ? command->arguments : "", command->text);
    if (command->options_len > 0) {
        cli_print("\nOptions:\n");
    }
    for (size_t i = 0; i < command->options_len; i++) {
        print_option(&command->options[i]);
    }
    if (command->print_more != NULL) {
        cli_print("\n");
        command->print_more();
    }
}

static void
print_settings(void)
{
    cli_print(
        "Settings stand in a JSON file, in the environment (A0_ and the name in "
        "capitals,\nlists and objects as JSON; A0_<NAME>_FILE reads a secret from "
        "a file of mode 0600)\nor are set in C with a0_config_set.\n");
    for (size_t i = 0; i < a0_settings_len(); i++) {
        const a0_setting *setting = a0_settings(i);

        cli_print("\n  %s (%s%s%s)\n        %s\n", setting->name, setting->type,
                  setting->default_value[0] != '\0' ? ", default " : "",
                  setting->default_value, setting->text);
    }
}

static int
help(const char *name)
{
    const cli_command *command = name != NULL ? find_command(name) : NULL;

    if (name == NULL) {
        print_overview();
        return CLI_OK;
    }
    if (strcmp(name, "settings") == 0) {
        print_settings();
        return CLI_OK;
    }
    if (command == NULL) {
        cli_complain("there is no command '%s'; `a0 help` lists them", name);
        return CLI_USAGE;
    }
    print_help(command);
    return CLI_OK;
}

/* Whether the word is `--name` or begins with `--name=`; gives what follows the '='. */
static bool
names_option(const char *word, const char *name, const char **out_rest)
{
    size_t len = strlen(name);

    if (strncmp(word, name, len) != 0 || (word[len] != '\0' && word[len] != '=')) {
        return false;
    }
    *out_rest = word[len] == '=' ? word + len + 1 : NULL;
    return true;
}

enum {
    JOINED_MAX = 65536
};

/* What was given: a value for each option. */
typedef struct given {
    const char *values[CLI_OPTIONS_MAX];
    a0__buf joined[CLI_OPTIONS_MAX]; /* of the options that repeat */
} given;

static void
given_auto(given *g)
{
    for (size_t i = 0; i < CLI_OPTIONS_MAX; i++) {
        a0__buf_clear(&g->joined[i]);
    }
}

static void
keep_value(given *g, size_t i, const cli_option *option, const char *value)
{
    a0__buf *joined = &g->joined[i];

    if (!option->repeats) {
        g->values[i] = value;
        return;
    }
    joined->max_bytes = JOINED_MAX;
    a0__buf_string(joined, joined->len > 0 ? " " : NULL);
    a0__buf_string(joined, value);
    g->values[i] = a0__buf_cstr(joined);
}

/* Reads the option at words[0]; how many words it took, 0 after a fault. */
static int
read_option(const cli_command *command, int words_len, char *const *words, given *g)
{
    const char *rest = NULL;

    for (size_t i = 0; i < command->options_len; i++) {
        const cli_option *option = &command->options[i];

        if (!names_option(words[0] + 2, option->name, &rest)) {
            continue;
        }
        if (option->value == NULL && rest != NULL) {
            cli_complain("--%s takes no value", option->name);
            return 0;
        }
        if (option->value != NULL && rest == NULL && words_len < 2) {
            cli_complain("--%s: write %s after it", option->name, option->value);
            return 0;
        }
        keep_value(g, i, option,
                   option->value == NULL ? ""
                   : rest != NULL        ? rest
                                         : words[1]);
        return option->value == NULL || rest != NULL ? 1 : 2;
    }
    cli_complain("there is no option '%s'; `a0 help %s` lists them", words[0],
                 command->name);
    return 0;
}

/* What stands between and after the options; "--" ends those. */
typedef struct words_left {
    char *words[CLI_ARGUMENTS_MAX];
    int len;
} words_left;

static bool
keep_argument(const cli_command *command, char *word, words_left *left)
{
    if (command->arguments == NULL || left->len == CLI_ARGUMENTS_MAX) {
        cli_complain("'%s' is one word too many; `a0 help %s` shows how it goes", word,
                     command->name);
        return false;
    }
    left->words[left->len] = word;
    left->len++;
    return true;
}

static int
run(const cli_command *command, int words_len, char *const *words)
{
    A0_AUTO(given) g = { .values = { NULL } };
    words_left left = { .len = 0 };
    bool is_over = false;

    for (int at = 0; at < words_len;) {
        bool is_option = !is_over && strncmp(words[at], "--", 2) == 0;
        int taken = 1;

        if (is_option && strcmp(words[at], "--help") == 0) {
            return help(command->name);
        }
        if (is_option && strcmp(words[at], "--") == 0) {
            is_over = true;
        } else if (is_option) {
            taken = read_option(command, words_len - at, words + at, &g);
        } else {
            taken = keep_argument(command, words[at], &left) ? 1 : 0;
        }
        if (taken == 0) {
            return CLI_USAGE;
        }
        at += taken;
    }
    return command->run(g.values, left.len, left.words);
}

int
main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const cli_command *command = NULL;

    if (name == NULL) {
        print_overview();
        return CLI_USAGE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
        strcmp(name, "-h") == 0) {
        return help(argc > 2 ? argv[2] : NULL);
    }
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        cli_print("a0 %s\n", a0_version());
        return CLI_OK;
    }
    command = find_command(name);
    if (command == NULL) {
        cli_complain("there is no command '%s'; `a0 help` lists them", name);
        return CLI_USAGE;
    }
    return run(command, argc - 2, argv + 2);
}
