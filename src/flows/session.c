/* SPDX-License-Identifier: MIT */
/*
 * Opening and keeping sessions (contract §1, the session). The browser holds a random
 * id; the store holds its hash and a record sealed under a key derived from the server
 * secret and the id. Everything but a live, whole record is anonymous.
 */
#include "flows/session.h"

#include <string.h>

#include "base/mem.h"
#include "json/json.h"

/* The idle end is moved once per hundredth of the idle time: precise to one per cent,
 * and a look-up hardly ever writes. */
enum {
    TOUCHES_PER_IDLE_TIME = 100,
    SESSION_ID_OCTETS = 32
};

/* SESS-04: any other shape is anonymous without asking the store. */
static bool
is_session_id(a0__text id)
{
    if (id.len != A0_SESSION_ID_LEN) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
}

void
a0__session_forget(a0_session *session)
{
    session->is_signed_in = false;
    session->version = 0;
    session->idle_ends_at = 0;
    session->record = (a0__session_record){ 0 };
    a0__buf_clear(&session->plain);
    a0__secret_clear(&session->refresh_token);
}

a0_status
a0__session_id_new(const a0_client *client, a0__secret *out_id,
                   char out_key[A0__ROW_KEY_LEN + 1], a0_error **err)
{
    A0_TRY(a0__client_random(client, SESSION_ID_OCTETS, out_id, err));
    return a0__row_key(a0__secret_expose(out_id), out_key, err);
}

void
a0__session_rename(a0_session *session, a0__secret *id,
                   const char key[A0__ROW_KEY_LEN + 1])
{
    a0__secret_move(&session->id, id);
    memcpy(session->key, key, A0__ROW_KEY_LEN + 1);
}

int64_t
a0__session_idle_end(const a0_client *client, const a0__session_record *record,
                     int64_t now)
{
    int64_t idle = a0__add_saturating(now, client->settings->session_idle_s);

    return idle < record->ends_at ? idle : record->ends_at;
}

void
a0__session_adopt(a0_session *session, a0__buf *plain, int64_t version,
                  int64_t idle_ends_at)
{
    a0__session_record record = { 0 };

    if (!a0__session_record_unpack(a0__buf_view(plain), &record)) {
        a0__session_forget(session);
        return;
    }
    a0__buf_clear(&session->plain);
    session->plain = *plain;
    *plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    session->record = record;
    session->version = version;
    session->idle_ends_at = idle_ends_at;
    session->is_signed_in = true;
}

a0_status
a0__session_row(const a0_session *session, const a0__session_record *record,
                a0_record *out, a0__buf *out_plain, a0_error **err)
{
    a0__session_record_pack(record, out_plain);
    A0_ENSURE(!out_plain->too_long, err, session_too_large);
    A0_TRY(a0__buf_check(out_plain, err));
    *out = (a0_record){
        .size = sizeof *out,
        .kind = A0_RECORD_SESSION,
        .key = session->key,
        .created_at = record->signed_in_at,
        .expires_at = a0__session_idle_end(session->client, record, record->touched_at),
        .owner = record->refresh_key.ptr,
        .user_id = record->sub.ptr,
        .sid = record->sid.ptr,
    };
    return A0_OK;
}

a0_status
a0__session_reload(a0_session *session, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    bool found = false;

    A0_TRY(a0__row_read(session->client, A0_RECORD_SESSION, session->key, &session->id,
                        &row, &found, err));
    if (!found) {
        a0__session_forget(session);
        return A0_OK;
    }
    a0__session_adopt(session, &row.plain, row.version, row.expires_at);
    if (session->record.ends_at <= a0__client_now_s(session->client)) {
        a0__session_forget(session);
    }
    return A0_OK;
}

/* Moves the idle end. Conditional on the version: a session that was ended meanwhile
 * stays ended [SESS-12]. A store that can not write does not end a session that it can
 * read, so failures are left to the next look-up. */
static void
touch(a0_session *session)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = session->record;
    a0_record row = { 0 };
    bool applied = false;

    record.touched_at = a0__client_now_s(session->client);
    if (a0__session_row(session, &record, &row, &plain, NULL) == A0_OK &&
        a0__batch_update(&batch, session->client, &row, session->version, &session->id,
                         a0__buf_view(&plain), NULL) == A0_OK &&
        a0__batch_commit(&batch, session->client, &applied, NULL) == A0_OK && applied) {
        a0__session_adopt(session, &plain, session->version + 1, row.expires_at);
    }
}

typedef a0_session *session_ptr;

static void
session_ptr_auto(session_ptr *session)
{
    a0_session_free(*session);
}

a0_status
a0_session_open(a0_client *client, const char *id, a0_session **out_session,
                a0_error **err)
{
    A0_AUTO(session_ptr) session = a0__calloc(1, sizeof *session);

    A0_ENSURE(session != NULL, err, no_memory);
    session->client = a0_client_ref(client);
    session->plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    session->url = A0__BUF_INIT(A0__URL_MAX);
    if (!is_session_id(a0__text_of(id))) {
        A0_TRY(a0__session_id_new(client, &session->id, session->key, err));
        session->is_new = true;
        *out_session = a0__steal(&session);
        return A0_OK;
    }
    A0_TRY(a0__secret_set_text(&session->id, a0__text_of(id), err));
    A0_TRY(a0__row_key(a0__secret_expose(&session->id), session->key, err));
    A0_TRY(a0__session_reload(session, err));
    if (session->is_signed_in &&
        a0__client_now_s(client) - session->record.touched_at >
            client->settings->session_idle_s / TOUCHES_PER_IDLE_TIME) {
        touch(session);
    }
    *out_session = a0__steal(&session);
    return A0_OK;
}

void
a0_session_free(a0_session *session)
{
    if (session == NULL) {
        return;
    }
    a0__session_forget(session);
    a0__secret_clear(&session->id);
    a0__buf_clear(&session->url);
    a0_client_free(session->client);
    a0__free(session);
}

a0_status
a0__session_require(const a0_session *session, a0_error **err)
{
    A0_ENSURE(session->is_signed_in, err, session_missing);
    /* SESS-14: an object that is held on to outlives the session no more than a cookie
     * does. */
    A0_ENSURE(a0__client_now_s(session->client) < session->record.ends_at, err,
              session_expired);
    return A0_OK;
}

const char *
a0__session_browser(const a0_session *session)
{
    return session->is_signed_in ? session->record.browser.ptr : session->key;
}

const char *
a0_session_id(const a0_session *session)
{
    return a0__secret_expose_cstr(&session->id);
}

bool
a0_session_is_signed_in(const a0_session *session)
{
    return session->is_signed_in;
}

int64_t
a0_session_idle_expires_at(const a0_session *session)
{
    return session->idle_ends_at;
}

int64_t
a0_session_expires_at(const a0_session *session)
{
    return session->is_signed_in ? session->record.ends_at : 0;
}

const char *
a0_session_user_id(const a0_session *session)
{
    return session->is_signed_in ? session->record.sub.ptr : NULL;
}

const char *
a0_session_userinfo(const a0_session *session)
{
    return session->is_signed_in ? session->record.userinfo.ptr : NULL;
}

static const char *
or_null(a0__text text)
{
    return text.len > 0 ? text.ptr : NULL;
}

const char *
a0_session_claim(const a0_session *session, const char *name)
{
    static const struct {
        const char *name;
        size_t offset;
    } texts[] = {
        { "sub", offsetof(a0__session_record, sub) },
        { "iss", offsetof(a0__session_record, iss) },
        { "sid", offsetof(a0__session_record, sid) },
        { "name", offsetof(a0__session_record, name) },
        { "email", offsetof(a0__session_record, email) },
        { "org_id", offsetof(a0__session_record, org_id) },
    };

    if (!session->is_signed_in) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            const char *base = (const char *)&session->record;

            return or_null(*(const a0__text *)(const void *)(base + texts[i].offset));
        }
    }
    if (strcmp(name, "email_verified") == 0 && session->record.email.len > 0) {
        return session->record.email_verified ? "true" : "false";
    }
    return NULL;
}
