/* SPDX-License-Identifier: MIT */
#include "session/session_record.h"

enum {
    VERSION = 3
};

static void
pack_token(const a0__kept_token *token, a0__buf *out)
{
    a0__pack_text(out, token->audience);
    a0__pack_text(out, token->scope_asked);
    a0__pack_text(out, token->scope_granted);
    a0__pack_text(out, token->access_token);
    a0__pack_text(out, token->token_type);
    a0__pack_i64(out, token->obtained_at);
    a0__pack_i64(out, token->expires_at);
}

static void
unpack_token(a0__unpack *in, a0__kept_token *token)
{
    token->audience = a0__unpack_text(in);
    token->scope_asked = a0__unpack_text(in);
    token->scope_granted = a0__unpack_text(in);
    token->access_token = a0__unpack_text(in);
    token->token_type = a0__unpack_text(in);
    token->obtained_at = a0__unpack_i64(in);
    token->expires_at = a0__unpack_i64(in);
}

void
a0__session_record_pack(const a0__session_record *record, a0__buf *out)
{
    a0__pack_i64(out, VERSION);
    a0__pack_text(out, record->iss);
    a0__pack_text(out, record->sub);
    a0__pack_text(out, record->login_sub);
    a0__pack_text(out, record->sid);
    a0__pack_text(out, record->name);
    a0__pack_text(out, record->email);
    a0__pack_i64(out, record->email_verified ? 1 : 0);
    a0__pack_i64(out, record->auth_time);
    a0__pack_i64(out, record->signed_in_at);
    a0__pack_i64(out, record->touched_at);
    a0__pack_i64(out, record->ends_at);
    a0__pack_text(out, record->browser);
    a0__pack_text(out, record->first_key);
    a0__pack_text(out, record->refresh_key);
    a0__pack_text(out, record->org_id);
    a0__pack_text(out, record->azp);
    a0__pack_text(out, record->userinfo);
    a0__pack_text(out, record->id_token);
    a0__pack_text(out, record->pending_link);
    a0__pack_i64(out, record->link_is_confirmed ? 1 : 0);
    a0__pack_i64(out, (int64_t)record->tokens_len);
    for (size_t i = 0; i < record->tokens_len; i++) {
        pack_token(&record->tokens[i], out);
    }
}

bool
a0__session_record_unpack(a0__text packed, a0__session_record *out)
{
    a0__unpack in = a0__unpack_of(packed);
    int64_t version = a0__unpack_i64(&in);
    int64_t tokens_len = 0;

    if (version != VERSION) {
        return false;
    }
    out->iss = a0__unpack_text(&in);
    out->sub = a0__unpack_text(&in);
    out->login_sub = a0__unpack_text(&in);
    out->sid = a0__unpack_text(&in);
    out->name = a0__unpack_text(&in);
    out->email = a0__unpack_text(&in);
    out->email_verified = a0__unpack_i64(&in) == 1;
    out->auth_time = a0__unpack_i64(&in);
    out->signed_in_at = a0__unpack_i64(&in);
    out->touched_at = a0__unpack_i64(&in);
    out->ends_at = a0__unpack_i64(&in);
    out->browser = a0__unpack_text(&in);
    out->first_key = a0__unpack_text(&in);
    out->refresh_key = a0__unpack_text(&in);
    out->org_id = a0__unpack_text(&in);
    out->azp = a0__unpack_text(&in);
    out->userinfo = a0__unpack_text(&in);
    out->id_token = a0__unpack_text(&in);
    out->pending_link = a0__unpack_text(&in);
    out->link_is_confirmed = a0__unpack_i64(&in) == 1;
    tokens_len = a0__unpack_i64(&in);
    if (tokens_len < 0 || tokens_len > A0__KEPT_TOKENS_MAX) {
        return false;
    }
    out->tokens_len = (size_t)tokens_len;
    for (size_t i = 0; i < out->tokens_len; i++) {
        unpack_token(&in, &out->tokens[i]);
    }
    return a0__unpack_done(&in);
}

static bool
is_for(const a0__kept_token *token, a0__text audience, a0__text scope_asked)
{
    return a0__text_equal(token->audience, audience) &&
           a0__text_equal(token->scope_asked, scope_asked);
}

const a0__kept_token *
a0__session_record_token(const a0__session_record *record, a0__text audience,
                         a0__text scope_asked)
{
    for (size_t i = 0; i < record->tokens_len; i++) {
        if (is_for(&record->tokens[i], audience, scope_asked)) {
            return &record->tokens[i];
        }
    }
    return NULL;
}

static size_t
oldest_token(const a0__session_record *record)
{
    size_t oldest = 0;

    for (size_t i = 1; i < record->tokens_len; i++) {
        if (record->tokens[i].obtained_at < record->tokens[oldest].obtained_at) {
            oldest = i;
        }
    }
    return oldest;
}

void
a0__session_record_keep(a0__session_record *record, const a0__kept_token *token)
{
    size_t at = record->tokens_len;

    for (size_t i = 0; i < record->tokens_len; i++) {
        if (is_for(&record->tokens[i], token->audience, token->scope_asked)) {
            record->tokens[i] = *token;
            return;
        }
    }
    if (at == A0__KEPT_TOKENS_MAX) {
        at = oldest_token(record);
    } else {
        record->tokens_len++;
    }
    record->tokens[at] = *token;
}

static bool
fits(const a0__session_record *record)
{
    A0_AUTO(a0__buf) packed = A0__BUF_INIT(A0__SESSION_RECORD_MAX);

    a0__session_record_pack(record, &packed);
    return !packed.too_long;
}

void
a0__session_record_fit(a0__session_record *record)
{
    while (record->tokens_len > 1 && !fits(record)) {
        size_t oldest = oldest_token(record);

        record->tokens_len--;
        record->tokens[oldest] = record->tokens[record->tokens_len];
    }
}
