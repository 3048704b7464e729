/* SPDX-License-Identifier: MIT */
/* How Auth0 carries out a PATCH of a user. */
#ifndef A0_TESTS_METADATA_PATCH_H
#define A0_TESTS_METADATA_PATCH_H

#include "json/json.h"

/* The members of an object that the patch does not name, as they are. */
void metadata_patch_keep(a0__json_writer *w, const a0__json *now,
                         const a0__json *patch);
/* The whole object: it merges one level deep, and null takes away. */
void metadata_patch_write(a0__json_writer *w, const a0__json *now,
                          const a0__json *patch);

#endif
