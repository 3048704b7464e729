/* SPDX-License-Identifier: MIT */
/*
 * One callback address for sign-ins and connects: the transaction says which it is
 * [CB-09].
 */
#include <a0/login.h>

#include "flows/transaction.h"
#include "oauth/callback.h"

a0_status
a0_callback_purpose_of(a0_session *session, const char *callback_url,
                       a0_callback_purpose *out_purpose, a0_error **err)
{
    A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
    A0_AUTO(a0__transaction) transaction = A0__TRANSACTION_INIT;

    A0_TRY(a0__callback_parse(a0__text_of(callback_url), &callback, err));
    A0_TRY(a0__transaction_find(session, callback.state, &transaction, err));
    *out_purpose = transaction.record.purpose == A0__PURPOSE_CONNECT
                       ? A0_CALLBACK_CONNECT
                       : A0_CALLBACK_LOGIN;
    return A0_OK;
}
