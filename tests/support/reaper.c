/* SPDX-License-Identifier: MIT */
#include "reaper.h"

#include <signal.h>
#include <unistd.h>

static void
pass(reaper *r)
{
    if (++r->passed == r->at) {
        (void)kill(getpid(), SIGKILL);
    }
}

void
reaper_at_store(void *self, failing_store_call call, uint64_t n, bool done)
{
    (void)call;
    (void)n;
    (void)done;
    pass(self);
}

void
reaper_at_request(void *self, const char *path, bool done)
{
    (void)path;
    (void)done;
    pass(self);
}
