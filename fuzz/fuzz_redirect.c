/* SPDX-License-Identifier: MIT */
/*
 * Return targets [MEM-07, GW-09]: an accepted one keeps a browser at our origin or
 * takes it to the allowed one, and still does when somebody decodes it once too often.
 */
#include "fuzz.h"

#include "browser_url.h"
#include "redirect.h"

static bool
stays(a0__text reference)
{
    A0_AUTO(a0__buf) origin = A0__BUF_INIT(SIZE_MAX / 2);

    browser_url_origin(reference, "app.test", &origin);
    return a0__text_is(a0__buf_view(&origin), "https://app.test:443") ||
           a0__text_is(a0__buf_view(&origin), "https://ok.test:8443");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    a0__text target = a0__text_range((const char *)data, size);
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    gateway_origins allowed = { 0 };
    bool valid = false;

    FUZZ_CHECK(gateway_origins_add(&allowed, A0__LIT("https://ok.test:8443"), &valid,
                                   NULL) == A0_OK &&
               valid);
    if (gateway_redirect_is_allowed(target, &allowed)) {
        FUZZ_CHECK(stays(target));
        if (target.ptr[0] == '/' && a0__percent_decode(target, false, &decoded)) {
            FUZZ_CHECK(stays(a0__buf_view(&decoded)));
        }
    }
    gateway_origins_clear(&allowed);
    return 0;
}
