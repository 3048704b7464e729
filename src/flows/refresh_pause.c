/* SPDX-License-Identifier: MIT */
#include "flows/refresh_pause.h"

#include <string.h>

#include "base/pack.h"

enum {
    FIRST_S = 1,
    LONGEST_S = 60,
    REMEMBER_S = 300, /* failures further apart than this are not the same outage */
    RECORD_MAX = 64
};

typedef struct pause {
    int64_t failures;
    int64_t until;
} pause;

static void
key_of(const char *refresh_key, char out[A0__PAUSE_KEY_MAX])
{
    static const char prefix[] = "refresh-pause|";
    size_t len = strnlen(refresh_key, A0__PAUSE_KEY_MAX - sizeof prefix);

    memcpy(out, prefix, sizeof prefix - 1);
    memcpy(out + sizeof prefix - 1, refresh_key, len);
    out[sizeof prefix - 1 + len] = '\0';
}

static a0_status
read_pause(a0_client *client, const char *key, pause *out, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    a0__unpack in = { 0 };
    bool found = false;

    A0_TRY(a0__row_read(client, A0_RECORD_MARK, key, NULL, &row, &found, err));
    if (found) {
        in = a0__unpack_of(a0__buf_view(&row.plain));
        out->failures = a0__unpack_i64(&in);
        out->until = a0__unpack_i64(&in);
    }
    return A0_OK;
}

a0_status
a0__refresh_pause_check(a0_client *client, const char *refresh_key, a0_error **err)
{
    char key[A0__PAUSE_KEY_MAX];
    pause resting = { 0 };
    int64_t left = 0;
    a0_status status = A0_OK;

    key_of(refresh_key, key);
    A0_TRY(read_pause(client, key, &resting, err));
    left = resting.until - a0__client_now_s(client);
    /* A rest longer than any can be: the clock was put back. */
    if (left <= 0 || left > LONGEST_S) {
        return A0_OK;
    }
    status = a0__fail(err, A0_E_refresh_unavailable);
    if (err != NULL) {
        a0__error_set_retry_after(*err, (int)left);
    }
    return status;
}

static int64_t
length_s(int64_t failures, int retry_after_s)
{
    int64_t s = FIRST_S;

    for (int64_t i = 1; i < failures && s < LONGEST_S; i++) {
        s *= 2;
    }
    s = s < retry_after_s ? retry_after_s : s;
    return s < LONGEST_S ? s : LONGEST_S;
}

int
a0__refresh_pause_note(a0_client *client, const char *refresh_key, int retry_after_s)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(RECORD_MAX);
    char key[A0__PAUSE_KEY_MAX];
    pause resting = { 0 };
    int64_t now = a0__client_now_s(client);
    int64_t rest_s = FIRST_S;
    bool applied = false;
    a0_record mark = { .size = sizeof mark,
                       .kind = A0_RECORD_MARK,
                       .key = key,
                       .created_at = now,
                       .owner = "",
                       .user_id = "",
                       .sid = "" };

    key_of(refresh_key, key);
    if (read_pause(client, key, &resting, NULL) != A0_OK) {
        return FIRST_S;
    }
    rest_s = length_s(resting.failures + 1, retry_after_s);
    resting.until = now + rest_s;
    mark.expires_at = resting.until + REMEMBER_S;
    a0__pack_i64(&plain, resting.failures + 1);
    a0__pack_i64(&plain, resting.until);
    if (a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_MARK, key, 0, NULL) ==
            A0_OK &&
        a0__batch_insert(&batch, client, &mark, NULL, a0__buf_view(&plain), NULL) ==
            A0_OK) {
        a0__ignore(a0__batch_commit(&batch, client, &applied, NULL));
    }
    return (int)rest_s;
}

a0_status
a0__refresh_pause_end(a0__batch *batch, const char *refresh_key,
                      char key_space[A0__PAUSE_KEY_MAX], a0_error **err)
{
    key_of(refresh_key, key_space);
    return a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_MARK, key_space, 0,
                               err);
}
