/* SPDX-License-Identifier: MIT */
/*
 * What libmicrohttpd lets through and two parties could read differently: RFC 9112
 * §3.2, §6.1, §6.3, §11.2. A refusal here always closes the connection. [GW-07]
 */
#include "server/path.h"
#include "server/request.h"

#include "base/url.h"

static bool
is_alphanumeric(char c)
{
    char lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

/* RFC 9110 §5.6.2 */
static bool
is_token(a0__text text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.len; i++) {
        if (!is_alphanumeric(text.ptr[i]) &&
            !a0__text_contains_byte(A0__LIT(marks), text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

/* RFC 9110 §5.5: no control byte but the tab. */
static bool
is_field_value(a0__text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* RFC 9110 §7.2: uri-host [":" port], nothing that another reader would cut. */
static bool
is_host(a0__text host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (!is_alphanumeric(host.ptr[i]) &&
            !a0__text_contains_byte(A0__LIT("-._:[]"), host.ptr[i])) {
            return false;
        }
    }
    return host.len > 0;
}

#define ACCEPTED ((a0__web_refusal){ .status = 0 })
#define MALFORMED ((a0__web_refusal){ A0_E_gw_request_malformed, 400 })
#define AMBIGUOUS ((a0__web_refusal){ A0_E_gw_path_ambiguous, 400 })

static a0__web_refusal
check_fields(const a0__web_request *request)
{
    size_t bytes = 0;

    for (size_t i = 0; i < request->headers_len; i++) {
        const a0__web_header *header = &request->headers[i];

        bytes += header->name.len + header->value.len;
        if (!is_token(header->name) || !is_field_value(header->value)) {
            return MALFORMED;
        }
    }
    if (bytes > A0__WEB_HEADER_BYTES_MAX) {
        return (a0__web_refusal){ A0_E_gw_too_large, 431 };
    }
    return ACCEPTED;
}

/* RFC 9112 §6.1, §6.3: one length, or one "chunked", never both. */
static bool
is_framing_clear(const a0__web_request *request)
{
    size_t lengths = 0;
    size_t encodings = 0;
    uint64_t length = 0;
    a0__text content_length = a0__web_header_get(request, "content-length", &lengths);
    a0__text encoding = a0__web_header_get(request, "transfer-encoding", &encodings);

    if (lengths + encodings > 1) {
        return false;
    }
    if (lengths == 1) {
        return a0__parse_u64(content_length, INT64_MAX, &length);
    }
    return encodings == 0 ||
           (a0__text_equal_ignoring_case(encoding, A0__LIT("chunked")) &&
            a0__text_is(request->version, "HTTP/1.1"));
}

static bool
is_host_clear(const a0__web_request *request)
{
    size_t hosts = 0;
    a0__text host = a0__web_header_get(request, "host", &hosts);

    if (hosts == 0) {
        return a0__text_is(request->version, "HTTP/1.0");
    }
    return hosts == 1 && is_host(host);
}

/* RFC 9112 §3.2.2: the absolute form is accepted when it says the same as Host. */
static bool
origin_form(const a0__web_request *request, a0__text *out)
{
    a0__text host = a0__web_header_get(request, "host", NULL);
    a0__text authority = A0__NO_TEXT;
    a0__url url = { 0 };

    *out = request->target;
    if (a0__text_starts_with(request->target, A0__LIT("/"))) {
        return true;
    }
    if (!a0__url_parse(request->target, &url) || url.has_userinfo ||
        url.path.len == 0 ||
        !a0__url_scheme_is(&url, request->is_tls ? "https" : "http")) {
        return false;
    }
    authority = a0__text_from(request->target, url.scheme.len + 3);
    authority.len = (size_t)(url.path.ptr - authority.ptr);
    *out = a0__text_from(request->target, (size_t)(url.path.ptr - request->target.ptr));
    return a0__text_equal_ignoring_case(authority, host);
}

a0__web_refusal
a0__web_request_check(a0__web_request *request, a0__buf *path_space)
{
    a0__web_refusal refusal = ACCEPTED;
    a0__text rest = A0__NO_TEXT;
    a0__text path = A0__NO_TEXT;

    if (request->target.len > A0__WEB_TARGET_MAX) {
        return (a0__web_refusal){ A0_E_gw_too_large, 414 };
    }
    if ((!a0__text_is(request->version, "HTTP/1.1") &&
         !a0__text_is(request->version, "HTTP/1.0")) ||
        !is_token(request->method) || !a0__text_is_visible_ascii(request->target) ||
        a0__text_contains_byte(request->target, '#')) {
        return MALFORMED;
    }
    refusal = check_fields(request);
    if (refusal.status != 0) {
        return refusal;
    }
    if (!is_framing_clear(request) || !is_host_clear(request) ||
        !origin_form(request, &rest)) {
        return MALFORMED;
    }
    (void)a0__text_next(&rest, '?', &path);
    request->has_query = rest.ptr != NULL;
    request->query = request->has_query ? rest : A0__LIT("");
    if (!a0__path_canonical(path, path_space)) {
        return AMBIGUOUS;
    }
    request->path = a0__buf_view(path_space);
    return ACCEPTED;
}
