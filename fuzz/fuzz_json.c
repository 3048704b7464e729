/* SPDX-License-Identifier: MIT */
/*
 * The JSON reader [MEM-03]: what it accepts, written and read again, is the same, and
 * within the limits.
 */
#include "fuzz.h"

#include "json/json.h"

static a0__json *
parse(a0__text text)
{
    a0__json *doc = NULL;

    FUZZ_CHECK(a0__json_parse(text, &doc, NULL) == A0_OK);
    return doc;
}

static size_t
depth_of(a0__text text)
{
    size_t depth = 0;
    size_t deepest = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        if (in_string && text.ptr[i] == '\\') {
            i++;
        } else if (text.ptr[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && (text.ptr[i] == '{' || text.ptr[i] == '[')) {
            deepest = ++depth > deepest ? depth : deepest;
        } else if (!in_string && (text.ptr[i] == '}' || text.ptr[i] == ']')) {
            depth--;
        }
    }
    return deepest;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__buf) once = A0__BUF_INIT(SIZE_MAX / 2);
    A0_AUTO(a0__buf) twice = A0__BUF_INIT(SIZE_MAX / 2);
    A0_AUTO(a0__json_doc) doc = parse(a0__text_range((const char *)data, size));
    A0_AUTO(a0__json_doc) again = NULL;
    int64_t number = 0;

    if (doc == NULL) {
        return 0;
    }
    FUZZ_CHECK(a0__text_is_utf8(a0__text_range((const char *)data, size)));
    FUZZ_CHECK(a0__json_write(doc, &once, NULL) == A0_OK);
    FUZZ_CHECK(depth_of(a0__buf_view(&once)) <= A0__JSON_DEPTH_MAX);
    /* Undefined casts of doubles are found here by UBSan. */
    (void)a0__json_number(doc, "exp", &number);
    again = parse(a0__buf_view(&once));
    if (again == NULL) {
        return 0; /* a number may be longer when written out */
    }
    FUZZ_CHECK(a0__json_write(again, &twice, NULL) == A0_OK);
    FUZZ_CHECK(a0__text_equal(a0__buf_view(&once), a0__buf_view(&twice)));
    return 0;
}
