/* SPDX-License-Identifier: MIT */
/*
 * URLs by component (RFC 3986) and parameters (RFC 6749 appendix B). A URL is built
 * with one encoder per component kind; a path segment is never glued.
 */
#ifndef A0_BASE_URL_H
#define A0_BASE_URL_H

#include "base/buf.h"
#include "base/secret.h"

/* Everything but the unreserved characters becomes %XX: fit for a path segment, a
 * query value and a form value alike. */
void a0__percent_encode(a0__text text, a0__buf *out);
/* False on a bad escape. In forms and queries '+' is a space. */
A0_MUST_USE bool a0__percent_decode(a0__text text, bool plus_is_space, a0__buf *out);

/* An absolute URL in pieces; views into the text it was parsed from. */
typedef struct a0__url {
    a0__text scheme; /* as written */
    a0__text userinfo;
    bool has_userinfo;
    a0__text host; /* without the brackets of an IPv6 literal */
    bool is_ipv6;
    uint16_t port; /* the scheme's when none is written; 0 for an unknown scheme */
    bool has_port;
    a0__text path; /* may be empty */
    a0__text query;
    bool has_query;
    a0__text fragment;
    bool has_fragment;
} a0__url;

/* Strict: scheme "://" host, visible ASCII only, no backslash; false otherwise. */
A0_MUST_USE bool a0__url_parse(a0__text text, a0__url *out);

bool a0__url_scheme_is(const a0__url *url, const char *scheme);
/* localhost, 127.0.0.0/8 in four decimal parts, ::1: as literal text, not by DNS. */
bool a0__host_is_loopback(a0__text host);
/* Letters, digits, hyphens and dots; labels of 1..63, 253 in all. */
bool a0__host_is_ldh(a0__text host);
bool a0__url_same_origin(const a0__url *a, const a0__url *b);

/* Builds name=value&name=value. Fails once, at a0__buf_check of .text. */
typedef struct a0__form {
    a0__buf text;
} a0__form;

#define A0__FORM_INIT(max) ((a0__form){ A0__BUF_INIT(max) })

void a0__form_auto(a0__form *form);
void a0__form_add(a0__form *form, const char *name, a0__text value);
void a0__form_add_string(a0__form *form, const char *name, const char *value);
void a0__form_add_secret(a0__form *form, const char *name, const a0__secret *value);

/* Parsed parameters: decoded copies, in order, wiped when cleared. */
typedef struct a0__params {
    struct a0__param_pair {
        char *name;
        char *value;
        size_t name_len;
        size_t value_len;
    } * pairs;
    size_t len;
} a0__params;

#define A0__PARAMS_INIT ((a0__params){ NULL, 0 })

void a0__params_clear(a0__params *params);
void a0__params_auto(a0__params *params);
/*
 * Reads a query or form body. Empty pieces are skipped. *out_valid is false on a bad
 * escape, a NUL, text that is not UTF-8, or more than max_pairs pairs.
 */
A0_MUST_USE a0_status a0__params_parse(a0__text text, size_t max_pairs, a0__params *out,
                                       bool *out_valid, a0_error **err);
/* The first value of that name; *out_count (may be NULL) says how often it stands. */
a0__text a0__params_get(const a0__params *params, const char *name, size_t *out_count);

#endif
