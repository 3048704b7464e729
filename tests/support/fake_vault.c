/* SPDX-License-Identifier: MIT */
#include "fake_vault.h"

#include <stdio.h>
#include <string.h>

#include "support.h"
#include "json/json.h"

static void
note(const a0__params *form, const char *name, char *out, size_t out_size)
{
    a0__text value = a0__params_get(form, name, NULL);

    assert_true(value.len < out_size);
    memcpy(out, value.ptr != NULL ? value.ptr : "", value.len);
    out[value.len] = '\0';
}

void
fake_vault_exchange(fake_vault *v, const a0__params *form, a0_http_exchange *exchange)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(8192);
    a0__json_writer w = a0__json_writer_on(&body);
    char token[64];

    v->exchanges++;
    note(form, "subject_token", v->subject_token, sizeof v->subject_token);
    note(form, "subject_token_type", v->subject_token_type,
         sizeof v->subject_token_type);
    note(form, "connection", v->connection, sizeof v->connection);
    note(form, "login_hint", v->login_hint, sizeof v->login_hint);
    if (v->status != 0) {
        scripted_respond(exchange, v->status, "application/json", v->body);
        return;
    }
    (void)snprintf(token, sizeof token, "pt-canary-%u", v->exchanges);
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "access_token", token);
    a0__json_put_string(&w, "token_type", "Bearer");
    a0__json_put_string(&w, "scope", v->scope);
    a0__json_put_string(&w, "issued_token_type", v->type);
    if (v->expires_in != NULL) {
        a0__json_name(&w, "expires_in");
        a0__json_value_raw(&w, a0__text_of(v->expires_in));
    }
    a0__buf_string(&body, v->more);
    a0__json_close(&w, '}');
    scripted_respond(exchange, 200, "application/json", a0__buf_cstr(&body));
}
