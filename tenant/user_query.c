/* SPDX-License-Identifier: MIT */
#include "user_query_tree.h"

#include <string.h>

enum {
    DEPTH_MAX = 16,
    VALUE_MAX = 64 * 1024
};

/* What has a meaning of its own in a bare value. */
#define RESERVED ":\"[]{}(^~!"

typedef struct parser {
    a0__text rest;
    int depth;
} parser;

static a0__user_query *parse_or(parser *p);

void
a0__user_query_free(a0__user_query *query)
{
    if (query != NULL) {
        a0__user_query_free(query->left);
        a0__user_query_free(query->right);
        a0__free(query->name);
        a0__free(query->value);
        a0__free(query->upper);
        a0__free(query);
    }
}

void
a0__user_query_ptr_auto(a0__user_query_ptr *query)
{
    a0__user_query_free(*query);
    *query = NULL;
}

static a0__user_query *
new_query(a0__query_kind k)
{
    a0__user_query *query = a0__keep_bytes(1, sizeof *query);

    query->kind = k;
    return query;
}

/* Takes both sides over; NULL when one of them is missing. */
static a0__user_query *
join(a0__query_kind k, a0__user_query *left, a0__user_query *right)
{
    a0__user_query *query = NULL;

    if (left == NULL || right == NULL) {
        a0__user_query_free(left);
        a0__user_query_free(right);
        return NULL;
    }
    query = new_query(k);
    query->left = left;
    query->right = right;
    return query;
}

/* ---- reading ---- */

static void
skip_spaces(parser *p)
{
    while (p->rest.len > 0 && *p->rest.ptr == ' ') {
        p->rest = a0__text_from(p->rest, 1);
    }
}

static bool
take(parser *p, const char *token)
{
    a0__text wanted = a0__text_of(token);

    skip_spaces(p);
    if (!a0__text_starts_with(p->rest, wanted)) {
        return false;
    }
    p->rest = a0__text_from(p->rest, wanted.len);
    return true;
}

/* AND, OR, NOT and TO end where a word ends. */
static bool
take_word(parser *p, const char *word)
{
    parser before = *p;

    if (take(p, word) &&
        (p->rest.len == 0 || *p->rest.ptr == ' ' || *p->rest.ptr == '(')) {
        return true;
    }
    *p = before;
    return false;
}

/* `\x` is x, whatever it is. */
static bool
take_byte(parser *p, char *out, bool *out_is_escaped)
{
    *out_is_escaped = p->rest.len > 1 && *p->rest.ptr == '\\';
    if (*out_is_escaped) {
        p->rest = a0__text_from(p->rest, 1);
    }
    if (p->rest.len == 0) {
        return false;
    }
    *out = *p->rest.ptr;
    p->rest = a0__text_from(p->rest, 1);
    return true;
}

static char *
read_quoted(parser *p)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    bool is_escaped = false;
    char byte = 0;

    while (take_byte(p, &byte, &is_escaped)) {
        if (byte == '"' && !is_escaped) {
            return a0__keep_buf(&value);
        }
        a0__buf_byte(&value, byte);
    }
    return NULL;
}

static bool
ends_word(const parser *p, const char *ends)
{
    return p->rest.len == 0 || strchr(ends, *p->rest.ptr) != NULL;
}

/* NULL when it is empty, or holds a byte that must be escaped and is not. */
static char *
read_word(parser *p, const char *ends, const char *reserved)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    bool is_escaped = false;
    char byte = 0;

    while (!ends_word(p, ends) && take_byte(p, &byte, &is_escaped)) {
        bool is_wild = !is_escaped && (byte == '*' || byte == '?');

        if (!is_escaped && strchr(reserved, byte) != NULL) {
            return NULL;
        }
        a0__buf_byte(&value, !is_wild      ? byte
                             : byte == '*' ? A0__QUERY_ANY_TEXT
                                           : A0__QUERY_ANY_BYTE);
    }
    return value.len > 0 ? a0__keep_buf(&value) : NULL;
}

/* A bound is a word or quoted; `*` is none. */
static char *
read_bound(parser *p)
{
    char *bound = take(p, "\"") ? read_quoted(p) : read_word(p, " ]}", "");

    if (bound != NULL && bound[0] == A0__QUERY_ANY_TEXT && bound[1] == '\0') {
        bound[0] = '\0';
    }
    return bound;
}

static bool
read_range(parser *p, a0__user_query *term)
{
    term->kind = A0__QUERY_RANGE;
    term->value = read_bound(p);
    if (term->value == NULL || !take_word(p, "TO")) {
        return false;
    }
    skip_spaces(p);
    term->upper = read_bound(p);
    if (term->upper == NULL) {
        return false;
    }
    term->excludes_upper = take(p, "}");
    return term->excludes_upper || take(p, "]");
}

static bool
read_value(parser *p, a0__user_query *term)
{
    if (take(p, "\"")) {
        term->kind = A0__QUERY_PHRASE;
        term->value = read_quoted(p);
        return term->value != NULL;
    }
    term->excludes_value = take(p, "{");
    if (term->excludes_value || take(p, "[")) {
        return read_range(p, term);
    }
    term->kind = A0__QUERY_WORD;
    term->value = read_word(p, " )", RESERVED);
    return term->value != NULL;
}

static bool
read_term(parser *p, a0__user_query *term)
{
    skip_spaces(p);
    term->name = read_word(p, ": ()\"", "");
    if (term->name == NULL || !take(p, ":")) {
        return false;
    }
    if (strcmp(term->name, "_exists_") != 0) {
        term->field = a0__user_field_named(term->name);
        return read_value(p, term);
    }
    term->kind = A0__QUERY_EXISTS;
    term->value = read_word(p, " )", RESERVED);
    if (term->value != NULL) {
        term->field = a0__user_field_named(term->value);
    }
    return term->value != NULL;
}

static a0__user_query *
parse_term(parser *p)
{
    a0__user_query *term = NULL;

    if (++p->depth > DEPTH_MAX) {
        return NULL;
    }
    if (take_word(p, "NOT")) {
        term = join(A0__QUERY_NOT, parse_term(p), new_query(A0__QUERY_EVERYBODY));
    } else if (take(p, "(")) {
        term = parse_or(p);
        if (!take(p, ")")) {
            a0__user_query_free(term);
            term = NULL;
        }
    } else {
        term = new_query(A0__QUERY_WORD);
        if (!read_term(p, term)) {
            a0__user_query_free(term);
            term = NULL;
        }
    }
    p->depth--;
    return term;
}

static a0__user_query *
parse_and(parser *p)
{
    a0__user_query *query = parse_term(p);

    while (query != NULL && take_word(p, "AND")) {
        query = join(A0__QUERY_AND, query, parse_term(p));
    }
    return query;
}

static a0__user_query *
parse_or(parser *p)
{
    a0__user_query *query = parse_and(p);

    while (query != NULL && take_word(p, "OR")) {
        query = join(A0__QUERY_OR, query, parse_and(p));
    }
    return query;
}

a0__user_query *
a0__user_query_parse(a0__text q)
{
    parser p = { .rest = a0__text_trim(q) };
    a0__user_query *query = NULL;

    if (!a0__text_has_no_controls(p.rest)) {
        return NULL;
    }
    if (p.rest.len == 0) {
        return new_query(A0__QUERY_EVERYBODY);
    }
    query = parse_or(&p);
    skip_spaces(&p);
    if (p.rest.len > 0) {
        a0__user_query_free(query);
        query = NULL;
    }
    return query;
}
