/* SPDX-License-Identifier: MIT */
/*
 * The claims of a verified ID token, OIDC Core §2 and §5.1. They come out of
 * a0__id_token_verify alone, or out of what an earlier one left in a session.
 */
#ifndef A0_OIDC_CLAIMS_H
#define A0_OIDC_CLAIMS_H

#include "json/json.h"

typedef struct a0__claims a0__claims;

enum {
    A0__USERINFO_MAX = 8192,
    A0__SUB_MAX = 255 /* OIDC Core §2 */
};

/* Takes the document, an object, out of *document: for a0__id_token_verify, which
 * checked it. NULL without memory. */
a0__claims *a0__claims_new(a0__json **document);
/* Reads the JSON object that a0__claims_userinfo once wrote; *out is NULL if it is
 * none. */
A0_MUST_USE a0_status a0__claims_parse(a0__text userinfo, a0__claims **out,
                                       a0_error **err);
void a0__claims_free(a0__claims *claims);

typedef a0__claims *a0__claims_ptr;
void a0__claims_ptr_auto(a0__claims_ptr *claims);

/* A claim that is text; empty when it is absent or of another type. */
a0__text a0__claims_text(const a0__claims *claims, const char *name);
a0__text a0__claims_sub(const a0__claims *claims);
a0__text a0__claims_sid(const a0__claims *claims);
/* A claim that is a number; `otherwise` when it is absent or of another type. */
int64_t a0__claims_i64(const a0__claims *claims, const char *name, int64_t otherwise);
/* 0 when absent. */
int64_t a0__claims_auth_time(const a0__claims *claims);
/* True for the JSON literal alone. */
bool a0__claims_email_verified(const a0__claims *claims);
const a0__json *a0__claims_document(const a0__claims *claims);

/* Told the name of each claim that is left out; the name is foreign text. */
typedef void (*a0__claim_dropped)(void *self, a0__text name);

/*
 * Appends all claims as one JSON object of at most A0__USERINFO_MAX bytes. Standard
 * claims of another shape than OIDC Core §5.1 gives them are left out, and names with
 * control characters; then, until the rest fits, the largest, never those that identify
 * the sign-in (iss, sub, aud, azp, sid, auth_time, org_id …) [IDT-28]. `dropped` may be
 * NULL.
 */
A0_MUST_USE a0_status a0__claims_userinfo(const a0__claims *claims,
                                          a0__claim_dropped dropped, void *self,
                                          a0__buf *out, a0_error **err);

#endif
