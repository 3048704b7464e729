/* SPDX-License-Identifier: MIT */
/*
 * Asking the Management API: with the machine token, within five seconds, reads again
 * where that helps, writes once [MGMT-01, MGMT-02].
 */
#ifndef A0_FLOWS_MANAGEMENT_H
#define A0_FLOWS_MANAGEMENT_H

#include "flows/client.h"

enum {
    A0__MANAGEMENT_BATCH_MAX = A0__HTTP_BATCH_MAX
};

typedef struct a0__management_call {
    const char *method; /* static text; NULL: a GET, which may be repeated */
    a0__buf url;
    a0__text json; /* the body of a POST or PATCH */
    bool sent;     /* whether any byte of it may have reached Auth0 */
    a0_http_response *response;
} a0__management_call;

#define A0__MANAGEMENT_CALL_INIT                                                       \
    ((a0__management_call){ .url = A0__BUF_INIT(A0__URL_MAX) })
void a0__management_call_auto(a0__management_call *call);

/*
 * Sends the calls side by side; if one is a GET all are. A0_OK when each has a
 * response, of whatever status but 401. Errors: mgmt_auth_failed, mgmt_unavailable,
 * mgmt_rate_limited, http_*, and what fetching the machine token fails with.
 */
A0_MUST_USE a0_status a0__management_send(a0_client *client, a0__management_call *calls,
                                          size_t calls_len, a0_error **err);

#endif
