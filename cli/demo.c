/* SPDX-License-Identifier: MIT */
#include "command.h"

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    (void)values;
    (void)arguments_len;
    (void)arguments;
    cli_complain("this build has no demo yet");
    return CLI_REFUSED;
}

const cli_command demo_command = {
    .name = "demo",
    .summary = "a tenant and a gateway to sign in to, in one step",
    .text = "a tenant and a gateway to sign in to, in one step.",
    .run = run,
};
