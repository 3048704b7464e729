/* SPDX-License-Identifier: MIT */
/* What we ourselves keep about a user (contract §4): where it stands, and its answer.
 */
#ifndef A0_FLOWS_USER_DATA_H
#define A0_FLOWS_USER_DATA_H

#include <a0/user.h>

#include "auth0/user.h"
#include "flows/rows.h"

enum {
    A0__USER_DATA_MAX = 16 * 1024 * 1024
};

/* A kind of row that may speak of a person; theirs are found by `user_id`. */
typedef struct a0__kept {
    a0_record_kind kind;
    const char *name;         /* as the answers call them */
    bool names_another_first; /* the person may stand in the column `owner` */
} a0__kept;

/* In the order in which they go: first what lets somebody act [STOR-12]. */
extern const a0__kept a0__kept_rows[];
extern const size_t a0__kept_rows_len;

A0_MUST_USE a0_status a0__user_id_check(const char *user_id, a0_error **err);

/* Takes the JSON out of the buffer. */
A0_MUST_USE a0_status a0__user_data_new(a0__buf *json, a0_user_data **out_data,
                                        a0_error **err);

#endif
