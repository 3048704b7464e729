/* SPDX-License-Identifier: MIT */
/*
 * encryption_keys. Keys are random, not thought up: pass phrases would need a slow
 * derivation at every start, so they are refused instead [SESS-06].
 */
#include "config/internal.h"

enum {
    KEY_BYTES_MIN = 32,
    /* Random text of that length has more; "aaaa…" and "abababab…" have fewer. */
    DISTINCT_MIN = 8
};

static bool
is_hex(a0__text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (a0__hex_value(text.ptr[i]) < 0) {
            return false;
        }
    }
    return true;
}

static size_t
distinct_bytes(a0__text text)
{
    bool seen[256] = { false };
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        count += !seen[byte];
        seen[byte] = true;
    }
    return count;
}

/* NULL when the key is good. */
static const char *
key_problem(a0__text key)
{
    if (!a0__text_is_visible_ascii(key)) {
        return "has a key with white space or other characters that can not stand in "
               "it";
    }
    if (is_hex(key) && key.len % 2 != 0) {
        return "has a key in hexadecimal digits whose number is odd: one is missing";
    }
    if ((is_hex(key) ? key.len / 2 : key.len) < KEY_BYTES_MIN) {
        return "has a key of fewer than 32 bytes";
    }
    return distinct_bytes(key) < DISTINCT_MIN ? "has a key that can be guessed" : NULL;
}

static a0_status
keys_add(a0__secrets *keys, a0__text key, a0_error **err)
{
    a0__secret *grown = a0__realloc_array(keys->items, keys->len + 1, sizeof *grown);

    A0_ENSURE(grown != NULL, err, no_memory);
    keys->items = grown;
    keys->items[keys->len] = A0__SECRET_INIT;
    A0_TRY(a0__secret_set_text(&keys->items[keys->len], key, err));
    keys->len++;
    return A0_OK;
}

a0_status
a0__set_keys(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    A0_AUTO(a0__json_doc) list = NULL;

    A0_TRY(a0__json_parse(value, &list, b->err));
    for (size_t i = 0; i < a0__json_len(list); i++) {
        a0__text key = A0__NO_TEXT;

        (void)a0__json_text_of(a0__json_at(list, i), &key);
        if (key_problem(key) != NULL) {
            return a0__blame(b, row->shown.name, key_problem(key));
        }
        A0_TRY(keys_add(field, key, b->err));
    }
    return a0__json_len(list) > 0 ? A0_OK : a0__blame(b, row->shown.name, "is empty");
}
