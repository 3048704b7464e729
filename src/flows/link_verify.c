/* SPDX-License-Identifier: MIT */
/*
 * Considering a link after a sign-in (contract §2). Reads from the top like the rules:
 * what was left half-way is finished, the facts are gathered, the rules decide, and the
 * verdict is logged, kept for a confirmation, or carried out.
 */
#include "flows/link_decide.h"
#include "flows/link_pending.h"
#include "flows/link_record.h"
#include "flows/session_drop.h"

enum {
    ANSWER_MAX = 2048
};

static a0__link_question
question_of(const a0_session *session)
{
    return (a0__link_question){ .person = {
                                    .user_id = session->record.sub,
                                    .email = session->record.email,
                                    .email_verified = session->record.email_verified,
                                } };
}

static a0_status
wait_for_confirmation(a0_session *session, const a0__link_verdict *verdict,
                      a0__link_result *out, a0_error **err)
{
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };
    a0__pending_about about = { .verdict = verdict };

    A0_TRY(a0__connected_accounts_of(session->client, verdict->primary->user_id.ptr,
                                     &accounts, err));
    about.primary_connected_accounts = accounts.len;
    A0_TRY(a0__pending_store(session, &about, err));
    out->is_pending = true;
    out->rule = verdict->rule;
    a0__link_result_name_primary(out, verdict->primary->user_id);
    return A0_OK;
}

/* LINK-06, LINK-14: a link that was made meanwhile has ended every other session of
 * this account, and this one was written too late to be among them. */
static a0_status
end_if_linked(a0_session *session, a0_error **err)
{
    bool is_secondary = false;

    A0_TRY(a0__link_is_secondary(session->client, session->record.sub, &is_secondary,
                                 err));
    return is_secondary ? a0__session_drop(session, err) : A0_OK;
}

static a0_status
act(a0_session *session, const a0__link_question *question,
    const a0__link_gathered *gathered, const a0__link_verdict *verdict,
    a0__link_result *out, a0_error **err)
{
    switch (verdict->outcome) {
    case A0__LINK_NOTHING:
        return A0_OK;
    case A0__LINK_REFUSED:
        out->refused = a0__link_reason_name(verdict->reason);
        return verdict->reason == A0__LINK_GONE ? end_if_linked(session, err) : A0_OK;
    case A0__LINK_PENDING:
        return wait_for_confirmation(session, verdict, out, err);
    case A0__LINK_NOW:
        return a0__link_carry_out(session, question, gathered, verdict, out, err);
    }
    return A0_OK;
}

static a0_status
consider(a0_session *session, a0__link_result *out, a0_error **err)
{
    a0_client *client = session->client;
    const a0__link_question question = question_of(session);
    A0_AUTO(a0__link_gathered) gathered = { .documents_len = 0 };
    a0__link_verdict verdict = { 0 };

    /* Also where nothing new is linked: what is half-way is not left so [LINK-15]. */
    A0_TRY(a0__link_settle(client, question.person.user_id, session, err));
    /* A sign-in that confirms is a0_link_complete's alone: weighed here as any other,
     * it could make the account that was there first the secondary (rule 4). */
    if (!a0__link_is_on(client) || session->record.link_is_confirmed) {
        return A0_OK;
    }
    A0_TRY(a0__link_weigh(client, &question, &gathered, &verdict, err));
    a0__link_log_decided(client, &question, &verdict);
    if (client->settings->linking == A0__LINKING_OBSERVE) {
        return A0_OK;
    }
    return act(session, &question, &gathered, &verdict, out, err);
}

/* What only keeps us from deciding now is not the sign-in's business [LINK-10]. */
static bool
is_for_later(const a0_error *failure)
{
    return !a0__error_is(failure, A0_E_link_conflict) &&
           !a0__error_is(failure, A0_E_link_partial) &&
           a0_error_status(failure) != A0_STORE &&
           a0_error_status(failure) != A0_NO_MEMORY;
}

a0_status
a0_link_verify(a0_session *session, a0_link_answer **out_answer, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    a0__link_result result = { 0 };

    if (session->is_signed_in) {
        a0_status status = consider(session, &result, &failure);

        if (status != A0_OK && !is_for_later(failure)) {
            a0__error_move(err, &failure);
            return status;
        }
    }
    if (failure != NULL) {
        a0__client_log_rejected(session->client, "link.deferred", failure);
        result = (a0__link_result){ 0 };
    }
    a0__json_open(&w, '{');
    a0__link_put_result(&w, &result);
    a0__json_close(&w, '}');
    return a0__link_answer_new(&json, out_answer, err);
}
