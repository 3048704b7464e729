/* SPDX-License-Identifier: MIT */
#include "flows/link_decide.h"

#include <string.h>

bool
a0__link_is_on(const a0_client *client)
{
    return client->settings->linking != A0__LINKING_OFF &&
           client->settings->connections_for_account_linking.len > 0;
}

/* ---- weighing ---- */

/* Rule 6, and LINK-24: a confirmation lifts what an undo forbids. The account must
 * still be one that may stay. */
static void
decide_confirmed(const a0__link_question *question, a0__link_gathered *gathered,
                 a0__link_verdict *out)
{
    for (size_t i = 0; i < gathered->facts.candidates_len; i++) {
        gathered->candidates[i].was_undone = false;
    }
    *out = a0__link_decide(&gathered->facts);
    if (out->primary != NULL &&
        a0__text_equal(out->primary->user_id, question->confirmed)) {
        out->outcome = A0__LINK_NOW;
        out->rule = 4;
    } else if (out->outcome != A0__LINK_REFUSED) {
        *out = (a0__link_verdict){
            .outcome = A0__LINK_REFUSED,
            .reason = gathered->facts.candidates_len > 0 ? A0__LINK_STATE_CHANGED
                                                         : A0__LINK_GONE,
        };
    }
}

a0_status
a0__link_weigh(a0_client *client, const a0__link_question *question,
               a0__link_gathered *out_gathered, a0__link_verdict *out_verdict,
               a0_error **err)
{
    if (question->confirmed.len > 0) {
        A0_TRY(a0__link_gather_pair(client, &question->person, question->confirmed,
                                    out_gathered, err));
        decide_confirmed(question, out_gathered, out_verdict);
        return A0_OK;
    }
    A0_TRY(a0__link_gather(client, &question->person, out_gathered, err));
    *out_verdict = a0__link_decide(&out_gathered->facts);
    return A0_OK;
}

/* ---- what is said ---- */

static void
fingerprint(const a0_client *client, a0__text user_id,
            char out[A0__FINGERPRINT_LEN + 1])
{
    out[0] = '\0';
    if (user_id.len > 0) {
        a0__ignore(a0__fingerprint(client->keyring, user_id, out, NULL));
    }
}

void
a0__link_log_decided(const a0_client *client, const a0__link_question *question,
                     const a0__link_verdict *verdict)
{
    char primary[A0__FINGERPRINT_LEN + 1];
    char secondary[A0__FINGERPRINT_LEN + 1];
    const char *reason = a0__link_reason_name(verdict->reason);
    bool observed = client->settings->linking == A0__LINKING_OBSERVE;

    fingerprint(client,
                verdict->primary != NULL ? verdict->primary->user_id : A0__NO_TEXT,
                primary);
    fingerprint(client, question->person.user_id, secondary);
    A0__LOG(client->log, A0_LOG_AUDIT, "link.decided",
            A0__FIELD_TEXT("outcome", a0__link_outcome_name(verdict->outcome)),
            A0__FIELD_NUMBER("rule", verdict->rule),
            A0__FIELD_TEXT("reason", reason != NULL ? reason : ""),
            A0__FIELD_TEXT("primary_fp", primary),
            A0__FIELD_TEXT("secondary_fp", secondary),
            A0__FIELD_TEXT("linking", observed ? "observe" : "on"));
}

void
a0__link_log_left(const a0_client *client, const a0__link_question *question,
                  const char *reason)
{
    char secondary[A0__FINGERPRINT_LEN + 1];

    fingerprint(client, question->person.user_id, secondary);
    A0__LOG(client->log, A0_LOG_AUDIT, "link.left_apart",
            A0__FIELD_TEXT("reason", reason),
            A0__FIELD_TEXT("secondary_fp", secondary));
}

/* ---- what is done ---- */

static a0__link_evidence
evidence_of(const a0__link_question *question, const a0__link_verdict *verdict)
{
    if (question->confirmed.len > 0) {
        return A0__LINK_BY_CONFIRMATION;
    }
    return verdict->record != NULL ? A0__LINK_BY_CONNECTED_ACCOUNT : A0__LINK_BY_EMAIL;
}

/* A verdict on its way to being carried out. */
typedef struct linking {
    const a0__link_question *question;
    a0__link_plan plan;
    a0__link_locks locks;
    a0_user *primary;
    a0_user *secondary;
    char address[A0__ADDRESS_MAX + 1];
} linking;

static void
linking_auto(linking *l)
{
    a0__link_locks_auto(&l->locks);
    a0_user_free(l->primary);
    a0_user_free(l->secondary);
}

static a0_status
make_plan(linking *l, const a0__link_gathered *gathered,
          const a0__link_verdict *verdict, a0_error **err)
{
    a0_user_free(a0__steal(&l->primary));
    a0_user_free(a0__steal(&l->secondary));
    A0_TRY(
        a0__link_gathered_user(gathered, verdict->primary->user_id, &l->primary, err));
    A0_TRY(
        a0__link_gathered_user(gathered, gathered->facts.user_id, &l->secondary, err));
    A0_ENSURE(l->primary != NULL && l->secondary != NULL, err, internal);
    l->address[0] = '\0';
    if (a0__address_is_eligible(verdict->identity->email)) {
        a0__address_canonical(verdict->identity->email, l->address);
    }
    l->plan = (a0__link_plan){
        .rule = verdict->rule,
        .evidence = evidence_of(l->question, verdict),
        .connected_account_id =
            verdict->record != NULL ? verdict->record->id : A0__NO_TEXT,
        .email = a0__text_of(l->address),
        .primary = l->primary,
        .secondary = l->secondary,
        .read_at_ms = gathered->read_at_ms,
    };
    return A0_OK;
}

static void
copy_id(a0__text user_id, char out[A0__USER_ID_MAX + 1])
{
    if (user_id.len <= A0__USER_ID_MAX) {
        memcpy(out, user_id.ptr, user_id.len);
        out[user_id.len] = '\0';
    }
}

static a0_status
run(a0_session *session, const linking *l, a0__link_result *out, a0_error **err)
{
    a0__link_done done = { 0 };

    A0_TRY(a0__link_run(session, &l->plan, &l->locks, &done, err));
    out->refused = done.refused;
    if (done.is_linked) {
        out->is_linked = true;
        out->reauthentication_required = done.reauthentication_required;
        out->rule = l->plan.rule;
        a0__link_result_name_primary(out, a0__text_of(a0_user_id(l->primary)));
        copy_id(a0__text_of(a0_user_id(l->secondary)), out->secondary_user_id);
    }
    return A0_OK;
}

static bool
is_same(const a0__link_verdict *a, const a0__link_verdict *b)
{
    return a->outcome == b->outcome && a->rule == b->rule && b->primary != NULL &&
           a0__text_equal(a->primary->user_id, b->primary->user_id);
}

/* Under the locks nobody of ours changes the accounts any more. */
static a0_status
weigh_again_and_run(a0_session *session, linking *l, const a0__link_verdict *verdict,
                    a0__link_result *out, a0_error **err)
{
    A0_AUTO(a0__link_gathered) gathered = { .documents_len = 0 };
    a0__link_verdict now = { 0 };

    A0_TRY(a0__link_weigh(session->client, l->question, &gathered, &now, err));
    if (!is_same(verdict, &now)) {
        a0__link_log_decided(session->client, l->question, &now);
        out->refused = a0__link_reason_name(A0__LINK_STATE_CHANGED);
        return A0_OK;
    }
    A0_TRY(make_plan(l, &gathered, &now, err));
    return run(session, l, out, err);
}

static a0_status
carry_out(a0_session *session, const a0__link_question *question,
          const a0__link_gathered *gathered, const a0__link_verdict *verdict,
          a0__link_result *out, a0_error **err)
{
    linking l __attribute__((cleanup(linking_auto))) = { .question = question };
    bool still_holds = false;

    A0_TRY(make_plan(&l, gathered, verdict, err));
    A0_TRY(a0__link_lock(session->client, &l.plan, &l.locks, &still_holds, err));
    if (!still_holds) {
        return weigh_again_and_run(session, &l, verdict, out, err);
    }
    return run(session, &l, out, err);
}

a0_status
a0__link_carry_out(a0_session *session, const a0__link_question *question,
                   const a0__link_gathered *gathered, const a0__link_verdict *verdict,
                   a0__link_result *out, a0_error **err)
{
    A0_TRY(carry_out(session, question, gathered, verdict, out, err));
    if (out->refused != NULL) {
        a0__link_log_left(session->client, question, out->refused);
    }
    return A0_OK;
}

/* ---- the answer ---- */

void
a0__link_result_name_primary(a0__link_result *result, a0__text user_id)
{
    copy_id(user_id, result->primary_user_id);
}

static void
put_id(a0__json_writer *w, const char *name, const char *user_id)
{
    a0__json_put_string(w, name, user_id[0] != '\0' ? user_id : NULL);
}

void
a0__link_put_result(a0__json_writer *w, const a0__link_result *result)
{
    a0__json_put_bool(w, "is_pending_account_linking", result->is_pending);
    a0__json_put_bool(w, "is_account_linked", result->is_linked);
    a0__json_put_string(w, "refused", result->refused);
    if (result->rule > 0) {
        a0__json_put_i64(w, "rule", result->rule);
    } else {
        a0__json_put_string(w, "rule", NULL);
    }
    put_id(w, "primary_user_id", result->primary_user_id);
    put_id(w, "secondary_user_id", result->secondary_user_id);
    a0__json_put_bool(w, "reauthentication_required",
                      result->reauthentication_required);
}
