/* SPDX-License-Identifier: MIT */
/*
 * Merging metadata (contract §2, rule 9) and taking a merge back (rule 12). Pure; the
 * results are JSON texts.
 */
#ifndef A0_LINK_MERGE_H
#define A0_LINK_MERGE_H

#include "json/json.h"

enum {
    A0__MERGE_DEPTH_MAX = 16,
    A0__MERGE_MAX = 65536 /* of what one merge gives [LINK-16] */
};

/* Which top-level keys are merged; NULL items: all. */
typedef struct a0__merge_keys {
    char *const *items;
    size_t len;
} a0__merge_keys;

/*
 * Appends the object to PATCH into the primary: the top-level members that change, with
 * their whole new value (Auth0 merges one level deep only), so that what the primary
 * has is never taken away. Scalars of the primary win, arrays are the secondary's then
 * the primary's without repeats, objects merge recursively; of two types that differ
 * the primary's wins. "{}" when nothing changes. Merging twice is merging once. Either
 * side may be NULL: no metadata.
 *
 * *out_valid is false, and nothing is to be merged, when the result would be deeper or
 * larger than allowed, or a side is no object. Statuses: no_memory.
 */
A0_MUST_USE a0_status a0__merge_patch(const a0__json *primary,
                                      const a0__json *secondary, a0__merge_keys keys,
                                      a0__buf *out, bool *out_valid, a0_error **err);

/*
 * Appends the object to PATCH so that what a merge added goes again: `before` is the
 * primary's metadata before the merge, `patch` what was sent, `now` what stands there
 * today. A value goes only if the merge added it and nobody changed it since; a
 * top-level member that the merge made goes as null, as Auth0 deletes it.
 */
A0_MUST_USE a0_status a0__merge_undo_patch(const a0__json *before,
                                           const a0__json *patch, const a0__json *now,
                                           a0__buf *out, a0_error **err);

#endif
