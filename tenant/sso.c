/* SPDX-License-Identifier: MIT */
#include "sso.h"

#include "backchannel.h"

/* The name that Auth0 uses. */
#define COOKIE_NAME "auth0"

a0__sso *
a0__sso_of_browser(const a0__exchange *x)
{
    a0__text value = A0__NO_TEXT;
    a0__sso *session = NULL;

    if (a0__web_cookies(x->request, COOKIE_NAME, &value, 1) == 0) {
        return NULL;
    }
    session = a0__table_get(&x->tenant->tables[A0__SESSIONS], value);
    return session != NULL && session->expires_at > x->now ? session : NULL;
}

static void
set_cookie(a0__exchange *x, a0__text value, int64_t max_age_s)
{
    a0__web_cookie_set(x->response, &(a0__web_cookie){ .name = COOKIE_NAME,
                                                       .value = value,
                                                       .max_age_s = max_age_s,
                                                       .secure = x->request->is_tls });
}

a0__sso *
a0__sso_begin(a0__exchange *x, const a0__user *user, const char *connection)
{
    a0__table *table = &x->tenant->tables[A0__SESSIONS];
    int64_t lifetime = a0__tenant_settings_of(x->tenant)->session_lifetime;
    a0__sso *session = a0__sso_of_browser(x);

    if (session != NULL && !a0__text_is(a0__text_of(session->user_id), user->user_id)) {
        a0__sso_end(x, session);
        session = NULL;
    }
    if (session == NULL) {
        session = a0__row_new(table);
        a0__free(session->cookie);
        session->cookie = a0__tenant_new_id("");
        a0__free(session->sid);
        session->sid = a0__tenant_new_id("");
        a0__keep_in(&session->user_id, a0__text_of(user->user_id));
        a0__table_put(table, session);
    }
    a0__keep_in(&session->connection, a0__text_of(connection));
    session->auth_time = x->now;
    session->expires_at = x->now + lifetime;
    a0__table_touch(session);
    set_cookie(x, a0__text_of(session->cookie), lifetime);
    return session;
}

void
a0__sso_end(a0__exchange *x, a0__sso *session)
{
    for (size_t i = 0; i < session->clients.len; i++) {
        a0__backchannel_announce(x->tenant, a0__text_of(session->clients.items[i]),
                                 session->user_id, session->sid);
    }
    a0__table_remove(&x->tenant->tables[A0__SESSIONS], session);
    set_cookie(x, A0__NO_TEXT, 0);
}
