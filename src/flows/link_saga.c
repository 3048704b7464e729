/* SPDX-License-Identifier: MIT */
/*
 * Carrying out a link from the verdict to the session (contract §2, rules 10 and 11):
 * planned, linked, merged, recorded, done. A crash between any two of them is repaired
 * by link_repair.c with the same steps.
 */
#include "flows/link_saga.h"

#include "flows/link_adopt.h"
#include "flows/link_lock.h"
#include "flows/link_metadata.h"
#include "flows/link_steps.h"

enum {
    FRESH_MS = 2000, /* how old a profile may be that decides [LINK-17] */
    ROOM_MS = 20000, /* for a request, however late it arrives */
    KEYS_MAX = 65536,
    LOCK_ATTEMPTS = 3
};

static bool
is_fresh(const a0_client *client, const a0__link_plan *plan)
{
    return a0__client_monotonic_ms(client) - plan->read_at_ms <= FRESH_MS;
}

/* ---- locks ---- */

/* Whether something of either user is half-way. */
static a0_status
is_unsettled(a0_client *client, const a0__link_plan *plan, bool *out, a0_error **err)
{
    A0_AUTO(a0__buf) keys = A0__BUF_INIT(KEYS_MAX);

    A0_TRY(a0__link_journal_find_open(client, a0__text_of(a0_user_id(plan->primary)),
                                      &keys, err));
    A0_TRY(a0__link_journal_find_open(client, a0__text_of(a0_user_id(plan->secondary)),
                                      &keys, err));
    *out = keys.len > 0;
    return A0_OK;
}

a0_status
a0__link_lock(a0_client *client, const a0__link_plan *plan, a0__link_locks *out,
              bool *out_still_holds, a0_error **err)
{
    a0__text primary = a0__text_of(a0_user_id(plan->primary));
    a0__text secondary = a0__text_of(a0_user_id(plan->secondary));
    bool unsettled = false;
    bool was_free = false;

    *out = (a0__link_locks){ .client = NULL };
    *out_still_holds = true;
    for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
        A0_TRY(a0__link_locks_take(client, plan->email, primary, secondary,
                                   plan->read_at_ms, out, &was_free, err));
        A0_TRY(is_unsettled(client, plan, &unsettled, err));
        *out_still_holds = *out_still_holds && was_free && !unsettled;
        if (!unsettled) {
            *out_still_holds = *out_still_holds && is_fresh(client, plan);
            return A0_OK;
        }
        /* What is half-way has locks of its own. */
        a0__link_locks_auto(out);
        A0_TRY(a0__link_settle(client, primary, NULL, err));
        A0_TRY(a0__link_settle(client, secondary, NULL, err));
    }
    return a0__fail(err, A0_E_link_in_progress);
}

/* ---- planned ---- */

/* What the entry borrows until it is written. */
typedef struct draft {
    a0__buf user_metadata;
    a0__buf app_metadata;
    a0__link_metadata metadata;
    a0__buf plain;
    a0__batch batch;
} draft;

#define DRAFT_INIT                                                                     \
    {                                                                                  \
        .user_metadata = A0__BUF_INIT(A0__LINK_JOURNAL_MAX),                           \
        .app_metadata = A0__BUF_INIT(A0__LINK_JOURNAL_MAX),                            \
        .metadata = A0__LINK_METADATA_INIT,                                            \
        .plain = A0__BUF_INIT(A0__LINK_JOURNAL_MAX), .batch = A0__BATCH_INIT           \
    }

static void
draft_auto(draft *d)
{
    a0__buf_clear(&d->user_metadata);
    a0__buf_clear(&d->app_metadata);
    a0__link_metadata_auto(&d->metadata);
    a0__buf_clear(&d->plain);
    a0__batch_clear(&d->batch);
}

static void
describe(a0__text by, const a0__link_plan *plan, a0__link_journal *journal)
{
    const a0_identity *identity = a0_user_identity(plan->secondary, 0);

    journal->state = A0__LINK_PLANNED;
    journal->rule = plan->rule;
    journal->evidence = plan->evidence;
    journal->primary_user_id = a0__text_of(a0_user_id(plan->primary));
    journal->secondary_user_id = a0__text_of(a0_user_id(plan->secondary));
    journal->provider = a0__text_of(identity->provider);
    journal->connection = a0__text_of(identity->connection);
    journal->identity_user_id = a0__text_of(identity->user_id);
    journal->connected_account_id = plan->connected_account_id;
    journal->email = plan->email;
    journal->by = by;
}

/* The entry of an earlier link of this account, which is over, makes room. */
static a0_status
find_place(a0_client *client, const a0__link_plan *plan, a0__link_journal *journal,
           a0_error **err)
{
    A0_AUTO(a0__link_journal) earlier = A0__LINK_JOURNAL_INIT;
    bool found = false;

    A0_TRY(a0__link_journal_key(a0__text_of(a0_user_id(plan->secondary)), journal->key,
                                err));
    A0_TRY(a0__link_journal_read(client, journal->key, &earlier, &found, err));
    A0_ENSURE(!found || !a0__link_journal_is_open(&earlier), err, link_in_progress);
    journal->version = found ? earlier.version : 0;
    journal->created_at = a0__client_now_s(client);
    return A0_OK;
}

/* The snapshot and the merge come from the profiles that decided: read afresh, under
 * the locks. */
static a0_status
draft_metadata(a0_client *client, const a0__link_plan *plan, a0__link_journal *journal,
               draft *d, a0_error **err)
{
    bool changes = false;

    A0_TRY(
        a0__link_metadata_of(plan->secondary, "user_metadata", &d->user_metadata, err));
    A0_TRY(
        a0__link_metadata_of(plan->secondary, "app_metadata", &d->app_metadata, err));
    journal->user_metadata = a0__buf_view(&d->user_metadata);
    journal->app_metadata = a0__buf_view(&d->app_metadata);
    A0_TRY(a0__link_metadata_plan(client, journal, plan->primary, &d->metadata,
                                  &changes, err));
    a0__link_metadata_take(&d->metadata, journal);
    return A0_OK;
}

static bool
is_too_large(const draft *d)
{
    return d->user_metadata.too_long || d->app_metadata.too_long ||
           d->metadata.before_user_metadata.too_long ||
           d->metadata.before_app_metadata.too_long ||
           d->metadata.patch_user_metadata.too_long ||
           d->metadata.patch_app_metadata.too_long || d->plain.too_long;
}

/* Written before the first request, and only while the locks are held and the session
 * stands: nothing is begun for whoever was signed out or erased meanwhile [STOR-12]. */
static a0_status
write_plan(a0_client *client, const a0_session *session, const a0__link_plan *plan,
           const a0__link_locks *locks, a0__link_journal *journal, draft *d,
           a0_error **err)
{
    bool applied = false;

    A0_TRY(draft_metadata(client, plan, journal, d, err));
    A0_TRY(a0__link_locks_require(&d->batch, locks, err));
    if (session != NULL) {
        A0_TRY(a0__batch_condition(&d->batch, A0_STORE_REQUIRE, A0_RECORD_SESSION,
                                   session->key, 0, err));
    }
    A0_TRY(a0__link_journal_add(&d->batch, client, journal, &d->plain, err));
    A0_TRY(a0__batch_commit(&d->batch, client, &applied, err));
    A0_ENSURE(applied, err, link_in_progress);
    a0__link_journal_written(journal, &d->plain);
    return A0_OK;
}

/* Without a session an operator does it. */
static a0_status
begin(a0_client *client, const a0_session *session, const a0__link_plan *plan,
      const a0__link_locks *locks, a0__link_journal *journal, a0__link_done *out,
      a0_error **err)
{
    draft d __attribute__((cleanup(draft_auto))) = DRAFT_INIT;
    a0_status status = A0_OK;

    if (!is_fresh(client, plan)) {
        out->refused = "state_changed";
        return A0_OK;
    }
    A0_TRY(find_place(client, plan, journal, err));
    describe(session != NULL ? session->record.sub : A0__LIT("operator"), plan,
             journal);
    status = write_plan(client, session, plan, locks, journal, &d, err);
    if (status != A0_OK && is_too_large(&d)) {
        /* Without a snapshot nothing could be undone. */
        if (err != NULL) {
            a0_error_free(a0__steal(err));
        }
        out->refused = "metadata_too_large";
        return A0_OK;
    }
    return status;
}

/* ---- after the rows are written ---- */

/* The session of the sign-in becomes the primary's; the one that confirmed is it
 * already. */
static a0_status
take_over(a0_session *session, const a0__link_plan *plan, a0__link_done *out,
          a0_error **err)
{
    A0_AUTO(a0__link_proof) proof = A0__LINK_PROOF_INIT;
    a0__text primary = a0__text_of(a0_user_id(plan->primary));
    bool adopted = false;

    if (a0__text_equal(session->record.sub, primary)) {
        return A0_OK;
    }
    a0__link_prove(session->client, primary, session->record.org_id, &proof);
    A0_TRY(a0__link_adopt(session, plan->primary, &proof, &adopted, err));
    out->reauthentication_required = !proof.holds || !adopted;
    return A0_OK;
}

/* Whoever slept after the plan was written sends nothing any more: the next holder of
 * the locks may have closed the entry, or be about to. */
static a0_status
check_lease(a0_client *client, const a0__link_locks *locks, a0__link_journal *journal,
            a0_error **err)
{
    if (a0__link_locks_last(locks, ROOM_MS)) {
        return A0_OK;
    }
    A0_TRY(a0__link_journal_close(client, journal, err));
    return a0__fail(err, A0_E_link_in_progress);
}

/* Up to the rows; *out->refused when it came to nothing. */
static a0_status
carry_out(a0_client *client, const a0_session *session, const a0__link_plan *plan,
          const a0__link_locks *locks, a0__link_journal *journal, a0__link_done *out,
          a0_error **err)
{
    *out = (a0__link_done){ .refused = NULL };
    A0_TRY(begin(client, session, plan, locks, journal, out, err));
    if (out->refused != NULL) {
        return A0_OK;
    }
    A0_TRY(check_lease(client, locks, journal, err));
    A0_TRY(a0__link_step_link(client, journal, &out->refused, err));
    if (out->refused != NULL) {
        return A0_OK;
    }
    /* After a slow link the primary is read once more [LINK-16]. */
    A0_TRY(a0__link_step_merge(client, journal, is_fresh(client, plan), err));
    return a0__link_step_record(client, journal, err);
}

/* The link stands: what is left to be cleared away does not change that, and is settled
 * at the next sign-in. */
static void
finish(a0_client *client, a0__link_journal *journal, const a0_session *spared,
       a0__link_done *out)
{
    A0_AUTO(a0__error_ptr) left = NULL;

    out->is_linked = true;
    if (a0__link_step_finish(client, journal, spared, &left) != A0_OK) {
        a0__ignore(a0__link_fail_partial(client, journal, left, NULL));
    }
}

a0_status
a0__link_run(a0_session *session, const a0__link_plan *plan,
             const a0__link_locks *locks, a0__link_done *out, a0_error **err)
{
    A0_AUTO(a0__link_journal) journal = A0__LINK_JOURNAL_INIT;
    a0_client *client = session->client;

    A0_TRY(carry_out(client, session, plan, locks, &journal, out, err));
    if (out->refused != NULL) {
        return A0_OK;
    }
    A0_TRY(take_over(session, plan, out, err));
    finish(client, &journal, session, out);
    return A0_OK;
}

a0_status
a0__link_run_unattended(a0_client *client, const a0__link_plan *plan,
                        const a0__link_locks *locks, a0__link_done *out, a0_error **err)
{
    A0_AUTO(a0__link_journal) journal = A0__LINK_JOURNAL_INIT;

    A0_TRY(carry_out(client, NULL, plan, locks, &journal, out, err));
    if (out->refused == NULL) {
        finish(client, &journal, NULL, out);
    }
    return A0_OK;
}
