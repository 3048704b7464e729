/* SPDX-License-Identifier: MIT */
/*
 * The shape of a subcommand of `a0`. A subcommand is a table and a function: main.c
 * reads the command line into the table's options and prints its help. Secrets never
 * stand in options: a process list shows them.
 */
#ifndef A0_CLI_COMMAND_H
#define A0_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the shell sees; `a0 --help` documents it. */
enum {
    CLI_OK = 0,
    CLI_REFUSED = 1, /* not ready, refused, or failed while running */
    CLI_USAGE = 2    /* the command line or the configuration has a fault */
};

typedef struct cli_option {
    const char *name;  /* without the dashes: "config" */
    const char *value; /* what stands after it: "FILE"; NULL: nothing, it is a switch */
    const char *text;  /* one sentence */
    bool repeats;      /* may stand there again: the values are joined by spaces */
} cli_option;

typedef struct cli_command {
    const char *name;
    const char *summary; /* for the list of commands */
    const char *text;    /* paragraphs for `a0 help NAME`, before the options */
    const cli_option *options;
    size_t options_len;
    const char *arguments; /* what stands beside the options: "USER_ID"; NULL: nothing
                            */
    /*
     * values has one entry per option, in the order of the table: its value, "" for a
     * switch that is on, NULL when not given. Gives the exit code.
     */
    int (*run)(const char *const *values, int arguments_len, char *const *arguments);
    /* More help below the options, or NULL. */
    void (*print_more)(void);
} cli_command;

enum {
    CLI_OPTIONS_MAX = 16,
    CLI_ARGUMENTS_MAX = 8
};

extern const cli_command serve_command;
extern const cli_command tenant_command;
extern const cli_command demo_command;
extern const cli_command ping_command;
extern const cli_command doctor_command;
extern const cli_command link_command;
extern const cli_command store_command;
extern const cli_command user_command;

/* Prints to standard output, and with its program name and a newline to standard
 * error. */
void cli_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The text as a port number, 0 included; -1 and a complaint when it is none. */
int cli_port(const char *option, const char *text);

/* What stands after --timeout, seconds, in *out_ms, which NULL leaves as it is; false
 * and a complaint when it is none from 1 to 120. */
bool cli_read_timeout(const char *text, int64_t *out_ms);

#endif
