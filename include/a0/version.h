/* SPDX-License-Identifier: MIT */
/* The version of liba0 and the two macros every other header needs. */
#ifndef A0_VERSION_H
#define A0_VERSION_H

#define A0_VERSION "0.1.0"
#define A0_VERSION_MAJOR 0
#define A0_VERSION_MINOR 1
#define A0_VERSION_PATCH 0

/* What the shared library exports; everything else is hidden. */
#if defined(__GNUC__)
#define A0_API __attribute__((visibility("default")))
#define A0_MUST_USE __attribute__((warn_unused_result))
#else
#define A0_API
#define A0_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of the library that is running, for example "0.1.0".
 * Static text; never freed.
 */
A0_API const char *a0_version(void);

#ifdef __cplusplus
}
#endif

#endif
