/* SPDX-License-Identifier: MIT */
/* The pure parts of the gateway: forwarded headers, kinds of requests, cookies,
 * buckets, paths. Return targets are in test_gateway_redirect.c. */
#include "support.h"

#include <string.h>

#include "cookies.h"
#include "forwarded.h"
#include "limit.h"
#include "navigation.h"
#include "redirect.h"
#include "server/path.h"
#include "server/route.h"

/* ---- requests by hand ---- */

static a0__web_request
request_of(const char *target)
{
    a0__web_request request = { .method = A0__LIT("GET"),
                                .target = a0__text_of(target),
                                .version = A0__LIT("HTTP/1.1") };

    request.headers[0] = (a0__web_header){ A0__LIT("Host"), A0__LIT("app.test") };
    request.headers_len = 1;
    return request;
}

static void
add_header(a0__web_request *request, const char *name, const char *value)
{
    request->headers[request->headers_len] =
        (a0__web_header){ a0__text_of(name), a0__text_of(value) };
    request->headers_len++;
}

#define LEN(array) (sizeof(array) / sizeof(array)[0])

/* ---- GW-03 ---- */

static a0__network trusted_items[3];
static gateway_networks trusted = { trusted_items, 3 };

static void
assert_client(const char *peer, const char *const *forwarded, size_t len,
              const char *expected)
{
    a0__web_request request = request_of("/");
    A0_AUTO(a0__buf) client_text = A0__BUF_INIT(64);
    a0__address client;

    assert_true(a0__network_parse(A0__LIT("10.0.0.0/8"), &trusted_items[0]));
    assert_true(a0__network_parse(A0__LIT("2001:db8::/32"), &trusted_items[1]));
    assert_true(a0__network_parse(A0__LIT("127.0.0.1"), &trusted_items[2]));
    assert_true(a0__address_parse(a0__text_of(peer), &request.peer));
    for (size_t i = 0; i < len; i++) {
        add_header(&request, "X-Forwarded-For", forwarded[i]);
    }
    client = gateway_client_address(&trusted, &request);
    a0__address_write(&client, &client_text);
    assert_text(a0__buf_view(&client_text), expected);
}

static void
gw_03_the_client_is_the_rightmost_hop_that_is_not_ours(void **state)
{
    static const struct {
        const char *peer;
        const char *forwarded;
        const char *client;
    } table[] = {
        { "192.0.2.1", "198.51.100.9",
          "192.0.2.1" }, /* an untrusted peer says nothing */
        { "10.0.0.1", "198.51.100.9", "198.51.100.9" },
        { "::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9" },
        { "10.0.0.1", "203.0.113.7, 198.51.100.9", "198.51.100.9" },
        { "10.0.0.1", "198.51.100.9, 10.9.9.9", "198.51.100.9" },
        { "10.0.0.1", "198.51.100.9,10.9.9.9 , 2001:db8::5", "198.51.100.9" },
        { "10.0.0.1", "10.1.1.1", "10.1.1.1" },
        { "10.0.0.1", ", 198.51.100.9", "198.51.100.9" },
        { "10.0.0.1", "198.51.100.9,", "10.0.0.1" }, /* the last hop made no sense */
        { "10.0.0.1", "x", "10.0.0.1" },
        { "10.0.0.1", "", "10.0.0.1" },
        { "10.0.0.1", "198.51.100.9:1234", "10.0.0.1" },
        { "10.0.0.1", "[2001:db9::1]", "2001:db9::1" },
        { "10.0.0.1", "::ffff:198.51.100.9", "198.51.100.9" },
    };

    (void)state;
    for (size_t i = 0; i < LEN(table); i++) {
        assert_client(table[i].peer, &table[i].forwarded, 1, table[i].client);
    }
}

static void
gw_03_several_lines_are_one_list_and_long_chains_end(void **state)
{
    static const char *const lines[] = { "203.0.113.7", "198.51.100.9", "10.2.2.2" };
    A0_AUTO(a0__buf) chain = A0__BUF_INIT(1 << 16);
    const char *long_chain = NULL;

    (void)state;
    assert_client("10.0.0.1", lines, 3, "198.51.100.9");
    a0__buf_string(&chain, "203.0.113.7");
    for (int i = 0; i < 1000; i++) {
        a0__buf_string(&chain, ", 10.1.1.1");
    }
    long_chain = a0__buf_cstr(&chain);
    assert_client("10.0.0.1", &long_chain, 1, "10.1.1.1");
}

static void
gw_03_forwarded_uri_counts_only_from_our_proxy(void **state)
{
    a0__web_request request = request_of("/");

    (void)state;
    add_header(&request, "X-Forwarded-Uri", "/a");
    assert_true(a0__address_parse(A0__LIT("192.0.2.1"), &request.peer));
    assert_null(gateway_forwarded_uri(&trusted, &request).ptr);
    assert_true(a0__address_parse(A0__LIT("127.0.0.1"), &request.peer));
    assert_text(gateway_forwarded_uri(&trusted, &request), "/a");
    add_header(&request, "X-Forwarded-Uri", "/b");
    assert_null(gateway_forwarded_uri(&trusted, &request).ptr);
}

/* ---- GW-14, CB-05, LOUT-01 ---- */

static void
gw_14_only_a_navigation_starts_a_sign_in(void **state)
{
    static const struct {
        const char *method;
        const char *mode;
        const char *dest;
        const char *accept;
        const char *requested_with;
        bool is_navigation;
    } table[] = {
        { "GET", "navigate", "document", "text/html", NULL, true },
        { "GET", "navigate", NULL, NULL, NULL, true },
        { "GET", NULL, NULL, "text/html,*/*;q=0.8", NULL, true },
        { "GET", "navigate", "iframe", "text/html", NULL, false },
        { "GET", "navigate", "embed", "text/html", NULL, false },
        { "GET", "cors", "empty", "text/html", NULL, false },
        { "GET", "no-cors", "image", "image/*", NULL, false },
        { "GET", "same-origin", "empty", "*/*", NULL, false },
        { "GET", NULL, "document", "text/html", NULL, false },
        { "GET", NULL, NULL, "*/*", NULL, false },
        { "GET", NULL, NULL, NULL, NULL, false },
        { "GET", NULL, NULL, "application/json", NULL, false },
        { "GET", NULL, NULL, "text/html", "XMLHttpRequest", false },
        { "POST", "navigate", "document", "text/html", NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < LEN(table); i++) {
        a0__web_request request = request_of("/auth/login");

        request.method = a0__text_of(table[i].method);
        if (table[i].mode != NULL) {
            add_header(&request, "Sec-Fetch-Mode", table[i].mode);
        }
        if (table[i].dest != NULL) {
            add_header(&request, "Sec-Fetch-Dest", table[i].dest);
        }
        if (table[i].accept != NULL) {
            add_header(&request, "Accept", table[i].accept);
        }
        if (table[i].requested_with != NULL) {
            add_header(&request, "X-Requested-With", table[i].requested_with);
        }
        assert_int_equal(gateway_is_navigation(&request), table[i].is_navigation);
    }
}

static void
cb_05_prefetches_are_recognized(void **state)
{
    static const char *const marks[][2] = {
        { "Sec-Purpose", "prefetch" }, { "Sec-Purpose", "prefetch;prerender" },
        { "Purpose", "prefetch" },     { "X-Purpose", "preview" },
        { "X-Moz", "Prefetch" },
    };

    (void)state;
    for (size_t i = 0; i < LEN(marks); i++) {
        a0__web_request request = request_of("/auth/callback");

        assert_false(gateway_is_prefetch(&request));
        add_header(&request, marks[i][0], marks[i][1]);
        assert_true(gateway_is_prefetch(&request));
    }
}

static void
lout_01_a_form_is_ours_when_every_sign_says_so(void **state)
{
    static const struct {
        const char *origin;
        const char *site;
        bool is_ours;
    } table[] = {
        { "https://ok.test", "same-origin", true },
        { "https://ok.test", NULL, true },
        { NULL, "same-origin", true },
        { "null", "same-origin", true }, /* a page that forbids referrers */
        { "null", NULL, false },
        { "null", "cross-site", false },
        { NULL, NULL, false },
        { NULL, "same-site", false },
        { NULL, "none", false },
        { NULL, "cross-site", false },
        { "https://ok.test", "cross-site", false },
        { "https://evil.test", "same-origin", false },
        { "http://ok.test", NULL, false },
        { "https://ok.test:8443", NULL, false },
        { "https://ok.test.evil.test", NULL, false },
    };
    gateway_origins own = { 0 };
    a0_error *err = NULL;
    bool valid = false;

    (void)state;
    assert_ok(gateway_origins_add(&own, A0__LIT("https://ok.test"), &valid, &err), err);
    for (size_t i = 0; i < LEN(table); i++) {
        a0__web_request request = request_of("/auth/logout");

        if (table[i].origin != NULL) {
            add_header(&request, "Origin", table[i].origin);
        }
        if (table[i].site != NULL) {
            add_header(&request, "Sec-Fetch-Site", table[i].site);
        }
        assert_int_equal(gateway_is_same_origin(&request, &own.items[0]),
                         table[i].is_ours);
    }
    gateway_origins_clear(&own);
}

/* ---- cookies ---- */

#define ID "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ID2 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

static cookie_found
find_session(const char *header, const char *second_header)
{
    a0__web_request request = request_of("/");
    char id[A0_SESSION_ID_LEN + 1];
    cookie_found found = COOKIE_NONE;

    add_header(&request, "Cookie", header);
    if (second_header != NULL) {
        add_header(&request, "Cookie", second_header);
    }
    found = cookie_session(&request, &cookie_style_host, id);
    if (found == COOKIE_ONE) {
        assert_string_equal(id, ID);
    }
    return found;
}

static void
sess_03_a_cookie_that_is_there_twice_is_nobodys(void **state)
{
    (void)state;
    assert_int_equal(find_session("__Host-a0_session=" ID, NULL), COOKIE_ONE);
    assert_int_equal(find_session("a=b; __Host-a0_session=" ID "; c", NULL),
                     COOKIE_ONE);
    assert_int_equal(
        find_session("__Host-a0_session=" ID "; __Host-a0_session=" ID, NULL),
        COOKIE_AMBIGUOUS);
    assert_int_equal(
        find_session("__Host-a0_session=" ID2 "; __Host-a0_session=" ID, NULL),
        COOKIE_AMBIGUOUS);
    assert_int_equal(find_session("__Host-a0_session=" ID, "__Host-a0_session=x"),
                     COOKIE_AMBIGUOUS);
    assert_int_equal(find_session("__Host-a0_session=; __Host-a0_session=" ID, NULL),
                     COOKIE_AMBIGUOUS);
    /* Other names are other cookies. */
    assert_int_equal(find_session("__host-a0_session=" ID, NULL), COOKIE_NONE);
    assert_int_equal(find_session("__Host-a0_sessionx=" ID, NULL), COOKIE_NONE);
    assert_int_equal(find_session("x__Host-a0_session=" ID, NULL), COOKIE_NONE);
    assert_int_equal(find_session("a0_session=" ID, NULL), COOKIE_NONE);
    assert_int_equal(find_session("__Host-a0_session", NULL), COOKIE_NONE);
    assert_int_equal(find_session("__Host-a0_session=\"" ID "\"", NULL), COOKIE_NONE);
}

static void
sess_04_any_other_shape_is_nobodys_without_a_look_up(void **state)
{
    static const char *const values[] = {
        "",
        "A",
        ID "A",
        "AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA%41AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ("\xc3\xa4"
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    };

    (void)state;
    for (size_t i = 0; i < LEN(values); i++) {
        A0_AUTO(a0__buf) header = A0__BUF_INIT(4096);

        a0__buf_string(&header, "__Host-a0_session=");
        a0__buf_string(&header, values[i]);
        assert_int_equal(find_session(a0__buf_cstr(&header), NULL), COOKIE_NONE);
    }
}

static size_t
count_cookies(const a0__web_response *response, const char *part)
{
    size_t count = 0;
    const char *end = response->headers.ptr + response->headers.len;

    for (const char *at = response->headers.ptr; at < end; at += strlen(at) + 1) {
        count += strstr(at, part) != NULL;
    }
    return count;
}

static void
sess_08_a_ninth_sign_in_takes_the_place_of_the_oldest(void **state)
{
    a0__web_request request = request_of("/auth/login");
    a0__web_response response;
    sign_in_cookies held;

    (void)state;
    /* Not in the order of their age; base 36 digits are longer in later years. */
    add_header(&request, "Cookie",
               "__Host-a0_tx_13_00000003=" ID "; __Host-a0_tx_z_00000002=" ID
               "; __Host-a0_tx_2_00000001=" ID2 "; __Host-a0_tx_14_00000004=" ID
               "; __Host-a0_tx_15_00000005=" ID "; __Host-a0_tx_16_00000006=" ID
               "; __Host-a0_tx_17_00000007=" ID "; __Host-a0_tx_18_00000008=" ID
               "; __Host-a0_tx_1_zzzzzzzz=" ID "; __Host-a0_tx__00000001=" ID
               "; __Host-a0_tx_1_000000011=" ID "; __Host-a0_tx_-1_00000001=" ID);
    cookie_sign_ins(&request, &cookie_style_host, &held);
    assert_int_equal(held.len, 8);
    assert_string_equal(held.items[0].mark, "00000001");
    assert_string_equal(held.items[0].id, ID2);
    assert_string_equal(held.items[7].mark, "00000008");
    a0__web_response_init(&response);
    cookie_sign_in_set(&response, &cookie_style_host, &held, "00000009", ID, 45, 600);
    assert_int_equal(count_cookies(&response, "Max-Age=0;"), 1);
    assert_int_equal(count_cookies(&response, "__Host-a0_tx_2_00000001=; "), 1);
    assert_int_equal(count_cookies(&response, "__Host-a0_tx_19_00000009=" ID), 1);
    a0__web_response_clear(&response);
}

static void
sess_03_a_sign_in_cookie_that_is_there_twice_counts_not_at_all(void **state)
{
    a0__web_request request = request_of("/auth/callback");
    sign_in_cookies held;

    (void)state;
    add_header(&request, "Cookie",
               "__Host-a0_tx_1_00000001=" ID "; __Host-a0_tx_1_00000001=" ID2
               "; __Host-a0_tx_2_00000002=" ID);
    cookie_sign_ins(&request, &cookie_style_host, &held);
    assert_int_equal(held.len, 1);
    assert_string_equal(held.items[0].mark, "00000002");
}

static void
sess_08_a_flood_of_sign_in_cookies_is_bounded(void **state)
{
    a0__web_request request = request_of("/auth/login");
    A0_AUTO(a0__buf) header = A0__BUF_INIT(1 << 20);
    sign_in_cookies held;

    (void)state;
    for (int i = 0; i < 400; i++) {
        a0__buf_format(&header, "__Host-a0_tx_%d_%08d=" ID "; ", i % 10, i);
    }
    add_header(&request, "Cookie", a0__buf_cstr(&header));
    cookie_sign_ins(&request, &cookie_style_host, &held);
    assert_int_equal(held.len, SIGN_IN_COOKIES_SEEN_MAX);
}

/* ---- GW-12 ---- */

static void
gw_12_an_address_has_its_bucket_and_all_have_one(void **state)
{
    static limiter l;

    (void)state;
    limiter_init(&l, 60, 0);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(limiter_take(&l, 1, 1000), 0);
    }
    assert_int_equal(limiter_take(&l, 1, 1000), 1);
    assert_int_equal(limiter_take(&l, 2, 1000), 0);
    assert_int_equal(limiter_take(&l, 1, 2000), 0); /* one token came back */
    assert_int_equal(limiter_take(&l, 1, 2000), 1);
    assert_int_equal(limiter_take(&l, 1, 1000 + 60000), 0);
    limiter_clear(&l);

    limiter_init(&l, 0, 10);
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(limiter_take(&l, i, 5000), 0);
    }
    assert_int_equal(limiter_take(&l, 99, 5000), 1);
    assert_int_equal(limiter_take(&l, 99, 5100), 0);
    limiter_clear(&l);
}

/* More addresses than there are buckets: memory stays, nobody gets a second helping. */
static void
gw_12_a_flood_of_addresses_gains_nothing(void **state)
{
    static limiter l;
    size_t granted = 0;

    (void)state;
    limiter_init(&l, 1, 0);
    for (uint64_t i = 1; i <= 100000; i++) {
        granted += limiter_take(&l, i << 32, 1000) == 0;
    }
    assert_true(granted <= LIMIT_SLOTS);
    limiter_clear(&l);
}

/* ---- GW-04, GW-05 ---- */

static size_t handled;

static void
count_handled(void *self, a0__web_request *request, a0__web_response *response)
{
    (void)self;
    (void)request;
    (void)response;
    handled++;
}

static const a0__web_route own_routes[] = {
    { .method = "GET", .path = "/auth/verify", .handle = count_handled },
};
static const a0__web_site own_site = { .routes = own_routes, .routes_len = 1 };

/* The status with which a target is answered; 200 means that it reached the route. */
static int
answer_to(const char *target)
{
    a0__web_request request = request_of(target);
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);
    a0__web_response response;
    int status = a0__web_request_check(&request, &space).status;

    if (status != 0) {
        return status;
    }
    a0__web_response_init(&response);
    a0__web_serve(&own_site, &request, &response);
    status = response.status;
    a0__web_response_clear(&response);
    return status;
}

static const char *const path_tricks[] = {
    "..",         ".",        "%2e%2e",   "%2E.",      ".%2e",   "%2e",     "%2f",
    "%2F",        "%5c",      "\\",       "",          ";x=y",   "%3b",     "%252f",
    "%252e%252e", "%c0%af",   "%c0%ae",   "%ef%bc%8f", "%00",    "%0a",     "%20",
    " ",          "\t",       "%7f",      "%80",       "%ff",    "%u002f",  "%",
    "%2",         "%zz",      "~",        "%7e",       "VERIFY", "verify.", "verify%20",
    "verify%00",  "verify;a", "\xc3\xa4", "%C3%A4",    "*",      ":",
};
static const char *const path_frames[] = {
    "/%s",
    "/auth/%s",
    "/auth/verify/%s",
    "/%s/auth/verify",
    "/auth/%s/verify",
    "/auth/verify%s",
    "/x/%s/auth/verify",
    "/auth%sverify",
};

static void
gw_04_a_path_has_one_reading_or_is_refused(void **state)
{
    size_t paths = 0;

    (void)state;
    for (size_t i = 0; i < LEN(path_tricks) * LEN(path_frames); i++) {
        const char *frame = path_frames[i % LEN(path_frames)];
        const char *trick = path_tricks[i / LEN(path_frames)];
        const char *place = strstr(frame, "%s");
        A0_AUTO(a0__buf) path = A0__BUF_INIT(4096);
        A0_AUTO(a0__buf) once = A0__BUF_INIT(A0__PATH_MAX);
        A0_AUTO(a0__buf) twice = A0__BUF_INIT(A0__PATH_MAX);
        int status = 0;

        a0__buf_bytes(&path, frame, (size_t)(place - frame));
        a0__buf_string(&path, trick);
        a0__buf_string(&path, place + 2);
        status = answer_to(a0__buf_cstr(&path));
        paths++;
        if (!a0__path_canonical(a0__buf_view(&path), &once)) {
            assert_int_equal(status, 400);
            continue;
        }
        assert_true(a0__path_canonical(a0__buf_view(&once), &twice));
        assert_true(a0__text_equal(a0__buf_view(&once), a0__buf_view(&twice)));
        assert_int_equal(status,
                         a0__text_is(a0__buf_view(&once), "/auth/verify") ? 200 : 404);
    }
    assert_true(paths >= 300);
}

static void
gw_04_encoded_separators_never_reach_a_route(void **state)
{
    (void)state;
    assert_int_equal(answer_to("/auth/verify"), 200);
    assert_int_equal(answer_to("/auth/%76erify"), 200);
    assert_int_equal(answer_to("/auth/x/../verify"), 200);
    assert_int_equal(answer_to("/auth%2fverify"), 400);
    assert_int_equal(answer_to("/auth%5cverify"), 400);
    assert_int_equal(answer_to("/auth/verify%00"), 400);
    assert_int_equal(answer_to("/../auth/verify"), 400);
    assert_int_equal(answer_to("//auth/verify"), 404);
    assert_int_equal(answer_to("/auth//verify"), 404);
    assert_int_equal(answer_to("/auth/verify/"), 404);
    assert_int_equal(answer_to("/auth/VERIFY"), 404);
    assert_int_equal(answer_to("/auth/verify;x"), 404);
}

static void
gw_05_query_and_fragment_choose_no_route(void **state)
{
    (void)state;
    assert_int_equal(answer_to("/private?x=/auth/verify"), 404);
    assert_int_equal(answer_to("/private?/auth/verify"), 404);
    assert_int_equal(answer_to("/private%3f/../auth/verify"), 200); /* one segment */
    assert_int_equal(answer_to("/private#/auth/verify"), 400);
    assert_int_equal(answer_to("/auth/verify#x"), 400);
    assert_int_equal(answer_to("/private%23/auth/verify"), 404);
    assert_int_equal(answer_to("/auth/verify?x=y#z"), 400);
    assert_int_equal(answer_to("/x/auth/verify"), 404);
    assert_int_equal(answer_to("/auth/verifyx"), 404);
    assert_int_equal(answer_to("/auth/verify?x=#"), 400);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gw_03_the_client_is_the_rightmost_hop_that_is_not_ours),
        cmocka_unit_test(gw_03_several_lines_are_one_list_and_long_chains_end),
        cmocka_unit_test(gw_03_forwarded_uri_counts_only_from_our_proxy),
        cmocka_unit_test(gw_14_only_a_navigation_starts_a_sign_in),
        cmocka_unit_test(cb_05_prefetches_are_recognized),
        cmocka_unit_test(lout_01_a_form_is_ours_when_every_sign_says_so),
        cmocka_unit_test(sess_03_a_cookie_that_is_there_twice_is_nobodys),
        cmocka_unit_test(sess_04_any_other_shape_is_nobodys_without_a_look_up),
        cmocka_unit_test(sess_08_a_ninth_sign_in_takes_the_place_of_the_oldest),
        cmocka_unit_test(
            sess_03_a_sign_in_cookie_that_is_there_twice_counts_not_at_all),
        cmocka_unit_test(sess_08_a_flood_of_sign_in_cookies_is_bounded),
        cmocka_unit_test(gw_12_an_address_has_its_bucket_and_all_have_one),
        cmocka_unit_test(gw_12_a_flood_of_addresses_gains_nothing),
        cmocka_unit_test(gw_04_a_path_has_one_reading_or_is_refused),
        cmocka_unit_test(gw_04_encoded_separators_never_reach_a_route),
        cmocka_unit_test(gw_05_query_and_fragment_choose_no_route),
    };

    return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
