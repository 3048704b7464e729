/* SPDX-License-Identifier: MIT */
/* How a port that is not part of liba0 reports what went wrong. */
#ifndef A0_SYS_FAIL_H
#define A0_SYS_FAIL_H

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sets *err (unless err is NULL) to the error of that id, for example
 * "store_unavailable", and returns its status, which the port returns in turn. An id
 * that docs/errors.md does not list becomes "internal". Any thread.
 */
A0_API A0_MUST_USE a0_status a0_port_fail(a0_error **err, const char *id);

#ifdef __cplusplus
}
#endif

#endif
