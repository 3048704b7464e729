/* SPDX-License-Identifier: MIT */
#include "fake_provider.h"

#include <string.h>

#include "base/text.h"
#include "support.h"

static void
note(fake_provider *p, const scripted_request *request)
{
    const char *start = strstr(request->headers, "Authorization: ");
    const char *end = start != NULL ? strchr(start, '\n') : NULL;

    assert_non_null(end);
    start += strlen("Authorization: ");
    assert_true((size_t)(end - start) < sizeof p->authorization);
    memcpy(p->authorization, start, (size_t)(end - start));
    p->authorization[end - start] = '\0';
    assert_true(strlen(request->url) < sizeof p->url);
    memcpy(p->url, request->url, strlen(request->url) + 1);
}

void
fake_provider_answer(fake_provider *p, const scripted_request *request,
                     a0_http_exchange *exchange)
{
    bool wants_emails =
        a0__text_ends_with(a0__text_of(request->url), A0__LIT("/emails"));

    p->calls++;
    if (!wants_emails) {
        note(p, request);
    }
    if (p->network_error != 0) {
        scripted_respond_error(exchange, p->network_error, true);
        return;
    }
    scripted_respond(exchange, p->status, p->content_type,
                     wants_emails ? p->emails : p->body);
}
