/* SPDX-License-Identifier: MIT */
/* The tenant's log, of what is documented nowhere else: who was connected (wire §23).
 */
#ifndef A0_TENANT_LOG_H
#define A0_TENANT_LOG_H

#include "core.h"

void a0__log_connected(a0__tenant *tenant, const char *client_id,
                       const a0__connected_account *account);

#endif
