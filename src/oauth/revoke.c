/* SPDX-License-Identifier: MIT */
#include "oauth/revoke.h"

#include "oauth/error.h"

enum {
    FORM_MAX = 16384
};

a0_status
a0__revoke_request(const a0__client_auth *auth, const char *revocation_endpoint,
                   a0__text refresh_token, a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(FORM_MAX);

    a0__form_add(&form, "token", refresh_token);
    a0__form_add_string(&form, "token_type_hint", "refresh_token");
    return a0__client_auth_post(auth, revocation_endpoint, &form, out, err);
}

a0_status
a0__revoke_response(const a0_http_response *response, a0_error **err)
{
    A0_AUTO(a0__oauth_error) error = { 0 };
    int status = a0_http_response_status(response);

    if (status == 200 || status == 400) {
        return A0_OK;
    }
    A0_TRY(a0__oauth_error_read(response, &error, err));
    return a0__oauth_error_fail(&error, A0_E_logout_remote_failed, err);
}
