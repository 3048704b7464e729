/* SPDX-License-Identifier: MIT */
/* What connecting, listing and deleting share: the call of the My Account API and the
 * local records of connected accounts. */
#ifndef A0_FLOWS_CONNECT_H
#define A0_FLOWS_CONNECT_H

#include <a0/connect.h>

#include "auth0/my_account.h"
#include "auth0/provider_identity.h"
#include "flows/connected_account.h"
#include "flows/session.h"

/* Sends call->request with an access token of the session that has that scope. On A0_OK
 * there is a response. */
A0_MUST_USE a0_status a0__connect_call(a0_session *session, const char *scope,
                                       a0__http_call *call, a0_error **err);

/* Takes json out of the buffer; return_to may be empty. */
A0_MUST_USE a0_status a0__connect_answer_new(a0__buf *json, a0__text return_to,
                                             a0_connect_answer **out_answer,
                                             a0_error **err);

/* Deletes at Auth0. */
A0_MUST_USE a0_status a0__connect_delete_remote(a0_session *session, a0__text id,
                                                a0_error **err);

/* Appends the complete list of the person's accounts, a JSON array. */
A0_MUST_USE a0_status a0__connect_read_accounts(a0_session *session, a0__buf *out,
                                                a0_error **err);

/* What an answer of Auth0 says about an account: it stands in a list; it stands there
 * and had a record before the list was asked for, so that one without a record now has
 * been disconnected since; or it has just been connected (again), so that whose it is
 * must be found out anew. */
typedef enum a0__connect_news {
    A0__IS_LISTED,
    A0__IS_STILL_LISTED,
    A0__WAS_CONNECTED
} a0__connect_news;

/* Writes the record of an account that Auth0 names; one of another owner stays as it is
 * [CONN-10]. */
A0_MUST_USE a0_status a0__connect_record_put(a0_session *session,
                                             const a0__json *account,
                                             a0__connect_news news, a0_error **err);
/* Puts into the person's record whose account it is. */
A0_MUST_USE a0_status a0__connect_record_identify(a0_session *session, a0__text id,
                                                  const a0__provider_identity *identity,
                                                  a0_error **err);
/* Removes the record if it belongs to the person of the session [CONN-08]. */
A0_MUST_USE a0_status a0__connect_record_erase(a0_session *session, const char *id,
                                               a0_error **err);
/*
 * Makes the person's records follow the complete list. `before` is what there was when
 * it was asked for: what has come or changed since is newer than the list, and stays.
 */
A0_MUST_USE a0_status a0__connect_records_follow(a0_session *session,
                                                 const a0__connected_accounts *before,
                                                 const a0__json *accounts,
                                                 a0_error **err);

#endif
