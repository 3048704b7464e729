/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdio.h>

#include <a0/sys/cache.h>

#include "base/buf.h"
#include "test_clock.h"

typedef struct fixture {
    test_clock clock;
    const a0_cache *table;
    void *self;
    a0_error *err;
} fixture;

static void
setup(fixture *f, size_t max_entries)
{
    *f = (fixture){ .clock = TEST_CLOCK_INIT };
    assert_ok(a0_cache_memory_new(max_entries, &test_clock_table, &f->clock, &f->table,
                                  &f->self, &f->err),
              f->err);
}

static a0_status
copy(void *self, const void *bytes, size_t len, a0_error **err)
{
    (void)err;
    a0__buf_bytes(self, bytes, len);
    return A0_OK;
}

static bool
has(fixture *f, const char *key, const char *value)
{
    A0_AUTO(a0__buf) buf = A0__BUF_INIT(64);

    return f->table->get(f->self, key, copy, &buf, NULL) == A0_OK &&
           a0__text_is(a0__buf_view(&buf), value);
}

static void
put(fixture *f, const char *key, const char *value, int64_t ttl_s)
{
    a0__text text = a0__text_of(value);

    assert_ok(f->table->set(f->self, key, text.ptr, text.len, ttl_s, &f->err), f->err);
}

static void
a_value_lives_as_long_as_it_was_given(void **state)
{
    fixture f;

    (void)state;
    setup(&f, 4);
    put(&f, "a", "1", 10);
    put(&f, "a", "2", 10);
    test_clock_advance_s(&f.clock, 9);
    assert_true(has(&f, "a", "2"));
    test_clock_set_wall_s(&f.clock, 0);
    assert_true(has(&f, "a", "2"));
    test_clock_advance_s(&f.clock, 1);
    assert_false(has(&f, "a", "2"));
    f.table->destroy(f.self);
}

static void
the_least_recently_used_goes_first(void **state)
{
    fixture f;

    (void)state;
    setup(&f, 3);
    put(&f, "a", "1", 10);
    put(&f, "b", "2", 10);
    put(&f, "c", "3", 10);
    assert_true(has(&f, "a", "1"));
    put(&f, "d", "4", 10);
    assert_false(has(&f, "b", "2"));
    assert_true(has(&f, "a", "1"));
    assert_true(has(&f, "c", "3"));
    assert_true(has(&f, "d", "4"));
    assert_ok(f.table->remove(f.self, "a", &f.err), f.err);
    assert_ok(f.table->remove(f.self, "a", &f.err), f.err);
    assert_false(has(&f, "a", "1"));
    f.table->destroy(f.self);
}

static void
a_thousand_keys_in_a_small_cache_keep_it_small(void **state)
{
    fixture f;
    char key[16];

    (void)state;
    setup(&f, 5);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        put(&f, key, key, 10);
        assert_true(has(&f, key, key));
    }
    assert_false(has(&f, "k994", "k994"));
    assert_true(has(&f, "k995", "k995"));
    f.table->destroy(f.self);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_lives_as_long_as_it_was_given),
        cmocka_unit_test(the_least_recently_used_goes_first),
        cmocka_unit_test(a_thousand_keys_in_a_small_cache_keep_it_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
