/* SPDX-License-Identifier: MIT */
/*
 * What libcurl does not check of a connection, looked at before a request goes out on
 * it. libcurl accepts a certificate that has the name only in its CN, and takes what an
 * idle connection has to say for the next answer.
 */
#ifndef A0_HTTP_TLS_H
#define A0_HTTP_TLS_H

#include <curl/curl.h>

#include "base/text.h"

/* RFC 9525 §6.3: the name stands in a subjectAltName [HTTP-01]. */
bool a0__tls_peer_is(CURL *easy, const char *host);

/* Whether an HTTP/1 connection of the pool is closed or has bytes waiting that nobody
 * asked for [HTTP-09]. HTTP/2 may speak at any time, and curl listens. */
bool a0__tls_connection_is_stale(CURL *easy, curl_socket_t fd);

/* Bytes the TLS layer holds back, past what was read of the answer. */
bool a0__tls_has_surplus(CURL *easy);

#endif
