/* SPDX-License-Identifier: MIT */
/*
 * A raw-socket listener for what no HTTP library will send: byte-exact answers,
 * trickle, truncation, resets, broken TLS (security-cases: http.raw, http.trickle,
 * tls.*). Its script is set by POST /_tenant/raw.
 */
#ifndef A0_TENANT_RAW_H
#define A0_TENANT_RAW_H

#include "exchange.h"

A0_MUST_USE a0_status a0__raw_control(a0__exchange *x);
void a0__raw_stop(a0__raw *raw);

#endif
