/* SPDX-License-Identifier: MIT */
/* What verifying, completing and explaining share: weighing, carrying out a verdict,
 * and saying what came of it. */
#ifndef A0_FLOWS_LINK_DECIDE_H
#define A0_FLOWS_LINK_DECIDE_H

#include "flows/link_answer.h"
#include "flows/link_facts.h"
#include "flows/link_saga.h"

/* Whose accounts, and whether they have confirmed it. All borrowed. */
typedef struct a0__link_question {
    a0__link_person person;
    /* The account that they signed in with to confirm; empty: they did not. */
    a0__text confirmed;
} a0__link_question;

/* What is answered. */
typedef struct a0__link_result {
    bool is_pending;
    bool is_linked;
    bool reauthentication_required;
    const char *refused; /* static text, or NULL */
    int rule;
    char primary_user_id[A0__USER_ID_MAX + 1];   /* "": none */
    char secondary_user_id[A0__USER_ID_MAX + 1]; /* "": not linked */
} a0__link_result;

/* Whether linking is on at all, be it to observe. */
bool a0__link_is_on(const a0_client *client);

/*
 * Gathers the facts and decides. A confirmed question has but one candidate, and comes
 * out as a link by rule 4, or as refused. Errors: as of a0__link_gather.
 */
A0_MUST_USE a0_status a0__link_weigh(a0_client *client,
                                     const a0__link_question *question,
                                     a0__link_gathered *out_gathered,
                                     a0__link_verdict *out_verdict, a0_error **err);

/* One audit event for each verdict. */
void a0__link_log_decided(const a0_client *client, const a0__link_question *question,
                          const a0__link_verdict *verdict);

/* Another one for a link that was decided, or confirmed, and not made. */
void a0__link_log_left(const a0_client *client, const a0__link_question *question,
                       const char *reason);

/*
 * Links as the verdict says. When the facts may have changed before the locks were
 * taken, they are weighed again, and the same must come out: else `refused` is
 * "state_changed" and nothing was done [LINK-14, LINK-17]. Errors: as of a0__link_lock
 * and a0__link_run.
 */
A0_MUST_USE a0_status a0__link_carry_out(a0_session *session,
                                         const a0__link_question *question,
                                         const a0__link_gathered *gathered,
                                         const a0__link_verdict *verdict,
                                         a0__link_result *out, a0_error **err);

/* Notes who stays. */
void a0__link_result_name_primary(a0__link_result *result, a0__text user_id);
/* Writes the members of a0_link_verify's answer. */
void a0__link_put_result(a0__json_writer *w, const a0__link_result *result);

#endif
