/* SPDX-License-Identifier: MIT */
/* Between flows and the transport port. */
#include "http/http.h"

void
a0__http_call_clear(a0__http_call *call)
{
    a0__http_request_clear(&call->request);
    a0_http_response_free(call->response);
    a0_error_free(call->error);
    *call = (a0__http_call){ 0 };
}

void
a0__http_call_auto(a0__http_call *call)
{
    a0__http_call_clear(call);
}

/* The port's promise is checked: a plug-in may be wrong, a flow must not notice. */
static a0_status
take_outcome(a0_http_exchange *exchange, a0__http_call *call, a0_error **err)
{
    a0_http_response_free(call->response);
    a0_error_free(call->error);
    call->response = a0__steal(&exchange->response);
    call->error = a0__steal(&exchange->error);
    call->sent = exchange->sent;
    A0_ENSURE((call->response == NULL) != (call->error == NULL), err, internal);
    return A0_OK;
}

a0_status
a0__http_send(a0__http http, a0__http_call *calls, size_t calls_len,
              int64_t deadline_ms, a0_error **err)
{
    a0_http_request requests[A0__HTTP_BATCH_MAX];
    a0_http_exchange exchanges[A0__HTTP_BATCH_MAX];
    a0_status status = A0_OK;

    A0_ENSURE(calls_len <= A0__HTTP_BATCH_MAX, err, internal);
    for (size_t i = 0; i < calls_len; i++) {
        A0_TRY(a0__http_request_check(&calls[i].request, err));
        requests[i] = a0__http_view(&calls[i].request);
        exchanges[i] = (a0_http_exchange){ .request = &requests[i] };
    }
    A0_TRY(http.table->perform(http.self, exchanges, calls_len, deadline_ms, err));
    for (size_t i = 0; i < calls_len; i++) {
        a0_status taken =
            take_outcome(&exchanges[i], &calls[i], status == A0_OK ? err : NULL);

        status = status == A0_OK ? taken : status;
    }
    return status;
}

a0_status
a0__http_perform(a0__http http, const a0_http_request *request, int64_t deadline_ms,
                 a0_http_response **out_response, bool *out_sent, a0_error **err)
{
    a0_http_exchange exchange = { .request = request };
    A0_AUTO(a0__http_call) call = { 0 };

    A0_TRY(http.table->perform(http.self, &exchange, 1, deadline_ms, err));
    A0_TRY(take_outcome(&exchange, &call, err));
    if (out_sent != NULL) {
        *out_sent = call.sent;
    }
    if (call.error != NULL) {
        a0_status status = a0_error_status(call.error);

        a0__error_move(err, &call.error);
        return status;
    }
    *out_response = a0__steal(&call.response);
    return A0_OK;
}

a0_status
a0__http_send_one(a0__http http, a0__http_request *request, int64_t deadline_ms,
                  a0_http_response **out_response, bool *out_sent, a0_error **err)
{
    a0_http_request view = { 0 };

    A0_TRY(a0__http_request_check(request, err));
    view = a0__http_view(request);
    return a0__http_perform(http, &view, deadline_ms, out_response, out_sent, err);
}
