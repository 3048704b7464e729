/* SPDX-License-Identifier: MIT */
/*
 * Walking through all users by the search (wire §21.5), of which only the first
 * thousand hits can be paged through: users are asked for in the order in which they
 * were created, and each page goes on from the last one seen. Pure.
 */
#ifndef A0_AUTH0_USER_LIST_H
#define A0_AUTH0_USER_LIST_H

#include "auth0/user.h"
#include "config/settings.h"

enum {
    A0__USER_LIST_PAGE = 100, /* the most that Auth0 gives */
    A0__USER_MOMENT_MAX = 64,
    A0__USER_CURSOR_MAX = 256 * 1024
};

/* How far the walk has come. */
typedef struct a0__user_cursor {
    a0__buf from;  /* created_at of the last user; empty: at the beginning */
    uint64_t page; /* of those created since then */
    a0__buf seen;  /* ids of that moment, encoded, a space before each */
} a0__user_cursor;

#define A0__USER_CURSOR_INIT                                                           \
    ((a0__user_cursor){ .from = A0__BUF_INIT(A0__USER_MOMENT_MAX),                     \
                        .seen = A0__BUF_INIT(A0__USER_CURSOR_MAX) })

void a0__user_cursor_auto(a0__user_cursor *cursor);

/* From and to text. Errors: param_invalid about "after" for a text that is no cursor.
 */
A0_MUST_USE a0_status a0__user_cursor_read(a0__text text, a0__user_cursor *out,
                                           a0_error **err);
void a0__user_cursor_write(const a0__user_cursor *cursor, a0__buf *out);

/* Appends the address of the page. */
void a0__user_list_url(const a0__settings *settings, const a0__user_cursor *cursor,
                       a0__buf *out);

/*
 * Reads a page into a list, without those that the cursor has seen, and moves the
 * cursor behind it; *out_end when there are no more. Errors: mgmt_response_invalid,
 * also for a page that leads nowhere, no_memory.
 */
A0_MUST_USE a0_status a0__user_list_read(const a0__json *page, a0__user_cursor *cursor,
                                         a0_users *out, bool *out_end, a0_error **err);

#endif
