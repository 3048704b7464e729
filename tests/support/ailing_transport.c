/* SPDX-License-Identifier: MIT */
#include "ailing_transport.h"

#include "base/mem.h"
#include "flows/client.h"

static bool
reaches_auth0(ailment a)
{
    return a == RESET_AFTER || a == TIMED_OUT_AFTER || a == STATUS_500_AFTER ||
           a == GARBAGE;
}

static void
ail(a0_http_exchange *exchange, ailment a)
{
    static const char body[] = "{\"statusCode\":0,\"error\":\"As asked\",\"message\":"
                               "\"As asked.\",\"errorCode\":\"as_asked\"}";

    a0_http_response_free(exchange->response);
    exchange->response = NULL;
    a0_error_free(a0__steal(&exchange->error));
    switch (a) {
    case REFUSED:
        scripted_respond_error(exchange, A0_E_http_unreachable, false);
        break;
    case RESET_BEFORE:
    case RESET_AFTER:
        scripted_respond_error(exchange, A0_E_http_truncated, true);
        break;
    case TIMED_OUT:
    case TIMED_OUT_AFTER:
        scripted_respond_error(exchange, A0_E_http_timeout, true);
        break;
    case STATUS_401:
        scripted_respond(exchange, 401, "application/json", body);
        break;
    case STATUS_403:
        scripted_respond(exchange, 403, "application/json", body);
        break;
    case STATUS_409:
        scripted_respond(exchange, 409, "application/json", body);
        break;
    case STATUS_429:
        scripted_respond(exchange, 429, "application/json", body);
        break;
    case STATUS_500:
    case STATUS_500_AFTER:
        scripted_respond(exchange, 500, "application/json", body);
        break;
    case GARBAGE:
    case AILMENTS:
        scripted_respond(exchange, 200, "application/json", "<p>garbage");
        break;
    }
}

/* ---- memory ---- */

static void
rearm(const ailing_transport *t)
{
    uint64_t made = a0__mem_count();

    if (t->memory_at > made) {
        a0__mem_fail_at(t->memory_at - made, t->memory_for_good);
    } else if (t->memory_at > 0 && t->memory_for_good) {
        a0__mem_fail_at(1, 1);
    }
}

void
ailing_memory_fail_at(ailing_transport *t, uint64_t n, bool for_good)
{
    t->memory_at = n > 0 ? a0__mem_count() + n : 0;
    t->memory_for_good = for_good;
    a0__mem_fail_at(0, 0);
    rearm(t);
}

/* ---- the port ---- */

static a0_status
perform(void *self, a0_http_exchange *exchanges, size_t len, int64_t deadline_ms,
        a0_error **err)
{
    ailing_transport *t = self;
    uint64_t before = a0__mem_count();
    a0_status status = A0_OK;

    a0__mem_fail_at(0, 0);
    for (size_t i = 0; i < len && status == A0_OK; i++) {
        size_t at = ++t->seen;
        bool fails =
            t->fail_at != 0 && (at == t->fail_at || (t->for_good && at > t->fail_at));

        if (!fails || reaches_auth0(t->ailment)) {
            status = t->inner.table->perform(t->inner.self, &exchanges[i], 1,
                                             deadline_ms, err);
        }
        if (fails) {
            ail(&exchanges[i], t->ailment);
        }
    }
    if (t->memory_at > before) {
        t->memory_at += a0__mem_count() - before;
    }
    rearm(t);
    return status;
}

void
ailing_begin(ailing_transport *t, a0_client *client)
{
    t->inner = (a0__http){ client->ports.transport, client->ports.transport_self };
    t->table = (a0_transport){ .size = sizeof t->table, .perform = perform };
    client->ports.transport = &t->table;
    client->ports.transport_self = t;
}

void
ailing_end(ailing_transport *t, a0_client *client)
{
    client->ports.transport = t->inner.table;
    client->ports.transport_self = t->inner.self;
}
