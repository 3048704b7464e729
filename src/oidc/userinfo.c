/* SPDX-License-Identifier: MIT */
#include "oidc/userinfo.h"

#include "oauth/error.h"

/* ---- §5.3.1 ---- */

a0_status
a0__userinfo_request(const char *userinfo_endpoint, const a0__token_set *tokens,
                     a0__http_request *out, a0_error **err)
{
    a0__http_get(out, a0__text_of(userinfo_endpoint), A0__HTTP_TOKEN_MAX);
    a0__http_add_bearer(out, &tokens->access_token);
    return a0__http_request_check(out, err);
}

/* ---- §5.3.2, §5.3.4 ---- */

static a0_status
fail_refused(const a0_http_response *response, a0_error **err)
{
    A0_AUTO(a0__oauth_error) error = { 0 };

    A0_TRY(a0__oauth_error_read(response, &error, err));
    return a0__oauth_error_fail(&error, A0_E_userinfo_http_error, err);
}

a0_status
a0__userinfo_response(const a0_http_response *response, a0__text sub,
                      a0__claims **out_claims, a0_error **err)
{
    A0_AUTO(a0__claims_ptr) claims = NULL;

    if (a0_http_response_status(response) != 200) {
        return fail_refused(response, err);
    }
    /* A signed answer (application/jwt) was never agreed upon. */
    A0_ENSURE(a0__http_content_type_is(response, A0__LIT("application/json")), err,
              userinfo_response_invalid);
    A0_TRY(a0__claims_parse(a0__http_body(response), &claims, err));
    A0_ENSURE(claims != NULL, err, userinfo_response_invalid);
    A0_ENSURE(sub.len > 0 && a0__text_equal(a0__claims_sub(claims), sub), err,
              userinfo_sub_mismatch);
    *out_claims = a0__steal(&claims);
    return A0_OK;
}
