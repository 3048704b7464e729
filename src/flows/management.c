/* SPDX-License-Identifier: MIT */
#include "flows/management.h"

#include "auth0/users.h"
#include "flows/machine_token.h"

enum {
    TRIES_MAX = 3
};

/* The calls on their way through the tries. */
typedef struct asking {
    a0_client *client;
    a0__management_call *calls;
    size_t len;
    int64_t deadline_ms; /* monotonic */
    bool may_repeat;
    a0__secret token;
    a0__http_call sent[A0__MANAGEMENT_BATCH_MAX];
} asking;

static void
forget_sent(asking *a)
{
    for (size_t i = 0; i < a->len; i++) {
        a0__http_call_clear(&a->sent[i]);
    }
}

static void
asking_auto(asking *a)
{
    forget_sent(a);
    a0__secret_clear(&a->token);
}

void
a0__management_call_auto(a0__management_call *call)
{
    a0__buf_clear(&call->url);
    a0_http_response_free(call->response);
    call->response = NULL;
}

/* ---- one try ---- */

static a0_status
build(asking *a, a0_error **err)
{
    for (size_t i = 0; i < a->len; i++) {
        a0__http_request *request = &a->sent[i].request;
        a0__text url = a0__buf_view(&a->calls[i].url);

        A0_TRY(a0__buf_check(&a->calls[i].url, err));
        a0__http_get(request, url, A0__HTTP_API_MAX);
        if (a->calls[i].json.len > 0) {
            a0__http_send_json(request, a->calls[i].method, url, a->calls[i].json,
                               A0__HTTP_API_MAX);
        } else if (a->calls[i].method != NULL) {
            request->method = a->calls[i].method;
        }
        a0__http_add_bearer(request, &a->token);
        A0_TRY(a0__http_request_check(request, err));
    }
    return A0_OK;
}

static void
note_outcome(const asking *a)
{
    for (size_t i = 0; i < a->len; i++) {
        const a0_http_response *response = a->sent[i].response;

        if (response == NULL || a0_http_response_status(response) >= 500) {
            a0__management_guard_failed(a->client);
            return;
        }
    }
    a0__management_guard_succeeded(a->client);
}

static a0_status
send_once(asking *a, a0_error **err)
{
    a0_client *client = a->client;

    forget_sent(a);
    A0_TRY(a0__management_guard_enter(client, (int)a->len, a->deadline_ms, err));
    A0_TRY(a0__machine_token_get(client, a->deadline_ms, &a->token, err));
    A0_TRY(build(a, err));
    A0_TRY(a0__http_send(
        (a0__http){ client->ports.transport, client->ports.transport_self }, a->sent,
        a->len, a->deadline_ms - a0__client_monotonic_ms(client), err));
    for (size_t i = 0; i < a->len; i++) {
        a->calls[i].sent = a->calls[i].sent || a->sent[i].sent;
    }
    note_outcome(a);
    return A0_OK;
}

/* ---- what came of it ---- */

static bool
has_status(const asking *a, int status)
{
    for (size_t i = 0; i < a->len; i++) {
        if (a->sent[i].response != NULL &&
            a0_http_response_status(a->sent[i].response) == status) {
            return true;
        }
    }
    return false;
}

/* A token that was withdrawn before its time: a new one, once [MGMT-03]. Nothing was
 * done behind a 401, so this holds for writes as well. */
static a0_status
send_with_valid_token(asking *a, a0_error **err)
{
    A0_TRY(send_once(a, err));
    if (!has_status(a, 401)) {
        return A0_OK;
    }
    a0__machine_token_evict(a->client, &a->token);
    A0_TRY(send_once(a, err));
    A0_ENSURE(!has_status(a, 401), err, mgmt_auth_failed);
    return A0_OK;
}

/* Whether asking again may help; *out_retry_after_s is the longest that was asked for.
 */
static bool
is_temporary(const asking *a, int *out_retry_after_s)
{
    int64_t wall_ms = a0__client_wall_ms(a->client);
    bool temporary = false;

    *out_retry_after_s = 0;
    for (size_t i = 0; i < a->len; i++) {
        const a0_http_response *response = a->sent[i].response;
        int seconds = response != NULL ? a0__http_retry_after_s(response, wall_ms) : 0;

        temporary = temporary || response == NULL ||
                    a0__management_is_temporary(a0_http_response_status(response));
        *out_retry_after_s =
            seconds > *out_retry_after_s ? seconds : *out_retry_after_s;
    }
    return temporary;
}

static a0_status
take_responses(asking *a, a0_error **err)
{
    for (size_t i = 0; i < a->len; i++) {
        if (a->sent[i].response == NULL) {
            a0_status status = a0_error_status(a->sent[i].error);

            a0__error_move(err, &a->sent[i].error);
            return status;
        }
        a->calls[i].response = a0__steal(&a->sent[i].response);
    }
    return A0_OK;
}

a0_status
a0__management_send(a0_client *client, a0__management_call *calls, size_t calls_len,
                    a0_error **err)
{
    asking a __attribute__((cleanup(asking_auto))) = {
        .client = client,
        .calls = calls,
        .len = calls_len,
        .deadline_ms = a0__client_monotonic_ms(client) + A0__HTTP_MANAGEMENT_TIMEOUT_MS,
        .may_repeat = calls[0].method == NULL,
    };
    int retry_after_s = 0;

    A0_ENSURE(calls_len <= A0__MANAGEMENT_BATCH_MAX, err, internal);
    A0_TRY(send_with_valid_token(&a, err));
    for (int tries = 1;
         tries < TRIES_MAX && a.may_repeat && is_temporary(&a, &retry_after_s) &&
         a0__management_pause(client, tries, retry_after_s, a.deadline_ms);
         tries++) {
        A0_TRY(send_with_valid_token(&a, err));
    }
    return take_responses(&a, err);
}
