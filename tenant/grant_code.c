/* SPDX-License-Identifier: MIT */
/* The authorization code grant: RFC 6749 §4.1.3, RFC 7636 §4.6. */
#include "authorization.h"
#include "pkce.h"
#include "refresh.h"
#include "token.h"

/* RFC 7636 §4.6; a verifier without a challenge is a downgrade (RFC 9700 §2.1.1). */
static a0_status
check_pkce(a0__exchange *x, const a0__authorization *code)
{
    a0__text verifier = a0__param(x, "code_verifier");

    if (*code->code_challenge == '\0' && verifier.len == 0) {
        return A0_OK;
    }
    if (*code->code_challenge != '\0' &&
        a0__pkce_verifier_fits(verifier, code->code_challenge)) {
        return A0_OK;
    }
    return a0__refuse(x, 403, "invalid_grant", "Failed to verify code verifier");
}

static a0_status
check_redirect_uri(a0__exchange *x, const a0__authorization *code)
{
    a0__text redirect_uri = a0__param(x, "redirect_uri");

    if (!code->has_redirect_uri && redirect_uri.len == 0) {
        return A0_OK;
    }
    if (a0__text_is(redirect_uri, code->redirect_uri)) {
        return A0_OK;
    }
    return a0__refuse(x, 403, "invalid_grant",
                      "The redirect URI is not the one of the authorization request");
}

/* A code is good for one attempt; a second one revokes what the first gave.
 * (RFC 6749 §4.1.2) */
static a0_status
take_code(a0__exchange *x, const a0__client *client, a0__authorization **out_code)
{
    a0__authorization *code =
        a0__authorization_find(x->tenant, "code", a0__param(x, "code"));

    if (code == NULL || !a0__text_is(a0__text_of(code->client_id), client->client_id)) {
        return a0__refuse(x, 403, "invalid_grant", "Invalid authorization code");
    }
    if (code->is_used) {
        a0__refresh_revoke(x->tenant, a0__text_of(code->family));
        return a0__refuse(x, 403, "invalid_grant", "Invalid authorization code");
    }
    code->is_used = true;
    a0__table_touch(code);
    *out_code = code;
    return A0_OK;
}

/* Wire §8.1: present when max_age or prompt=login was asked. */
static int64_t
auth_time_to_tell(const a0__authorization *code)
{
    return code->max_age >= 0 ||
                   a0__text_has_word(a0__text_of(code->prompt), A0__LIT("login"))
               ? code->auth_time
               : 0;
}

a0_status
a0__grant_authorization_code(a0__exchange *x, a0__client *client)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(A0__FORM_MAX);
    a0__authorization *code = NULL;
    a0__token_facts facts = { .client = client, .gty = "" };
    const char *refresh_token = NULL;

    A0_TRY(take_code(x, client, &code));
    A0_TRY(check_redirect_uri(x, code));
    A0_TRY(check_pkce(x, code));
    facts.user =
        a0__table_get(&x->tenant->tables[A0__USERS], a0__text_of(code->user_id));
    if (facts.user == NULL || a0__user_is_blocked(x->tenant, facts.user)) {
        return a0__refuse(x, 403, "invalid_grant", "user is blocked");
    }
    a0__scope_grant(x->tenant, client, code->audience, a0__text_of(code->scope),
                    &scope);
    facts.audience = code->audience;
    facts.scope = a0__buf_cstr(&scope);
    facts.nonce = code->nonce;
    facts.sid = code->sid;
    facts.organization = code->organization;
    facts.auth_time = auth_time_to_tell(code);
    if (a0__text_has_word(a0__buf_view(&scope), A0__LIT("offline_access"))) {
        refresh_token = a0__refresh_begin(x, client, code, facts.scope, facts.auth_time,
                                          &code->family);
    }
    return a0__token_answer(x, &facts, refresh_token);
}
