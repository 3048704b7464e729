/* SPDX-License-Identifier: MIT */
/*
 * What our own pages send: from the same origin, with a token that only they can read,
 * for a person who is signed in. [LOUT-01, CONN-03, GW-15]
 */
#include "internal.h"
#include "navigation.h"

a0_status
gateway_check_csrf(const gateway *g, const a0__web_request *request,
                   const a0__params *form, const a0_session *session, a0_error **err)
{
    char expected[CSRF_TOKEN_LEN + 1];
    a0__text token =
        form != NULL ? a0__params_get(form, "csrf_token", NULL) : A0__NO_TEXT;
    bool is_ours = false;

    if (token.ptr == NULL) {
        token = a0__web_header_get(request, "x-csrf-token", NULL);
    }
    A0_TRY(gateway_csrf_token(g, a0_session_id(session), expected, err));
    is_ours = token.len == CSRF_TOKEN_LEN &&
              a0__equal_constant_time(token.ptr, expected, CSRF_TOKEN_LEN);
    a0__wipe(expected, sizeof expected);
    A0_ENSURE(is_ours, err, gw_csrf);
    return A0_OK;
}

a0_status
gateway_person(gateway *g, const a0__web_request *request, a0__web_response *response,
               a0_session **out_session, a0_error **err)
{
    A0_TRY(gateway_visitor(g, request, response, out_session, err));
    A0_ENSURE(*out_session != NULL, err, session_missing);
    return A0_OK;
}

a0_status
gateway_person_of_own_page(gateway *g, const a0__web_request *request,
                           const a0__params *form, a0__web_response *response,
                           a0_session **out_session, a0_error **err)
{
    A0_ENSURE(gateway_is_same_origin(request, gateway_origin_of(request)), err,
              gw_csrf);
    A0_TRY(gateway_person(g, request, response, out_session, err));
    return gateway_check_csrf(g, request, form, *out_session, err);
}
