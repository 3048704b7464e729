/* SPDX-License-Identifier: MIT */
#include "flows/user_data.h"

#include "base/mem.h"

const a0__kept a0__kept_rows[] = {
    { A0_RECORD_SESSION, "sessions", false },
    { A0_RECORD_TRANSACTION, "open_transactions", false },
    { A0_RECORD_REFRESH_TOKEN, "refresh_tokens", false },
    { A0_RECORD_ACCOUNT_TOKEN, "account_tokens", false },
    { A0_RECORD_MARK, "marks", false },
    { A0_RECORD_CONNECTED_ACCOUNT, "connected_accounts", false },
    { A0_RECORD_ACCOUNT_LINKING, "links", true },
    { A0_RECORD_LINK_JOURNAL, "link_journal", true },
};
const size_t a0__kept_rows_len = sizeof a0__kept_rows / sizeof a0__kept_rows[0];

struct a0_user_data {
    a0__buf json;
};

a0_status
a0__user_id_check(const char *user_id, a0_error **err)
{
    if (!a0__user_id_is_valid(a0__text_of(user_id))) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    return A0_OK;
}

a0_status
a0__user_data_new(a0__buf *json, a0_user_data **out_data, a0_error **err)
{
    a0_user_data *data = NULL;

    A0_TRY(a0__buf_check(json, err));
    data = a0__calloc(1, sizeof *data);
    A0_ENSURE(data != NULL, err, no_memory);
    data->json = *json;
    *json = A0__BUF_INIT(0);
    *out_data = data;
    return A0_OK;
}

void
a0_user_data_free(a0_user_data *data)
{
    if (data != NULL) {
        a0__buf_clear(&data->json);
        a0__free(data);
    }
}

const char *
a0_user_data_json(const a0_user_data *data)
{
    return a0__buf_cstr(&data->json);
}
