/* SPDX-License-Identifier: MIT */
/* How a command that serves begins and ends. */
#include "life.h"

#include <pthread.h>

#include "command.h"

void
cli_block_signals(sigset_t *out_signals)
{
    (void)sigemptyset(out_signals);
    (void)sigaddset(out_signals, SIGINT);
    (void)sigaddset(out_signals, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, out_signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

void
cli_block_reload(sigset_t *signals)
{
    (void)sigaddset(signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
}

int
cli_wait_for_signal(const sigset_t *signals)
{
    int received = 0;

    (void)sigwait(signals, &received);
    return received;
}

int
cli_report(const a0_config *config, a0_error *err)
{
    size_t faults = config != NULL ? a0_config_faults_len(config) : 0;
    int code = a0_error_status(err) == A0_INVALID ? CLI_USAGE : CLI_REFUSED;

    for (size_t i = 0; i < faults; i++) {
        cli_complain("%s", a0_config_fault(config, i));
    }
    if (faults == 0) {
        cli_complain("%s", a0_error_message(err));
    }
    a0_error_free(err);
    return code;
}
