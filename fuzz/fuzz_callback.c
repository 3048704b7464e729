/* SPDX-License-Identifier: MIT */
/*
 * The reader of the callback [CB-06, CB-11]: what it accepts has one state and one
 * outcome, whichever way it is asked.
 */
#include "fuzz.h"

#include "oauth/callback.h"

static void
check_once(const a0__callback *callback, const char *name)
{
    size_t count = 0;

    (void)a0__params_get(&callback->params, name, &count);
    FUZZ_CHECK(count <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
    a0__text text = a0__text_range((const char *)data, size);
    a0__text code = A0__NO_TEXT;
    a0__text connect_code = A0__NO_TEXT;
    bool is_code = false;
    bool is_connect_code = false;

    if (a0__callback_parse(text, &callback, NULL) != A0_OK) {
        FUZZ_CHECK(callback.params.len == 0);
        return 0;
    }
    FUZZ_CHECK(callback.state.len > 0);
    check_once(&callback, "state");
    check_once(&callback, "code");
    check_once(&callback, "connect_code");
    check_once(&callback, "error");
    check_once(&callback, "iss");
    is_code =
        a0__callback_take_code(&callback, A0__CALLBACK_CODE, &code, NULL) == A0_OK;
    is_connect_code = a0__callback_take_code(&callback, A0__CALLBACK_CONNECT_CODE,
                                             &connect_code, NULL) == A0_OK;
    FUZZ_CHECK(!(is_code && is_connect_code));
    FUZZ_CHECK(!is_code || (code.len > 0 && code.len <= A0__CODE_MAX));
    FUZZ_CHECK(callback.error.len == 0 || (!is_code && !is_connect_code));
    FUZZ_CHECK(a0__callback_error_for_log(&callback) != NULL);
    return 0;
}
