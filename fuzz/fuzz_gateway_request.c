/* SPDX-License-Identifier: MIT */
/*
 * A request as the HTTP library hands it over [MEM-05]: first line, header lines, an
 * empty line, a body. What is accepted has one route, one length, one host, and a path
 * that is canonical; no answer carries a byte that is no header.
 */
#include "fuzz.h"

#include "forwarded.h"
#include "navigation.h"
#include "server/path.h"
#include "server/route.h"
#include "web_request.h"

static void
read_everything(void *self, a0__web_request *request, a0__web_response *response)
{
    static gateway_networks nobody = { 0 };
    A0_AUTO(a0__params) query = A0__PARAMS_INIT;
    A0_AUTO(a0__params) form = A0__PARAMS_INIT;
    A0_AUTO(a0__buf) name = A0__BUF_INIT(A0__PATH_MAX);
    gateway_origin origin = { .text = (char[]){ "https://app.test" } };
    bool valid = false;

    (void)self;
    FUZZ_CHECK(a0__web_query(request, &query, &valid, NULL) == A0_OK);
    FUZZ_CHECK(a0__web_form(request, &form, &valid, NULL) == A0_OK);
    if (a0__web_param(request, "name", &name)) {
        a0__web_header_set(response, "X-Name", a0__buf_view(&name));
    }
    (void)gateway_client_address(&nobody, request);
    (void)gateway_is_navigation(request);
    (void)gateway_is_prefetch(request);
    (void)gateway_is_same_origin(request, &origin);
    (void)a0__web_wants_html(request);
}

static const a0__web_route routes[] = {
    { .method = "GET",
      .path = "/auth/verify",
      .handle = read_everything,
      .bare = true },
    { .method = "GET", .path = "/", .handle = read_everything },
    { .method = "POST",
      .path = "/auth/logout",
      .handle = read_everything,
      .body = A0__WEB_FORM_OR_JSON },
    { .method = "DELETE", .path = "/auth/{name}", .handle = read_everything },
};
static const a0__web_site site = { .routes = routes,
                                   .routes_len = sizeof routes / sizeof routes[0] };

static void
check_accepted(const a0__web_request *request)
{
    A0_AUTO(a0__buf) again = A0__BUF_INIT(A0__PATH_MAX);
    size_t lengths = 0;
    size_t encodings = 0;
    size_t hosts = 0;

    (void)a0__web_header_get(request, "content-length", &lengths);
    (void)a0__web_header_get(request, "transfer-encoding", &encodings);
    (void)a0__web_header_get(request, "host", &hosts);
    FUZZ_CHECK(lengths + encodings <= 1 && hosts <= 1);
    FUZZ_CHECK(a0__path_canonical(request->path, &again));
    FUZZ_CHECK(a0__text_equal(a0__buf_view(&again), request->path));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static a0__web_request request;
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);
    a0__web_response response;

    fuzz_web_request(a0__text_range((const char *)data, size), &request);
    if (a0__web_request_check(&request, &space).status != 0) {
        return 0;
    }
    check_accepted(&request);
    a0__web_response_init(&response);
    a0__web_serve(&site, &request, &response);
    FUZZ_CHECK(a0__web_response_ok(&response));
    FUZZ_CHECK(response.status != 200 || request.route != NULL);
    a0__web_response_clear(&response);
    return 0;
}
