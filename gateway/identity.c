/* SPDX-License-Identifier: MIT */
/*
 * Who is it: /auth/verify for the front proxy, /auth/me for our pages. The verify
 * answer has every identity header always, so that the proxy overwrites what a client
 * sent. [GW-01, GW-08, GW-13]
 */
#include "internal.h"

#include "json/json.h"

enum {
    IDENTITY_VALUE_MAX = 1024
};

static bool
stands_for_itself(a0__text value, size_t i)
{
    char c = value.ptr[i];
    bool is_outer_space = c == ' ' && (i == 0 || i + 1 == value.len);

    return c >= 0x20 && c <= 0x7e && c != '%' && !is_outer_space;
}

/*
 * Visible ASCII and inner spaces stand for themselves; '%' and every other byte become
 * %XX (UTF-8), so decoding once gives the claim back. [GW-13]
 */
static void
encode_value(a0__text value, a0__buf *out)
{
    size_t start = 0;

    for (size_t i = 0; i < value.len; i++) {
        if (!stands_for_itself(value, i)) {
            a0__buf_bytes(out, value.ptr + start, i - start);
            a0__percent_encode(a0__text_range(value.ptr + i, 1), out);
            start = i + 1;
        }
    }
    if (start < value.len) {
        a0__buf_bytes(out, value.ptr + start, value.len - start);
    }
}

/* A claim that the session gives by name, else a text of all its claims. */
static a0__text
claim_of(const a0_session *session, const char *name, a0__json **claims)
{
    a0__text value = a0__text_of(a0_session_claim(session, name));

    if (value.ptr != NULL) {
        return value;
    }
    if (*claims == NULL) {
        a0__json_doc parsed = NULL;

        if (a0__json_parse(a0__text_of(a0_session_userinfo(session)), &parsed, NULL) !=
            A0_OK) {
            return A0__NO_TEXT;
        }
        *claims = parsed;
    }
    return a0__json_text(*claims, name, &value) == A0__FOUND ? value : A0__NO_TEXT;
}

/* Empty when there is nobody, no such claim, or no room; the last is told by
 * X-Auth-Omitted. */
static void
add_identity(gateway *g, const a0__web_request *request, const identity_header *header,
             a0__text claim, a0__buf *omitted, a0__web_response *response)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(IDENTITY_VALUE_MAX);

    encode_value(claim, &value);
    if (!a0__buf_ok(&value)) {
        a0__buf_clear(&value);
        a0__buf_string(omitted, omitted->len > 0 ? ", " : "");
        a0__buf_string(omitted, header->name);
        event_note(&g->log, A0_LOG_WARN, "identity.omitted", request, header->name);
    }
    a0__web_header_add(response, header->name, a0__buf_view(&value));
}

void
gateway_verify(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__json_doc) claims = NULL;
    A0_AUTO(a0__buf) omitted = A0__BUF_INIT(A0__WEB_RESPONSE_HEADERS_MAX);
    a0__address client;

    a0__web_header_add(response, "Cache-Control", A0__LIT("no-store"));
    if (gateway_visitor(g, request, response, &session, &err) != A0_OK) {
        client = gateway_client_of(g, request);
        event_rejected(&g->log, request, &client, a0_error_id(err), err);
        response->status = 503;
    } else {
        response->status = session != NULL ? 200 : 401;
    }
    for (size_t i = 0; i < g->settings.identity_headers_len; i++) {
        const identity_header *header = &g->settings.identity_headers[i];
        a0__text claim =
            session != NULL ? claim_of(session, header->claim, &claims) : A0__NO_TEXT;

        add_identity(g, request, header, claim, &omitted, response);
    }
    a0__web_header_add(response, "X-Auth-Omitted", a0__buf_view(&omitted));
}

static void
put_claim(a0__json_writer *writer, const a0_session *session, const char *name)
{
    a0__json_put_string(writer, name, a0_session_claim(session, name));
}

static a0_status
write_me(const gateway *g, const a0_session *session, a0__buf *out, a0_error **err)
{
    a0__json_writer writer = a0__json_writer_on(out);
    char token[CSRF_TOKEN_LEN + 1];
    const char *userinfo = a0_session_userinfo(session);
    const char *verified = a0_session_claim(session, "email_verified");

    A0_TRY(gateway_csrf_token(g, a0_session_id(session), token, err));
    a0__json_open(&writer, '{');
    a0__json_put_string(&writer, "user_id", a0_session_user_id(session));
    put_claim(&writer, session, "name");
    put_claim(&writer, session, "email");
    a0__json_put_bool(&writer, "email_verified",
                      a0__text_is(a0__text_of(verified), "true"));
    a0__json_put_i64(&writer, "expires_at", a0_session_expires_at(session));
    a0__json_put_i64(&writer, "idle_expires_at", a0_session_idle_expires_at(session));
    a0__json_put_string(&writer, "csrf_token", token);
    a0__json_name(&writer, "userinfo");
    a0__json_value_raw(&writer, a0__text_of(userinfo != NULL ? userinfo : "{}"));
    a0__json_close(&writer, '}');
    return a0__buf_check(out, err);
}

void
gateway_me(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_session) session = NULL;

    if (gateway_visitor(g, request, response, &session, &err) == A0_OK &&
        session == NULL) {
        a0__web_json_error(response, 401, "session_missing", "Nobody is signed in.",
                           request->id);
        return;
    }
    if (err == NULL) {
        a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
        (void)write_me(g, session, &response->body, &err);
    }
    if (err != NULL) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}
