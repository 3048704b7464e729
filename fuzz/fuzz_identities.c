/* SPDX-License-Identifier: MIT */
/*
 * The Management API's answer to a link and to an unlink (wire §22): the first byte
 * chooses the status, the rest is the body. A list can not bear out both that an
 * identity is there and that it is not, and nothing but a success says that it changed.
 */
#include "fuzz.h"

#include "auth0/identities.h"

static a0_http_response *
response_of(int status, a0__text body)
{
    static const char name[] = "Content-Type";
    static const char type[] = "application/json; charset=utf-8";
    a0_http_response *response = a0_http_response_new();

    FUZZ_CHECK(response != NULL);
    a0_http_response_set_status(response, status);
    FUZZ_CHECK(a0_http_response_add_header(response, name, sizeof name - 1, type,
                                           sizeof type - 1) == A0_OK);
    FUZZ_CHECK(a0_http_response_add_body(response, body.ptr, body.len, SIZE_MAX) ==
               A0_OK);
    return response;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 201, 204, 302, 400, 401,
                                    403, 404, 409, 429, 500, 503 };
    static const a0_identity identity = { "google-oauth2", "google-oauth2", "1000" };
    a0__text body = a0__text_range((const char *)data, size);
    size_t first = size > 0 ? data[0] % (sizeof statuses / sizeof statuses[0]) : 0;
    A0_AUTO(a0__http_response_ptr)
    response = response_of(statuses[first], a0__text_from(body, size > 0 ? 1 : 0));
    a0__identities_outcome there = a0__identities_response(response, &identity, true);
    a0__identities_outcome gone = a0__identities_response(response, &identity, false);

    FUZZ_CHECK(there != A0__IDENTITIES_CHANGED || gone != A0__IDENTITIES_CHANGED);
    FUZZ_CHECK((there != A0__IDENTITIES_CHANGED && gone != A0__IDENTITIES_CHANGED) ||
               statuses[first] < 300);
    FUZZ_CHECK((there == A0__IDENTITIES_REFUSED) == (gone == A0__IDENTITIES_REFUSED));
    return 0;
}
