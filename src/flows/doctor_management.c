/* SPDX-License-Identifier: MIT */
/* Whether the application has the machine token that looking users up and linking them
 * takes, and no more than that [MGMT-04]. */
#include <a0/ping.h>

#include "auth0/management.h"
#include "flows/doctor.h"

enum {
    SCOPES_MAX = 65536
};

/* What the settings need; what examining needs is not too much. */
static const char READS[] = "read:users";
static const char LINKS[] = "read:users update:users";
static const char EXAMINES[] = " read:clients read:connections";

static void
check_missing(a0__examination *x)
{
    static const char remedy[] = "grant them to the application at the API \"Auth0 "
                                 "Management API\"";
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(SCOPES_MAX);
    a0__text wanted = a0__text_of(a0__doctor_links_accounts(x) ? LINKS : READS);

    a0__scopes_missing(a0__buf_view(&x->granted), wanted, &missing);
    if (missing.len == 0) {
        a0__check_ok(x, "scopes", "the scopes that are needed are granted");
        return;
    }
    a0__buf_format(a0__check_add(x, "scopes", A0_CHECK_FAILED, remedy),
                   "scopes of the Management API are missing: %s",
                   a0__buf_cstr(&missing));
}

static void
check_excess(a0__examination *x)
{
    static const char remedy[] = "take them from the application's grant";
    A0_AUTO(a0__buf) wanted = A0__BUF_INIT(SCOPES_MAX);
    A0_AUTO(a0__buf) excess = A0__BUF_INIT(SCOPES_MAX);

    a0__buf_string(&wanted, LINKS);
    a0__buf_string(&wanted, EXAMINES);
    a0__scopes_excess(a0__buf_view(&x->granted), a0__buf_view(&wanted), &excess);
    if (excess.len > 0) {
        a0__buf_format(a0__check_add(x, "excess_scopes", A0_CHECK_WARNING, remedy),
                       "scopes are granted that nothing here needs and that go far: %s",
                       a0__buf_cstr(&excess));
    }
}

static void
check_granted(a0__examination *x, const a0_ping_result *result)
{
    static const char remedy[] = "set management_client_id and "
                                 "management_client_secret to those of an application "
                                 "of its own";

    a0__buf_string(&x->granted, a0_ping_result_granted_scopes(result));
    a0__check_ok(x, "management", "the tenant gives a token of the Management API");
    check_missing(x);
    check_excess(x);
    if (a0_ping_result_shares_credentials(result)) {
        a0__buf_string(a0__check_add(x, "shared_credentials", A0_CHECK_WARNING, remedy),
                       "sign-ins and the Management API use the same credentials");
    }
}

a0_status
a0__doctor_management(a0__examination *x, a0_error **err)
{
    static const char *const rest[] = { "scopes", NULL };
    a0_ping_options options = A0_PING_OPTIONS_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_ping_result *result = NULL;
    a0_status status = A0_OK;

    options.timeout_ms = x->given.timeout_ms;
    status = a0_ping(x->client, &options, &result, &failure);
    if (status == A0_NO_MEMORY) {
        return a0__fail(err, A0_E_no_memory);
    }
    if (status != A0_OK) {
        a0__check_error(
            x, "management",
            a0__doctor_links_accounts(x) ? A0_CHECK_FAILED : A0_CHECK_WARNING, failure);
        a0__checks_skipped(x, rest, "there is no token of the Management API");
        return A0_OK;
    }
    check_granted(x, result);
    a0_ping_result_free(result);
    return a0__buf_check(&x->granted, err);
}
