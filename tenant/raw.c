/* SPDX-License-Identifier: MIT */
#include "raw.h"

a0_status
a0__raw_control(a0__exchange *x)
{
    return a0__refuse(x, 404, "not_found", "not yet");
}

void
a0__raw_stop(a0__raw *raw)
{
    (void)raw;
}
