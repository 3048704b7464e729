/* SPDX-License-Identifier: MIT */
/* The exchange itself, by the one who holds the lock: RFC 6749 §6. */
#ifndef A0_FLOWS_REFRESH_EXCHANGE_H
#define A0_FLOWS_REFRESH_EXCHANGE_H

#include "flows/refresh.h"

A0_MUST_USE a0_status a0__refresh_exchange(a0_session *session,
                                           const a0__wanted_token *wanted,
                                           a0_error **err);

#endif
