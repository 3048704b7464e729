/* SPDX-License-Identifier: MIT */
/* The control API: everything under /_tenant/ (docs/tenant.md). */
#include "control.h"
#include "backchannel.h"
#include "endpoints.h"
#include "generate.h"
#include "identities.h"
#include "journal.h"
#include "keys.h"
#include "raw.h"
#include "seed.h"
#include "tokens.h"
#include "user_index.h"

enum {
    LIST_MAX = 64 * 1024 * 1024,
    NAME_MAX_BYTES = 1024
};

static a0_status
answer_ok(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(64);

    a0__buf_string(&body, "{\"ok\":true}");
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

static a0_status
no_such_thing(a0__exchange *x)
{
    return a0__refuse(x, 404, "not_found",
                      "docs/tenant.md lists what stands under /_tenant/");
}

static a0_status
refuse_input(a0__exchange *x)
{
    return a0__refuse(x, 400, "invalid_request", "%s",
                      x->error != NULL ? a0_error_message(x->error)
                                       : "the body must be a JSON object");
}

/* What is found under a name. */
void
a0__control_write(a0__tenant *tenant, a0__text name, a0__json_writer *w)
{
    a0__kind kind = A0__USERS;
    const a0__table *table = NULL;

    if (a0__text_is(name, "requests")) {
        a0__journal_write(tenant->journal, w);
        return;
    }
    if (a0__text_is(name, "faults")) {
        a0__faults_write(&tenant->faults, w);
        return;
    }
    if (!a0__kind_named(name, &kind)) {
        a0__json_value_null(w);
        return;
    }
    table = &tenant->tables[kind];
    a0__json_open(w, '[');
    for (void *row = a0__table_first(table); row != NULL; row = a0__table_next(row)) {
        a0__record_write(table->shape, row, kind == A0__CLIENTS, w);
    }
    a0__json_close(w, ']');
}

static a0_status
show(a0__exchange *x, a0__text name)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(LIST_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    if (a0__text_is(name, "raw")) {
        return a0__raw_show(x);
    }
    if (a0__text_is(name, "clock")) {
        a0__json_open(&w, '{');
        a0__json_put_i64(&w, "offset_s", x->tenant->clock_offset_s);
        a0__json_put_i64(&w, "now", x->now);
        a0__json_close(&w, '}');
    } else {
        a0__control_write(x->tenant, name, &w);
    }
    if (a0__text_is(a0__buf_view(&body), "null")) {
        return no_such_thing(x);
    }
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

/* A list of objects, or one alone. */
static a0_status
for_each_object(a0__exchange *x,
                a0_status (*each)(a0__exchange *, void *, const a0__json *), void *self)
{
    if (!a0__json_is_array(x->json)) {
        return a0__json_is_object(x->json) ? each(x, self, x->json) : refuse_input(x);
    }
    for (size_t i = 0; i < a0__json_len(x->json); i++) {
        A0_TRY(each(x, self, a0__json_at(x->json, i)));
    }
    return A0_OK;
}

typedef struct adding {
    a0__kind kind;
    a0__json_writer *w;
} adding;

static a0_status
add_record(a0__exchange *x, void *self, const a0__json *object)
{
    const adding *a = self;
    void *row = NULL;

    if (a0__seed_record(x->tenant, a->kind, object, &row, &x->error) != A0_OK) {
        return refuse_input(x);
    }
    a0__record_write(&a0__shapes[a->kind], row, a->kind == A0__CLIENTS, a->w);
    return A0_OK;
}

static a0_status
add_records(a0__exchange *x, a0__kind kind)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(LIST_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    A0_TRY(for_each_object(x, add_record, &(adding){ .kind = kind, .w = &w }));
    if (a0__json_is_array(x->json)) {
        return answer_ok(x);
    }
    A0_TRY(a0__keys_ensure(x->tenant, &x->error));
    a0__answer_json(x, 201, &body);
    return A0_OK;
}

static a0_status
add_fault(a0__exchange *x, void *self, const a0__json *object)
{
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(NAME_MAX_BYTES);

    (void)self;
    if (!a0__faults_add(&x->tenant->faults, object, &reason)) {
        return a0__refuse(x, 400, "invalid_request", "%s", a0__buf_cstr(&reason));
    }
    if (a0__text_is(a0__json_text_of_member(object, "name"), "search.lag")) {
        a0__user_index_take(x->tenant);
    }
    return answer_ok(x);
}

static a0_status
post_faults(a0__exchange *x)
{
    return for_each_object(x, add_fault, NULL);
}

static a0_status
generate(a0__exchange *x, void *self, const a0__json *pattern)
{
    (void)self;
    return a0__generate_users(x->tenant, pattern, &x->error) == A0_OK ? answer_ok(x)
                                                                      : refuse_input(x);
}

static a0_status
post_generated_users(a0__exchange *x)
{
    return for_each_object(x, generate, NULL);
}

static a0_status
post_reset(a0__exchange *x)
{
    a0__faults_clear(&x->tenant->faults);
    a0__list_clear(&x->tenant->next_logins);
    a0__list_clear(&x->tenant->next_connects);
    a0__journal_clear(x->tenant->journal);
    x->tenant->clock_offset_s = 0;
    x->tenant->management_bucket = (a0__rate_bucket){ .at_ms = 0 };
    A0_TRY(a0__seed_apply(x->tenant, a0__text_of(x->tenant->seed), &x->error));
    return answer_ok(x);
}

static a0_status
post_next_login(a0__exchange *x)
{
    a0__text user_id = a0__json_text_of_member(x->json, "user_id");

    if (a0__account_find(x->tenant, user_id) == NULL) {
        return a0__refuse(x, 404, "not_found", "There is no user with this user_id");
    }
    a0__list_append(&x->tenant->next_logins, user_id);
    return answer_ok(x);
}

static a0_status
post_next_connect(a0__exchange *x)
{
    a0__text user_id = a0__json_text_of_member(x->json, "user_id");

    if (a0__account_find(x->tenant, user_id) == NULL &&
        a0__table_get(&x->tenant->tables[A0__PROVIDER_ACCOUNTS], user_id) == NULL) {
        return a0__refuse(x, 404, "not_found", "There is no account with this user_id");
    }
    a0__list_append(&x->tenant->next_connects, user_id);
    return answer_ok(x);
}

static a0_status
post_clock(a0__exchange *x)
{
    int64_t offset_s = 0;

    if (a0__json_i64(x->json, "offset_s", &offset_s) != A0__FOUND ||
        offset_s > INT32_MAX || offset_s < INT32_MIN) {
        return a0__refuse(x, 400, "invalid_request",
                          "offset_s must be a number of seconds");
    }
    x->tenant->clock_offset_s = offset_s;
    return answer_ok(x);
}

/* {"client_id", "user_id", "sid", "url", "send"}: a logout token now, changed by the
 * faults bcl.*; sent to the url or the registered ones unless "send" is false. */
static a0_status
post_backchannel_logout(a0__exchange *x)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(A0__TOKEN_MAX);
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__string) user_id = a0__keep(a0__json_text_of_member(x->json, "user_id"));
    A0_AUTO(a0__string) sid = a0__keep(a0__json_text_of_member(x->json, "sid"));
    const a0__client *client =
        a0__tenant_client(x->tenant, a0__json_text_of_member(x->json, "client_id"));
    a0__text url = a0__json_text_of_member(x->json, "url");
    a0__json_writer w = a0__json_writer_on(&body);
    bool send = true;

    if (client == NULL) {
        return a0__refuse(x, 404, "not_found",
                          "There is no client with this client_id");
    }
    (void)a0__json_bool(x->json, "send", &send);
    A0_TRY(a0__logout_token_issue(x->tenant, client, user_id, sid, &token, &x->error));
    for (size_t i = 0; send && url.len == 0 && i < client->backchannel_logout_urls.len;
         i++) {
        a0__backchannel_queue(x->tenant,
                              a0__text_of(client->backchannel_logout_urls.items[i]),
                              a0__buf_view(&token));
    }
    if (send && url.len > 0) {
        a0__backchannel_queue(x->tenant, url, a0__buf_view(&token));
    }
    a0__json_open(&w, '{');
    a0__json_put(&w, "logout_token", a0__buf_view(&token));
    a0__json_close(&w, '}');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

typedef struct action {
    const char *name;
    a0_status (*run)(a0__exchange *x);
} action;

static const action actions[] = {
    { "reset", post_reset },
    { "next-login", post_next_login },
    { "next-connect", post_next_connect },
    { "clock", post_clock },
    { "faults", post_faults },
    { "generated_users", post_generated_users },
    { "backchannel-logout", post_backchannel_logout },
    { "raw", a0__raw_set },
};

static a0_status
post(a0__exchange *x, a0__text name)
{
    a0__kind kind = A0__USERS;

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (a0__text_is(name, actions[i].name)) {
            return actions[i].run(x);
        }
    }
    return a0__kind_named(name, &kind) ? add_records(x, kind) : no_such_thing(x);
}

/* A user goes with everything that was theirs. */
static void
remove_row(a0__tenant *tenant, a0__kind kind, void *row)
{
    if (kind == A0__USERS) {
        a0__user_remove(tenant, row);
    } else {
        a0__table_remove(&tenant->tables[kind], row);
    }
}

static a0_status
remove_all(a0__exchange *x, a0__text name)
{
    a0__kind kind = A0__USERS;

    if (a0__text_is(name, "requests")) {
        a0__journal_clear(x->tenant->journal);
        return answer_ok(x);
    }
    if (a0__text_is(name, "faults")) {
        a0__faults_clear(&x->tenant->faults);
        return answer_ok(x);
    }
    if (a0__text_is(name, "next-login")) {
        a0__list_clear(&x->tenant->next_logins);
        return answer_ok(x);
    }
    if (a0__text_is(name, "next-connect")) {
        a0__list_clear(&x->tenant->next_connects);
        return answer_ok(x);
    }
    if (!a0__kind_named(name, &kind) || kind == A0__SETTINGS || kind == A0__KEYS) {
        return no_such_thing(x);
    }
    while (x->tenant->tables[kind].first != NULL) {
        remove_row(x->tenant, kind, x->tenant->tables[kind].first);
    }
    return answer_ok(x);
}

static a0_status
remove_one(a0__exchange *x, a0__text name, a0__text key)
{
    a0__kind kind = A0__USERS;
    void *row = NULL;

    if (!a0__kind_named(name, &kind) || kind == A0__SETTINGS || kind == A0__KEYS) {
        return no_such_thing(x);
    }
    row = a0__table_get(&x->tenant->tables[kind], key);
    if (row == NULL) {
        return no_such_thing(x);
    }
    remove_row(x->tenant, kind, row);
    return answer_ok(x);
}

static a0_status
keys_action(a0__exchange *x, a0__text action_name)
{
    if (a0__text_is(action_name, "rotate")) {
        A0_TRY(a0__keys_rotate(x->tenant, &x->error));
        return answer_ok(x);
    }
    if (!a0__text_is(action_name, "revoke")) {
        return no_such_thing(x);
    }
    return a0__keys_revoke(x->tenant, a0__json_text_of_member(x->json, "kid"))
               ? answer_ok(x)
               : a0__refuse(x, 404, "not_found", "There is no previous key");
}

static a0__text
without_port(a0__text host)
{
    size_t len = host.len;

    while (len > 0 && a0__is_digit(host.ptr[len - 1])) {
        len--;
    }
    return len > 0 && host.ptr[len - 1] == ':' ? a0__text_range(host.ptr, len - 1)
                                               : host;
}

/* A stranger's name that was made to lead to this machine (DNS rebinding) gives pages
 * of that stranger the tenant's own origin. */
static bool
is_asked_by_its_name(const a0__exchange *x)
{
    a0__text host = without_port(a0__header(x, "Host"));
    a0__address address;
    a0__url issuer;

    return !a0__tenant_is_loopback(x->tenant) ||
           a0__text_equal_ignoring_case(host, A0__LIT("localhost")) ||
           (a0__address_parse(host, &address) && a0__address_is_loopback(&address)) ||
           (a0__url_parse(a0__text_of(x->tenant->issuer), &issuer) &&
            a0__text_equal_ignoring_case(host, issuer.host));
}

bool
a0__comes_from_another_site(const a0__exchange *x)
{
    a0__text site = a0__header(x, "Sec-Fetch-Site");

    return (site.len > 0 && !a0__text_is(site, "same-origin") &&
            !a0__text_is(site, "none")) ||
           !is_asked_by_its_name(x);
}

a0_status
a0__control(a0__exchange *x)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(NAME_MAX_BYTES);
    A0_AUTO(a0__buf) key = A0__BUF_INIT(NAME_MAX_BYTES);
    bool has_key = a0__web_param(x->request, "key", &key);

    if (a0__comes_from_another_site(x)) {
        return a0__refuse(x, 403, "access_denied",
                          "The control API does not answer other sites");
    }
    if (!a0__web_param(x->request, "name", &name)) {
        return no_such_thing(x);
    }
    if (a0__text_is(x->request->method, "GET")) {
        return show(x, a0__buf_view(&name));
    }
    if (a0__text_is(x->request->method, "DELETE")) {
        return has_key ? remove_one(x, a0__buf_view(&name), a0__buf_view(&key))
                       : remove_all(x, a0__buf_view(&name));
    }
    if (has_key) {
        return a0__text_is(a0__buf_view(&name), "keys")
                   ? keys_action(x, a0__buf_view(&key))
                   : no_such_thing(x);
    }
    return post(x, a0__buf_view(&name));
}
