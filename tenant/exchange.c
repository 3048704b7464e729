/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <stdarg.h>
#include <stdio.h>

#include "problem.h"
#include "refusal.h"

enum {
    PARAMS_MAX = 64,
    DESCRIPTION_MAX = 512
};

/* A JSON body as parameters, so that a handler asks one way (wire §1.2). Libraries
 * send null for what nobody asked for. */
static bool
add_member(void *self, a0__text name, const a0__json *value)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0__FORM_MAX);
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__FORM_MAX);
    a0__text text = A0__NO_TEXT;

    if (a0__json_type_of(value) == A0__JSON_NULL) {
        return true;
    }
    a0__buf_text(&key, name);
    if (!a0__json_text_of(value, &text) &&
        a0__json_write(value, &json, NULL) == A0_OK) {
        text = a0__buf_view(&json);
    }
    a0__form_add(self, a0__buf_cstr(&key), text);
    return true;
}

/* The Management API tells body and query apart (wire §21.2). */
static const char *
code_of_fault(const a0__exchange *x)
{
    if (!a0__text_starts_with(x->request->path, A0__LIT("/api/v2/"))) {
        return "invalid_request";
    }
    return x->request->body.len > 0 ? "invalid_body" : "invalid_query_string";
}

static a0_status
read_json(a0__exchange *x)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(A0__FORM_MAX);
    bool valid = false;

    A0_TRY(a0__json_parse_large(x->request->body, &x->json, &x->error));
    if (x->json == NULL) {
        return a0__refuse(x, 400, code_of_fault(x), "The body is not valid JSON");
    }
    if (!a0__json_is_object(x->json)) {
        return A0_OK;
    }
    a0__json_each(x->json, add_member, &form);
    return a0__params_parse(a0__buf_view(&form.text), PARAMS_MAX, &x->params, &valid,
                            &x->error);
}

static a0_status
refuse_repeated(a0__exchange *x)
{
    for (size_t i = 0; i < x->params.len; i++) {
        const char *name = x->params.pairs[i].name;
        size_t count = 0;

        (void)a0__params_get(&x->params, name, &count);
        if (count > 1) {
            return a0__refuse(x, 400, code_of_fault(x),
                              "The parameter %.64s stands there twice", name);
        }
    }
    return A0_OK;
}

a0_status
a0__exchange_read(a0__exchange *x)
{
    bool valid = true;
    bool has_body = x->request->body.len > 0;
    bool is_post = a0__text_is(x->request->method, "POST");

    /* Libraries send the type of a body also where there is none. */
    if ((has_body || is_post) &&
        a0__web_media_type_is(x->request, "application/json")) {
        return has_body ? read_json(x) : A0_OK;
    }
    if (has_body || is_post) {
        A0_TRY(a0__web_form(x->request, &x->params, &valid, &x->error));
    } else {
        A0_TRY(a0__web_query(x->request, &x->params, &valid, &x->error));
    }
    if (!valid) {
        return a0__refuse(x, 400, code_of_fault(x), "The parameters are malformed");
    }
    /* Wire §19.4: `connection` may stand there twenty times. */
    return a0__path_speaks_problems(x->request->path) ? A0_OK : refuse_repeated(x);
}

void
a0__exchange_clear(a0__exchange *x)
{
    a0__params_clear(&x->params);
    a0__json_free(x->json);
    a0_error_free(x->error);
}

a0__text
a0__param(const a0__exchange *x, const char *name)
{
    return a0__params_get(&x->params, name, NULL);
}

bool
a0__has_param(const a0__exchange *x, const char *name)
{
    return a0__param(x, name).ptr != NULL;
}

a0__text
a0__header(const a0__exchange *x, const char *name)
{
    return a0__web_header_get(x->request, name, NULL);
}

/* Auth0's token endpoint names no charset, the others do; one of its clients takes the
 * word "application/json" alone for JSON. */
static const char *
json_type(const a0__exchange *x)
{
    return a0__text_is(x->request->path, "/oauth/token")
               ? "application/json"
               : "application/json; charset=utf-8";
}

void
a0__answer_json(a0__exchange *x, int status, const a0__buf *json)
{
    if (!a0__buf_ok(json)) {
        a0__write_refusal(x, 500, "server_error", "The answer is too large to be sent");
        return;
    }
    x->response->status = status;
    a0__web_body_text(x->response, json_type(x), a0__buf_view(json));
}

void
a0__write_refusal(a0__exchange *x, int status, const char *error,
                  const char *description, ...)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    char text[DESCRIPTION_MAX];
    va_list arguments;

    va_start(arguments, description);
    (void)vsnprintf(text, sizeof text, description, arguments);
    va_end(arguments);
    a0__refusal_write(x->request->path, status, error, text, &body);
    a0__answer_json(x, status, &body);
}

void
a0__put_rate_limit(a0__exchange *x)
{
    A0_AUTO(a0__buf) reset = A0__BUF_INIT(32);

    a0__buf_i64(&reset, x->now + 1);
    a0__web_header_set(x->response, "x-ratelimit-limit", A0__LIT("600"));
    a0__web_header_set(x->response, "x-ratelimit-remaining", A0__LIT("599"));
    a0__web_header_set(x->response, "x-ratelimit-reset", a0__buf_view(&reset));
}

void
a0__answer_page(a0__exchange *x, int status, const a0__buf *html)
{
    x->response->status = status;
    a0__web_header_set(x->response, "Content-Security-Policy",
                       A0__LIT("default-src 'none'; style-src 'self'; img-src 'self'; "
                               "base-uri 'none'; frame-ancestors 'none'"));
    a0__web_body_text(x->response, "text/html; charset=utf-8", a0__buf_view(html));
}

void
a0__answer_redirect(a0__exchange *x, a0__text url)
{
    a0__web_redirect(x->response, 302, url);
}

void
a0__url_with(a0__text url, a0__form *params, a0__buf *out)
{
    a0__buf_text(out, url);
    if (params->text.len > 0) {
        a0__buf_byte(out, a0__text_contains_byte(url, '?') ? '&' : '?');
        a0__buf_text(out, a0__buf_view(&params->text));
    }
}
