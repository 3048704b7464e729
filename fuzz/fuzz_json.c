/* SPDX-License-Identifier: MIT */
/*
 * The JSON reader [MEM-03]: the same verdict and value as jansson's own reader, but for
 * our limits; and what it accepts, written and read again, is the same.
 */
#include <jansson.h>
#include <string.h>

#include "fuzz.h"

#include "json/json.h"

static a0__json *
parse(a0__text text)
{
    a0__json *doc = NULL;

    FUZZ_CHECK(a0__json_parse(text, &doc, NULL) == A0_OK);
    return doc;
}

/* The limits, counted on the tree that the other reader made. */
typedef struct size_of {
    size_t depth;
    size_t members;
} size_of;

static size_of
measure(json_t *node)
{
    size_of all = { 0, 0 };
    size_t i = 0;
    const char *key = NULL;
    json_t *child = NULL;

    if (json_is_object(node)) {
        json_object_foreach(node, key, child)
        {
            size_of one = measure(child);

            all.depth = one.depth > all.depth ? one.depth : all.depth;
            all.members += one.members + 1;
        }
    } else {
        json_array_foreach(node, i, child)
        {
            size_of one = measure(child);

            all.depth = one.depth > all.depth ? one.depth : all.depth;
            all.members += one.members + 1;
        }
    }
    all.depth += json_is_object(node) || json_is_array(node) ? 1 : 0;
    return all;
}

static bool
has_long_number(a0__text text)
{
    size_t run = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        }
        run = !in_string && strchr("0123456789+-.eE", c) != NULL ? run + 1 : 0;
        if (run > A0__JSON_NUMBER_MAX) {
            return true;
        }
    }
    return false;
}

/* Our reader against jansson's: one verdict, but for our limits, and one value. */
static void
check_verdict(a0__text text, const a0__json *ours)
{
    json_t *theirs =
        json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    size_of size = measure(theirs);
    /* jansson takes a number for complete when a NUL follows it. */
    bool has_nul = a0__text_contains_byte(text, '\0');
    bool within = size.depth <= A0__JSON_DEPTH_MAX &&
                  size.members <= A0__JSON_MEMBERS_MAX && !has_long_number(text) &&
                  !has_nul;

    FUZZ_CHECK((ours != NULL) == (theirs != NULL && within));
    if (ours != NULL) {
        FUZZ_CHECK(json_equal((const json_t *)(const void *)ours, theirs));
    }
    json_decref(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__buf) once = A0__BUF_INIT(SIZE_MAX / 2);
    A0_AUTO(a0__buf) twice = A0__BUF_INIT(SIZE_MAX / 2);
    A0_AUTO(a0__json_doc) doc = parse(a0__text_range((const char *)data, size));
    A0_AUTO(a0__json_doc) again = NULL;
    int64_t number = 0;

    check_verdict(a0__text_range((const char *)data, size), doc);
    if (doc == NULL) {
        return 0;
    }
    FUZZ_CHECK(a0__json_write(doc, &once, NULL) == A0_OK);
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
