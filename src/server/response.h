/* SPDX-License-Identifier: MIT */
/*
 * A response being built. It starts as the safest answer: no-store, no referrer, no
 * sniffing, and a Content-Security-Policy that allows nothing; a page widens it.
 * Failure is sticky (memory, a header that is none) and becomes a plain 500.
 */
#ifndef A0_SERVER_RESPONSE_H
#define A0_SERVER_RESPONSE_H

#include "base/buf.h"

enum {
    A0__WEB_RESPONSE_MAX = 8 * 1024 * 1024,
    A0__WEB_RESPONSE_HEADERS_MAX = 64 * 1024
};

#define A0__WEB_CSP_NOTHING "default-src 'none'; frame-ancestors 'none'"

typedef struct a0__web_response {
    int status;
    a0__buf headers; /* name NUL value NUL ... */
    a0__buf body;
    a0__text static_body; /* sent instead of body when set; lives for ever */
    bool close;           /* the connection is not used again */
    bool drop;            /* nothing is sent: the connection ends (a tenant's fault) */
    bool invalid;         /* a header was not acceptable */
} a0__web_response;

/* Status 200, the safe headers, no body. */
void a0__web_response_init(a0__web_response *response);
void a0__web_response_clear(a0__web_response *response);
/* Wipes what was said and keeps the memory for the next response. */
void a0__web_response_empty(a0__web_response *response);
/* Forgets what was said and starts again from the safe headers. */
void a0__web_response_reset(a0__web_response *response);

/*
 * Adds a header line; set replaces every earlier one of that name. A name that is no
 * token, or a value with a byte outside visible ASCII and space, marks the
 * response invalid: never a second line. [GW-13]
 */
void a0__web_header_add(a0__web_response *response, const char *name, a0__text value);
void a0__web_header_set(a0__web_response *response, const char *name, a0__text value);
void a0__web_header_remove(a0__web_response *response, const char *name);
/* The first value, NULL when absent (for tests and for after()). */
const char *a0__web_response_header(const a0__web_response *response, const char *name);
/* Calls `each` for every header line until it returns false. */
void a0__web_each_header(const a0__web_response *response,
                         bool (*each)(void *self, const char *name, const char *value),
                         void *self);

/* Replaces the body by a copy; a literal or embedded file is passed without copy. */
void a0__web_body_text(a0__web_response *response, const char *media_type,
                       a0__text text);
void a0__web_body_static(a0__web_response *response, const char *media_type,
                         a0__text text);

/* A redirect without body; 303 after anything a form posted. (RFC 9110 §15.4) */
void a0__web_redirect(a0__web_response *response, int status, a0__text location);
/* When to ask again. (RFC 9110 §10.2.3) */
void a0__web_retry_after(a0__web_response *response, int seconds);

/* {"error": error, "message": message} and the request's id. */
void a0__web_json_error(a0__web_response *response, int status, const char *error,
                        const char *message, const char *request_id);

bool a0__web_response_ok(const a0__web_response *response);

/* A cookie to keep or, with max_age_s 0, to forget. Always HttpOnly, Path=/ and
 * SameSite=Lax; `secure` adds Secure. */
typedef struct a0__web_cookie {
    const char *name;
    a0__text value;
    int64_t max_age_s;
    bool secure;
} a0__web_cookie;

/* Adds Set-Cookie and makes the response `private, no-store`. [SESS-02, SESS-11] */
void a0__web_cookie_set(a0__web_response *response, const a0__web_cookie *cookie);

#endif
