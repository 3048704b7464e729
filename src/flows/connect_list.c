/* SPDX-License-Identifier: MIT */
/* Connected accounts and connections as lists, and the end of an account. */
#include <string.h>

#include "auth0/identifier.h"
#include "base/mem.h"
#include "flows/connect.h"
#include "flows/cursors.h"
#include "flows/refresh.h"
#include "flows/vault_cache.h"

enum {
    LIST_MAX = 4 << 20
};

/* ---- the answer ---- */

struct a0_connect_answer {
    char *json;
    char *return_to;
};

void
a0_connect_answer_free(a0_connect_answer *answer)
{
    if (answer != NULL) {
        a0__free(answer->json);
        a0__free(answer->return_to);
        a0__free(answer);
    }
}

typedef a0_connect_answer *answer_ptr;

static void
answer_ptr_auto(answer_ptr *answer)
{
    a0_connect_answer_free(*answer);
}

a0_status
a0__connect_answer_new(a0__buf *json, a0__text return_to,
                       a0_connect_answer **out_answer, a0_error **err)
{
    A0_AUTO(answer_ptr) answer = a0__calloc(1, sizeof *answer);

    A0_ENSURE(answer != NULL, err, no_memory);
    A0_TRY(a0__buf_check(json, err));
    answer->json = a0__buf_take(json);
    if (return_to.len > 0) {
        answer->return_to = a0__strndup(return_to.ptr, return_to.len);
        A0_ENSURE(answer->return_to != NULL, err, no_memory);
    }
    *out_answer = a0__steal(&answer);
    return A0_OK;
}

const char *
a0_connect_answer_json(const a0_connect_answer *answer)
{
    return answer->json;
}

const char *
a0_connect_answer_return_to(const a0_connect_answer *answer)
{
    return answer->return_to;
}

/* ---- the call ---- */

/* Another bearer than the one that is set, which the API refused. */
static a0_status
take_bearer(a0_session *session, const char *scope, a0__secret *bearer,
            bool *out_is_new, a0_error **err)
{
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_token *token = NULL;
    a0_status status = A0_OK;
    a0__text text = A0__NO_TEXT;

    options.audience = session->client->settings->my_account_audience;
    options.scope = scope;
    A0_TRY(a0__session_access_token(session, &options, a0__secret_expose(bearer),
                                    &token, err));
    text = a0__text_of(a0_token_access_token(token));
    *out_is_new = !a0__secret_equal_text(bearer, text);
    status = a0__secret_set_text(bearer, text, err);
    a0_token_free(token);
    return status;
}

static a0_status
send_with(a0_session *session, const a0__secret *bearer, a0__http_call *call,
          a0_error **err)
{
    a0_status status = A0_OK;

    a0_http_response_free(a0__steal(&call->response));
    a0__http_add_bearer(&call->request, bearer);
    A0_TRY(a0__provider_send(session->client, call, err));
    if (call->response == NULL) {
        status = a0_error_status(call->error);
        a0__error_move(err, &call->error);
    }
    return status;
}

/* Nothing was done behind a 401: with a new token once more [CONN-11]. */
a0_status
a0__connect_call(a0_session *session, const char *scope, a0__http_call *call,
                 a0_error **err)
{
    A0_AUTO(a0__secret) bearer = A0__SECRET_INIT;
    bool is_new = false;

    A0_TRY(take_bearer(session, scope, &bearer, &is_new, err));
    A0_TRY(send_with(session, &bearer, call, err));
    if (a0_http_response_status(call->response) != 401) {
        return A0_OK;
    }
    A0_TRY(take_bearer(session, scope, &bearer, &is_new, err));
    return is_new ? send_with(session, &bearer, call, err) : A0_OK;
}

/* ---- lists ---- */

static a0_status
read_page(a0_session *session, const char *list, a0__cursors *cursors,
          a0__json_writer *w, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__http_call) call = { 0 };
    A0_AUTO(a0__json_doc) document = NULL;
    const a0__json *items = NULL;
    a0__text next = A0__NO_TEXT;

    A0_TRY(a0__connect_page_request(client->settings, list,
                                    a0__buf_view(&cursors->next), &call.request, err));
    A0_TRY(a0__connect_call(session, A0__MY_ACCOUNT_READ, &call, err));
    A0_TRY(a0__connect_page_response(call.response, list, a0__client_wall_ms(client),
                                     &document, &items, &next, err));
    for (size_t i = 0; i < a0__json_len(items); i++) {
        a0__json_value_node(w, a0__json_at(items, i));
    }
    A0_ENSURE(a0__cursors_go_on(cursors, next), err, connect_list_incomplete);
    return a0__buf_check(&cursors->next, err);
}

/* The whole list or an error, never a part. */
static a0_status
read_list(a0_session *session, const char *list, a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__cursors) cursors = A0__CURSORS_INIT;
    a0__json_writer w = a0__json_writer_on(out);

    A0_TRY(a0__session_require(session, err));
    a0__json_open(&w, '[');
    do {
        A0_TRY(read_page(session, list, &cursors, &w, err));
    } while (cursors.next.len > 0);
    a0__json_close(&w, ']');
    return a0__buf_check(out, err);
}

a0_status
a0__connect_read_accounts(a0_session *session, a0__buf *out, a0_error **err)
{
    return read_list(session, "accounts", out, err);
}

/* ---- the list as it is shown: Auth0 does not know whose the accounts are ---- */

static bool
copy_member(void *self, a0__text name, const a0__json *value)
{
    static const char *const ours[] = { "provider", "subject", "email",
                                        "email_verified", "is_account_linked" };
    a0__json_writer *w = self;

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (a0__text_is(name, ours[i])) {
            return true;
        }
    }
    a0__json_name_text(w, name);
    a0__json_value_node(w, value);
    return true;
}

static void
put_if_known(a0__json_writer *w, const char *name, a0__text value)
{
    a0__json_name(w, name);
    if (value.len > 0) {
        a0__json_value_text(w, value);
    } else {
        a0__json_value_null(w);
    }
}

static void
show_account(const a0__json *account, const a0__connected_accounts *records,
             a0__json_writer *w)
{
    const a0__connected_account unknown = { .version = 0 };
    const a0__connected_account *record = &unknown;
    a0__text id = A0__NO_TEXT;

    (void)a0__json_text(account, "id", &id);
    for (size_t i = 0; i < records->len; i++) {
        if (a0__text_is(id, records->items[i].key)) {
            record = &records->items[i];
        }
    }
    a0__json_open(w, '{');
    a0__json_each(account, copy_member, w);
    put_if_known(w, "provider", record->provider);
    put_if_known(w, "subject", record->subject);
    put_if_known(w, "email", record->email);
    a0__json_put_bool(w, "email_verified", record->email_verified);
    a0__json_put_bool(w, "is_account_linked", record->is_account_linked);
    a0__json_close(w, '}');
}

static a0_status
show_accounts(a0_session *session, const a0__json *accounts, a0__buf *out,
              a0_error **err)
{
    A0_AUTO(a0__connected_accounts) records = { .len = 0 };
    a0__json_writer w = a0__json_writer_on(out);

    A0_TRY(a0__connected_accounts_of(session->client, session->record.sub.ptr, &records,
                                     err));
    a0__json_open(&w, '[');
    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        show_account(a0__json_at(accounts, i), &records, &w);
    }
    a0__json_close(&w, ']');
    return a0__buf_check(out, err);
}

a0_status
a0_connect_list(a0_session *session, a0_connect_answer **out_answer, a0_error **err)
{
    A0_AUTO(a0__buf) list = A0__BUF_INIT(LIST_MAX);
    A0_AUTO(a0__buf) shown = A0__BUF_INIT(2 * LIST_MAX);
    A0_AUTO(a0__connected_accounts) before = { .len = 0 };
    A0_AUTO(a0__json_doc) accounts = NULL;

    A0_TRY(a0__session_require(session, err));
    A0_TRY(a0__connected_accounts_of(session->client, session->record.sub.ptr, &before,
                                     err));
    A0_TRY(a0__connect_read_accounts(session, &list, err));
    A0_TRY(a0__json_parse_large(a0__buf_view(&list), &accounts, err));
    A0_ENSURE(a0__json_is_array(accounts), err, connect_response_invalid);
    A0_TRY(a0__connect_records_follow(session, &before, accounts, err));
    A0_TRY(show_accounts(session, accounts, &shown, err));
    return a0__connect_answer_new(&shown, A0__NO_TEXT, out_answer, err);
}

a0_status
a0_connect_connections(a0_session *session, a0_connect_answer **out_answer,
                       a0_error **err)
{
    A0_AUTO(a0__buf) list = A0__BUF_INIT(LIST_MAX);

    A0_TRY(read_list(session, "connections", &list, err));
    return a0__connect_answer_new(&list, A0__NO_TEXT, out_answer, err);
}

/* ---- delete ---- */

a0_status
a0__connect_delete_remote(a0_session *session, a0__text id, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__http_call) call = { 0 };

    A0_TRY(a0__connect_delete_request(client->settings, id, &call.request, err));
    A0_TRY(a0__connect_call(session, A0__MY_ACCOUNT_DELETE, &call, err));
    return a0__connect_delete_response(call.response, a0__client_wall_ms(client), err);
}

/* The kept tokens go first and, in case one was obtained meanwhile, last [CONN-08]. */
a0_status
a0_connect_delete(a0_session *session, const char *connected_account_id, a0_error **err)
{
    a0__text id = a0__text_of(connected_account_id);

    A0_TRY(a0__session_require(session, err));
    if (!a0__identifier_is_valid(id)) {
        return a0__fail_about(err, A0_E_param_invalid, "connected_account_id");
    }
    A0_TRY(a0__vault_cache_forget(session->client, session->record.sub, err));
    A0_TRY(a0__connect_delete_remote(session, id, err));
    A0_TRY(a0__vault_cache_forget(session->client, session->record.sub, err));
    return a0__connect_record_erase(session, connected_account_id, err);
}
