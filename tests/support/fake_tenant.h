/* SPDX-License-Identifier: MIT */
/*
 * A tenant inside the test: answers the requests of a client out of memory, in no time,
 * exactly as told. Not a witness of Auth0 (a0 tenant is that); a puppet for flows.
 */
#ifndef A0_TESTS_FAKE_TENANT_H
#define A0_TESTS_FAKE_TENANT_H

#include <pthread.h>

#include "fake_families.h"
#include "fake_management.h"
#include "fake_my_account.h"
#include "fake_provider.h"
#include "fake_vault.h"
#include "jose/jws.h"
#include "scripted_transport.h"
#include "test_clock.h"

#define FAKE_DOMAIN "tenant.example"
#define FAKE_URL "https://" FAKE_DOMAIN
#define FAKE_ISSUER FAKE_URL "/"
#define FAKE_API FAKE_URL "/api/v2/"
#define FAKE_CLIENT_ID "client-1"
#define FAKE_REDIRECT_URI "https://app.example/auth/callback"

typedef struct fake_tenant {
    pthread_mutex_t mutex;
    scripted_transport *script;
    test_clock *clock;
    a0__signing_key *key; /* made once per process; a test may put its own here */
    const char *kid;      /* of the signature */

    /* Who signs in, and how the tokens look. */
    const char *iss;
    const char *sub;
    const char *sid;
    const char *aud;
    const char *email;          /* of the ID token; NULL: none */
    const char *email_verified; /* raw, as "true" */
    const char *scope;          /* NULL: none in the answer */
    const char *more_claims;    /* raw members, as ",\"org_id\":\"org_1\"" */
    const char *more_answer;    /* raw members of the token answer */
    char nonce[128];
    char access_audience[256]; /* aud of a refreshed access token; "": as asked */
    int64_t expires_in;
    int64_t iat_offset_s;
    bool no_refresh_token;
    bool no_id_token_at_refresh;
    bool rotation;

    /* What is answered instead, once or for good (status 0: the normal answer). */
    int token_status;
    const char *token_body;
    bool token_fault_stays;
    const char *discovery_body;
    const char *jwks_body;
    const char *published_kid; /* in the JWKS */
    const char *par_body;
    int par_status;
    a0__error_id network_error; /* 0: none; for the token endpoint, once */
    bool network_error_sent;
    a0__error_id par_network_error; /* as above, for par_network_errors requests */
    bool par_network_error_sent;
    unsigned par_network_errors;
    const char *id_token; /* handed out instead of a new one */
    bool revocation_fails;
    /* Called before each request is answered, with its path and no lock held, and
     * after it; may be NULL. */
    void (*watch)(void *watch_self, const char *path, bool done);
    void *watch_self;

    fake_management management;
    fake_vault vault;
    fake_my_account my_account;
    fake_provider provider;

    /* Refresh tokens of several people; NULL: there is one. With them an identity signs
     * in as the user it is linked to. */
    fake_families *families;
    const char *next_refresh_token;
    pthread_mutex_t *between_processes; /* held while a request is answered, or NULL */

    /* What was seen. */
    unsigned refreshes;
    char refresh_token[64]; /* the one that works */
    char last_revoked[64];
    char last_form[8192];
} fake_tenant;

void fake_tenant_init(fake_tenant *tenant, test_clock *clock);
void fake_tenant_clear(fake_tenant *tenant);
size_t fake_tenant_calls(fake_tenant *tenant, const char *path);
/* An ID token with the present knobs, signed; freed with a0__free. */
char *fake_tenant_id_token(fake_tenant *tenant, bool with_nonce);
/* The value of a parameter in the last form of the token endpoint, "" when absent. */
void fake_tenant_form_value(const fake_tenant *tenant, const char *name, char *out,
                            size_t out_size);

#endif
