/* SPDX-License-Identifier: MIT */
/* Logout in the browser (wire §11): the classic endpoint, and RP-initiated logout. */
#include "endpoints.h"
#include "jose/jwt.h"
#include "keys.h"
#include "page_files.h"
#include "pages.h"
#include "sso.h"

enum {
    URL_MAX = 16 * 1024
};

static void
end_session(a0__exchange *x)
{
    a0__sso *session = a0__sso_of_browser(x);

    if (session != NULL) {
        a0__sso_end(x, session);
    }
}

static void
show_signed_out(a0__exchange *x)
{
    a0__page_show(x, 200, "Signed out", a0__page_signed_out,
                  (const a0__page_value[]){ { NULL, A0__NO_TEXT } });
}

/* The list of the application that is named, or the tenant's. */
static const a0__list *
allowed_urls(const a0__exchange *x, const a0__client *client)
{
    return client != NULL ? &client->allowed_logout_urls
                          : &a0__tenant_settings_of(x->tenant)->allowed_logout_urls;
}

a0_status
a0__logout_v2(a0__exchange *x)
{
    a0__text return_to = a0__param(x, "returnTo");
    const a0__client *client = a0__tenant_client(x->tenant, a0__param(x, "client_id"));
    const a0__list *allowed = allowed_urls(x, client);

    if (a0__param(x, "client_id").len > 0 && client == NULL) {
        return a0__page_error(x, 400, "invalid_request",
                              "There is no application with this client_id");
    }
    if (return_to.len > 0 && !a0__logout_url_is_allowed(allowed, return_to)) {
        return a0__page_error(x, 400, "invalid_request",
                              "The returnTo is not in the list of Allowed Logout URLs");
    }
    end_session(x);
    if (return_to.len == 0 && client != NULL && allowed->len > 0) {
        return_to = a0__text_of(allowed->items[0]);
    }
    if (return_to.len > 0) {
        a0__answer_redirect(x, return_to);
    } else {
        show_signed_out(x);
    }
    return A0_OK;
}

/* Verified against our own keys, by our own algorithms; expired ones are welcome. */
static a0_status
read_hint(a0__exchange *x, a0__text hint, a0__json **out_claims)
{
    A0_AUTO(a0__jwks_ptr) keys = NULL;
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__RS256) | A0__ALG_BIT(A0__PS256) |
                                    A0__ALG_BIT(A0__ES256) | A0__ALG_BIT(A0__EDDSA) };

    A0_TRY(a0__keys_published(x->tenant, &keys, &x->error));
    trust.keys = keys;
    if (a0__jwt_verify(hint, &trust, &claims, NULL) != A0_OK ||
        !a0__text_is(a0__json_text_of_member(claims, "iss"), x->tenant->issuer)) {
        return a0__page_error(x, 400, "invalid_request",
                              "The id_token_hint is not a token of this tenant");
    }
    *out_claims = a0__steal(&claims);
    return A0_OK;
}

/* Who asks for the logout: the audience of the hint, or client_id; both must agree. */
static a0_status
find_asking_client(a0__exchange *x, const a0__json *claims,
                   const a0__client **out_client)
{
    a0__text named = a0__param(x, "client_id");
    a0__text hinted = a0__json_text_of_member(claims, "aud");

    if (named.len > 0 && hinted.len > 0 && !a0__text_equal(named, hinted)) {
        return a0__page_error(x, 400, "invalid_request",
                              "client_id and id_token_hint disagree");
    }
    if (named.len == 0) {
        named = hinted;
    }
    *out_client = a0__tenant_client(x->tenant, named);
    if (named.len > 0 && *out_client == NULL) {
        return a0__page_error(x, 400, "invalid_request",
                              "There is no application with this client_id");
    }
    return A0_OK;
}

static a0_status
check_target(a0__exchange *x, const a0__client *client)
{
    a0__text target = a0__param(x, "post_logout_redirect_uri");

    if (target.len > 0 && !a0__url_is_allowed(allowed_urls(x, client), target)) {
        return a0__page_error(x, 400, "invalid_request",
                              "The post_logout_redirect_uri is not in the list of "
                              "Allowed Logout URLs");
    }
    return A0_OK;
}

static void
leave(a0__exchange *x)
{
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    a0__text target = a0__param(x, "post_logout_redirect_uri");

    end_session(x);
    if (target.len == 0) {
        show_signed_out(x);
        return;
    }
    if (a0__has_param(x, "state")) {
        a0__form_add(&params, "state", a0__param(x, "state"));
    }
    a0__url_with(target, &params, &url);
    a0__answer_redirect(x, a0__buf_view(&url));
}

/* Wire §11.2: a hint that names this browser's session spares the question. */
static bool
hint_fits_session(const a0__exchange *x, const a0__json *claims)
{
    a0__sso *session = a0__sso_of_browser(x);
    a0__text sid = claims != NULL ? a0__json_text_of_member(claims, "sid")
                                  : a0__param(x, "logout_hint");

    return session == NULL ? sid.len > 0 : a0__text_is(sid, session->sid);
}

a0_status
a0__logout_oidc(a0__exchange *x)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    const a0__client *client = NULL;

    if (a0__param(x, "id_token_hint").len > 0) {
        A0_TRY(read_hint(x, a0__param(x, "id_token_hint"), &claims));
    }
    A0_TRY(find_asking_client(x, claims, &client));
    A0_TRY(check_target(x, client));
    if (hint_fits_session(x, claims)) {
        leave(x);
        return A0_OK;
    }
    a0__page_show(
        x, 200, "Sign out", a0__page_logout,
        (const a0__page_value[]){
            { "target", a0__param(x, "post_logout_redirect_uri") },
            { "client_id", a0__text_of(client != NULL ? client->client_id : "") },
            { "state", a0__param(x, "state") },
            { NULL, A0__NO_TEXT } });
    return A0_OK;
}

a0_status
a0__logout_confirmed(a0__exchange *x)
{
    const a0__client *client = NULL;

    A0_TRY(find_asking_client(x, NULL, &client));
    A0_TRY(check_target(x, client));
    leave(x);
    return A0_OK;
}
