/* SPDX-License-Identifier: MIT */
/* /userinfo: OpenID Connect Core §5.3, wire §9. */
#include "endpoints.h"
#include "tokens.h"

static a0_status
refuse_token(a0__exchange *x)
{
    a0__web_header_set(x->response, "WWW-Authenticate",
                       A0__LIT("Bearer realm=\"Users\", error=\"invalid_token\""));
    return a0__refuse(x, 401, "invalid_token", "Unauthorized");
}

a0_status
a0__userinfo(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    a0__text authorization = a0__header(x, "Authorization");
    const a0__access_token *token = NULL;
    const a0__user *user = NULL;

    a0__put_rate_limit(x);
    if (!a0__text_starts_with(authorization, A0__LIT("Bearer "))) {
        return refuse_token(x);
    }
    token = a0__table_get(&x->tenant->tables[A0__ACCESS_TOKENS],
                          a0__text_from(authorization, 7));
    if (token == NULL || token->expires_at <= x->now ||
        !a0__text_has_word(a0__text_of(token->scope), A0__LIT("openid"))) {
        return refuse_token(x);
    }
    user = a0__table_get(&x->tenant->tables[A0__USERS], a0__text_of(token->user_id));
    if (user == NULL) {
        return refuse_token(x);
    }
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "sub", user->user_id);
    a0__profile_write(x->tenant, user, a0__text_of(token->scope), &w);
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "userinfo.member.", &body);
    a0__answer_json(x, 200, &body);
    return A0_OK;
}
