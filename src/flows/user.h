/* SPDX-License-Identifier: MIT */
/* What other flows do to the profiles that are kept. */
#ifndef A0_FLOWS_USER_H
#define A0_FLOWS_USER_H

#include "flows/client.h"

/* Drops the cached profile of that user. */
void a0__user_cache_forget(a0_client *client, a0__text user_id);

#endif
