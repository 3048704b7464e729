/* SPDX-License-Identifier: MIT */
/*
 * What flows use of HTTP: building a request, sending a batch through the transport
 * port, reading how long to wait. No library for HTTP shows here.
 */
#ifndef A0_HTTP_HTTP_H
#define A0_HTTP_HTTP_H

#include <a0/sys/transport.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/url.h"

/* The largest body that is accepted, by kind of answer. */
enum {
    A0__HTTP_TOKEN_MAX = 64 * 1024, /* token, PAR and revocation endpoint */
    A0__HTTP_DISCOVERY_MAX = 128 * 1024,
    A0__HTTP_JWKS_MAX = 256 * 1024,
    A0__HTTP_API_MAX = 1024 * 1024
};

/* Limits of one message, in both directions [HTTP-03]. */
enum {
    A0__HTTP_HEADER_LINES_MAX = 100,
    A0__HTTP_HEADER_BYTES_MAX = 32 * 1024
};

/* Deadlines where the settings name none. */
enum {
    A0__HTTP_CONNECT_TIMEOUT_MS = 3000,
    A0__HTTP_TIMEOUT_MS = 10000,
    A0__HTTP_MANAGEMENT_TIMEOUT_MS = 5000
};

/* A request that owns its parts and wipes them when cleared. Faults are sticky, as in
 * a0__buf: build freely, a0__http_request_check tells at the end. */
enum {
    A0__HTTP_REQUEST_HEADERS_MAX = 8
};

typedef struct a0__http_request {
    const char *method; /* static text */
    a0__buf url;
    a0__buf body;
    bool has_body;
    struct a0__http_request_header {
        const char *name; /* static text */
        a0__buf value;
    } headers[A0__HTTP_REQUEST_HEADERS_MAX];
    size_t headers_len;
    a0_http_header view[A0__HTTP_REQUEST_HEADERS_MAX];
    size_t max_response_bytes;
    int64_t deadline_ms; /* as the port's; set once the request is built */
    bool is_bad;
} a0__http_request;

/* Zeroed memory is an empty request. */
void a0__http_request_clear(a0__http_request *request);
void a0__http_request_auto(a0__http_request *request);

/* Each of these starts the request afresh. The method is static text. */
void a0__http_get(a0__http_request *out, a0__text url, size_t max_response_bytes);
void a0__http_post_form(a0__http_request *out, a0__text url, const a0__form *form,
                        size_t max_response_bytes);
void a0__http_send_json(a0__http_request *out, const char *method, a0__text url,
                        a0__text json, size_t max_response_bytes);

/* The name is static text. [HTTP-06] */
void a0__http_add_header(a0__http_request *request, const char *name, a0__text value);
/* RFC 6750 §2.1; in the place of the one added last, if any. */
void a0__http_add_bearer(a0__http_request *request, const a0__secret *token);
/* RFC 6749 §2.3.1: both parts form-encoded, then RFC 7617. */
void a0__http_add_basic(a0__http_request *request, a0__text client_id,
                        const a0__secret *client_secret);

/*
 * param_invalid for a URL that is not https (http for a loopback host), has user
 * information or a fragment, and for a header value with anything but printable ASCII:
 * such a request never leaves [HTTP-06, HTTP-08].
 */
A0_MUST_USE a0_status a0__http_request_check(const a0__http_request *request,
                                             a0_error **err);
/* The rule for the URL alone, which the built-in transport applies as well. */
A0_MUST_USE bool a0__http_url_is_allowed(a0__text url);
A0_MUST_USE bool a0__http_header_is_allowed(a0__text name, a0__text value);

/* As the port wants it; borrows from the request until it changes. */
a0_http_request a0__http_view(a0__http_request *request);

/* The transport port with its self, as it is passed around. */
typedef struct a0__http {
    const a0_transport *table;
    void *self;
} a0__http;

/* A request of a batch with its outcome; exactly one of response and error is set. */
typedef struct a0__http_call {
    a0__http_request request;
    a0_http_response *response;
    a0_error *error;
    bool sent; /* whether any byte of the request may have reached the peer */
} a0__http_call;

void a0__http_call_clear(a0__http_call *call);
void a0__http_call_auto(a0__http_call *call);

enum {
    A0__HTTP_BATCH_MAX = 9
};

/*
 * Sends up to A0__HTTP_BATCH_MAX calls side by side. A0_OK when each call has its
 * outcome; otherwise nothing was sent.
 */
A0_MUST_USE a0_status a0__http_send(a0__http http, a0__http_call *calls,
                                    size_t calls_len, int64_t deadline_ms,
                                    a0_error **err);

/* One request. The error of the exchange comes back as *err; out_sent may be NULL. */
A0_MUST_USE a0_status a0__http_send_one(a0__http http, a0__http_request *request,
                                        int64_t deadline_ms,
                                        a0_http_response **out_response, bool *out_sent,
                                        a0_error **err);

/* The same for a request that the port's caller made; the port checks it. */
A0_MUST_USE a0_status a0__http_perform(a0__http http, const a0_http_request *request,
                                       int64_t deadline_ms,
                                       a0_http_response **out_response, bool *out_sent,
                                       a0_error **err);

typedef a0_http_response *a0__http_response_ptr;
void a0__http_response_ptr_auto(a0__http_response_ptr *response);

a0__text a0__http_body(const a0_http_response *response);
/* RFC 9110 §8.3: whether the media type is that one, whatever its parameters. */
bool a0__http_content_type_is(const a0_http_response *response, a0__text media_type);
bool a0__http_is_success(const a0_http_response *response); /* 200..299 */

/*
 * For how many seconds the peer wants to be left alone: Retry-After (RFC 9110 §10.2.3,
 * seconds or a date), else x-ratelimit-reset (Unix seconds) on a 429. 0 when there is
 * none, when it does not parse or lies in the past; at most A0__RETRY_AFTER_MAX_S,
 * whatever the peer says. A repeated header counts once, the first. [MEM-04]
 */
enum {
    A0__RETRY_AFTER_MAX_S = 3600
};
int a0__http_retry_after_s(const a0_http_response *response, int64_t wall_ms);

/* RFC 9110 §6.6.1: when the peer wrote the answer, Unix seconds. False when it does not
 * say. */
bool a0__http_date_s(const a0_http_response *response, int64_t *out_seconds);

#endif
