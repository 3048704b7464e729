/* SPDX-License-Identifier: MIT */
#include "client.h"

#include "base/error.h"
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

a0_status
cli_random_key(char out[CLI_KEY_LEN + 1], a0_error **err)
{
    unsigned char bytes[CLI_KEY_LEN / 2] = { 0 };

    if (a0_random_system()->fill(NULL, bytes, sizeof bytes) != A0_OK) {
        return a0__fail(err, A0_E_rng_failure);
    }
    a0__hex(bytes, sizeof bytes, out);
    out[CLI_KEY_LEN] = '\0';
    return A0_OK;
}

/* What is kept ends with the process, so a key of the moment does: to make one of a
 * configured passphrase takes many times as long as all the rest of a probe. */
a0_status
cli_new_client(a0_config *config, a0_client **out_client, a0_error **err)
{
    A0_AUTO(a0__buf) keys = A0__BUF_INIT(CLI_KEY_LEN + sizeof "[\"\"]");
    char key[CLI_KEY_LEN + 1];

    A0_TRY(a0_config_check(config, err));
    A0_TRY(cli_random_key(key, err));
    a0__buf_format(&keys, "[\"%s\"]", key);
    A0_TRY(a0__buf_check(&keys, err));
    A0_TRY(a0_config_set(config, "encryption_keys", a0__buf_cstr(&keys), err));
    return a0_client_new(config, NULL, out_client, err);
}

typedef a0_status (*client_maker)(a0_config *config, a0_client **out_client,
                                  a0_error **err);

static a0_client *
open_client(const char *config_file, client_maker make, int *out_code)
{
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    a0_status status = cli_read_config(config_file, &config, &err);

    if (status == A0_OK) {
        status = make(config, &client, &err);
    }
    if (status != A0_OK) {
        *out_code = cli_report(config, err);
    }
    a0_config_free(config);
    return client;
}

a0_client *
cli_open_client(const char *config_file, int *out_code)
{
    return open_client(config_file, cli_new_client, out_code);
}

a0_status
cli_new_client_on_store(a0_config *config, a0_client **out_client, a0_error **err)
{
    return gateway_client_new(config, out_client, err);
}

a0_client *
cli_open_client_on_store(const char *config_file, int *out_code)
{
    return open_client(config_file, cli_new_client_on_store, out_code);
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
