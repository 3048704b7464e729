/* SPDX-License-Identifier: MIT */
#include "user_field.h"

#include <string.h>

typedef struct looking {
    bool (*each)(void *self, a0__text value);
    void *self;
} looking;

static const a0__field *
field_of(const a0__shape *shape, a0__text name)
{
    for (size_t i = 0; i < shape->len; i++) {
        if (a0__text_is(name, shape->fields[i].name)) {
            return &shape->fields[i];
        }
    }
    return NULL;
}

static a0__user_field
field_in(const a0__shape *shape, a0__user_place place, const char *name)
{
    const char *dot = strchr(name, '.');
    size_t len = dot != NULL ? (size_t)(dot - name) : strlen(name);
    const a0__field *field = field_of(shape, a0__text_range(name, len));
    a0__user_field found = { .place = A0__NOWHERE, .path = "" };

    if (field == NULL || field->type == A0__FIELD_SECRET ||
        (dot != NULL) != (field->type == A0__FIELD_ANY)) {
        return found;
    }
    found.place = place;
    found.field = field;
    found.path = dot != NULL ? dot + 1 : "";
    return found;
}

a0__user_field
a0__user_field_named(const char *name)
{
    a0__text text = a0__text_of(name);
    a0__text identity = A0__LIT("identities.");
    a0__user_field found = { .place = A0__NOWHERE, .path = "" };

    if (a0__text_is(text, "email.domain")) {
        found = (a0__user_field){ .place = A0__EMAIL_DOMAIN, .path = "" };
        found.is_normalized = true;
    } else if (a0__text_starts_with(text, identity)) {
        found = field_in(&a0__identity_shape, A0__OF_IDENTITY, name + identity.len);
    } else {
        found = field_in(&a0__shapes[A0__USERS], A0__OF_USER, name);
        found.is_normalized = a0__text_has_word(
            A0__LIT("email name given_name family_name nickname"), text);
        found.is_time =
            a0__text_has_word(A0__LIT("created_at updated_at last_login"), text);
    }
    return found;
}

static bool
look_at_text(const looking *l, a0__text text)
{
    return text.len > 0 && l->each(l->self, text);
}

static bool
look_at_number(const looking *l, int64_t number)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(32);

    a0__buf_i64(&text, number);
    return look_at_text(l, a0__buf_view(&text));
}

static bool look_at_json(const looking *l, const a0__json *node, a0__text path);

static bool
look_at_items(const looking *l, const a0__json *array, a0__text path)
{
    for (size_t i = 0; i < a0__json_len(array); i++) {
        if (look_at_json(l, a0__json_at(array, i), path)) {
            return true;
        }
    }
    return false;
}

/* Arrays are transparent; their depth is that of the document, which is limited. */
static bool
look_at_json(const looking *l, const a0__json *node, a0__text path)
{
    a0__text text = A0__NO_TEXT;
    a0__text step = A0__NO_TEXT;
    int64_t number = 0;
    bool truth = false;

    if (a0__json_is_array(node)) {
        return look_at_items(l, node, path);
    }
    if (a0__text_next(&path, '.', &step)) {
        A0_AUTO(a0__string) name = a0__keep(step);

        return a0__json_is_object(node) &&
               look_at_json(l, a0__json_member(node, name), path);
    }
    if (node == NULL) {
        return false;
    }
    if (a0__json_bool_of(node, &truth)) {
        return look_at_text(l, truth ? A0__LIT("true") : A0__LIT("false"));
    }
    if (a0__json_i64_of(node, &number)) {
        return look_at_number(l, number);
    }
    return a0__json_text_of(node, &text) && look_at_text(l, text);
}

static bool
look_at(const looking *l, const a0__user_field *f, const void *record)
{
    const void *place = (const char *)record + f->field->offset;
    A0_AUTO(a0__json_doc) document = NULL;

    switch (f->field->type) {
    case A0__FIELD_STRING:
        return look_at_text(l, a0__text_of(*(char *const *)place));
    case A0__FIELD_BOOLEAN:
        return look_at_text(l,
                            *(const bool *)place ? A0__LIT("true") : A0__LIT("false"));
    case A0__FIELD_INTEGER:
        return look_at_number(l, *(const int64_t *)place);
    case A0__FIELD_ANY:
        return a0__json_parse_large(a0__text_of(*(char *const *)place), &document,
                                    NULL) == A0_OK &&
               look_at_json(l, document, a0__text_of(f->path));
    case A0__FIELD_SECRET:
    case A0__FIELD_LIST:
    case A0__FIELD_RECORDS:
        break;
    }
    return false;
}

bool
a0__user_field_any(const a0__user_field *field, const a0__user *user,
                   bool (*each)(void *self, a0__text value), void *self)
{
    looking l = { .each = each, .self = self };
    a0__text rest = a0__text_of(user->email);
    a0__text local = A0__NO_TEXT;

    switch (field->place) {
    case A0__OF_USER:
        return look_at(&l, field, user);
    case A0__OF_IDENTITY:
        for (size_t i = 0; i < user->identities.len; i++) {
            if (look_at(&l, field,
                        a0__records_at(&user->identities, &a0__identity_shape, i))) {
                return true;
            }
        }
        return false;
    case A0__EMAIL_DOMAIN:
        (void)a0__text_next(&rest, '@', &local);
        return look_at_text(&l, rest);
    case A0__NOWHERE:
        break;
    }
    return false;
}
