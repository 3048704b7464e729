/* SPDX-License-Identifier: MIT */
/* Everything that was received, in the order in which it came: GET /_tenant/requests.
 */
#ifndef A0_TENANT_JOURNAL_H
#define A0_TENANT_JOURNAL_H

#include "server/request.h"
#include "json/json.h"

typedef struct a0__journal a0__journal;

a0__journal *a0__journal_new(void);
void a0__journal_free(a0__journal *journal);

/* Takes a place in the order; 0 is no place. Both may be called from any thread. */
uint64_t a0__journal_arrive(a0__journal *journal);
void a0__journal_finish(a0__journal *journal, uint64_t place,
                        const a0__web_request *request, int status);
void a0__journal_clear(a0__journal *journal);
void a0__journal_write(a0__journal *journal, a0__json_writer *w);

#endif
