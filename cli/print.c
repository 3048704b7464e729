/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "command.h"

enum {
    TIMEOUT_MAX_S = 120
};

/* A closed pipe is the reader's choice, so the results of printing do not matter. */
void
cli_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vfprintf(stdout, format, args);
    va_end(args);
    (void)fflush(stdout);
}

void
cli_complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("a0: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

int
cli_port(const char *option, const char *text)
{
    int port = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || port > 65535) {
            port = -1;
            break;
        }
        port = port * 10 + (*at - '0');
    }
    if (*text == '\0' || port < 0 || port > 65535) {
        cli_complain("--%s: write a port from 0 to 65535; 0 lets the system choose",
                     option);
        return -1;
    }
    return port;
}

bool
cli_read_timeout(const char *text, int64_t *out_ms)
{
    uint64_t seconds = 0;

    if (text == NULL) {
        return true;
    }
    if (!a0__parse_u64(a0__text_of(text), TIMEOUT_MAX_S, &seconds) || seconds == 0) {
        cli_complain("--timeout: write a number of seconds from 1 to %d",
                     TIMEOUT_MAX_S);
        return false;
    }
    *out_ms = (int64_t)seconds * 1000;
    return true;
}
