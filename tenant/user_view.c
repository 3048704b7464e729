/* SPDX-License-Identifier: MIT */
#include "user_view.h"

enum {
    NAME_BYTES_MAX = 1024
};

typedef struct showing {
    const a0__user_view *view;
    a0__json_writer *w;
    a0__text outer; /* the member whose members these are; "" at the root */
} showing;

a0__user_view
a0__user_view_asked(const a0__exchange *x)
{
    return (a0__user_view){ .fields = a0__param(x, "fields"),
                            .leaves_out =
                                a0__text_is(a0__param(x, "include_fields"), "false"),
                            .faults = &x->tenant->faults };
}

/* Whether `name` stands among the fields, or, with a dot, begins one of them. */
static bool
is_named(const a0__user_view *view, a0__text name)
{
    a0__text rest = view->fields;
    a0__text field = A0__NO_TEXT;
    bool as_beginning = a0__text_ends_with(name, A0__LIT("."));

    while (a0__text_next(&rest, ',', &field)) {
        field = a0__text_trim(field);
        if (as_beginning ? a0__text_starts_with(field, name)
                         : a0__text_equal(field, name)) {
            return true;
        }
    }
    return false;
}

static bool put_member(void *self, a0__text name, const a0__json *value);

/* identities.provider: of each identity that alone. */
static void
put_inside(const showing *s, a0__text name, const a0__json *array)
{
    showing inner = { .view = s->view, .w = s->w, .outer = name };

    a0__json_name_text(s->w, name);
    a0__json_open(s->w, '[');
    for (size_t i = 0; i < a0__json_len(array); i++) {
        a0__json_open(s->w, '{');
        a0__json_each(a0__json_at(array, i), put_member, &inner);
        a0__json_close(s->w, '}');
    }
    a0__json_close(s->w, ']');
}

static bool
put_member(void *self, a0__text name, const a0__json *value)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(NAME_BYTES_MAX);
    const showing *s = self;
    bool is_wanted = false;

    a0__buf_text(&path, s->outer);
    a0__buf_string(&path, s->outer.len > 0 ? "." : "");
    a0__buf_text(&path, name);
    is_wanted = s->view->fields.len == 0 ||
                is_named(s->view, a0__buf_view(&path)) != s->view->leaves_out;
    a0__buf_byte(&path, '.');
    if (a0__json_is_array(value) && is_named(s->view, a0__buf_view(&path))) {
        put_inside(s, name, value);
    } else if (is_wanted) {
        a0__json_name_text(s->w, name);
        a0__json_value_node(s->w, value);
    }
    return true;
}

/* Absent are what is empty, and how the tenant found the person. */
static bool
put_root_member(void *self, a0__text name, const a0__json *value)
{
    a0__text text = A0__NO_TEXT;
    bool is_empty = a0__json_text_of(value, &text)
                        ? text.len == 0
                        : a0__json_is_object(value) && a0__json_len(value) == 0;

    return is_empty || a0__text_is(name, "connection") || put_member(self, name, value);
}

a0_status
a0__user_view_write(const a0__user_view *view, const a0__user *user, a0__json_writer *w,
                    a0_error **err)
{
    A0_AUTO(a0__buf) record = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__buf) shown = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer r = a0__json_writer_on(&record);
    a0__json_writer inner = a0__json_writer_on(&shown);
    showing s = { .view = view, .w = &inner, .outer = A0__NO_TEXT };

    a0__record_write(&a0__shapes[A0__USERS], user, false, &r);
    A0_TRY(a0__json_parse_large(a0__buf_view(&record), &document, err));
    a0__json_open(&inner, '{');
    a0__json_each(document, put_root_member, &s);
    a0__json_close(&inner, '}');
    a0__faults_edit(view->faults, "profile.member.", &shown);
    a0__json_value_raw(w, a0__buf_view(&shown));
    return a0__buf_check(&shown, err);
}
