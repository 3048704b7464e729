/* SPDX-License-Identifier: MIT */
/* What an audit found, as JSON or as a table for a spreadsheet. */
#include "audit.h"

/* ---- JSON: one object, whatever its size ---- */

typedef struct printing {
    bool needs_comma;
} printing;

static bool
print_group(void *self, a0__text line)
{
    printing *p = self;

    cli_print("%s\n%.*s", p->needs_comma ? "," : "", (int)line.len, line.ptr);
    p->needs_comma = true;
    return true;
}

static bool
print_json(const audit_work *work, const audit_state *state)
{
    printing p = { .needs_comma = false };

    cli_print("{\"users\":%lld,\"unreadable\":%lld", (long long)state->users,
              (long long)state->unreadable);
    for (int i = 0; i < AUDIT_CLASSES_LEN; i++) {
        cli_print(",\"%s\":%lld", audit_class_names[i], (long long)state->groups[i]);
    }
    cli_print(",\"groups\":[");
    if (!audit_work_each(work, print_group, &p)) {
        return false;
    }
    cli_print("]}\n");
    return true;
}

/* ---- RFC 4180 ---- */

/* Quoted always. A spreadsheet takes what begins like a formula for one. */
static void
put_cell(a0__buf *row, a0__text value)
{
    a0__buf_string(row, row->len > 0 ? ",\"" : "\"");
    if (value.len > 0 && a0__text_contains_byte(A0__LIT("=+-@\t\r"), value.ptr[0])) {
        a0__buf_byte(row, '\'');
    }
    for (size_t i = 0; i < value.len; i++) {
        a0__buf_string(row, value.ptr[i] == '"' ? "\"" : NULL);
        a0__buf_byte(row, value.ptr[i]);
    }
    a0__buf_byte(row, '"');
}

static void
put_member(a0__buf *row, const a0__json *object, const char *name)
{
    A0_AUTO(a0__buf) digits = A0__BUF_INIT(32);
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;

    if (a0__json_i64(object, name, &number) == A0__FOUND) {
        a0__buf_i64(&digits, number);
        text = a0__buf_view(&digits);
    } else {
        (void)a0__json_text(object, name, &text);
    }
    put_cell(row, text);
}

static void
print_row(const a0__json *group, const a0__json *account)
{
    A0_AUTO(a0__buf) row = A0__BUF_INIT(65536);

    put_member(&row, group, "email");
    put_member(&row, group, "class");
    put_member(&row, account, "user_id");
    put_member(&row, account, "outcome");
    put_member(&row, account, "rule");
    put_member(&row, account, "reason");
    put_member(&row, account, "primary_user_id");
    cli_print("%s\r\n", a0__buf_cstr(&row));
}

static bool
print_rows(void *self, a0__text line)
{
    A0_AUTO(a0__json_doc) group = NULL;
    const a0__json *accounts = NULL;

    (void)self;
    if (a0__json_parse_large(line, &group, NULL) != A0_OK ||
        a0__json_array(group, "accounts", &accounts) != A0__FOUND) {
        cli_complain("--work: what was found there can not be read");
        return false;
    }
    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        print_row(group, a0__json_at(accounts, i));
    }
    return true;
}

bool
audit_print(const audit_work *work, const audit_state *state, bool as_csv)
{
    if (state->unreadable > 0) {
        cli_complain("%lld users were left out: nothing can be made of their id, their "
                     "address or their identities",
                     (long long)state->unreadable);
    }
    if (!as_csv) {
        return print_json(work, state);
    }
    cli_print("email,class,user_id,outcome,rule,reason,primary_user_id\r\n");
    return audit_work_each(work, print_rows, NULL);
}
