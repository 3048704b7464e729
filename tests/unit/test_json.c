/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "json/json.h"

static void
text_that_is_not_strict_json_gives_no_document(void **state)
{
    static const char *const bad[] = { "",
                                       "{",
                                       "{\"a\":1,\"a\":2}",
                                       "{\"a\":1,\"\\u0061\":2}",
                                       "{} x",
                                       "\xef\xbb\xbf{}",
                                       "[\"\\ud800\"]",
                                       "[\"\\u0000\"]",
                                       "[\"\xff\"]",
                                       "[1e999]",
                                       "[123456789012345678901234567890123]",
                                       "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
                                       "nul" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        A0_AUTO(a0__json_doc) doc = NULL;
        a0_error *err = NULL;

        assert_ok(a0__json_parse(a0__text_of(bad[i]), &doc, &err), err);
        if (doc != NULL) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

static void
fault_of_a_text_has_a_line(void **state)
{
    static const struct {
        const char *text;
        size_t line;
    } cases[] = {
        { "", 1 },
        { "{\n\"a\": [1,\n2]\n}", 0 },
        { "{\n\"a\": [1,\n2,]\n}", 3 },
        { "{\n\"a\": 1,\n\"a\": 2\n}", 3 },
        { "{}\n\nx", 3 },
        { "{\n\"a\": \"\xff\"\n}", 2 },
        { "[\n", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(a0__json_line_of_fault(a0__text_of(cases[i].text)),
                         cases[i].line);
    }
}

static void
readers_tell_absent_from_mistyped(void **state)
{
    A0_AUTO(a0__json_doc) doc = NULL;
    a0_error *err = NULL;
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;

    (void)state;
    assert_ok(a0__json_parse(
                  A0__LIT("{\"s\":\"x\",\"n\":null,\"i\":7,\"r\":7.9,\"big\":1e300}"),
                  &doc, &err),
              err);
    assert_int_equal(a0__json_text(doc, "s", &text), A0__FOUND);
    assert_text(text, "x");
    assert_int_equal(a0__json_text(doc, "n", &text), A0__MISTYPED);
    assert_int_equal(a0__json_text(doc, "q", &text), A0__ABSENT);
    assert_int_equal(a0__json_number(doc, "r", &number), A0__FOUND);
    assert_int_equal(number, 7);
    assert_int_equal(a0__json_number(doc, "big", &number), A0__MISTYPED);
}

static void
writer_places_commas_and_escapes(void **state)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(256);
    a0__json_writer w = a0__json_writer_on(&out);

    (void)state;
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "a", "x\"<\n");
    a0__json_name(&w, "b");
    a0__json_open(&w, '[');
    a0__json_value_i64(&w, -1);
    a0__json_value_bool(&w, true);
    a0__json_close(&w, ']');
    a0__json_put_string(&w, "c", NULL);
    a0__json_close(&w, '}');
    assert_text(a0__buf_view(&out),
                "{\"a\":\"x\\\"\\u003c\\u000a\",\"b\":[-1,true],\"c\":null}");
}

static void
each_reader_has_its_depth(void **state)
{
    static const struct {
        a0_status (*parse)(a0__text text, a0__json **out, a0_error **err);
        int depth;
    } rows[] = { { a0__json_parse, 16 },
                 { a0__json_parse_large, 16 },
                 { a0__json_parse_deep, 32 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int over = 0; over < 2; over++) {
            A0_AUTO(a0__buf) text = A0__BUF_INIT(128);
            A0_AUTO(a0__json_doc) doc = NULL;
            a0_error *err = NULL;

            for (int side = 0; side < 2; side++) {
                for (int level = 0; level < rows[i].depth + over; level++) {
                    a0__buf_byte(&text, side == 0 ? '[' : ']');
                }
            }
            assert_ok(rows[i].parse(a0__buf_view(&text), &doc, &err), err);
            assert_int_equal(doc != NULL, over == 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_is_not_strict_json_gives_no_document),
        cmocka_unit_test(each_reader_has_its_depth),
        cmocka_unit_test(fault_of_a_text_has_a_line),
        cmocka_unit_test(readers_tell_absent_from_mistyped),
        cmocka_unit_test(writer_places_commas_and_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
