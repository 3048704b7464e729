/* SPDX-License-Identifier: MIT */
/*
 * Examining an installation: whether the settings, this machine, the tenant and the
 * application there go together. Nothing is changed; two exchanges of made-up tokens
 * leave a failure each in the tenant's log.
 */
#ifndef A0_DOCTOR_H
#define A0_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/client.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum a0_check_outcome {
    A0_CHECK_OK = 0,
    A0_CHECK_WARNING, /* it works, and is a risk or a feature that is missing */
    A0_CHECK_FAILED,
    A0_CHECK_NOT_CHECKED
} a0_check_outcome;

/* One thing that was looked at. */
typedef struct a0_check {
    const char *id; /* stable: "network", "clock", "callback"; docs/operations.md */
    a0_check_outcome outcome;
    const char *text;   /* what is the case, or why it was not checked */
    const char *remedy; /* what to do; NULL for nothing */
} a0_check;

typedef struct a0_doctor_options {
    size_t size;
    /* Where this application lets people come back to; NULL: not checked. */
    const char *callback_url;
    /* For one request; those of the Management API have 5000 in any case. 0: 5000. */
    int64_t timeout_ms;
} a0_doctor_options;

#define A0_DOCTOR_OPTIONS_INIT                                                         \
    {                                                                                  \
        .size = sizeof(a0_doctor_options)                                              \
    }

/* Owned by the caller; getters live as long as the object. */
typedef struct a0_doctor_report a0_doctor_report;

/*
 * Looks at everything that can be looked at; what fails is a line of the report and no
 * error. What needs the Management API is checked with the scopes read:clients and
 * read:connections, and otherwise says so. Errors: param_invalid, no_memory.
 */
A0_API A0_MUST_USE a0_status a0_doctor(a0_client *client,
                                       const a0_doctor_options *options,
                                       a0_doctor_report **out_report, a0_error **err);

A0_API void a0_doctor_report_free(a0_doctor_report *report);

/* Whether nothing failed. */
A0_API bool a0_doctor_report_is_healthy(const a0_doctor_report *report);
A0_API size_t a0_doctor_report_len(const a0_doctor_report *report);
/* NULL past the end. */
A0_API const a0_check *a0_doctor_report_check(const a0_doctor_report *report, size_t i);

#ifdef __cplusplus
}
#endif

#endif
