/* SPDX-License-Identifier: MIT */
/* Verifying what the tenant signed, with the keys that the tenant publishes now. */
#ifndef A0_FLOWS_VERIFY_H
#define A0_FLOWS_VERIFY_H

#include "flows/client.h"
#include "oidc/id_token.h"

/*
 * a0__id_token_verify with the newest known keys; a key id that is not among them is
 * worth one look at fresh ones [IDT-04, JWKS-01]. expected->jwks is set here.
 */
A0_MUST_USE a0_status a0__verify_with_newest_keys(a0_client *client,
                                                  const a0__secret *id_token,
                                                  a0__id_token_expected *expected,
                                                  a0__claims **out_claims,
                                                  a0_error **err);

/* The keys once more, for the kid that the token names; A0_NOT_FOUND when it is too
 * early to ask again. */
A0_MUST_USE a0_status a0__refetch_keys_for(a0_client *client, a0__text token,
                                           a0__tenant **out_tenant, a0_error **err);

#endif
