/* SPDX-License-Identifier: MIT */
/* The log by the Management API: who connected what (wire §23, the log route). */
#include "endpoints.h"
#include "mgmt.h"

enum {
    PER_PAGE_DEFAULT = 50,
    PER_PAGE_MAX = 100,
    PAGE_MAX = 1000,
    ID_MAX = 2048
};

#define SCOPES "read:logs read:logs_users"

/* Of q, as much as a look-up of connects needs; "" is any. */
typedef struct filter {
    a0__text type;
    a0__text user_id;
    a0__text connection;
} filter;

typedef struct page {
    const a0__log *after; /* a checkpoint: what came later, the oldest first */
    uint64_t skip;
    uint64_t take;
    bool oldest_first;
    bool with_totals;
} page;

static a0__text *
field_named(filter *f, a0__text name)
{
    if (a0__text_is(name, "type")) {
        return &f->type;
    }
    if (a0__text_is(name, "user_id")) {
        return &f->user_id;
    }
    return a0__text_is(name, "connection") ? &f->connection : NULL;
}

/* name:"value" AND name:value */
static bool
read_filter(a0__text q, filter *out)
{
    q = a0__text_trim(q);
    while (q.len > 0) {
        a0__text name = A0__NO_TEXT;
        a0__text *field = NULL;
        bool quoted = false;

        (void)a0__text_next(&q, ':', &name);
        field = field_named(out, name);
        quoted = a0__text_starts_with(q, A0__LIT("\""));
        if (field == NULL) {
            return false;
        }
        q = a0__text_from(q, quoted ? 1 : 0);
        (void)a0__text_next(&q, quoted ? '"' : ' ', field);
        q = a0__text_trim(q);
        if (a0__text_starts_with(q, A0__LIT("AND "))) {
            q = a0__text_trim(a0__text_from(q, 4));
        }
    }
    return true;
}

static bool
is_any_or(a0__text wanted, const char *value)
{
    return wanted.len == 0 || a0__text_is(wanted, value);
}

static bool
passes(const filter *f, const a0__log *event)
{
    return is_any_or(f->type, event->type) && is_any_or(f->user_id, event->user_id) &&
           is_any_or(f->connection, event->connection);
}

static a0_status
refuse_page(a0__exchange *x)
{
    return a0__mgmt_refuse(x, 400, "The page does not exist", "invalid_query_string");
}

static bool
read_number(a0__text text, uint64_t most, uint64_t *out)
{
    return text.ptr == NULL || a0__parse_u64(text, most, out);
}

/* From the event of that id on; all other parameters are ignored. */
static a0_status
read_checkpoint(a0__exchange *x, page *out)
{
    out->after = a0__table_get(&x->tenant->tables[A0__LOGS], a0__param(x, "from"));
    out->oldest_first = true;
    return out->after != NULL &&
                   read_number(a0__param(x, "take"), PER_PAGE_MAX, &out->take) &&
                   out->take > 0
               ? A0_OK
               : refuse_page(x);
}

static a0_status
read_page(a0__exchange *x, page *out)
{
    uint64_t index = 0;

    if (!read_number(a0__param(x, "per_page"), PER_PAGE_MAX, &out->take) ||
        !read_number(a0__param(x, "page"), PAGE_MAX, &index) || out->take == 0) {
        return refuse_page(x);
    }
    out->skip = index * out->take;
    out->oldest_first = a0__text_is(a0__param(x, "sort"), "date:1");
    out->with_totals = a0__text_is(a0__param(x, "include_totals"), "true");
    return A0_OK;
}

static void
write_event(const a0__tenant *tenant, const a0__log *event, a0__json_writer *w)
{
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(event->connection));

    a0__json_open(w, '{');
    a0__json_put_string(w, "log_id", event->log_id);
    a0__json_put_string(w, "date", event->date);
    a0__json_put_string(w, "type", event->type);
    a0__json_put_string(w, "client_id", event->client_id);
    a0__json_put_string(w, "user_id", event->user_id);
    a0__json_put_string(w, "identity_user_id", event->idp_user_id);
    a0__json_put_string(w, "connection", event->connection);
    if (connection != NULL) {
        a0__json_put_string(w, "connection_id", connection->id);
        a0__json_put_string(w, "strategy", connection->strategy);
    }
    a0__json_name(w, "details");
    a0__json_open(w, '{');
    a0__json_name(w, "connected_account");
    a0__json_open(w, '{');
    a0__json_put_string(w, "id", event->connected_account);
    a0__json_put_string(w, "idp_user_id", event->idp_user_id);
    a0__json_close(w, '}');
    a0__json_close(w, '}');
    a0__json_close(w, '}');
}

static const a0__row *
step(const a0__row *row, bool oldest_first)
{
    return oldest_first ? row->next : row->previous;
}

/* The page's events as a list; how many there are, and how many pass at all. */
static void
write_page(const a0__tenant *tenant, const filter *f, const page *p, a0__json_writer *w,
           uint64_t *out_length, uint64_t *out_total)
{
    const a0__table *table = &tenant->tables[A0__LOGS];
    const a0__row *row = p->after != NULL  ? p->after->row.next
                         : p->oldest_first ? table->first
                                           : table->last;
    uint64_t passed = 0;
    uint64_t length = 0;

    a0__json_open(w, '[');
    for (; row != NULL; row = step(row, p->oldest_first)) {
        const a0__log *event = (const a0__log *)row;

        if (!passes(f, event)) {
            continue;
        }
        if (passed >= p->skip && length < p->take) {
            write_event(tenant, event, w);
            length++;
        }
        passed++;
    }
    a0__json_close(w, ']');
    *out_length = length;
    *out_total = passed;
}

static a0_status
answer(a0__exchange *x, const filter *f, const page *p)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    uint64_t length = 0;
    uint64_t total = 0;

    if (!p->with_totals) {
        write_page(x->tenant, f, p, &w, &length, &total);
    } else {
        a0__json_open(&w, '{');
        a0__json_name(&w, "logs");
        write_page(x->tenant, f, p, &w, &length, &total);
        a0__json_put_i64(&w, "start", (int64_t)p->skip);
        a0__json_put_i64(&w, "limit", (int64_t)p->take);
        a0__json_put_i64(&w, "length", (int64_t)length);
        a0__json_put_i64(&w, "total", (int64_t)total);
        a0__json_close(&w, '}');
    }
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

a0_status
a0__mgmt_logs(a0__exchange *x)
{
    filter f = { .type = A0__NO_TEXT };
    page p = { .take = PER_PAGE_DEFAULT };

    A0_TRY(a0__mgmt_authorize(x, SCOPES));
    if (a0__has_param(x, "from")) {
        A0_TRY(read_checkpoint(x, &p));
        return answer(x, &f, &p);
    }
    if (!read_filter(a0__param(x, "q"), &f)) {
        return a0__mgmt_refuse(x, 400,
                               "The local tenant finds type, user_id and connection",
                               "invalid_query_string");
    }
    A0_TRY(read_page(x, &p));
    return answer(x, &f, &p);
}

a0_status
a0__mgmt_user_logs(a0__exchange *x)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    filter f = { .type = A0__NO_TEXT };
    page p = { .take = PER_PAGE_DEFAULT };

    A0_TRY(a0__mgmt_authorize(x, SCOPES));
    if (!a0__web_param(x->request, "id", &id) ||
        a0__table_get(&x->tenant->tables[A0__USERS], a0__buf_view(&id)) == NULL) {
        return a0__mgmt_refuse(x, 404, "The user does not exist.", "inexistent_user");
    }
    f.user_id = a0__buf_view(&id);
    A0_TRY(read_page(x, &p));
    return answer(x, &f, &p);
}
