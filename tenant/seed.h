/* SPDX-License-Identifier: MIT */
/* Filling a tenant: from a seed (JSON) and through the control API. */
#ifndef A0_TENANT_SEED_H
#define A0_TENANT_SEED_H

#include "core.h"

/*
 * Empties the tenant, but for its keys, and reads the seed; {issuer} and {base_url} in
 * it stand for this tenant's. On a fault nothing is certain about what was read, and
 * err (config_invalid) says what to write.
 */
A0_MUST_USE a0_status a0__seed_apply(a0__tenant *tenant, a0__text seed, a0_error **err);

/* Adds one record, or changes the one that has its key. *out_row may be NULL. */
A0_MUST_USE a0_status a0__seed_record(a0__tenant *tenant, a0__kind kind,
                                      const a0__json *object, void **out_row,
                                      a0_error **err);

/* The kind of that name ("users"); false when there is none. */
bool a0__kind_named(a0__text name, a0__kind *out);

/* Adds to the allow-lists of the first application. */
void a0__seed_allow(a0__tenant *tenant, const a0__tenant_options *options);

#endif
