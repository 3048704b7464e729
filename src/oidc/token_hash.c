/* SPDX-License-Identifier: MIT */
/* at_hash, c_hash and s_hash: what binds an ID token to the answer it came in. */
#include "base/base64url.h"
#include "base/crypto.h"
#include "jose/jws.h"
#include "oidc/internal.h"

enum {
    HASH_MAX = 64
};

/* §3.1.3.6: the hash algorithm is that of the signature. Ed25519 hashes with SHA-512
 * (RFC 8032 §5.1). */
static a0__sha2
sha2_of(a0__alg alg)
{
    switch (alg) {
    case A0__RS384:
    case A0__PS384:
    case A0__ES384:
        return A0__SHA384;
    case A0__RS512:
    case A0__PS512:
    case A0__ES512:
    case A0__EDDSA:
        return A0__SHA512;
    case A0__RS256:
    case A0__PS256:
    case A0__ES256:
    case A0__HS256:
    case A0__ALGS_LEN:
        break;
    }
    return A0__SHA256;
}

static a0_status
check_hash(const a0__json *claims, const char *name, a0__text of, a0__alg alg,
           a0_error **err)
{
    A0_AUTO(a0__buf) hash = A0__BUF_INIT(HASH_MAX);
    A0_AUTO(a0__buf) left_half = A0__BUF_INIT(HASH_MAX);
    a0__text claim = A0__NO_TEXT;

    if (a0__json_text(claims, name, &claim) == A0__ABSENT) {
        return A0_OK;
    }
    A0_TRY(a0__sha2_of(sha2_of(alg), of, &hash, err));
    a0__base64url_encode(hash.ptr, hash.len / 2, &left_half);
    A0_TRY(a0__buf_check(&left_half, err));
    if (!a0__text_equal(claim, a0__buf_view(&left_half))) {
        return a0__fail_about(err, A0_E_idt_hash_mismatch, name);
    }
    return A0_OK;
}

a0_status
a0__id_token_check_hashes(const a0__json *claims, const a0__id_token_expected *expected,
                          a0__text id_token, a0_error **err)
{
    A0_AUTO(a0__jws_header) header = A0__JWS_HEADER_INIT;

    if (a0__json_member(claims, "at_hash") == NULL &&
        a0__json_member(claims, "c_hash") == NULL &&
        a0__json_member(claims, "s_hash") == NULL) {
        return A0_OK;
    }
    A0_TRY(a0__jws_read_header(id_token, &header, err));
    A0_TRY(check_hash(claims, "at_hash", expected->access_token, header.alg, err));
    A0_TRY(check_hash(claims, "c_hash", expected->code, header.alg, err));
    return check_hash(claims, "s_hash", expected->state, header.alg, err);
}
