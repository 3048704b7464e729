/* SPDX-License-Identifier: MIT */
#include "flows/login_session.h"

#include "base/mem.h"
#include "flows/ended.h"
#include "flows/link_pending.h"
#include "flows/refresh_token_row.h"
#include "oauth/scope.h"

enum {
    SCOPE_MAX = 8192,
    ATTEMPTS = 4
};

/* Everything the batch borrows while it is put together. */
typedef struct beginning {
    a0_session next; /* the session to be: only id, key and client are used */
    a0__session_record record;
    a0__refresh_token_row refresh_row;
    int64_t authenticated_at; /* by Auth0's clock */
    a0__ended_keys ended_keys;
    int64_t idle_ends_at;
    a0__buf userinfo;
    a0__buf scope_asked;
    a0__buf plain;
    a0__batch batch;
} beginning;

static void
beginning_auto(beginning *b)
{
    a0__secret_clear(&b->next.id);
    a0__buf_clear(&b->userinfo);
    a0__buf_clear(&b->scope_asked);
    a0__buf_clear(&b->plain);
    a0__batch_clear(&b->batch);
}

static void
log_dropped(void *self, a0__text name)
{
    const a0_client *client = self;
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0_RECORD_INDEX_MAX);

    a0__buf_text(&text, name);
    A0__LOG(client->log, A0_LOG_INFO, "idt.claim_dropped",
            A0__FIELD_FOREIGN("name", a0__buf_cstr(&text)));
}

/* What is no time in seconds is ignored, and said. */
a0_status
a0__login_ceiling(const a0_client *client, const a0__claims *claims, int64_t now,
                  int64_t *ends_at, a0_error **err)
{
    const a0__json *node =
        a0__json_member(a0__claims_document(claims), "session_expiry");
    int64_t ceiling = 0;

    if (node == NULL) {
        return A0_OK;
    }
    if (!a0__json_i64_of(node, &ceiling) || ceiling < 0 || ceiling > A0__TIME_MAX) {
        A0__LOG(client->log, A0_LOG_WARN, "session.expiry_ignored",
                A0__FIELD_TEXT("claim", "session_expiry"));
        return A0_OK;
    }
    A0_ENSURE(ceiling > now, err, session_expired);
    *ends_at = ceiling < *ends_at ? ceiling : *ends_at;
    return A0_OK;
}

/* TOK-06: more than was asked for is kept, and said. */
static void
log_scope_excess(const a0_client *client, a0__text asked, a0__text granted)
{
    a0__text word = A0__NO_TEXT;
    int64_t excess = 0;

    while (a0__text_next(&granted, ' ', &word)) {
        excess += word.len > 0 && !a0__text_has_word(asked, word) ? 1 : 0;
    }
    if (excess > 0) {
        A0__LOG(client->log, A0_LOG_WARN, "token.scope_excess",
                A0__FIELD_NUMBER("scopes", excess));
    }
}

static a0_status
fill_record(const a0_session *session, const a0_session *replaces,
            const a0__claims *claims, const a0__transaction *transaction,
            const a0_login *login, beginning *b, a0_error **err)
{
    a0_client *client = session->client;
    int64_t now = a0__client_now_s(client);
    int64_t ends_at = a0__add_saturating(now, client->settings->session_lifetime_s);
    a0__text pending_link = a0__pending_of_confirmation(transaction, session, replaces);

    log_scope_excess(client, transaction->record.scope,
                     a0__text_of(login->tokens.scope));
    b->authenticated_at = a0__claims_auth_time(claims);
    if (b->authenticated_at == 0) {
        b->authenticated_at = a0__claims_i64(claims, "iat", now);
    }
    A0_TRY(a0__login_ceiling(client, claims, now, &ends_at, err));
    A0_TRY(a0__claims_userinfo(claims, log_dropped, client, &b->userinfo, err));
    A0_TRY(a0__scope_sort(transaction->record.scope, &b->scope_asked, err));
    A0_TRY(a0__buf_check(&b->scope_asked, err));
    b->record = (a0__session_record){
        .iss = a0__text_of(client->settings->issuer),
        .sub = a0__claims_sub(claims),
        .login_sub = a0__claims_sub(claims),
        .sid = a0__claims_sid(claims),
        .name = a0__claims_text(claims, "name"),
        .email = a0__claims_text(claims, "email"),
        .email_verified = a0__claims_email_verified(claims),
        .auth_time = a0__claims_auth_time(claims),
        .signed_in_at = now,
        .touched_at = now,
        .ends_at = ends_at,
        .browser = a0__text_of(a0__session_browser(session)),
        .org_id = a0__claims_text(claims, "org_id"),
        .azp = a0__claims_text(claims, "azp"),
        .userinfo = a0__buf_view(&b->userinfo),
        .id_token = a0__secret_expose(&login->tokens.id_token),
        .pending_link = pending_link,
        .link_is_confirmed = pending_link.len > 0,
        .tokens_len = 1,
        .tokens = { {
            .audience = transaction->record.audience,
            .scope_asked = a0__buf_view(&b->scope_asked),
            .scope_granted = a0__text_of(login->tokens.scope),
            .access_token = a0__secret_expose(&login->tokens.access_token),
            .token_type = A0__LIT(A0__TOKEN_TYPE),
            .obtained_at = now,
            .expires_at = a0__add_saturating(now, login->tokens.expires_in),
        } },
    };
    return A0_OK;
}

/* The refresh token gets a row of its own, under the server key. */
static a0_status
add_refresh_token(const a0_session *session, const a0_login *login, beginning *b,
                  a0_error **err)
{
    a0_client *client = session->client;

    if (!a0__secret_is_set(&login->tokens.refresh_token)) {
        A0__LOG(client->log, A0_LOG_INFO, "token.no_refresh",
                A0__FIELD_TEXT("scope", "offline_access"));
        return A0_OK;
    }
    A0_TRY(a0__uuid7(a0__client_wall_ms(client), client->ports.random,
                     client->ports.random_self, b->refresh_row.key, err));
    b->record.refresh_key = a0__text_of(b->refresh_row.key);
    b->refresh_row.user_id = b->record.sub.ptr;
    b->refresh_row.sid = b->record.sid.ptr != NULL ? b->record.sid.ptr : "";
    b->refresh_row.session_key = b->next.key;
    b->refresh_row.created_at = b->record.signed_in_at;
    b->refresh_row.expires_at = b->record.ends_at;
    return a0__refresh_token_insert(&b->batch, client, &b->refresh_row,
                                    &login->tokens.refresh_token, err);
}

/* SESS-09: who was there before is gone in the same instant; not so a token that
 * another session goes on with [LOUT-04]. */
static a0_status
add_end_of(const a0_session *old, beginning *b, a0_error **err)
{
    bool shared = false;

    if (old == NULL || !old->is_signed_in) {
        return A0_OK;
    }
    A0_TRY(a0__batch_condition(&b->batch, A0_STORE_ERASE, A0_RECORD_SESSION, old->key,
                               0, err));
    if (old->record.refresh_key.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__refresh_token_is_shared(old->client, old->record.refresh_key.ptr,
                                       &shared, err));
    if (shared) {
        return A0_OK;
    }
    return a0__batch_condition(&b->batch, A0_STORE_ERASE, A0_RECORD_REFRESH_TOKEN,
                               old->record.refresh_key.ptr, 0, err);
}

/* Why nothing was written: Auth0 ended it meanwhile, or somebody removed the
 * transaction, so that this sign-in is no longer wanted. */
static a0_status
say_why(a0_client *client, beginning *b, a0_error **err)
{
    A0_AUTO(a0__batch) unused = A0__BATCH_INIT;

    A0_TRY(a0__ended_bar(&unused, client, &b->record, b->authenticated_at,
                         &b->ended_keys, err));
    return a0__fail(err, A0_E_callback_state_unknown);
}

static a0_status
try_to_write(a0_session *session, a0_session *replaces, a0__transaction *transaction,
             const a0_login *login, beginning *b, bool *out_applied, a0_error **err)
{
    a0_client *client = session->client;
    a0_record row = { 0 };

    a0__batch_clear(&b->batch);
    a0__buf_clear(&b->plain);
    A0_TRY(a0__ended_bar(&b->batch, client, &b->record, b->authenticated_at,
                         &b->ended_keys, err));
    A0_TRY(add_refresh_token(session, login, b, err));
    A0_TRY(a0__session_row(&b->next, &b->record, &row, &b->plain, err));
    A0_TRY(a0__batch_insert(&b->batch, client, &row, &b->next.id,
                            a0__buf_view(&b->plain), err));
    A0_TRY(add_end_of(session, b, err));
    A0_TRY(add_end_of(replaces, b, err));
    A0_TRY(a0__transaction_end(transaction, client, A0__TRANSACTION_DONE, b->next.key,
                               &b->batch, err));
    b->idle_ends_at = row.expires_at;
    return a0__batch_commit(&b->batch, client, out_applied, err);
}

/* The user's newest token may have been rotated between reading and writing. */
static a0_status
write_all(a0_session *session, a0_session *replaces, a0__transaction *transaction,
          const a0_login *login, beginning *b, a0_error **err)
{
    bool applied = false;

    for (int attempt = 0; attempt < ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_to_write(session, replaces, transaction, login, b, &applied, err));
    }
    if (!applied) {
        return say_why(session->client, b, err);
    }
    if (replaces != NULL) {
        a0__session_forget(replaces);
    }
    a0__session_adopt(session, &b->plain, 1, b->idle_ends_at);
    a0__session_rename(session, &b->next.id, b->next.key);
    return A0_OK;
}

a0_status
a0__login_session_begin(a0_session *session, a0_session *replaces,
                        a0__transaction *transaction, const a0__claims *claims,
                        a0_login *login, a0_error **err)
{
    beginning b __attribute__((cleanup(beginning_auto))) = {
        .next = { .client = session->client },
        .userinfo = A0__BUF_INIT(A0__USERINFO_MAX),
        .scope_asked = A0__BUF_INIT(SCOPE_MAX),
        .plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX),
        .batch = A0__BATCH_INIT,
    };

    A0_TRY(a0__session_id_new(session->client, &b.next.id, b.next.key, err));
    A0_TRY(fill_record(session, replaces, claims, transaction, login, &b, err));
    login->userinfo = a0__strndup(b.userinfo.ptr, b.userinfo.len);
    A0_ENSURE(login->userinfo != NULL, err, no_memory);
    login->expires_at = b.record.tokens[0].expires_at;
    return write_all(session, replaces, transaction, login, &b, err);
}
