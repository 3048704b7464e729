/* SPDX-License-Identifier: MIT */
/*
 * Faults on demand: the tenant misbehaves as a test asks (docs/tenant.md lists the
 * names). Each fault counts down as it is used; one with count 0 stays.
 */
#ifndef A0_TENANT_FAULTS_H
#define A0_TENANT_FAULTS_H

#include "table.h"

typedef struct a0__faults {
    a0__table table;
} a0__faults;

void a0__faults_init(a0__faults *faults);
void a0__faults_clear(a0__faults *faults);
/* {"name": …, "value": …, "drop": …, "duplicate": …, "times": …}; false with the
 * reason when it is not of that form. */
bool a0__faults_add(a0__faults *faults, const a0__json *fault, a0__buf *out_reason);
void a0__faults_write(const a0__faults *faults, a0__json_writer *w);

/* The value of the fault as {"value": …}, and one use of it gone; NULL when it is not
 * set. Freed by the caller. */
a0__json *a0__fault_take(a0__faults *faults, const char *name);
bool a0__fault_take_text(a0__faults *faults, const char *name, a0__buf *out);
bool a0__fault_take_number(a0__faults *faults, const char *name, int64_t *out);
bool a0__fault_take_bool(a0__faults *faults, const char *name, bool *out);

/* Rewrites the object in *json by the faults "prefix" + member name. */
void a0__faults_edit(a0__faults *faults, const char *prefix, a0__buf *json);

#endif
