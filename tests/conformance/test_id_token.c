/* SPDX-License-Identifier: MIT */
/* Group IDT of the case catalogue, from the claims on; RFR-07. */
#include "support.h"

#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "oidc/id_token.h"
#include "test_clock.h"
#include "test_tenant.h"

#define NOW TEST_CLOCK_START_S
#define NONCE "n-0S6_WzA2Mjn0S6_WzA2Mjn0S6_WzA2Mjn0S6_WzA2"
#define ACCESS_TOKEN "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"

/* A token of ten minutes, issued a minute ago. */
static const char BASE[] = "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"auth0|66f0c0ffee\","
                           "\"aud\":\"" TEST_CLIENT_ID "\",\"iat\":1772600707,"
                           "\"exp\":1772601307,\"nonce\":\"" NONCE "\"}";

/* One change to the claims, and what becomes of it ("": accepted). */
typedef struct row {
    const char *changes;
    const char *error;
} row;

typedef struct world {
    a0__settings settings;
    a0__id_token_expected expected;
    a0__alg alg;
    const char *typ;
} world;

static void
make_world(world *w)
{
    *w = (world){ .settings = test_settings(), .alg = A0__ES256, .typ = "JWT" };
    w->expected = (a0__id_token_expected){
        .settings = &w->settings,
        .jwks = test_jwks(),
        .now = NOW,
        .nonce = A0__LIT(NONCE),
        .max_age = -1,
        .access_token = A0__LIT(ACCESS_TOKEN),
        .code = A0__LIT("a-code"),
        .state = A0__LIT("a-state"),
    };
}

static a0_status
verify(const world *w, const char *changes, a0__claims **out, a0_error **err)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(65536);
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;

    test_change(BASE, changes, &claims);
    test_sign(w->alg, w->typ, a0__buf_cstr(&claims), &token);
    return a0__id_token_verify(&token, &w->expected, out, err);
}

static void
check(const world *w, const char *changes, const char *error)
{
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;
    a0_status status = verify(w, changes, &claims, &err);

    if (error[0] == '\0') {
        support_assert_ok(status, err, changes, __FILE__, __LINE__);
        assert_non_null(claims);
    } else {
        support_assert_fails(status, &err, error, changes, __FILE__, __LINE__);
        assert_null(claims);
    }
}

static void
check_rows(const world *w, const row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        check(w, rows[i].changes, rows[i].error);
    }
}

#define CHECK_ROWS(w, rows) check_rows((w), (rows), sizeof(rows) / sizeof(rows)[0])

static void
idt_15_iss_is_compared_byte_for_byte(void **state)
{
    static const row rows[] = {
        { "{}", "" },
        { "{\"iss\":\"(absent)\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"\"}", "idt_iss_mismatch" },
        { "{\"iss\":null}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://other.eu.auth0.com/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://acme.eu.auth0.com\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://acme.eu.auth0.com//\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://ACME.eu.auth0.com/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"HTTPS://acme.eu.auth0.com/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"http://acme.eu.auth0.com/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://acme.eu.auth0.com:443/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://u@acme.eu.auth0.com/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://acme.eu.auth0.com.evil.example/\"}", "idt_iss_mismatch" },
        { "{\"iss\":\"https://acme.eu.auth0.com/x\"}", "idt_iss_mismatch" },
        { "{\"iss\":\" " TEST_ISSUER "\"}", "idt_iss_mismatch" },
        { "{\"iss\":[\"" TEST_ISSUER "\"]}", "idt_iss_mismatch" },
        { "{\"iss\":7}", "idt_iss_mismatch" },
    };
    world w;

    (void)state;
    make_world(&w);
    CHECK_ROWS(&w, rows);
}

static void
idt_16_aud_and_azp_name_this_client(void **state)
{
    static const row rows[] = {
        { "{\"aud\":[\"" TEST_CLIENT_ID "\"]}", "" },
        { "{\"azp\":\"" TEST_CLIENT_ID "\"}", "" },
        { "{\"aud\":[\"" TEST_CLIENT_ID "\",\"partner\"],\"azp\":\"" TEST_CLIENT_ID
          "\"}",
          "" },
        { "{\"aud\":\"(absent)\"}", "idt_aud_mismatch" },
        { "{\"aud\":\"\"}", "idt_aud_mismatch" },
        { "{\"aud\":[]}", "idt_aud_mismatch" },
        { "{\"aud\":\"other\"}", "idt_aud_mismatch" },
        { "{\"aud\":7}", "idt_aud_mismatch" },
        { "{\"aud\":null}", "idt_aud_mismatch" },
        { "{\"aud\":[[\"" TEST_CLIENT_ID "\"]]}", "idt_aud_mismatch" },
        { "{\"aud\":[\"" TEST_CLIENT_ID "\",7],\"azp\":\"" TEST_CLIENT_ID "\"}",
          "idt_aud_mismatch" },
        { "{\"aud\":\"CLIENTEMU0001\"}", "idt_aud_mismatch" },
        { "{\"aud\":\"" TEST_CLIENT_ID "x\"}", "idt_aud_mismatch" },
        { "{\"aud\":\"cLient\"}", "idt_aud_mismatch" },
        { "{\"aud\":[\"partner\"]}", "idt_aud_mismatch" },
        { "{\"aud\":[\"" TEST_CLIENT_ID "\",\"stranger\"],\"azp\":\"" TEST_CLIENT_ID
          "\"}",
          "idt_aud_mismatch" },
        { "{\"aud\":[\"" TEST_CLIENT_ID "\",\"partner\"]}", "idt_azp_mismatch" },
        { "{\"azp\":\"partner\"}", "idt_azp_mismatch" },
        { "{\"azp\":\"\"}", "idt_azp_mismatch" },
        { "{\"azp\":null}", "idt_azp_mismatch" },
        { "{\"azp\":[\"" TEST_CLIENT_ID "\"]}", "idt_azp_mismatch" },
    };
    char partner[] = "partner";
    char *trusted[] = { partner };
    A0_AUTO(a0__buf) many = A0__BUF_INIT(1024);
    world w;

    (void)state;
    make_world(&w);
    w.settings.trusted_audiences = (a0__strings){ trusted, 1 };
    CHECK_ROWS(&w, rows);

    /* Sixteen entries at most. */
    a0__buf_string(&many, "{\"azp\":\"" TEST_CLIENT_ID "\",\"aud\":[");
    for (int i = 0; i < 16; i++) {
        a0__buf_string(&many, "\"partner\",");
    }
    a0__buf_string(&many, "\"" TEST_CLIENT_ID "\"]}");
    check(&w, a0__buf_cstr(&many), "idt_aud_mismatch");
}

static void
idt_17_exp_is_a_date_in_range_and_not_past(void **state)
{
    static const row rows[] = {
        { "{\"exp\":\"(absent)\"}", "idt_claim_invalid" },
        { "{\"exp\":\"1772601307\"}", "idt_claim_invalid" },
        { "{\"exp\":\"NaN\"}", "idt_claim_invalid" },
        { "{\"exp\":null}", "idt_claim_invalid" },
        { "{\"exp\":true}", "idt_claim_invalid" },
        { "{\"exp\":[1772601307]}", "idt_claim_invalid" },
        { "{\"exp\":1772600706,\"iat\":1772600000}", "idt_expired" },
        { "{\"exp\":1772600707}", "" }, /* exactly at the leeway */
        { "{\"exp\":1772600707.9}", "" },
        { "{\"exp\":1772600706.9,\"iat\":1772600000}", "idt_expired" },
        { "{\"exp\":0}", "idt_expired" },
        { "{\"exp\":-1}", "idt_time_range" },
        { "{\"exp\":2147483649}", "" },
        { "{\"exp\":253402300799}", "" },
        { "{\"exp\":253402300800}", "idt_time_range" },
        { "{\"exp\":1772601307000}", "idt_time_range" },
        { "{\"exp\":9007199254740993}", "idt_time_range" },
        { "{\"exp\":1e300}", "idt_time_range" },
        { "{\"exp\":-1e300}", "idt_time_range" },
    };
    world w;

    (void)state;
    make_world(&w);
    CHECK_ROWS(&w, rows);
}

static void
idt_18_iat_and_nbf_are_neither_future_nor_stale(void **state)
{
    static const row rows[] = {
        { "{\"iat\":\"(absent)\"}", "idt_claim_invalid" },
        { "{\"iat\":\"1772600707\"}", "idt_claim_invalid" },
        { "{\"iat\":1772600827}", "" },
        { "{\"iat\":1772600828}", "idt_not_yet_valid" },
        { "{\"iat\":1772597167}", "" }, /* 3600 s old */
        { "{\"iat\":1772597166}", "idt_stale" },
        { "{\"iat\":1e300}", "idt_time_range" },
        { "{\"iat\":1772600720,\"exp\":1772600719}", "idt_claim_invalid" },
        { "{\"nbf\":1772600827}", "" },
        { "{\"nbf\":1772600828}", "idt_not_yet_valid" },
        { "{\"nbf\":\"soon\"}", "idt_claim_invalid" },
        { "{\"nbf\":null}", "idt_claim_invalid" },
    };
    world w;

    (void)state;
    make_world(&w);
    CHECK_ROWS(&w, rows);
}

static void
idt_19_skew_is_accepted_up_to_the_leeway_inclusive(void **state)
{
    /* The server's clock against ours, in seconds, and what follows. The token is made
     * for the instant it is read, with exp at that instant as well. */
    static const struct {
        int64_t skew_s;
        const char *error;
    } rows[] = {
        { 59, "" },  { 60, "" },  { 61, "idt_not_yet_valid" },
        { -59, "" }, { -60, "" }, { -61, "idt_expired" },
    };
    world w;

    (void)state;
    make_world(&w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__buf) changes = A0__BUF_INIT(128);

        a0__buf_format(&changes, "{\"iat\":%lld,\"exp\":%lld}",
                       (long long)(NOW + rows[i].skew_s),
                       (long long)(NOW + rows[i].skew_s));
        check(&w, a0__buf_cstr(&changes), rows[i].error);
    }
}

static void
idt_20_nonce_is_the_one_of_this_sign_in(void **state)
{
    static const row rows[] = {
        { "{\"nonce\":\"(absent)\"}", "idt_nonce_mismatch" },
        { "{\"nonce\":\"\"}", "idt_nonce_mismatch" },
        { "{\"nonce\":null}", "idt_nonce_mismatch" },
        { "{\"nonce\":\"n-0S6_WzA2Mj\"}", "idt_nonce_mismatch" },
        { "{\"nonce\":\"N-0S6_WzA2Mjn0S6_WzA2Mjn0S6_WzA2Mjn0S6_WzA2\"}",
          "idt_nonce_mismatch" },
        { "{\"nonce\":\"" NONCE "x\"}", "idt_nonce_mismatch" },
        { "{\"nonce\":[\"" NONCE "\"]}", "idt_nonce_mismatch" },
    };
    world w;

    (void)state;
    make_world(&w);
    CHECK_ROWS(&w, rows);

    /* A sign-in that knows no nonce accepts no token, not even one without. */
    w.expected.nonce = A0__NO_TEXT;
    check(&w, "{\"nonce\":\"\"}", "idt_nonce_mismatch");
    check(&w, "{\"nonce\":\"(absent)\"}", "idt_nonce_mismatch");
}

/* {"name":"left half of the hash"} in the way that `kind` and `len` say. */
static void
write_hash(const char *name, a0__sha2 kind, const char *of, size_t from, size_t len,
           a0__buf *out)
{
    A0_AUTO(a0__buf) hash = A0__BUF_INIT(64);
    a0_error *err = NULL;

    assert_ok(a0__sha2_of(kind, a0__text_of(of), &hash, &err), err);
    a0__buf_format(out, "{\"%s\":\"", name);
    a0__base64url_encode(hash.ptr + from, len, out);
    a0__buf_string(out, "\"}");
}

static void
idt_21_hashes_bind_access_token_code_and_state(void **state)
{
    static const struct {
        a0__alg alg;
        const char *name;
        const char *of;
        a0__sha2 kind;
        size_t from;
        size_t len;
        const char *error;
    } rows[] = {
        { A0__ES256, "at_hash", ACCESS_TOKEN, A0__SHA256, 0, 16, "" },
        { A0__ES256, "c_hash", "a-code", A0__SHA256, 0, 16, "" },
        { A0__ES256, "s_hash", "a-state", A0__SHA256, 0, 16, "" },
        { A0__ES384, "at_hash", ACCESS_TOKEN, A0__SHA384, 0, 24, "" },
        { A0__EDDSA, "at_hash", ACCESS_TOKEN, A0__SHA512, 0, 32, "" },
        { A0__HS256, "at_hash", ACCESS_TOKEN, A0__SHA256, 0, 16, "" },
        { A0__ES256, "at_hash", "other", A0__SHA256, 0, 16, "idt_hash_mismatch" },
        { A0__ES256, "c_hash", "other", A0__SHA256, 0, 16, "idt_hash_mismatch" },
        { A0__ES256, "s_hash", "other", A0__SHA256, 0, 16, "idt_hash_mismatch" },
        /* the right half, the whole, a shorter one */
        { A0__ES256, "at_hash", ACCESS_TOKEN, A0__SHA256, 16, 16, "idt_hash_mismatch" },
        { A0__ES256, "at_hash", ACCESS_TOKEN, A0__SHA256, 0, 32, "idt_hash_mismatch" },
        { A0__ES256, "at_hash", ACCESS_TOKEN, A0__SHA256, 0, 15, "idt_hash_mismatch" },
        /* of another algorithm, in the length of either */
        { A0__ES256, "at_hash", ACCESS_TOKEN, A0__SHA512, 0, 16, "idt_hash_mismatch" },
        { A0__ES384, "at_hash", ACCESS_TOKEN, A0__SHA256, 0, 16, "idt_hash_mismatch" },
        { A0__EDDSA, "at_hash", ACCESS_TOKEN, A0__SHA256, 0, 16, "idt_hash_mismatch" },
    };
    static const row odd[] = {
        { "{\"at_hash\":7}", "idt_hash_mismatch" },
        { "{\"at_hash\":null}", "idt_hash_mismatch" },
        { "{\"at_hash\":\"\"}", "idt_hash_mismatch" },
        { "{\"c_hash\":[]}", "idt_hash_mismatch" },
    };
    char names[4][6] = { "ES256", "ES384", "EdDSA", "HS256" };
    char *list[] = { names[0], names[1], names[2], names[3] };
    world w;

    (void)state;
    make_world(&w);
    w.settings.id_token_algorithms = (a0__strings){ list, 4 };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__buf) changes = A0__BUF_INIT(256);

        w.alg = rows[i].alg;
        write_hash(rows[i].name, rows[i].kind, rows[i].of, rows[i].from, rows[i].len,
                   &changes);
        check(&w, a0__buf_cstr(&changes), rows[i].error);
    }
    w.alg = A0__ES256;
    CHECK_ROWS(&w, odd);
}

static void
idt_22_auth_time_and_acr_are_enforced_when_asked(void **state)
{
    static const row aged[] = {
        { "{\"auth_time\":1772600707}", "" },
        { "{\"auth_time\":1772600407}", "" }, /* max_age and leeway to the second */
        { "{\"auth_time\":1772600406}", "idt_auth_time" },
        { "{\"auth_time\":\"(absent)\"}", "idt_auth_time" },
        { "{\"auth_time\":\"1772600707\"}", "idt_auth_time" },
        { "{\"auth_time\":null}", "idt_auth_time" },
        { "{\"auth_time\":1772600828}", "idt_auth_time" }, /* in the future */
        { "{\"auth_time\":-1}", "idt_auth_time" },
        { "{\"auth_time\":1e300}", "idt_auth_time" },
    };
    static const row strong[] = {
        { "{\"acr\":\"gold\"}", "" },
        { "{\"acr\":\"silver\"}", "" },
        { "{\"acr\":\"bronze\"}", "idt_acr_unmet" },
        { "{\"acr\":\"(absent)\"}", "idt_acr_unmet" },
        { "{\"acr\":\"\"}", "idt_acr_unmet" },
        { "{\"acr\":\"gold silver\"}", "idt_acr_unmet" },
        { "{\"acr\":[\"gold\"]}", "idt_acr_unmet" },
        { "{\"amr\":[\"mfa\"]}", "idt_acr_unmet" },
    };
    static const row multi_factor[] = {
        { "{\"amr\":[\"mfa\"]}", "" },
        { "{\"amr\":[\"pwd\"]}", "idt_acr_unmet" },
        { "{\"amr\":\"mfa\"}", "idt_acr_unmet" },
    };
    world w;

    (void)state;
    make_world(&w);
    w.expected.max_age = 300;
    CHECK_ROWS(&w, aged);
    w.expected.max_age = 0;
    check(&w, "{\"auth_time\":1772600707}", "");
    check(&w, "{\"auth_time\":1772600706}", "idt_auth_time");
    w.expected.max_age = -1;
    check(&w, "{\"auth_time\":1}", "");

    w.expected.acr_values = A0__LIT("silver gold");
    CHECK_ROWS(&w, strong);
    w.expected.acr_values =
        A0__LIT("http://schemas.openid.net/pape/policies/2007/06/multi-factor");
    CHECK_ROWS(&w, multi_factor);
}

static void
idt_23_sub_is_ascii_of_bounded_length(void **state)
{
    static const row rows[] = {
        { "{\"sub\":\"adfs|Jo Emu\"}", "" },
        { "{\"sub\":\"(absent)\"}", "idt_sub_invalid" },
        { "{\"sub\":\"\"}", "idt_sub_invalid" },
        { "{\"sub\":7}", "idt_sub_invalid" },
        { "{\"sub\":null}", "idt_sub_invalid" },
        { "{\"sub\":[\"auth0|1\"]}", "idt_sub_invalid" },
        { "{\"sub\":\" auth0|1\"}", "idt_sub_invalid" },
        { "{\"sub\":\"auth0|1 \"}", "idt_sub_invalid" },
        { "{\"sub\":\"auth0|j\\u00f6\"}", "idt_sub_invalid" },
        /* never gets this far: IDT-13 */
        { "{\"sub\":\"auth0|1\\n\"}", "jwt_malformed" },
        { "{\"sub\":\"auth0|1\\u007f\"}", "jwt_malformed" },
    };
    A0_AUTO(a0__buf) too_long = A0__BUF_INIT(512);
    A0_AUTO(a0__buf) longest = A0__BUF_INIT(512);
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;
    world w;

    (void)state;
    make_world(&w);
    CHECK_ROWS(&w, rows);
    a0__buf_format(&longest, "{\"sub\":\"%0255d\"}", 7);
    check(&w, a0__buf_cstr(&longest), "");
    a0__buf_format(&too_long, "{\"sub\":\"%0256d\"}", 7);
    check(&w, a0__buf_cstr(&too_long), "idt_sub_invalid");

    /* As it came, byte for byte. */
    assert_ok(verify(&w, "{\"sub\":\"Auth0|AbC\"}", &claims, &err), err);
    assert_text(a0__claims_sub(claims), "Auth0|AbC");
}

static void
idt_24_tokens_of_other_kinds_are_no_id_tokens(void **state)
{
    static const struct {
        const char *typ;
        const char *error;
    } rows[] = {
        { NULL, "" },
        { "JWT", "" },
        { "jwt", "" },
        { "at+jwt", "jwt_type_invalid" },
        { "logout+jwt", "jwt_type_invalid" },
        { "dpop+jwt", "jwt_type_invalid" },
        { "secevent+jwt", "jwt_type_invalid" },
    };
    world w;

    (void)state;
    make_world(&w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.typ = rows[i].typ;
        check(&w, "{}", rows[i].error);
    }
    w.typ = "JWT";
    check(&w, "{\"events\":{\"other\":{}}}", "");
    check(&w,
          "{\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}}",
          "jwt_type_invalid");
    check(&w, "{\"aud\":\"another-client-of-the-tenant\"}", "idt_aud_mismatch");
}

static void
idt_25_organization_is_the_one_asked_for(void **state)
{
    static const row by_id[] = {
        { "{\"org_id\":\"org_Q1w2E3r4T5y6U7i8\"}", "" },
        { "{}", "idt_org_mismatch" },
        { "{\"org_id\":\"org_q1w2e3r4t5y6u7i8\"}", "idt_org_mismatch" },
        { "{\"org_id\":\"org_other\"}", "idt_org_mismatch" },
        { "{\"org_id\":\"\"}", "idt_org_mismatch" },
        { "{\"org_id\":7}", "idt_org_mismatch" },
        { "{\"org_id\":[\"org_Q1w2E3r4T5y6U7i8\"]}", "idt_org_mismatch" },
        { "{\"org_name\":\"org_Q1w2E3r4T5y6U7i8\"}", "idt_org_mismatch" },
    };
    static const row by_name[] = {
        { "{\"org_name\":\"acme\"}", "" },
        { "{\"org_name\":\"ACME\"}", "" },
        { "{}", "idt_org_mismatch" },
        { "{\"org_id\":\"Acme\"}", "idt_org_mismatch" },
        { "{\"org_name\":\"acme2\"}", "idt_org_mismatch" },
        { "{\"org_name\":[\"acme\"]}", "idt_org_mismatch" },
        { "{\"org_name\":\"\"}", "idt_org_mismatch" },
        { "{\"org_name\":\"acme\\u0301\"}", "idt_org_mismatch" }, /* NFD */
    };
    world w;

    (void)state;
    make_world(&w);
    check(&w, "{\"org_id\":\"org_other\"}", ""); /* nothing was asked */
    w.expected.organization = A0__LIT("org_Q1w2E3r4T5y6U7i8");
    CHECK_ROWS(&w, by_id);
    w.expected.organization = A0__LIT("Acme");
    CHECK_ROWS(&w, by_name);
}

static void
idt_26_signature_decides_before_any_claim(void **state)
{
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(1024);
    A0_AUTO(a0__claims_ptr) verified = NULL;
    a0_error *err = NULL;
    world w;

    (void)state;
    make_world(&w);
    test_change(BASE, "{\"iss\":\"https://evil.example/\",\"exp\":0}", &claims);
    test_sign(A0__ES256, "JWT", a0__buf_cstr(&claims), &token);
    token.bytes[token.len - 40] = token.bytes[token.len - 40] == 'A' ? 'B' : 'A';
    assert_fails(a0__id_token_verify(&token, &w.expected, &verified, &err), &err,
                 jwt_signature_invalid);
    assert_null(verified);
}

/* ---- IDT-28 ---- */

static void
remember_name(void *self, a0__text name)
{
    a0__buf_text(self, name);
    a0__buf_byte(self, ' ');
}

static void
write_userinfo(const char *changes, a0__buf *out, a0__buf *out_dropped)
{
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;
    world w;

    make_world(&w);
    assert_ok(verify(&w, changes, &claims, &err), err);
    assert_ok(a0__claims_userinfo(claims, remember_name, out_dropped, out, &err), err);
}

static void
idt_28_claims_of_odd_shape_are_dropped_and_the_rest_capped(void **state)
{
    static const struct {
        const char *changes;
        const char *dropped;
    } rows[] = {
        { "{\"email\":\"jo@acme.example\",\"email_verified\":true}", "" },
        { "{\"email\":[\"jo@acme.example\"]}", "email " },
        { "{\"email_verified\":\"true\"}", "email_verified " },
        { "{\"email_verified\":1}", "email_verified " },
        { "{\"name\":{\"first\":\"Jo\"}}", "name " },
        { "{\"nickname\":\"a\\r\\nb\"}", "nickname " },
        { "{\"picture\":null}", "picture " },
        { "{\"updated_at\":\"2026-02-25T06:13:20.000Z\"}", "" },
        { "{\"updated_at\":1772000000}", "" },
        { "{\"updated_at\":{}}", "updated_at " },
        { "{\"address\":\"here\"}", "address " },
        { "{\"amr\":\"mfa\"}", "amr " },
        { "{\"a\\nb\":1}", "a\nb " },
        { "{\"https://app.example/roles\":[{\"deep\":[1]}]}", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__buf) userinfo = A0__BUF_INIT(A0__USERINFO_MAX);
        A0_AUTO(a0__buf) dropped = A0__BUF_INIT(256);

        write_userinfo(rows[i].changes, &userinfo, &dropped);
        assert_text(a0__buf_view(&dropped), rows[i].dropped);
    }
}

static void
idt_28_email_is_verified_by_the_json_literal_alone(void **state)
{
    static const struct {
        const char *changes;
        bool email_verified;
    } rows[] = {
        { "{\"email_verified\":true}", true },
        { "{\"email_verified\":false}", false },
        { "{\"email_verified\":\"true\"}", false },
        { "{\"email_verified\":1}", false },
        { "{\"email_verified\":null}", false },
        { "{}", false },
    };
    world w;

    (void)state;
    make_world(&w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__claims_ptr) claims = NULL;
        a0_error *err = NULL;

        assert_ok(verify(&w, rows[i].changes, &claims, &err), err);
        assert_int_equal(a0__claims_email_verified(claims), rows[i].email_verified);
    }
}

static void
add_long_text(const char *name, size_t len, a0__buf *out)
{
    a0__buf_format(out, "\"%s\":\"", name);
    for (size_t i = 0; i < len; i++) {
        a0__buf_byte(out, 'x');
    }
    a0__buf_string(out, "\",");
}

static void
idt_28_the_largest_go_first_and_the_identity_stays(void **state)
{
    A0_AUTO(a0__buf) changes = A0__BUF_INIT(16384);
    A0_AUTO(a0__buf) userinfo = A0__BUF_INIT(A0__USERINFO_MAX);
    A0_AUTO(a0__buf) dropped = A0__BUF_INIT(256);
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&changes, "{\"sid\":\"s-1\",\"auth_time\":1772600700,");
    add_long_text("email", 3000, &changes);
    add_long_text("name", 4000, &changes);
    add_long_text("nickname", 3000, &changes);
    a0__buf_string(&changes, "\"locale\":\"en\"}");
    write_userinfo(a0__buf_cstr(&changes), &userinfo, &dropped);
    assert_text(a0__buf_view(&dropped), "name ");
    assert_true(userinfo.len <= A0__USERINFO_MAX);
    assert_ok(a0__claims_parse(a0__buf_view(&userinfo), &claims, &err), err);
    assert_non_null(claims);
    assert_text(a0__claims_sub(claims), "auth0|66f0c0ffee");
    assert_text(a0__claims_sid(claims), "s-1");
    assert_text(a0__claims_text(claims, "iss"), TEST_ISSUER);
    assert_int_equal(a0__claims_auth_time(claims), 1772600700);
    assert_text(a0__claims_text(claims, "locale"), "en");
}

static void
idt_28_the_identity_stays_even_when_it_is_the_largest(void **state)
{
    A0_AUTO(a0__buf) changes = A0__BUF_INIT(16384);
    A0_AUTO(a0__buf) userinfo = A0__BUF_INIT(A0__USERINFO_MAX);
    A0_AUTO(a0__buf) dropped = A0__BUF_INIT(8192);
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;

    (void)state;
    a0__buf_format(&changes, "{\"sub\":\"%0255d\"", 7);
    a0__buf_format(&changes, ",\"sid\":\"%0250d\"", 7);
    for (int i = 0; i < 170; i++) {
        a0__buf_format(&changes, ",\"claim-%d\":\"%030d\"", i, i);
    }
    a0__buf_string(&changes, "}");
    write_userinfo(a0__buf_cstr(&changes), &userinfo, &dropped);
    assert_true(dropped.len > 0 && userinfo.len <= A0__USERINFO_MAX);
    assert_ok(a0__claims_parse(a0__buf_view(&userinfo), &claims, &err), err);
    assert_int_equal(a0__claims_sub(claims).len, 255);
    assert_int_equal(a0__claims_sid(claims).len, 250);
    /* Of equal ones the later goes first. */
    assert_int_equal(a0__claims_text(claims, "claim-100").len, 30);
    assert_int_equal(a0__claims_text(claims, "claim-169").len, 0);
}

/* ---- RFR-07 ---- */

static void
rfr_07_refreshed_id_token_tells_of_the_same_sign_in(void **state)
{
    static const row rows[] = {
        { "{}", "" },
        { "{\"nonce\":\"(absent)\"}", "" },
        { "{\"auth_time\":\"(absent)\"}", "" },
        { "{\"aud\":[\"" TEST_CLIENT_ID "\"]}", "" },
        { "{\"nonce\":\"another\"}", "idt_nonce_mismatch" },
        { "{\"sub\":\"auth0|other\"}", "refresh_identity_mismatch" },
        { "{\"sub\":\"AUTH0|66f0c0ffee\"}", "refresh_identity_mismatch" },
        { "{\"iss\":\"https://other.eu.auth0.com/\"}", "idt_iss_mismatch" },
        { "{\"aud\":\"other\"}", "idt_aud_mismatch" },
        { "{\"aud\":[\"" TEST_CLIENT_ID "\",\"partner\"],\"azp\":\"" TEST_CLIENT_ID
          "\"}",
          "refresh_identity_mismatch" },
        { "{\"azp\":\"" TEST_CLIENT_ID "\"}", "refresh_identity_mismatch" },
        { "{\"auth_time\":1772600701}", "refresh_identity_mismatch" },
        { "{\"auth_time\":\"1772600700\"}", "refresh_identity_mismatch" },
        { "{\"exp\":0}", "idt_expired" },
    };
    char partner[] = "partner";
    char *trusted[] = { partner };
    A0_AUTO(a0__buf) original = A0__BUF_INIT(1024);
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;
    world w;

    (void)state;
    make_world(&w);
    w.settings.trusted_audiences = (a0__strings){ trusted, 1 };
    test_change(BASE, "{\"auth_time\":1772600700}", &original);
    assert_ok(a0__claims_parse(a0__buf_view(&original), &claims, &err), err);
    w.expected.original = claims;
    w.expected.nonce = A0__NO_TEXT;
    CHECK_ROWS(&w, rows);
}

static void
rfr_07_an_azp_that_goes_or_a_nonce_that_comes_is_refused(void **state)
{
    A0_AUTO(a0__buf) original = A0__BUF_INIT(1024);
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;
    world w;

    (void)state;
    make_world(&w);
    test_change(BASE, "{\"azp\":\"" TEST_CLIENT_ID "\",\"nonce\":\"(absent)\"}",
                &original);
    assert_ok(a0__claims_parse(a0__buf_view(&original), &claims, &err), err);
    w.expected.original = claims;
    check(&w, "{\"azp\":\"" TEST_CLIENT_ID "\",\"nonce\":\"(absent)\"}", "");
    check(&w, "{\"nonce\":\"(absent)\"}", "refresh_identity_mismatch");
    check(&w, "{\"azp\":\"" TEST_CLIENT_ID "\"}", "idt_nonce_mismatch");
}

static void
rfr_07_an_audience_that_goes_or_comes_is_refused(void **state)
{
    static const char two[] =
        "{\"azp\":\"" TEST_CLIENT_ID "\",\"aud\":[\"partner\",\"" TEST_CLIENT_ID "\"]}";
    static const char turned[] =
        "{\"azp\":\"" TEST_CLIENT_ID "\",\"aud\":[\"" TEST_CLIENT_ID "\",\"partner\"]}";
    static const char one[] = "{\"azp\":\"" TEST_CLIENT_ID "\"}";
    static const struct {
        const char *original;
        const char *refreshed;
        const char *error;
    } rows[] = {
        { two, two, "" },
        { two, turned, "" },
        { one, one, "" },
        { two, one, "refresh_identity_mismatch" },
        { one, two, "refresh_identity_mismatch" },
    };
    char partner[] = "partner";
    char *trusted[] = { partner };
    world w;

    (void)state;
    make_world(&w);
    w.settings.trusted_audiences = (a0__strings){ trusted, 1 };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__buf) original = A0__BUF_INIT(1024);
        A0_AUTO(a0__claims_ptr) claims = NULL;
        a0_error *err = NULL;

        test_change(BASE, rows[i].original, &original);
        assert_ok(a0__claims_parse(a0__buf_view(&original), &claims, &err), err);
        w.expected.original = claims;
        check(&w, rows[i].refreshed, rows[i].error);
    }
}

static void
rfr_07_refreshed_id_token_is_verified_in_full(void **state)
{
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    A0_AUTO(a0__claims_ptr) original = NULL;
    A0_AUTO(a0__claims_ptr) verified = NULL;
    a0_error *err = NULL;
    world w;

    (void)state;
    make_world(&w);
    assert_ok(a0__claims_parse(a0__text_of(BASE), &original, &err), err);
    w.expected.original = original;
    test_sign(A0__EDDSA, "JWT", BASE, &token); /* not in the allow-list */
    assert_fails(a0__id_token_verify(&token, &w.expected, &verified, &err), &err,
                 jwt_alg_forbidden);
    test_sign(A0__ES256, "JWT", BASE, &token);
    token.bytes[token.len - 40] = token.bytes[token.len - 40] == 'A' ? 'B' : 'A';
    assert_fails(a0__id_token_verify(&token, &w.expected, &verified, &err), &err,
                 jwt_signature_invalid);
    assert_null(verified);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idt_15_iss_is_compared_byte_for_byte),
        cmocka_unit_test(idt_16_aud_and_azp_name_this_client),
        cmocka_unit_test(idt_17_exp_is_a_date_in_range_and_not_past),
        cmocka_unit_test(idt_18_iat_and_nbf_are_neither_future_nor_stale),
        cmocka_unit_test(idt_19_skew_is_accepted_up_to_the_leeway_inclusive),
        cmocka_unit_test(idt_20_nonce_is_the_one_of_this_sign_in),
        cmocka_unit_test(idt_21_hashes_bind_access_token_code_and_state),
        cmocka_unit_test(idt_22_auth_time_and_acr_are_enforced_when_asked),
        cmocka_unit_test(idt_23_sub_is_ascii_of_bounded_length),
        cmocka_unit_test(idt_24_tokens_of_other_kinds_are_no_id_tokens),
        cmocka_unit_test(idt_25_organization_is_the_one_asked_for),
        cmocka_unit_test(idt_26_signature_decides_before_any_claim),
        cmocka_unit_test(idt_28_claims_of_odd_shape_are_dropped_and_the_rest_capped),
        cmocka_unit_test(idt_28_email_is_verified_by_the_json_literal_alone),
        cmocka_unit_test(idt_28_the_largest_go_first_and_the_identity_stays),
        cmocka_unit_test(idt_28_the_identity_stays_even_when_it_is_the_largest),
        cmocka_unit_test(rfr_07_refreshed_id_token_tells_of_the_same_sign_in),
        cmocka_unit_test(rfr_07_an_azp_that_goes_or_a_nonce_that_comes_is_refused),
        cmocka_unit_test(rfr_07_an_audience_that_goes_or_comes_is_refused),
        cmocka_unit_test(rfr_07_refreshed_id_token_is_verified_in_full),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    test_tenant_end();
    return failed;
}
