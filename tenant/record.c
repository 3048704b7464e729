/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <string.h>

enum {
    NAME_SHOWN_MAX = 64
};

void *
a0__records_at(const a0__records *records, const a0__shape *shape, size_t i)
{
    return (char *)records->items + i * shape->size;
}

void *
a0__records_add(a0__records *records, const a0__shape *shape)
{
    void *record = NULL;

    records->items = a0__keep_more(records->items, records->len + 1, shape->size);
    record = a0__records_at(records, shape, records->len++);
    memset(record, 0, shape->size);
    a0__record_init(shape, record);
    return record;
}

void
a0__records_remove(a0__records *records, const a0__shape *shape, size_t i)
{
    char *gap = a0__records_at(records, shape, i);

    a0__record_clear(shape, gap);
    records->len--;
    memmove(gap, gap + shape->size, (records->len - i) * shape->size);
}

void
a0__records_clear(a0__records *records, const a0__shape *shape)
{
    for (size_t i = 0; i < records->len; i++) {
        a0__record_clear(shape, a0__records_at(records, shape, i));
    }
    a0__free(records->items);
    *records = (a0__records){ NULL, 0 };
}

static void *
field_of(const a0__field *field, void *record)
{
    return (char *)record + field->offset;
}

static const void *
field_shown(const a0__field *field, const void *record)
{
    return (const char *)record + field->offset;
}

/* The default of a list is its items with spaces between. */
static void
init_list(a0__text fallback, a0__list *list)
{
    a0__text item = A0__NO_TEXT;

    while (a0__text_next(&fallback, ' ', &item)) {
        if (item.len > 0) {
            a0__list_add(list, item);
        }
    }
}

static void
init_field(const a0__field *field, void *place)
{
    a0__text fallback = a0__text_of(field->fallback);
    uint64_t number = 0;

    switch (field->type) {
    case A0__FIELD_STRING:
    case A0__FIELD_SECRET:
    case A0__FIELD_ANY:
        a0__keep_in(place, fallback);
        break;
    case A0__FIELD_BOOLEAN:
        *(bool *)place = a0__text_is(fallback, "true");
        break;
    case A0__FIELD_INTEGER:
        if (a0__parse_u64(fallback, INT64_MAX, &number)) {
            *(int64_t *)place = (int64_t)number;
        }
        break;
    case A0__FIELD_LIST:
        init_list(fallback, place);
        break;
    case A0__FIELD_RECORDS:
        break;
    }
}

void
a0__record_init(const a0__shape *shape, void *record)
{
    for (size_t i = 0; i < shape->len; i++) {
        init_field(&shape->fields[i], field_of(&shape->fields[i], record));
    }
}

static void
clear_field(const a0__field *field, void *place)
{
    switch (field->type) {
    case A0__FIELD_STRING:
    case A0__FIELD_SECRET:
    case A0__FIELD_ANY:
        a0__free(*(char **)place);
        *(char **)place = NULL;
        break;
    case A0__FIELD_LIST:
        a0__list_clear(place);
        break;
    case A0__FIELD_RECORDS:
        a0__records_clear(place, field->shape);
        break;
    case A0__FIELD_BOOLEAN:
    case A0__FIELD_INTEGER:
        break;
    }
}

void
a0__record_clear(const a0__shape *shape, void *record)
{
    for (size_t i = 0; i < shape->len; i++) {
        clear_field(&shape->fields[i], field_of(&shape->fields[i], record));
    }
}

const char *
a0__record_key(const a0__shape *shape, const void *record)
{
    return *(char *const *)field_shown(&shape->fields[0], record);
}

static bool
read_list(const a0__json *value, a0__list *list)
{
    if (!a0__json_is_array(value)) {
        return false;
    }
    a0__list_clear(list);
    for (size_t i = 0; i < a0__json_len(value); i++) {
        a0__text item = A0__NO_TEXT;

        if (!a0__json_text_of(a0__json_at(value, i), &item)) {
            return false;
        }
        a0__list_add(list, item);
    }
    return true;
}

static bool
read_records(const a0__field *field, const a0__json *value, a0__records *records,
             a0__buf *out_fault)
{
    if (!a0__json_is_array(value)) {
        return false;
    }
    a0__records_clear(records, field->shape);
    for (size_t i = 0; i < a0__json_len(value); i++) {
        void *record = a0__records_add(records, field->shape);

        if (!a0__record_read(field->shape, a0__json_at(value, i), record, out_fault)) {
            return false;
        }
    }
    return true;
}

static bool
read_any(const a0__json *value, char **place)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__ANY_MAX);

    if (a0__json_write(value, &text, NULL) != A0_OK) {
        return false;
    }
    a0__free(*place);
    *place = a0__keep_buf(&text);
    return true;
}

static bool
read_string(const a0__field *field, const a0__json *value, char **place)
{
    a0__text text = A0__NO_TEXT;

    if (!a0__json_text_of(value, &text) ||
        (field->words != NULL && !a0__text_has_word(a0__text_of(field->words), text))) {
        return false;
    }
    a0__keep_in(place, text);
    return true;
}

static bool
read_integer(const a0__json *value, int64_t *place)
{
    int64_t number = 0;

    if (!a0__json_i64_of(value, &number) || number > A0__INTEGER_MAX ||
        number < -A0__INTEGER_MAX) {
        return false;
    }
    *place = number;
    return true;
}

static bool
read_field(const a0__field *field, const a0__json *value, void *place,
           a0__buf *out_fault)
{
    switch (field->type) {
    case A0__FIELD_STRING:
    case A0__FIELD_SECRET:
        return read_string(field, value, place);
    case A0__FIELD_ANY:
        return read_any(value, place);
    case A0__FIELD_BOOLEAN:
        return a0__json_bool_of(value, place);
    case A0__FIELD_INTEGER:
        return read_integer(value, place);
    case A0__FIELD_LIST:
        return read_list(value, place);
    case A0__FIELD_RECORDS:
        return read_records(field, value, place, out_fault);
    }
    return false;
}

static const char *
wanted(a0__field_type type)
{
    switch (type) {
    case A0__FIELD_STRING:
    case A0__FIELD_SECRET:
        return "text";
    case A0__FIELD_ANY:
        return "a JSON value of 256 KiB at most";
    case A0__FIELD_BOOLEAN:
        return "true or false";
    case A0__FIELD_INTEGER:
        return "a whole number";
    case A0__FIELD_LIST:
        return "a list of texts";
    case A0__FIELD_RECORDS:
        return "a list of objects";
    }
    return "";
}

/* Words with commas between them. */
static void
write_words(a0__text words, a0__buf *out)
{
    a0__text word = A0__NO_TEXT;
    const char *before = "";

    while (a0__text_next(&words, ' ', &word)) {
        a0__buf_string(out, before);
        a0__buf_text(out, word);
        before = ", ";
    }
}

static void
blame_value(const a0__shape *shape, const a0__field *field, a0__buf *out)
{
    a0__buf_format(out, "%s: %s must be ", shape->name, field->name);
    if (field->words != NULL) {
        a0__buf_string(out, "one of ");
        write_words(a0__text_of(field->words), out);
    } else {
        a0__buf_string(out, wanted(field->type));
    }
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters make one name of the other (Levenshtein). */
static size_t
distance(a0__text from, a0__text to)
{
    size_t row[NAME_SHOWN_MAX + 1];

    for (size_t j = 0; j <= to.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= from.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= to.len; j++) {
            size_t changed = diagonal + (from.ptr[i - 1] == to.ptr[j - 1] ? 0 : 1);

            diagonal = row[j];
            row[j] = least(changed, least(row[j - 1], row[j]) + 1);
        }
    }
    return row[to.len];
}

static void
blame_name(const a0__shape *shape, a0__text name, a0__buf *out)
{
    a0__text shown = name.len <= NAME_SHOWN_MAX ? name : A0__LIT("of that length");
    size_t nearest = 0;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < shape->len; i++) {
        size_t far = distance(a0__text_of(shape->fields[i].name), shown);

        if (far < best) {
            best = far;
            nearest = i;
        }
    }
    a0__buf_format(out, "%s: there is no member ", shape->name);
    a0__buf_text(out, shown);
    a0__buf_format(out, "; the nearest is %s (docs/tenant.md has all of them)",
                   shape->fields[nearest].name);
}

typedef struct reading {
    const a0__shape *shape;
    void *record;
    a0__buf *fault;
    bool ok;
} reading;

static bool
read_member(void *self, a0__text name, const a0__json *value)
{
    reading *r = self;

    for (size_t i = 0; i < r->shape->len; i++) {
        const a0__field *field = &r->shape->fields[i];

        if (!a0__text_is(name, field->name)) {
            continue;
        }
        r->ok = read_field(field, value, field_of(field, r->record), r->fault);
        if (!r->ok && r->fault->len == 0) {
            blame_value(r->shape, field, r->fault);
        }
        return r->ok;
    }
    blame_name(r->shape, name, r->fault);
    r->ok = false;
    return false;
}

bool
a0__record_read(const a0__shape *shape, const a0__json *object, void *record,
                a0__buf *out_fault)
{
    reading r = { .shape = shape, .record = record, .fault = out_fault, .ok = true };

    if (!a0__json_is_object(object)) {
        a0__buf_format(out_fault, "%s: each one must be an object", shape->name);
        return false;
    }
    a0__json_each(object, read_member, &r);
    return r.ok;
}

static void
write_list(const a0__list *list, a0__json_writer *w)
{
    a0__json_open(w, '[');
    for (size_t i = 0; i < list->len; i++) {
        a0__json_string(w, list->items[i]);
    }
    a0__json_close(w, ']');
}

static void
write_records(const a0__field *field, const a0__records *records, bool with_secrets,
              a0__json_writer *w)
{
    a0__json_open(w, '[');
    for (size_t i = 0; i < records->len; i++) {
        a0__record_write(field->shape, a0__records_at(records, field->shape, i),
                         with_secrets, w);
    }
    a0__json_close(w, ']');
}

static void
write_value(const a0__field *field, const void *place, bool with_secrets,
            a0__json_writer *w)
{
    switch (field->type) {
    case A0__FIELD_STRING:
    case A0__FIELD_SECRET:
        a0__json_string(w, *(char *const *)place);
        break;
    case A0__FIELD_ANY:
        a0__json_value_raw(w, a0__text_of(*(char *const *)place));
        break;
    case A0__FIELD_BOOLEAN:
        a0__json_value_bool(w, *(const bool *)place);
        break;
    case A0__FIELD_INTEGER:
        a0__json_value_i64(w, *(const int64_t *)place);
        break;
    case A0__FIELD_LIST:
        write_list(place, w);
        break;
    case A0__FIELD_RECORDS:
        write_records(field, place, with_secrets, w);
        break;
    }
}

void
a0__record_write(const a0__shape *shape, const void *record, bool with_secrets,
                 a0__json_writer *w)
{
    a0__json_open(w, '{');
    for (size_t i = 0; i < shape->len; i++) {
        const a0__field *field = &shape->fields[i];
        const void *place = field_shown(field, record);

        if (field->type == A0__FIELD_SECRET && !with_secrets) {
            continue;
        }
        if (field->type == A0__FIELD_ANY && **(char *const *)place == '\0') {
            continue;
        }
        a0__json_name(w, field->name);
        write_value(field, place, with_secrets, w);
    }
    a0__json_close(w, '}');
}
