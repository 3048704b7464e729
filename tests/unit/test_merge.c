/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "link/merge.h"

static a0__json *
parse(const char *text)
{
    a0__json *document = NULL;

    if (text != NULL) {
        assert_int_equal(a0__json_parse_deep(a0__text_of(text), &document, NULL),
                         A0_OK);
        assert_non_null(document);
    }
    return document;
}

static void
merge(const char *primary, const char *secondary, a0__merge_keys keys, a0__buf *out,
      bool *out_valid)
{
    A0_AUTO(a0__json_doc) one = parse(primary);
    A0_AUTO(a0__json_doc) other = parse(secondary);

    assert_int_equal(a0__merge_patch(one, other, keys, out, out_valid, NULL), A0_OK);
}

static void
assert_merges(const char *primary, const char *secondary, const char *patch)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__MERGE_MAX);
    bool valid = false;

    merge(primary, secondary, (a0__merge_keys){ NULL, 0 }, &out, &valid);
    assert_true(valid);
    assert_text(a0__buf_view(&out), patch);
}

static void
assert_undoes(const char *before, const char *patch, const char *now,
              const char *expected)
{
    A0_AUTO(a0__json_doc) b = parse(before);
    A0_AUTO(a0__json_doc) p = parse(patch);
    A0_AUTO(a0__json_doc) n = parse(now);
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__MERGE_MAX * 4);

    assert_int_equal(a0__merge_undo_patch(b, p, n, &out, NULL), A0_OK);
    assert_text(a0__buf_view(&out), expected);
}

static void
scalars_of_the_primary_win_and_what_it_lacks_is_added(void **state)
{
    (void)state;
    assert_merges("{\"a\":1,\"b\":\"x\"}", "{\"a\":2,\"c\":true}", "{\"c\":true}");
    assert_merges("{\"a\":null}", "{\"a\":2}", "{}");
    assert_merges(NULL, "{\"a\":2}", "{\"a\":2}");
    assert_merges("{\"a\":2}", NULL, "{}");
    assert_merges("{}", "{}", "{}");
}

static void
arrays_are_the_secondarys_then_the_primarys_without_repeats(void **state)
{
    (void)state;
    assert_merges("{\"l\":[1,2]}", "{\"l\":[3,2,3]}", "{\"l\":[3,2,1]}");
    assert_merges("{\"l\":[{\"a\":1,\"b\":2}]}", "{\"l\":[{\"b\":2,\"a\":1}]}", "{}");
    assert_merges("{\"l\":[1]}", "{\"l\":[]}", "{}");
}

static void
objects_merge_recursively_and_are_sent_whole(void **state)
{
    (void)state;
    assert_merges("{\"o\":{\"a\":1,\"p\":{\"x\":1}},\"z\":0}",
                  "{\"o\":{\"a\":9,\"p\":{\"y\":2}}}",
                  "{\"o\":{\"a\":1,\"p\":{\"x\":1,\"y\":2}}}");
}

static void
of_two_types_the_primarys_wins(void **state)
{
    (void)state;
    assert_merges("{\"a\":[1]}", "{\"a\":{\"b\":1}}", "{}");
    assert_merges("{\"a\":\"x\"}", "{\"a\":[1]}", "{}");
    assert_merges("{\"a\":{}}", "{\"a\":1}", "{}");
}

static void
only_the_named_keys_are_merged(void **state)
{
    static char plan[] = "plan";
    static char *const items[] = { plan };
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__MERGE_MAX);
    bool valid = false;

    (void)state;
    merge("{\"roles\":[\"user\"]}", "{\"roles\":[\"admin\"],\"plan\":\"pro\"}",
          (a0__merge_keys){ items, 1 }, &out, &valid);
    assert_true(valid);
    assert_text(a0__buf_view(&out), "{\"plan\":\"pro\"}");
}

static void
awkward_keys_and_marks_come_through_as_they_are(void **state)
{
    (void)state;
    assert_merges("{}", "{\"a.b\":1,\"$c\":2,\"__proto__\":{\"x\":1},\"<\":\"<\"}",
                  "{\"a.b\":1,\"$c\":2,\"__proto__\":{\"x\":1},\"\\u003c\":\"<\"}");
}

static void
too_much_is_not_merged(void **state)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__MERGE_MAX);
    A0_AUTO(a0__buf) large = A0__BUF_INIT(A0__MERGE_MAX * 2);
    bool valid = true;

    (void)state;
    a0__buf_string(&large, "{\"a\":\"");
    for (int i = 0; i < A0__MERGE_MAX; i++) {
        a0__buf_byte(&large, 'x');
    }
    a0__buf_string(&large, "\"}");
    merge("{}", a0__buf_cstr(&large), (a0__merge_keys){ NULL, 0 }, &out, &valid);
    assert_false(valid);
    merge("[1]", "{}", (a0__merge_keys){ NULL, 0 }, &out, &valid);
    assert_false(valid);
}

/* What the primary lacked comes with its repeats, and merging twice is merging once. */
static void
repeats_that_came_with_a_merge_stay_in_the_next(void **state)
{
    (void)state;
    assert_merges("{}", "{\"l\":[3,3]}", "{\"l\":[3,3]}");
    assert_merges("{\"l\":[3,3]}", "{\"l\":[3,3]}", "{}");
    assert_merges("{\"o\":{\"l\":[3,3]}}", "{\"o\":{\"l\":[3,3]}}", "{}");
}

static void
put_numbers(a0__buf *out, int from, int to)
{
    a0__buf_string(out, "{\"l\":[");
    for (int i = from; i < to; i++) {
        a0__buf_string(out, i > from ? "," : "");
        a0__buf_i64(out, i);
    }
    a0__buf_string(out, "]}");
}

/* LINK-16: comparing all with all would take longer than the test may. */
static void
lists_as_long_as_the_limit_allows_are_merged_and_taken_back(void **state)
{
    enum {
        OWN = 20000,
        BOTH = 30000
    };
    A0_AUTO(a0__buf) own = A0__BUF_INIT(A0__MERGE_MAX * 4);
    A0_AUTO(a0__buf) other = A0__BUF_INIT(A0__MERGE_MAX * 4);
    A0_AUTO(a0__buf) both = A0__BUF_INIT(A0__MERGE_MAX * 4);
    A0_AUTO(a0__buf) now = A0__BUF_INIT(A0__MERGE_MAX * 4);
    A0_AUTO(a0__buf) left = A0__BUF_INIT(A0__MERGE_MAX * 4);
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__MERGE_MAX * 4);
    bool valid = true;

    (void)state;
    put_numbers(&own, 10000, OWN);
    put_numbers(&other, OWN, BOTH);
    merge(a0__buf_cstr(&own), a0__buf_cstr(&other), (a0__merge_keys){ NULL, 0 }, &out,
          &valid);
    assert_false(valid); /* together they are more than 64 KiB */
    put_numbers(&both, 10000, BOTH);
    put_numbers(&now, 9999, BOTH);
    put_numbers(&left, 9999, OWN);
    assert_undoes(a0__buf_cstr(&own), a0__buf_cstr(&both), a0__buf_cstr(&now),
                  a0__buf_cstr(&left));
}

static void
undo_takes_back_what_the_merge_added(void **state)
{
    (void)state;
    /* before, what the merge sent, now, what takes it back */
    assert_undoes("{\"a\":1}", "{\"c\":true}", "{\"a\":1,\"c\":true}", "{\"c\":null}");
    assert_undoes("{\"l\":[1,2]}", "{\"l\":[3,2,1]}", "{\"l\":[3,2,1]}",
                  "{\"l\":[1,2]}");
    assert_undoes("{\"o\":{\"a\":1}}", "{\"o\":{\"a\":1,\"b\":2}}",
                  "{\"o\":{\"a\":1,\"b\":2}}", "{\"o\":{\"a\":1}}");
}

static void
undo_leaves_what_somebody_changed(void **state)
{
    (void)state;
    assert_undoes("{}", "{\"c\":1}", "{\"c\":2}", "{}");
    assert_undoes("{}", "{\"c\":1}", "{}", "{}");
    assert_undoes("{\"l\":[1]}", "{\"l\":[3,1]}", "{\"l\":[3,1,4]}", "{\"l\":[1,4]}");
    assert_undoes("{}", "{\"o\":{\"a\":1,\"b\":2}}",
                  "{\"o\":{\"a\":1,\"b\":7,\"c\":3}}", "{\"o\":{\"b\":7,\"c\":3}}");
    /* Taken out by hand: it does not come back. */
    assert_undoes("{\"o\":{\"a\":1}}", "{\"o\":{\"a\":1,\"b\":2}}",
                  "{\"o\":{\"b\":2,\"d\":4}}", "{\"o\":{\"d\":4}}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_of_the_primary_win_and_what_it_lacks_is_added),
        cmocka_unit_test(arrays_are_the_secondarys_then_the_primarys_without_repeats),
        cmocka_unit_test(objects_merge_recursively_and_are_sent_whole),
        cmocka_unit_test(of_two_types_the_primarys_wins),
        cmocka_unit_test(only_the_named_keys_are_merged),
        cmocka_unit_test(awkward_keys_and_marks_come_through_as_they_are),
        cmocka_unit_test(too_much_is_not_merged),
        cmocka_unit_test(repeats_that_came_with_a_merge_stay_in_the_next),
        cmocka_unit_test(lists_as_long_as_the_limit_allows_are_merged_and_taken_back),
        cmocka_unit_test(undo_takes_back_what_the_merge_added),
        cmocka_unit_test(undo_leaves_what_somebody_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
