/* SPDX-License-Identifier: MIT */
/*
 * JSON Web Token, RFC 7519: a JWS whose payload is a JSON object of claims. What the
 * claims must say is the business of src/oidc.
 */
#ifndef A0_JOSE_JWT_H
#define A0_JOSE_JWT_H

#include "jose/jws.h"
#include "json/json.h"

/* Accepted `typ` of an ID token: none, or JWT in any case [IDT-24]. */
extern const char *const a0__jwt_types[];

/*
 * Gives the claims after the whole check of the signature, never before [IDT-26].
 * The caller frees them (A0_AUTO(a0__json_doc)). Fails as a0__jws_verify does, and with
 * jwt_malformed when the payload is no sane JSON object [IDT-12, -13].
 */
A0_MUST_USE a0_status a0__jwt_verify(a0__text token, const a0__jws_trust *trust,
                                     a0__json **out_claims, a0_error **err);

/*
 * The claims of a token whose signature nobody checked; NULL when it is no JWT. They
 * are read to catch a mistake of our own settings, not an attack: an access token came
 * from Auth0 over TLS, and nothing but a refusal may follow from them.
 */
A0_MUST_USE a0_status a0__jwt_read_unverified(a0__text token, a0__json **out_claims,
                                              a0_error **err);

#endif
