/* SPDX-License-Identifier: MIT */
/*
 * The path canonicaliser [MEM-07]: what it gives is canonical already, holds nothing
 * that two readers could take differently, and no dot segment.
 */
#include "fuzz.h"

#include "base/url.h"
#include "server/path.h"

static void
check_segments(a0__text path)
{
    a0__text segment = A0__NO_TEXT;

    FUZZ_CHECK(path.len > 0 && path.ptr[0] == '/');
    while (a0__text_next(&path, '/', &segment)) {
        FUZZ_CHECK(!a0__text_is(segment, ".") && !a0__text_is(segment, ".."));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__buf) once = A0__BUF_INIT(A0__PATH_MAX);
    A0_AUTO(a0__buf) twice = A0__BUF_INIT(A0__PATH_MAX);
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(A0__PATH_MAX);

    if (!a0__path_canonical(a0__text_range((const char *)data, size), &once)) {
        return 0;
    }
    FUZZ_CHECK(a0__path_canonical(a0__buf_view(&once), &twice));
    FUZZ_CHECK(a0__text_equal(a0__buf_view(&once), a0__buf_view(&twice)));
    check_segments(a0__buf_view(&once));
    FUZZ_CHECK(a0__text_is_visible_ascii(a0__buf_view(&once)));
    FUZZ_CHECK(a0__percent_decode(a0__buf_view(&once), false, &decoded));
    FUZZ_CHECK(a0__text_is_utf8(a0__buf_view(&decoded)));
    FUZZ_CHECK(a0__text_has_no_controls(a0__buf_view(&decoded)));
    FUZZ_CHECK(!a0__text_contains_byte(a0__buf_view(&decoded), '\\'));
    return 0;
}
