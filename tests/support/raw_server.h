/* SPDX-License-Identifier: MIT */
/*
 * A server for answers that no HTTP library will send. It accepts on a port of
 * 127.0.0.1 that the kernel chooses and plays a script for each connection, plain or
 * over TLS with certificates made on the spot. A thread per connection.
 */
#ifndef A0_TESTS_RAW_SERVER_H
#define A0_TESTS_RAW_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

typedef struct raw_server raw_server;
typedef struct raw_connection raw_connection;

/* Plays one connection, on its thread. `index` counts connections from 0. */
typedef void (*raw_script)(void *self, raw_connection *connection, size_t index);

/* What is wrong with the server's certificate or its TLS. */
typedef enum raw_tls {
    RAW_PLAIN = 0,
    RAW_TLS,             /* good: localhost, tenant.example and 127.0.0.1 */
    RAW_TLS_SELF_SIGNED, /* not issued by the CA */
    RAW_TLS_UNKNOWN_CA,
    RAW_TLS_EXPIRED,
    RAW_TLS_NOT_YET_VALID,
    RAW_TLS_WRONG_NAME,
    RAW_TLS_NAME_IN_CN_ONLY,
    RAW_TLS_WIDE_WILDCARD, /* "*.example" */
    RAW_TLS_NUL_IN_NAME,   /* "tenant.example\0.evil.example" */
    RAW_TLS_SHA1,
    RAW_TLS_RSA_1024,
    RAW_TLS_VERSION_1_1,
    RAW_TLS_HTTP2 /* good, and picks h2 */
} raw_tls;

raw_server *raw_server_start(raw_tls tls, raw_script script, void *self);
/* Closes the listener and all connections, waits for the threads. Accepts NULL. */
void raw_server_stop(raw_server *server);

/* From now on connections are refused. */
void raw_server_close_listener(raw_server *server);

uint16_t raw_server_port(const raw_server *server);
/* "https://tenant.example:12345" (plain: "http://127.0.0.1:12345") and the path. */
void raw_server_write_url(const raw_server *server, const char *path, a0__buf *out);
/* The CA of all good certificates of this process, as a file. */
const char *raw_server_ca_file(void);

size_t raw_server_connections(raw_server *server); /* accepted so far */
size_t raw_server_requests(raw_server *server);    /* read whole so far */

/* ---- for scripts ---- */

/* Reads a request (header block and declared body); false when the peer is gone. The
 * text lives until the next read. */
bool raw_read_request(raw_connection *connection);
const char *raw_request(const raw_connection *connection);
size_t raw_request_len(const raw_connection *connection);
bool raw_read_exactly(raw_connection *connection, void *bytes, size_t len);
bool raw_send(raw_connection *connection, const void *bytes, size_t len);
bool raw_send_text(raw_connection *connection, const char *text);
/* Past TLS: bytes that no key has signed. */
bool raw_send_unencrypted(raw_connection *connection, const void *bytes, size_t len);
/* One byte, then a pause, over and over; ends when the peer or the server is gone. */
void raw_trickle(raw_connection *connection, const char *text, int pause_ms);
/* Until the peer closes or the server stops. */
void raw_wait_for_close(raw_connection *connection);
/* Over TLS: the connection will end without a close alert. */
void raw_skip_close_alert(raw_connection *connection);
/* Ends the connection at once, over TLS with its alert. */
void raw_close(raw_connection *connection);
/* A good answer of that body. */
bool raw_answer(raw_connection *connection, const char *body);
/* A script: "ok" to each request. */
void raw_serve_ok(void *self, raw_connection *connection, size_t index);

#endif
