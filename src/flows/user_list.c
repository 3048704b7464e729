/* SPDX-License-Identifier: MIT */
/* All users, page by page. */
#include "auth0/user_list.h"

#include <string.h>

#include "auth0/users.h"
#include "flows/management.h"

static a0_status
fetch(a0_client *client, a0__user_cursor *cursor, a0_users *page, bool *out_end,
      a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__json_doc) document = NULL;

    a0__user_list_url(client->settings, cursor, &call.url);
    A0_TRY(a0__management_send(client, &call, 1, err));
    A0_TRY(a0__management_response(call.response, a0__client_wall_ms(client), &document,
                                   err));
    return a0__user_list_read(document, cursor, page, out_end, err);
}

a0_status
a0_user_list(a0_client *client, const a0_user_list_options *options,
             a0_users **out_page, a0_error **err)
{
    A0_AUTO(a0__user_cursor) cursor = A0__USER_CURSOR_INIT;
    A0_AUTO(a0__users_ptr) page = NULL;
    A0_AUTO(a0__buf) next = A0__BUF_INIT(A0__USER_CURSOR_MAX + 2 * A0__USER_MOMENT_MAX);
    a0_user_list_options given = A0_USER_LIST_OPTIONS_INIT;
    bool is_end = false;

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    A0_TRY(a0__user_cursor_read(a0__text_of(given.after), &cursor, err));
    A0_TRY(a0__users_new(&page, err));
    A0_TRY(fetch(client, &cursor, page, &is_end, err));
    if (!is_end) {
        a0__user_cursor_write(&cursor, &next);
        A0_TRY(a0__buf_check(&next, err));
        A0_TRY(a0__users_set_next(page, a0__buf_view(&next), err));
    }
    *out_page = a0__steal(&page);
    return A0_OK;
}
