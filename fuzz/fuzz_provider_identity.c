/* SPDX-License-Identifier: MIT */
/*
 * What a provider, and the tenant's log, say about a connected account [CONN-12]: the
 * first byte chooses the reader.
 */
#include "fuzz.h"

#include "auth0/provider_identity.h"

static a0_http_response *
response_of(a0__text body)
{
    static const char name[] = "Content-Type";
    static const char type[] = "application/json";
    a0_http_response *response = a0_http_response_new();

    FUZZ_CHECK(response != NULL);
    a0_http_response_set_status(response, 200);
    FUZZ_CHECK(a0_http_response_add_header(response, name, sizeof name - 1, type,
                                           sizeof type - 1) == A0_OK);
    FUZZ_CHECK(a0_http_response_add_body(response, body.ptr, body.len, SIZE_MAX) ==
               A0_OK);
    return response;
}

static void
check_email(const a0__provider_identity *identity)
{
    a0__text email = a0__buf_view(&identity->email);

    FUZZ_CHECK(email.len <= A0__PROVIDER_EMAIL_MAX);
    FUZZ_CHECK(email.len == 0 ||
               (a0__text_contains_byte(email, '@') && a0__text_has_no_controls(email)));
    FUZZ_CHECK(!identity->email_verified || email.len > 0);
}

static void
read_answer(char kind, a0__text body)
{
    A0_AUTO(a0__provider_identity) identity = A0__PROVIDER_IDENTITY_INIT;
    A0_AUTO(a0__http_response_ptr) response = response_of(body);
    const a0__identity_source source = { .emails_url = kind == 'g' ? "x" : NULL,
                                         .subject = kind == 'g' ? "id" : "sub" };

    if (kind == 'e') {
        a0__ignore(a0__identity_emails_response(response, &identity, NULL));
    } else if (a0__identity_response(&source, response, &identity, NULL) == A0_OK) {
        a0__text subject = a0__buf_view(&identity.subject);

        FUZZ_CHECK(subject.len > 0 && subject.len <= A0__SUBJECT_MAX);
        FUZZ_CHECK(a0__text_has_no_controls(subject));
        FUZZ_CHECK(kind != 'g' || identity.email.len == 0);
    }
    check_email(&identity);
}

static void
read_log(a0__text body)
{
    A0_AUTO(a0__json_doc) events = NULL;

    a0__ignore(a0__json_parse(body, &events, NULL));
    FUZZ_CHECK(a0__connect_log_find(events, A0__LIT("cac_2")).len <= body.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    a0__text body = a0__text_range((const char *)data, size);
    char kind = size > 0 ? body.ptr[0] : 'o';

    body = a0__text_from(body, size > 0 ? 1 : 0);
    if (kind == 'l') {
        read_log(body);
    } else {
        read_answer(kind, body);
    }
    return 0;
}
