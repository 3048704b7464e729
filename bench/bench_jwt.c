/* SPDX-License-Identifier: MIT */
/*
 * What verifying an ID token (OIDC Core §3.1.3.7) costs beside the bare RSA signature
 * check on the same bytes. Both are measured in turns within one run, in the processor
 * time of this thread, so that other work on the machine weighs on both or on neither.
 *
 * The bare check is what a program with a parsed key and a decoded signature must do:
 * EVP_DigestVerifyInit and EVP_DigestVerify on a context that is made once. Ours takes
 * the compact text and gives claims that were checked.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "allocations.h"
#include "base/base64url.h"
#include "jose/jwt.h"
#include "oidc/id_token.h"
#include "support.h"

enum {
    ROUNDS = 61,
    CALLS = 150
};

static const char claims[] =
    "{\"given_name\":\"Ada\",\"family_name\":\"Lovelace\",\"nickname\":\"ada\","
    "\"name\":\"Ada Lovelace\",\"picture\":\"https://s.gravatar.com/avatar/"
    "0123456789abcdef0123456789abcdef?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2F"
    "avatars%2Fad.png\",\"updated_at\":\"2026-01-02T03:04:05.678Z\",\"email\":"
    "\"ada@example.com\",\"email_verified\":true,\"iss\":\"https://acme.eu.auth0.com/"
    "\","
    "\"aud\":\"0123456789abcdefghijABCDEFGHIJ01\",\"sub\":\"auth0|"
    "0123456789abcdef01234567"
    "\",\"iat\":1767323045,\"exp\":1767359045,\"sid\":"
    "\"0123456789ABCDEFGHIJabcdefghij01\","
    "\"nonce\":\"0123456789ABCDEFGHIJabcdefghij0123456789_-a\"}";

typedef struct bench {
    a0__buf token;
    a0__secret id_token; /* the same */
    a0__jwks *set;
    EVP_PKEY *pkey;
    EVP_MD_CTX *ctx;
    size_t input_len;
    unsigned char signature[256];
} bench;

static EVP_PKEY *
key_of(const a0__signing_key *key)
{
    A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
    BIO *bio = NULL;
    EVP_PKEY *pkey = NULL;

    bench_need(a0__signing_key_write_pem(key, &pem, NULL) == A0_OK, "no PEM");
    bio = BIO_new_mem_buf(pem.bytes, (int)pem.len);
    pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bench_need(pkey != NULL, "no key");
    return pkey;
}

static void
prepare(bench *b)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__buf) jwks = A0__BUF_INIT(4096);
    const char *dot = NULL;
    size_t len = 0;

    *b = (bench){ .token = A0__BUF_INIT(A0__JWS_BYTES_MAX) };
    bench_need(a0__signing_key_generate(A0__RS256, &key, NULL) == A0_OK, "no key");
    a0__buf_string(&jwks, "{\"keys\":[");
    bench_need(a0__signing_key_write_jwk(key, A0__RS256, "NEE1QURBOTM4MzI5RkFDNTYx",
                                         &jwks, NULL) == A0_OK,
               "no JWK");
    a0__buf_string(&jwks, "]}");
    bench_need(a0__jwks_parse(a0__buf_view(&jwks), &b->set, NULL) == A0_OK,
               "no key set");
    bench_need(a0__jws_sign(key, A0__RS256, "NEE1QURBOTM4MzI5RkFDNTYx", "JWT",
                            A0__LIT(claims), &b->token, NULL) == A0_OK,
               "no token");
    bench_need(a0__secret_set_text(&b->id_token, a0__buf_view(&b->token), NULL) ==
                   A0_OK,
               "no memory");
    dot = strrchr(b->token.ptr, '.');
    b->input_len = (size_t)(dot - b->token.ptr);
    bench_need(a0__base64url_decode_into(a0__text_of(dot + 1), b->signature,
                                         sizeof b->signature, &len),
               "no signature");
    b->pkey = key_of(key);
    b->ctx = EVP_MD_CTX_new();
}

static void
bare(const bench *b)
{
    bench_need(EVP_DigestVerifyInit(b->ctx, NULL, EVP_sha256(), NULL, b->pkey) == 1 &&
                   EVP_DigestVerify(b->ctx, b->signature, sizeof b->signature,
                                    (const unsigned char *)b->token.ptr,
                                    b->input_len) == 1,
               "bare check fails");
}

/* All that a sign-in asks of an ID token: signature, claims, nonce. */
static void
whole(const bench *b)
{
    static char issuer[] = "https://acme.eu.auth0.com/";
    static char client_id[] = "0123456789abcdefghijABCDEFGHIJ01";
    static char rs256[] = "RS256";
    static char *algorithms[] = { rs256 };
    static const a0__settings settings = { .issuer = issuer,
                                           .client_id = client_id,
                                           .id_token_algorithms = { algorithms, 1 },
                                           .clock_leeway_s = 60 };
    a0__id_token_expected expected = {
        .settings = &settings,
        .jwks = b->set,
        .now = 1767323050,
        .nonce = A0__LIT("0123456789ABCDEFGHIJabcdefghij0123456789_-a"),
        .max_age = -1,
    };
    A0_AUTO(a0__claims_ptr) verified = NULL;

    bench_need(a0__id_token_verify(&b->id_token, &expected, &verified, NULL) == A0_OK,
               "verification fails");
}

static double
nanoseconds(void (*call)(const bench *), const bench *b)
{
    int64_t from_ns = bench_thread_cpu_ns();

    for (int i = 0; i < CALLS; i++) {
        call(b);
    }
    return (double)(bench_thread_cpu_ns() - from_ns) / CALLS;
}

static uint64_t
allocations_of(void (*call)(const bench *), const bench *b)
{
    uint64_t before = bench_allocations();

    call(b);
    return bench_allocations() - before;
}

/* RSA with 8192 bits and an exponent of 31, the dearest key that a set may hold
 * [JWKS-05]; the signature need not fit for the work to be done. */
static void
prepare_dearest(bench *b)
{
    A0_AUTO(a0__buf) jwks = A0__BUF_INIT(4096);
    unsigned char number[1024];

    *b = (bench){ .token = A0__BUF_INIT(A0__JWS_BYTES_MAX) };
    memset(number, 0xa5, sizeof number);
    a0__buf_string(&jwks, "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"f____w\",\"n\":\"");
    a0__base64url_encode(number, sizeof number, &jwks);
    a0__buf_string(&jwks, "\"}]}");
    bench_need(a0__jwks_parse(a0__buf_view(&jwks), &b->set, NULL) == A0_OK,
               "no key set");
    a0__base64url_encode("{\"alg\":\"RS256\"}", 15, &b->token);
    a0__buf_string(&b->token, ".e30.");
    number[0] = 1;
    a0__base64url_encode(number, sizeof number, &b->token);
}

static void
refuse(const bench *b)
{
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__RS256), .keys = b->set };
    A0_AUTO(a0__buf) out = A0__BUF_INIT(0);

    bench_need(a0__jws_verify(a0__buf_view(&b->token), &trust, &out, NULL) ==
                   A0_REFUSED,
               "accepted");
}

static void
release(bench *b)
{
    EVP_MD_CTX_free(b->ctx);
    EVP_PKEY_free(b->pkey);
    a0__jwks_free(b->set);
    a0__secret_clear(&b->id_token);
    a0__buf_clear(&b->token);
}

static void
report(const char *name, double value, const char *unit, double most)
{
    char goal[32];

    (void)snprintf(goal, sizeof goal, "<= %g", most);
    bench_report(name, value, unit, goal, value <= most);
}

int
main(void)
{
    static double bare_ns[ROUNDS];
    static double whole_ns[ROUNDS];
    static double ratios[ROUNDS];
    bench b;

    prepare(&b);
    bare(&b);
    whole(&b);
    for (int i = 0; i < ROUNDS; i++) {
        bare_ns[i] = nanoseconds(bare, &b);
        whole_ns[i] = nanoseconds(whole, &b);
        ratios[i] = whole_ns[i] / bare_ns[i];
    }
    report("ID token verification against bare EVP_DigestVerify",
           bench_median(ratios, ROUNDS), "x", 1.25);
    report("ID token verification, allocations (libraries included)",
           (double)allocations_of(whole, &b), "allocations", 80);
    bench_note("bare %.2f us with %llu allocations, whole %.2f us",
               bench_median(bare_ns, ROUNDS) / 1000,
               (unsigned long long)allocations_of(bare, &b),
               bench_median(whole_ns, ROUNDS) / 1000);
    release(&b);
    prepare_dearest(&b);
    report("refusing a token of the dearest key, processor time",
           nanoseconds(refuse, &b) / 1e6, "ms", 5);
    release(&b);
    return 0;
}
