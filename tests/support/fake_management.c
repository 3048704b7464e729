/* SPDX-License-Identifier: MIT */
#include "fake_management.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

#include "base/base64url.h"
#include "json/json.h"

static void
write_token(fake_management *m, const char *audience)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(FAKE_TOKEN_MAX);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(FAKE_TOKEN_MAX - 1);
    a0__json_writer w = a0__json_writer_on(&claims);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "iss", m->iss);
    a0__json_put_string(&w, "aud", m->aud != NULL ? m->aud : audience);
    a0__json_put_string(&w, "scope", m->scope);
    a0__json_put_i64(&w, "n", m->tokens);
    a0__json_close(&w, '}');
    a0__buf_string(&token, m->opaque ? "opaque-machine-canary-" : "e30.");
    a0__base64url_encode(claims.ptr, claims.len, &token);
    a0__buf_string(&token, m->opaque ? "" : ".machine-canary");
    assert_true(a0__buf_ok(&token));
    memcpy(m->token, a0__buf_cstr(&token), token.len + 1);
}

void
fake_management_token(fake_management *m, const char *audience,
                      a0_http_exchange *exchange)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(2 * FAKE_TOKEN_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    m->tokens++;
    write_token(m, audience);
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "access_token", m->token);
    a0__json_put_string(&w, "token_type", "Bearer");
    a0__json_put_i64(&w, "expires_in", m->expires_in);
    a0__json_close(&w, '}');
    scripted_respond(exchange, 200, "application/json", a0__buf_cstr(&body));
}

static bool
answers_fault(fake_management *m, a0_http_exchange *exchange)
{
    if (m->fault_times == 0) {
        return false;
    }
    m->fault_times--;
    if (m->fault_network != 0) {
        scripted_respond_error(exchange, m->fault_network, true);
        return true;
    }
    scripted_respond(exchange, m->fault_status,
                     m->fault_body != NULL ? "text/html" : "application/json",
                     m->fault_body != NULL ? m->fault_body
                                           : "{\"error\":\"Fault\",\"message\":\"As "
                                             "asked.\"}");
    if (m->fault_header != NULL) {
        assert_int_equal(
            a0_http_response_add_header(exchange->response, m->fault_header,
                                        strlen(m->fault_header), m->fault_header_value,
                                        strlen(m->fault_header_value)),
            A0_OK);
    }
    return true;
}

void
fake_management_answer(fake_management *m, const scripted_request *request,
                       a0_http_exchange *exchange)
{
    char authorization[FAKE_TOKEN_MAX + 64];
    const char *body = m->body;

    m->calls++;
    (void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\n",
                   m->token);
    m->sent_newest_token =
        m->token[0] != '\0' && strstr(request->headers, authorization) != NULL;
    if (answers_fault(m, exchange)) {
        return;
    }
    if (m->users != NULL) {
        fake_users_answer(m->users, request, exchange);
        return;
    }
    if (m->body_second != NULL && m->calls % 2 == 0) {
        body = m->body_second;
    }
    scripted_respond(exchange, 200, "application/json; charset=utf-8", body);
}
