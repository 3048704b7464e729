/* SPDX-License-Identifier: MIT */
/* What all stores ask of the rows and ops they are given. */
#ifndef A0_STORE_RECORD_H
#define A0_STORE_RECORD_H

#include <a0/sys/store.h>

#include "base/error.h"

/* Too long, empty, or of no kind: param_invalid, never cut to fit [STOR-09]. */
A0_MUST_USE a0_status a0__record_key_check(a0_record_kind kind, const char *key,
                                           a0_error **err);
A0_MUST_USE a0_status a0__store_ops_check(const a0_store_op *ops, size_t ops_len,
                                          a0_error **err);

static inline bool
a0__record_is_live(int64_t expires_at, int64_t now)
{
    return expires_at == 0 || expires_at > now;
}

/* NULL counts as "". */
static inline const char *
a0__record_text(const char *text)
{
    return text != NULL ? text : "";
}

#endif
