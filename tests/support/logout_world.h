/* SPDX-License-Identifier: MIT */
/* People with sessions, and logout tokens that Auth0 would send about them. */
#ifndef A0_TESTS_LOGOUT_WORLD_H
#define A0_TESTS_LOGOUT_WORLD_H

#include "world.h"

#define JO "auth0|jo"
#define ALEX "auth0|alex"

typedef struct logout_token {
    const char *sub; /* NULL: not in the token */
    const char *sid; /* likewise */
    const char *jti;
    int64_t iat_offset_s;
} logout_token;

/* Signed with the tenant's key, issued now; freed with a0__free. */
char *logout_token_sign(world *w, const logout_token *token);
/* How many sessions such a token ended; asserts success. */
size_t logout_by_token(world *w, const char *sub, const char *sid, const char *jti);
/* As world_sign_in, in that session at Auth0. */
a0_session *logout_sign_in(world *w, const char *sub, const char *sid);

#endif
