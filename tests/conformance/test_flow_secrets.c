/* SPDX-License-Identifier: MIT */
/* What no output of a whole run may ever hold: rows of the group SEC. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/url.h"
#include "flows/session.h"

enum {
    SECRETS_MAX = 64
};

/* Everything that was secret in a run. */
typedef struct secrets {
    char *text[SECRETS_MAX];
    size_t len;
} secrets;

static void
keep(secrets *s, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        assert_true(s->len < SECRETS_MAX);
        s->text[s->len++] = a0__strdup(text);
    }
}

static void
keep_query(secrets *s, const char *url, const char *name)
{
    A0_AUTO(a0__string) value = world_query_value(url, name);

    keep(s, value);
}

static void
keep_form(world *w, secrets *s, const char *name)
{
    static char value[8192];

    fake_tenant_form_value(&w->tenant, name, value, sizeof value);
    keep(s, value);
}

static void
check_nothing_leaks(world *w, const secrets *s)
{
    for (size_t i = 0; i < s->len; i++) {
        A0_AUTO(a0__buf) escaped = A0__BUF_INIT(65536);

        a0__percent_encode(a0__text_of(s->text[i]), &escaped);
        if (recording_log_has_canary(&w->log, s->text[i]) ||
            recording_log_has(&w->log, a0__buf_cstr(&escaped))) {
            fail_msg("secret %zu of the run stands in the log", i);
        }
        if (strlen(s->text[i]) > 20) {
            char prefix[13];

            (void)snprintf(prefix, sizeof prefix, "%s", s->text[i] + 8);
            assert_false(recording_log_has(&w->log, prefix));
        }
    }
}

static void
check_error(world *w, const secrets *s)
{
    const char *texts[] = { a0_error_message(w->err), a0_error_argument(w->err),
                            a0_error_peer_description(w->err), a0_error_code(w->err) };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t j = 0; texts[i] != NULL && j < s->len; j++) {
            assert_null(strstr(texts[i], s->text[j]));
        }
    }
    a0_error_free(a0__steal(&w->err));
}

static void
run_with_secrets(world *w, secrets *s)
{
    a0_session *session = world_session(w, NULL);
    A0_AUTO(a0__string) callback = NULL;
    a0_login *login = NULL;
    a0_token *token = NULL;
    const char *url = NULL;

    keep(s, "client-secret-canary-000000000000");
    keep(s, "code-canary");
    keep(s, a0_session_id(session));
    for (int good = 0; good < 2; good++) {
        callback = world_start(w, session, NULL);
        keep_query(s, callback, "state");
        keep(s, w->tenant.nonce);
        w->tenant.aud = good == 1 ? FAKE_CLIENT_ID : "another";
        if (a0_login_complete(session, callback, NULL, &login, &w->err) != A0_OK) {
            check_error(w, s);
        }
        keep_form(w, s, "code_verifier");
        a0__free(a0__steal(&callback));
    }
    keep(s, a0_login_access_token(login));
    keep(s, a0_login_id_token(login));
    keep(s, a0_login_refresh_token(login));
    keep(s, a0_session_id(session));
    a0_login_free(login);
    test_clock_advance_s(&w->clock, 3601);
    w->tenant.token_status = 500;
    w->tenant.token_body = "{\"error\":\"server_error\"}";
    assert_int_not_equal(a0_session_access_token(session, NULL, &token, &w->err),
                         A0_OK);
    check_error(w, s);
    test_clock_advance_s(&w->clock, 61);
    assert_ok(a0_session_access_token(session, NULL, &token, &w->err), w->err);
    keep(s, a0_token_access_token(token));
    keep(s, w->tenant.refresh_token);
    a0_token_free(token);
    test_clock_advance_s(&w->clock, 3601);
    w->tenant.token_status = 403;
    w->tenant.token_body = "{\"error\":\"invalid_grant\"}";
    assert_int_not_equal(a0_session_access_token(session, NULL, &token, &w->err),
                         A0_OK);
    check_error(w, s);
    a0_login_free(world_login(w, session));
    keep(s, a0_session_id(session));
    w->tenant.revocation_fails = true;
    assert_ok(a0_logout(session, NULL, &url, &w->err), w->err);
    a0_session_free(session);
}

static void
sec_01_no_secret_of_a_whole_run_stands_in_log_or_error(void **state)
{
    world w;
    secrets s = { .len = 0 };

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    w.tenant.rotation = true;
    run_with_secrets(&w, &s);
    assert_true(s.len >= 15);
    assert_true(recording_log_count(&w.log, "callback.rejected") >= 1);
    assert_true(recording_log_count(&w.log, "refresh.reuse_suspected") >= 1);
    check_nothing_leaks(&w, &s);
    for (size_t i = 0; i < s.len; i++) {
        a0__free(s.text[i]);
    }
    world_clear(&w);
}

static void
sec_05_logs_name_nobody(void **state)
{
    world w;
    secrets s = { .len = 0 };

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    w.tenant.rotation = true;
    run_with_secrets(&w, &s);
    assert_true(recording_log_has(&w.log, "\"sid_fp\":\""));
    assert_false(recording_log_has(&w.log, w.tenant.sub));
    assert_false(recording_log_has(&w.log, "jo@acme.example"));
    assert_false(recording_log_has(&w.log, "Jo Emu"));
    for (size_t i = 0; i < s.len; i++) {
        char hash[A0__ROW_KEY_LEN + 1];

        /* Nor a plain hash of what is secret. */
        assert_int_equal(a0__row_key(a0__text_of(s.text[i]), hash, NULL), A0_OK);
        assert_false(recording_log_has(&w.log, hash));
        a0__free(s.text[i]);
    }
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sec_01_no_secret_of_a_whole_run_stands_in_log_or_error),
        cmocka_unit_test(sec_05_logs_name_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
