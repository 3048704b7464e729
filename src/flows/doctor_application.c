/* SPDX-License-Identifier: MIT */
/* What the Management API says of the application: GET /clients/{id}. */
#include "auth0/application.h"
#include "auth0/my_account.h"
#include "auth0/users.h"
#include "auth0/vault.h"
#include "flows/doctor.h"
#include "flows/management.h"

enum {
    SCOPES_MAX = 4096
};

static const char MY_ACCOUNT_SCOPES[] =
    "create:me:connected_accounts read:me:connected_accounts "
    "delete:me:connected_accounts";

static void
check_callback(a0__examination *x)
{
    static const char remedy[] = "add it to the application's Allowed Callback URLs";
    static const char *const ids[] = { "callback", NULL };

    if (x->given.callback_url == NULL) {
        a0__checks_skipped(x, ids, "no callback URL is known");
    } else if (a0__application_lists(x->application, "callbacks",
                                     a0__text_of(x->given.callback_url))) {
        a0__check_ok(x, "callback", "the callback URL is registered");
    } else {
        a0__buf_format(a0__check_add(x, "callback", A0_CHECK_FAILED, remedy),
                       "%s is not registered", x->given.callback_url);
    }
}

static void
check_algorithm(a0__examination *x)
{
    static const char remedy[] = "set id_token_algorithms to that one, or change it at "
                                 "the application";
    const a0__strings *allowed = &x->client->settings->id_token_algorithms;
    a0__text alg = a0__application_alg(x->application);

    for (size_t i = 0; i < allowed->len; i++) {
        if (a0__text_is(alg, allowed->items[i])) {
            a0__check_ok(x, "algorithm", "ID tokens are signed as the settings allow");
            return;
        }
    }
    a0__buf_format(a0__check_add(x, "algorithm", A0_CHECK_FAILED, remedy),
                   "the application signs ID tokens with %.*s, which the settings do "
                   "not allow",
                   (int)alg.len, alg.ptr);
}

/* [VAULT-05] */
static void
check_rotation(a0__examination *x)
{
    static const char remedy[] = "switch the application's Refresh Token Rotation off, "
                                 "or set vault_subject to access_token";
    bool uses_vault = a0__application_lists(x->application, "grant_types",
                                            A0__LIT(A0__VAULT_GRANT)) &&
                      !x->client->settings->vault_subject_access_token;

    if (uses_vault && a0__application_rotates(x->application)) {
        a0__buf_string(a0__check_add(x, "rotation", A0_CHECK_FAILED, remedy),
                       "refresh tokens rotate, and the Token Vault does not go with "
                       "that");
        return;
    }
    a0__check_ok(x, "rotation",
                 uses_vault
                     ? "refresh tokens do not rotate, as the Token Vault wants it"
                     : "no refresh token is exchanged in the Token Vault");
}

static void
check_my_account(a0__examination *x)
{
    static const char remedy[] = "add the My Account API with these scopes to the "
                                 "application's Multi-Resource Refresh Token policies";
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(SCOPES_MAX);

    a0__application_scopes_missing(
        x->application, a0__text_of(x->client->settings->my_account_audience),
        a0__text_of(MY_ACCOUNT_SCOPES), &missing);
    if (missing.len == 0) {
        a0__check_ok(x, "my_account", "people may connect accounts");
        return;
    }
    a0__buf_format(
        a0__check_add(x, "my_account",
                      a0__doctor_uses_vault(x) ? A0_CHECK_FAILED : A0_CHECK_WARNING,
                      remedy),
        "people can not connect accounts, scopes are missing: %s",
        a0__buf_cstr(&missing));
}

static a0_status
fetch(a0__examination *x, a0__json **out, a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;

    a0__application_url(x->client->settings, &call.url);
    A0_TRY(a0__management_send(x->client, &call, 1, err));
    return a0__management_response(call.response, a0__client_wall_ms(x->client), out,
                                   err);
}

a0_status
a0__doctor_find_application(a0__examination *x, a0_error **err)
{
    if (!a0__text_has_word(a0__buf_view(&x->granted), A0__LIT("read:clients"))) {
        return A0_OK;
    }
    if (fetch(x, &x->application, &x->why_unknown) == A0_NO_MEMORY) {
        return a0__fail(err, A0_E_no_memory);
    }
    return A0_OK;
}

void
a0__doctor_application(a0__examination *x)
{
    static const char *const all[] = { "callback", "algorithm", "rotation",
                                       "my_account", NULL };

    if (x->application == NULL) {
        a0__checks_skipped(x, all,
                           x->why_unknown != NULL ? a0_error_message(x->why_unknown)
                                                  : "needs scope read:clients");
        return;
    }
    check_callback(x);
    check_algorithm(x);
    check_rotation(x);
    check_my_account(x);
}
