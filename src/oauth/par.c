/* SPDX-License-Identifier: MIT */
#include "oauth/par.h"

#include "oauth/error.h"
#include "json/json.h"

void
a0__par_answer_clear(a0__par_answer *answer)
{
    a0__free(answer->request_uri);
    *answer = (a0__par_answer){ 0 };
}

void
a0__par_answer_auto(a0__par_answer *answer)
{
    a0__par_answer_clear(answer);
}

/* ---- §2.1 ---- */

a0_status
a0__par_request(const a0__client_auth *auth, const char *par_endpoint,
                a0__form *authorization, a0__http_request *out, a0_error **err)
{
    return a0__client_auth_post(auth, par_endpoint, authorization, out, err);
}

/* ---- §2.2 ---- */

/* It becomes part of a URL: nothing that could end its place there [AUTHZ-06]. */
static bool
is_request_uri(a0__text text)
{
    return text.len > 0 && text.len <= A0__REQUEST_URI_MAX &&
           a0__text_is_visible_ascii(text) && !a0__text_contains_byte(text, '&') &&
           !a0__text_contains_byte(text, '#');
}

static a0_status
read_answer(a0__text body, a0__par_answer *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0__text request_uri = A0__NO_TEXT;
    int64_t expires_in = 0;

    A0_TRY(a0__json_parse(body, &document, err));
    A0_ENSURE(a0__json_is_object(document), err, par_response_invalid);
    if (a0__json_text(document, "request_uri", &request_uri) != A0__FOUND ||
        !is_request_uri(request_uri)) {
        return a0__fail_about(err, A0_E_par_response_invalid, "request_uri");
    }
    if (a0__json_number(document, "expires_in", &expires_in) != A0__FOUND ||
        expires_in <= 0) {
        return a0__fail_about(err, A0_E_par_response_invalid, "expires_in");
    }
    out->request_uri = a0__strndup(request_uri.ptr, request_uri.len);
    A0_ENSURE(out->request_uri != NULL, err, no_memory);
    out->expires_in = expires_in;
    return A0_OK;
}

/* ---- §2.3 ---- */

static a0_status
fail_refused(const a0_http_response *response, a0_error **err)
{
    A0_AUTO(a0__oauth_error) error = { 0 };
    a0_status status = A0_OK;

    A0_TRY(a0__oauth_error_read(response, &error, err));
    status = a0__oauth_error_fail(&error, A0_E_par_failed, err);
    if (err != NULL) {
        a0__error_set_http_status(*err, error.status == 429 ? 503 : 502); /* AUTHZ-05 */
    }
    return status;
}

a0_status
a0__par_response(const a0_http_response *response, a0__par_answer *out, a0_error **err)
{
    int status = a0_http_response_status(response);

    if (status >= 400) {
        return fail_refused(response, err);
    }
    A0_ENSURE(status == 201, err, par_response_invalid);
    return read_answer(a0__http_body(response), out, err);
}
