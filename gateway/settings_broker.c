/* SPDX-License-Identifier: MIT */
/* Where back ends may ask for provider tokens, who, and for which. [GW-15] */
#include "settings_read.h"

#include <string.h>

#include "server/listen.h"

enum {
    SECRET_LEN_MIN = 32,
    MODE_MAX = 0777
};

/* ---- the secret: only its hash is kept ---- */

static int
hex_digit(char c)
{
    return a0__is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_hash(a0__text hex, a0__digest *out)
{
    if (hex.len != 2 * sizeof out->bytes) {
        return false;
    }
    for (size_t i = 0; i < sizeof out->bytes; i++) {
        int high = hex_digit(hex.ptr[2 * i]);
        int low = hex_digit(hex.ptr[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* *out_problem is NULL when it can be used. */
static a0_status
take_secret(a0__text text, broker_settings *out, const char **out_problem,
            a0_error **err)
{
    a0__text prefix = A0__LIT("sha256:");

    *out_problem = NULL;
    if (a0__text_starts_with(text, prefix)) {
        if (!read_hash(a0__text_from(text, prefix.len), &out->secret)) {
            *out_problem = "is no hash; write sha256: and 64 small hex digits";
        }
        return A0_OK;
    }
    if (text.len < SECRET_LEN_MIN || !a0__text_is_visible_ascii(text)) {
        *out_problem = "is too weak; write 32 visible characters or more (openssl rand "
                       "-base64 32)";
        return A0_OK;
    }
    return a0__sha256(text, &out->secret, err);
}

static a0_status
read_secret(a0_config *config, broker_settings *out, a0_error **err)
{
    A0_AUTO(a0__buf) from_file = A0__BUF_INIT(SECRET_FILE_MAX);
    const char *path = a0_config_own(config, "broker_secret_file");
    const char *text = a0_config_own(config, "broker_secret");
    const char *problem = NULL;

    if ((path != NULL) == (text != NULL)) {
        return a0_config_refuse(config, "broker_secret",
                                "write it, or name its file in broker_secret_file: one "
                                "of the two",
                                err);
    }
    if (path != NULL) {
        problem = settings_read_secret_file(path, &from_file);
        text = a0__buf_cstr(&from_file);
    }
    if (problem == NULL) {
        A0_TRY(take_secret(a0__text_of(text), out, &problem, err));
    }
    if (problem != NULL) {
        return a0_config_refuse(config,
                                path != NULL ? "broker_secret_file" : "broker_secret",
                                problem, err);
    }
    return A0_OK;
}

/* ---- the rest ---- */

static a0_status
read_mode(a0_config *config, broker_settings *out, a0_error **err)
{
    a0__text text = a0__text_of(a0_config_own(config, "broker_socket_mode"));
    unsigned mode = 0;
    bool valid = text.len == 3 || text.len == 4;

    for (size_t i = 0; valid && i < text.len; i++) {
        valid = text.ptr[i] >= '0' && text.ptr[i] <= '7';
        mode = mode << 3 | (unsigned)(text.ptr[i] - '0');
    }
    if (!valid || mode == 0 || mode > MODE_MAX) {
        return a0_config_refuse(config, "broker_socket_mode",
                                "is no mode; write 0600 or 0660", err);
    }
    out->socket_mode = mode;
    return A0_OK;
}

/* What is off has nothing that could be wrong with it. */
a0_status
settings_read_broker(a0_config *config, broker_settings *out, a0_error **err)
{
    const char *listen = a0_config_own(config, "broker_listen");

    if (listen == NULL || listen[0] == '\0') {
        return A0_OK;
    }
    if (!a0__listen_is_local(listen)) {
        A0_TRY(a0_config_refuse(config, "broker_listen",
                                "can be reached from elsewhere; write 127.0.0.1:8081 "
                                "or unix:/run/a0-broker.sock",
                                err));
    }
    A0_TRY(settings_copy_text(listen, &out->listen, err));
    A0_TRY(read_mode(config, out, err));
    A0_TRY(read_secret(config, out, err));
    A0_TRY(settings_read_number(config, "broker_rate", 60000, &out->rate, err));
    A0_TRY(settings_read_texts(config, "broker_connections", &out->connections, err));
    if (out->connections.len == 0) {
        return a0_config_refuse(config, "broker_connections",
                                "is empty; name the connections whose tokens back ends "
                                "may have, [\"google-oauth2\"]",
                                err);
    }
    return A0_OK;
}
