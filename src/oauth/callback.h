/* SPDX-License-Identifier: MIT */
/*
 * The authorization response: RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 (`iss`), and
 * Auth0's `connect_code`. What comes here was sent by anybody: nothing in it chooses
 * what is done; the transaction that `state` names does [CB-09].
 */
#ifndef A0_OAUTH_CALLBACK_H
#define A0_OAUTH_CALLBACK_H

#include "base/url.h"

enum {
    A0__CALLBACK_QUERY_MAX = 8192,
    A0__CODE_MAX = 2048
};

/* Decoded; a text is empty when the parameter is absent or empty. */
typedef struct a0__callback {
    a0__params params; /* what the texts are views into */
    a0__text state;    /* never empty */
    a0__text error;
    a0__text error_description;
    a0__text iss;
    bool has_iss;
    a0__text code;
    a0__text connect_code;
} a0__callback;

#define A0__CALLBACK_INIT ((a0__callback){ 0 })

void a0__callback_clear(a0__callback *callback);
void a0__callback_auto(a0__callback *callback);

/*
 * Reads a whole URL, a path with a query, or a bare query. On A0_OK there is a `state`
 * and at least one of error, code and connect_code. Errors: callback_state_missing
 * (argument "code or state"), callback_duplicate_param, callback_malformed
 * [CB-01, CB-06, CB-11].
 */
A0_MUST_USE a0_status a0__callback_parse(a0__text url_or_query, a0__callback *out,
                                         a0_error **err);

/* RFC 9207 §2.4, before anything is sent: callback_iss_mismatch, callback_iss_missing
 * (`is_promised`: metadata says that `iss` is always sent) [CB-08]. */
A0_MUST_USE a0_status a0__callback_check_iss(const a0__callback *callback,
                                             a0__text issuer, bool is_promised,
                                             a0_error **err);

/* Which code the purpose of the transaction is completed by. */
typedef enum a0__callback_code {
    A0__CALLBACK_CODE,
    A0__CALLBACK_CONNECT_CODE
} a0__callback_code;

/*
 * The end of reading, once the transaction is found: callback_op_error when Auth0 sent
 * an `error` (HTTP status 403, 401 or 502, the peer's code and description kept), and
 * callback_flow_mismatch unless exactly the expected code is there [CB-07, CB-09].
 */
A0_MUST_USE a0_status a0__callback_take_code(const a0__callback *callback,
                                             a0__callback_code expected,
                                             a0__text *out_code, a0_error **err);

/* The `error` if it is a registered code, else "other": what a log may hold [CB-07]. */
const char *a0__callback_error_for_log(const a0__callback *callback);

#endif
