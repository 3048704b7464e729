/* SPDX-License-Identifier: MIT */
#include "command.h"

static int
run(const char *const *values, int arguments_len, char *const *arguments)
{
    (void)values;
    (void)arguments_len;
    (void)arguments;
    cli_complain("this build has no serve yet");
    return CLI_REFUSED;
}

const cli_command serve_command = {
    .name = "serve",
    .summary = "the sign-in gateway for a web application behind a proxy",
    .text = "the sign-in gateway for a web application behind a proxy.",
    .run = run,
};
