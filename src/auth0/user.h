/* SPDX-License-Identifier: MIT */
/*
 * A profile out of the Management API, decoded by type: nothing of an answer is taken
 * on trust [MGMT-06], and what no profile should carry is gone before anybody can keep
 * or log it [MGMT-09].
 */
#ifndef A0_AUTH0_USER_H
#define A0_AUTH0_USER_H

#include <a0/user.h>

#include "json/json.h"

enum {
    A0__USER_ID_MAX = 128,
    A0__PROFILE_MAX = 1024 * 1024
};

/* provider|id, printable ASCII [MGMT-05]. */
bool a0__user_id_is_valid(a0__text user_id);

/* Errors: mgmt_response_invalid. An expected id that is not empty must be the one. */
A0_MUST_USE a0_status a0__user_read(const a0__json *profile, a0__text expected_id,
                                    a0_user **out, a0_error **err);
/* The same from text. */
A0_MUST_USE a0_status a0__user_parse(a0__text profile, a0__text expected_id,
                                     a0_user **out, a0_error **err);

/* A list. Adding takes the user over, and frees one whose id is there already. */
A0_MUST_USE a0_status a0__users_new(a0_users **out, a0_error **err);
A0_MUST_USE a0_status a0__users_add(a0_users *users, a0_user **user, a0_error **err);

/* What a0_users_next, a0_users_left and a0_users_unreadable give of a page. */
A0_MUST_USE a0_status a0__users_set_next(a0_users *users, a0__text cursor,
                                         a0_error **err);
void a0__users_set_left(a0_users *users, int64_t left);
void a0__users_set_unreadable(a0_users *users, int64_t unreadable);

typedef a0_user *a0__user_ptr;
void a0__user_ptr_auto(a0__user_ptr *user);
typedef a0_users *a0__users_ptr;
void a0__users_ptr_auto(a0__users_ptr *users);

#endif
