/* SPDX-License-Identifier: MIT */
#include "flows/session_end.h"

#include <string.h>

#include "flows/refresh_token_row.h"
#include "flows/transaction.h"
#include "flows/vault_cache.h"

enum {
    /* Rows looked at in one reading; what is ended is not there at the next. */
    READ_MAX = 16
};

static const char SIGNED_IN_AS[] = "signed-in-as|";

/* ---- the subject of the sign-in ---- */

static void
name_alias(const char *session_key, char out[A0__SIGNED_IN_AS_MAX])
{
    size_t len = strnlen(session_key, A0__ROW_KEY_LEN);

    _Static_assert(sizeof SIGNED_IN_AS + A0__ROW_KEY_LEN <= A0__SIGNED_IN_AS_MAX,
                   "room for the key of a session");
    memcpy(out, SIGNED_IN_AS, sizeof SIGNED_IN_AS - 1);
    memcpy(out + sizeof SIGNED_IN_AS - 1, session_key, len);
    out[sizeof SIGNED_IN_AS - 1 + len] = '\0';
}

a0_status
a0__session_signed_in_as(a0__batch *batch, a0_client *client, const char *session_key,
                         const a0__session_record *record, a0__signed_in_as *space,
                         a0_error **err)
{
    a0_record row = { .size = sizeof row,
                      .kind = A0_RECORD_MARK,
                      .key = space->key,
                      .created_at = a0__client_now_s(client),
                      .expires_at = record->ends_at,
                      .owner = session_key,
                      .user_id = "",
                      .sid = space->subject };

    name_alias(session_key, space->key);
    A0_TRY(a0__row_key(record->login_sub, space->subject, err));
    A0_TRY(
        a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_MARK, space->key, 0, err));
    return a0__batch_insert(batch, client, &row, NULL, A0__LIT(""), err);
}

/* ---- finding ---- */

typedef struct found_session {
    char key[A0__ROW_KEY_LEN + 1];
    char refresh_key[A0_RECORD_INDEX_MAX + 1];
    char user_id[A0_RECORD_INDEX_MAX + 1];
} found_session;

typedef struct finding {
    a0_client *client;
    const a0__session_choice *choice;
    found_session found[READ_MAX];
    size_t len;
} finding;

static bool
is_spared(const a0__session_choice *choice, const char *key)
{
    return choice->spare_key != NULL && strcmp(choice->spare_key, key) == 0;
}

static void
copy(char *out, size_t max, const char *text)
{
    size_t len = strnlen(text, max);

    memcpy(out, text, len);
    out[len] = '\0';
}

static a0_status
note_session(void *self, const a0_record *record, a0_error **err)
{
    finding *f = self;
    found_session *next = &f->found[f->len];

    (void)err;
    if (f->len < READ_MAX && !is_spared(f->choice, record->key)) {
        copy(next->key, A0__ROW_KEY_LEN, record->key);
        copy(next->refresh_key, A0_RECORD_INDEX_MAX, record->owner);
        copy(next->user_id, A0_RECORD_INDEX_MAX, record->user_id);
        f->len++;
    }
    return A0_OK;
}

static a0_status
note_by_sid(void *self, const a0_record *record, a0_error **err)
{
    const finding *f = self;
    const char *user_id = f->choice->user_id;

    if (user_id != NULL && strcmp(user_id, record->user_id) != 0) {
        return A0_OK;
    }
    return note_session(self, record, err);
}

static a0_status
find(finding *f, a0_record_kind kind, a0_record_index index, const char *value,
     a0_record_sink sink, void *sink_self, a0_error **err)
{
    const a0_client *client = f->client;

    /* One more than is taken, for the one that is spared. */
    return client->ports.store->find(client->ports.store_self, kind, index, value,
                                     a0__client_now_s(client), READ_MAX + 1, sink,
                                     sink_self, err);
}

/* Sessions that have another subject than at their sign-in. */
typedef struct aliases {
    const a0__session_choice *choice;
    char session[READ_MAX][A0__ROW_KEY_LEN + 1];
    size_t len;
} aliases;

static a0_status
note_alias(void *self, const a0_record *record, a0_error **err)
{
    aliases *a = self;

    (void)err;
    if (a->len < READ_MAX && !is_spared(a->choice, record->owner)) {
        copy(a->session[a->len++], A0__ROW_KEY_LEN, record->owner);
    }
    return A0_OK;
}

static a0_status
note_renamed(void *self, const a0_record *record, a0_error **err)
{
    const finding *f = self;
    const char *sid = f->choice->sid;

    return sid == NULL || strcmp(sid, record->sid) == 0
               ? note_session(self, record, err)
               : A0_OK;
}

static a0_status
find_renamed(finding *f, a0_error **err)
{
    const a0_client *client = f->client;
    aliases a = { .choice = f->choice };
    char subject[A0__ROW_KEY_LEN + 1];

    A0_TRY(a0__row_key(a0__text_of(f->choice->user_id), subject, err));
    A0_TRY(find(f, A0_RECORD_MARK, A0_INDEX_SID, subject, note_alias, &a, err));
    for (size_t i = 0; i < a.len; i++) {
        a0_status status = client->ports.store->get(
            client->ports.store_self, A0_RECORD_SESSION, a.session[i],
            a0__client_now_s(client), note_renamed, f, err);

        if (status != A0_OK && status != A0_NOT_FOUND) {
            return status;
        }
    }
    return A0_OK;
}

/* LOUT-06: with both, the session of that sid, if it is that person's. */
static a0_status
find_next(finding *f, a0_error **err)
{
    f->len = 0;
    if (f->choice->sid != NULL) {
        A0_TRY(find(f, A0_RECORD_SESSION, A0_INDEX_SID, f->choice->sid, note_by_sid, f,
                    err));
    } else {
        A0_TRY(find(f, A0_RECORD_SESSION, A0_INDEX_USER_ID, f->choice->user_id,
                    note_session, f, err));
    }
    if (f->len == 0 && f->choice->user_id != NULL) {
        return find_renamed(f, err);
    }
    return A0_OK;
}

/* ---- ending ---- */

/* What the session had begun: connecting an account, confirming a link [LOUT-12]. */
static a0_status
add_pending(a0_client *client, const found_session *session,
            const a0__transaction_crowd *pending, a0__batch *batch, a0_error **err)
{
    for (size_t i = 0; i < pending->len; i++) {
        A0_AUTO(a0__row) row = A0__ROW_INIT;
        a0__transaction_record record = { 0 };
        bool found = false;

        A0_TRY(a0__row_read(client, A0_RECORD_TRANSACTION, pending->key[i], NULL, &row,
                            &found, err));
        if (found && a0__transaction_record_unpack(a0__buf_view(&row.plain), &record) &&
            (record.session.len == 0 || a0__text_is(record.session, session->key))) {
            A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_TRANSACTION,
                                       pending->key[i], 0, err));
        }
    }
    return A0_OK;
}

/* With what was obtained with it, by whoever it was handed to [VAULT-07]. */
static a0_status
add_end_of_token(a0_client *client, const char *key, a0__vault_forgetting *brought,
                 a0__batch *batch, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    bool shared = false;
    bool found = false;

    if (key[0] == '\0') {
        return A0_OK;
    }
    A0_TRY(a0__refresh_token_is_shared(client, key, &shared, err));
    if (shared) {
        return A0_OK;
    }
    A0_TRY(a0__refresh_token_read(client, key, &row, &token, &found, err));
    if (found) {
        A0_TRY(a0__vault_forgetting_add_token(brought, batch, client, &token, err));
    }
    return a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_REFRESH_TOKEN, key, 0,
                               err);
}

static a0_status
end_one(a0_client *client, const found_session *session, bool *out_applied,
        a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__vault_forgetting) forgetting = { .generation = A0__SECRET_INIT };
    A0_AUTO(a0__vault_forgetting) brought = { .generation = A0__SECRET_INIT };
    a0__transaction_crowd pending = { 0 };
    char alias[A0__SIGNED_IN_AS_MAX];

    name_alias(session->key, alias);
    A0_TRY(a0__batch_condition(&batch, A0_STORE_DELETE, A0_RECORD_SESSION, session->key,
                               0, err));
    A0_TRY(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_MARK, alias, 0, err));
    A0_TRY(add_end_of_token(client, session->refresh_key, &brought, &batch, err));
    A0_TRY(a0__transaction_find_pending(client, session->user_id, &pending, err));
    A0_TRY(add_pending(client, session, &pending, &batch, err));
    A0_TRY(a0__vault_forgetting_add(&forgetting, &batch, client,
                                    a0__text_of(session->user_id), err));
    return a0__batch_commit(&batch, client, out_applied, err);
}

a0_status
a0__sessions_end(a0_client *client, const a0__session_choice *choice, size_t *out_ended,
                 a0_error **err)
{
    finding f = { .client = client, .choice = choice };
    size_t ended = 0;

    do {
        A0_TRY(find_next(&f, err));
        for (size_t i = 0; i < f.len; i++) {
            bool applied = false;

            A0_TRY(end_one(client, &f.found[i], &applied, err));
            ended += applied ? 1 : 0;
        }
    } while (f.len > 0);
    *out_ended = ended;
    return A0_OK;
}
