/* SPDX-License-Identifier: MIT */
#include "oidc/logout.h"

enum {
    FORM_MAX = 8192,
    RETURN_TO_MAX = 2048,
    ID_TOKEN_HINT_MAX = 4096 /* URLs of 8 KiB pass every proxy */
};

static a0_status
check_return_to(const char *return_to, a0_error **err)
{
    a0__text text = a0__text_of(return_to);
    a0__url url;

    if (return_to != NULL &&
        (text.len > RETURN_TO_MAX || !a0__url_parse(text, &url) || url.has_userinfo ||
         !(a0__url_scheme_is(&url, "https") || a0__url_scheme_is(&url, "http")))) {
        return a0__fail_about(err, A0_E_param_invalid, "return_to");
    }
    return A0_OK;
}

static void
add_if_set(a0__form *form, const char *name, a0__text value)
{
    if (value.len > 0) {
        a0__form_add(form, name, value);
    }
}

/* Auth0's own. `federated` counts by being there, without a value. */
static void
add_v2(const a0__settings *settings, const a0__logout_input *input, a0__form *form)
{
    a0__form_add_string(form, "client_id", settings->client_id);
    add_if_set(form, "returnTo", a0__text_of(input->return_to));
}

/* RP-Initiated Logout 1.0 §2. A hint that is too long is replaced by the sid. */
static void
add_rp_initiated(const a0__settings *settings, const a0__logout_input *input,
                 a0__form *form)
{
    bool has_hint =
        input->id_token_hint.len > 0 && input->id_token_hint.len <= ID_TOKEN_HINT_MAX;

    if (has_hint) {
        a0__form_add(form, "id_token_hint", input->id_token_hint);
    } else {
        add_if_set(form, "logout_hint", input->logout_hint);
    }
    a0__form_add_string(form, "client_id", settings->client_id);
    add_if_set(form, "post_logout_redirect_uri", a0__text_of(input->return_to));
    add_if_set(form, "state", input->state);
}

a0_status
a0__logout_url(const a0__settings *settings, const char *end_session_endpoint,
               const a0__logout_input *input, a0__buf *out_url, a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(FORM_MAX);

    A0_TRY(check_return_to(input->return_to, err));
    if (settings->logout_endpoint_oidc) {
        add_rp_initiated(settings, input, &form);
        a0__buf_string(out_url, end_session_endpoint);
    } else {
        add_v2(settings, input, &form);
        a0__buf_string(out_url, settings->base_url);
        a0__buf_string(out_url, "/v2/logout");
    }
    A0_TRY(a0__buf_check(&form.text, err));
    a0__buf_byte(out_url, '?');
    a0__buf_text(out_url, a0__buf_view(&form.text));
    a0__buf_string(out_url, input->federated ? "&federated" : NULL);
    return a0__buf_check(out_url, err);
}
