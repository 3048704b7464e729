/* SPDX-License-Identifier: MIT */
/*
 * What a crash or an outage left half-way (contract §2, rule 10): finished, or taken
 * back where nothing had happened yet. Any number of nodes may try at once; the locks
 * let one of them do it, and the entry's version keeps a late one out [LINK-15].
 */
#include "flows/link_answer.h"
#include "flows/link_lock.h"
#include "flows/link_steps.h"
#include "flows/link_undo.h"

enum {
    KEYS_MAX = 65536,
    ROUNDS_MAX = 1000
};

/* The rest of the way, under the locks. `spared`: a sign-in that is not to be ended, or
 * NULL. */
static a0_status
resume(a0_client *client, a0__link_journal *journal, const a0_session *spared,
       a0_error **err)
{
    bool linked = true;

    if (journal->state >= A0__LINK_UNDO_PLANNED) {
        return a0__link_undo_resume(client, journal, err);
    }
    if (journal->state == A0__LINK_PLANNED) {
        A0_TRY(a0__link_step_look(client, journal, &linked, err));
    }
    if (linked && journal->state == A0__LINK_LINKED) {
        A0_TRY(a0__link_step_merge(client, journal, false, err));
    }
    if (linked && journal->state == A0__LINK_MERGED) {
        A0_TRY(a0__link_step_record(client, journal, err));
    }
    if (linked && journal->state == A0__LINK_RECORDED) {
        A0_TRY(a0__link_step_finish(client, journal, spared, err));
    }
    return A0_OK;
}

/* Reads the entry for its names, and once more when the locks are held. One that can
 * not be read is left: nobody knows what it is about. */
static a0_status
settle_one(a0_client *client, const char *key, const a0_session *spared,
           bool *out_settled, a0_error **err)
{
    A0_AUTO(a0__link_journal) journal = A0__LINK_JOURNAL_INIT;
    A0_AUTO(a0__link_locks) locks = { .client = NULL };
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;
    bool found = false;
    bool was_free = false;

    A0_TRY(a0__link_journal_read(client, key, &journal, &found, err));
    *out_settled = found || journal.version == 0;
    if (!found || !a0__link_journal_is_open(&journal)) {
        return A0_OK;
    }
    A0_TRY(a0__link_locks_take(client, journal.email, journal.primary_user_id,
                               journal.secondary_user_id, 0, &locks, &was_free, err));
    A0_TRY(a0__link_journal_read(client, key, &journal, &found, err));
    if (!found || !a0__link_journal_is_open(&journal)) {
        return A0_OK;
    }
    status = resume(client, &journal, spared, &failure);
    if (a0__error_is(failure, A0_E_link_conflict)) {
        /* The accounts are not what they were: the entry is closed, nothing is left. */
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

/* Every entry of the list; the first failure is what is reported. */
static a0_status
settle_all(a0_client *client, a0__text keys, const a0_session *spared,
           int64_t *out_repaired, int64_t *out_left, a0_error **err)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0_RECORD_KEY_MAX);
    a0__text name = A0__NO_TEXT;
    a0_status first = A0_OK;

    while (a0__text_next(&keys, '\n', &name) && name.len > 0) {
        A0_AUTO(a0__error_ptr) failure = NULL;
        a0_status status = A0_OK;
        bool settled = false;

        a0__buf_reset(&key);
        a0__buf_text(&key, name);
        A0_TRY(a0__buf_check(&key, err));
        status = settle_one(client, a0__buf_cstr(&key), spared, &settled, &failure);
        settled = settled && status == A0_OK;
        *out_repaired += settled ? 1 : 0;
        *out_left += settled ? 0 : 1;
        if (status != A0_OK && first == A0_OK) {
            first = status;
            a0__error_move(err, &failure);
        }
    }
    return first;
}

a0_status
a0__link_settle(a0_client *client, a0__text user_id, const a0_session *spared,
                a0_error **err)
{
    A0_AUTO(a0__buf) keys = A0__BUF_INIT(KEYS_MAX);
    int64_t repaired = 0;
    int64_t left = 0;

    A0_TRY(a0__link_journal_find_open(client, user_id, &keys, err));
    return settle_all(client, a0__buf_view(&keys), spared, &repaired, &left, err);
}

a0_status
a0_link_repair(a0_client *client, a0_link_answer **out_answer, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__LINK_ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    int64_t repaired = 0;
    int64_t left = 0;

    /* A round looks at the oldest ones; one that repaired nothing would meet the same.
     */
    for (int round = 0; round < ROUNDS_MAX; round++) {
        A0_AUTO(a0__buf) keys = A0__BUF_INIT(KEYS_MAX);
        A0_AUTO(a0__error_ptr) failure = NULL;
        int64_t before = repaired;

        A0_TRY(a0__link_journal_find_open(client, A0__NO_TEXT, &keys, err));
        left = 0;
        a0__ignore(
            settle_all(client, a0__buf_view(&keys), NULL, &repaired, &left, &failure));
        if (keys.len == 0 || repaired == before) {
            break;
        }
    }
    a0__json_open(&w, '{');
    a0__json_put_i64(&w, "repaired", repaired);
    a0__json_put_i64(&w, "left", left);
    a0__json_close(&w, '}');
    return a0__link_answer_new(&json, out_answer, err);
}
