/* SPDX-License-Identifier: MIT */
#include "logout_world.h"

#include "base/mem.h"
#include "json/json.h"

#define EVENT "{\"http://schemas.openid.net/event/backchannel-logout\":{}}"

char *
logout_token_sign(world *w, const logout_token *token)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) jws = A0__BUF_INIT(16384);
    a0__json_writer writer = a0__json_writer_on(&claims);
    int64_t iat = test_clock_now_s(&w->clock) + token->iat_offset_s;

    a0__json_open(&writer, '{');
    a0__json_put_string(&writer, "iss", FAKE_ISSUER);
    a0__json_put_string(&writer, "aud", FAKE_CLIENT_ID);
    a0__json_put_i64(&writer, "iat", iat);
    a0__json_put_i64(&writer, "exp", iat + 120);
    a0__json_put_string(&writer, "jti", token->jti);
    if (token->sub != NULL) {
        a0__json_put_string(&writer, "sub", token->sub);
    }
    if (token->sid != NULL) {
        a0__json_put_string(&writer, "sid", token->sid);
    }
    a0__json_name(&writer, "events");
    a0__json_value_raw(&writer, A0__LIT(EVENT));
    a0__json_close(&writer, '}');
    assert_int_equal(a0__jws_sign(w->tenant.key, A0__RS256, w->tenant.kid, "JWT",
                                  a0__buf_view(&claims), &jws, NULL),
                     A0_OK);
    return a0__buf_take(&jws);
}

size_t
logout_by_token(world *w, const char *sub, const char *sid, const char *jti)
{
    A0_AUTO(a0__string)
    token = logout_token_sign(w, &(logout_token){ .sub = sub, .sid = sid, .jti = jti });
    size_t ended = 1000;

    assert_ok(a0_logout_backchannel(w->client, token, &ended, &w->err), w->err);
    return ended;
}

a0_session *
logout_sign_in(world *w, const char *sub, const char *sid)
{
    w->tenant.sid = sid;
    return world_sign_in(w, sub);
}
