/* SPDX-License-Identifier: MIT */
/* A user as the Management API shows it (wire §21.3), whole or by `fields`. */
#ifndef A0_TENANT_USER_VIEW_H
#define A0_TENANT_USER_VIEW_H

#include "exchange.h"

typedef struct a0__user_view {
    a0__text fields; /* names with commas between; "" for all */
    bool leaves_out; /* the fields are those that are not shown */
    a0__faults *faults;
} a0__user_view;

/* Of the parameters `fields` and `include_fields`. */
a0__user_view a0__user_view_asked(const a0__exchange *x);

/* As it is, or as the faults profile.member.NAME say. */
A0_MUST_USE a0_status a0__user_view_write(const a0__user_view *view,
                                          const a0__user *user, a0__json_writer *w,
                                          a0_error **err);

#endif
