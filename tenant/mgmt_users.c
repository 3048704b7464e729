/* SPDX-License-Identifier: MIT */
/* Users found and deleted by the Management API (wire §21.4). */
#include "endpoints.h"
#include "identities.h"
#include "mgmt.h"
#include "user_view.h"

enum {
    ID_MAX = 2048
};

#define refuse a0__mgmt_refuse

a0_status
a0__mgmt_answer_user(a0__exchange *x, int status, const a0__user *user)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    a0__user_view view = a0__user_view_asked(x);

    A0_TRY(a0__user_view_write(&view, user, &w, &x->error));
    a0__answer_json(x, status, &body);
    return A0_OK;
}

a0_status
a0__mgmt_user_get(a0__exchange *x)
{
    A0_AUTO(a0__json_doc) caller = NULL;
    a0__user *user = NULL;

    A0_TRY(
        a0__mgmt_authorize_about(x, "read:users", "read:current_user", &caller, &user));
    return a0__mgmt_answer_user(x, 200, user);
}

a0_status
a0__mgmt_user_delete(a0__exchange *x)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__user *user = NULL;

    A0_TRY(a0__mgmt_authorize(x, "delete:users"));
    if (a0__web_param(x->request, "id", &id)) {
        user = a0__table_get(users, a0__buf_view(&id));
    }
    if (user != NULL) {
        a0__user_remove(x->tenant, user);
    }
    x->response->status = 204;
    return A0_OK;
}

/* Byte by byte, unlike a sign-in. */
a0_status
a0__mgmt_users_by_email(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__json_writer w = a0__json_writer_on(&body);
    a0__user_view view = a0__user_view_asked(x);
    a0__text email = a0__param(x, "email");

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    if (email.len == 0) {
        return refuse(x, 400,
                      "Query validation error: Missing required property: email",
                      "invalid_query_string");
    }
    a0__json_open(&w, '[');
    for (a0__user *u = a0__table_first(users); u != NULL; u = a0__table_next(u)) {
        if (a0__text_is(email, u->email)) {
            A0_TRY(a0__user_view_write(&view, u, &w, &x->error));
        }
    }
    a0__json_close(&w, ']');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}
