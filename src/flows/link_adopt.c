/* SPDX-License-Identifier: MIT */
#include "flows/link_adopt.h"

#include "flows/refresh_token_row.h"
#include "flows/session_end.h"
#include "json/json.h"

enum {
    ATTEMPTS = 4
};

/* Everything the batch borrows while it is put together. */
typedef struct adoption {
    a0_session next; /* only id, key and client are used */
    a0__session_record record;
    a0__refresh_token_row refresh_row;
    a0__buf userinfo;
    a0__json *profile;
    a0__buf plain;
    a0__signed_in_as signed_in_as;
    a0__batch batch;
} adoption;

static void
adoption_auto(adoption *a)
{
    a0__secret_clear(&a->next.id);
    a0__buf_clear(&a->userinfo);
    a0__json_free(a->profile);
    a0__buf_clear(&a->plain);
    a0__batch_clear(&a->batch);
}

/* Nothing of the secondary's access stays. */
static void
become(const a0_session *session, a0__text sub, adoption *a)
{
    a->record = session->record;
    if (a->record.first_key.len == 0) {
        a->record.first_key = a0__text_of(session->key);
    }
    a->record.sub = sub;
    a->record.refresh_key = A0__LIT("");
    a->record.id_token = A0__LIT("");
    a->record.tokens_len = 0;
    /* What waited was a question to the account that is no more. */
    a->record.pending_link = A0__LIT("");
    a->record.link_is_confirmed = false;
}

/* Without a token that proves it, the profile says who the person is. */
static a0_status
take_profile(const a0_client *client, const a0_user *primary, adoption *a,
             a0_error **err)
{
    a0__session_record *record = &a->record;
    a0__json_writer w = a0__json_writer_on(&a->userinfo);

    A0_TRY(a0__json_parse_deep(a0__text_of(a0_user_json(primary)), &a->profile, err));
    record->name = A0__LIT("");
    (void)a0__json_text(a->profile, "name", &record->name);
    record->email = a0__text_of(a0_user_email(primary));
    record->email_verified = a0_user_email_verified(primary);
    record->org_id = A0__LIT("");
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "iss", client->settings->issuer);
    a0__json_put(&w, "sub", record->sub);
    a0__json_put_string(&w, "aud", client->settings->client_id);
    if (record->name.len > 0) {
        a0__json_put(&w, "name", record->name);
    }
    if (record->email.len > 0) {
        a0__json_put(&w, "email", record->email);
        a0__json_put_bool(&w, "email_verified", record->email_verified);
    }
    a0__json_close(&w, '}');
    record->userinfo = a0__buf_view(&a->userinfo);
    return a0__buf_check(&a->userinfo, err);
}

static a0_status
add_refresh_token(const a0_session *session, const a0__link_proof *proof, adoption *a,
                  a0_error **err)
{
    a0_client *client = session->client;

    A0_TRY(a0__uuid7(a0__client_wall_ms(client), client->ports.random,
                     client->ports.random_self, a->refresh_row.key, err));
    a->refresh_row.user_id = a->record.sub.ptr;
    a->refresh_row.sid = a->record.sid.ptr != NULL ? a->record.sid.ptr : "";
    a->refresh_row.session_key = a->next.key;
    a->refresh_row.created_at = a->record.signed_in_at;
    a->refresh_row.expires_at = a->record.ends_at;
    A0_TRY(a0__refresh_token_insert(&a->batch, client, &a->refresh_row,
                                    &proof->refresh.tokens.refresh_token, err));
    a->record.refresh_key = a0__text_of(a->refresh_row.key);
    if (proof->row_key.len == 0) {
        return A0_OK;
    }
    /* It goes on here alone: its old row must not be taken for another token. */
    return a0__batch_condition(&a->batch, A0_STORE_ERASE, A0_RECORD_REFRESH_TOKEN,
                               a0__buf_cstr(&proof->row_key), 0, err);
}

static a0_status
try_to_adopt(a0_session *session, const a0_user *primary, const a0__link_proof *proof,
             bool *out_applied, a0_error **err)
{
    adoption a __attribute__((cleanup(adoption_auto))) = {
        .next = { .client = session->client },
        .userinfo = A0__BUF_INIT(A0__USERINFO_MAX),
        .plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX),
        .batch = A0__BATCH_INIT,
    };
    a0_client *client = session->client;
    a0_record row = { 0 };

    A0_TRY(a0__session_id_new(client, &a.next.id, a.next.key, err));
    become(session, a0__text_of(a0_user_id(primary)), &a);
    if (proof->holds) {
        A0_TRY(add_refresh_token(session, proof, &a, err));
        a0__refresh_proof_apply(client, &proof->refresh, &a.record);
    } else {
        A0_TRY(take_profile(client, primary, &a, err));
    }
    A0_TRY(a0__session_row(&a.next, &a.record, &row, &a.plain, err));
    A0_TRY(a0__batch_insert(&a.batch, client, &row, &a.next.id, a0__buf_view(&a.plain),
                            err));
    A0_TRY(a0__session_signed_in_as(&a.batch, client, a.next.key, &a.record,
                                    &a.signed_in_as, err));
    A0_TRY(a0__batch_condition(&a.batch, A0_STORE_DELETE, A0_RECORD_SESSION,
                               session->key, session->version, err));
    A0_TRY(a0__batch_commit(&a.batch, client, out_applied, err));
    if (*out_applied) {
        a0__session_adopt(session, &a.plain, 1, row.expires_at);
        a0__session_rename(session, &a.next.id, a.next.key);
    }
    return A0_OK;
}

a0_status
a0__link_adopt(a0_session *session, const a0_user *primary, const a0__link_proof *proof,
               bool *out_adopted, a0_error **err)
{
    *out_adopted = false;
    /* Not applied: a request beside this one has moved the idle end, or ended it. */
    for (int attempt = 0; attempt < ATTEMPTS && session->is_signed_in && !*out_adopted;
         attempt++) {
        A0_TRY(try_to_adopt(session, primary, proof, out_adopted, err));
        if (!*out_adopted) {
            A0_TRY(a0__session_reload(session, err));
        }
    }
    return A0_OK;
}
