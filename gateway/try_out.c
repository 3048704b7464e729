/* SPDX-License-Identifier: MIT */
/*
 * POST /auth/connected-accounts/{id}/try-out: shows that a token of the vault works, by
 * the calendar of that account. The gateway calls the provider; its token never
 * reaches the browser. [VAULT-03, VAULT-06, VAULT-07]
 */
#include "internal.h"

#include "json/json.h"

enum {
    ACCOUNT_ID_MAX = 1024,
    HINT_MAX = 1024,
    CALENDAR_MAX = 256 * 1024,
    EVENTS_MAX = 50,
    BEARER_MAX = 64 * 1024
};

/* One account of the person and what came of trying it. */
struct trial {
    const connectable *connectable; /* NULL until the account is known */
    a0__buf id;
    a0__buf subject;
    a0_token *token;
    a0_http_response *calendar;
};

typedef struct trial trial;

static void
trial_auto(trial *t)
{
    a0__buf_clear(&t->id);
    a0__buf_clear(&t->subject);
    a0_token_free(t->token);
    a0_http_response_free(t->calendar);
}

/* ---- which account ---- */

static const a0__json *
account_of(const a0__json *accounts, a0__text id)
{
    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        a0__text its_id = A0__NO_TEXT;

        if (a0__json_text(a0__json_at(accounts, i), "id", &its_id) == A0__FOUND &&
            a0__text_equal(its_id, id)) {
            return a0__json_at(accounts, i);
        }
    }
    return NULL;
}

/* One of the person's own, of a connection whose calendar is known [VAULT-03]. */
static a0_status
find_account(const gateway *g, a0_session *session, trial *t, a0_error **err)
{
    A0_AUTO(gateway_answer) answer = NULL;
    A0_AUTO(a0__json_doc) accounts = NULL;
    const a0__json *account = NULL;
    a0__text connection = A0__NO_TEXT;
    a0__text subject = A0__NO_TEXT;

    A0_TRY(a0_connect_list(session, &answer, err));
    A0_TRY(a0__json_parse_large(a0__text_of(a0_connect_answer_json(answer)), &accounts,
                                err));
    account = account_of(accounts, a0__buf_view(&t->id));
    A0_ENSURE(account != NULL, err, vault_connection_forbidden);
    (void)a0__json_text(account, "connection", &connection);
    (void)a0__json_text(account, "subject", &subject);
    a0__buf_text(&t->subject, subject);
    A0_TRY(a0__buf_check(&t->subject, err));
    t->connectable = gateway_connectable(g, connection);
    A0_ENSURE(t->connectable != NULL && t->connectable->try_out_url != NULL, err,
              gw_not_found);
    return A0_OK;
}

/* ---- asking the provider ---- */

static a0_status
get_token(a0_session *session, trial *t, a0_error **err)
{
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;

    options.scope = t->connectable->try_out_scope;
    options.login_hint = t->subject.len > 0 ? a0__buf_cstr(&t->subject) : NULL;
    return a0_vault_token_for_session(session, t->connectable->connection, &options,
                                      &t->token, err);
}

static a0_status
get_calendar(const gateway *g, trial *t, a0_error **err)
{
    A0_AUTO(a0__buf) bearer = A0__BUF_INIT(BEARER_MAX);
    a0_http_header headers[] = { { "Authorization", NULL },
                                 { "Accept", "application/json" } };
    const a0_http_request request = { .size = sizeof request,
                                      .method = "GET",
                                      .url = t->connectable->try_out_url,
                                      .headers = headers,
                                      .headers_len = 2,
                                      .max_response_bytes = CALENDAR_MAX };

    a0__buf_string(&bearer, "Bearer ");
    a0__buf_string(&bearer, a0_token_access_token(t->token));
    A0_TRY(a0__buf_check(&bearer, err));
    headers[0].value = a0__buf_cstr(&bearer);
    return a0_client_perform(g->client, &request, &t->calendar, err);
}

/* A provider that knows the token no longer, or not for this, is asked again by the
 * person: both mean to connect. */
static a0_status
check_calendar(const trial *t, a0_error **err)
{
    int status = a0_http_response_status(t->calendar);

    A0_ENSURE(status != 401, err, vault_reconnect);
    A0_ENSURE(status != 403, err, vault_scope_missing);
    A0_ENSURE(status == 200, err, gw_provider_failed);
    return A0_OK;
}

/* ---- the answer ---- */

static void
write_event(const a0__json *event, a0__json_writer *w)
{
    const a0__json *start = a0__json_member(event, "start");
    a0__text summary = A0__NO_TEXT;
    a0__text moment = A0__NO_TEXT;

    (void)a0__json_text(event, "summary", &summary);
    if (a0__json_text(start, "dateTime", &moment) != A0__FOUND) {
        (void)a0__json_text(start, "date", &moment); /* a whole day */
    }
    a0__json_open(w, '{');
    a0__json_put(w, "summary", summary);
    a0__json_put(w, "start", moment);
    a0__json_close(w, '}');
}

static a0_status
write_events(const trial *t, a0__web_response *response, a0_error **err)
{
    A0_AUTO(a0__json_doc) calendar = NULL;
    a0__json_writer w = a0__json_writer_on(&response->body);
    const a0__json *items = NULL;
    a0__text title = A0__LIT("");
    size_t len = 0;
    const char *body = a0_http_response_body(t->calendar, &len);

    A0_TRY(a0__json_parse_large(a0__text_range(body, len), &calendar, err));
    A0_ENSURE(a0__json_array(calendar, "items", &items) == A0__FOUND, err,
              gw_provider_failed);
    a0__json_open(&w, '{');
    a0__json_put(&w, "account_id", a0__buf_view(&t->id));
    a0__json_put_string(&w, "connection", t->connectable->connection);
    a0__json_put_string(&w, "scope", a0_token_scope(t->token));
    (void)a0__json_text(calendar, "summary", &title);
    a0__json_put(&w, "calendar", title);
    a0__json_name(&w, "events");
    a0__json_open(&w, '[');
    for (size_t i = 0; i < a0__json_len(items) && i < EVENTS_MAX; i++) {
        write_event(a0__json_at(items, i), &w);
    }
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
    return a0__buf_check(&response->body, err);
}

static a0_status
try_out(gateway *g, const a0__web_request *request, trial *t,
        a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    a0__address client = gateway_client_of(g, request);

    A0_TRY(gateway_person_of_own_page(g, request, NULL, response, &session, err));
    A0_ENSURE(a0__web_param(request, "id", &t->id), err, param_invalid);
    A0_TRY(find_account(g, session, t, err));
    A0_TRY(get_token(session, t, err));
    event_audit_account(&g->log, "vault.tried_out", request, &client,
                        a0_session_user_id(session), t->connectable->connection,
                        a0__buf_cstr(&t->id));
    A0_TRY(get_calendar(g, t, err));
    A0_TRY(check_calendar(t, err));
    return write_events(t, response, err);
}

/* ---- what helps when it did not work ---- */

static bool
helps_to_connect(const a0_error *err)
{
    static const char *const cured[] = { "vault_token_not_found", "vault_reconnect",
                                         "vault_scope_missing",
                                         "vault_account_ambiguous" };

    for (size_t i = 0; i < sizeof cured / sizeof cured[0]; i++) {
        if (a0__text_is(a0__text_of(a0_error_id(err)), cured[i])) {
            return true;
        }
    }
    return false;
}

/* To connect again asks for what is missing, else for what the call takes. */
static void
refuse(gateway *g, const a0__web_request *request, const trial *t, const a0_error *err,
       a0__web_response *response)
{
    const char *missing = a0_error_missing_scopes(err);
    gateway_offer offer = { .connection = NULL };

    if (t->connectable != NULL && helps_to_connect(err)) {
        offer.connection = t->connectable->connection;
        offer.scope = missing != NULL ? missing : t->connectable->try_out_scope;
    }
    gateway_fail_offering(g, request, err, &offer, response);
}

void
gateway_try_out(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(trial)
    t = { .id = A0__BUF_INIT(ACCOUNT_ID_MAX), .subject = A0__BUF_INIT(HINT_MAX) };

    if (try_out(g, request, &t, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        refuse(g, request, &t, err, response);
    }
}
