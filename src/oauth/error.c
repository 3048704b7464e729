/* SPDX-License-Identifier: MIT */
#include "oauth/error.h"

#include "http/http.h"
#include "oauth/scope.h"

void
a0__oauth_error_clear(a0__oauth_error *error)
{
    a0__json_free(error->document);
    *error = (a0__oauth_error){ 0 };
}

void
a0__oauth_error_auto(a0__oauth_error *error)
{
    a0__oauth_error_clear(error);
}

a0_status
a0__oauth_error_read(const a0_http_response *response, a0__oauth_error *out,
                     a0_error **err)
{
    a0__json *document = NULL;

    A0_TRY(a0__json_parse(a0__http_body(response), &document, err));
    *out = (a0__oauth_error){ .status = a0_http_response_status(response),
                              .document = document };
    if (!a0__json_is_object(document)) {
        return A0_OK;
    }
    (void)a0__json_text(document, "error", &out->error);
    (void)a0__json_text(document, "error_description", &out->description);
    /* The characters of §5.2 are those of a scope. */
    if (!a0__scope_is_valid(out->error)) {
        out->error = A0__NO_TEXT;
    }
    return A0_OK;
}

bool
a0__oauth_error_is_temporary(const a0__oauth_error *error)
{
    return error->status == 429 || error->status >= 500;
}

a0_status
a0__oauth_error_fail(const a0__oauth_error *error, a0__error_id id, a0_error **err)
{
    a0_status status = a0__fail(err, id);

    if (err == NULL) {
        return status;
    }
    a0__error_set_peer(*err, error->status, error->error, error->description);
    if (a0__oauth_error_is_temporary(error)) {
        a0__error_set_http_status(*err, 503);
    }
    return status;
}
