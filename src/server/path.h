/* SPDX-License-Identifier: MIT */
/*
 * The one canonicaliser of paths. [GW-04] Its output is percent-encoded: escapes of
 * unreserved characters are decoded, other escapes written in capitals, dot segments
 * removed (RFC 3986 §6.2.2, §5.2.4); applying it again changes nothing.
 */
#ifndef A0_SERVER_PATH_H
#define A0_SERVER_PATH_H

#include "base/buf.h"

enum {
    A0__PATH_MAX = 4096
};

/*
 * Appends the canonical path. False, with *out in no useful state, when the path has
 * more than one reading: it does not start with '/', holds a byte that is no visible
 * ASCII, '\\', '?' or '#', a bad escape, an escaped '/', '\\' or control byte, escapes
 * that are not UTF-8, or dot segments that leave the root.
 */
A0_MUST_USE bool a0__path_canonical(a0__text path, a0__buf *out);

#endif
