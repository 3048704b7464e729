/* SPDX-License-Identifier: MIT */
/*
 * Opening a sign-in: OIDC Core §3.1.2.1 with PKCE (RFC 7636) and, by setting, a pushed
 * authorization request (RFC 9126).
 */
#include <a0/login.h>

#include <string.h>

#include "base/mem.h"
#include "flows/link_pending.h"
#include "oauth/authorize.h"
#include "oauth/par.h"
#include "oauth/pkce.h"

enum {
    STATE_OCTETS = 32,
    NONCE_OCTETS = 32,
    RETURN_TO_MAX = 2048
};

/* What is drawn for one sign-in. */
typedef struct draw {
    a0__secret state;
    a0__secret nonce;
    a0__secret code_verifier;
} draw;

static void
draw_auto(draw *d)
{
    a0__secret_clear(&d->state);
    a0__secret_clear(&d->nonce);
    a0__secret_clear(&d->code_verifier);
}

static a0_status
draw_new(const a0_client *client, draw *out, a0_error **err)
{
    A0_TRY(a0__client_random(client, STATE_OCTETS, &out->state, err));
    A0_TRY(a0__client_random(client, NONCE_OCTETS, &out->nonce, err));
    return a0__pkce_verifier_new(client->ports.random, client->ports.random_self,
                                 &out->code_verifier, err);
}

/* RFC 9126 §2: one attempt; a second one only if not a byte of the first was sent. No
 * fallback to the front channel [AUTHZ-05]. */
static a0_status
send_par(a0_client *client, const a0__tenant *tenant, const a0__form *form,
         a0__par_answer *out, a0_error **err)
{
    A0_AUTO(a0__http_call) call = { 0 };
    a0_status status = A0_OK;

    for (int attempt = 0; attempt < 2; attempt++) {
        A0_AUTO(a0__form) pushed = A0__FORM_INIT(A0__AUTHORIZATION_MAX);
        a0__client_auth auth = a0__client_auth_now(client);

        a0__buf_text(&pushed.text, a0__buf_view(&form->text));
        a0__http_call_clear(&call);
        A0_TRY(a0__par_request(&auth,
                               tenant->metadata.pushed_authorization_request_endpoint,
                               &pushed, &call.request, err));
        A0_TRY(a0__provider_send(client, &call, err));
        if (call.response != NULL || call.sent) {
            break;
        }
    }
    if (call.response != NULL) {
        return a0__par_response(call.response, out, err);
    }
    status = a0__fail_saying(err, A0_E_par_failed, "%s (%s)",
                             a0__error_sentence(A0_E_par_failed),
                             a0_error_message(call.error));
    if (err != NULL) {
        a0__error_set_http_status(*err, a0_error_http_status(call.error));
    }
    return status;
}

/* The URL for the browser. */
static a0_status
make_url(a0_client *client, const a0__form *form, a0__buf *out_url, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    A0_AUTO(a0__par_answer) pushed = { 0 };

    A0_TRY(a0__provider_get(client, &tenant, err));
    a0__buf_reset(out_url);
    if (!client->settings->pushed_authorization_requests) {
        return a0__authorization_url(tenant->metadata.authorization_endpoint, form,
                                     out_url, err);
    }
    A0_TRY(send_par(client, tenant, form, &pushed, err));
    return a0__authorization_url_pushed(tenant->metadata.authorization_endpoint,
                                        client->settings->client_id, pushed.request_uri,
                                        out_url, err);
}

static a0_status
open_transaction(a0_session *session, const draw *d, const char *redirect_uri,
                 const char *return_to, const a0__authorization *authorization,
                 a0__text link_id, a0_error **err)
{
    a0__transaction_record record = {
        .purpose = link_id.len > 0 ? A0__PURPOSE_LINK_CONFIRM : A0__PURPOSE_LOGIN,
        .state = A0__TRANSACTION_OPEN,
        .created_at = a0__client_now_s(session->client),
        .browser = a0__text_of(a0__session_browser(session)),
        .iss = a0__text_of(session->client->settings->issuer),
        .redirect_uri = a0__text_of(redirect_uri),
        .return_to = a0__text_of(return_to),
        .nonce = a0__secret_expose(&d->nonce),
        .code_verifier = a0__secret_expose(&d->code_verifier),
        .audience = a0__text_of(authorization->audience),
        .scope = a0__text_of(authorization->scope),
        .organization = a0__text_of(authorization->organization),
        .acr_values = a0__text_of(authorization->acr_values),
        .max_age = authorization->max_age,
        .link_id = link_id,
    };

    /* What confirms a link is the person's own: it ends with the session [LOUT-12]. */
    if (link_id.len > 0) {
        record.user_id = session->record.sub;
        record.session = a0__text_of(session->key);
    }
    return a0__transaction_open(session, &d->state, &record, err);
}

static a0_status
check_options(const a0_login_options *options, a0_error **err)
{
    if (options->return_to != NULL && strlen(options->return_to) > RETURN_TO_MAX) {
        return a0__fail_about(err, A0_E_param_invalid, "return_to");
    }
    return A0_OK;
}

/* ---- confirming a link ---- */

static const char *
connection_of(const a0_login_options *options)
{
    for (size_t i = 0; options->params != NULL && i < options->params_len; i++) {
        if (a0__text_is(a0__text_of(options->params[i].name), "connection")) {
            return options->params[i].value;
        }
    }
    return NULL;
}

/* LINK-19: only what waits in this session, is live, and names the connection that is
 * asked for. LINK-20: of a caller that names what is confirmed, only that. */
static a0_status
read_confirmed(const a0_session *session, const a0_login_options *options,
               a0__pending *out, a0__text *out_link_id, a0_error **err)
{
    a0__text wanted = a0__text_of(options->link_id);
    bool found = false;

    if (options->link_id != NULL && wanted.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__pending_read(session, out, &found, err));
    if (found && !session->record.link_is_confirmed &&
        a0__pending_is_live(session->client, out) &&
        a0__text_equal(a0__text_of(connection_of(options)), out->primary_connection) &&
        (wanted.len == 0 || a0__text_equal(wanted, out->id))) {
        *out_link_id = out->id;
    }
    A0_ENSURE(wanted.len == 0 || out_link_id->len > 0, err, link_pending_invalid);
    return A0_OK;
}

/* The caller's parameters and those that this sign-in can not do without: an answer out
 * of an old sign-in at the provider confirms nothing [LINK-21], nor does one in another
 * organization than the question [LINK-22]. */
typedef struct confirming {
    a0_param *params;
    size_t len;
} confirming;

static void
confirming_auto(confirming *c)
{
    a0__free(c->params);
}

static bool
is_ours(a0__text name)
{
    return a0__text_is(name, "prompt") || a0__text_is(name, "max_age") ||
           a0__text_is(name, "organization");
}

static a0_status
confirming_set(confirming *c, const a0_login_options *options,
               const a0__pending *pending, a0_error **err)
{
    c->params = a0__calloc(options->params_len + 3, sizeof *c->params);
    A0_ENSURE(c->params != NULL, err, no_memory);
    for (size_t i = 0; i < options->params_len; i++) {
        if (!is_ours(a0__text_of(options->params[i].name))) {
            c->params[c->len++] = options->params[i];
        }
    }
    c->params[c->len++] = (a0_param){ "prompt", "login" };
    c->params[c->len++] = (a0_param){ "max_age", "0" };
    if (pending->org_id.len > 0) {
        c->params[c->len++] = (a0_param){ "organization", pending->org_id.ptr };
    }
    return A0_OK;
}

/*
 * The transaction is stored last, when there is a URL to send the browser to: whatever
 * fails before leaves nothing behind [AUTHZ-01, AUTHZ-03, AUTHZ-05].
 */
a0_status
a0_login_start(a0_session *session, const char *redirect_uri,
               const a0_login_options *options, const char **out_url, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__pending) pending = { .document = NULL };
    draw d __attribute__((cleanup(draw_auto))) = { 0 };
    confirming c __attribute__((cleanup(confirming_auto))) = { .len = 0 };
    a0_login_options given = A0_LOGIN_OPTIONS_INIT;
    a0__text link_id = A0__NO_TEXT;
    a0__authorization_input input = { .redirect_uri = redirect_uri };

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    A0_TRY(check_options(&given, err));
    A0_TRY(draw_new(client, &d, err));
    input.state = &d.state;
    input.nonce = &d.nonce;
    input.code_verifier = &d.code_verifier;
    input.params = given.params;
    input.params_len = given.params_len;
    A0_TRY(read_confirmed(session, &given, &pending, &link_id, err));
    if (link_id.len > 0) {
        A0_TRY(confirming_set(&c, &given, &pending, err));
        input.params = c.params;
        input.params_len = c.len;
    }
    A0_TRY(a0__authorization_request(client->settings, &input, &authorization, err));
    A0_TRY(make_url(client, &authorization.form, &session->url, err));
    A0_TRY(open_transaction(session, &d, redirect_uri, given.return_to, &authorization,
                            link_id, err));
    *out_url = a0__buf_cstr(&session->url);
    return A0_OK;
}
