/* SPDX-License-Identifier: MIT */
#include "link_visit.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "flows/connected_account.h"

link_visit *
link_visit_new(const char *more)
{
    link_visit *v = a0__calloc(1, sizeof *v);
    char settings[2048];

    assert_non_null(v);
    (void)snprintf(settings, sizeof settings, LINK_SETTINGS("%s"), more);
    link_world_init(&v->l, settings, NULL, NULL);
    v->users = &v->l.tenant->users;
    fake_users_clear(v->users);
    v->l.session = world_session(&v->l.w, NULL);
    return v;
}

link_visit *
link_visit_of(const char *own, const char *other)
{
    link_visit *v = link_visit_new("");

    fake_users_put(v->users, own);
    if (other != NULL) {
        fake_users_put(v->users, other);
    }
    return v;
}

void
link_visit_free(link_visit *v)
{
    a0_link_answer_free(v->answer);
    link_world_clear(&v->l);
    a0__free(v);
}

a0_session *
link_visit_session(const link_visit *v)
{
    return v->l.session;
}

void
link_visit_in_another_browser(link_visit *v)
{
    a0_session_free(v->l.session);
    v->l.session = world_session(&v->l.w, NULL);
}

/* ---- signing in ---- */

void
link_visit_sign_in(link_visit *v, const char *identity)
{
    v->l.w.tenant.sub = identity;
    a0_login_free(world_login(&v->l.w, v->l.session));
}

static void
forget_answer(link_visit *v)
{
    a0_link_answer_free(v->answer);
    v->answer = NULL;
}

const a0_link_answer *
link_visit_verify(link_visit *v)
{
    forget_answer(v);
    assert_ok(a0_link_verify(v->l.session, &v->answer, &v->l.w.err), v->l.w.err);
    return v->answer;
}

const a0_link_answer *
link_visit_complete(link_visit *v)
{
    forget_answer(v);
    assert_ok(a0_link_complete(v->l.session, &v->answer, &v->l.w.err), v->l.w.err);
    return v->answer;
}

void
link_visit_assert_refused(const link_visit *v, const char *reason)
{
    assert_non_null(v->answer);
    assert_false(a0_link_answer_is_linked(v->answer));
    assert_false(a0_link_answer_is_pending(v->answer));
    assert_non_null(a0_link_answer_refused(v->answer));
    assert_string_equal(a0_link_answer_refused(v->answer), reason);
}

void
link_visit_assert_unlinked(const link_visit *v)
{
    assert_false(a0_link_answer_is_linked(v->answer));
    assert_false(a0_link_answer_is_pending(v->answer));
    assert_int_equal(v->users->links, 0);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
}

void
link_visit_assert_linked_to(const link_visit *v, const char *primary)
{
    assert_true(a0_link_answer_is_linked(v->answer));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), primary);
}

size_t
link_visit_count_requests(const link_visit *v, const char *method, const char *text)
{
    scripted_transport *script = v->l.w.tenant.script;
    size_t count = 0;

    for (size_t i = 0; i < scripted_requests_len(script); i++) {
        const scripted_request *request = scripted_request_at(script, i);

        count +=
            strcmp(request->method, method) == 0 && strstr(request->url, text) != NULL
                ? 1
                : 0;
    }
    return count;
}

/* ---- confirming ---- */

link_visit *
link_visit_asked(const char *more)
{
    link_visit *v = link_visit_new(more);

    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    fake_users_put(v->users, VISIT_USER_WITH("google-oauth2", "other", "google-oauth2",
                                             "eve@acme.example", "true", ""));
    link_visit_sign_in(v, VISIT_PASSWORD_ID);
    link_visit_verify(v);
    assert_true(a0_link_answer_is_pending(v->answer));
    assert_int_equal(a0_link_answer_rule(v->answer), 4);
    assert_true(link_visit_is_pending(v));
    return v;
}

char *
link_visit_start(link_visit *v, const char *connection)
{
    const a0_param asked = { "connection", connection };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;

    options.params = &asked;
    options.params_len = connection != NULL ? 1 : 0;
    return world_start(&v->l.w, v->l.session, &options);
}

a0_status
link_visit_return(link_visit *v, const char *callback, const char *identity,
                  int64_t seconds_ago)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(128);
    a0_login *login = NULL;
    a0_status status = A0_OK;

    a0__buf_string(&claims, ",\"auth_time\":");
    a0__buf_i64(&claims, test_clock_now_s(&v->l.w.clock) - seconds_ago);
    v->l.w.tenant.sub = identity;
    v->l.w.tenant.more_claims = a0__buf_cstr(&claims);
    status = a0_login_complete(v->l.session, callback, NULL, &login, &v->l.w.err);
    v->l.w.tenant.more_claims = "";
    if (status == A0_OK) {
        a0_login_free(login);
    }
    return status;
}

const a0_link_answer *
link_visit_confirm_as(link_visit *v, const char *identity)
{
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    assert_ok(link_visit_return(v, callback, identity, 0), v->l.w.err);
    return link_visit_complete(v);
}

bool
link_visit_is_pending(link_visit *v)
{
    a0_link_answer *answer = NULL;
    bool pending = false;

    assert_ok(a0_link_pending(v->l.session, &answer, &v->l.w.err), v->l.w.err);
    pending = answer != NULL;
    a0_link_answer_free(answer);
    return pending;
}

/* ---- connected accounts ---- */

void
link_visit_connect(link_visit *v, const visit_connected *connected)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .connection = a0__text_of(connected->connection),
                .provider = a0__text_of(connected->connection),
                .subject = a0__text_of(connected->subject),
                .email = a0__text_of(connected->email),
                .email_verified = true };
    fake_user *owner = fake_users_find(v->users, connected->user_id);
    bool applied = false;

    assert_non_null(owner);
    (void)snprintf(owner->accounts, sizeof owner->accounts,
                   "[{\"id\":\"%s\",\"connection\":\"%s\"}]", connected->key,
                   connected->connection);
    (void)snprintf(account.key, sizeof account.key, "%s", connected->key);
    (void)snprintf(account.user_id, sizeof account.user_id, "%s", connected->user_id);
    assert_ok(a0__connected_account_write(&batch, v->l.w.client, &account, &v->l.w.err),
              v->l.w.err);
    assert_ok(a0__batch_commit(&batch, v->l.w.client, &applied, &v->l.w.err),
              v->l.w.err);
    assert_true(applied);
}
