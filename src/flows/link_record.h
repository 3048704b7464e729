/* SPDX-License-Identifier: MIT */
/*
 * The rows that say which account was linked to which user (docs/formats.md): signed,
 * so that a store may keep them in columns, and only our own count.
 */
#ifndef A0_FLOWS_LINK_RECORD_H
#define A0_FLOWS_LINK_RECORD_H

#include "flows/link_journal.h"

enum {
    A0__LINK_RECORD_KEY_LEN = 43 /* base64url of a SHA-256 */
};

typedef struct a0__link_record_key {
    char text[A0__LINK_RECORD_KEY_LEN + 1];
} a0__link_record_key;

A0_MUST_USE a0_status a0__link_record_key_of(a0__text primary_user_id,
                                             a0__text provider,
                                             a0__text secondary_user_id,
                                             a0__link_record_key *out, a0_error **err);

/* Adds the row of the entry's link to a batch, in the place of an older one; *out_key
 * is set, and lives until the commit. */
A0_MUST_USE a0_status a0__link_record_add(a0__batch *batch, a0_client *client,
                                          const a0__link_journal *journal,
                                          a0__link_record_key *out_key, a0_error **err);

/* Whether there is a row that we wrote; appends its connection (NULL: not wanted). */
A0_MUST_USE a0_status a0__link_record_read(a0_client *client, a0__text primary_user_id,
                                           a0__text provider,
                                           a0__text secondary_user_id, bool *out_stands,
                                           a0__buf *out_connection, a0_error **err);

/* Whether we have made that user an identity of another one, and the link stands. */
A0_MUST_USE a0_status a0__link_is_secondary(a0_client *client, a0__text user_id,
                                            bool *out, a0_error **err);

#endif
