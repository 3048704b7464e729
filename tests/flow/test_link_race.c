/* SPDX-License-Identifier: MIT */
/* Two sign-ins of one person at once, each in a process of its own [LINK-14]. */
#include "link_ordeal.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

enum {
    ROUNDS_USUAL = 20,
    RACE_MAX_S = 60
};

typedef struct barrier {
    _Atomic int arrived;
} barrier;

/* A sign-in of the same person in a process of its own. */
static void
race(const char *path, link_tenant *tenant, barrier *b)
{
    static link_world l;

    (void)alarm(RACE_MAX_S); /* a deadlock ends the process, and with it the test */
    link_world_init(&l, LINK_SETTINGS(""), path, tenant);
    l.session = link_world_sign_in(&l, LINK_SECONDARY);
    b->arrived++;
    while (b->arrived < 2) {
        (void)sched_yield();
    }
    a0__ignore(link_verify(&l));
    _exit(0);
}

static void
race_once(barrier *b)
{
    static link_world l;
    link_tenant *tenant = link_tenant_new();
    store_fixture fixture = { 0 };
    pid_t pids[2] = { 0 };
    int status = 0;

    fixture_make_folder(&fixture);
    link_world_init(&l, NULL, fixture.path, tenant);
    b->arrived = 0;
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            race(fixture.path, tenant, b);
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    /* One link, by one call; whatever the loser left alone, nothing is half-way. */
    assert_int_equal(tenant->users.links, 1);
    assert_true(link_tenant_is_linked(tenant));
    assert_int_equal(link_world_open(&l), 0);
    link_check_whole(&l);
    link_world_clear(&l);
    fixture_remove_folder(&fixture);
    link_tenant_free(tenant);
}

/* LINK_ROUNDS of the environment asks for more than a usual run has time for;
 * scripts/test-all for a thousand. */
static void
link_14_two_sign_ins_at_once_make_one_link(void **state)
{
    barrier *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const char *asked = secure_getenv("LINK_ROUNDS");
    uint64_t rounds = ROUNDS_USUAL;

    (void)state;
    assert_true(b != MAP_FAILED);
    if (asked != NULL) {
        assert_true(a0__parse_u64(a0__text_of(asked), 100000, &rounds));
    }
    for (uint64_t i = 0; i < rounds; i++) {
        race_once(b);
    }
    print_message("%llu rounds\n", (unsigned long long)rounds);
    (void)munmap(b, sizeof *b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_14_two_sign_ins_at_once_make_one_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
