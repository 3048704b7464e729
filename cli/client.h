/* SPDX-License-Identifier: MIT */
/* What the commands that ask a tenant have in common: settings, a client, JSON out. */
#ifndef A0_CLI_CLIENT_H
#define A0_CLI_CLIENT_H

#include <a0/a0.h>

#include "command.h"
#include "json/json.h"

/* The sentence of --config, which each of those commands has. */
#define CLI_CONFIG_TEXT                                                                \
    "the configuration as one JSON object; the environment wins over it"

/*
 * Settings from a file (NULL: none) and the environment. The gateway's own are known,
 * so that one file serves all commands. *out_config is freed by the caller after a
 * failure as well.
 */
A0_MUST_USE a0_status cli_read_config(const char *file, a0_config **out_config,
                                      a0_error **err);

enum {
    CLI_KEY_LEN = 64
};

/* A key of 32 random bytes in hexadecimal digits. */
A0_MUST_USE a0_status cli_random_key(char out[CLI_KEY_LEN + 1], a0_error **err);

/* A client that keeps nothing. Errors: as of a0_client_new. */
A0_MUST_USE a0_status cli_new_client(a0_config *config, a0_client **out_client,
                                     a0_error **err);

/* The same from a file and the environment, or NULL: then *out_code is the exit code,
 * and every fault has been printed. */
a0_client *cli_open_client(const char *config_file, int *out_code);

/* Both on the gateway's database. */
A0_MUST_USE a0_status cli_new_client_on_store(a0_config *config, a0_client **out_client,
                                              a0_error **err);
a0_client *cli_open_client_on_store(const char *config_file, int *out_code);

enum {
    CLI_JSON_MAX = 16 * 1024 * 1024
};

/* Prints the text and a newline; gives `code`, or CLI_REFUSED without memory. */
int cli_print_json(const a0__buf *json, int code);

/* A member whose value is the array of the words of a list separated by spaces. */
void cli_put_words(a0__json_writer *w, const char *name, const char *words);

#endif
