/* SPDX-License-Identifier: MIT */
/*
 * One request being answered. A step that refuses writes the answer and returns
 * A0_REFUSED, which A0_TRY passes up: handlers read as the list of what must hold.
 */
#ifndef A0_TENANT_EXCHANGE_H
#define A0_TENANT_EXCHANGE_H

#include "core.h"
#include "server/request.h"
#include "server/response.h"

typedef struct a0__exchange {
    a0__tenant *tenant;
    const a0__web_request *request;
    a0__web_response *response;
    a0__params params; /* of the query (GET) or of the form or JSON body */
    a0__json_doc json; /* of a JSON body */
    a0_error *error;   /* what failed inside, for the log */
    int64_t now;
    int64_t delay_ms; /* a fault: the answer waits that long */
} a0__exchange;

/* Reads the parameters; A0_REFUSED with 400 when they are malformed or, as RFC 6749
 * §3.1 forbids, one stands there twice. */
A0_MUST_USE a0_status a0__exchange_read(a0__exchange *x);
void a0__exchange_clear(a0__exchange *x);

/* "" when absent. */
a0__text a0__param(const a0__exchange *x, const char *name);
bool a0__has_param(const a0__exchange *x, const char *name);
a0__text a0__header(const a0__exchange *x, const char *name);

/* Wire §1.4, in the way of the API that was called. */
void a0__write_refusal(a0__exchange *x, int status, const char *error,
                       const char *description, ...)
    __attribute__((format(printf, 4, 5)));
/* The same as an expression, A0_REFUSED: a macro, so that an analyser sees the value.
 */
#define a0__refuse(x, ...) (a0__write_refusal((x), __VA_ARGS__), (a0_status)A0_REFUSED)

void a0__answer_json(a0__exchange *x, int status, const a0__buf *json);
/* Wire §1.6: always sent; the local tenant never runs out. */
void a0__put_rate_limit(a0__exchange *x);
void a0__answer_page(a0__exchange *x, int status, const a0__buf *html);
void a0__answer_redirect(a0__exchange *x, a0__text url);

/* url, then "?" or "&", then the parameters. */
void a0__url_with(a0__text url, a0__form *params, a0__buf *out);

enum {
    A0__ANSWER_MAX = 1024 * 1024,
    A0__FORM_MAX = 64 * 1024
};

#endif
