/* SPDX-License-Identifier: MIT */
#include "provider_api.h"

#include "base/time.h"
#include "people.h"

enum {
    NAME_MAX_BYTES = 1024,
    HOUR_MS = 3600 * 1000
};

typedef struct caller {
    a0__text scope;
    const a0__user *account;
} caller;

static const a0__user *
account_of(const a0__tenant *tenant, const a0__provider_token *token)
{
    A0_AUTO(a0__buf) user_id = A0__BUF_INIT(NAME_MAX_BYTES);
    a0__text name = a0__text_of(token->connection);
    const a0__connection *connection = a0__tenant_connection(tenant, name);

    if (connection == NULL) {
        return NULL;
    }
    a0__buf_format(&user_id, "%s|%s", connection->strategy, token->idp_user_id);
    return a0__provider_account(tenant, name, a0__buf_view(&user_id));
}

/* Deleting the vault's entry leaves the provider's token good; taking the permission
 * back at the provider does not. */
static bool
is_revoked(a0__exchange *x, const a0__provider_token *token)
{
    const a0__connected_account *entry =
        a0__table_get(&x->tenant->tables[A0__CONNECTED_ACCOUNTS],
                      a0__text_of(token->connected_account));
    bool revoked = entry != NULL && entry->revoked;

    (void)a0__fault_take_bool(&x->tenant->faults, "provider.revoked", &revoked);
    return revoked;
}

static a0_status
refuse_token(a0__exchange *x)
{
    a0__web_header_set(x->response, "WWW-Authenticate",
                       A0__LIT("Bearer error=\"invalid_token\""));
    return a0__refuse(x, 401, "invalid_token",
                      "The provider does not know this access token");
}

static a0_status
authenticate(a0__exchange *x, caller *out)
{
    A0_AUTO(a0__buf) connection = A0__BUF_INIT(NAME_MAX_BYTES);
    a0__text authorization = a0__header(x, "Authorization");
    const a0__provider_token *token = NULL;

    if (!a0__web_param(x->request, "connection", &connection) ||
        !a0__text_starts_with(authorization, A0__LIT("Bearer "))) {
        return refuse_token(x);
    }
    token = a0__table_get(&x->tenant->tables[A0__PROVIDER_TOKENS],
                          a0__text_from(authorization, 7));
    if (token == NULL || token->expires_at <= x->now ||
        !a0__text_is(a0__buf_view(&connection), token->connection) ||
        is_revoked(x, token)) {
        return refuse_token(x);
    }
    out->scope = a0__text_of(token->scope);
    out->account = account_of(x->tenant, token);
    return out->account != NULL ? A0_OK : refuse_token(x);
}

static a0_status
answer(a0__exchange *x, a0__buf *body)
{
    a0__faults_edit(&x->tenant->faults, "provider.member.", body);
    a0__answer_json(x, 200, body);
    return A0_OK;
}

a0_status
a0__provider_userinfo(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    caller c = { .account = NULL };

    A0_TRY(authenticate(x, &c));
    a0__json_open(&w, '{');
    a0__json_put(&w, "sub", a0__idp_user_id(c.account));
    if (a0__text_has_word(c.scope, A0__LIT("profile"))) {
        a0__json_put_string(&w, "name", c.account->name);
        a0__json_put_string(&w, "picture", c.account->picture);
    }
    if (a0__text_has_word(c.scope, A0__LIT("email")) && *c.account->email != '\0') {
        a0__json_put_string(&w, "email", c.account->email);
        a0__json_put_bool(&w, "email_verified", c.account->email_verified);
    }
    a0__json_close(&w, '}');
    return answer(x, &body);
}

/* GitHub's ids are numbers. */
static void
put_id(a0__json_writer *w, a0__text id)
{
    uint64_t number = 0;

    if (a0__parse_u64(id, INT64_MAX, &number)) {
        a0__json_put_i64(w, "id", (int64_t)number);
    } else {
        a0__json_put(w, "id", id);
    }
}

a0_status
a0__provider_github_user(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    caller c = { .account = NULL };

    A0_TRY(authenticate(x, &c));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "login", c.account->nickname);
    put_id(&w, a0__idp_user_id(c.account));
    a0__json_put_string(&w, "name", c.account->name);
    /* The public address; most people show none. */
    a0__json_put_string(&w, "email", NULL);
    a0__json_close(&w, '}');
    return answer(x, &body);
}

a0_status
a0__provider_github_emails(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    caller c = { .account = NULL };

    A0_TRY(authenticate(x, &c));
    if (!a0__text_has_word(c.scope, A0__LIT("user:email")) &&
        !a0__text_has_word(c.scope, A0__LIT("user"))) {
        return a0__refuse(x, 404, "not_found", "Not Found");
    }
    a0__json_open(&w, '[');
    if (*c.account->email != '\0') {
        a0__json_open(&w, '{');
        a0__json_put_string(&w, "email", c.account->email);
        a0__json_put_bool(&w, "primary", true);
        a0__json_put_bool(&w, "verified", c.account->email_verified);
        a0__json_put_string(&w, "visibility", "private");
        a0__json_close(&w, '}');
    }
    a0__json_close(&w, ']');
    return answer(x, &body);
}

static bool
may_read_calendar(a0__text scope)
{
    static const char *const sufficient[] = {
        "https://www.googleapis.com/auth/calendar",
        "https://www.googleapis.com/auth/calendar.readonly",
        "https://www.googleapis.com/auth/calendar.events",
        "https://www.googleapis.com/auth/calendar.events.readonly",
    };

    for (size_t i = 0; i < sizeof sufficient / sizeof sufficient[0]; i++) {
        if (a0__text_has_word(scope, a0__text_of(sufficient[i]))) {
            return true;
        }
    }
    return false;
}

static void
write_moment(a0__json_writer *w, const char *name, int64_t wall_ms)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(64);

    a0__time_iso8601(wall_ms, &text);
    a0__json_name(w, name);
    a0__json_open(w, '{');
    a0__json_put(w, "dateTime", a0__buf_view(&text));
    a0__json_close(w, '}');
}

static void
write_event(a0__json_writer *w, const char *id, const char *summary, int64_t start_ms)
{
    a0__json_open(w, '{');
    a0__json_put_string(w, "id", id);
    a0__json_put_string(w, "summary", summary);
    write_moment(w, "start", start_ms);
    write_moment(w, "end", start_ms + HOUR_MS);
    a0__json_close(w, '}');
}

a0_status
a0__provider_calendar(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    int64_t next_hour_ms = (x->now / 3600 + 1) * HOUR_MS;
    caller c = { .account = NULL };

    A0_TRY(authenticate(x, &c));
    if (!may_read_calendar(c.scope)) {
        return a0__refuse(x, 403, "insufficient_scope",
                          "Request had insufficient authentication scopes.");
    }
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "kind", "calendar#events");
    a0__json_put_string(&w, "summary", c.account->email);
    a0__json_name(&w, "items");
    a0__json_open(&w, '[');
    write_event(&w, "event-1", "Coffee with the team", next_hour_ms);
    write_event(&w, "event-2", "Review", next_hour_ms + (int64_t)3 * HOUR_MS);
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    return answer(x, &body);
}
