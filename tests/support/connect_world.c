/* SPDX-License-Identifier: MIT */
#include "connect_world.h"

#include <string.h>

#include "base/mem.h"

enum {
    STATE_LEN = 43
};

a0_session *
connect_sign_in(world *w, const char *sub)
{
    a0_session *session = NULL;

    w->tenant.scope = "openid profile email offline_access";
    session = world_sign_in(w, sub);
    w->tenant.scope = "create:me:connected_accounts read:me:connected_accounts "
                      "delete:me:connected_accounts";
    w->tenant.no_id_token_at_refresh = true;
    return session;
}

char *
connect_start(world *w, a0_session *session, const char *connection)
{
    A0_AUTO(a0__buf) callback = A0__BUF_INIT(1024);
    const char *url = NULL;
    const char *state = NULL;

    assert_ok(a0_connect_start(session, connection, CONNECT_REDIRECT_URI, NULL, &url,
                               &w->err),
              w->err);
    state = strstr(w->tenant.my_account.body, "\"state\":\"");
    assert_non_null(state);
    a0__buf_string(&callback, CONNECT_REDIRECT_URI "?connect_code=cc-canary&state=");
    a0__buf_bytes(&callback, state + strlen("\"state\":\""), STATE_LEN);
    return a0__buf_take(&callback);
}

void
connect_account(world *w, a0_session *session, const char *connection)
{
    A0_AUTO(a0__string) callback = connect_start(w, session, connection);
    a0_connect_answer *answer = NULL;

    assert_ok(a0_connect_complete(session, callback, &answer, &w->err), w->err);
    assert_string_equal(a0_connect_answer_json(answer),
                        w->tenant.my_account.complete_body);
    a0_connect_answer_free(answer);
}

size_t
connect_records(world *w, const char *sub)
{
    return world_rows(w, A0_RECORD_CONNECTED_ACCOUNT, A0_INDEX_USER_ID, sub);
}
