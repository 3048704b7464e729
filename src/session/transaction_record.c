/* SPDX-License-Identifier: MIT */
#include "session/transaction_record.h"

enum {
    VERSION = 3
};

void
a0__transaction_record_pack(const a0__transaction_record *record, a0__buf *out)
{
    a0__pack_i64(out, VERSION);
    a0__pack_i64(out, record->purpose);
    a0__pack_i64(out, record->state);
    a0__pack_i64(out, record->created_at);
    a0__pack_text(out, record->browser);
    a0__pack_text(out, record->iss);
    a0__pack_text(out, record->redirect_uri);
    a0__pack_text(out, record->return_to);
    a0__pack_text(out, record->nonce);
    a0__pack_text(out, record->code_verifier);
    a0__pack_text(out, record->audience);
    a0__pack_text(out, record->scope);
    a0__pack_text(out, record->organization);
    a0__pack_text(out, record->acr_values);
    a0__pack_i64(out, record->max_age);
    a0__pack_text(out, record->user_id);
    a0__pack_text(out, record->produced);
    a0__pack_text(out, record->session);
    a0__pack_text(out, record->connection);
    a0__pack_text(out, record->auth_session);
    a0__pack_i64(out, record->ends_at);
    a0__pack_text(out, record->link_id);
}

bool
a0__transaction_record_unpack(a0__text packed, a0__transaction_record *out)
{
    a0__unpack in = a0__unpack_of(packed);
    int64_t version = a0__unpack_i64(&in);
    int64_t purpose = a0__unpack_i64(&in);
    int64_t state = a0__unpack_i64(&in);

    if (version != VERSION || purpose < A0__PURPOSE_LOGIN ||
        purpose > A0__PURPOSE_CONNECT || state < A0__TRANSACTION_OPEN ||
        state > A0__TRANSACTION_FAILED) {
        return false;
    }
    out->purpose = (a0__purpose)purpose;
    out->state = (a0__transaction_state)state;
    out->created_at = a0__unpack_i64(&in);
    out->browser = a0__unpack_text(&in);
    out->iss = a0__unpack_text(&in);
    out->redirect_uri = a0__unpack_text(&in);
    out->return_to = a0__unpack_text(&in);
    out->nonce = a0__unpack_text(&in);
    out->code_verifier = a0__unpack_text(&in);
    out->audience = a0__unpack_text(&in);
    out->scope = a0__unpack_text(&in);
    out->organization = a0__unpack_text(&in);
    out->acr_values = a0__unpack_text(&in);
    out->max_age = a0__unpack_i64(&in);
    out->user_id = a0__unpack_text(&in);
    out->produced = a0__unpack_text(&in);
    out->session = a0__unpack_text(&in);
    out->connection = a0__unpack_text(&in);
    out->auth_session = a0__unpack_text(&in);
    out->ends_at = a0__unpack_i64(&in);
    out->link_id = a0__unpack_text(&in);
    return a0__unpack_done(&in);
}
