/* SPDX-License-Identifier: MIT */
#include "jwt_world.h"

#include <string.h>

a0__jwks *jwt_keys;

int
jwt_world_begin(void **state)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(8192);
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&json, "{\"keys\":[");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__RS256), A0__RS256, "rsa", &json, &err),
        err);
    a0__buf_string(&json, ",");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__ES256), A0__ES256, "ec", &json, &err),
        err);
    a0__buf_string(&json, ",");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__EDDSA), A0__EDDSA, "ed", &json, &err),
        err);
    a0__buf_string(&json, "]}");
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &jwt_keys, &err), err);
    return 0;
}

int
jwt_world_end(void **state)
{
    (void)state;
    a0__jwks_free(jwt_keys);
    test_tenant_end();
    return 0;
}

a0__jws_trust
jwt_rs256(void)
{
    return (a0__jws_trust){ .algs = A0__ALG_BIT(A0__RS256),
                            .keys = jwt_keys,
                            .types = a0__jwt_types };
}

void
jwt_rsa_set(const char *const *kids, a0__buf *out)
{
    a0_error *err = NULL;

    a0__buf_string(out, "{\"keys\":[");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__ES256), A0__ES256, kids[0], out, &err),
        err);
    for (; *kids != NULL; kids++) {
        a0__buf_string(out, ",");
        assert_ok(
            a0__signing_key_write_jwk(test_key(A0__RS256), A0__RS256, *kids, out, &err),
            err);
    }
    a0__buf_string(out, "]}");
}

void
jwt_accepted(a0__text token, const a0__jws_trust *trust)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    a0_error *err = NULL;

    assert_ok(a0__jwt_verify(token, trust, &claims, &err), err);
    assert_true(a0__json_is_object(claims));
}

void
jwt_refused(a0__text token, const a0__jws_trust *trust, const char *error_id)
{
    a0__json *claims = NULL;
    a0_error *err = NULL;

    assert_int_not_equal(a0__jwt_verify(token, trust, &claims, &err), A0_OK);
    if (strcmp(a0_error_id(err), error_id) != 0) {
        fail_msg("%s instead of %s for %.*s", a0_error_id(err), error_id,
                 token.len < 200 ? (int)token.len : 200, token.ptr);
    }
    assert_null(claims);
    a0_error_free(err);
}

void
jwt_sign(const char *header, a0__text payload, a0__buf *out)
{
    a0_error *err = NULL;

    a0__buf_reset(out);
    assert_ok(a0__jws_sign_under(test_key(A0__RS256), A0__RS256, a0__text_of(header),
                                 payload, out, &err),
              err);
}

void
jwt_refused_header(const char *header, const char *error_id)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(2 * A0__JWS_BYTES_MAX);
    a0__jws_trust trust = jwt_rs256();

    jwt_sign(header, A0__LIT(JWT_CLAIMS), &token);
    jwt_refused(a0__buf_view(&token), &trust, error_id);
}
