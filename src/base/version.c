/* SPDX-License-Identifier: MIT */
#include <a0/version.h>

const char *
a0_version(void)
{
    return A0_VERSION;
}
