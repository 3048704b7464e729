/* SPDX-License-Identifier: MIT */
/*
 * Building a request. What a caller may bring (domain, client id, token) is checked
 * here, before there is a connection: no byte of it can end a line [HTTP-06].
 */
#include <string.h>

#include "base/base64url.h"
#include "http/http.h"

enum {
    URL_MAX = 16 * 1024,
    HEADER_VALUE_MAX = 24 * 1024, /* a compact JWT of 16 KiB, and then some */
    BODY_MAX = 256 * 1024
};

void
a0__http_request_clear(a0__http_request *request)
{
    for (size_t i = 0; i < request->headers_len; i++) {
        a0__buf_clear(&request->headers[i].value);
    }
    a0__buf_clear(&request->url);
    a0__buf_clear(&request->body);
    *request = (a0__http_request){ 0 };
}

void
a0__http_request_auto(a0__http_request *request)
{
    a0__http_request_clear(request);
}

static void
start(a0__http_request *out, const char *method, a0__text url,
      size_t max_response_bytes)
{
    a0__http_request_clear(out);
    out->method = method;
    out->url = A0__BUF_INIT(URL_MAX);
    out->body = A0__BUF_INIT(BODY_MAX);
    out->max_response_bytes = max_response_bytes;
    a0__buf_text(&out->url, url);
    out->is_bad = !a0__http_url_is_allowed(url);
    a0__http_add_header(out, "Accept", A0__LIT("application/json"));
}

static void
set_body(a0__http_request *out, a0__text content_type, a0__text body)
{
    a0__http_add_header(out, "Content-Type", content_type);
    a0__buf_text(&out->body, body);
    out->has_body = true;
}

void
a0__http_get(a0__http_request *out, a0__text url, size_t max_response_bytes)
{
    start(out, "GET", url, max_response_bytes);
}

void
a0__http_post_form(a0__http_request *out, a0__text url, const a0__form *form,
                   size_t max_response_bytes)
{
    start(out, "POST", url, max_response_bytes);
    set_body(out, A0__LIT("application/x-www-form-urlencoded"),
             a0__buf_view(&form->text));
    out->body.no_memory = out->body.no_memory || form->text.no_memory;
    out->body.too_long = out->body.too_long || form->text.too_long;
}

void
a0__http_send_json(a0__http_request *out, const char *method, a0__text url,
                   a0__text json, size_t max_response_bytes)
{
    start(out, method, url, max_response_bytes);
    set_body(out, A0__LIT("application/json"), json);
}

void
a0__http_add_header(a0__http_request *request, const char *name, a0__text value)
{
    struct a0__http_request_header *header = NULL;

    if (request->headers_len == A0__HTTP_REQUEST_HEADERS_MAX ||
        !a0__http_header_is_allowed(a0__text_of(name), value)) {
        request->is_bad = true;
        return;
    }
    header = &request->headers[request->headers_len++];
    header->name = name;
    header->value = A0__BUF_INIT(HEADER_VALUE_MAX);
    a0__buf_text(&header->value, value);
}

/* Two of them would be two claims of who asks. */
static void
drop_authorization(a0__http_request *request)
{
    size_t last = request->headers_len;

    if (last > 0 && strcmp(request->headers[last - 1].name, "Authorization") == 0) {
        a0__buf_clear(&request->headers[last - 1].value);
        request->headers_len = last - 1;
    }
}

void
a0__http_add_bearer(a0__http_request *request, const a0__secret *token)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(HEADER_VALUE_MAX);
    a0__text text = a0__secret_expose(token);

    if (text.len == 0 || !a0__text_is_visible_ascii(text)) {
        request->is_bad = true;
        return;
    }
    a0__buf_string(&value, "Bearer ");
    a0__buf_text(&value, text);
    request->is_bad = request->is_bad || !a0__buf_ok(&value);
    drop_authorization(request);
    a0__http_add_header(request, "Authorization", a0__buf_view(&value));
}

void
a0__http_add_basic(a0__http_request *request, a0__text client_id,
                   const a0__secret *client_secret)
{
    A0_AUTO(a0__buf) pair = A0__BUF_INIT(HEADER_VALUE_MAX);
    A0_AUTO(a0__buf) value = A0__BUF_INIT(HEADER_VALUE_MAX);

    a0__percent_encode(client_id, &pair);
    a0__buf_byte(&pair, ':');
    a0__percent_encode(a0__secret_expose(client_secret), &pair);
    a0__buf_string(&value, "Basic ");
    a0__base64_encode(pair.ptr, pair.len, &value);
    request->is_bad = request->is_bad || !a0__buf_ok(&pair) || !a0__buf_ok(&value);
    a0__http_add_header(request, "Authorization", a0__buf_view(&value));
}

bool
a0__http_url_is_allowed(a0__text text)
{
    a0__url url = { 0 };

    if (!a0__url_parse(text, &url) || url.has_userinfo || url.has_fragment) {
        return false;
    }
    return a0__url_scheme_is(&url, "https") ||
           (a0__url_scheme_is(&url, "http") && a0__host_is_loopback(url.host));
}

/* RFC 9110 §5.6.2: the characters of a token. */
static bool
is_token_char(char c)
{
    return a0__is_alpha(c) || a0__is_digit(c) ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool
a0__http_header_is_allowed(a0__text name, a0__text value)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_token_char(name.ptr[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7e) {
            return false;
        }
    }
    return name.len > 0;
}

a0_status
a0__http_request_check(const a0__http_request *request, a0_error **err)
{
    for (size_t i = 0; i < request->headers_len; i++) {
        A0_TRY(a0__buf_check(&request->headers[i].value, err));
    }
    A0_TRY(a0__buf_check(&request->url, err));
    A0_TRY(a0__buf_check(&request->body, err));
    A0_ENSURE(request->method != NULL && !request->is_bad, err, param_invalid);
    return A0_OK;
}

a0_http_request
a0__http_view(a0__http_request *request)
{
    for (size_t i = 0; i < request->headers_len; i++) {
        request->view[i] = (a0_http_header){ request->headers[i].name,
                                             a0__buf_cstr(&request->headers[i].value) };
    }
    return (a0_http_request){
        .size = sizeof(a0_http_request),
        .method = request->method,
        .url = a0__buf_cstr(&request->url),
        .headers = request->view,
        .headers_len = request->headers_len,
        .body = request->has_body ? a0__buf_cstr(&request->body) : NULL,
        .body_len = request->body.len,
        .max_response_bytes = request->max_response_bytes,
        .deadline_ms = request->deadline_ms,
    };
}
