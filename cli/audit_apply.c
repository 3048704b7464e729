/* SPDX-License-Identifier: MIT */
/* Linking what a finished audit found safe, one after the other. */
#include <a0/link.h>
#include <a0/sys/clock.h>

#include "audit.h"
#include "life.h"

typedef struct applying {
    a0_client *client;
    int64_t each_ms;
    int64_t linked;
    int64_t left_apart;
    int64_t failed;
} applying;

/* Decided afresh: much can have changed since the audit. */
static void
apply_one(applying *a, a0__text user_id)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(256);
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;

    a0__buf_text(&id, user_id);
    if (a0_link_apply(a->client, a0__buf_cstr(&id), &answer, &err) != A0_OK) {
        cli_complain("%s:", a0__buf_cstr(&id));
        (void)cli_report(NULL, err);
        a->failed++;
        return;
    }
    a->linked += a0_link_answer_is_linked(answer) ? 1 : 0;
    a->left_apart += a0_link_answer_is_linked(answer) ? 0 : 1;
    a0_link_answer_free(answer);
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
    A0_AUTO(a0__json_doc) group = NULL;
    const a0__json *accounts = NULL;
    a0__text name = A0__NO_TEXT;

    if (a0__json_parse_large(line, &group, NULL) != A0_OK ||
        a0__json_text(group, "class", &name) != A0__FOUND ||
        a0__json_array(group, "accounts", &accounts) != A0__FOUND) {
        cli_complain("--work: what was found there can not be read");
        return false;
    }
    for (size_t i = 0;
         i < a0__json_len(accounts) && a0__text_is(name, audit_class_names[AUDIT_SAFE]);
         i++) {
        apply_account(self, a0__json_at(accounts, i));
    }
    return true;
}

int
audit_apply(a0_client *client, const audit_work *work, int64_t each_ms)
{
    applying a = { .client = client, .each_ms = each_ms };

    if (!audit_work_each(work, apply_group, &a)) {
        return CLI_REFUSED;
    }
    cli_print("{\"linked\":%lld,\"left_apart\":%lld,\"failed\":%lld}\n",
              (long long)a.linked, (long long)a.left_apart, (long long)a.failed);
    return a.failed == 0 ? CLI_OK : CLI_REFUSED;
}
