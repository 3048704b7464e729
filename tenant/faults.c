/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include "base/text.h"

enum {
    VALUE_MAX = 2 * A0__ANY_MAX, /* and what stands around it */
    STATUS_MIN = 200,
    STATUS_MAX = 599
};

typedef struct fault {
    a0__row row;
    char *name;
    char *value;     /* JSON; "" when only dropped or doubled */
    char *duplicate; /* JSON; the member again, with this value */
    bool drop;
    int64_t times; /* 0: until cleared */
} fault;

static const a0__field fault_fields[] = {
    { .name = "name", .type = A0__FIELD_STRING, .offset = offsetof(fault, name) },
    { .name = "value", .type = A0__FIELD_ANY, .offset = offsetof(fault, value) },
    { .name = "duplicate",
      .type = A0__FIELD_ANY,
      .offset = offsetof(fault, duplicate) },
    { .name = "drop", .type = A0__FIELD_BOOLEAN, .offset = offsetof(fault, drop) },
    { .name = "times", .type = A0__FIELD_INTEGER, .offset = offsetof(fault, times) },
};

static const a0__shape fault_shape = { .name = "faults",
                                       .size = sizeof(fault),
                                       .fields = fault_fields,
                                       .len = sizeof fault_fields /
                                              sizeof fault_fields[0] };

/* What describes the tenant rather than one answer stays until it is cleared. */
static bool
is_lasting(a0__text name)
{
    return a0__text_starts_with(name, A0__LIT("disc.")) ||
           a0__text_starts_with(name, A0__LIT("jwks.")) ||
           a0__text_starts_with(name, A0__LIT("rt.")) ||
           a0__text_starts_with(name, A0__LIT("users.")) ||
           a0__text_starts_with(name, A0__LIT("profile.")) ||
           a0__text_is(name, "me.bind_check") || a0__text_is(name, "me.pages") ||
           a0__text_is(name, "mgmt.pages") || a0__text_is(name, "search.lag") ||
           a0__text_is(name, "connect.fragment") ||
           a0__text_is(name, "link.keeps_connected_accounts") ||
           a0__text_is(name, "vault.allow_rotation") ||
           a0__text_is(name, "provider.no_refresh_token") ||
           a0__text_is(name, "provider.missing_scope") ||
           a0__text_is(name, "provider.revoked");
}

void
a0__faults_init(a0__faults *faults)
{
    a0__table_init(&faults->table, &fault_shape);
}

void
a0__faults_clear(a0__faults *faults)
{
    a0__table_clear(&faults->table);
}

/* Of a fault that answers with one: a number, or {"status"}. No HTTP library sends
 * another number than these. */
static bool
is_status_sound(a0__text name, const a0__json *json)
{
    const a0__json *value = a0__json_member(json, "value");
    int64_t status = STATUS_MIN;
    bool is_number = a0__text_ends_with(name, A0__LIT(".status")) ||
                     a0__text_ends_with(name, A0__LIT(".commit_then_fail"));

    if (!is_number || !a0__json_i64_of(value, &status)) {
        (void)a0__json_i64(value, "status", &status);
    }
    return status >= STATUS_MIN && status <= STATUS_MAX;
}

bool
a0__faults_add(a0__faults *faults, const a0__json *json, a0__buf *out_reason)
{
    fault *added = a0__row_new(&faults->table);

    added->times = -1;
    if (!a0__record_read(&fault_shape, json, added, out_reason)) {
        a0__row_free(&faults->table, added);
        return false;
    }
    if (*added->name == '\0' || added->times < -1) {
        a0__buf_string(out_reason, "faults: name and times (0 or more) are needed");
        a0__row_free(&faults->table, added);
        return false;
    }
    if (!is_status_sound(a0__text_of(added->name), json)) {
        a0__buf_string(out_reason, "faults: a status is a number from 200 to 599");
        a0__row_free(&faults->table, added);
        return false;
    }
    if (added->times == -1) {
        added->times = is_lasting(a0__text_of(added->name)) ? 0 : 1;
    }
    a0__table_put(&faults->table, added);
    return true;
}

void
a0__faults_write(const a0__faults *faults, a0__json_writer *w)
{
    a0__json_open(w, '[');
    for (fault *f = a0__table_first(&faults->table); f != NULL; f = a0__table_next(f)) {
        a0__record_write(&fault_shape, f, true, w);
    }
    a0__json_close(w, ']');
}

static void
count_down(a0__faults *faults, fault *used)
{
    if (used->times == 1) {
        a0__table_remove(&faults->table, used);
    } else if (used->times > 1) {
        used->times--;
    }
}

static a0__json *
parse(const char *json_value)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(VALUE_MAX);
    a0__json *document = NULL;

    a0__buf_format(&text, "{\"value\":%s}", *json_value != '\0' ? json_value : "null");
    if (a0__json_parse_large(a0__buf_view(&text), &document, NULL) != A0_OK) {
        return NULL;
    }
    return document;
}

a0__json *
a0__fault_take(a0__faults *faults, const char *name)
{
    fault *found = a0__table_get(&faults->table, a0__text_of(name));
    a0__json *document = NULL;

    if (found == NULL) {
        return NULL;
    }
    document = parse(found->value);
    count_down(faults, found);
    return document;
}

bool
a0__fault_take_text(a0__faults *faults, const char *name, a0__buf *out)
{
    A0_AUTO(a0__json_doc) document = a0__fault_take(faults, name);
    a0__text text = A0__NO_TEXT;

    if (a0__json_text(document, "value", &text) != A0__FOUND) {
        return false;
    }
    a0__buf_text(out, text);
    return true;
}

bool
a0__fault_take_number(a0__faults *faults, const char *name, int64_t *out)
{
    A0_AUTO(a0__json_doc) document = a0__fault_take(faults, name);

    return a0__json_i64(document, "value", out) == A0__FOUND;
}

bool
a0__fault_take_bool(a0__faults *faults, const char *name, bool *out)
{
    A0_AUTO(a0__json_doc) document = a0__fault_take(faults, name);

    return a0__json_bool(document, "value", out) == A0__FOUND;
}

typedef struct editing {
    a0__faults *faults;
    a0__text prefix;
    a0__json_writer *w;
} editing;

static fault *
fault_of_member(const editing *e, a0__text member)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(1024);

    a0__buf_text(&name, e->prefix);
    a0__buf_text(&name, member);
    return a0__table_get(&e->faults->table, a0__buf_view(&name));
}

static bool
copy_unfaulted(void *self, a0__text name, const a0__json *value)
{
    const editing *e = self;
    const fault *f = fault_of_member(e, name);

    /* A doubled member keeps its own value first; the fault's comes at the end. */
    if (f == NULL || *f->duplicate != '\0') {
        a0__json_name_text(e->w, name);
        a0__json_value_node(e->w, value);
    }
    return true;
}

static void
write_faulted(const editing *e)
{
    fault *next = NULL;

    for (fault *f = a0__table_first(&e->faults->table); f != NULL; f = next) {
        a0__text name = a0__text_of(f->name);

        next = a0__table_next(f);
        if (!a0__text_starts_with(name, e->prefix)) {
            continue;
        }
        if (!f->drop) {
            const char *value = *f->duplicate != '\0' ? f->duplicate : f->value;

            a0__json_name_text(e->w, a0__text_from(name, e->prefix.len));
            a0__json_value_raw(e->w, a0__text_of(*value != '\0' ? value : "null"));
        }
        count_down(e->faults, f);
    }
}

static bool
has_fault(const a0__faults *faults, a0__text prefix)
{
    for (fault *f = a0__table_first(&faults->table); f != NULL; f = a0__table_next(f)) {
        if (a0__text_starts_with(a0__text_of(f->name), prefix)) {
            return true;
        }
    }
    return false;
}

void
a0__faults_edit(a0__faults *faults, const char *prefix, a0__buf *json)
{
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__buf) edited = A0__BUF_INIT(json->max_bytes);
    a0__json_writer w = a0__json_writer_on(&edited);
    editing e = { .faults = faults, .prefix = a0__text_of(prefix), .w = &w };

    if (!has_fault(faults, e.prefix) ||
        a0__json_parse_large(a0__buf_view(json), &document, NULL) != A0_OK ||
        document == NULL) {
        return;
    }
    a0__json_open(&w, '{');
    a0__json_each(document, copy_unfaulted, &e);
    write_faulted(&e);
    a0__json_close(&w, '}');
    a0__buf_reset(json);
    a0__buf_text(json, a0__buf_view(&edited));
}
