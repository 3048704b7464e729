/* SPDX-License-Identifier: MIT */
/* Many callers on one engine; run under ThreadSanitizer as well. */
#include "support.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "http_world.h"

enum {
    CALLERS = 200,
    CALLS_EACH = 5,
    KINDS = 7, /* of markers: 0 gets no answer, 1 half of one, the others a whole one */
    NO_ANSWER = 0,
    HALF_AN_ANSWER = 1
};

/* The number in "GET /123 HTTP/1.1". */
static uint64_t
marker_of(const raw_connection *connection)
{
    a0__text line = a0__text_of(raw_request(connection) + strlen("GET /"));
    a0__text digits = A0__NO_TEXT;
    uint64_t marker = 0;

    return a0__text_next(&line, ' ', &digits) &&
                   a0__parse_u64(digits, UINT32_MAX, &marker)
               ? marker
               : 0;
}

static void
echo_marker(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    while (raw_read_request(connection)) {
        uint64_t marker = marker_of(connection);
        A0_AUTO(a0__buf) body = A0__BUF_INIT(64);

        a0__buf_u64(&body, marker);
        if (marker % KINDS == NO_ANSWER) {
            raw_wait_for_close(connection);
            return;
        }
        if (marker % KINDS == HALF_AN_ANSWER) {
            (void)raw_send_text(connection,
                                "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
            raw_wait_for_close(connection);
            return;
        }
        if (!raw_answer(connection, body.ptr)) {
            return;
        }
    }
}

typedef struct caller {
    const http_world *world;
    uint64_t first_marker;
    size_t wrong;
    pthread_t thread;
} caller;

static bool
call_once(const caller *one, uint64_t marker)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(64);
    bool is_cancelled = marker % KINDS <= HALF_AN_ANSWER;
    const char *got = NULL;

    a0__buf_byte(&path, '/');
    a0__buf_u64(&path, marker);
    got = http_world_get(one->world, path.ptr,
                         is_cancelled ? (int64_t)(5 + marker % 90) : 60000);
    return strcmp(got, is_cancelled ? "http_timeout" : path.ptr + 1) == 0;
}

static void *
call_often(void *self)
{
    caller *one = self;

    for (uint64_t i = 0; i < CALLS_EACH; i++) {
        one->wrong += call_once(one, one->first_marker + i) ? 0 : 1;
    }
    http_world_forget_answer();
    return NULL;
}

static void
assert_everybody_gets_his_own(raw_tls tls, size_t callers_len)
{
    static caller callers[CALLERS];
    http_world world = http_world_start(tls, echo_marker, NULL);

    for (size_t i = 0; i < callers_len; i++) {
        callers[i] = (caller){ .world = &world, .first_marker = 1000 + i * CALLS_EACH };
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    for (size_t i = 0; i < callers_len; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].wrong, 0);
    }
    http_world_end(&world);
}

static size_t
open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    (void)closedir(folder);
    return count;
}

static void
http_09_each_of_200_callers_gets_its_own_answer(void **state)
{
    size_t before = open_files();

    (void)state;
    assert_everybody_gets_his_own(RAW_PLAIN, CALLERS);
    assert_int_equal(open_files(), before);
}

static void
http_09_each_caller_gets_its_own_answer_over_tls(void **state)
{
    (void)state;
    assert_everybody_gets_his_own(RAW_TLS, 20);
}

/* ---- HTTP-11 ---- */

enum {
    WAITING = 20
};

typedef struct waiter {
    const http_world *world;
    bool was_cancelled;
    pthread_t thread;
} waiter;

static void
never_answer(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    if (raw_read_request(connection)) {
        raw_wait_for_close(connection);
    }
}

static void *
wait_for_cancel(void *self)
{
    waiter *one = self;

    one->was_cancelled = strcmp(http_world_get(one->world, "/", HTTP_WORLD_DEADLINE_MS),
                                "http_cancelled") == 0;
    http_world_forget_answer();
    return NULL;
}

static void
http_11_destroy_cancels_every_request_under_way(void **state)
{
    waiter waiters[WAITING];
    http_world world = http_world_start(RAW_PLAIN, never_answer, NULL);

    (void)state;
    for (size_t i = 0; i < WAITING; i++) {
        waiters[i] = (waiter){ .world = &world };
        assert_int_equal(
            pthread_create(&waiters[i].thread, NULL, wait_for_cancel, &waiters[i]), 0);
    }
    while (raw_server_requests(world.server) < WAITING) {
        (void)sched_yield();
    }
    world.http.table->destroy(world.http.self);
    for (size_t i = 0; i < WAITING; i++) {
        (void)pthread_join(waiters[i].thread, NULL);
        assert_true(waiters[i].was_cancelled);
    }
    raw_server_stop(world.server);
}

/* A caller who waits for a name is cancelled too. */
static pthread_mutex_t name_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_size_t names_asked;

static bool
resolve_never(void *self, const char *host, a0__net_addresses *out)
{
    (void)atomic_fetch_add(&names_asked, 1);
    (void)pthread_mutex_lock(&name_lock);
    (void)pthread_mutex_unlock(&name_lock);
    return http_world_resolve(self, host, out);
}

static void
http_11_destroy_does_not_wait_for_a_name_server(void **state)
{
    waiter one = { 0 };
    http_world world = http_world_start_with(
        (a0__curl_options){ .resolve = resolve_never }, RAW_TLS, never_answer, NULL);

    (void)state;
    (void)pthread_mutex_lock(&name_lock);
    one.world = &world;
    assert_int_equal(pthread_create(&one.thread, NULL, wait_for_cancel, &one), 0);
    while (atomic_load(&names_asked) == 0) {
        (void)sched_yield();
    }
    world.http.table->destroy(world.http.self);
    (void)pthread_join(one.thread, NULL);
    assert_true(one.was_cancelled);
    (void)pthread_mutex_unlock(&name_lock);
    raw_server_stop(world.server);
}

/* The first connection stalls for good; everybody else goes on. */
static void
stall_the_first(void *self, raw_connection *connection, size_t index)
{
    if (index == 0) {
        never_answer(self, connection, index);
        return;
    }
    while (raw_read_request(connection) && raw_answer(connection, "ok")) {
    }
}

static void
http_11_a_stalled_peer_delays_its_own_callers_only(void **state)
{
    waiter one = { 0 };
    http_world world = http_world_start(RAW_PLAIN, stall_the_first, NULL);

    (void)state;
    one.world = &world;
    assert_int_equal(pthread_create(&one.thread, NULL, wait_for_cancel, &one), 0);
    while (raw_server_requests(world.server) == 0) {
        (void)sched_yield();
    }
    for (int i = 0; i < 20; i++) {
        assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    }
    world.http.table->destroy(world.http.self);
    (void)pthread_join(one.thread, NULL);
    assert_true(one.was_cancelled);
    http_world_forget_answer();
    raw_server_stop(world.server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_09_each_of_200_callers_gets_its_own_answer),
        cmocka_unit_test(http_09_each_caller_gets_its_own_answer_over_tls),
        cmocka_unit_test(http_11_destroy_cancels_every_request_under_way),
        cmocka_unit_test(http_11_destroy_does_not_wait_for_a_name_server),
        cmocka_unit_test(http_11_a_stalled_peer_delays_its_own_callers_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
