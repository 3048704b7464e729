/* SPDX-License-Identifier: MIT */
#include "flows/refresh.h"

#include "flows/refresh_exchange.h"
#include "flows/refresh_lock.h"

typedef struct refreshing {
    a0_session *session;
    const a0__wanted_token *wanted;
} refreshing;

/* What another holder may have done meanwhile. *out_done: nothing is left to do. */
static a0_status
look(void *self, bool *out_done, a0_error **err)
{
    const refreshing *r = self;

    A0_TRY(a0__session_reload(r->session, err));
    A0_ENSURE(r->session->is_signed_in, err, session_invalid);
    *out_done = a0__wanted_fresh(r->session, r->wanted) != NULL;
    return A0_OK;
}

static a0_status
exchange(void *self, a0_error **err)
{
    const refreshing *r = self;

    return a0__refresh_exchange(r->session, r->wanted, err);
}

a0_status
a0__refresh_single_flight(a0_session *session, const a0__wanted_token *wanted,
                          a0_error **err)
{
    refreshing r = { .session = session, .wanted = wanted };
    const a0__refresh_turn turn = { .look = look, .act = exchange, .self = &r };

    return a0__refresh_take_turn(session->client, session->record.refresh_key, &turn,
                                 err);
}
