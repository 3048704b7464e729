/* SPDX-License-Identifier: MIT */
/*
 * Transports without a network. The scripted one answers from a queue, in order, or
 * from a handler, and records every request; usable from several threads. The failing
 * one lets the n-th request of another transport fail.
 */
#ifndef A0_TESTS_SCRIPTED_TRANSPORT_H
#define A0_TESTS_SCRIPTED_TRANSPORT_H

#include "http/http.h"

typedef struct scripted_transport scripted_transport;

/* A request as it was received; lives as long as its transport. */
typedef struct scripted_request {
    char *method;
    char *url;
    char *headers; /* "Name: value\n" each */
    char *body;    /* NUL-terminated, "" for none */
    size_t body_len;
    int64_t deadline_ms; /* of its own */
} scripted_request;

scripted_transport *scripted_new(void);
/* Fails the test when a request came that nobody expected, or an expected one did not
 * come. Accepts NULL. */
void scripted_free(scripted_transport *script);
/* The port to hand out. Its destroy does nothing: the test frees the script. */
a0__http scripted_http(scripted_transport *script);

/* Expects one request and answers it. The URL NULL fits any. content_type and body may
 * be NULL. */
void scripted_answer(scripted_transport *script, const char *method, const char *url,
                     int status, const char *content_type, const char *body);
/* Adds a header to the answer that was queued last. */
void scripted_answer_header(scripted_transport *script, const char *name,
                            const char *value);
/* Expects one request and fails it with that error; sent: as if it had gone out. */
void scripted_failure(scripted_transport *script, const char *method, const char *url,
                      a0__error_id id, bool sent);

/*
 * Answers every request for which the queue is empty, e.g. as a small tenant. Called
 * without a lock held, from whatever thread performs. Must use one of the two below.
 */
typedef void (*scripted_handler_fn)(void *self, const scripted_request *request,
                                    a0_http_exchange *exchange);
void scripted_handler(scripted_transport *script, scripted_handler_fn handler,
                      void *self);
void scripted_respond(a0_http_exchange *exchange, int status, const char *content_type,
                      const char *body);
void scripted_respond_error(a0_http_exchange *exchange, a0__error_id id, bool sent);

size_t scripted_requests_len(scripted_transport *script);
/* NULL when there was no such request. */
const scripted_request *scripted_request_at(scripted_transport *script, size_t i);
/* How many requests went to exactly that URL (its query not counted). */
size_t scripted_count(scripted_transport *script, const char *url);
/* Whether the request carries that header (any letter case) with that value. */
bool scripted_request_has_header(const scripted_request *request, const char *name,
                                 const char *value);

typedef struct failing_transport {
    a0__http inner;
    _Atomic size_t seen;
    size_t fail_at; /* 1: the first request; 0: none */
    a0__error_id id;
    bool sent; /* the request reaches `inner` although its answer is lost */
} failing_transport;

a0__http failing_http(failing_transport *failing);

#endif
