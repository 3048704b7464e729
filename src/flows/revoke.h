/* SPDX-License-Identifier: MIT */
/*
 * Revoking refresh tokens at Auth0 (RFC 7009) so that none is forgotten: a token that
 * is to go is written down in the commit that drops it, then revoked; what fails, or
 * was cut off by a crash, is tried again by the sweep until its attempts are used up
 * [LOUT-04].
 */
#ifndef A0_FLOWS_REVOKE_H
#define A0_FLOWS_REVOKE_H

#include "flows/rows.h"

enum {
    A0__REVOKE_WITHIN_MS = 3000, /* LOUT-03 */
    A0__REVOCATION_KEY_MAX = 80
};

/* A token that is to be revoked, and the row that says so. */
typedef struct a0__revocation {
    char key[A0__REVOCATION_KEY_MAX];
    char user_id[A0_RECORD_INDEX_MAX + 1]; /* whose it was, or "" */
    a0__secret refresh_token;
    int64_t version; /* of the row */
    int64_t attempts;
    int64_t next_at; /* when the sweep tries it, of one that was read */
    int64_t written_at;
} a0__revocation;

#define A0__REVOCATION_INIT ((a0__revocation){ .version = 0 })

void a0__revocation_clear(a0__revocation *revocation);
void a0__revocation_auto(a0__revocation *revocation);

/*
 * Adds the row to the batch that drops the token, and fills *out, which lives until the
 * commit. One row for each token, however often it is added. user_id may be "".
 */
A0_MUST_USE a0_status a0__revocation_add(a0__batch *batch, a0_client *client,
                                         const a0__secret *refresh_token,
                                         const char *user_id, a0__revocation *out,
                                         a0_error **err);

/* The one in the row of that key; *out_found is false when it is none, or gone. */
A0_MUST_USE a0_status a0__revocation_read(a0_client *client, const char *key,
                                          a0__revocation *out, bool *out_found,
                                          a0_error **err);

/* Tries one that was committed, now. Success removes its row; a failure is logged and
 * leaves it to the sweep. */
void a0__revocation_try(a0_client *client, const a0__tenant *tenant,
                        a0__revocation *revocation);

/* The same for a person who is signing out, and the fetch of the tenant's metadata that
 * it may take: all of it within A0__REVOKE_WITHIN_MS [LOUT-03]. *out_tenant is NULL
 * when there is no metadata to be had; it goes back with a0__tenant_free. */
void a0__revocation_try_at_logout(a0_client *client, a0__revocation *revocation,
                                  a0__tenant **out_tenant);

/* The same for some, side by side: as many as one batch of requests takes. */
void a0__revocations_try(a0_client *client, const a0__tenant *tenant,
                         a0__revocation *revocations, size_t len);

/* Both at once, for a token that stands in no row; nothing for an unset one. A store
 * that can not write it down does not keep it from being tried. */
void a0__revoke_token(a0_client *client, const a0__tenant *tenant,
                      const a0__secret *refresh_token, const char *user_id);

/* Tries those that are due, a few at a time and side by side: for the sweep. */
void a0__revocations_retry(a0_client *client);

#endif
