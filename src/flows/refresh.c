/* SPDX-License-Identifier: MIT */
#include "flows/refresh.h"

#include "base/pack.h"
#include "flows/refresh_exchange.h"
#include "flows/refresh_lock.h"
#include "flows/rows.h"

enum {
    WISH_MAX = 16384 /* audience and scope */
};

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
    A0_AUTO(a0__buf) wish = A0__BUF_INIT(WISH_MAX);
    refreshing r = { .session = session, .wanted = wanted };
    char about[A0__ROW_KEY_LEN + 1];
    const a0__refresh_turn turn = {
        .look = look, .act = exchange, .self = &r, .about = about
    };

    a0__pack_text(&wish, wanted->audience);
    a0__pack_text(&wish, a0__buf_view(&wanted->scope));
    A0_TRY(a0__buf_check(&wish, err));
    A0_TRY(a0__row_key(a0__buf_view(&wish), about, err));
    return a0__refresh_take_turn(session->client, session->record.refresh_key, &turn,
                                 err);
}
