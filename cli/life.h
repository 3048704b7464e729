/* SPDX-License-Identifier: MIT */
/* What the commands that serve have in common. */
#ifndef A0_CLI_LIFE_H
#define A0_CLI_LIFE_H

#include <signal.h>

#include <a0/config.h>

/* Before any thread is made, so that only cli_wait_for_signal sees SIGINT and SIGTERM.
 */
void cli_block_signals(sigset_t *out_signals);
/* The same for SIGHUP, which otherwise ends a program. */
void cli_block_reload(sigset_t *signals);
/* Which one came. */
int cli_wait_for_signal(const sigset_t *signals);

/* Prints every fault of the configuration (may be NULL), or the error when there is
 * none, frees the error and gives the exit code. */
int cli_report(const a0_config *config, a0_error *err);

#endif
