/* SPDX-License-Identifier: MIT */
/* What the next sign-in of a user would do, and why not: for operators. */
#include "flows/link_decide.h"
#include "flows/link_steps.h"

#include <string.h>

enum {
    KEYS_MAX = 65536
};

static a0__text
reason_text(const a0__link_verdict *verdict)
{
    const char *name = a0__link_reason_name(verdict->reason);

    return name != NULL ? a0__text_of(name) : A0__LIT("not_concerned");
}

static void
put_candidate(a0__json_writer *w, const a0__link_facts *facts, size_t i,
              const a0__link_verdict *verdict)
{
    const a0__link_profile *candidate = &facts->candidates[i];
    a0__link_verdict alone = a0__link_decide_one(facts, i);

    a0__json_open(w, '{');
    a0__json_put(w, "user_id", candidate->user_id);
    a0__json_put(w, "connection", candidate->identities[0].connection);
    if (verdict->primary == candidate) {
        a0__json_put_string(w, "verdict", "primary");
    } else if (alone.primary != NULL) {
        a0__json_put_string(w, "verdict", "eligible");
    } else {
        a0__json_put(w, "verdict", reason_text(&alone));
    }
    a0__json_close(w, '}');
}

static const char *
linking_name(const a0_client *client)
{
    static const char *const names[] = { [A0__LINKING_OFF] = "off",
                                         [A0__LINKING_OBSERVE] = "observe",
                                         [A0__LINKING_ON] = "on" };

    return names[client->settings->linking];
}

/* Whether that sign-in would have something to finish first. */
static a0_status
is_half_way(a0_client *client, a0__text user_id, bool *out, a0_error **err)
{
    A0_AUTO(a0__buf) keys = A0__BUF_INIT(KEYS_MAX);

    A0_TRY(a0__link_journal_find_open(client, user_id, &keys, err));
    *out = keys.len > 0;
    return A0_OK;
}

static void
put_verdict(a0__json_writer *w, const a0_client *client, const a0__link_facts *facts,
            bool half_way)
{
    a0__link_verdict verdict = a0__link_decide(facts);
    a0__text primary = verdict.primary != NULL ? verdict.primary->user_id : A0__NO_TEXT;

    a0__json_open(w, '{');
    a0__json_put(w, "user_id", facts->user_id);
    a0__json_put_string(w, "linking", linking_name(client));
    a0__json_put_bool(w, "is_half_way", half_way);
    a0__json_put_string(w, "outcome", a0__link_outcome_name(verdict.outcome));
    a0__json_name(w, "rule");
    if (verdict.rule > 0) {
        a0__json_value_i64(w, verdict.rule);
    } else {
        a0__json_value_null(w);
    }
    a0__json_put_string(w, "reason", a0__link_reason_name(verdict.reason));
    a0__json_put_string(w, "primary_user_id", primary.ptr);
    a0__json_name(w, "candidates");
    a0__json_open(w, '[');
    for (size_t i = 0; i < facts->candidates_len; i++) {
        put_candidate(w, facts, i, &verdict);
    }
    a0__json_close(w, ']');
    a0__json_close(w, '}');
}

a0_status
a0_link_explain(a0_client *client, const char *user_id, a0_link_answer **out_answer,
                a0_error **err)
{
    A0_AUTO(a0__link_gathered) gathered = { .documents_len = 0 };
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__LINK_ANSWER_MAX);
    A0_AUTO(a0__user_ptr) user = NULL;
    a0__link_person person = { .user_id = a0__text_of(user_id) };
    a0__json_writer w = a0__json_writer_on(&json);
    bool half_way = false;

    if (!a0__user_id_is_valid(person.user_id)) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    A0_TRY(a0__link_read_user(client, person.user_id, &user, err));
    /* Of a sign-in whose ID token says what the profile says. */
    person.email = a0__text_of(a0_user_email(user));
    person.email_verified = a0_user_email_verified(user);
    A0_TRY(a0__link_gather(client, &person, &gathered, err));
    A0_ENSURE(gathered.own != NULL, err, mgmt_user_not_found);
    A0_TRY(is_half_way(client, person.user_id, &half_way, err));
    put_verdict(&w, client, &gathered.facts, half_way);
    return a0__link_answer_new(&json, out_answer, err);
}
