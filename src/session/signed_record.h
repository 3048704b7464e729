/* SPDX-License-Identifier: MIT */
/*
 * Rows that anybody may read and only this installation can write (docs/formats.md):
 * their data is a JSON object with a member `mac`, so that a store may keep the members
 * in columns of its own. What somebody else wrote or edited is told apart and is no
 * evidence of anything.
 */
#ifndef A0_SESSION_SIGNED_RECORD_H
#define A0_SESSION_SIGNED_RECORD_H

#include "session/sealing.h"
#include "json/json.h"

enum {
    A0__SIGNED_MEMBERS_MAX = 32
};

/*
 * Appends the object with the mac over it, the issuer and the kind, key and user id of
 * the record. `object`: without a member mac, at most A0__SIGNED_MEMBERS_MAX members.
 * Errors: no_memory, internal.
 */
A0_MUST_USE a0_status a0__signed_record_write(const a0__keyring *keyring,
                                              const char *issuer,
                                              const a0_record *record, a0__text object,
                                              a0__buf *out, a0_error **err);

/*
 * Reads the data of a record. *out_object is NULL when it is no JSON object; *out_holds
 * tells whether it is ours. Neither is an error. Errors: no_memory.
 */
A0_MUST_USE a0_status a0__signed_record_read(const a0__keyring *keyring,
                                             const char *issuer,
                                             const a0_record *record,
                                             a0__json **out_object, bool *out_holds,
                                             a0_error **err);

#endif
