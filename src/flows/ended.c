/* SPDX-License-Identifier: MIT */
#include "flows/ended.h"

#include <string.h>

#include "base/pack.h"

enum {
    NAME_MAX_LEN = 4096, /* issuer and identifier, packed */
    IAT_MAX_LEN = 16,
    ATTEMPTS = 3
};

static const char SID[] = "ended-sid|";
static const char SUB[] = "ended-sub|";
static const char JTI[] = "logout-jti|";

/* An identifier of this issuer, as a key: other tenants may share the store. */
static a0_status
name_mark(const a0_client *client, const char *prefix, a0__text id,
          char out[A0__ENDED_KEY_MAX], a0_error **err)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(NAME_MAX_LEN);
    size_t len = strlen(prefix);

    _Static_assert(sizeof JTI + A0__ROW_KEY_LEN <= A0__ENDED_KEY_MAX,
                   "room for the longest prefix");
    a0__pack_string(&name, client->settings->issuer);
    a0__pack_text(&name, id);
    A0_TRY(a0__buf_check(&name, err));
    memcpy(out, prefix, len);
    return a0__row_key(a0__buf_view(&name), out + len, err);
}

static a0_record
mark_of(const a0_client *client, const char *key)
{
    int64_t now = a0__client_now_s(client);

    /* A token may be dated as far ahead as the leeway goes. */
    return (a0_record){ .size = sizeof(a0_record),
                        .kind = A0_RECORD_MARK,
                        .key = key,
                        .created_at = now,
                        .expires_at = a0__add_saturating(
                            now, A0__ENDED_KEPT_S + client->settings->clock_leeway_s),
                        .owner = "",
                        .user_id = "",
                        .sid = "" };
}

/* ---- ended sessions ---- */

static a0_status
note_sid(a0_client *client, a0__text sid, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    char key[A0__ENDED_KEY_MAX];
    a0_record mark = mark_of(client, key);
    bool applied = false;

    A0_TRY(name_mark(client, SID, sid, key, err));
    A0_TRY(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_MARK, key, 0, err));
    A0_TRY(a0__batch_insert(&batch, client, &mark, NULL, A0__LIT(""), err));
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

/* ---- ended sign-ins of a person ---- */

/* The newest logout of that person, 0 when there was none lately. */
static a0_status
read_sub(a0_client *client, const char *key, int64_t *out_iat, int64_t *out_version,
         a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    a0__unpack in = { 0 };
    bool found = false;

    *out_iat = 0;
    *out_version = 0;
    A0_TRY(a0__row_read(client, A0_RECORD_MARK, key, NULL, &row, &found, err));
    if (found) {
        in = a0__unpack_of(a0__buf_view(&row.plain));
        *out_iat = a0__unpack_i64(&in);
        *out_version = row.version;
    }
    return A0_OK;
}

/* Updated, never replaced: a sign-in that read the row before notices by its version.
 */
static a0_status
try_note_sub(a0_client *client, const char *key, int64_t iat, bool *out_applied,
             a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(IAT_MAX_LEN);
    a0_record mark = mark_of(client, key);
    int64_t known_iat = 0;
    int64_t version = 0;

    A0_TRY(read_sub(client, key, &known_iat, &version, err));
    a0__pack_i64(&plain, iat > known_iat ? iat : known_iat);
    A0_TRY(a0__buf_check(&plain, err));
    if (version == 0) {
        A0_TRY(
            a0__batch_insert(&batch, client, &mark, NULL, a0__buf_view(&plain), err));
    } else {
        A0_TRY(a0__batch_update(&batch, client, &mark, version, NULL,
                                a0__buf_view(&plain), err));
    }
    return a0__batch_commit(&batch, client, out_applied, err);
}

static a0_status
note_sub(a0_client *client, a0__text sub, int64_t iat, a0_error **err)
{
    char key[A0__ENDED_KEY_MAX];
    bool applied = false;

    A0_TRY(name_mark(client, SUB, sub, key, err));
    for (int attempt = 0; attempt < ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_note_sub(client, key, iat, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

a0_status
a0__ended_note(a0_client *client, const a0__logout_token *token, a0_error **err)
{
    if (token->sid.len > 0) {
        return note_sid(client, token->sid, err);
    }
    return note_sub(client, token->sub, token->iat, err);
}

/* ---- logout tokens ---- */

a0_status
a0__ended_note_jti(a0_client *client, const a0__logout_token *token, bool *out_new,
                   a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    char key[A0__ENDED_KEY_MAX];
    a0_record mark = mark_of(client, key);

    A0_TRY(name_mark(client, JTI, token->jti, key, err));
    A0_TRY(a0__batch_insert(&batch, client, &mark, NULL, A0__LIT(""), err));
    return a0__batch_commit(&batch, client, out_new, err);
}

a0_status
a0__ended_has_jti(a0_client *client, const a0__logout_token *token, bool *out_has,
                  a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    char key[A0__ENDED_KEY_MAX];

    A0_TRY(name_mark(client, JTI, token->jti, key, err));
    return a0__row_read(client, A0_RECORD_MARK, key, NULL, &row, out_has, err);
}

/* ---- the bar for a sign-in ---- */

static a0_status
bar_by_sid(a0__batch *batch, a0_client *client, a0__text sid, char *key, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    bool ended = false;

    if (sid.len == 0) {
        return A0_OK;
    }
    A0_TRY(name_mark(client, SID, sid, key, err));
    A0_TRY(a0__row_read(client, A0_RECORD_MARK, key, NULL, &row, &ended, err));
    A0_ENSURE(!ended, err, session_revoked);
    return a0__batch_condition(batch, A0_STORE_ABSENT, A0_RECORD_MARK, key, 0, err);
}

a0_status
a0__ended_bar(a0__batch *batch, a0_client *client, const a0__session_record *record,
              int64_t authenticated_at, a0__ended_keys *keys, a0_error **err)
{
    int64_t ended_at = 0;
    int64_t version = 0;

    A0_TRY(bar_by_sid(batch, client, record->sid, keys->sid, err));
    A0_TRY(name_mark(client, SUB, record->sub, keys->sub, err));
    A0_TRY(read_sub(client, keys->sub, &ended_at, &version, err));
    A0_ENSURE(version == 0 || authenticated_at > ended_at, err, session_revoked);
    return a0__batch_condition(batch, version == 0 ? A0_STORE_ABSENT : A0_STORE_REQUIRE,
                               A0_RECORD_MARK, keys->sub, version, err);
}
