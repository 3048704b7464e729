/* SPDX-License-Identifier: MIT */
/*
 * The reader of queries and form bodies [CB-11, MEM-03]: what it accepts is UTF-8
 * without NUL, and what the writer makes of it reads back the same.
 */
#include "fuzz.h"

#include "base/url.h"

enum {
    PAIRS_MAX = 64
};

static bool
parse(a0__text text, a0__params *out)
{
    bool is_valid = false;

    FUZZ_CHECK(a0__params_parse(text, PAIRS_MAX, out, &is_valid, NULL) == A0_OK);
    return is_valid;
}

static void
check_text(a0__text text)
{
    FUZZ_CHECK(a0__text_is_utf8(text) && !a0__text_contains_byte(text, '\0'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    A0_AUTO(a0__params) again = A0__PARAMS_INIT;
    A0_AUTO(a0__form) form = A0__FORM_INIT(SIZE_MAX / 2);

    if (!parse(a0__text_range((const char *)data, size), &params)) {
        return 0;
    }
    FUZZ_CHECK(params.len <= PAIRS_MAX);
    for (size_t i = 0; i < params.len; i++) {
        check_text(a0__text_range(params.pairs[i].name, params.pairs[i].name_len));
        check_text(a0__text_range(params.pairs[i].value, params.pairs[i].value_len));
        a0__form_add(&form, params.pairs[i].name,
                     a0__text_range(params.pairs[i].value, params.pairs[i].value_len));
    }
    FUZZ_CHECK(parse(a0__buf_view(&form.text), &again));
    FUZZ_CHECK(again.len == params.len);
    for (size_t i = 0; i < params.len; i++) {
        const struct a0__param_pair *a = &params.pairs[i];
        const struct a0__param_pair *b = &again.pairs[i];

        FUZZ_CHECK(a0__text_equal(a0__text_range(a->name, a->name_len),
                                  a0__text_range(b->name, b->name_len)));
        FUZZ_CHECK(a0__text_equal(a0__text_range(a->value, a->value_len),
                                  a0__text_range(b->value, b->value_len)));
    }
    return 0;
}
