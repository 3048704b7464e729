/* SPDX-License-Identifier: MIT */
/*
 * The error response, RFC 6749 §5.2: told apart by status and `error`, never by the
 * text. Edge proxies answer with HTML or nothing, so nothing of it is sure to be there.
 */
#ifndef A0_OAUTH_ERROR_H
#define A0_OAUTH_ERROR_H

#include <a0/sys/transport.h>

#include "base/error.h"
#include "base/secret.h"
#include "json/json.h"

typedef struct a0__oauth_error {
    int status;
    a0__text error;       /* "" unless it is a code by §5.2 */
    a0__text description; /* "" when absent */
    a0__json *document;   /* what the texts are views into; may be NULL */
} a0__oauth_error;

void a0__oauth_error_clear(a0__oauth_error *error);
void a0__oauth_error_auto(a0__oauth_error *error);

A0_MUST_USE a0_status a0__oauth_error_read(const a0_http_response *response,
                                           a0__oauth_error *out, a0_error **err);

/* Whether asking again later may help: 429 and 5xx. */
bool a0__oauth_error_is_temporary(const a0__oauth_error *error);

/* Fails with `id`, what the peer said, and HTTP status 503 where it is temporary. */
a0_status a0__oauth_error_fail(const a0__oauth_error *error, a0__error_id id,
                               a0_error **err);

#endif
