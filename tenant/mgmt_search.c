/* SPDX-License-Identifier: MIT */
/* The search of users (wire §21.5): pages of what a query finds, the first thousand. */
#include "endpoints.h"
#include "mgmt.h"
#include "user_index.h"
#include "user_query.h"
#include "user_view.h"

#include <stdlib.h>
#include <string.h>

enum {
    PER_PAGE_DEFAULT = 50,
    PER_PAGE_MAX = 100,
    PAGE_MAX = 100000,
    HITS_MAX = 1000,
    QUERY_MAX = 8 * 1024
};

#define refuse a0__mgmt_refuse

typedef struct hit {
    const a0__user *user;
    const char *key; /* of the sort */
} hit;

typedef struct search {
    a0__user_query_ptr query;
    const a0__field *sort; /* a text of the user; NULL: as they came */
    bool descending;
    uint64_t start;
    uint64_t limit;
    bool with_totals;
    hit *hits;
    size_t len;
} search;

static void
search_auto(search *s)
{
    a0__user_query_free(s->query);
    a0__free(s->hits);
}

static a0_status
refuse_query(a0__exchange *x, const char *message)
{
    return refuse(x, 400, message, "invalid_query_string");
}

/* ---- reading ---- */

static a0_status
read_page(a0__exchange *x, search *s)
{
    a0__text per_page = a0__param(x, "per_page");
    a0__text number = a0__param(x, "page");
    uint64_t page = 0;

    s->limit = PER_PAGE_DEFAULT;
    if (per_page.ptr != NULL &&
        (!a0__parse_u64(per_page, PER_PAGE_MAX, &s->limit) || s->limit == 0)) {
        return refuse_query(x, "Query validation error: per_page must be 1 to 100");
    }
    if (number.ptr != NULL && !a0__parse_u64(number, PAGE_MAX, &page)) {
        return refuse_query(x, "Query validation error: page must be a number");
    }
    s->start = page * s->limit;
    s->with_totals = a0__text_is(a0__param(x, "include_totals"), "true");
    return s->start + s->limit <= HITS_MAX
               ? A0_OK
               : refuse_query(x, "You can only page through the first 1000 records.");
}

/* field:1 or field:-1 */
static a0_status
read_sort(a0__exchange *x, search *s)
{
    const a0__shape *shape = &a0__shapes[A0__USERS];
    a0__text order = a0__param(x, "sort");
    a0__text name = A0__NO_TEXT;

    if (order.len == 0) {
        return A0_OK;
    }
    (void)a0__text_next(&order, ':', &name);
    s->descending = a0__text_is(order, "-1");
    for (size_t i = 0; i < shape->len; i++) {
        if (shape->fields[i].type == A0__FIELD_STRING &&
            a0__text_is(name, shape->fields[i].name)) {
            s->sort = &shape->fields[i];
        }
    }
    return s->sort != NULL && (s->descending || a0__text_is(order, "1"))
               ? A0_OK
               : refuse_query(x, "Query validation error: sort must be field:1 or "
                                 "field:-1");
}

static a0_status
read_query(a0__exchange *x, search *s)
{
    a0__text q = a0__param(x, "q");
    a0__text engine = a0__param(x, "search_engine");

    if (engine.ptr != NULL && !a0__text_is(engine, "v3")) {
        return refuse_query(x, "The local tenant has search engine v3 alone");
    }
    if (a0__has_param(x, "connection")) {
        return refuse_query(x, "connection belongs to search engine v1; search for "
                               "identities.connection");
    }
    if (q.len > QUERY_MAX) {
        return refuse(x, 414, "URI is too long", "");
    }
    s->query = a0__user_query_parse(q);
    return s->query != NULL
               ? A0_OK
               : refuse_query(x, "The query is malformed, or says more than the local "
                                 "tenant understands (docs/tenant.md)");
}

/* ---- finding ---- */

static const char *
key_of(const search *s, const a0__user *user)
{
    return s->sort == NULL
               ? ""
               : *(char *const *)(const void *)((const char *)user + s->sort->offset);
}

static int
compare(const void *a, const void *b)
{
    const hit *one = a;
    const hit *other = b;
    int order = strcmp(one->key, other->key);

    return order != 0 ? order : strcmp(one->user->user_id, other->user->user_id);
}

static bool
is_sorted(const search *s)
{
    for (size_t i = 1; i < s->len; i++) {
        if (compare(&s->hits[i - 1], &s->hits[i]) > 0) {
            return false;
        }
    }
    return true;
}

static void
find(const a0__table *users, search *s)
{
    s->hits = a0__keep_bytes(users->len + 1, sizeof *s->hits);
    for (a0__user *u = a0__table_first(users); u != NULL; u = a0__table_next(u)) {
        if (a0__user_query_fits(s->query, u)) {
            s->hits[s->len++] = (hit){ .user = u, .key = key_of(s, u) };
        }
    }
    if (s->sort != NULL && !is_sorted(s)) {
        qsort(s->hits, s->len, sizeof *s->hits, compare);
    }
}

/* ---- answering ---- */

static size_t
length_of_page(const search *s)
{
    size_t rest = s->start < s->len ? s->len - (size_t)s->start : 0;

    return rest < s->limit ? rest : (size_t)s->limit;
}

static a0_status
write_users(a0__exchange *x, const search *s, a0__json_writer *w)
{
    a0__user_view view = a0__user_view_asked(x);

    a0__json_open(w, '[');
    for (size_t i = 0; i < length_of_page(s); i++) {
        size_t place = (size_t)s->start + i;
        const hit *h = &s->hits[s->descending ? s->len - 1 - place : place];

        A0_TRY(a0__user_view_write(&view, h->user, w, &x->error));
    }
    a0__json_close(w, ']');
    return A0_OK;
}

static a0_status
answer(a0__exchange *x, const search *s)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__WEB_RESPONSE_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    if (!s->with_totals) {
        A0_TRY(write_users(x, s, &w));
    } else {
        a0__json_open(&w, '{');
        a0__json_put_i64(&w, "start", (int64_t)s->start);
        a0__json_put_i64(&w, "limit", (int64_t)s->limit);
        a0__json_put_i64(&w, "length", (int64_t)length_of_page(s));
        a0__json_name(&w, "users");
        A0_TRY(write_users(x, s, &w));
        a0__json_put_i64(&w, "total", (int64_t)s->len);
        a0__json_close(&w, '}');
    }
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

a0_status
a0__mgmt_users_search(a0__exchange *x)
{
    A0_AUTO(search) s = { .query = NULL };

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    A0_TRY(read_query(x, &s));
    A0_TRY(read_sort(x, &s));
    A0_TRY(read_page(x, &s));
    find(a0__user_index(x->tenant), &s);
    return answer(x, &s);
}
