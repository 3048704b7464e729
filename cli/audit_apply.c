/* SPDX-License-Identifier: MIT */
/* Linking what a finished audit found safe, one after the other. */
#include <a0/link.h>
#include <a0/sys/clock.h>

#include "audit.h"
#include "life.h"

typedef struct applying {
    a0_client *client;
    int64_t each_ms;
    int64_t groups; /* that are safe; and how many of them are done */
    int64_t done;
    int64_t linked;
    int64_t left_apart;
    int64_t failed;
} applying;

/* Decided afresh: much can have changed since the audit. An account that is no more,
 * because it was linked before this was cut off, is no failure. */
static void
apply_one(applying *a, a0__text user_id)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(256);
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    a0_status status = A0_OK;

    a0__buf_text(&id, user_id);
    status = a0_link_apply(a->client, a0__buf_cstr(&id), &answer, &err);
    if (status == A0_OK && a0_link_answer_is_linked(answer)) {
        a->linked++;
    } else if (status == A0_OK || status == A0_NOT_FOUND) {
        a->left_apart++;
    } else {
        cli_complain("%s:", a0__buf_cstr(&id));
        (void)cli_report(NULL, err);
        err = NULL;
        a->failed++;
    }
    a0_error_free(err);
    a0_link_answer_free(answer);
    /* Whatever came of it: a tenant in trouble is not to be asked faster. */
    a0_clock_system()->sleep_ms(NULL, a->each_ms);
}

static void
apply_account(applying *a, const a0__json *account)
{
    a0__text outcome = A0__NO_TEXT;
    a0__text user_id = A0__NO_TEXT;

    if (a0__json_text(account, "outcome", &outcome) == A0__FOUND &&
        a0__text_is(outcome, "link") &&
        a0__json_text(account, "user_id", &user_id) == A0__FOUND) {
        apply_one(a, user_id);
    }
}

static bool
apply_group(void *self, a0__text line)
{
    applying *a = self;
    A0_AUTO(a0__json_doc) group = NULL;
    const a0__json *accounts = NULL;
    a0__text name = A0__NO_TEXT;

    if (a0__json_parse_large(line, &group, NULL) != A0_OK ||
        a0__json_text(group, "class", &name) != A0__FOUND ||
        a0__json_array(group, "accounts", &accounts) != A0__FOUND) {
        cli_complain("--work: what was found there can not be read");
        return false;
    }
    if (!a0__text_is(name, audit_class_names[AUDIT_SAFE])) {
        return true;
    }
    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        apply_account(a, a0__json_at(accounts, i));
    }
    a->done++;
    audit_progress("addresses", a->done, a->groups);
    return true;
}

int
audit_apply(a0_client *client, const audit_work *work, const audit_state *state,
            int64_t each_ms)
{
    applying a = { .client = client,
                   .each_ms = each_ms,
                   .groups = state->groups[AUDIT_SAFE] };
    bool all = audit_work_each(work, apply_group, &a);

    audit_progress_end();
    if (!all) {
        return CLI_REFUSED;
    }
    cli_print("{\"linked\":%lld,\"left_apart\":%lld,\"failed\":%lld}\n",
              (long long)a.linked, (long long)a.left_apart, (long long)a.failed);
    return a.failed == 0 ? CLI_OK : CLI_REFUSED;
}
