/* SPDX-License-Identifier: MIT */
/* The parts of an examination: the tenant, the application's grants, what the
 * Management API says of it. Each adds its findings to the report. */
#ifndef A0_FLOWS_DOCTOR_H
#define A0_FLOWS_DOCTOR_H

#include <a0/doctor.h>

#include "flows/client.h"
#include "json/json.h"

enum {
    A0__CHECKS_MAX = 24,
    A0__CHECK_TEXT_MAX = 4096
};

struct a0_doctor_report {
    a0_check checks[A0__CHECKS_MAX];
    a0__buf texts[A0__CHECKS_MAX];
    a0__buf remedies[A0__CHECKS_MAX];
    size_t len;
};

typedef struct a0__examination {
    a0_client *client;
    a0_doctor_options given;
    a0_doctor_report *report;
    a0__tenant *tenant;    /* NULL: not known */
    a0__buf granted;       /* scopes of the Management API; empty: none, or no token */
    a0__json *application; /* as the Management API has it; NULL: not known */
    a0__error_ptr why_unknown; /* why not, or NULL: the scope is missing */
} a0__examination;

/* Adds a finding. Its text is built in the buffer that comes back; a fault in it shows
 * at the end. remedy may be NULL. */
a0__buf *a0__check_add(a0__examination *x, const char *id, a0_check_outcome outcome,
                       const char *remedy);
void a0__check_ok(a0__examination *x, const char *id, const char *text);
/* A finding from an error, whose sentence has the remedy behind its first semicolon. */
void a0__check_error(a0__examination *x, const char *id, a0_check_outcome outcome,
                     const a0_error *error);
/* Those cannot be looked at: each of the ids, up to a NULL. */
void a0__checks_skipped(a0__examination *x, const char *const *ids, const char *why);

/* Whether the settings ask for it. */
bool a0__doctor_links_accounts(const a0__examination *x);
bool a0__doctor_uses_vault(const a0__examination *x);

/* ---- the parts, in their order; statuses: no_memory ---- */

A0_MUST_USE a0_status a0__doctor_tenant(a0__examination *x, a0_error **err);
A0_MUST_USE a0_status a0__doctor_management(a0__examination *x, a0_error **err);
A0_MUST_USE a0_status a0__doctor_find_application(a0__examination *x, a0_error **err);
A0_MUST_USE a0_status a0__doctor_grants(a0__examination *x, a0_error **err);
void a0__doctor_application(a0__examination *x);
A0_MUST_USE a0_status a0__doctor_connections(a0__examination *x, a0_error **err);

#endif
