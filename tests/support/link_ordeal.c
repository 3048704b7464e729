/* SPDX-License-Identifier: MIT */
#include "link_ordeal.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "reaper.h"
#include "store_fixture.h"

enum {
    AFTER_ALL_LEASES_S = 120
};

static void
forget_error(link_world *l)
{
    a0_error_free(a0__steal(&l->w.err));
}

/* ---- the ways to come back ---- */

static void
settle(const link_ordeal *o, link_world *l, a0_session *session)
{
    a0_link_answer *answer = NULL;

    if (!o->verifies) {
        assert_ok(a0__link_settle(l->w.client, a0__text_of(a0_session_user_id(session)),
                                  session, &l->w.err),
                  l->w.err);
        return;
    }
    assert_ok(a0_link_verify(session, &answer, &l->w.err), l->w.err);
    a0_link_answer_free(answer);
}

static void
sign_in_again(const link_ordeal *o, link_world *l, const char *identity)
{
    a0_session *session = link_world_sign_in(l, identity);
    a0_session *again = NULL;

    settle(o, l, session);
    /* Whoever signs in after the crash is not thrown out for what it left behind,
     * unless the account is no more. */
    assert_ok(a0_session_open(l->w.client, a0_session_id(session), &again, &l->w.err),
              l->w.err);
    assert_true(a0_session_is_signed_in(again) ||
                fake_users_find(&l->tenant->users, LINK_SECONDARY) != NULL);
    a0_session_free(again);
    a0_session_free(session);
}

void
link_come_back(const link_ordeal *o, link_world *l, link_recovery way)
{
    a0_link_answer *answer = NULL;

    test_clock_advance_s(&l->w.clock, AFTER_ALL_LEASES_S);
    switch (way) {
    case BY_THE_SECONDARY:
        sign_in_again(o, l, LINK_SECONDARY);
        break;
    case BY_THE_PRIMARY:
        sign_in_again(o, l, LINK_PRIMARY);
        break;
    case BY_REPAIR:
    case RECOVERIES:
        assert_ok(a0_link_repair(l->w.client, &answer, &l->w.err), l->w.err);
        assert_non_null(strstr(a0_link_answer_json(answer), "\"left\":0"));
        a0_link_answer_free(answer);
        break;
    }
}

/* ---- what must be true then ---- */

void
link_check_whole(link_world *l)
{
    bool is_linked = link_tenant_is_linked(l->tenant);

    assert_int_equal(link_world_open(l), 0);
    assert_int_equal(link_world_links(l), is_linked ? 1 : 0);
    if (is_linked) {
        /* Nothing of before opens anything any more [LINK-06]. */
        assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_SECONDARY), 0);
        assert_int_equal(link_world_rows(l, A0_RECORD_REFRESH_TOKEN, LINK_SECONDARY),
                         0);
        assert_int_equal(link_world_rows(l, A0_RECORD_ACCOUNT_TOKEN, LINK_SECONDARY),
                         0);
        assert_true(l->before == NULL || !world_lives(&l->w, a0_session_id(l->before)));
    }
    assert_true(is_linked ? link_tenant_is_merged(l->tenant)
                          : link_tenant_is_untouched(l->tenant));
    /* Never two entries of a list for one [LINK-15]. */
    assert_null(
        strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json, "\"s\",\"s\""));
}

/* A session has the subject whose token it has, in the object and in the store. */
static void
check_session(link_world *l)
{
    a0_session *again = NULL;
    const char *refresh_token = NULL;
    const char *next = NULL;

    assert_ok(
        a0_session_open(l->w.client, a0_session_id(l->session), &again, &l->w.err),
        l->w.err);
    if (a0_session_is_signed_in(again)) {
        assert_string_equal(a0_session_user_id(again), a0_session_user_id(l->session));
        if (a0_session_refresh_token(again, &refresh_token, &l->w.err) == A0_OK) {
            next = fake_families_use(&l->tenant->families, refresh_token, false, &next);
            assert_true(next == NULL || strcmp(next, a0_session_user_id(again)) == 0);
        }
        forget_error(l);
    }
    a0_session_free(again);
}

/* ---- steps of many ordeals ---- */

a0_status
link_verify(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_verify(l->session, &answer, &l->w.err));
    a0_link_answer_free(answer);
    return A0_OK;
}

void
link_start_to_confirm(link_world *l)
{
    const a0_param connection = { "connection", "db" };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;

    l->session = link_world_sign_in(l, LINK_SECONDARY);
    assert_ok(link_verify(l), l->w.err);
    options.params = &connection;
    options.params_len = 1;
    l->callback = world_start(&l->w, l->session, &options);
    (void)snprintf(l->claims, sizeof l->claims, ",\"auth_time\":%lld",
                   (long long)test_clock_now_s(&l->w.clock));
    l->w.tenant.sub = LINK_PRIMARY;
    l->w.tenant.more_claims = l->claims;
}

a0_status
link_come_from_auth0(link_world *l)
{
    a0_login *login = NULL;

    A0_TRY(a0_login_complete(l->session, l->callback, NULL, &login, &l->w.err));
    a0_login_free(login);
    return A0_OK;
}

a0_status
link_apply(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_apply(l->w.client, LINK_SECONDARY, &answer, &l->w.err));
    a0_link_answer_free(answer);
    return A0_OK;
}

a0_status
link_undo(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2",
                        "104857600123456789012", &answer, &l->w.err));
    a0_link_answer_free(answer);
    return A0_OK;
}

a0_status
link_repair(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_repair(l->w.client, &answer, &l->w.err));
    a0_link_answer_free(answer);
    return A0_OK;
}

/* ---- requests and allocations ---- */

static void
begin(const link_ordeal *o, link_world *l, const char *path, link_tenant *tenant)
{
    link_world_init(l, o->settings, path, tenant);
    o->before(l);
}

/* After the fault is gone. */
static void
conclude(const link_ordeal *o, link_world *l, link_fault f)
{
    l->w.tenant.more_claims = "";
    if (f.at == 0) {
        assert_int_equal(link_tenant_is_linked(l->tenant), o->ends_linked);
    }
    link_come_back(o, l, f.way);
    link_check_whole(l);
}

uint64_t
link_ordeal_requests(const link_ordeal *o, ailment a, link_fault f)
{
    static link_world l;
    ailing_transport t = { .ailment = a, .fail_at = f.at, .for_good = f.for_good };
    size_t seen = 0;

    begin(o, &l, NULL, NULL);
    ailing_begin(&t, l.w.client);
    if (o->run(&l) != A0_OK) {
        assert_non_null(l.w.err);
    }
    forget_error(&l);
    seen = t.seen;
    t.fail_at = 0;
    check_session(&l);
    conclude(o, &l, f);
    ailing_end(&t, l.w.client);
    link_world_clear(&l);
    return seen;
}

uint64_t
link_ordeal_memory(const link_ordeal *o, link_fault f)
{
    static link_world l;
    ailing_transport t = { .fail_at = 0 };
    uint64_t before = 0;
    uint64_t made = 0;

    begin(o, &l, NULL, NULL);
    ailing_begin(&t, l.w.client);
    before = a0__mem_count();
    ailing_memory_fail_at(&t, f.at, f.for_good);
    if (o->run(&l) == A0_OK) {
        assert_null(l.w.err);
    }
    made = a0__mem_count() - before;
    ailing_memory_fail_at(&t, 0, false);
    forget_error(&l);
    check_session(&l);
    conclude(o, &l, f);
    ailing_end(&t, l.w.client);
    link_world_clear(&l);
    return made;
}

/* ---- the store ---- */

uint64_t
link_ordeal_store(const link_ordeal *o, bool lost, link_fault f)
{
    static link_world l;
    uint64_t before = 0;
    uint64_t passed = 0;

    begin(o, &l, NULL, NULL);
    before = l.w.store.calls;
    l.w.store.after_applying = lost;
    l.w.store.for_good = f.for_good;
    l.w.store.fail_at = f.at > 0 ? before + f.at : 0;
    if (o->run(&l) != A0_OK) {
        assert_non_null(l.w.err);
    }
    forget_error(&l);
    passed = l.w.store.calls - before;
    l.w.store.fail_at = 0;
    l.w.store.for_good = false;
    conclude(o, &l, f);
    link_world_clear(&l);
    return passed;
}

/* ---- death ---- */

static void
live_and_die(const link_ordeal *o, const char *path, link_tenant *tenant, unsigned at,
             unsigned *out_points)
{
    static link_world l;
    reaper r = { .at = at };

    begin(o, &l, path, tenant);
    l.w.store.watch = reaper_at_store;
    l.w.store.watch_self = &r;
    l.w.tenant.watch = reaper_at_request;
    l.w.tenant.watch_self = &r;
    a0__ignore(o->run(&l));
    *out_points = r.passed;
    _exit(0);
}

static void
inherit(const link_ordeal *o, const char *path, link_tenant *tenant, link_recovery way)
{
    static link_world l;

    link_world_init(&l, o->settings, path, tenant);
    link_come_back(o, &l, way);
    link_check_whole(&l);
    /* Again, and nothing is left to be done. */
    link_come_back(o, &l, BY_REPAIR);
    link_check_whole(&l);
    link_world_clear(&l);
}

unsigned
link_ordeal_kill(const link_ordeal *o, unsigned at, link_recovery way)
{
    unsigned *points = mmap(NULL, sizeof *points, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    link_tenant *tenant = link_tenant_new();
    store_fixture fixture = { 0 };
    unsigned passed = 0;
    pid_t pid = 0;
    int status = 0;

    assert_true(points != MAP_FAILED);
    fixture_make_folder(&fixture);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        live_and_die(o, fixture.path, tenant, at, points);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WIFSIGNALED(status) != 0, at > 0);
    inherit(o, fixture.path, tenant, way);
    fixture_remove_folder(&fixture);
    link_tenant_free(tenant);
    passed = *points;
    (void)munmap(points, sizeof *points);
    return passed;
}

/* ---- all of them ---- */

static link_recovery
next_way(uint64_t n)
{
    return (link_recovery)(n % RECOVERIES);
}

void
link_ordeal_every_request(const link_ordeal *o)
{
    uint64_t requests =
        link_ordeal_requests(o, REFUSED, (link_fault){ .way = BY_REPAIR });

    print_message("%s: %llu requests, each in %d ways\n", o->name,
                  (unsigned long long)requests, 2 * AILMENTS);
    assert_true(requests >= 4);
    for (uint64_t at = 1; at <= requests; at++) {
        for (int a = 0; a < AILMENTS; a++) {
            link_fault f = { .at = at, .way = next_way(at + (uint64_t)a) };

            (void)link_ordeal_requests(o, (ailment)a, f);
            f.for_good = true;
            (void)link_ordeal_requests(o, (ailment)a, f);
        }
    }
}

void
link_ordeal_every_store_call(const link_ordeal *o)
{
    uint64_t calls = link_ordeal_store(o, false, (link_fault){ .way = BY_REPAIR });

    print_message("%s: %llu calls of the store, each in 4 ways\n", o->name,
                  (unsigned long long)calls);
    for (uint64_t at = 1; at <= calls; at++) {
        for (uint64_t how = 0; how < 4; how++) {
            const link_fault f = { .at = at,
                                   .for_good = (how & 2) != 0,
                                   .way = next_way(at + how) };

            (void)link_ordeal_store(o, (how & 1) != 0, f);
        }
    }
}

void
link_ordeal_every_allocation(const link_ordeal *o)
{
    uint64_t made = link_ordeal_memory(o, (link_fault){ .way = BY_REPAIR });

    print_message("%s: %llu allocations\n", o->name, (unsigned long long)made);
    for (uint64_t at = 1; at <= made; at++) {
        link_fault f = { .at = at, .way = next_way(at) };

        (void)link_ordeal_memory(o, f);
        f.for_good = true;
        (void)link_ordeal_memory(o, f);
    }
}

void
link_ordeal_every_death(const link_ordeal *o)
{
    unsigned points = link_ordeal_kill(o, 0, BY_REPAIR);

    print_message("%s: killed at %u points\n", o->name, points);
    assert_true(points >= 20);
    for (unsigned at = 1; at <= points; at++) {
        (void)link_ordeal_kill(o, at, next_way(at));
    }
}
