/* SPDX-License-Identifier: MIT */
/* The APIs of providers that tell whose account a token is of: what is not the fake
 * tenant's is theirs. */
#ifndef A0_TESTS_FAKE_PROVIDER_H
#define A0_TESTS_FAKE_PROVIDER_H

#include "base/error.h"
#include "scripted_transport.h"

typedef struct fake_provider {
    int status;
    const char *content_type;
    const char *body;
    const char *emails;         /* of an address that ends with /emails */
    a0__error_id network_error; /* instead; 0: none */

    /* What was seen. */
    unsigned calls;
    char url[512]; /* of the last request but those for addresses */
    char authorization[128];
} fake_provider;

#define FAKE_PROVIDER_INIT                                                             \
    ((fake_provider){ .status = 200,                                                   \
                      .content_type = "application/json",                              \
                      .body = "{\"sub\":\"104\",\"email\":\"jo.private@gmail."         \
                              "example\",\"email_verified\":true}",                    \
                      .emails = "[]" })

void fake_provider_answer(fake_provider *provider, const scripted_request *request,
                          a0_http_exchange *exchange);

#endif
