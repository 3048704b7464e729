/* SPDX-License-Identifier: MIT */
#include "rate_limit.h"

enum {
    NUMBER_MAX = 32,
    ONE = 1000 /* a request, in thousandths */
};

static void
put_number(a0__exchange *x, const char *name, int64_t number)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(NUMBER_MAX);

    a0__buf_i64(&text, number);
    a0__web_header_set(x->response, name, a0__buf_view(&text));
}

/* What the limit gives in the time since the last request; full at first. */
static void
refill(a0__tenant *tenant, int64_t per_second, int64_t burst)
{
    a0__rate_bucket *bucket = &tenant->management_bucket;
    int64_t now_ms = a0__tenant_now_ms(tenant);
    int64_t elapsed_ms = now_ms - bucket->at_ms;
    int64_t most_ms = burst * ONE / per_second;

    if (bucket->at_ms == 0 || elapsed_ms > most_ms || elapsed_ms < 0) {
        bucket->left = burst * ONE;
    } else {
        bucket->left += elapsed_ms * per_second;
    }
    if (bucket->left > burst * ONE) {
        bucket->left = burst * ONE;
    }
    bucket->at_ms = now_ms;
}

static bool
take(a0__exchange *x)
{
    const a0__tenant_settings *settings = a0__tenant_settings_of(x->tenant);
    a0__rate_bucket *bucket = &x->tenant->management_bucket;
    int64_t per_second = settings->management_rate_limit;
    int64_t burst = settings->management_rate_burst > 0
                        ? settings->management_rate_burst
                        : per_second;
    bool taken = true;

    if (per_second <= 0) {
        a0__put_rate_limit(x);
        return true;
    }
    refill(x->tenant, per_second, burst);
    taken = bucket->left >= ONE;
    bucket->left -= taken ? ONE : 0;
    put_number(x, "x-ratelimit-limit", burst);
    put_number(x, "x-ratelimit-remaining", bucket->left / ONE);
    put_number(x, "x-ratelimit-reset", x->now + 1);
    return taken;
}

bool
a0__rate_limit_take(a0__exchange *x)
{
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&x->tenant->faults, "mgmt.429");
    bool taken = take(x);

    if (taken && fault == NULL) {
        return true;
    }
    put_number(x, "x-ratelimit-remaining", 0);
    put_number(x, "Retry-After", 1);
    return false;
}
