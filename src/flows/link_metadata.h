/* SPDX-License-Identifier: MIT */
/* The metadata of two accounts that become one (contract §2, rule 9): what is kept of
 * the secondary, what the primary gains, what goes back. No requests here. */
#ifndef A0_FLOWS_LINK_METADATA_H
#define A0_FLOWS_LINK_METADATA_H

#include "flows/link_journal.h"

/* What a merge changes in the primary, and what stood there before. Empty: nothing. */
typedef struct a0__link_metadata {
    a0__buf before_user_metadata;
    a0__buf before_app_metadata;
    a0__buf patch_user_metadata;
    a0__buf patch_app_metadata;
} a0__link_metadata;

#define A0__LINK_METADATA_INIT                                                         \
    ((a0__link_metadata){ .before_user_metadata = A0__BUF_INIT(A0__LINK_JOURNAL_MAX),  \
                          .before_app_metadata = A0__BUF_INIT(A0__LINK_JOURNAL_MAX),   \
                          .patch_user_metadata = A0__BUF_INIT(A0__LINK_JOURNAL_MAX),   \
                          .patch_app_metadata = A0__BUF_INIT(A0__LINK_JOURNAL_MAX) })
void a0__link_metadata_auto(a0__link_metadata *metadata);

/* Appends a member of a profile, or nothing when it is absent or empty. */
A0_MUST_USE a0_status a0__link_metadata_of(const a0_user *user, const char *member,
                                           a0__buf *out, a0_error **err);

/*
 * Plans the merge of what the entry keeps of its secondary into the primary as it is
 * now, beside what the entry has planned before: that may have been sent. What is too
 * large or too deep is not merged, and said [LINK-16].
 */
A0_MUST_USE a0_status a0__link_metadata_plan(a0_client *client,
                                             const a0__link_journal *journal,
                                             const a0_user *primary,
                                             a0__link_metadata *out, bool *out_changes,
                                             a0_error **err);
/* Puts the plan into the entry, which borrows from it until it is written. */
void a0__link_metadata_take(const a0__link_metadata *metadata,
                            a0__link_journal *journal);

/* Appends what takes the merge back out of the primary as it is now; *out_changes tells
 * whether anything does. */
A0_MUST_USE a0_status a0__link_metadata_undo(const a0__link_journal *journal,
                                             const a0_user *primary, a0__buf *out,
                                             bool *out_changes, a0_error **err);

/* Appends the body of a PATCH of a user: two JSON objects, of which either may be
 * empty.
 */
void a0__link_metadata_body(a0__text user_metadata, a0__text app_metadata,
                            a0__buf *out);

#endif
