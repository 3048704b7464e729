/* SPDX-License-Identifier: MIT */
/* One request on its way through libcurl. */
#ifndef A0_HTTP_TRANSFER_H
#define A0_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "base/net_address.h"
#include "http/answer.h"
#include "http/sockets.h"

typedef struct a0__transfer_options {
    const char *ca_file; /* NULL: the system's trust */
    int64_t connect_deadline_at_ms;
    int64_t deadline_at_ms;
    const a0__net_addresses *addresses; /* NULL for an address literal */
    a0__sockets *sockets;               /* of the engine */
} a0__transfer_options;

typedef struct a0__transfer {
    a0_http_exchange *exchange;
    a0__transfer_options options;
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *resolve;
    char *host; /* of the URL, without brackets */
    a0__answer answer;
    bool is_tls;
    bool is_fresh;   /* not to reuse a connection */
    bool was_stale;  /* the pooled connection was dead before a byte was sent */
    bool is_refused; /* before anything was sent, with that error */
    a0__error_id refusal;
    size_t attempts; /* connections on which the request was about to go out */
    struct a0__transfer *next; /* the engine's list */
    struct a0__batch *batch;
} a0__transfer;

/* Builds the handle; the exchange, its request and the options are borrowed until the
 * end. False without memory. */
A0_MUST_USE bool a0__transfer_init(a0__transfer *transfer, a0_http_exchange *exchange,
                                   const a0__transfer_options *options);
void a0__transfer_clear(a0__transfer *transfer);

/* Before each addition to a multi handle: what is left of the deadlines. */
void a0__transfer_arm(a0__transfer *transfer);

/* True when the request has to be tried again on a connection of its own, none of its
 * bytes having been sent; happens once at most. */
bool a0__transfer_retries(a0__transfer *transfer);

/* Gives the exchange its outcome. */
void a0__transfer_finish(a0__transfer *transfer, CURLcode result);
void a0__transfer_fail(a0__transfer *transfer, a0__error_id id);

#endif
