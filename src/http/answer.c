/* SPDX-License-Identifier: MIT */
#include "http/answer.h"

#include "http/http.h"

enum {
    INTERIM_MAX = 5 /* answers 1xx before the real one [HTTP-03] */
};

bool
a0__answer_start(a0__answer *answer, size_t max_body_bytes)
{
    *answer = (a0__answer){ .response = a0_http_response_new(),
                            .max_body_bytes = max_body_bytes };
    return answer->response != NULL;
}

void
a0__answer_clear(a0__answer *answer)
{
    a0_http_response_free(answer->response);
    answer->response = NULL;
}

/* The first refusal stands. */
static bool
refuse(a0__answer *answer, a0__error_id id)
{
    if (!answer->is_refused) {
        answer->is_refused = true;
        answer->refusal = id;
    }
    return false;
}

static bool
refuse_status(a0__answer *answer, a0_status status)
{
    return refuse(answer, status == A0_NO_MEMORY ? A0_E_no_memory : A0_E_http_oversize);
}

/* RFC 9112 §4: HTTP/1.1 SP 200 SP reason. libcurl writes HTTP/2 in the same form. */
static bool
read_status_line(a0__answer *answer, a0__text line)
{
    a0__text rest = line;
    a0__text version = A0__NO_TEXT;
    a0__text code = A0__NO_TEXT;
    uint64_t status = 0;

    if (!a0__text_next(&rest, ' ', &version) || !a0__text_next(&rest, ' ', &code) ||
        code.len != 3 || !a0__parse_u64(code, 599, &status) || status < 100) {
        return refuse(answer, A0_E_http_protocol);
    }
    answer->is_http2 = a0__text_is(version, "HTTP/2");
    answer->is_http10 = a0__text_is(version, "HTTP/1.0");
    if (!answer->is_http2 && !answer->is_http10 && !a0__text_is(version, "HTTP/1.1")) {
        return refuse(answer, A0_E_http_protocol);
    }
    answer->status = (int)status;
    answer->state = A0__ANSWER_HEADERS;
    if (status == 101) { /* nobody asked for another protocol */
        return refuse(answer, A0_E_http_protocol);
    }
    if (status < 200 && ++answer->interim_count > INTERIM_MAX) {
        return refuse(answer, A0_E_http_oversize);
    }
    return true;
}

/* Lines that no caller will see still count. */
static bool
count_extra(a0__answer *answer, size_t len)
{
    answer->extra_bytes += len;
    if (++answer->extra_lines > A0__HTTP_HEADER_LINES_MAX ||
        answer->extra_bytes > A0__HTTP_HEADER_BYTES_MAX) {
        return refuse(answer, A0_E_http_oversize);
    }
    return true;
}

/* RFC 9112 §6.1 and §6.3: what says where the body ends must say it once. */
static bool
read_framing(a0__answer *answer, a0__text name, a0__text value)
{
    if (a0__text_equal_ignoring_case(name, A0__LIT("content-length"))) {
        if (answer->has_length || !a0__parse_u64(value, INT64_MAX, &answer->length)) {
            return refuse(answer, A0_E_http_protocol);
        }
        answer->has_length = true;
    }
    if (a0__text_equal_ignoring_case(name, A0__LIT("transfer-encoding"))) {
        if (answer->is_chunked || answer->is_http2 || answer->is_http10 ||
            !a0__text_equal_ignoring_case(value, A0__LIT("chunked"))) {
            return refuse(answer, A0_E_http_protocol);
        }
        answer->is_chunked = true;
    }
    if (a0__text_equal_ignoring_case(name, A0__LIT("content-encoding"))) {
        return refuse(answer, A0_E_http_encoding_refused); /* [HTTP-05] */
    }
    return true;
}

static bool
is_field_value(a0__text value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.ptr[i];

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

/* RFC 9112 §5: no space before the colon, no folded lines (they begin with a space). */
static bool
read_header(a0__answer *answer, a0__text line)
{
    a0__text rest = line;
    a0__text name = A0__NO_TEXT;
    a0__text value = A0__NO_TEXT;
    a0_status status = A0_OK;

    if (!a0__text_contains_byte(line, ':') || !a0__text_next(&rest, ':', &name) ||
        !a0__http_header_is_allowed(name, A0__NO_TEXT) || !is_field_value(rest)) {
        return refuse(answer, A0_E_http_protocol);
    }
    if (answer->status < 200 || answer->state == A0__ANSWER_BODY) {
        return count_extra(answer, line.len);
    }
    value = a0__text_trim(rest);
    status = a0_http_response_add_header(answer->response, name.ptr, name.len,
                                         value.ptr, value.len);
    if (status != A0_OK) {
        return refuse_status(answer, status);
    }
    return read_framing(answer, name, value);
}

/* The blank line: before a byte of the body is taken, everything about it is known. */
static bool
end_headers(a0__answer *answer)
{
    bool has_no_body = answer->status == 204;

    if (answer->status < 200) {
        answer->state = A0__ANSWER_STATUS_LINE;
        return true;
    }
    if (answer->status >= 300 && answer->status <= 399) {
        return refuse(answer, A0_E_http_redirect_refused); /* [HTTP-02, TOK-07] */
    }
    if ((answer->has_length && answer->is_chunked) ||
        (has_no_body && (answer->is_chunked || answer->length > 0))) {
        return refuse(answer, A0_E_http_protocol);
    }
    if (answer->length > answer->max_body_bytes) {
        return refuse(answer, A0_E_http_oversize);
    }
    if (!has_no_body && !answer->has_length && !answer->is_chunked &&
        !answer->is_http2) {
        /* It ends with the connection, and libcurl does not tell a TLS close alert from
         * a lost connection. [HTTP-10] */
        return refuse(answer, A0_E_http_truncated);
    }
    a0_http_response_set_status(answer->response, answer->status);
    answer->state = A0__ANSWER_BODY;
    return true;
}

bool
a0__answer_line(a0__answer *answer, const char *bytes, size_t len)
{
    a0__text line = a0__text_range(bytes, len);

    if (answer->is_refused) {
        return false;
    }
    if (!a0__text_ends_with(line, A0__LIT("\r\n"))) { /* a bare LF */
        return refuse(answer, A0_E_http_protocol);
    }
    line.len -= 2;
    if (answer->state == A0__ANSWER_STATUS_LINE) {
        return is_field_value(line) ? read_status_line(answer, line)
                                    : refuse(answer, A0_E_http_protocol);
    }
    if (line.len > 0) {
        return read_header(answer, line);
    }
    return answer->state == A0__ANSWER_BODY || end_headers(answer);
}

bool
a0__answer_body(a0__answer *answer, const char *bytes, size_t len)
{
    a0_status status = A0_OK;

    if (answer->is_refused) {
        return false;
    }
    answer->received += len;
    if (answer->state != A0__ANSWER_BODY || answer->status == 204 ||
        (answer->has_length && answer->received > answer->length)) {
        return refuse(answer, A0_E_http_protocol);
    }
    if (answer->is_chunked) {
        a0__error_id refusal = A0_E_http_protocol;

        return a0__chunked_read(&answer->chunked, bytes, len, answer->response,
                                answer->max_body_bytes, &refusal) ||
               refuse(answer, refusal);
    }
    status =
        a0_http_response_add_body(answer->response, bytes, len, answer->max_body_bytes);
    return status == A0_OK || refuse_status(answer, status);
}

/* A prefix is never handed on, even if it reads well. [HTTP-10] */
bool
a0__answer_end(a0__answer *answer)
{
    if (answer->is_refused) {
        return false;
    }
    if (answer->state != A0__ANSWER_BODY ||
        (answer->has_length && answer->received != answer->length) ||
        (answer->is_chunked && answer->chunked.state != A0__CHUNK_END)) {
        return refuse(answer, A0_E_http_truncated);
    }
    return answer->raw_bytes <= answer->received || refuse(answer, A0_E_http_protocol);
}

bool
a0__answer_hides_surplus(const a0__answer *answer)
{
    return answer->state == A0__ANSWER_BODY && !answer->is_http2 &&
           !answer->is_chunked && answer->length == 0;
}
