/* SPDX-License-Identifier: MIT */
/* Routes: exact canonical paths, one segment wide {names}, a method each. */
#ifndef A0_SERVER_ROUTE_H
#define A0_SERVER_ROUTE_H

#include "server/request.h"
#include "server/response.h"

typedef void (*a0__web_handler)(void *site_self, a0__web_request *request,
                                a0__web_response *response);

typedef enum a0__web_body {
    A0__WEB_NO_BODY = 0, /* a body is 400 and the connection closed */
    A0__WEB_FORM = 1,    /* application/x-www-form-urlencoded */
    A0__WEB_JSON = 2,    /* application/json */
    A0__WEB_FORM_OR_JSON = 3,
    A0__WEB_ANY_BODY = 4
} a0__web_body;

typedef struct a0__web_route {
    const char *method;
    const char *path; /* "/users/{id}/identities"; canonical */
    a0__web_handler handle;
    /* Runs on the worker pool because it may wait for a network or a disk. */
    bool blocks;
    /* Starts without the safe headers: for a machine's answers, where each line costs.
     */
    bool bare;
    a0__web_body body;
    size_t body_max; /* bytes; 0: 64 KiB when there is a body at all */
} a0__web_route;

/*
 * What a listener serves. The hooks may be NULL. They run on the thread of the handler
 * (before: on the event loop, so it must not wait).
 */
typedef struct a0__web_site {
    void *self;
    const a0__web_route *routes;
    size_t routes_len;

    /* Before routing; false: the response is complete, no handler runs. */
    bool (*before)(void *self, a0__web_request *request, a0__web_response *response);

    /* Renders a refusal of this layer: gw_not_found, gw_overloaded, … The response has
     * the status and, for 405, Allow. NULL: a0__web_json_error. */
    void (*refuse)(void *self, const a0__web_request *request, a0__error_id id,
                   a0__web_response *response);

    /* After every answer, once; the place to log and record. */
    void (*after)(void *self, a0__web_request *request,
                  const a0__web_response *response);
} a0__web_site;

typedef enum a0__web_match {
    A0__WEB_MATCHED,
    A0__WEB_NO_PATH,  /* 404 */
    A0__WEB_NO_METHOD /* 405; out_allow has the methods */
} a0__web_match;

/* Finds the route and sets route and params of the request. */
a0__web_match a0__web_route_find(const a0__web_site *site, a0__web_request *request,
                                 a0__buf *out_allow);

/*
 * The way of one request in pieces, for the server: admit (before, route, kind of
 * body; false: the response is complete), the handler, finish (after).
 */
A0_MUST_USE bool a0__web_admit(const a0__web_site *site, a0__web_request *request,
                               a0__web_response *response);
void a0__web_finish(const a0__web_site *site, a0__web_request *request,
                    a0__web_response *response);
void a0__web_refuse(const a0__web_site *site, const a0__web_request *request,
                    a0__web_refusal refusal, a0__web_response *response);
size_t a0__web_body_max(const a0__web_route *route);

/* The whole way at once, without a socket: for tests and fuzzers. */
void a0__web_serve(const a0__web_site *site, a0__web_request *request,
                   a0__web_response *response);

#endif
