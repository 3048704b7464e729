/* SPDX-License-Identifier: MIT */
/*
 * Linking for an operator what the next sign-in of an account would link by its address
 * (contract §2, rule 3). The same facts, rules, locks and steps as at a sign-in; what
 * needs somebody who is there, or a record that Auth0 has to confirm, is left apart.
 */
#include <string.h>

#include "flows/link_answer.h"
#include "flows/link_audit.h"
#include "flows/link_saga.h"

enum {
    RULE_OF_ADDRESS = 3
};

/* ---- facts ---- */

/* The account, and all that Auth0 has under its address now. */
static a0_status
gather(a0__link_audit *a, const char *user_id, a0_error **err)
{
    const char *ids[A0__AUDIT_ACCOUNTS_MAX] = { user_id };
    a0_user_get_options options = A0_USER_GET_OPTIONS_INIT;
    A0_AUTO(a0__user_ptr) user = NULL;
    A0_AUTO(a0__users_ptr) others = NULL;
    size_t len = 1;

    options.afresh = true;
    A0_TRY(a0_user_get(a->client, user_id, &options, &user, err));
    if (a0_user_email(user) == NULL || a0_user_email(user)[0] == '\0') {
        return a0__link_audit_gather(a, ids, len, err);
    }
    A0_TRY(a0_user_by_email(a->client, a0_user_email(user), &others, err));
    for (size_t i = 0; i < a0_users_len(others) && len < A0__AUDIT_ACCOUNTS_MAX; i++) {
        ids[len++] = a0_user_id(a0_users_at(others, i));
    }
    return a0__link_audit_gather(a, ids, len, err);
}

static const a0_user *
user_of(const a0__link_audit *a, a0__text user_id)
{
    for (size_t i = 0; i < a->len; i++) {
        if (a0__text_is(user_id, a0_user_id(a->users[i]))) {
            return a->users[i];
        }
    }
    return NULL;
}

/* ---- from the verdict to the plan ---- */

/* One look: what the rules say, and what would be done about it. */
typedef struct look {
    a0__link_audit audit;
    a0__link_verdict verdict;
    a0__link_plan plan;
    char email[A0__ADDRESS_MAX + 1];
} look;

static void
look_auto(look *l)
{
    a0__link_audit_auto(&l->audit);
}

static bool
is_to_be_linked(const look *l)
{
    return l->audit.client->settings->linking == A0__LINKING_ON &&
           l->verdict.outcome == A0__LINK_NOW && l->verdict.rule == RULE_OF_ADDRESS;
}

static a0_status
take_look(look *l, const char *user_id, a0_error **err)
{
    int64_t read_at_ms = a0__client_monotonic_ms(l->audit.client);

    A0_TRY(gather(&l->audit, user_id, err));
    /* What is left out may be what the rules would have chosen. */
    A0_ENSURE(l->audit.unreadable_len == 0 && l->audit.accounts > 0 &&
                  a0__text_is(l->audit.profiles[0].user_id, user_id),
              err, mgmt_response_invalid);
    A0_TRY(a0__link_audit_decide(&l->audit, 0, &l->verdict, err));
    if (!is_to_be_linked(l)) {
        return A0_OK;
    }
    a0__address_canonical(l->verdict.identity->email, l->email);
    l->plan =
        (a0__link_plan){ .rule = l->verdict.rule,
                         .evidence = A0__LINK_BY_EMAIL,
                         .email = a0__text_of(l->email),
                         .primary = user_of(&l->audit, l->verdict.primary->user_id),
                         .secondary = l->audit.users[0],
                         .read_at_ms = read_at_ms };
    A0_ENSURE(l->plan.primary != NULL, err, internal);
    return A0_OK;
}

static bool
is_same(const look *one, const look *other)
{
    return is_to_be_linked(other) &&
           strcmp(a0_user_id(one->plan.primary), a0_user_id(other->plan.primary)) == 0;
}

/* [LINK-17] */
static a0_status
link_under_locks(const look *first, const char *user_id, a0__link_done *out,
                 a0_error **err)
{
    a0_client *client = first->audit.client;
    A0_AUTO(a0__link_locks) locks = { .client = NULL };
    look again __attribute__((cleanup(look_auto))) = { .audit = { .client = client } };
    bool still_holds = false;

    A0_TRY(a0__link_lock(client, &first->plan, &locks, &still_holds, err));
    if (still_holds) {
        return a0__link_run_unattended(client, &first->plan, &locks, out, err);
    }
    A0_TRY(take_look(&again, user_id, err));
    if (!is_same(first, &again)) {
        out->refused = "state_changed";
        return A0_OK;
    }
    return a0__link_run_unattended(client, &again.plan, &locks, out, err);
}

/* ---- the answer ---- */

static a0_status
write_answer(const look *l, const a0__link_done *done, a0_link_answer **out_answer,
             a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__LINK_ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    const char *refused =
        done->refused != NULL ? done->refused : a0__link_reason_name(l->verdict.reason);

    a0__json_open(&w, '{');
    a0__json_put_bool(&w, "is_pending_account_linking", false);
    a0__json_put_bool(&w, "is_account_linked", done->is_linked);
    a0__json_put_string(&w, "refused", done->is_linked ? NULL : refused);
    a0__json_name(&w, "rule");
    if (done->is_linked) {
        a0__json_value_i64(&w, l->verdict.rule);
    } else {
        a0__json_value_null(&w);
    }
    a0__json_put_string(&w, "primary_user_id",
                        done->is_linked ? a0_user_id(l->plan.primary) : NULL);
    a0__json_put_string(&w, "secondary_user_id",
                        done->is_linked ? a0_user_id(l->plan.secondary) : NULL);
    a0__json_put_bool(&w, "reauthentication_required", done->is_linked);
    a0__json_close(&w, '}');
    return a0__link_answer_new(&json, out_answer, err);
}

a0_status
a0_link_apply(a0_client *client, const char *user_id, a0_link_answer **out_answer,
              a0_error **err)
{
    look l __attribute__((cleanup(look_auto))) = { .audit = { .client = client } };
    a0__link_done done = { .refused = NULL };

    if (!a0__user_id_is_valid(a0__text_of(user_id))) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    A0_TRY(a0__link_settle(client, a0__text_of(user_id), NULL, err));
    A0_TRY(take_look(&l, user_id, err));
    if (is_to_be_linked(&l)) {
        A0_TRY(link_under_locks(&l, user_id, &done, err));
    }
    return write_answer(&l, &done, out_answer, err);
}
