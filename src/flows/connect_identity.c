/* SPDX-License-Identifier: MIT */
#include "flows/connect_identity.h"

#include "auth0/provider_identity.h"
#include "auth0/users.h"
#include "flows/connected_account.h"
#include "flows/management.h"
#include "flows/vault_exchange.h"

enum {
    LIST_MAX = 4 << 20,
    /* Auth0 writes its log beside the answer; a person is waiting for us. */
    LOG_LOOKS = 4,
    LOG_FIRST_WAIT_MS = 250
};

typedef struct search {
    a0_session *session;
    a0_client *client;
    a0__text id; /* of the connected account */
    a0__text connection;
    a0__identity_source source;
    a0__buf hint;
    a0__provider_identity found;
} search;

static void
search_auto(search *s)
{
    a0__buf_clear(&s->hint);
    a0__provider_identity_auto(&s->found);
}

/* ---- the only account of its connection ---- */

static a0_status
count_here(const search *s, size_t *out_count, a0_error **err)
{
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };

    *out_count = 0;
    A0_TRY(a0__connected_accounts_of(s->client, s->session->record.sub.ptr, &accounts,
                                     err));
    for (size_t i = 0; i < accounts.len; i++) {
        *out_count += a0__text_equal(accounts.items[i].connection, s->connection);
    }
    return A0_OK;
}

/* Auth0's list, read after the exchange: what it does not have then, the exchange can
 * not have chosen. */
static a0_status
is_alone(const search *s, bool *out_alone, a0_error **err)
{
    A0_AUTO(a0__buf) list = A0__BUF_INIT(LIST_MAX);
    A0_AUTO(a0__json_doc) accounts = NULL;
    size_t others = 0;
    size_t own = 0;

    A0_TRY(a0__connect_read_accounts(s->session, &list, err));
    A0_TRY(a0__json_parse_large(a0__buf_view(&list), &accounts, err));
    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        a0__text id = A0__NO_TEXT;
        a0__text connection = A0__NO_TEXT;

        (void)a0__json_text(a0__json_at(accounts, i), "id", &id);
        (void)a0__json_text(a0__json_at(accounts, i), "connection", &connection);
        if (a0__text_equal(id, s->id)) {
            own++;
        } else if (a0__text_equal(connection, s->connection)) {
            others++;
        }
    }
    *out_alone = own == 1 && others == 0;
    return A0_OK;
}

/* ---- one of several ---- */

static a0_status
look_into_log(search *s, a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__json_doc) events = NULL;

    a0__connect_log_url(s->client->settings, s->session->record.sub, &call.url);
    A0_TRY(a0__management_send(s->client, &call, 1, err));
    A0_TRY(a0__management_response(call.response, a0__client_wall_ms(s->client),
                                   &events, err));
    a0__buf_text(&s->hint, a0__connect_log_find(events, s->id));
    return a0__buf_check(&s->hint, err);
}

static a0_status
find_hint(search *s, a0_error **err)
{
    for (int looks = 0; looks < LOG_LOOKS && s->hint.len == 0; looks++) {
        if (looks > 0) {
            a0__client_sleep_ms(s->client, (int64_t)LOG_FIRST_WAIT_MS << (looks - 1));
        }
        A0_TRY(look_into_log(s, err));
    }
    A0_ENSURE(s->hint.len > 0, err, connect_identity_unknown);
    return A0_OK;
}

/* ---- asking the provider ---- */

static a0_status
exchange(const search *s, a0__secret *out_token, a0_error **err)
{
    A0_AUTO(a0__vault_exchange)
    x = { .client = s->client,
          .session = s->session,
          .connection = s->connection,
          .login_hint = a0__buf_view(&s->hint) };

    A0_TRY(a0__vault_exchange_run(&x, err));
    a0__secret_move(out_token, &x.tokens.access_token);
    return A0_OK;
}

static a0_status
response_of(a0__http_call *call, a0_error **err)
{
    a0_status status = A0_OK;

    if (call->response == NULL) {
        status = a0_error_status(call->error);
        a0__error_move(err, &call->error);
    }
    return status;
}

enum {
    IDENTITY_CALL,
    EMAILS_CALL,
    CALLS_LEN
};

static a0_status
ask_provider(search *s, const a0__secret *token, a0__http_call calls[CALLS_LEN],
             a0_error **err)
{
    const a0_ports *ports = &s->client->ports;
    size_t calls_len = s->source.emails_url != NULL ? CALLS_LEN : 1;

    a0__identity_request(s->source.url, token, &calls[IDENTITY_CALL].request);
    A0_TRY(a0__http_request_check(&calls[IDENTITY_CALL].request, err));
    if (calls_len > 1) {
        a0__identity_request(s->source.emails_url, token, &calls[EMAILS_CALL].request);
        A0_TRY(a0__http_request_check(&calls[EMAILS_CALL].request, err));
    }
    A0_TRY(a0__http_send((a0__http){ ports->transport, ports->transport_self }, calls,
                         calls_len, s->client->settings->http_timeout_ms, err));
    A0_TRY(response_of(&calls[IDENTITY_CALL], err));
    A0_TRY(a0__identity_response(&s->source, calls[IDENTITY_CALL].response, &s->found,
                                 err));
    /* Whose account it is stands without the address, which needs a scope of its own.
     */
    if (calls_len > 1 && calls[EMAILS_CALL].response != NULL) {
        a0__ignore(
            a0__identity_emails_response(calls[EMAILS_CALL].response, &s->found, NULL));
    }
    return A0_OK;
}

static a0_status
read_identity(search *s, const a0__secret *token, a0_error **err)
{
    a0__http_call calls[CALLS_LEN] = { 0 };
    a0_status status = ask_provider(s, token, calls, err);

    for (size_t i = 0; i < CALLS_LEN; i++) {
        a0__http_call_clear(&calls[i]);
    }
    return status;
}

/* Which of several accounts the vault chooses without a hint is not said anywhere. */
static a0_status
find_identity(search *s, a0_error **err)
{
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    size_t here = 0;
    bool alone = false;

    A0_TRY(count_here(s, &here, err));
    if (here <= 1) {
        A0_TRY(exchange(s, &token, err));
        A0_TRY(is_alone(s, &alone, err));
    }
    if (!alone) {
        A0_TRY(find_hint(s, err));
        A0_TRY(exchange(s, &token, err));
    }
    A0_TRY(read_identity(s, &token, err));
    A0_ENSURE(alone || a0__text_equal(a0__buf_view(&s->found.subject),
                                      a0__buf_view(&s->hint)),
              err, userinfo_sub_mismatch);
    return A0_OK;
}

void
a0__connect_identity_find(a0_session *session, const a0__json *account)
{
    search s __attribute__((cleanup(search_auto))) = {
        .session = session,
        .client = session->client,
        .hint = A0__BUF_INIT(A0__SUBJECT_MAX),
        .found = A0__PROVIDER_IDENTITY_INIT,
    };
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0__text strategy = A0__NO_TEXT;
    a0_status status = A0_OK;

    (void)a0__json_text(account, "id", &s.id);
    (void)a0__json_text(account, "connection", &s.connection);
    (void)a0__json_text(account, "strategy", &strategy);
    if (!a0__identity_source_of(s.client->settings, s.connection, strategy,
                                &s.source) ||
        s.source.url == NULL) {
        status = a0__fail(&failure, A0_E_connect_identity_unknown);
    } else {
        status = find_identity(&s, &failure);
    }
    if (status == A0_OK) {
        status = a0__connect_record_identify(session, s.id, &s.found, &failure);
    }
    if (status != A0_OK) {
        a0__client_log_rejected(s.client, "connect.identity_unknown", failure);
    }
}
