/* SPDX-License-Identifier: MIT */
#include "oauth/client_auth.h"

#include "base/crypto.h"
#include "base/time.h"
#include "jose/jws.h"
#include "json/json.h"

enum {
    JTI_OCTETS = 32,
    CLAIMS_MAX = 1024,
    ASSERTION_MAX = 2048 /* what Auth0 takes */
};

static const char ASSERTION_TYPE[] =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

static const char *
client_id_of(const a0__client_auth *auth)
{
    return auth->is_for_management ? auth->settings->management_client_id
                                   : auth->settings->client_id;
}

static const a0__secret *
client_secret_of(const a0__client_auth *auth)
{
    return auth->is_for_management ? &auth->settings->management_client_secret
                                   : &auth->settings->client_secret;
}

static a0__client_authentication
method_of(const a0__client_auth *auth)
{
    const a0__settings *settings = auth->settings;
    bool is_another =
        auth->is_for_management &&
        !a0__text_is(a0__text_of(settings->client_id), settings->management_client_id);

    return is_another && settings->client_authentication == A0__PRIVATE_KEY_JWT
               ? A0__CLIENT_SECRET_POST
               : settings->client_authentication;
}

static bool
has_client_id(const a0__form *form)
{
    a0__text rest = a0__buf_view(&form->text);
    a0__text pair = A0__NO_TEXT;

    while (a0__text_next(&rest, '&', &pair)) {
        if (a0__text_starts_with(pair, A0__LIT("client_id="))) {
            return true;
        }
    }
    return false;
}

static void
add_client_id(const a0__client_auth *auth, a0__form *form)
{
    if (!has_client_id(form)) {
        a0__form_add_string(form, "client_id", client_id_of(auth));
    }
}

/* RFC 7523 §3 */
static a0_status
write_claims(const a0__client_auth *auth, a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__secret) jti = A0__SECRET_INIT;
    a0__json_writer w = a0__json_writer_on(out);

    A0_TRY(a0__random_text(auth->random, auth->random_self, JTI_OCTETS, &jti, err));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "iss", auth->settings->client_id);
    a0__json_put_string(&w, "sub", auth->settings->client_id);
    a0__json_put_string(&w, "aud", auth->settings->issuer);
    a0__json_put(&w, "jti", a0__secret_expose(&jti));
    a0__json_put_i64(&w, "iat", auth->now);
    a0__json_put_i64(&w, "exp",
                     a0__add_saturating(auth->now, A0__ASSERTION_LIFETIME_S));
    a0__json_close(&w, '}');
    return a0__buf_check(out, err);
}

/* RFC 7523 §2.2 */
static a0_status
add_assertion(const a0__client_auth *auth, a0__form *form, a0_error **err)
{
    const a0__settings *settings = auth->settings;
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(CLAIMS_MAX);
    A0_AUTO(a0__buf) assertion = A0__BUF_INIT(ASSERTION_MAX);
    a0__alg alg = A0__RS256;

    if (settings->client_assertion_alg != NULL &&
        !a0__alg_named(a0__text_of(settings->client_assertion_alg), &alg)) {
        return a0__fail_about(err, A0_E_param_invalid, "client_assertion_alg");
    }
    A0_TRY(a0__signing_key_read_pem(a0__secret_expose(&settings->client_assertion_key),
                                    &key, err));
    A0_TRY(write_claims(auth, &claims, err));
    A0_TRY(a0__jws_sign(key, alg, NULL, "JWT", a0__buf_view(&claims), &assertion, err));
    a0__form_add_string(form, "client_assertion_type", ASSERTION_TYPE);
    a0__form_add(form, "client_assertion", a0__buf_view(&assertion));
    return A0_OK;
}

a0_status
a0__client_auth_post(const a0__client_auth *auth, const char *endpoint, a0__form *form,
                     a0__http_request *out, a0_error **err)
{
    a0__text url = a0__text_of(endpoint);

    switch (method_of(auth)) {
    case A0__CLIENT_SECRET_POST:
        add_client_id(auth, form);
        a0__form_add_secret(form, "client_secret", client_secret_of(auth));
        a0__http_post_form(out, url, form, A0__HTTP_TOKEN_MAX);
        break;
    case A0__CLIENT_SECRET_BASIC:
        a0__http_post_form(out, url, form, A0__HTTP_TOKEN_MAX);
        a0__http_add_basic(out, a0__text_of(client_id_of(auth)),
                           client_secret_of(auth));
        break;
    case A0__PRIVATE_KEY_JWT:
        add_client_id(auth, form);
        A0_TRY(add_assertion(auth, form, err));
        a0__http_post_form(out, url, form, A0__HTTP_TOKEN_MAX);
        break;
    }
    A0_TRY(a0__buf_check(&form->text, err));
    return a0__http_request_check(out, err);
}
