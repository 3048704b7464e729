/* SPDX-License-Identifier: MIT */
/* GW-09 of the case catalogue: where a visitor may be sent back to. */
#include "support.h"

#include "browser_url.h"
#include "redirect.h"

static gateway_origins allowed;

static void
allow(const char *origin)
{
    a0_error *err = NULL;
    bool valid = false;

    assert_ok(gateway_origins_add(&allowed, a0__text_of(origin), &valid, &err), err);
    assert_true(valid);
}

static int
set_up_origins(void **state)
{
    (void)state;
    allow("https://ok.test");
    allow("https://ok.test:8443");
    return 0;
}

static int
tear_down_origins(void **state)
{
    (void)state;
    gateway_origins_clear(&allowed);
    return 0;
}

/* Appendix C. X is evil.test, A is ok.test. */
static const char *const schemes[] = {
    "",           "http:",      "https:",      "https:/",      "https://",  "https:///",
    "https:////", "HtTpS://",   "javascript:", "data:",        "vbscript:", "file:",
    "blob:",      "ht\ntps://", "https\t://",  "\x01https://", " https://", "//https:",
};
static const char *const prefixes[] = {
    "",
    "/",
    "//",
    "///",
    "////",
    "/////",
    "\\",
    "/\\",
    "\\/",
    "\\\\",
    "/\t/",
    "/\r/",
    "/\n/",
    "/\v/",
    "/\f/",
    "/ /",
    "/\xc2\xa0/",
    "/\xe2\x80\xa8/",
    "/\xc2\xad/",
    "/\xe2\x80\x8b/",
    "/\xef\xbc\x8f",
    "/./",
    "/../",
    "/;/",
    "/?/",
    "/#/",
    "\t//",
    "/.//",
    "/..//",
    "/x/..//",
};
static const char *const authorities[] = {
    "evil.test",
    "ok.test@evil.test",
    "ok.test:80@evil.test",
    "ok.test%40evil.test",
    "evil.test\\@ok.test",
    "ok.test.evil.test",
    "evil.testok.test",
    "ok.test%2eevil.test",
    "ok.test#@evil.test",
    "ok.test?@evil.test",
    "ok.test;@evil.test",
    "[::ffff:10.0.0.1]",
    "2130706433",
    "0177.0.0.1",
    "0x7f.1",
    "ok.test.",
    "ok.test:0",
    "ok.test:65536",
    "ok.test:x",
    "xn--k-9fa.test",
    "ok\xe3\x80\x82test",
    "ok.test:8443",
    "ok.test",
    "OK.test",
    "ok.test:8444",
};
static const char *const tails[] = {
    "", "/%2f..", "/..;/", "//", "?next=//evil.test", "\r\nX: y", "/%00", "/a?b=//c",
};

enum {
    ENCODINGS = 7
};

/* Prefix bytes raw, percent-encoded in two cases, doubly encoded, overlong, full-width,
 * or all but the first encoded. */
static void
write_prefix(const char *prefix, size_t encoding, a0__buf *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; prefix[i] != '\0'; i++) {
        unsigned char c = (unsigned char)prefix[i];
        bool is_slash = c == '/' || c == '\\';

        if (encoding == 0 || (encoding >= 4 && (i == 0 || !is_slash))) {
            a0__buf_byte(out, (char)c);
        } else if (encoding == 4) {
            a0__buf_string(out, "%c0%af");
        } else if (encoding == 5) {
            a0__buf_string(out, "%EF%BC%8F");
        } else if (encoding == 2) {
            a0__percent_encode(a0__text_range(&prefix[i], 1), out);
        } else {
            a0__buf_string(out, encoding == 3 ? "%25" : "%");
            a0__buf_byte(out, digits[c >> 4]);
            a0__buf_byte(out, digits[c & 15]);
        }
    }
}

static bool
is_safe_origin(a0__text reference)
{
    A0_AUTO(a0__buf) origin = A0__BUF_INIT(1 << 16);

    browser_url_origin(reference, "app.test", &origin);
    return a0__text_is(a0__buf_view(&origin), "https://app.test:443") ||
           a0__text_is(a0__buf_view(&origin), "https://ok.test:443") ||
           a0__text_is(a0__buf_view(&origin), "https://ok.test:8443");
}

/* Accepted only if a browser stays where it may be, and still does when somebody has
 * decoded the target once more than he should. */
static bool
check_target(a0__text target)
{
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(1 << 16);

    if (!gateway_redirect_is_allowed(target, &allowed)) {
        return false;
    }
    if (!is_safe_origin(target)) {
        fail_msg("accepted: %.*s", (int)target.len, target.ptr);
    }
    if (target.ptr[0] == '/' && a0__percent_decode(target, false, &decoded) &&
        !is_safe_origin(a0__buf_view(&decoded))) {
        fail_msg("accepted, and decoded it leads away: %.*s", (int)target.len,
                 target.ptr);
    }
    return true;
}

static bool
check_combination(size_t scheme, size_t prefix, size_t encoding, size_t authority,
                  size_t tail)
{
    A0_AUTO(a0__buf) target = A0__BUF_INIT(1 << 16);

    a0__buf_string(&target, schemes[scheme]);
    write_prefix(prefixes[prefix], encoding, &target);
    a0__buf_string(&target, authorities[authority]);
    a0__buf_string(&target, tails[tail]);
    return check_target(a0__buf_view(&target));
}

#define LEN(array) (sizeof(array) / sizeof(array)[0])

static void
gw_09_no_payload_of_the_grammar_leads_away(void **state)
{
    size_t accepted = 0;
    size_t all = 0;

    (void)state;
    for (size_t s = 0; s < LEN(schemes); s++) {
        for (size_t p = 0; p < LEN(prefixes); p++) {
            for (size_t e = 0; e < ENCODINGS; e++) {
                for (size_t i = 0; i < LEN(authorities) * LEN(tails); i++) {
                    accepted += check_combination(s, p, e, i % LEN(authorities),
                                                  i / LEN(authorities));
                    all++;
                }
            }
        }
    }
    assert_true(all > 600);
    /* The corpus has its legitimate ones too, or it would prove nothing. */
    assert_true(accepted > 0 && accepted < all / 20);
}

static void
gw_09_targets_of_the_wild_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "a",
        "//",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/%2fevil.test",
        "/%5cevil.test",
        "/%09/evil.test",
        "/%252fevil.test",
        "/\t/evil.test",
        "/ /evil.test",
        "/.//evil.test",
        "/x/..//evil.test",
        "/..//evil.test",
        "/%2e%2e//evil.test",
        "https:evil.test",
        "https:/evil.test",
        "https://evil.test",
        "http://ok.test/",
        "HTTPS://ok.test/",
        "https://ok.test@evil.test/",
        "https://u@ok.test/",
        "https://u:p@ok.test/",
        "https://ok.test:8444/",
        "https://ok.test./",
        "https://ok.test\\@evil.test/",
        "https://ok.test//evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "/a\r\nSet-Cookie: b",
        "/%E2%80%8B/evil.test",
        "/%EF%BC%8Fevil.test",
        "https://ok.test:65536/",
    };
    A0_AUTO(a0__buf) over_long = A0__BUF_INIT(4096);

    (void)state;
    for (size_t i = 0; i < LEN(bad); i++) {
        if (gateway_redirect_is_allowed(a0__text_of(bad[i]), &allowed)) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    a0__buf_byte(&over_long, '/');
    while (over_long.len < REDIRECT_TARGET_MAX) {
        a0__buf_byte(&over_long, 'a');
    }
    assert_true(gateway_redirect_is_allowed(a0__buf_view(&over_long), &allowed));
    a0__buf_byte(&over_long, 'a');
    assert_false(gateway_redirect_is_allowed(a0__buf_view(&over_long), &allowed));
    assert_false(gateway_redirect_is_allowed(a0__text_range("/a\0b", 4), &allowed));
}

static void
gw_09_legitimate_targets_pass(void **state)
{
    static const char *const good[] = {
        "/",
        "/a",
        "/a/",
        "/a/b/c",
        "/a.html",
        "/a?b",
        "/a?b=c&d=e",
        "/?a=b",
        "/?",
        "/#top",
        "/a#b",
        "/a?b#c",
        "/a?next=//x.test/",
        "/a?next=https://x.test/",
        "/a?q=a%2Fb",
        "/a?q=%E6%97%A5",
        "/%E6%97%A5%E6%9C%AC",
        "/caf%C3%A9",
        "/a%20b",
        "/a/%20b",
        "/@user",
        "/a@b.test",
        "/a:b",
        "/a;b=c",
        "/a,b",
        "/a+b",
        "/~user",
        "/-/x",
        "/_x",
        "/a/../b",
        "/a/./b",
        "/a//b",
        "/a?b=c@d",
        "/a?b=%40",
        "/a?b=c%5Cd",
        "/a'b",
        "/(a)",
        "/a!b",
        "/a*b",
        "/a$b",
        "/a=b",
        "/1",
        "https://ok.test",
        "https://ok.test/",
        "https://ok.test/a?b=//c",
        "https://ok.test:8443/a",
        "https://ok.test:443/a",
        "https://OK.test/",
        "https://ok.test?x",
        "https://ok.test#y",
    };

    (void)state;
    for (size_t i = 0; i < LEN(good); i++) {
        if (!check_target(a0__text_of(good[i]))) {
            fail_msg("refused: %s", good[i]);
        }
    }
}

static void
gw_09_only_a_bare_origin_can_be_allowed(void **state)
{
    static const char *const bad[] = {
        "https://a.test/",  "https://a.test/b", "https://u@a.test", "http://a.test",
        "https://a.test?b", "https://a.test#b", "a.test",           "https://*.a.test",
        "https://",         "ftp://a.test",     "https://a_b.test", "HTTPS://a.test",
    };
    gateway_origins none = { 0 };
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < LEN(bad); i++) {
        bool valid = true;

        assert_ok(gateway_origins_add(&none, a0__text_of(bad[i]), &valid, &err), err);
        if (valid) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_int_equal(none.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gw_09_no_payload_of_the_grammar_leads_away),
        cmocka_unit_test(gw_09_targets_of_the_wild_are_refused),
        cmocka_unit_test(gw_09_legitimate_targets_pass),
        cmocka_unit_test(gw_09_only_a_bare_origin_can_be_allowed),
    };

    return cmocka_run_group_tests_name("gateway_redirect", tests, set_up_origins,
                                       tear_down_origins);
}
