/* SPDX-License-Identifier: MIT */
#include "command.h"

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    (void)values;
    (void)arguments_len;
    (void)arguments;
    cli_complain("this build has no tenant yet");
    return CLI_REFUSED;
}

const cli_command tenant_command = {
    .name = "tenant",
    .summary = "a local Auth0 tenant for development and tests",
    .text = "a local Auth0 tenant for development and tests.",
    .run = run,
};
