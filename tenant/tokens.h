/* SPDX-License-Identifier: MIT */
/*
 * The tokens a tenant issues (wire §8, §12). A profile says who, for whom and for
 * what; the faults idt.*, at.* and bcl.* change what comes out.
 */
#ifndef A0_TENANT_TOKENS_H
#define A0_TENANT_TOKENS_H

#include "core.h"

/* What the tokens of one answer have in common; borrowed texts, "" for none. */
typedef struct a0__token_facts {
    const a0__client *client;
    const a0__user *user; /* NULL: the client itself */
    const char *audience;
    const char *scope;
    const char *nonce;
    const char *sid;
    const char *organization;
    const char *gty;
    int64_t auth_time; /* 0: not said */
} a0__token_facts;

A0_MUST_USE a0_status a0__id_token_issue(a0__tenant *tenant,
                                         const a0__token_facts *facts, a0__buf *out,
                                         a0_error **err);
/* A JWT for an API; opaque when the audience is "". A person's is remembered. */
A0_MUST_USE a0_status a0__access_token_issue(a0__tenant *tenant,
                                             const a0__token_facts *facts, a0__buf *out,
                                             int64_t *out_expires_in, a0_error **err);
/* The logout token of wire §12; user_id and sid may be "". */
A0_MUST_USE a0_status a0__logout_token_issue(a0__tenant *tenant,
                                             const a0__client *client,
                                             const char *user_id, const char *sid,
                                             a0__buf *out, a0_error **err);

/* The claims about a person that the scope opens, as members. */
void a0__profile_write(a0__tenant *tenant, const a0__user *user, a0__text scope,
                       a0__json_writer *w);
/* As the person is now, faults included. */
bool a0__user_is_blocked(a0__tenant *tenant, const a0__user *user);

enum {
    A0__TOKEN_MAX = 64 * 1024,
    A0__OPAQUE_LIFETIME_S = 86400
};

#endif
