/* SPDX-License-Identifier: MIT */
/*
 * A tenant on paper: settings, keys, signed tokens and answers for tests of what reads
 * them. Time is TEST_CLOCK_START_S.
 */
#ifndef A0_TESTS_TEST_TENANT_H
#define A0_TESTS_TEST_TENANT_H

#include "config/settings.h"
#include "jose/jws.h"

#include <a0/sys/transport.h>

#define TEST_ISSUER "https://acme.eu.auth0.com/"
#define TEST_CLIENT_ID "cLientEmu0001"
#define TEST_CLIENT_SECRET "s3cret:of/the+client-0123456789ab"

/* The settings of an application of that tenant; ID tokens by ES256. Nothing in it is
 * owned: change the copy freely. */
a0__settings test_settings(void);

/* Keys that are made once per process. */
const a0__signing_key *test_key(a0__alg alg);
/* The published halves of ES256, ES384 and EdDSA; kid is the algorithm's name. */
const a0__jwks *test_jwks(void);
/* Frees them; call at the end of main. */
void test_tenant_end(void);

/* Signs under {"alg","typ","kid"}; typ NULL leaves it out. */
void test_sign(a0__alg alg, const char *typ, const char *claims, a0__secret *out);

/*
 * Writes the members of `base` with those of `changes` in their place, both JSON
 * objects; a change to "(absent)" drops the member.
 */
void test_change(const char *base, const char *changes, a0__buf *out);

/* An answer; content_type and body may be NULL. a0_http_response_free. */
a0_http_response *test_response(int status, const char *content_type, const char *body);

#endif
