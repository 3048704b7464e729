/* SPDX-License-Identifier: MIT */
#include "token.h"

#include "client_auth.h"

typedef struct grant {
    const char *grant_type;
    a0_status (*run)(a0__exchange *x, a0__client *client);
} grant;

static const grant grants[] = {
    { "authorization_code", a0__grant_authorization_code },
    { "refresh_token", a0__grant_refresh_token },
    { "client_credentials", a0__grant_client_credentials },
    { A0__GRANT_VAULT, a0__grant_vault },
};

a0_status
a0__token_answer(a0__exchange *x, const a0__token_facts *facts,
                 const char *refresh_token)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__buf) access_token = A0__BUF_INIT(A0__TOKEN_MAX);
    A0_AUTO(a0__buf) id_token = A0__BUF_INIT(A0__TOKEN_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    int64_t expires_in = 0;

    A0_TRY(a0__access_token_issue(x->tenant, facts, &access_token, &expires_in,
                                  &x->error));
    a0__json_open(&w, '{');
    a0__json_put(&w, "access_token", a0__buf_view(&access_token));
    if (refresh_token != NULL) {
        a0__json_put_string(&w, "refresh_token", refresh_token);
    }
    if (facts->user != NULL &&
        a0__text_has_word(a0__text_of(facts->scope), A0__LIT("openid"))) {
        A0_TRY(a0__id_token_issue(x->tenant, facts, &id_token, &x->error));
        a0__json_put(&w, "id_token", a0__buf_view(&id_token));
    }
    a0__json_put_string(&w, "scope", facts->scope);
    a0__json_put_i64(&w, "expires_in", expires_in);
    a0__json_put_string(&w, "token_type", "Bearer");
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "token.member.", &body);
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

a0_status
a0__token(a0__exchange *x)
{
    a0__text grant_type = a0__param(x, "grant_type");
    a0__client *client = NULL;

    a0__web_header_set(x->response, "Pragma", A0__LIT("no-cache"));
    if (grant_type.len == 0) {
        return a0__refuse(x, 400, "invalid_request",
                          "Missing required parameter: "
                          "grant_type");
    }
    A0_TRY(a0__client_authenticate(x, &client));
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++) {
        if (!a0__text_is(grant_type, grants[i].grant_type)) {
            continue;
        }
        if (!a0__list_has(&client->grant_types, grant_type)) {
            return a0__refuse(x, 403, "unauthorized_client",
                              "Grant type '%s' not allowed for the client.",
                              grants[i].grant_type);
        }
        return grants[i].run(x, client);
    }
    return a0__refuse(x, 400, "unsupported_grant_type",
                      "The local tenant does not know this grant type");
}
