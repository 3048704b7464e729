/* SPDX-License-Identifier: MIT */
#include "user_query.h"

#include <string.h>

#include "user_field.h"

enum {
    DEPTH_MAX = 16,
    VALUE_MAX = 64 * 1024
};

/* Stand for the wildcards in a pattern; a query holds no control bytes. */
#define ANY_TEXT '\1'
#define ANY_BYTE '\2'

/* What has a meaning of its own in a bare value. */
#define RESERVED ":\"[]{}(^~!"

typedef enum kind {
    EVERYBODY,
    AND,
    OR,
    NOT,
    EXISTS,
    PHRASE, /* quoted: the whole value */
    WORD,   /* bare: the whole value or one word of it; wildcards */
    RANGE
} kind;

struct a0__user_query {
    kind kind;
    a0__user_query *left;
    a0__user_query *right;
    char *name;
    a0__user_field field;
    char *value; /* or the lower bound, "" for none */
    char *upper;
    bool excludes_value;
    bool excludes_upper;
};

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
new_query(kind k)
{
    a0__user_query *query = a0__keep_bytes(1, sizeof *query);

    query->kind = k;
    return query;
}

/* Takes both sides over; NULL when one of them is missing. */
static a0__user_query *
join(kind k, a0__user_query *left, a0__user_query *right)
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
        a0__buf_byte(&value, !is_wild ? byte : byte == '*' ? ANY_TEXT : ANY_BYTE);
    }
    return value.len > 0 ? a0__keep_buf(&value) : NULL;
}

/* A bound is a word or quoted; `*` is none. */
static char *
read_bound(parser *p)
{
    char *bound = take(p, "\"") ? read_quoted(p) : read_word(p, " ]}", "");

    if (bound != NULL && bound[0] == ANY_TEXT && bound[1] == '\0') {
        bound[0] = '\0';
    }
    return bound;
}

static bool
read_range(parser *p, a0__user_query *term)
{
    term->kind = RANGE;
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
        term->kind = PHRASE;
        term->value = read_quoted(p);
        return term->value != NULL;
    }
    term->excludes_value = take(p, "{");
    if (term->excludes_value || take(p, "[")) {
        return read_range(p, term);
    }
    term->kind = WORD;
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
    term->kind = EXISTS;
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
        term = join(NOT, parse_term(p), new_query(EVERYBODY));
    } else if (take(p, "(")) {
        term = parse_or(p);
        if (!take(p, ")")) {
            a0__user_query_free(term);
            term = NULL;
        }
    } else {
        term = new_query(WORD);
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
        query = join(AND, query, parse_term(p));
    }
    return query;
}

static a0__user_query *
parse_or(parser *p)
{
    a0__user_query *query = parse_and(p);

    while (query != NULL && take_word(p, "OR")) {
        query = join(OR, query, parse_and(p));
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
        return new_query(EVERYBODY);
    }
    query = parse_or(&p);
    skip_spaces(&p);
    if (p.rest.len > 0) {
        a0__user_query_free(query);
        query = NULL;
    }
    return query;
}

/* ---- finding ---- */

static bool
same_byte(const a0__user_query *query, char a, char b)
{
    return a == b || (query->field.is_normalized && a0__to_lower(a) == a0__to_lower(b));
}

/* Of a pattern with wildcards; goes back to the last ANY_TEXT, never further. */
static bool
matches(const a0__user_query *query, a0__text value)
{
    const char *pattern = query->value;
    const char *again = NULL;
    size_t at = 0;
    size_t again_at = 0;

    while (at < value.len) {
        if (*pattern == ANY_TEXT) {
            again = ++pattern;
            again_at = at;
        } else if (*pattern == ANY_BYTE ||
                   (*pattern != '\0' && same_byte(query, *pattern, value.ptr[at]))) {
            pattern++;
            at++;
        } else if (again != NULL) {
            pattern = again;
            at = ++again_at;
        } else {
            return false;
        }
    }
    while (*pattern == ANY_TEXT) {
        pattern++;
    }
    return *pattern == '\0';
}

static bool
one_word_matches(const a0__user_query *query, a0__text value)
{
    a0__text word = A0__NO_TEXT;

    if (matches(query, value)) {
        return true;
    }
    while (query->field.is_normalized && a0__text_next(&value, ' ', &word)) {
        if (matches(query, word)) {
            return true;
        }
    }
    return false;
}

/* Below 0: the value stands before the bound. A date is equal to all of its day. */
static int
compare(const a0__user_query *query, a0__text value, const char *bound)
{
    a0__text other = a0__text_of(bound);
    size_t len = value.len < other.len ? value.len : other.len;
    uint64_t number = 0;
    uint64_t wanted = 0;
    int order = 0;

    if (a0__parse_u64(value, UINT64_MAX, &number) &&
        a0__parse_u64(other, UINT64_MAX, &wanted)) {
        return number < wanted ? -1 : number > wanted;
    }
    order = memcmp(value.ptr, bound, len);
    if (order != 0 || (query->field.is_time && len == other.len)) {
        return order;
    }
    return value.len < other.len ? -1 : value.len > other.len;
}

static bool
in_range(const a0__user_query *query, a0__text value)
{
    if (*query->value != '\0') {
        int order = compare(query, value, query->value);

        if (order < 0 || (order == 0 && query->excludes_value)) {
            return false;
        }
    }
    if (*query->upper != '\0') {
        int order = compare(query, value, query->upper);

        return order < 0 || (order == 0 && !query->excludes_upper);
    }
    return true;
}

static bool
value_fits(void *self, a0__text value)
{
    const a0__user_query *query = self;

    switch (query->kind) {
    case PHRASE:
        return matches(query, value);
    case WORD:
        return one_word_matches(query, value);
    case RANGE:
        return in_range(query, value);
    case EXISTS:
        return true;
    case EVERYBODY:
    case AND:
    case OR:
    case NOT:
        break;
    }
    return false;
}

bool
a0__user_query_fits(const a0__user_query *query, const a0__user *user)
{
    a0__user_query asked = *query;

    switch (query->kind) {
    case EVERYBODY:
        return true;
    case AND:
        return a0__user_query_fits(query->left, user) &&
               a0__user_query_fits(query->right, user);
    case OR:
        return a0__user_query_fits(query->left, user) ||
               a0__user_query_fits(query->right, user);
    case NOT:
        return !a0__user_query_fits(query->left, user);
    case EXISTS:
    case PHRASE:
    case WORD:
    case RANGE:
        return a0__user_field_any(&query->field, user, value_fits, &asked);
    }
    return false;
}
