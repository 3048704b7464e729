/* SPDX-License-Identifier: MIT */
/*
 * Undoing a link (contract §2, rule 12): the accounts are parted, the secondary gets
 * its metadata back from the snapshot, the primary loses what the merge added and
 * nobody changed. Journalled as the link was; the pair is remembered from the first
 * write on.
 */
#include "flows/link_undo.h"

#include <string.h>

#include "flows/link_answer.h"
#include "flows/link_lock.h"
#include "flows/link_record.h"

/* What is asked for, as the records name it. */
typedef struct wish {
    a0__text primary_user_id;
    a0__text provider;
    a0__buf secondary_user_id;
    a0__text identity_user_id; /* a view into it, without the provider */
    a0__buf connection;
} wish;

static void
wish_auto(wish *w)
{
    a0__buf_clear(&w->secondary_user_id);
    a0__buf_clear(&w->connection);
}

/* The id with the provider before it means the same (wire §22.1). */
static a0_status
read_wish(const char *primary_user_id, const char *provider,
          const char *identity_user_id, wish *w, a0_error **err)
{
    a0__buf *id = &w->secondary_user_id;
    size_t prefix_len = 0;

    w->primary_user_id = a0__text_of(primary_user_id);
    w->provider = a0__text_of(provider);
    if (!a0__user_id_is_valid(w->primary_user_id)) {
        return a0__fail_about(err, A0_E_param_invalid, "primary_user_id");
    }
    a0__buf_string(id, provider);
    a0__buf_byte(id, '|');
    prefix_len = id->len;
    if (a0__text_starts_with(a0__text_of(identity_user_id), a0__buf_view(id))) {
        a0__buf_reset(id);
    }
    a0__buf_string(id, identity_user_id);
    if (!a0__buf_ok(id) || !a0__user_id_is_valid(a0__buf_view(id))) {
        return a0__fail_about(err, A0_E_param_invalid, "identity_user_id");
    }
    w->identity_user_id = a0__text_from(a0__buf_view(id), prefix_len);
    return A0_OK;
}

/* The entry with its snapshot; when its time is over, or it is about another link of
 * that account, what the record knows. */
static a0_status
find_entry(a0_client *client, const wish *w, a0__link_journal *out,
           bool *out_has_snapshot, a0_error **err)
{
    char key[A0_RECORD_KEY_MAX + 1];
    bool found = false;

    A0_TRY(a0__link_journal_key(a0__buf_view(&w->secondary_user_id), key, err));
    A0_TRY(a0__link_journal_read(client, key, out, &found, err));
    *out_has_snapshot =
        found && a0__text_equal(out->primary_user_id, w->primary_user_id);
    if (*out_has_snapshot) {
        return A0_OK;
    }
    A0_ENSURE(!found, err, link_not_found);
    A0_ENSURE(out->version == 0, err, link_in_progress);
    memcpy(out->key, key, sizeof key);
    out->state = A0__LINK_DONE;
    out->primary_user_id = w->primary_user_id;
    out->secondary_user_id = a0__buf_view(&w->secondary_user_id);
    out->provider = w->provider;
    out->connection = a0__buf_view(&w->connection);
    out->identity_user_id = w->identity_user_id;
    return A0_OK;
}

static a0_status
write_intent(a0_client *client, a0__link_journal *journal, const a0__link_locks *locks,
             a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__LINK_JOURNAL_MAX);
    char pair[A0_RECORD_KEY_MAX + 1];
    bool applied = false;

    journal->state = A0__LINK_UNDO_PLANNED;
    A0_TRY(a0__link_pair_key(journal->primary_user_id, journal->secondary_user_id, pair,
                             err));
    A0_TRY(a0__link_locks_require(&batch, locks, err));
    A0_TRY(a0__link_journal_add(&batch, client, journal, &plain, err));
    A0_TRY(a0__link_pair_add(&batch, client, journal, pair, err));
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    A0_ENSURE(applied, err, link_in_progress);
    a0__link_journal_written(journal, &plain);
    return A0_OK;
}

static a0_status
undo(a0_client *client, const wish *w, bool *out_has_snapshot, a0_error **err)
{
    A0_AUTO(a0__link_journal) journal = A0__LINK_JOURNAL_INIT;
    A0_AUTO(a0__link_locks) locks = { .client = NULL };
    bool was_free = false;
    bool stands = false;

    /* For the address that its locks are on; what counts is read under them. */
    A0_TRY(find_entry(client, w, &journal, out_has_snapshot, err));
    A0_TRY(a0__link_locks_take(client, journal.email, journal.primary_user_id,
                               journal.secondary_user_id, 0, &locks, &was_free, err));
    A0_TRY(find_entry(client, w, &journal, out_has_snapshot, err));
    A0_TRY(a0__link_record_read(client, w->primary_user_id, w->provider,
                                a0__buf_view(&w->secondary_user_id), &stands, NULL,
                                err));
    if (!stands) {
        /* Somebody else has undone it meanwhile. */
        *out_has_snapshot = true;
        return A0_OK;
    }
    A0_ENSURE(!a0__link_journal_is_open(&journal), err, link_in_progress);
    A0_TRY(write_intent(client, &journal, &locks, err));
    /* Whoever slept since leaves it to the next one. */
    A0_ENSURE(a0__link_locks_last(&locks, 0), err, link_in_progress);
    return a0__link_undo_run(client, &journal, err);
}

/* With what Auth0 does not give back with the account. */
static a0_status
answer(const wish *w, bool has_snapshot, a0_link_answer **out_answer, a0_error **err)
{
    static const char *const lost[] = { "roles", "organizations", "mfa", "vault" };
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__LINK_ANSWER_MAX);
    a0__json_writer w_json = a0__json_writer_on(&json);

    a0__json_open(&w_json, '{');
    a0__json_put_bool(&w_json, "undone", true);
    a0__json_put(&w_json, "primary_user_id", w->primary_user_id);
    a0__json_put(&w_json, "secondary_user_id", a0__buf_view(&w->secondary_user_id));
    a0__json_name(&w_json, "lost");
    a0__json_open(&w_json, '[');
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        a0__json_string(&w_json, lost[i]);
    }
    if (!has_snapshot) {
        a0__json_string(&w_json, "metadata");
    }
    a0__json_close(&w_json, ']');
    a0__json_close(&w_json, '}');
    return a0__link_answer_new(&json, out_answer, err);
}

a0_status
a0_link_undo(a0_client *client, const char *primary_user_id, const char *provider,
             const char *identity_user_id, a0_link_answer **out_answer, a0_error **err)
{
    wish w __attribute__((cleanup(wish_auto))) = {
        .secondary_user_id = A0__BUF_INIT(A0__USER_ID_MAX),
        .connection = A0__BUF_INIT(A0_RECORD_KEY_MAX),
    };
    bool stands = false;
    bool was_undone = false;
    bool has_snapshot = true;

    A0_TRY(read_wish(primary_user_id, provider, identity_user_id, &w, err));
    A0_TRY(a0__link_settle(client, w.primary_user_id, NULL, err));
    A0_TRY(a0__link_record_read(client, w.primary_user_id, w.provider,
                                a0__buf_view(&w.secondary_user_id), &stands,
                                &w.connection, err));
    if (stands) {
        A0_TRY(undo(client, &w, &has_snapshot, err));
        return answer(&w, has_snapshot, out_answer, err);
    }
    /* Undone already, perhaps just now by finishing what a crash had left. */
    A0_TRY(a0__link_was_undone(client, w.primary_user_id,
                               a0__buf_view(&w.secondary_user_id), &was_undone, err));
    A0_ENSURE(was_undone, err, link_not_found);
    return answer(&w, has_snapshot, out_answer, err);
}

a0_status
a0__link_was_undone(a0_client *client, a0__text one, a0__text other, bool *out,
                    a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    char key[A0_RECORD_KEY_MAX + 1];
    bool opens = false;

    A0_TRY(a0__link_pair_key(one, other, key, err));
    A0_TRY(a0__row_read(client, A0_RECORD_LINK_JOURNAL, key, NULL, &row, &opens, err));
    /* One that does not open, because its key has gone, has a version all the same. */
    *out = row.version > 0;
    return A0_OK;
}
