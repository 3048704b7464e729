/* SPDX-License-Identifier: MIT */
/*
 * An access token, as handed out for calling an API (RFC 6749 §5.1). It does not
 * change: any number of threads may read it until one frees it.
 */
#ifndef A0_TOKEN_H
#define A0_TOKEN_H

#include <stdint.h>

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Owned by the caller; wiped when freed. Getters live as long as the object. */
typedef struct a0_token a0_token;

A0_API void a0_token_free(a0_token *token);

/* The secret: for the Authorization header of that API and for nothing else. */
A0_API const char *a0_token_access_token(const a0_token *token);
A0_API const char *a0_token_type(const a0_token *token);     /* "Bearer" */
A0_API const char *a0_token_audience(const a0_token *token); /* "" : none asked */
A0_API const char *a0_token_scope(const a0_token *token);    /* as granted */
A0_API int64_t a0_token_expires_at(const a0_token *token);   /* Unix seconds */

#ifdef __cplusplus
}
#endif

#endif
