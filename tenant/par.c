/* SPDX-License-Identifier: MIT */
/* Pushed authorization requests: RFC 9126, wire §5. */
#include "authorization.h"
#include "client_auth.h"
#include "endpoints.h"

enum {
    PAR_LIFETIME_S = 30,
    PAR_BODY_MAX = 10 * 1024
};

static void
answer(a0__exchange *x, const a0__authorization *pushed)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "request_uri", pushed->id);
    a0__json_put_i64(&w, "expires_in", PAR_LIFETIME_S);
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "par.member.", &body);
    a0__answer_json(x, 201, &body);
}

a0_status
a0__par(a0__exchange *x)
{
    a0__table *table = &x->tenant->tables[A0__AUTHORIZATIONS];
    a0__authorization *pushed = NULL;
    a0__client *client = NULL;
    a0__refusal refusal = { .error = NULL };

    A0_TRY(a0__client_authenticate(x, &client));
    if (x->request->body.len > PAR_BODY_MAX) {
        return a0__refuse(x, 413, "invalid_request", "The request is too large");
    }
    if (a0__has_param(x, "request_uri")) {
        return a0__refuse(x, 400, "invalid_request", "request_uri cannot be pushed");
    }
    pushed = a0__row_new(table);
    refusal = a0__authorization_read(x, client, pushed);
    if (refusal.error != NULL) {
        a0__row_free(table, pushed);
        return a0__refuse(x, 400, "invalid_request", "%s", refusal.description);
    }
    a0__authorization_store(x->tenant, pushed, "pushed",
                            "urn:ietf:params:oauth:request_uri:", PAR_LIFETIME_S);
    answer(x, pushed);
    return A0_OK;
}
