/* SPDX-License-Identifier: MIT */
#include "server/response.h"

#include <string.h>

#include "base/secret.h"
#include "json/json.h"

enum {
    HEADERS_USUAL = 500 /* bytes of most answers */
};

/* Name NUL value NUL, as the lines are kept. */
static const char safe_headers[] = "Cache-Control\0no-store\0"
                                   "Content-Security-Policy\0" A0__WEB_CSP_NOTHING "\0"
                                   "Referrer-Policy\0no-referrer\0"
                                   "X-Content-Type-Options\0nosniff";

enum {
    /* Header memory that a connection keeps from one request to the next. */
    KEPT_HEADERS_MAX = 4096,
    NUMBER_MAX = 24
};

void
a0__web_response_init(a0__web_response *response)
{
    *response =
        (a0__web_response){ .status = 200,
                            .headers = A0__BUF_INIT(A0__WEB_RESPONSE_HEADERS_MAX),
                            .body = A0__BUF_INIT(A0__WEB_RESPONSE_MAX) };
    a0__buf_bytes(&response->headers, safe_headers, sizeof safe_headers);
}

void
a0__web_response_clear(a0__web_response *response)
{
    a0__buf_clear(&response->headers);
    a0__buf_clear(&response->body);
}

void
a0__web_response_empty(a0__web_response *response)
{
    a0__buf_clear(&response->body);
    if (response->headers.cap > KEPT_HEADERS_MAX) {
        a0__buf_clear(&response->headers);
    } else {
        a0__buf_reset(&response->headers);
    }
}

void
a0__web_response_reset(a0__web_response *response)
{
    a0__buf headers = A0__BUF_INIT(A0__WEB_RESPONSE_HEADERS_MAX);

    a0__web_response_empty(response);
    headers = response->headers;
    *response = (a0__web_response){ .status = 200,
                                    .headers = headers,
                                    .body = A0__BUF_INIT(A0__WEB_RESPONSE_MAX),
                                    .close = response->close };
    a0__buf_bytes(&response->headers, safe_headers, sizeof safe_headers);
}

bool
a0__web_response_ok(const a0__web_response *response)
{
    return !response->invalid && a0__buf_ok(&response->headers) &&
           a0__buf_ok(&response->body);
}

/* ---- headers ---- */

static bool
is_sendable(a0__text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c < 0x20 || c > 0x7e) {
            return false;
        }
    }
    return true;
}

void
a0__web_header_add(a0__web_response *response, const char *name, a0__text value)
{
    if (!a0__text_is_visible_ascii(a0__text_of(name)) ||
        a0__text_contains_byte(a0__text_of(name), ':') || !is_sendable(value)) {
        response->invalid = true;
        return;
    }
    a0__buf_bytes(&response->headers, name, strlen(name) + 1);
    a0__buf_text(&response->headers, value);
    a0__buf_byte(&response->headers, '\0');
}

void
a0__web_each_header(const a0__web_response *response,
                    bool (*each)(void *self, const char *name, const char *value),
                    void *self)
{
    const char *at = response->headers.ptr;
    const char *end = at != NULL ? at + response->headers.len : NULL;

    while (at != end) {
        const char *value = at + strlen(at) + 1;

        if (!each(self, at, value)) {
            return;
        }
        at = value + strlen(value) + 1;
    }
}

struct header_search {
    a0__text name;
    const char *line; /* where its name stands */
    const char *value;
};

static bool
find_header(void *self, const char *name, const char *value)
{
    struct header_search *search = self;

    if (!a0__text_equal_ignoring_case(a0__text_of(name), search->name)) {
        return true;
    }
    search->line = name;
    search->value = value;
    return false;
}

const char *
a0__web_response_header(const a0__web_response *response, const char *name)
{
    struct header_search search = { .name = a0__text_of(name) };

    a0__web_each_header(response, find_header, &search);
    return search.value;
}

void
a0__web_header_remove(a0__web_response *response, const char *name)
{
    a0__buf *headers = &response->headers;

    for (;;) {
        struct header_search search = { .name = a0__text_of(name) };
        size_t start = 0;
        size_t end = 0;

        a0__web_each_header(response, find_header, &search);
        if (search.line == NULL) {
            return;
        }
        start = (size_t)(search.line - headers->ptr);
        end = (size_t)(search.value - headers->ptr) + strlen(search.value) + 1;
        memmove(headers->ptr + start, headers->ptr + end, headers->len - end);
        headers->len -= end - start;
    }
}

void
a0__web_header_set(a0__web_response *response, const char *name, a0__text value)
{
    a0__web_header_remove(response, name);
    a0__web_header_add(response, name, value);
}

/* ---- bodies ---- */

void
a0__web_body_text(a0__web_response *response, const char *media_type, a0__text text)
{
    response->static_body = A0__NO_TEXT;
    a0__buf_reset(&response->body);
    a0__buf_text(&response->body, text);
    a0__web_header_set(response, "Content-Type", a0__text_of(media_type));
}

void
a0__web_body_static(a0__web_response *response, const char *media_type, a0__text text)
{
    a0__buf_reset(&response->body);
    response->static_body = text;
    a0__web_header_set(response, "Content-Type", a0__text_of(media_type));
}

void
a0__web_redirect(a0__web_response *response, int status, a0__text location)
{
    response->status = status;
    a0__web_header_set(response, "Location", location);
}

void
a0__web_retry_after(a0__web_response *response, int seconds)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(NUMBER_MAX);

    a0__buf_i64(&text, seconds);
    a0__web_header_set(response, "Retry-After", a0__buf_view(&text));
}

void
a0__web_json_error(a0__web_response *response, int status, const char *error,
                   const char *message, const char *request_id)
{
    a0__json_writer writer = a0__json_writer_on(&response->body);

    response->status = status;
    response->static_body = A0__NO_TEXT;
    a0__buf_reset(&response->body);
    a0__json_open(&writer, '{');
    a0__json_put_string(&writer, "error", error);
    a0__json_put_string(&writer, "message", message);
    a0__json_put_string(&writer, "correlation_id", request_id);
    a0__json_close(&writer, '}');
    a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
}

void
a0__web_cookie_set(a0__web_response *response, const a0__web_cookie *cookie)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(A0__WEB_RESPONSE_HEADERS_MAX);

    a0__buf_string(&line, cookie->name);
    a0__buf_byte(&line, '=');
    a0__buf_text(&line, cookie->value);
    a0__buf_string(&line, "; Path=/; Max-Age=");
    a0__buf_i64(&line, cookie->max_age_s);
    a0__buf_string(&line, "; HttpOnly; SameSite=Lax");
    if (cookie->secure) {
        a0__buf_string(&line, "; Secure");
    }
    a0__web_header_add(response, "Set-Cookie", a0__buf_view(&line));
    a0__web_header_set(response, "Cache-Control", A0__LIT("private, no-store"));
}
