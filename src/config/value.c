/* SPDX-License-Identifier: MIT */
/*
 * From what a person wrote to canonical text of the right kind: strings as they are,
 * "true" and "false", decimal digits, compact JSON. What is not of the kind leaves a
 * fault in the slot.
 */
#include "config/internal.h"

void
a0__strings_clear(a0__strings *strings)
{
    for (size_t i = 0; i < strings->len; i++) {
        a0__free(strings->items[i]);
    }
    a0__free(strings->items);
    *strings = (a0__strings){ NULL, 0 };
}

a0_status
a0__strings_add(a0__strings *strings, a0__text text, a0_error **err)
{
    char *copy = a0__strndup(text.ptr, text.len);
    char **grown = NULL;

    A0_ENSURE(copy != NULL, err, no_memory);
    grown = a0__realloc_array(strings->items, strings->len + 1, sizeof *grown);
    if (grown == NULL) {
        a0__free(copy);
        return a0__fail(err, A0_E_no_memory);
    }
    strings->items = grown;
    strings->items[strings->len++] = copy;
    return A0_OK;
}

/* "one of "a", "b"" out of "a|b". */
static void
write_choices(const char *choices, a0__buf *out)
{
    a0__text rest = a0__text_of(choices);
    a0__text choice = A0__NO_TEXT;
    const char *between = "";

    while (a0__text_next(&rest, '|', &choice)) {
        a0__buf_string(out, between);
        a0__buf_byte(out, '"');
        a0__buf_text(out, choice);
        a0__buf_byte(out, '"');
        between = ", ";
    }
}

static void
write_hint(const a0__row *row, a0__buf *out)
{
    if (row->write != NULL) {
        a0__buf_string(out, row->write);
    } else if (row->choices != NULL) {
        a0__buf_string(out, row->kind == A0__KIND_LIST ? "a list out of " : "one of ");
        write_choices(row->choices, out);
    } else if (row->kind == A0__KIND_BOOL) {
        a0__buf_string(out, "true or false");
    } else if (row->kind == A0__KIND_SECONDS || row->kind == A0__KIND_NUMBER) {
        a0__buf_string(out, row->kind == A0__KIND_SECONDS ? "whole seconds from "
                                                          : "a whole number from ");
        a0__buf_i64(out, row->low);
        a0__buf_string(out, " to ");
        a0__buf_i64(out, row->high);
    } else {
        a0__buf_string(out, row->kind == A0__KIND_OBJECT ? "an " : "a ");
        a0__buf_string(out, row->shown.type);
    }
}

/* Never the value itself: it may be a secret in the wrong place. */
static a0_status
fault_line(const a0__row *row, const char *problem, bool with_hint, const char *place,
           a0__buf *out, a0_error **err)
{
    a0__buf_string(out, row->shown.name);
    a0__buf_string(out, ": ");
    a0__buf_string(out, problem);
    if (with_hint) {
        a0__buf_string(out, "; write ");
        write_hint(row, out);
    }
    if (place != NULL) {
        a0__buf_string(out, " (");
        a0__buf_string(out, place);
        a0__buf_byte(out, ')');
    }
    return a0__buf_check(out, err);
}

a0_status
a0__fault_add(a0__strings *faults, const a0__row *row, const char *problem,
              const char *place, a0_error **err)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);

    A0_TRY(fault_line(row, problem, true, place, &line, err));
    return a0__strings_add(faults, a0__buf_view(&line), err);
}

static void
forget(a0__slot *slot)
{
    a0__free(slot->place);
    a0__free(slot->fault);
    slot->place = NULL;
    slot->fault = NULL;
    slot->is_set = false;
    a0__secret_clear(&slot->value);
    a0__strings_clear(&slot->items);
}

static a0_status
keep_place(a0__slot *slot, const char *place, a0_error **err)
{
    forget(slot);
    if (place != NULL) {
        slot->place = a0__strdup(place);
        A0_ENSURE(slot->place != NULL, err, no_memory);
    }
    return A0_OK;
}

static a0_status
keep_fault(a0__slot *slot, const char *problem, bool with_hint, const char *place,
           a0_error **err)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);

    A0_TRY(fault_line(&slot->row, problem, with_hint, place, &line, err));
    a0__free(slot->fault);
    slot->fault = a0__buf_take(&line);
    A0_ENSURE(slot->fault != NULL, err, no_memory);
    return A0_OK;
}

/* A program that refuses a setting of its own says itself what to write. */
a0_status
a0__slot_refuse(a0__slot *slot, const char *problem, const char *place, a0_error **err)
{
    return keep_fault(slot, problem, slot->row.set != NULL, place, err);
}

static a0_status
refuse(a0__slot *slot, const char *problem, a0_error **err)
{
    return keep_fault(slot, problem, true, slot->place, err);
}

static a0_status
keep_value(a0__slot *slot, a0__text value, a0_error **err)
{
    A0_TRY(a0__secret_set_text(&slot->value, value, err));
    slot->is_set = true;
    return A0_OK;
}

/* Lines may stand in a secret (a PEM key), control bytes nowhere else. */
static a0_status
keep_string(a0__slot *slot, a0__text text, a0_error **err)
{
    if (text.len == 0) {
        return refuse(slot, "is empty; leave it out or fill it in", err);
    }
    if (text.len > A0__CONFIG_TEXT_MAX || !a0__text_is_utf8(text)) {
        return refuse(slot, "is no readable text", err);
    }
    if (slot->row.kind != A0__KIND_SECRET &&
        (!a0__text_has_no_controls(text) || text.len != a0__text_trim(text).len)) {
        return refuse(slot, "has white space around it or control characters", err);
    }
    return keep_value(slot, text, err);
}

static a0_status
keep_bool(a0__slot *slot, bool value, a0_error **err)
{
    return keep_value(slot, value ? A0__LIT("true") : A0__LIT("false"), err);
}

static a0_status
keep_number(a0__slot *slot, int64_t value, a0_error **err)
{
    A0_AUTO(a0__buf) digits = A0__BUF_INIT(A0__JSON_NUMBER_MAX);

    if (value < slot->row.low || value > slot->row.high) {
        return refuse(slot, "is out of range", err);
    }
    a0__buf_i64(&digits, value);
    A0_TRY(a0__buf_check(&digits, err));
    return keep_value(slot, a0__buf_view(&digits), err);
}

static a0_status
keep_list(a0__slot *slot, const a0__json *node, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__CONFIG_FILE_MAX);

    for (size_t i = 0; i < a0__json_len(node); i++) {
        a0__text item = A0__NO_TEXT;

        if (!a0__json_text_of(a0__json_at(node, i), &item) || item.len == 0) {
            return refuse(slot, "has an entry that is no text", err);
        }
        if (slot->row.kind == A0__KIND_LIST) {
            A0_TRY(a0__strings_add(&slot->items, item, err));
        }
    }
    A0_TRY(a0__json_write(node, &json, err));
    return keep_value(slot, a0__buf_view(&json), err);
}

static a0_status
keep_object(a0__slot *slot, const a0__json *node, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__CONFIG_FILE_MAX);

    A0_TRY(a0__json_write(node, &json, err));
    return keep_value(slot, a0__buf_view(&json), err);
}

/* A node of the wrong type falls through to the one fault at the end. */
static a0_status
read_node(a0__slot *slot, const a0__json *node, a0_error **err)
{
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;
    bool flag = false;
    bool is_text = a0__json_text_of(node, &text);

    switch (slot->row.kind) {
    case A0__KIND_STRING:
    case A0__KIND_SECRET:
        if (is_text) {
            return keep_string(slot, text, err);
        }
        break;
    case A0__KIND_BOOL:
        if (a0__json_bool_of(node, &flag)) {
            return keep_bool(slot, flag, err);
        }
        break;
    case A0__KIND_SECONDS:
    case A0__KIND_NUMBER:
        if (a0__json_i64_of(node, &number)) {
            return keep_number(slot, number, err);
        }
        break;
    case A0__KIND_STRING_OR_LIST:
        if (is_text) {
            return keep_string(slot, text, err);
        }
        if (a0__json_is_array(node)) {
            return keep_list(slot, node, err);
        }
        break;
    case A0__KIND_LIST:
    case A0__KIND_SECRETS:
        if (a0__json_is_array(node)) {
            return keep_list(slot, node, err);
        }
        break;
    case A0__KIND_OBJECT:
        if (a0__json_is_object(node)) {
            return keep_object(slot, node, err);
        }
        break;
    case A0__KINDS_LEN:
        break;
    }
    return refuse(slot, "has the wrong type", err);
}

a0_status
a0__slot_read_node(a0__slot *slot, const a0__json *node, const char *place,
                   a0_error **err)
{
    A0_TRY(keep_place(slot, place, err));
    return read_node(slot, node, err);
}

/* Whether the text stands for itself; every other kind is written as in JSON. */
static bool
is_plain(a0__kind kind, a0__text text)
{
    return kind == A0__KIND_STRING || kind == A0__KIND_SECRET ||
           (kind == A0__KIND_STRING_OR_LIST &&
            !a0__text_starts_with(text, A0__LIT("[")));
}

a0_status
a0__slot_read_text(a0__slot *slot, a0__text text, const char *place, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    A0_TRY(keep_place(slot, place, err));
    if (is_plain(slot->row.kind, text)) {
        return keep_string(slot, text, err);
    }
    A0_TRY(a0__json_parse(text, &document, err));
    /* JSON allows space around a number; here it is a slip of the pen. */
    if (document == NULL || a0__text_trim(text).len != text.len) {
        return refuse(slot, "has the wrong type", err);
    }
    return read_node(slot, document, err);
}
