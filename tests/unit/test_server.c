/* SPDX-License-Identifier: MIT */
/* src/server: pure parts, and the way of a request through a site. */
#include "support.h"

#include <string.h>

#include "server/address.h"
#include "server/html.h"
#include "server/listen.h"
#include "server/path.h"
#include "server/route.h"

/* ---- requests by hand ---- */

static a0__web_request
request_of(const char *method, const char *target)
{
    a0__web_request request = { .method = a0__text_of(method),
                                .target = a0__text_of(target),
                                .version = A0__LIT("HTTP/1.1") };

    memcpy(request.id, "test", sizeof "test");
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

static int
check(a0__web_request *request)
{
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);

    return a0__web_request_check(request, &space).status;
}

static int
check_with(const char *name, const char *value)
{
    a0__web_request request = request_of("POST", "/");

    add_header(&request, name, value);
    return check(&request);
}

static int
check_target(const char *target)
{
    a0__web_request request = request_of("GET", target);

    return check(&request);
}

/* ---- path ---- */

static void
path_has_one_canonical_form(void **state)
{
    static const char *const table[][2] = {
        { "/", "/" },
        { "/auth/login", "/auth/login" },
        { "/%61uth/l%6Fgin", "/auth/login" },
        { "/a%7eb", "/a~b" },
        { "/a%c3%a4", "/a%C3%A4" },
        { "/a%20b", "/a%20b" },
        { "/a%252fb", "/a%252fb" },
        { "/a/./b", "/a/b" },
        { "/a/../b", "/b" },
        { "/a/%2e%2E/b", "/b" },
        { "/a/.", "/a/" },
        { "/a/b/..", "/a/" },
        { "/..a/.b/c..", "/..a/.b/c.." },
        { "//a", "//a" },
        { "/a;x=y", "/a;x=y" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        A0_AUTO(a0__buf) once = A0__BUF_INIT(A0__PATH_MAX);
        A0_AUTO(a0__buf) twice = A0__BUF_INIT(A0__PATH_MAX);

        assert_true(a0__path_canonical(a0__text_of(table[i][0]), &once));
        assert_text(a0__buf_view(&once), table[i][1]);
        assert_true(a0__path_canonical(a0__buf_view(&once), &twice));
        assert_text(a0__buf_view(&twice), table[i][1]);
    }
}

static void
path_with_two_readings_is_refused(void **state)
{
    static const char *const table[] = {
        "",     "a",          "*",        "/a%2fb",    "/a%2Fb", "/a%5cb",    "/a\\b",
        "/..",  "/../a",      "/a/../..", "/%2e%2e/a", "/a%00",  "/a%0a",     "/a%7f",
        "/a%",  "/a%4",       "/a%zz",    "/a b",      "/a\tb",  "/\xc3\xa4", "/%c0%af",
        "/%ff", "/%ed%a0%80", "/a#b",     "/a?b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__PATH_MAX);

        if (a0__path_canonical(a0__text_of(table[i]), &out)) {
            fail_msg("accepted: %s", table[i]);
        }
    }
}

/* ---- request ---- */

static void
request_that_has_two_readings_is_refused(void **state)
{
    a0__web_request both = request_of("POST", "/");
    a0__web_request lengths = request_of("POST", "/");
    a0__web_request hosts = request_of("GET", "/");
    a0__web_request old = request_of("GET", "/");
    a0__web_request hostless = request_of("GET", "/");

    (void)state;
    add_header(&both, "Content-Length", "3");
    add_header(&both, "Transfer-Encoding", "chunked");
    assert_int_equal(check(&both), 400);
    add_header(&lengths, "Content-Length", "3");
    add_header(&lengths, "content-length", "3");
    assert_int_equal(check(&lengths), 400);
    add_header(&hosts, "host", "app.test");
    assert_int_equal(check(&hosts), 400);
    old.version = A0__LIT("");
    assert_int_equal(check(&old), 400);
    hostless.headers_len = 0;
    assert_int_equal(check(&hostless), 400);
    assert_int_equal(check_with("Content-Length", "+3"), 400);
    assert_int_equal(check_with("Content-Length", "3, 3"), 400);
    assert_int_equal(check_with("Content-Length", ""), 400);
    assert_int_equal(check_with("Transfer-Encoding", "xchunked"), 400);
    assert_int_equal(check_with("Transfer-Encoding", "chunked, identity"), 400);
    assert_int_equal(check_with("X Y", "1"), 400);
    assert_int_equal(check_with("X-Y ", "1"), 400);
    assert_int_equal(check_with("X-Y", "a\rb"), 400);
    assert_int_equal(check_with("Content-Length", "3"), 0);
    assert_int_equal(check_with("Transfer-Encoding", "Chunked"), 0);
}

static void
absolute_form_must_name_the_host(void **state)
{
    a0__web_request request = request_of("GET", "http://app.test/a?b");
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);

    (void)state;
    assert_int_equal(a0__web_request_check(&request, &space).status, 0);
    assert_text(request.path, "/a");
    assert_text(request.query, "b");
    assert_int_equal(check_target("http://other.test/a"), 400);
    assert_int_equal(check_target("http://app.test:81/a"), 400);
    assert_int_equal(check_target("http://u@app.test/a"), 400);
    assert_int_equal(check_target("https://app.test/a"), 400);
    assert_int_equal(check_target("http://app.test"), 400);
    assert_int_equal(check_target("*"), 400);
    assert_int_equal(check_target("/a#b"), 400);
}

static void
cookies_are_matched_by_their_exact_name(void **state)
{
    a0__web_request request = request_of("GET", "/");
    a0__text values[2] = { A0__NO_TEXT, A0__NO_TEXT };

    (void)state;
    add_header(&request, "Cookie", "xs=0; s=1;; s2=4; S=5;s");
    add_header(&request, "cookie", " s = \"2\" ; =3; s=3=3");
    assert_int_equal(a0__web_cookies(&request, "s", values, 2), 3);
    assert_text(values[0], "1");
    assert_text(values[1], "\"2\"");
    assert_int_equal(a0__web_cookies(&request, "t", values, 2), 0);
}

static void
html_is_wanted_only_by_who_says_so(void **state)
{
    a0__web_request request = request_of("GET", "/");

    (void)state;
    assert_false(a0__web_wants_html(&request));
    add_header(&request, "Accept", "*/*");
    assert_false(a0__web_wants_html(&request));
    request.headers[1].value = A0__LIT("application/json, text/html;q=0.9");
    assert_true(a0__web_wants_html(&request));
}

/* ---- response ---- */

static void
response_never_gets_a_second_line(void **state)
{
    a0__web_response response;

    (void)state;
    a0__web_response_init(&response);
    assert_string_equal(a0__web_response_header(&response, "cache-control"),
                        "no-store");
    a0__web_header_set(&response, "Cache-Control", A0__LIT("private"));
    assert_string_equal(a0__web_response_header(&response, "cache-control"), "private");
    a0__web_header_remove(&response, "referrer-policy");
    assert_null(a0__web_response_header(&response, "Referrer-Policy"));
    assert_true(a0__web_response_ok(&response));
    a0__web_header_add(&response, "X-Name", A0__LIT("a\r\nSet-Cookie: b"));
    assert_false(a0__web_response_ok(&response));
    a0__web_response_clear(&response);
}

static void
cookie_that_is_set_is_never_cached(void **state)
{
    a0__web_response response;
    const a0__web_cookie cookie = {
        .name = "__Host-s", .value = A0__LIT("v"), .max_age_s = 60, .secure = true
    };

    (void)state;
    a0__web_response_init(&response);
    a0__web_header_set(&response, "Cache-Control", A0__LIT("public, max-age=60"));
    a0__web_cookie_set(&response, &cookie);
    assert_string_equal(a0__web_response_header(&response, "Set-Cookie"),
                        "__Host-s=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; "
                        "Secure");
    assert_string_equal(a0__web_response_header(&response, "Cache-Control"),
                        "private, no-store");
    a0__web_response_clear(&response);
}

/* ---- routes ---- */

static void
say_ok(void *self, a0__web_request *request, a0__web_response *response)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(64);

    (void)self;
    if (a0__web_param(request, "id", &id)) {
        a0__web_body_text(response, "text/plain", a0__buf_view(&id));
    }
}

static void
say_something_unsendable(void *self, a0__web_request *request,
                         a0__web_response *response)
{
    (void)self;
    (void)request;
    a0__web_header_add(response, "X", A0__LIT("\n"));
}

static const a0__web_route test_routes[] = {
    { .method = "GET", .path = "/", .handle = say_ok },
    { .method = "GET", .path = "/users/{id}", .handle = say_ok },
    { .method = "DELETE", .path = "/users/{id}", .handle = say_ok },
    { .method = "POST",
      .path = "/form",
      .handle = say_ok,
      .body = A0__WEB_FORM,
      .body_max = 10 },
    { .method = "GET", .path = "/bad", .handle = say_something_unsendable },
};

static const a0__web_site test_site = {
    .routes = test_routes, .routes_len = sizeof test_routes / sizeof test_routes[0]
};

static int
serve(a0__web_request *request, a0__web_response *response)
{
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);

    a0__web_response_init(response);
    assert_int_equal(a0__web_request_check(request, &space).status, 0);
    a0__web_serve(&test_site, request, response);
    return response->status;
}

static int
serve_target(const char *method, const char *target)
{
    a0__web_request request = request_of(method, target);
    a0__web_response response;
    int status = serve(&request, &response);

    a0__web_response_clear(&response);
    return status;
}

static void
route_is_found_by_its_exact_canonical_path(void **state)
{
    a0__web_request request = request_of("GET", "/users/auth0%7C1%20a");
    a0__web_response response;

    (void)state;
    assert_int_equal(serve(&request, &response), 200);
    assert_text(a0__buf_view(&response.body), "auth0|1 a");
    a0__web_response_clear(&response);
    assert_int_equal(serve_target("GET", "/"), 200);
    assert_int_equal(serve_target("GET", "//"), 404);
    assert_int_equal(serve_target("GET", "/users"), 404);
    assert_int_equal(serve_target("GET", "/users/"), 404);
    assert_int_equal(serve_target("GET", "/users/1/"), 404);
    assert_int_equal(serve_target("GET", "/Users/1"), 404);
    assert_int_equal(serve_target("GET", "/users/../users/1"), 200);
    assert_int_equal(serve_target("GET", "/users;a/1"), 404);
    assert_int_equal(serve_target("get", "/"), 405);
}

static void
wrong_method_is_told_the_right_ones(void **state)
{
    a0__web_request request = request_of("PUT", "/users/1");
    a0__web_response response;

    (void)state;
    assert_int_equal(serve(&request, &response), 405);
    assert_string_equal(a0__web_response_header(&response, "Allow"), "GET, DELETE");
    a0__web_response_clear(&response);
}

static int
serve_body(const char *method, const char *target, const char *type, const char *length)
{
    a0__web_request request = request_of(method, target);
    a0__web_response response;
    int status = 0;

    add_header(&request, "Content-Length", length);
    add_header(&request, "Content-Type", type);
    status = serve(&request, &response);
    if (status != 200) {
        assert_true(response.close);
    }
    a0__web_response_clear(&response);
    return status;
}

static void
body_is_taken_only_where_it_is_expected(void **state)
{
    static const char form[] = "application/x-www-form-urlencoded; charset=utf-8";

    (void)state;
    assert_int_equal(serve_body("GET", "/", form, "1"), 400);
    assert_int_equal(serve_body("GET", "/", form, "0"), 200);
    assert_int_equal(serve_body("POST", "/form", form, "10"), 200);
    assert_int_equal(serve_body("POST", "/form", form, "11"), 413);
    assert_int_equal(serve_body("POST", "/form", "text/plain", "1"), 415);
    assert_int_equal(serve_body("POST", "/nowhere", form, "1"), 404);
}

static void
response_that_can_not_be_sent_is_a_plain_500(void **state)
{
    a0__web_request request = request_of("GET", "/bad");
    a0__web_response response;

    (void)state;
    assert_int_equal(serve(&request, &response), 500);
    assert_true(a0__web_response_ok(&response));
    assert_null(a0__web_response_header(&response, "X"));
    a0__web_response_clear(&response);
}

/* ---- addresses ---- */

static bool
contains(const char *network_text, const char *address_text)
{
    a0__network network;
    a0__address address;

    assert_true(a0__network_parse(a0__text_of(network_text), &network));
    assert_true(a0__address_parse(a0__text_of(address_text), &address));
    return a0__network_contains(&network, &address);
}

static void
mapped_address_is_the_ipv4_address(void **state)
{
    (void)state;
    assert_true(contains("10.0.0.0/8", "10.1.2.3"));
    assert_true(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    assert_false(contains("10.0.0.0/8", "11.0.0.0"));
    assert_true(contains("192.0.2.7", "192.0.2.7"));
    assert_false(contains("192.0.2.6/31", "192.0.2.8"));
    assert_true(contains("2001:db8::/33", "[2001:db8:7fff::1]"));
    assert_false(contains("2001:db8::/33", "2001:db8:8000::1"));
}

static void
network_with_host_bits_is_refused(void **state)
{
    static const char *const bad[] = {
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "",
        "/8",         "a",           "::1/-1",   "1.2.3.4 "
    };
    a0__network network;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(a0__network_parse(a0__text_of(bad[i]), &network));
    }
}

static uint64_t
bucket(const char *text)
{
    a0__address address;

    assert_true(a0__address_parse(a0__text_of(text), &address));
    return a0__address_bucket(&address);
}

static void
addresses_of_one_64_share_a_bucket(void **state)
{
    (void)state;
    assert_true(bucket("2001:db8::1") == bucket("2001:db8::ffff:1"));
    assert_true(bucket("2001:db8::1") != bucket("2001:db8:0:1::1"));
    assert_true(bucket("192.0.2.1") != bucket("192.0.2.2"));
}

/* A port out of range must not become one that the system chooses. */
static void
address_to_listen_on_is_refused_before_a_socket_opens(void **state)
{
    static const char *const bad[] = { "127.0.0.1:65536", "127.0.0.1:",     "127.0.0.1",
                                       "127.0.0.1:-1",    "app.example:80", ":80",
                                       "localhost",       "unix:",          "" };
    static const char *const good[] = { "127.0.0.1:0", "[::1]:80", "localhost:65535",
                                        "unix:/run/a0.sock" };
    a0__listen_sockets sockets;
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(a0__listen_is_address(bad[i]));
        assert_fails(a0__listen_open(bad[i], 0, &sockets, &err), &err, gw_start_failed);
        assert_int_equal(sockets.len, 0);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(a0__listen_is_address(good[i]));
    }
}

static void
html_text_ends_neither_element_nor_attribute(void **state)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(256);

    (void)state;
    a0__html_escape(A0__LIT("a<b>&\"c'\xc3\xa9"), &out);
    assert_string_equal(a0__buf_cstr(&out), "a&lt;b&gt;&amp;&quot;c&#39;\xc3\xa9");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_has_one_canonical_form),
        cmocka_unit_test(path_with_two_readings_is_refused),
        cmocka_unit_test(request_that_has_two_readings_is_refused),
        cmocka_unit_test(absolute_form_must_name_the_host),
        cmocka_unit_test(cookies_are_matched_by_their_exact_name),
        cmocka_unit_test(html_is_wanted_only_by_who_says_so),
        cmocka_unit_test(response_never_gets_a_second_line),
        cmocka_unit_test(cookie_that_is_set_is_never_cached),
        cmocka_unit_test(route_is_found_by_its_exact_canonical_path),
        cmocka_unit_test(wrong_method_is_told_the_right_ones),
        cmocka_unit_test(body_is_taken_only_where_it_is_expected),
        cmocka_unit_test(response_that_can_not_be_sent_is_a_plain_500),
        cmocka_unit_test(mapped_address_is_the_ipv4_address),
        cmocka_unit_test(network_with_host_bits_is_refused),
        cmocka_unit_test(addresses_of_one_64_share_a_bucket),
        cmocka_unit_test(address_to_listen_on_is_refused_before_a_socket_opens),
        cmocka_unit_test(html_text_ends_neither_element_nor_attribute),
    };

    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
