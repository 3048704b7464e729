/* SPDX-License-Identifier: MIT */
/* VAULT-07 of the case catalogue, for work without a browser: what was obtained with a
 * refresh token that a caller brings is forgotten with the person it belongs to. */
#include "link_visit.h"
#include "logout_world.h"

#include <string.h>

#include "base/mem.h"

#define GOOGLE "google-oauth2"
#define LINKED_PASSWORD "auth0|p1"

/* Asks with that token, as a background job does, and says how many exchanges there
 * have been. */
static unsigned
exchanges_after_asking(world *w, const char *refresh_token)
{
    a0_token *token = NULL;

    assert_ok(a0_vault_token(w->client, refresh_token, GOOGLE, NULL, &token, &w->err),
              w->err);
    a0_token_free(token);
    return w->tenant.vault.exchanges;
}

static char *
newest_token_of(world *w, const char *user_id)
{
    a0_refresh_token *token = NULL;
    char *text = NULL;

    assert_ok(a0_user_refresh_token(w->client, user_id, &token, &w->err), w->err);
    text = a0__strdup(a0_refresh_token_text(token));
    a0_refresh_token_free(token);
    return text;
}

static void
disconnect(world *w, a0_session *session)
{
    w->tenant.scope = "delete:me:connected_accounts";
    w->tenant.no_id_token_at_refresh = true;
    assert_ok(a0_connect_delete(session, "cac_1", &w->err), w->err);
}

static void
sign_out(world *w, a0_session *session)
{
    const char *url = NULL;

    assert_ok(a0_logout(session, NULL, &url, &w->err), w->err);
}

static void
sign_out_by_auth0(world *w, a0_session *session)
{
    (void)session;
    assert_int_equal(logout_by_token(w, NULL, "s-1", "lt-1"), 1);
}

static void
erase(world *w, a0_session *session)
{
    a0_user_data *data = NULL;

    assert_ok(a0_user_erase(w->client, a0_session_user_id(session), &data, &w->err),
              w->err);
    a0_user_data_free(data);
}

static void
vault_07_what_a_brought_token_got_is_forgotten_with_its_owner(void **state)
{
    static void (*const ends[])(world * w,
                                a0_session * session) = { disconnect, sign_out,
                                                          sign_out_by_auth0, erase };

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        world w;
        a0_session *session = NULL;
        A0_AUTO(a0__string) token = NULL;

        world_init(&w, NULL);
        session = logout_sign_in(&w, JO, "s-1");
        token = newest_token_of(&w, JO);
        assert_int_equal(exchanges_after_asking(&w, token), 1);
        assert_int_equal(exchanges_after_asking(&w, token), 1);
        ends[i](&w, session);
        assert_int_equal(exchanges_after_asking(&w, token), 2);
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
vault_07_somebody_elses_token_keeps_what_it_got(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = logout_sign_in(&w, JO, "s-1");
    assert_int_equal(exchanges_after_asking(&w, "of-somebody-else"), 1);
    disconnect(&w, session);
    assert_int_equal(exchanges_after_asking(&w, "of-somebody-else"), 1);
    a0_session_free(session);
    world_clear(&w);
}

/* Each of several browsers has a token of its own. */
static void
vault_07_a_disconnect_reaches_the_token_of_every_browser(void **state)
{
    enum {
        BROWSERS = 20
    };
    char *tokens[BROWSERS] = { NULL };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    for (unsigned i = 0; i < BROWSERS; i++) {
        a0_session_free(session);
        w.tenant.refreshes = i;
        session = logout_sign_in(&w, JO, "s-1");
        tokens[i] = newest_token_of(&w, JO);
        assert_int_equal(exchanges_after_asking(&w, tokens[i]), i + 1);
    }
    disconnect(&w, session);
    for (unsigned i = 0; i < BROWSERS; i++) {
        assert_int_equal(exchanges_after_asking(&w, tokens[i]), BROWSERS + i + 1);
        a0__free(tokens[i]);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_07_a_link_forgets_what_the_token_that_stays_got(void **state)
{
    link_visit *v = link_visit_new("");
    A0_AUTO(a0__string) token = NULL;
    world *w = &v->l.w;

    (void)state;
    w->tenant.rotation = false; /* as the vault wants it */
    fake_users_put(v->users, VISIT_PASSWORD);
    fake_users_put(v->users, VISIT_GOOGLE);
    link_visit_sign_in(v, LINKED_PASSWORD);
    token = newest_token_of(w, LINKED_PASSWORD);
    assert_int_equal(exchanges_after_asking(w, token), 1);
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, "google-oauth2|g1");
    link_visit_verify(v);
    assert_true(a0_link_answer_is_linked(v->answer));
    assert_int_equal(exchanges_after_asking(w, token), 2);
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vault_07_what_a_brought_token_got_is_forgotten_with_its_owner),
        cmocka_unit_test(vault_07_somebody_elses_token_keeps_what_it_got),
        cmocka_unit_test(vault_07_a_disconnect_reaches_the_token_of_every_browser),
        cmocka_unit_test(vault_07_a_link_forgets_what_the_token_that_stays_got),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
