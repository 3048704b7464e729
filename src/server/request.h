/* SPDX-License-Identifier: MIT */
/*
 * A request as handlers see it: plain values, no library in sight, so that tests and
 * fuzzers make one by hand. Views live until the handler returns.
 */
#ifndef A0_SERVER_REQUEST_H
#define A0_SERVER_REQUEST_H

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "server/address.h"

enum {
    A0__WEB_HEADERS_MAX = 100,            /* lines [GW-11] */
    A0__WEB_HEADER_BYTES_MAX = 32 * 1024, /* names and values [GW-11] */
    A0__WEB_TARGET_MAX = 8 * 1024 + 4096, /* the callback's query and a path */
    A0__WEB_QUERY_PAIRS_MAX = 64,
    A0__WEB_PARAMS_MAX = 4,
    A0__WEB_ID_LEN = 24
};

typedef struct a0__web_header {
    a0__text name; /* as sent; compare without regard to case */
    a0__text value;
} a0__web_header;

struct a0__web_route;

typedef struct a0__web_request {
    char id[A0__WEB_ID_LEN + 1]; /* correlation id: unique, not secret */
    a0__text method;
    a0__text target; /* raw, as it stood in the request line */
    a0__text path;   /* canonical */
    a0__text query;  /* raw, without '?' */
    bool has_query;
    a0__text version; /* "HTTP/1.1" */
    a0__web_header headers[A0__WEB_HEADERS_MAX];
    size_t headers_len;
    a0__text body;
    a0__address peer; /* who is at the other end of the connection */
    bool is_tls;
    const struct a0__web_route *route;   /* NULL before and without a match */
    a0__text params[A0__WEB_PARAMS_MAX]; /* segments of {names}, still encoded */
    void *site_data;                     /* of the site: from before() to after() */
} a0__web_request;

/* The first value of that name; A0__NO_TEXT when absent. *out_count may be NULL. */
a0__text a0__web_header_get(const a0__web_request *request, const char *name,
                            size_t *out_count);

/* Decoded {name} of the route. False when the pattern has no such name or the value
 * does not decode to UTF-8 without control bytes. */
A0_MUST_USE bool a0__web_param(const a0__web_request *request, const char *name,
                               a0__buf *out);

/*
 * The parameters of the query, or of a form body. *out_valid is false on malformed
 * text (see a0__params_parse); repeated names are kept.
 */
A0_MUST_USE a0_status a0__web_query(const a0__web_request *request, a0__params *out,
                                    bool *out_valid, a0_error **err);
A0_MUST_USE a0_status a0__web_form(const a0__web_request *request, a0__params *out,
                                   bool *out_valid, a0_error **err);

/* The media type without parameters, "" when there is no single Content-Type. */
a0__text a0__web_media_type(const a0__web_request *request);
bool a0__web_media_type_is(const a0__web_request *request, const char *type);

/* Whether the caller would rather have a page than JSON: a browser's navigation. */
bool a0__web_wants_html(const a0__web_request *request);

/*
 * Cookies of that exact name over all Cookie headers, in order (RFC 6265 §4.2). Gives
 * how many there are; the first max_values are stored. A quoted value keeps its quotes,
 * so that it never equals a value of ours. [SESS-03]
 */
size_t a0__web_cookies(const a0__web_request *request, const char *name,
                       a0__text *out_values, size_t max_values);

/* Calls `each` for every cookie pair until it returns false. */
void a0__web_each_cookie(const a0__web_request *request,
                         bool (*each)(void *self, a0__text name, a0__text value),
                         void *self);

/* A refusal of this layer; status 0 is none. */
typedef struct a0__web_refusal {
    a0__error_id id;
    int status;
} a0__web_refusal;

/*
 * Checks what the HTTP library lets through and this server does not (RFC 9112 §11.2)
 * and sets path and query from target; path_space receives the canonical path. A
 * refused request also ends its connection. [GW-04, GW-07, GW-11]
 */
a0__web_refusal a0__web_request_check(a0__web_request *request, a0__buf *path_space);

#endif
