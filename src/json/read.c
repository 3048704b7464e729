/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/secret.h"
#include "json/internal.h"

/* An a0__json is a json_t under another name: no third-party type leaves this folder.
 */
static const json_t *
in(const a0__json *node)
{
    return (const json_t *)(const void *)node;
}

static const a0__json *
out(const json_t *node)
{
    return (const a0__json *)(const void *)node;
}

static const a0__json_limits strict = { A0__JSON_DEPTH_MAX, A0__JSON_MEMBERS_MAX };
static const a0__json_limits large = { A0__JSON_DEPTH_MAX, SIZE_MAX };
static const a0__json_limits deep = { A0__JSON_DEEP_MAX, SIZE_MAX };

static a0_status
parse(a0__text text, a0__json_limits limits, a0__json **out_document, a0_error **err)
{
    bool no_memory = false;
    json_t *root = NULL;

    *out_document = NULL;
    if (text.len == 0) {
        return A0_OK;
    }
    root = a0__json_read(text, limits, &no_memory, NULL);
    A0_ENSURE(!no_memory, err, no_memory);
    *out_document = (a0__json *)(void *)root;
    return A0_OK;
}

a0_status
a0__json_parse(a0__text text, a0__json **out_document, a0_error **err)
{
    return parse(text, strict, out_document, err);
}

a0_status
a0__json_parse_large(a0__text text, a0__json **out_document, a0_error **err)
{
    return parse(text, large, out_document, err);
}

a0_status
a0__json_parse_deep(a0__text text, a0__json **out_document, a0_error **err)
{
    return parse(text, deep, out_document, err);
}

/* Lines are whole characters of UTF-8, so each can be asked alone. */
static size_t
line_that_is_no_utf8(a0__text text)
{
    a0__text line = A0__NO_TEXT;
    size_t number = 0;

    while (a0__text_next(&text, '\n', &line)) {
        number++;
        if (!a0__text_is_utf8(line)) {
            return number;
        }
    }
    return 0;
}

size_t
a0__json_line_of_fault(a0__text text)
{
    size_t line = line_that_is_no_utf8(text);
    bool no_memory = false;
    size_t read = 0;
    json_t *root = NULL;

    if (line > 0 || text.len == 0) {
        return line > 0 ? line : 1;
    }
    root = a0__json_read(text, large, &no_memory, &read);
    if (root != NULL) {
        a0__json_free((a0__json *)(void *)root);
        return 0;
    }
    line = 1;
    for (size_t i = 0; i < read; i++) {
        line += text.ptr[i] == '\n' ? 1 : 0;
    }
    return line;
}

/* Depth is bounded since it was read. */
static void
wipe_strings(json_t *node) /* NOLINT(misc-no-recursion) */
{
    const char *key = NULL;
    json_t *child = NULL;
    size_t i = 0;

    if (json_is_string(node)) {
        /* The string belongs to a document that is about to go: casting const away is
         * the only way to wipe it. */
        union {
            const char *shown;
            char *ours;
        } text = { json_string_value(node) };

        a0__wipe(text.ours, json_string_length(node));
    } else if (json_is_object(node)) {
        json_object_foreach(node, key, child)
        {
            wipe_strings(child);
        }
    } else if (json_is_array(node)) {
        json_array_foreach(node, i, child)
        {
            wipe_strings(child);
        }
    }
}

void
a0__json_free(a0__json *document)
{
    json_t *root = (json_t *)(void *)document;

    if (root != NULL) {
        wipe_strings(root);
        json_decref(root);
    }
}

void
a0__json_doc_auto(a0__json_doc *document)
{
    a0__json_free(*document);
    *document = NULL;
}

a0__json_type
a0__json_type_of(const a0__json *node)
{
    switch (json_typeof(in(node))) {
    case JSON_OBJECT:
        return A0__JSON_OBJECT;
    case JSON_ARRAY:
        return A0__JSON_ARRAY;
    case JSON_STRING:
        return A0__JSON_STRING;
    case JSON_INTEGER:
        return A0__JSON_INTEGER;
    case JSON_REAL:
        return A0__JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return A0__JSON_BOOL;
    case JSON_NULL:
        return A0__JSON_NULL;
    }
    return A0__JSON_NULL;
}

bool
a0__json_is_object(const a0__json *node)
{
    return json_is_object(in(node));
}

bool
a0__json_is_array(const a0__json *node)
{
    return json_is_array(in(node));
}

const a0__json *
a0__json_member(const a0__json *object, const char *name)
{
    return out(json_object_get(in(object), name));
}

a0__found
a0__json_text(const a0__json *object, const char *name, a0__text *out_text)
{
    const a0__json *node = a0__json_member(object, name);

    return node == NULL                       ? A0__ABSENT
           : a0__json_text_of(node, out_text) ? A0__FOUND
                                              : A0__MISTYPED;
}

a0__found
a0__json_i64(const a0__json *object, const char *name, int64_t *out_value)
{
    const a0__json *node = a0__json_member(object, name);

    return node == NULL                       ? A0__ABSENT
           : a0__json_i64_of(node, out_value) ? A0__FOUND
                                              : A0__MISTYPED;
}

a0__found
a0__json_number(const a0__json *object, const char *name, int64_t *out_value)
{
    const json_t *node = json_object_get(in(object), name);
    double value = 0;

    if (!json_is_real(node)) {
        return a0__json_i64(object, name, out_value);
    }
    value = floor(json_real_value(node));
    /* 2^53: beyond it a double no longer names one integer, and past 2^63 the cast
     * would be undefined [IDT-17]. */
    if (!(value >= -9007199254740992.0 && value <= 9007199254740992.0)) {
        return A0__MISTYPED;
    }
    *out_value = (int64_t)value;
    return A0__FOUND;
}

a0__found
a0__json_bool(const a0__json *object, const char *name, bool *out_value)
{
    const a0__json *node = a0__json_member(object, name);

    return node == NULL                        ? A0__ABSENT
           : a0__json_bool_of(node, out_value) ? A0__FOUND
                                               : A0__MISTYPED;
}

a0__found
a0__json_array(const a0__json *object, const char *name, const a0__json **out_node)
{
    const a0__json *node = a0__json_member(object, name);

    if (node == NULL) {
        return A0__ABSENT;
    }
    if (!a0__json_is_array(node)) {
        return A0__MISTYPED;
    }
    *out_node = node;
    return A0__FOUND;
}

a0__found
a0__json_object(const a0__json *object, const char *name, const a0__json **out_node)
{
    const a0__json *node = a0__json_member(object, name);

    if (node == NULL) {
        return A0__ABSENT;
    }
    if (!a0__json_is_object(node)) {
        return A0__MISTYPED;
    }
    *out_node = node;
    return A0__FOUND;
}

bool
a0__json_text_of(const a0__json *node, a0__text *out_text)
{
    if (!json_is_string(in(node))) {
        return false;
    }
    *out_text =
        a0__text_range(json_string_value(in(node)), json_string_length(in(node)));
    return true;
}

bool
a0__json_i64_of(const a0__json *node, int64_t *out_value)
{
    if (!json_is_integer(in(node))) {
        return false;
    }
    *out_value = json_integer_value(in(node));
    return true;
}

bool
a0__json_bool_of(const a0__json *node, bool *out_value)
{
    if (!json_is_boolean(in(node))) {
        return false;
    }
    *out_value = json_is_true(in(node));
    return true;
}

size_t
a0__json_len(const a0__json *array_or_object)
{
    return json_is_array(in(array_or_object)) ? json_array_size(in(array_or_object))
                                              : json_object_size(in(array_or_object));
}

const a0__json *
a0__json_at(const a0__json *array, size_t i)
{
    return out(json_array_get(in(array), i));
}

void
a0__json_each(const a0__json *object,
              bool (*each)(void *self, a0__text name, const a0__json *value),
              void *self)
{
    /* jansson's iterator wants a plain pointer though it only reads. */
    union {
        const a0__json *shown;
        json_t *ours;
    } node = { object };

    for (void *at = json_object_iter(node.ours); at != NULL;
         at = json_object_iter_next(node.ours, at)) {
        if (!each(self, a0__text_of(json_object_iter_key(at)),
                  out(json_object_iter_value(at)))) {
            return;
        }
    }
}

static int
append(const char *bytes, size_t len, void *buf)
{
    a0__buf_bytes(buf, bytes, len);
    return a0__buf_ok(buf) ? 0 : -1;
}

static a0_status
write_as(const a0__json *node, size_t flags, a0__buf *out_text, a0_error **err)
{
    int failed = json_dump_callback(in(node), append, out_text,
                                    JSON_COMPACT | JSON_ENCODE_ANY | flags);

    A0_TRY(a0__buf_check(out_text, err));
    A0_ENSURE(failed == 0, err, no_memory);
    return A0_OK;
}

a0_status
a0__json_write(const a0__json *node, a0__buf *out_text, a0_error **err)
{
    return write_as(node, 0, out_text, err);
}

a0_status
a0__json_write_sorted(const a0__json *node, a0__buf *out_text, a0_error **err)
{
    return write_as(node, JSON_SORT_KEYS, out_text, err);
}
