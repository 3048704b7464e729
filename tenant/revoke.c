/* SPDX-License-Identifier: MIT */
/* Token revocation: RFC 7009, wire §10. */
#include "client_auth.h"
#include "endpoints.h"
#include "refresh.h"

a0_status
a0__revoke_endpoint(a0__exchange *x)
{
    a0__client *client = NULL;
    const a0__refresh_family *family = NULL;

    A0_TRY(a0__client_authenticate(x, &client));
    if (a0__param(x, "token").len == 0) {
        return a0__refuse(x, 400, "invalid_request",
                          "Missing required parameter: token");
    }
    /* Unknown tokens and those of others: 200 without effect. (RFC 7009 §2.2) */
    family = a0__refresh_family_of(x->tenant, a0__param(x, "token"));
    if (family != NULL &&
        a0__text_is(a0__text_of(family->client_id), client->client_id)) {
        a0__refresh_revoke(x->tenant, a0__text_of(family->id));
    }
    x->response->status = 200;
    return A0_OK;
}
