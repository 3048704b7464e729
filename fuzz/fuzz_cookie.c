/* SPDX-License-Identifier: MIT */
/*
 * The Cookie header [MEM-06]: an id has the shape of one, one name has one value, and
 * the sign-ins of a browser are bounded and in the order of their age.
 */
#include <string.h>

#include "fuzz.h"

#include "cookies.h"

static void
check_id(const char *id)
{
    FUZZ_CHECK(strlen(id) == A0_SESSION_ID_LEN);
    FUZZ_CHECK(strspn(id,
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                      "-_") == A0_SESSION_ID_LEN);
}

static void
check_sign_ins(const a0__web_request *request)
{
    sign_in_cookies held;

    cookie_sign_ins(request, &cookie_style_host, &held);
    FUZZ_CHECK(held.len <= SIGN_IN_COOKIES_SEEN_MAX);
    for (size_t i = 0; i < held.len; i++) {
        check_id(held.items[i].id);
        FUZZ_CHECK(i == 0 || held.items[i - 1].started_at <= held.items[i].started_at);
        for (size_t j = 0; j < i; j++) {
            FUZZ_CHECK(!a0__text_equal(held.items[j].name, held.items[i].name));
        }
    }
}

/* The input is one header, or two when it holds a newline. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    a0__text rest = a0__text_range((const char *)data, size);
    a0__web_request request = { .headers_len = 0 };
    a0__text line = A0__NO_TEXT;
    a0__text value = A0__NO_TEXT;
    char id[A0_SESSION_ID_LEN + 1];
    size_t count = 0;

    while (request.headers_len < 2 && a0__text_next(&rest, '\n', &line)) {
        request.headers[request.headers_len] =
            (a0__web_header){ A0__LIT("Cookie"), line };
        request.headers_len++;
    }
    count = a0__web_cookies(&request, cookie_style_host.session_name, &value, 1);
    switch (cookie_session(&request, &cookie_style_host, id)) {
    case COOKIE_NONE:
        FUZZ_CHECK(count <= 1);
        break;
    case COOKIE_ONE:
        FUZZ_CHECK(count == 1 && a0__text_is(value, id));
        check_id(id);
        break;
    case COOKIE_AMBIGUOUS:
        FUZZ_CHECK(count > 1);
        break;
    }
    check_sign_ins(&request);
    return 0;
}
