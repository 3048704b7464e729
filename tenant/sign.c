/* SPDX-License-Identifier: MIT */
#include "sign.h"

#include "base/base64url.h"
#include "jose/jws.h"
#include "keys.h"
#include "tls.h"
#include "tokens.h"

enum {
    HEADER_MAX = 16 * 1024,
    KNOB_MAX = 64
};

/* With what a token is signed: the right key, or what sign_with says instead. */
typedef struct choice {
    a0__alg alg;
    const char *alg_word; /* what the header says */
    const char *kid;      /* NULL: none */
    const a0__signing_key *key;
    a0__signing_key *own; /* the same, when it is freed with the choice */
} choice;

static void
choice_auto(choice *c)
{
    a0__signing_key_free(c->own);
}

static a0_status
choose_hmac(a0__text secret, choice *out, a0_error **err)
{
    out->alg = A0__HS256;
    out->alg_word = "HS256";
    A0_TRY(a0__signing_key_of_secret(secret, &out->own, err));
    out->key = out->own;
    return A0_OK;
}

static a0_status
choose(a0__tenant *tenant, const a0__signing *signing, choice *out, a0_error **err)
{
    if (!a0__alg_named(a0__text_of(signing->alg_name), &out->alg)) {
        out->alg = A0__RS256;
    }
    if (out->alg == A0__HS256) {
        return choose_hmac(a0__text_of(signing->hmac_secret), out, err);
    }
    out->alg_word = a0__alg_name(out->alg);
    return a0__keys_find(tenant, "current", out->alg, &out->kid, &out->key, err);
}

/* The confusion of RFC 8725 §2.1: the public key, as its PEM, taken for a secret. */
static a0_status
choose_public_pem(a0__tenant *tenant, choice *out, a0_error **err)
{
    A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
    A0_AUTO(a0__buf) public_pem = A0__BUF_INIT(HEADER_MAX);
    const a0__signing_key *key = NULL;

    A0_TRY(a0__keys_find(tenant, "current", A0__RS256, &out->kid, &key, err));
    A0_TRY(a0__signing_key_write_pem(key, &pem, err));
    A0_TRY(a0__tls_public_pem(a0__secret_expose(&pem), &public_pem, err));
    return choose_hmac(a0__buf_view(&public_pem), out, err);
}

static a0_status
choose_wrongly(a0__tenant *tenant, a0__text sign_with, choice *out, a0_error **err)
{
    const char *ignored_kid = NULL;

    if (a0__text_is(sign_with, "none")) {
        out->alg_word = "none";
        return A0_OK;
    }
    if (a0__text_is(sign_with, "hmac-pub")) {
        return choose_public_pem(tenant, out, err);
    }
    if (a0__text_is(sign_with, "other-key")) {
        return a0__keys_find(tenant, "unpublished", A0__RS256, &ignored_kid, &out->key,
                             err);
    }
    if (a0__text_is(sign_with, "unpublished") || a0__text_is(sign_with, "next")) {
        const char *state = a0__text_is(sign_with, "next") ? "next" : "unpublished";

        return a0__keys_find(tenant, state, A0__RS256, &out->kid, &out->key, err);
    }
    return A0_OK;
}

static void
write_header(const choice *c, const char *typ, a0__buf *out)
{
    a0__json_writer w = a0__json_writer_on(out);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "alg", c->alg_word);
    a0__json_put_string(&w, "typ", typ);
    if (c->kid != NULL) {
        a0__json_put_string(&w, "kid", c->kid);
    }
    a0__json_close(&w, '}');
}

static void
write_unsigned(a0__text header, a0__text payload, a0__buf *out)
{
    a0__base64url_encode(header.ptr, header.len, out);
    a0__buf_byte(out, '.');
    a0__base64url_encode(payload.ptr, payload.len, out);
    a0__buf_byte(out, '.');
}

/* Changes the first character of the signature to another of the alphabet. */
static void
spoil_signature(a0__buf *token)
{
    size_t at = token->len;

    while (at > 0 && token->ptr[at - 1] != '.') {
        at--;
    }
    if (at > 0 && at < token->len) {
        token->ptr[at] = token->ptr[at] == 'A' ? 'B' : 'A';
    }
}

/* "idt" and ".claim." make the knob's name. */
static const char *
knob(a0__buf *name, const a0__signing *signing, const char *rest)
{
    a0__buf_reset(name);
    a0__buf_string(name, signing->fault_family);
    a0__buf_string(name, rest);
    return a0__buf_cstr(name);
}

static void
edit_claims(a0__tenant *tenant, const a0__signing *signing, a0__buf *claims)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(KNOB_MAX);
    A0_AUTO(a0__buf) raw = A0__BUF_INIT(A0__TOKEN_MAX);

    a0__faults_edit(&tenant->faults, knob(&name, signing, ".claim."), claims);
    if (a0__fault_take_text(&tenant->faults, knob(&name, signing, ".payload_raw"),
                            &raw)) {
        a0__buf_reset(claims);
        a0__buf_text(claims, a0__buf_view(&raw));
    }
}

a0_status
a0__sign(a0__tenant *tenant, const a0__signing *signing, a0__buf *claims, a0__buf *out,
         a0_error **err)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(KNOB_MAX);
    A0_AUTO(a0__buf) header = A0__BUF_INIT(HEADER_MAX);
    A0_AUTO(a0__buf) sign_with = A0__BUF_INIT(KNOB_MAX);
    A0_AUTO(choice) c = { .key = NULL };

    if (a0__fault_take_text(&tenant->faults, knob(&name, signing, ".token_raw"), out)) {
        return A0_OK;
    }
    edit_claims(tenant, signing, claims);
    A0_TRY(choose(tenant, signing, &c, err));
    if (a0__fault_take_text(&tenant->faults, knob(&name, signing, ".sign_with"),
                            &sign_with)) {
        a0__signing_key_free(a0__steal(&c.own));
        A0_TRY(choose_wrongly(tenant, a0__buf_view(&sign_with), &c, err));
    }
    write_header(&c, signing->typ, &header);
    a0__faults_edit(&tenant->faults, knob(&name, signing, ".header."), &header);
    if (a0__text_is(A0__LIT("none"), c.alg_word)) {
        write_unsigned(a0__buf_view(&header), a0__buf_view(claims), out);
        return a0__buf_check(out, err);
    }
    A0_TRY(a0__jws_sign_under(c.key, c.alg, a0__buf_view(&header), a0__buf_view(claims),
                              out, err));
    if (a0__text_is(a0__buf_view(&sign_with), "garbage")) {
        spoil_signature(out);
    }
    return A0_OK;
}
