/* SPDX-License-Identifier: MIT */
/*
 * An answer as it is collected: limits hold while it grows, so that no peer decides how
 * much memory it takes [HTTP-03]. Bodies carry tokens: everything is wiped.
 */
#include <a0/sys/transport.h>

#include "base/buf.h"
#include "http/http.h"

/* What a header line costs besides its name and value: ": " and CR LF. */
enum {
    LINE_OVERHEAD = 4
};

struct a0_http_response {
    int status;
    size_t headers_len;
    struct header {
        size_t name; /* offsets into header_block, where both end with a NUL */
        size_t value;
    } headers[A0__HTTP_HEADER_LINES_MAX];
    size_t header_bytes;
    a0__buf header_block;
    a0__buf body;
};

a0_http_response *
a0_http_response_new(void)
{
    a0_http_response *response = a0__calloc(1, sizeof *response);

    if (response != NULL) {
        response->header_block = A0__BUF_INIT(A0__HTTP_HEADER_BYTES_MAX);
    }
    return response;
}

void
a0_http_response_free(a0_http_response *response)
{
    if (response == NULL) {
        return;
    }
    a0__buf_clear(&response->header_block);
    a0__buf_clear(&response->body);
    a0__free(response);
}

void
a0_http_response_set_status(a0_http_response *response, int status)
{
    response->status = status;
}

static a0_status
buf_status(const a0__buf *buf)
{
    if (a0__buf_ok(buf)) {
        return A0_OK;
    }
    return buf->no_memory ? A0_NO_MEMORY : A0_PROTOCOL;
}

a0_status
a0_http_response_add_header(a0_http_response *response, const char *name,
                            size_t name_len, const char *value, size_t value_len)
{
    a0__buf *block = &response->header_block;
    a0__text value_text = a0__text_range(value, value_len);
    struct header header = { .name = block->len };

    if (response->headers_len == A0__HTTP_HEADER_LINES_MAX ||
        name_len > A0__HTTP_HEADER_BYTES_MAX || value_len > A0__HTTP_HEADER_BYTES_MAX ||
        response->header_bytes + name_len + value_len + LINE_OVERHEAD >
            A0__HTTP_HEADER_BYTES_MAX ||
        name_len == 0 || a0__text_contains_byte(a0__text_range(name, name_len), '\0') ||
        a0__text_contains_byte(value_text, '\0')) {
        return A0_PROTOCOL;
    }
    a0__buf_bytes(block, name, name_len);
    a0__buf_byte(block, '\0');
    header.value = block->len;
    a0__buf_text(block, value_text);
    a0__buf_byte(block, '\0');
    if (!a0__buf_ok(block)) {
        return buf_status(block);
    }
    response->header_bytes += name_len + value_len + LINE_OVERHEAD;
    response->headers[response->headers_len++] = header;
    return A0_OK;
}

a0_status
a0_http_response_add_body(a0_http_response *response, const void *bytes, size_t len,
                          size_t max_bytes)
{
    response->body.max_bytes = max_bytes;
    a0__buf_bytes(&response->body, bytes, len);
    return buf_status(&response->body);
}

int
a0_http_response_status(const a0_http_response *response)
{
    return response->status;
}

/* A repeated header counts once, the first: a fixed rule [MEM-04]. */
const char *
a0_http_response_header(const a0_http_response *response, const char *name)
{
    const char *block = a0__buf_cstr(&response->header_block);

    for (size_t i = 0; i < response->headers_len; i++) {
        const struct header *header = &response->headers[i];

        if (a0__text_equal_ignoring_case(a0__text_of(block + header->name),
                                         a0__text_of(name))) {
            return block + header->value;
        }
    }
    return NULL;
}

const char *
a0_http_response_body(const a0_http_response *response, size_t *out_len)
{
    *out_len = response->body.len;
    return a0__buf_cstr(&response->body);
}

/* ---- for flows ---- */

void
a0__http_response_ptr_auto(a0__http_response_ptr *response)
{
    a0_http_response_free(*response);
}

a0__text
a0__http_body(const a0_http_response *response)
{
    size_t len = 0;
    const char *body = a0_http_response_body(response, &len);

    return a0__text_range(body, len);
}

bool
a0__http_content_type_is(const a0_http_response *response, a0__text media_type)
{
    a0__text rest = a0__text_of(a0_http_response_header(response, "content-type"));
    a0__text type = A0__NO_TEXT;

    return a0__text_next(&rest, ';', &type) &&
           a0__text_equal_ignoring_case(a0__text_trim(type), media_type);
}

bool
a0__http_is_success(const a0_http_response *response)
{
    return response->status >= 200 && response->status <= 299;
}
