/* SPDX-License-Identifier: MIT */
#include "store/record.h"

#include <string.h>

static bool
fits(const char *text, size_t max)
{
    return text == NULL || strnlen(text, max + 1) <= max;
}

a0_status
a0__record_key_check(a0_record_kind kind, const char *key, a0_error **err)
{
    if (kind < A0_RECORD_SESSION) {
        return a0__fail_about(err, A0_E_param_invalid, "kind");
    }
    if (key == NULL || key[0] == '\0' || !fits(key, A0_RECORD_KEY_MAX)) {
        return a0__fail_about(err, A0_E_param_invalid, "key");
    }
    return A0_OK;
}

static a0_status
columns_check(const a0_record *record, a0_error **err)
{
    if (!fits(record->owner, A0_RECORD_INDEX_MAX)) {
        return a0__fail_about(err, A0_E_param_invalid, "owner");
    }
    if (!fits(record->user_id, A0_RECORD_INDEX_MAX)) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    if (!fits(record->sid, A0_RECORD_INDEX_MAX)) {
        return a0__fail_about(err, A0_E_param_invalid, "sid");
    }
    if (record->data_len > A0_RECORD_DATA_MAX) {
        return a0__fail_about(err, A0_E_param_invalid, "data");
    }
    return A0_OK;
}

a0_status
a0__store_ops_check(const a0_store_op *ops, size_t ops_len, a0_error **err)
{
    for (size_t i = 0; i < ops_len; i++) {
        const a0_store_op *op = &ops[i];

        A0_TRY(a0__record_key_check(op->record->kind, op->record->key, err));
        if (op->type == A0_STORE_INSERT || op->type == A0_STORE_UPDATE) {
            A0_TRY(columns_check(op->record, err));
        }
    }
    return A0_OK;
}
