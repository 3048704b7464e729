/* SPDX-License-Identifier: MIT */
#include "client.h"

#include "gateway/gateway.h"
#include "life.h"

extern char **environ;

a0_status
cli_read_config(const char *file, a0_config **out_config, a0_error **err)
{
    a0_status status = gateway_config_new(out_config, err);

    if (status == A0_OK && file != NULL) {
        status = a0_config_read_file(*out_config, file, err);
    }
    if (status == A0_OK) {
        status =
            a0_config_read_environment(*out_config, (const char *const *)environ, err);
    }
    return status;
}

a0_client *
cli_open_client(const char *config_file, int *out_code)
{
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    a0_status status = cli_read_config(config_file, &config, &err);

    if (status == A0_OK) {
        status = a0_client_new(config, NULL, &client, &err);
    }
    if (status != A0_OK) {
        *out_code = cli_report(config, err);
    }
    a0_config_free(config);
    return client;
}

int
cli_print_json(const a0__buf *json, int code)
{
    if (!a0__buf_ok(json)) {
        cli_complain("the answer does not fit into memory");
        return CLI_REFUSED;
    }
    cli_print("%s\n", a0__buf_cstr(json));
    return code;
}

void
cli_put_words(a0__json_writer *w, const char *name, const char *words)
{
    a0__text rest = a0__text_of(words);
    a0__text word = A0__NO_TEXT;

    a0__json_name(w, name);
    a0__json_open(w, '[');
    while (a0__text_next(&rest, ' ', &word)) {
        if (word.len > 0) {
            a0__json_value_text(w, word);
        }
    }
    a0__json_close(w, ']');
}
