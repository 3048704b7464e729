/* SPDX-License-Identifier: MIT */
/* What the operations of <a0/link.h> answer, from inside. */
#ifndef A0_FLOWS_LINK_ANSWER_H
#define A0_FLOWS_LINK_ANSWER_H

#include <a0/link.h>

#include "json/json.h"

enum {
    A0__LINK_ANSWER_MAX = 4 * 1024 * 1024
};

/* Makes an answer of a JSON object, which is taken out of the buffer. Statuses:
 * no_memory, and what the buffer failed with. */
A0_MUST_USE a0_status a0__link_answer_new(a0__buf *json, a0_link_answer **out_answer,
                                          a0_error **err);

#endif
