/* SPDX-License-Identifier: MIT */
/*
 * Every operation with its n-th allocation, store call, request or draw failing, once
 * and for good, and with its process killed at each of them [MEM-09, RFR-01, STOR-01].
 * The points are counted in a run without a fault, so a new step is never forgotten.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "flows/connected_account.h"
#include "flows/session.h"
#include "reaper.h"
#include "store_fixture.h"

#define SETTINGS                                                                       \
    "\"revoke_on_logout\":true,\"audience\":\"https://api.example\","                  \
    "\"authorization_params\":{\"scope\":\"openid offline_access read:things\"}"

/* ---- the operations ---- */

typedef struct scene {
    world w;
    a0_session *session;
    char *callback;
    char id[A0_SESSION_ID_LEN + 1]; /* what the browser's cookie holds */
    /* A sign-in that was written while its answer was lost leaves a whole session whose
     * id nobody ever held; it ends by its idle time. */
    size_t orphans_max;
    bool was_ended_elsewhere; /* so the object in our hands can not know */
} scene;

static void
sign_in_before(scene *s)
{
    a0_login_free(world_login(&s->w, s->session));
    (void)snprintf(s->id, sizeof s->id, "%s", a0_session_id(s->session));
}

static void
nothing_before(scene *s)
{
    assert_ok(a0_client_warm(s->w.client, &s->w.err), s->w.err);
}

static void
start_before(scene *s)
{
    s->callback = world_start(&s->w, s->session, NULL);
}

static void
expire_before(scene *s)
{
    sign_in_before(s);
    test_clock_advance_s(&s->w.clock, 3601);
}

/* What Auth0 will post: the token stands where a callback stands otherwise. */
static void
word_before(scene *s)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(8192);
    long long now = (long long)test_clock_now_s(&s->w.clock);

    sign_in_before(s);
    a0__buf_format(&claims,
                   "{\"iss\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld,"
                   "\"jti\":\"lt-1\",\"sub\":\"%s\",\"events\":{\"http://"
                   "schemas.openid.net/event/backchannel-logout\":{}}}",
                   FAKE_ISSUER, FAKE_CLIENT_ID, now, now + 120, s->w.tenant.sub);
    assert_int_equal(a0__jws_sign(s->w.tenant.key, A0__RS256, s->w.tenant.kid, "JWT",
                                  a0__buf_view(&claims), &token, NULL),
                     A0_OK);
    s->callback = a0__buf_take(&token);
}

static a0_status
start(scene *s)
{
    const char *url = NULL;

    return a0_login_start(s->session, FAKE_REDIRECT_URI, NULL, &url, &s->w.err);
}

static a0_status
complete(scene *s)
{
    a0_login *login = NULL;
    a0_status status =
        a0_login_complete(s->session, s->callback, NULL, &login, &s->w.err);

    if (status == A0_OK) {
        assert_non_null(a0_login_access_token(login));
        assert_non_null(a0_login_userinfo(login));
        a0_login_free(login);
    }
    return status;
}

static a0_status
refresh(scene *s)
{
    a0_token *token = NULL;
    a0_status status = a0_session_access_token(s->session, NULL, &token, &s->w.err);

    if (status == A0_OK) {
        assert_non_null(a0_token_access_token(token));
        a0_token_free(token);
    }
    return status;
}

static a0_status
sign_out(scene *s)
{
    const char *url = NULL;
    a0_status status = a0_logout(s->session, NULL, &url, &s->w.err);

    if (status == A0_OK) {
        assert_non_null(url);
        assert_false(a0_session_is_signed_in(s->session));
    }
    return status;
}

static a0_status
end_by_word(scene *s)
{
    s->was_ended_elsewhere = true;
    return a0_logout_backchannel(s->w.client, s->callback, NULL, &s->w.err);
}

static a0_status
open_session(scene *s)
{
    a0_session *session = NULL;
    a0_status status = a0_session_open(s->w.client, s->id, &session, &s->w.err);

    if (status == A0_OK) {
        /* Never "signed out" because something failed [STOR-03]. */
        assert_true(a0_session_is_signed_in(session));
        a0_session_free(session);
    }
    return status;
}

static void
connect_before(scene *s)
{
    A0_AUTO(a0__buf) callback = A0__BUF_INIT(1024);
    const char *url = NULL;
    const char *state = NULL;

    sign_in_before(s);
    s->w.tenant.scope =
        "openid offline_access read:things create:me:connected_accounts "
        "read:me:connected_accounts delete:me:connected_accounts";
    assert_ok(a0_connect_start(s->session, "google-oauth2", FAKE_REDIRECT_URI, NULL,
                               &url, &s->w.err),
              s->w.err);
    state = strstr(s->w.tenant.my_account.body, "\"state\":\"");
    a0__buf_string(&callback, FAKE_REDIRECT_URI "?connect_code=cc&state=");
    a0__buf_bytes(&callback, state + 9, 43);
    s->callback = a0__buf_take(&callback);
}

static a0_status
complete_connect(scene *s)
{
    a0_connect_answer *answer = NULL;
    a0_status status = a0_connect_complete(s->session, s->callback, &answer, &s->w.err);

    a0_connect_answer_free(answer);
    return status;
}

static a0_status
list_accounts(scene *s)
{
    a0_connect_answer *answer = NULL;
    a0_status status = a0_connect_list(s->session, &answer, &s->w.err);

    a0_connect_answer_free(answer);
    return status;
}

static a0_status
delete_account(scene *s)
{
    return a0_connect_delete(s->session, "cac_1", &s->w.err);
}

static a0_status
vault_token(scene *s)
{
    a0_token *token = NULL;
    a0_status status = a0_vault_token_for_session(s->session, "google-oauth2", NULL,
                                                  &token, &s->w.err);

    a0_token_free(token);
    return status;
}

typedef struct operation {
    const char *name;
    void (*before)(scene *s);
    a0_status (*run)(scene *s);
} operation;

static const operation operations[] = {
    { "login start", nothing_before, start },
    { "login complete", start_before, complete },
    { "refresh", expire_before, refresh },
    { "logout", sign_in_before, sign_out },
    { "logout by Auth0", word_before, end_by_word },
    { "session open", expire_before, open_session },
    { "connect complete", connect_before, complete_connect },
    { "connect list", connect_before, list_accounts },
    { "connect delete", connect_before, delete_account },
    { "vault token", connect_before, vault_token },
};

/* ---- what must be true afterwards ---- */

static size_t
rows_of(scene *s, a0_record_kind kind)
{
    return world_rows(&s->w, kind, A0_INDEX_USER_ID, s->w.tenant.sub);
}

/* A session and its refresh token stand or fall together. */
static void
check_rows(scene *s)
{
    assert_int_equal(rows_of(s, A0_RECORD_SESSION),
                     rows_of(s, A0_RECORD_REFRESH_TOKEN));
    assert_true(rows_of(s, A0_RECORD_SESSION) <= 1 + s->orphans_max);
}

/* What the object says is what the store says. */
static void
check_step(scene *s, a0_status status)
{
    a0_session *again = world_session(&s->w, a0_session_id(s->session));

    if (s->was_ended_elsewhere) {
        assert_ok(a0__session_reload(s->session, &s->w.err), s->w.err);
        assert_true(status != A0_OK || !a0_session_is_signed_in(again));
    }
    check_rows(s);
    assert_int_equal(a0_session_is_signed_in(again),
                     a0_session_is_signed_in(s->session));
    a0_session_free(again);
}

/* Unknown or true, never anything else [CONN-12]. */
static void
check_identity(scene *s)
{
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    bool found = false;

    assert_ok(
        a0__connected_account_get(s->w.client, "cac_1", &account, &found, &s->w.err),
        s->w.err);
    assert_true(account.subject.len == 0 || a0__text_is(account.subject, "104"));
}

/* Whoever was there can go on or sign in anew; no loop, no lasting damage. */
static void
check_way_on(scene *s)
{
    a0_status status = A0_OK;

    test_clock_advance_s(&s->w.clock, 3700); /* leases, pauses and tokens are over */
    if (a0_session_is_signed_in(s->session)) {
        status = refresh(s);
        assert_true(status == A0_OK || status == A0_LOGIN_REQUIRED);
        a0_error_free(a0__steal(&s->w.err));
    }
    a0_login_free(world_login(&s->w, s->session));
    assert_true(a0_session_is_signed_in(s->session));
    assert_in_range(rows_of(s, A0_RECORD_SESSION), 1, 1 + s->orphans_max);
    check_rows(s);
}

static void
scene_begin(scene *s, const operation *o, const char *sqlite_path)
{
    *s = (scene){ .session = NULL };
    world_init_on(&s->w, SETTINGS, sqlite_path);
    s->w.tenant.rotation = true;
    s->session = world_session(&s->w, NULL);
    o->before(s);
}

static void
scene_end(scene *s)
{
    a0_session_free(s->session);
    a0__free(s->callback);
    world_clear(&s->w);
}

/* ---- faults ---- */

typedef enum fault {
    FAULT_MEMORY,
    FAULT_STORE,
    FAULT_STORE_LOST, /* carried out, then reported as failed */
    FAULT_RANDOM,
    FAULT_NETWORK,
    FAULT_NETWORK_LOST,
    FAULTS
} fault;

static const char *const fault_names[] = { "memory", "store",   "store (lost)",
                                           "random", "network", "network (lost)" };

/* Counts the requests and fails one; and keeps the puppet tenant out of the count of
 * allocations, because its own are not ours. */
typedef struct network {
    a0_transport table;
    a0__http inner;
    uint64_t seen;
    uint64_t fail_at;
    bool for_good;
    bool lost;
    uint64_t memory_at; /* the allocation that fails, counted from the process start */
    bool memory_for_good;
} network;

static void
rearm(const network *n)
{
    uint64_t made = a0__mem_count();

    if (n->memory_at > made) {
        a0__mem_fail_at(n->memory_at - made, n->memory_for_good);
    } else if (n->memory_at > 0 && n->memory_for_good) {
        a0__mem_fail_at(1, 1);
    }
}

static a0_status
perform(void *self, a0_http_exchange *exchanges, size_t len, int64_t deadline_ms,
        a0_error **err)
{
    network *n = self;
    uint64_t before = a0__mem_count();
    a0_status status = A0_OK;

    a0__mem_fail_at(0, 0);
    for (size_t i = 0; i < len && status == A0_OK; i++) {
        uint64_t at = ++n->seen;
        bool fails =
            n->fail_at != 0 && (at == n->fail_at || (n->for_good && at > n->fail_at));

        if (!fails || n->lost) {
            status = n->inner.table->perform(n->inner.self, &exchanges[i], 1,
                                             deadline_ms, err);
        }
        if (fails) {
            a0_http_response_free(exchanges[i].response);
            exchanges[i].response = NULL;
            scripted_respond_error(&exchanges[i], A0_E_http_timeout, n->lost);
        }
    }
    if (n->memory_at > 0) {
        n->memory_at += a0__mem_count() - before;
    }
    rearm(n);
    return status;
}

static uint64_t
count_of(scene *s, const network *n, fault f)
{
    switch (f) {
    case FAULT_MEMORY:
        return a0__mem_count();
    case FAULT_STORE:
    case FAULT_STORE_LOST:
        return s->w.store.calls;
    case FAULT_RANDOM:
        return s->w.random.calls;
    case FAULT_NETWORK:
    case FAULT_NETWORK_LOST:
    case FAULTS:
        break;
    }
    return n->seen;
}

static void
arm(scene *s, network *n, fault f, uint64_t at, bool for_good)
{
    switch (f) {
    case FAULT_MEMORY:
        n->memory_at = a0__mem_count() + at;
        n->memory_for_good = for_good;
        rearm(n);
        break;
    case FAULT_STORE:
    case FAULT_STORE_LOST:
        s->w.store.after_applying = f == FAULT_STORE_LOST;
        s->w.store.fail_at = s->w.store.calls + at;
        s->w.store.for_good = for_good;
        break;
    case FAULT_RANDOM:
        s->w.random.fail_at = s->w.random.calls + at;
        break;
    case FAULT_NETWORK:
    case FAULT_NETWORK_LOST:
    case FAULTS:
        n->fail_at = n->seen + at;
        n->for_good = for_good;
        n->lost = f == FAULT_NETWORK_LOST;
        break;
    }
}

static void
disarm(scene *s, network *n)
{
    n->memory_at = 0;
    n->fail_at = 0;
    a0__mem_fail_at(0, 0);
    s->w.store.fail_at = 0;
    s->w.random.fail_at = 0;
}

/* Runs the operation with that fault; gives the number of points it passed. */
static uint64_t
torture(const operation *o, fault f, uint64_t at, bool for_good)
{
    network n = { .table = { .size = sizeof n.table, .perform = perform } };
    scene s;
    uint64_t before = 0;
    uint64_t passed = 0;
    a0_status status = A0_OK;

    scene_begin(&s, o, NULL);
    s.orphans_max = f == FAULT_STORE_LOST && o->run == complete ? 1 : 0;
    n.inner =
        (a0__http){ s.w.client->ports.transport, s.w.client->ports.transport_self };
    s.w.client->ports.transport = &n.table;
    s.w.client->ports.transport_self = &n;
    before = count_of(&s, &n, f);
    if (at > 0) {
        arm(&s, &n, f, at, for_good);
    }
    status = o->run(&s);
    passed = count_of(&s, &n, f) - before;
    disarm(&s, &n);
    if (at == 0) {
        assert_int_equal(status, A0_OK);
    }
    if (status == A0_OK) {
        assert_null(s.w.err);
    } else if (f != FAULT_MEMORY) {
        assert_non_null(s.w.err);
        assert_int_equal(a0_error_status(s.w.err), status);
    }
    a0_error_free(a0__steal(&s.w.err));
    if (f != FAULT_STORE_LOST) {
        check_step(&s, status);
    }
    check_identity(&s);
    check_way_on(&s);
    scene_end(&s);
    return passed;
}

static void
torture_all(fault f)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const operation *o = &operations[i];
        uint64_t points = torture(o, f, 0, false);

        print_message("%s, %s: %llu points\n", o->name, fault_names[f],
                      (unsigned long long)points);
        for (uint64_t at = 1; at <= points; at++) {
            (void)torture(o, f, at, false);
            (void)torture(o, f, at, true);
        }
    }
}

static void
mem_09_every_allocation_may_fail(void **state)
{
    (void)state;
    torture_all(FAULT_MEMORY);
}

static void
mem_09_every_store_call_may_fail(void **state)
{
    (void)state;
    torture_all(FAULT_STORE);
}

static void
mem_09_every_answer_of_the_store_may_be_lost(void **state)
{
    (void)state;
    torture_all(FAULT_STORE_LOST);
}

static void
mem_09_every_draw_may_fail(void **state)
{
    (void)state;
    torture_all(FAULT_RANDOM);
}

static void
mem_09_every_request_may_fail(void **state)
{
    (void)state;
    torture_all(FAULT_NETWORK);
    torture_all(FAULT_NETWORK_LOST);
}

/* ---- death ---- */

/* What the dead process leaves to the one that comes after: the tenant's memory and the
 * browser's cookie. */
typedef struct estate {
    char refresh_token[64];
    unsigned refreshes;
    unsigned passed;
    bool finished;
    char id[A0_SESSION_ID_LEN + 1];
} estate;

static void
note(scene *s, estate *left)
{
    memcpy(left->refresh_token, s->w.tenant.refresh_token, sizeof left->refresh_token);
    left->refreshes = s->w.tenant.refreshes;
}

typedef struct watcher {
    reaper r;
    scene *s;
    estate *left;
} watcher;

static void
note_and_pass(void *self, const char *path, bool done)
{
    watcher *watch = self;

    note(watch->s, watch->left); /* before death: the tenant lives on */
    reaper_at_request(&watch->r, path, done);
}

static void
note_and_pass_store(void *self, failing_store_call call, uint64_t n, bool done)
{
    watcher *watch = self;

    note(watch->s, watch->left);
    reaper_at_store(&watch->r, call, n, done);
}

static void
live_and_die(const operation *o, const char *path, unsigned at, estate *left)
{
    scene s;
    watcher watch = { .r = { .at = at }, .s = &s, .left = left };

    scene_begin(&s, o, path);
    memcpy(left->id, a0_session_id(s.session), sizeof left->id);
    s.w.store.watch = note_and_pass_store;
    s.w.store.watch_self = &watch;
    s.w.tenant.watch = note_and_pass;
    s.w.tenant.watch_self = &watch;
    if (o->run(&s) == A0_OK) {
        left->finished = true;
        memcpy(left->id, a0_session_id(s.session), sizeof left->id);
    }
    left->passed = watch.r.passed;
    _exit(0);
}

static void
inherit(const operation *o, const char *path, const estate *left)
{
    scene s = { .orphans_max = o->run == complete ? 1 : 0 };

    world_init_on(&s.w, SETTINGS, path);
    s.w.tenant.rotation = true;
    s.w.tenant.refreshes = left->refreshes;
    memcpy(s.w.tenant.refresh_token, left->refresh_token, sizeof left->refresh_token);
    test_clock_advance_s(&s.w.clock, 3601);
    check_rows(&s);
    s.session = world_session(&s.w, left->id);
    check_way_on(&s);
    scene_end(&s);
}

static void
kill_everywhere(const operation *o)
{
    estate *left = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned points = 1;

    assert_true(left != MAP_FAILED);
    for (unsigned at = 0; at <= points; at++) {
        store_fixture fixture = { 0 };
        pid_t pid = 0;
        int status = 0;

        *left = (estate){ .passed = 0 };
        fixture_make_folder(&fixture);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            live_and_die(o, fixture.path, at, left);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WIFSIGNALED(status) != 0, at > 0);
        points = at == 0 ? left->passed : points;
        inherit(o, fixture.path, left);
        fixture_remove_folder(&fixture);
    }
    print_message("%s: killed at %u points\n", o->name, points);
    assert_true(points >= 2); /* before and after one write */
    (void)munmap(left, sizeof *left);
}

static void
stor_01_a_process_killed_in_a_sign_in_leaves_all_or_nothing(void **state)
{
    (void)state;
    kill_everywhere(&operations[0]);
    kill_everywhere(&operations[1]);
}

static void
rfr_01_a_process_killed_in_a_refresh_leaves_a_way_on(void **state)
{
    (void)state;
    kill_everywhere(&operations[2]);
}

static void
stor_01_a_process_killed_in_a_sign_out_leaves_all_or_nothing(void **state)
{
    (void)state;
    kill_everywhere(&operations[3]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mem_09_every_allocation_may_fail),
        cmocka_unit_test(mem_09_every_store_call_may_fail),
        cmocka_unit_test(mem_09_every_answer_of_the_store_may_be_lost),
        cmocka_unit_test(mem_09_every_draw_may_fail),
        cmocka_unit_test(mem_09_every_request_may_fail),
        cmocka_unit_test(stor_01_a_process_killed_in_a_sign_in_leaves_all_or_nothing),
        cmocka_unit_test(rfr_01_a_process_killed_in_a_refresh_leaves_a_way_on),
        cmocka_unit_test(stor_01_a_process_killed_in_a_sign_out_leaves_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
