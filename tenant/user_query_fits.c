/* SPDX-License-Identifier: MIT */
/* Whether a user is one that a query asks for. */
#include "user_query_tree.h"

#include <string.h>

static bool
same_byte(const a0__user_query *query, char a, char b)
{
    return a == b || (query->field.is_normalized && a0__to_lower(a) == a0__to_lower(b));
}

/* Of a pattern with wildcards; goes back to the last A0__QUERY_ANY_TEXT, never further.
 */
static bool
matches(const a0__user_query *query, a0__text value)
{
    const char *pattern = query->value;
    const char *again = NULL;
    size_t at = 0;
    size_t again_at = 0;

    while (at < value.len) {
        if (*pattern == A0__QUERY_ANY_TEXT) {
            again = ++pattern;
            again_at = at;
        } else if (*pattern == A0__QUERY_ANY_BYTE ||
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
    while (*pattern == A0__QUERY_ANY_TEXT) {
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
    case A0__QUERY_PHRASE:
        return matches(query, value);
    case A0__QUERY_WORD:
        return one_word_matches(query, value);
    case A0__QUERY_RANGE:
        return in_range(query, value);
    case A0__QUERY_EXISTS:
        return true;
    case A0__QUERY_EVERYBODY:
    case A0__QUERY_AND:
    case A0__QUERY_OR:
    case A0__QUERY_NOT:
        break;
    }
    return false;
}

bool
a0__user_query_fits(const a0__user_query *query, const a0__user *user)
{
    a0__user_query asked = *query;

    switch (query->kind) {
    case A0__QUERY_EVERYBODY:
        return true;
    case A0__QUERY_AND:
        return a0__user_query_fits(query->left, user) &&
               a0__user_query_fits(query->right, user);
    case A0__QUERY_OR:
        return a0__user_query_fits(query->left, user) ||
               a0__user_query_fits(query->right, user);
    case A0__QUERY_NOT:
        return !a0__user_query_fits(query->left, user);
    case A0__QUERY_EXISTS:
    case A0__QUERY_PHRASE:
    case A0__QUERY_WORD:
    case A0__QUERY_RANGE:
        return a0__user_field_any(&query->field, user, value_fits, &asked);
    }
    return false;
}
