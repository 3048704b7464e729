/* SPDX-License-Identifier: MIT */
#include "browser_url.h"

static bool
is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* "Remove any leading and trailing C0 control or space", "remove all ASCII tab or
 * newline". */
static void
clean(a0__text reference, a0__buf *out)
{
    while (reference.len > 0 && (unsigned char)reference.ptr[0] <= 0x20) {
        reference = a0__text_from(reference, 1);
    }
    while (reference.len > 0 &&
           (unsigned char)reference.ptr[reference.len - 1] <= 0x20) {
        reference.len--;
    }
    for (size_t i = 0; i < reference.len; i++) {
        char c = reference.ptr[i];

        if (c != '\t' && c != '\n' && c != '\r') {
            a0__buf_byte(out, c);
        }
    }
}

/* The scheme state; 0 when the reference has none. */
static size_t
scheme_len(a0__text text)
{
    if (text.len == 0 || !a0__is_alpha(text.ptr[0])) {
        return 0;
    }
    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == ':') {
            return i;
        }
        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '+' && c != '-' && c != '.') {
            return 0;
        }
    }
    return 0;
}

static bool
host_is_valid(a0__text host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.ptr[i];

        if (c <= 0x20 || c == 0x7f ||
            a0__text_contains_byte(A0__LIT("#/:<>?@[\\]^|%"), (char)c)) {
            return false;
        }
    }
    return host.len > 0;
}

/* The host parser: percent-decoded, lower case. Names that IDNA would map stay as they
 * are, which no allowed host is. */
static void
write_host(a0__text host, a0__text scheme, a0__text port_text, a0__buf *out)
{
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(4096);
    uint64_t port = a0__text_equal_ignoring_case(scheme, A0__LIT("https")) ? 443 : 80;
    bool is_ipv6 = host.len > 0 && host.ptr[0] == '[';

    for (size_t i = 0; i < host.len; i++) {
        int high = host.ptr[i] == '%' && host.len - i > 2
                       ? a0__hex_value(host.ptr[i + 1])
                       : -1;
        int low = high >= 0 ? a0__hex_value(host.ptr[i + 2]) : -1;

        a0__buf_byte(&decoded,
                     low >= 0 ? (char)(high << 4 | low) : a0__to_lower(host.ptr[i]));
        i += low >= 0 ? 2 : 0;
    }
    if ((!is_ipv6 && !host_is_valid(a0__buf_view(&decoded))) ||
        (port_text.len > 0 && !a0__parse_u64(port_text, 65535, &port))) {
        a0__buf_string(out, "failure");
        return;
    }
    for (size_t i = 0; i < scheme.len; i++) {
        a0__buf_byte(out, a0__to_lower(scheme.ptr[i]));
    }
    a0__buf_string(out, "://");
    for (size_t i = 0; i < decoded.len; i++) {
        a0__buf_byte(out, a0__to_lower(decoded.ptr[i]));
    }
    a0__buf_byte(out, ':');
    a0__buf_u64(out, port);
}

/* The authority, host and port states. */
static void
write_authority(a0__text rest, a0__text scheme, a0__buf *out)
{
    a0__text host = A0__NO_TEXT;
    a0__text port = A0__NO_TEXT;
    bool in_brackets = false;
    size_t end = 0;

    while (end < rest.len && !is_slash(rest.ptr[end]) && rest.ptr[end] != '?' &&
           rest.ptr[end] != '#') {
        end++;
    }
    rest.len = end;
    for (size_t i = rest.len; i > 0; i--) {
        if (rest.ptr[i - 1] == '@') {
            rest = a0__text_from(rest, i);
            break;
        }
    }
    host = rest;
    for (size_t i = 0; i < rest.len; i++) {
        in_brackets = rest.ptr[i] == '[' || (in_brackets && rest.ptr[i] != ']');
        if (rest.ptr[i] == ':' && !in_brackets) {
            host = a0__text_range(rest.ptr, i);
            port = a0__text_from(rest, i + 1);
            break;
        }
    }
    write_host(host, scheme, port, out);
}

static a0__text
skip_slashes(a0__text text)
{
    while (text.len > 0 && is_slash(text.ptr[0])) {
        text = a0__text_from(text, 1);
    }
    return text;
}

static void
write_relative(a0__text text, const char *base_host, a0__buf *out)
{
    if (text.len > 1 && is_slash(text.ptr[0]) && is_slash(text.ptr[1])) {
        write_authority(skip_slashes(text), A0__LIT("https"), out);
        return;
    }
    write_host(a0__text_of(base_host), A0__LIT("https"), A0__NO_TEXT, out);
}

void
browser_url_origin(a0__text reference, const char *base_host, a0__buf *out)
{
    A0_AUTO(a0__buf) cleaned = A0__BUF_INIT(SIZE_MAX / 2);
    a0__text text = A0__NO_TEXT;
    a0__text scheme = A0__NO_TEXT;
    size_t len = 0;

    clean(reference, &cleaned);
    text = a0__text_of(a0__buf_cstr(&cleaned));
    text.len = cleaned.len;
    len = scheme_len(text);
    if (len == 0) {
        write_relative(text, base_host, out);
        return;
    }
    scheme = a0__text_range(text.ptr, len);
    text = a0__text_from(text, len + 1);
    if (a0__text_equal_ignoring_case(scheme, A0__LIT("https")) &&
        !a0__text_starts_with(text, A0__LIT("//"))) {
        write_relative(text, base_host, out); /* the scheme of the base: relative */
        return;
    }
    if (!a0__text_equal_ignoring_case(scheme, A0__LIT("https")) &&
        !a0__text_equal_ignoring_case(scheme, A0__LIT("http"))) {
        a0__buf_string(out, "other:");
        return;
    }
    write_authority(skip_slashes(text), scheme, out);
}
