/* SPDX-License-Identifier: MIT */
#include "base/url.h"

#include <string.h>

#include "base/mem.h"

static bool
is_unreserved(char c)
{
    return a0__is_alpha(c) || a0__is_digit(c) || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void
a0__percent_encode(a0__text text, a0__buf *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (is_unreserved((char)c)) {
            a0__buf_byte(out, (char)c);
        } else {
            char escape[3] = { '%', digits[c >> 4], digits[c & 15] };

            a0__buf_bytes(out, escape, sizeof escape);
        }
    }
}

bool
a0__percent_decode(a0__text text, bool plus_is_space, a0__buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '%') {
            int high = text.len - i > 2 ? a0__hex_value(text.ptr[i + 1]) : -1;
            int low = high >= 0 ? a0__hex_value(text.ptr[i + 2]) : -1;

            if (low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        a0__buf_byte(out, c);
    }
    return true;
}

/* ---- URLs ---- */

static a0__text
cut_at_any(a0__text text, const char *stops)
{
    size_t len = 0;

    while (len < text.len && strchr(stops, text.ptr[len]) == NULL) {
        len++;
    }
    return a0__text_range(text.ptr, len);
}

static bool
parse_scheme(a0__text *rest, a0__url *out)
{
    out->scheme = cut_at_any(*rest, ":/?#");
    *rest = a0__text_from(*rest, out->scheme.len);
    if (out->scheme.len == 0 || !a0__is_alpha(out->scheme.ptr[0]) ||
        !a0__text_starts_with(*rest, A0__LIT("://"))) {
        return false;
    }
    for (size_t i = 0; i < out->scheme.len; i++) {
        char c = out->scheme.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '+' && c != '-' && c != '.') {
            return false;
        }
    }
    *rest = a0__text_from(*rest, 3);
    return true;
}

static bool
parse_port(a0__text text, a0__url *out)
{
    uint64_t port = 0;

    if (!a0__parse_u64(text, 65535, &port) || port == 0) {
        return false;
    }
    out->port = (uint16_t)port;
    out->has_port = true;
    return true;
}

static bool
parse_authority(a0__text authority, a0__url *out)
{
    a0__text host_port = authority;
    a0__text after = A0__NO_TEXT;

    for (size_t i = authority.len; i > 0; i--) {
        if (authority.ptr[i - 1] == '@') {
            out->userinfo = a0__text_range(authority.ptr, i - 1);
            out->has_userinfo = true;
            host_port = a0__text_from(authority, i);
            break;
        }
    }
    out->port = a0__url_scheme_is(out, "https")  ? 443
                : a0__url_scheme_is(out, "http") ? 80
                                                 : 0;
    if (a0__text_starts_with(host_port, A0__LIT("["))) {
        out->host = cut_at_any(a0__text_from(host_port, 1), "]");
        out->is_ipv6 = true;
        after = a0__text_from(host_port, out->host.len + 1);
        if (!a0__text_starts_with(after, A0__LIT("]"))) {
            return false;
        }
        after = a0__text_from(after, 1);
    } else {
        out->host = cut_at_any(host_port, ":");
        after = a0__text_from(host_port, out->host.len);
    }
    if (out->host.len == 0 || (after.len > 0 && after.ptr[0] != ':')) {
        return false;
    }
    return after.len == 0 || parse_port(a0__text_from(after, 1), out);
}

bool
a0__url_parse(a0__text text, a0__url *out)
{
    a0__text rest = text;
    a0__text authority = A0__NO_TEXT;

    *out = (a0__url){ 0 };
    if (!a0__text_is_visible_ascii(text) || a0__text_contains_byte(text, '\\') ||
        !parse_scheme(&rest, out)) {
        return false;
    }
    authority = cut_at_any(rest, "/?#");
    rest = a0__text_from(rest, authority.len);
    if (!parse_authority(authority, out)) {
        return false;
    }
    out->path = cut_at_any(rest, "?#");
    rest = a0__text_from(rest, out->path.len);
    if (a0__text_starts_with(rest, A0__LIT("?"))) {
        out->has_query = true;
        out->query = cut_at_any(a0__text_from(rest, 1), "#");
        rest = a0__text_from(rest, out->query.len + 1);
    }
    if (a0__text_starts_with(rest, A0__LIT("#"))) {
        out->has_fragment = true;
        out->fragment = a0__text_from(rest, 1);
    }
    return true;
}

bool
a0__url_scheme_is(const a0__url *url, const char *scheme)
{
    return a0__text_equal_ignoring_case(url->scheme, a0__text_of(scheme));
}

bool
a0__host_is_loopback(a0__text host)
{
    a0__text part = A0__NO_TEXT;
    size_t parts = 0;

    if (a0__text_equal_ignoring_case(host, A0__LIT("localhost")) ||
        a0__text_is(host, "::1")) {
        return true;
    }
    while (a0__text_next(&host, '.', &part)) {
        uint64_t value = 0;

        if (part.len > 3 || (part.len > 1 && part.ptr[0] == '0') ||
            !a0__parse_u64(part, 255, &value) || (parts == 0 && value != 127)) {
            return false;
        }
        parts++;
    }
    return parts == 4;
}

bool
a0__host_is_ldh(a0__text host)
{
    a0__text label = A0__NO_TEXT;
    a0__text rest = host;

    if (host.len == 0 || host.len > 253) {
        return false;
    }
    while (a0__text_next(&rest, '.', &label)) {
        if (label.len == 0 || label.len > 63 || label.ptr[0] == '-' ||
            label.ptr[label.len - 1] == '-') {
            return false;
        }
        for (size_t i = 0; i < label.len; i++) {
            char c = label.ptr[i];

            if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '-') {
                return false;
            }
        }
    }
    return true;
}

bool
a0__url_same_origin(const a0__url *a, const a0__url *b)
{
    return a0__text_equal_ignoring_case(a->scheme, b->scheme) &&
           a0__text_equal_ignoring_case(a->host, b->host) && a->port == b->port;
}

/* ---- forms ---- */

void
a0__form_auto(a0__form *form)
{
    a0__buf_clear(&form->text);
}

void
a0__form_add(a0__form *form, const char *name, a0__text value)
{
    if (form->text.len > 0) {
        a0__buf_byte(&form->text, '&');
    }
    a0__percent_encode(a0__text_of(name), &form->text);
    a0__buf_byte(&form->text, '=');
    a0__percent_encode(value, &form->text);
}

void
a0__form_add_string(a0__form *form, const char *name, const char *value)
{
    a0__form_add(form, name, a0__text_of(value));
}

void
a0__form_add_secret(a0__form *form, const char *name, const a0__secret *value)
{
    a0__form_add(form, name, a0__secret_expose(value));
}

/* ---- parameters ---- */

void
a0__params_clear(a0__params *params)
{
    for (size_t i = 0; i < params->len; i++) {
        a0__wipe(params->pairs[i].value, params->pairs[i].value_len);
        a0__free(params->pairs[i].name);
        a0__free(params->pairs[i].value);
    }
    a0__free(params->pairs);
    *params = A0__PARAMS_INIT;
}

void
a0__params_auto(a0__params *params)
{
    a0__params_clear(params);
}

/* Decodes a name or a value; *out stays NULL when it is not acceptable. */
static a0_status
decode_piece(a0__text piece, char **out, size_t *out_len, bool *out_valid,
             a0_error **err)
{
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(piece.len + 1);

    if (!a0__percent_decode(piece, true, &decoded)) {
        *out_valid = false;
    }
    A0_TRY(a0__buf_check(&decoded, err));
    if (a0__text_contains_byte(a0__buf_view(&decoded), '\0') ||
        !a0__text_is_utf8(a0__buf_view(&decoded))) {
        *out_valid = false;
    }
    *out_len = decoded.len;
    *out = a0__buf_take(&decoded);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

static a0_status
add_pair(a0__text piece, a0__params *params, bool *out_valid, a0_error **err)
{
    a0__text name = A0__NO_TEXT;
    a0__text value = piece;
    struct a0__param_pair *pairs =
        a0__realloc_array(params->pairs, params->len + 1, sizeof *pairs);
    struct a0__param_pair *pair = NULL;

    A0_ENSURE(pairs != NULL, err, no_memory);
    params->pairs = pairs;
    pair = &pairs[params->len];
    *pair = (struct a0__param_pair){ 0 };
    params->len++;
    (void)a0__text_next(&value, '=', &name);
    A0_TRY(decode_piece(name, &pair->name, &pair->name_len, out_valid, err));
    return decode_piece(value, &pair->value, &pair->value_len, out_valid, err);
}

a0_status
a0__params_parse(a0__text text, size_t max_pairs, a0__params *out, bool *out_valid,
                 a0_error **err)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    a0__text piece = A0__NO_TEXT;

    *out_valid = true;
    while (*out_valid && a0__text_next(&text, '&', &piece)) {
        if (piece.len == 0) {
            continue;
        }
        if (params.len >= max_pairs) {
            *out_valid = false;
            break;
        }
        A0_TRY(add_pair(piece, &params, out_valid, err));
    }
    *out = params;
    params = A0__PARAMS_INIT;
    return A0_OK;
}

a0__text
a0__params_get(const a0__params *params, const char *name, size_t *out_count)
{
    a0__text found = A0__NO_TEXT;
    size_t count = 0;

    for (size_t i = 0; i < params->len; i++) {
        const struct a0__param_pair *pair = &params->pairs[i];

        if (a0__text_is(a0__text_range(pair->name, pair->name_len), name)) {
            if (count == 0) {
                found = a0__text_range(pair->value, pair->value_len);
            }
            count++;
        }
    }
    if (out_count != NULL) {
        *out_count = count;
    }
    return found;
}
