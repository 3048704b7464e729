/* SPDX-License-Identifier: MIT */
/* LINK-08: when two addresses are one, and which are like none, not even themselves. */
#include "support.h"

#include <string.h>

#include "link/rules.h"

static void
assert_match(const char *a, const char *b, bool expected)
{
    bool matches = a0__address_matches(a0__text_of(a), a0__text_of(b));

    if (matches != expected ||
        a0__address_matches(a0__text_of(b), a0__text_of(a)) != expected) {
        fail_msg("\"%s\" and \"%s\" %s", a, b, matches ? "match" : "do not match");
    }
}

static void
link_08_addresses_that_are_equal(void **state)
{
    static const char *const pairs[][2] = {
        { "jo@acme.example", "jo@acme.example" },
        { "Jo@Acme.Example", "jo@acme.example" },
        { "JO@ACME.EXAMPLE", "jo@acme.example" },
        { " jo@acme.example", "jo@acme.example" },
        { "jo@acme.example\r\n", "jo@acme.example" },
        { "\tjo@acme.example ", "JO@acme.example" },
        { "jo+tag@acme.example", "JO+TAG@acme.example" },
        { "j.o@acme.example", "J.O@acme.example" },
        { "jo@xn--bcher-kva.example", "jo@XN--BCHER-KVA.example" },
        { "!#$%&'*+-/=?^_`{|}~@acme.example", "!#$%&'*+-/=?^_`{|}~@ACME.example" },
        { "1@2.3", "1@2.3" },
        { "jo@localhost", "JO@localhost" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_match(pairs[i][0], pairs[i][1], true);
    }
}

static void
link_08_addresses_that_are_not_equal(void **state)
{
    static const char *const pairs[][2] = {
        { "jo@acme.example", "j.o@acme.example" },
        { "jo@acme.example", "jo+x@acme.example" },
        { "jo@acme.example", "jo@acme.example.evil" },
        { "jo@acme.example", "ojo@acme.example" },
        { "jo@acme.example", "jo@mail.acme.example" },
        { "jo@gmail.example", "jo@googlemail.example" },
        { "jo@acme.example", "jo@acme.exampl" },
        { "jo@acme.example", "" },
        { "jo@b\xc3\xbc"
          "cher.example",
          "jo@xn--bcher-kva.example" },
        { "jo@acme.example", "j\xc9\xb5@acme.example" },
        { "mike@acme.example", "m\xc4\xb1ke@acme.example" },   /* dotless i */
        { "sos@acme.example", "\xc5\xbfos@acme.example" },     /* long s */
        { "kim@acme.example", "\xe2\x84\xaaim@acme.example" }, /* Kelvin sign */
        { "jo@acme.example", "jo\xe2\x80\x8b@acme.example" },  /* zero width */
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_match(pairs[i][0], pairs[i][1], false);
    }
}

static void
link_08_addresses_that_match_nothing_not_even_themselves(void **state)
{
    static const char *const forms[] = {
        "",
        " ",
        "jo",
        "@",
        "jo@",
        "@acme.example",
        "jo@@acme.example",
        "jo@x@acme.example",
        "jo@acme.example.",
        "jo@.acme.example",
        "jo@acme..example",
        ".jo@acme.example",
        "jo.@acme.example",
        "j..o@acme.example",
        "\"jo\"@acme.example",
        "\"j o\"@acme.example",
        "jo(c)@acme.example",
        "jo @acme.example",
        "jo@ acme.example",
        "jo@acme .example",
        "jo\n@acme.example",
        "jo@acme.example\x7f",
        "jo@[127.0.0.1]",
        "jo@-acme.example",
        "jo@acme-.example",
        "jo@acme_x.example",
        "jo@acme.example,eve@evil.example",
        "jo@acme.example;eve@evil.example",
        "<jo@acme.example>",
        "jo\\@acme.example",
        "j\xc3\xb6@acme.example",
        "jo\xcc\x88@acme.example", /* NFD */
        "jo@acm\xc3\xa9.example",
        "\xef\xbb\xbfjo@acme.example",
        "jo@acme.example\xe2\x80\x8b",
        "jo@acme.example\xc2\xa0",
        "j\xe2\x80\xae@acme.example",
        ("jo@acme\xe3\x80\x82"
         "example"), /* ideographic full stop */
        "mailto:jo@acme.example",
        "jo%acme.example@relay.example@x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_match(forms[i], forms[i], false);
    }
}

static void
link_08_254_bytes_at_most(void **state)
{
    char address[400];

    (void)state;
    for (size_t len = 240; len < 300; len++) {
        memset(address, 'a', sizeof address);
        memcpy(address + len - 15, "@acme.example.x", 16);
        assert_match(address, address, len <= A0__ADDRESS_MAX);
    }
}

static size_t
draw(uint64_t *seed, size_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*seed >> 33) % below;
}

/* Two addresses whose every letter is one of three that are often confused; a plain
 * generator, so that a failure can be repeated. */
static void
link_08_what_matches_is_equal_but_for_the_case_of_ascii_letters(void **state)
{
    static const char *const alike[][3] = { { "k", "K", "\xe2\x84\xaa" },
                                            { "i", "I", "\xc4\xb1" },
                                            { "s", "S", "\xc5\xbf" },
                                            { "a", "A", "\xc3\xa4" },
                                            { "b", "b ", "b." } };
    uint64_t seed = 1;
    size_t matches = 0;

    (void)state;
    for (size_t n = 0; n < 100000; n++) {
        A0_AUTO(a0__buf) one = A0__BUF_INIT(64);
        A0_AUTO(a0__buf) other = A0__BUF_INIT(64);
        a0__text a = A0__NO_TEXT;
        a0__text b = A0__NO_TEXT;

        for (size_t i = 0; i < 4; i++) {
            size_t letter = draw(&seed, 5);

            a0__buf_string(&one, i == 2 ? "@" : NULL);
            a0__buf_string(&other, i == 2 ? "@" : NULL);
            a0__buf_string(&one, alike[letter][draw(&seed, 3)]);
            a0__buf_string(&other, alike[letter][draw(&seed, 3)]);
        }
        a = a0__text_of(a0__buf_cstr(&one));
        b = a0__text_of(a0__buf_cstr(&other));
        if (a0__address_matches(a, b)) {
            assert_true(
                a0__text_equal_ignoring_case(a0__text_trim(a), a0__text_trim(b)));
            matches++;
        }
    }
    assert_true(matches > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_08_addresses_that_are_equal),
        cmocka_unit_test(link_08_addresses_that_are_not_equal),
        cmocka_unit_test(link_08_addresses_that_match_nothing_not_even_themselves),
        cmocka_unit_test(link_08_254_bytes_at_most),
        cmocka_unit_test(
            link_08_what_matches_is_equal_but_for_the_case_of_ascii_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
