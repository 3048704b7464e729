/* SPDX-License-Identifier: MIT */
/*
 * Metadata of two accounts, an array of the primary's and the secondary's, through the
 * merge and back. Merging twice is merging once, and what is undone at once is as it
 * was before, as Auth0 carries a PATCH out [LINK-16].
 */
#include "fuzz.h"

#include "link/merge.h"
#include "metadata_patch.h"

enum {
    TEXT_MAX = 4 * 1024 * 1024
};

static a0__json *
parse(const a0__buf *text)
{
    a0__json *document = NULL;

    FUZZ_CHECK(a0__json_parse_deep(a0__buf_view(text), &document, NULL) == A0_OK);
    FUZZ_CHECK(document != NULL && a0__json_is_object(document));
    return document;
}

static a0__json *
patched(const a0__json *now, const a0__json *patch)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(TEXT_MAX);
    a0__json_writer w = a0__json_writer_on(&text);

    metadata_patch_write(&w, now, patch);
    return parse(&text);
}

/* ---- oracles ---- */

static a0__json *
merge_patch(const a0__json *primary, const a0__json *secondary)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(TEXT_MAX);
    bool valid = false;

    FUZZ_CHECK(a0__merge_patch(primary, secondary, (a0__merge_keys){ .len = 0 }, &text,
                               &valid, NULL) == A0_OK);
    return valid ? parse(&text) : NULL;
}

/* Every member of one is that of the other, to the letter. */
static bool
is_same_member(void *self, a0__text name, const a0__json *value)
{
    const a0__json *other = a0__json_member(self, name.ptr);
    A0_AUTO(a0__buf) a = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__buf) b = A0__BUF_INIT(TEXT_MAX);

    FUZZ_CHECK(other != NULL);
    FUZZ_CHECK(a0__json_write(value, &a, NULL) == A0_OK);
    FUZZ_CHECK(a0__json_write(other, &b, NULL) == A0_OK);
    FUZZ_CHECK(a0__text_equal(a0__buf_view(&a), a0__buf_view(&b)));
    return true;
}

static void
check_undo(const a0__json *before, const a0__json *patch, const a0__json *now)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__json_doc) undo = NULL;
    A0_AUTO(a0__json_doc) after = NULL;

    FUZZ_CHECK(a0__merge_undo_patch(before, patch, now, &text, NULL) == A0_OK);
    undo = parse(&text);
    after = patched(now, undo);
    FUZZ_CHECK(a0__json_len(after) == a0__json_len(before));
    a0__json_each(before, is_same_member, after);
}

static bool
is_null(void *self, a0__text name, const a0__json *value)
{
    bool *found = self;

    (void)name;
    *found = a0__json_type_of(value) == A0__JSON_NULL;
    return !*found;
}

/* Auth0 keeps no null at the top level, so none is there to be given back. */
static bool
is_metadata(const a0__json *node)
{
    bool has_null = false;

    if (!a0__json_is_object(node)) {
        return false;
    }
    a0__json_each(node, is_null, &has_null);
    return !has_null;
}

static void
check(const a0__json *primary, const a0__json *secondary)
{
    A0_AUTO(a0__json_doc) patch = merge_patch(primary, secondary);
    A0_AUTO(a0__json_doc) now = NULL;
    A0_AUTO(a0__json_doc) again = NULL;

    if (patch == NULL || !is_metadata(primary) || !is_metadata(secondary)) {
        return;
    }
    now = patched(primary, patch);
    again = merge_patch(now, secondary);
    FUZZ_CHECK(again != NULL && a0__json_len(again) == 0);
    check_undo(primary, patch, now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__json_doc) both = NULL;

    if (a0__json_parse_deep(a0__text_range((const char *)data, size), &both, NULL) ==
            A0_OK &&
        a0__json_is_array(both) && a0__json_len(both) == 2) {
        check(a0__json_at(both, 0), a0__json_at(both, 1));
    }
    return 0;
}
