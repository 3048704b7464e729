/* SPDX-License-Identifier: MIT */
/*
 * Completing a confirmation (contract §2, rule 6): the sign-in that was started for
 * what waits has come back. The right account links; a wrong one leaves nobody signed
 * in.
 */
#include "flows/link_decide.h"
#include "flows/link_pending.h"
#include "flows/session_drop.h"

enum {
    ANSWER_MAX = 2048
};

/* LINK-18: neither the third account's session nor its tokens stay. Where the store can
 * not be told, at least the browser never learns the id of what is left there. */
static a0_status
end_wrong_session(a0_session *session, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__secret) id = A0__SECRET_INIT;
    char key[A0__ROW_KEY_LEN + 1];
    a0_status status = A0_OK;

    A0__LOG(client->log, A0_LOG_AUDIT, "link.wrong_account",
            A0__FIELD_TEXT("outcome", "refused"));
    status = a0__session_drop(session, err);
    if (status != A0_OK) {
        a0__session_forget(session);
        A0_TRY(a0__session_id_new(client, &id, key, NULL));
        a0__session_rename(session, &id, key);
    }
    return status;
}

/* LINK-22: who confirms does so in the organization that the question was asked in. */
static bool
is_foreign(const a0_session *session, const a0__pending *pending)
{
    return !a0__text_equal(session->record.org_id, pending->org_id);
}

/* The other account's sign-in was for this address, verified: that was looked at when
 * the question was asked, and is again, in the profile, now. */
static a0_status
link(a0_session *session, const a0__pending *pending, a0__link_result *out,
     a0_error **err)
{
    a0_client *client = session->client;
    const a0__link_question question = {
        .person = { .user_id = pending->secondary_user_id,
                    .email = pending->address,
                    .email_verified = true },
        .confirmed = pending->primary_user_id,
    };
    A0_AUTO(a0__link_gathered) gathered = { .documents_len = 0 };
    a0__link_verdict verdict = { 0 };

    A0_TRY(a0__link_settle(client, pending->primary_user_id, session, err));
    A0_TRY(a0__link_settle(client, pending->secondary_user_id, session, err));
    A0_TRY(a0__link_weigh(client, &question, &gathered, &verdict, err));
    a0__link_log_decided(client, &question, &verdict);
    if (verdict.outcome != A0__LINK_NOW) {
        out->refused = a0__link_reason_name(verdict.reason);
        return A0_OK;
    }
    return a0__link_carry_out(session, &question, &gathered, &verdict, out, err);
}

static a0_status
leave_apart(const a0_session *session, const a0__pending *pending, const char *reason,
            a0__link_result *out)
{
    const a0__link_question question = { .person = { .user_id =
                                                         pending->secondary_user_id } };

    out->refused = reason;
    a0__link_log_left(session->client, &question, reason);
    return A0_OK;
}

static a0_status
judge(a0_session *session, const a0__pending *pending, a0__link_result *out,
      bool *out_wrong_account, a0_error **err)
{
    *out_wrong_account = !a0__text_equal(session->record.sub, pending->primary_user_id);
    if (*out_wrong_account) {
        return end_wrong_session(session, err);
    }
    if (!a0__pending_is_live(session->client, pending)) {
        return leave_apart(session, pending, "expired", out);
    }
    if (is_foreign(session, pending) ||
        session->client->settings->linking != A0__LINKING_ON) {
        return leave_apart(session, pending, a0__link_reason_name(A0__LINK_FOREIGN),
                           out);
    }
    return link(session, pending, out, err);
}

static a0_status
answer(const a0__link_result *result, bool wrong_account, a0_link_answer **out_answer,
       a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    a0__json_open(&w, '{');
    a0__json_put_bool(&w, "success", result->is_linked);
    if (result->is_linked) {
        a0__link_put_result(&w, result);
    } else {
        a0__json_put_bool(&w, "used_different_account", wrong_account);
        a0__json_put_string(&w, "refused", result->refused);
    }
    a0__json_close(&w, '}');
    return a0__link_answer_new(&json, out_answer, err);
}

a0_status
a0_link_complete(a0_session *session, a0_link_answer **out_answer, a0_error **err)
{
    A0_AUTO(a0__pending) pending = { .document = NULL };
    a0__link_result result = { 0 };
    bool wrong_account = false;
    bool found = false;

    *out_answer = NULL;
    /* Whatever comes of it, it is good for this once [LINK-19]. */
    A0_TRY(a0__pending_take(session, &pending, &found, err));
    if (!found || !session->record.link_is_confirmed) {
        return A0_OK;
    }
    A0_TRY(judge(session, &pending, &result, &wrong_account, err));
    return answer(&result, wrong_account, out_answer, err);
}
