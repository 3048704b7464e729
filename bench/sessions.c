/* SPDX-License-Identifier: MIT */
#include "sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "flows/rows.h"
#include "flows/session.h"
#include "store/sqlite.h"

#define DOMAIN "https://127.0.0.1:9"
#define SECRET "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum {
    ID_OCTETS = 32,
    INDEXES_MAX = 16,
    SQL_MAX = 512,
    LIFETIME_S = 7 * 24 * 3600,
    NAME_BYTES = 64
};

const char bench_sessions_settings[] =
    "\"auth0_domain\": \"" DOMAIN "\", \"client_id\": \"bench\","
    " \"client_secret\": \"bench-secret\", \"connections_for_account_linking\": [],"
    " \"encryption_keys\": [\"" SECRET "\"]";

/* As Auth0 has them: the claims of the profile, and an ID token that is not read. */
static const char userinfo[] =
    "{\"given_name\":\"Ada\",\"family_name\":\"Lovelace\",\"nickname\":\"ada\","
    "\"name\":\"Ada Lovelace\",\"picture\":\"https://s.gravatar.com/avatar/"
    "0123456789abcdef0123456789abcdef?s=480&r=pg\",\"updated_at\":"
    "\"2026-01-02T03:04:05.678Z\",\"email\":\"ada@example.test\","
    "\"email_verified\":true,\"iss\":\"" DOMAIN "/\",\"aud\":\"bench\",\"iat\":"
    "1767323045,\"exp\":1767359045,\"sid\":\"0123456789ABCDEFGHIJabcdefghij01\","
    "\"nonce\":\"0123456789ABCDEFGHIJabcdefghij0123456789_-a\"}";
static char id_token[1000];

a0_client *
bench_sessions_client(const char *database)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(SQL_MAX * 2);
    a0_ports ports = A0_PORTS_INIT;
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;

    a0__buf_byte(&json, '{');
    a0__buf_string(&json, bench_sessions_settings);
    a0__buf_byte(&json, '}');
    bench_must(a0_config_new(&config, &err), err, "settings");
    bench_must(a0_config_read_json(config, json.ptr, json.len, &err), err, "settings");
    if (database != NULL) {
        bench_must(
            a0_store_sqlite_open(database, &ports.store, &ports.store_self, &err), err,
            database);
    }
    bench_must(a0_client_new(config, &ports, &client, &err), err, "client");
    a0_config_free(config);
    return client;
}

/* ---- the database ---- */

static void
sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        bench_note("%s", sqlite3_errmsg(db));
        bench_need(false, text);
    }
}

static sqlite3_stmt *
prepared(sqlite3 *db, const char *text)
{
    sqlite3_stmt *statement = NULL;

    bench_need(sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK, text);
    return statement;
}

/* Nobody else uses the file yet, and if we fail it is thrown away. */
static sqlite3 *
open_for_loading(const char *database)
{
    sqlite3 *db = NULL;

    bench_need(sqlite3_open(database, &db) == SQLITE_OK, database);
    sql(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF;"
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;"
            "PRAGMA temp_store = MEMORY");
    return db;
}

typedef struct index_list {
    char create[INDEXES_MAX][SQL_MAX];
    size_t len;
} index_list;

static void
drop_indexes(sqlite3 *db, index_list *out)
{
    char drop[INDEXES_MAX][SQL_MAX];
    sqlite3_stmt *list = prepared(db, "SELECT name, sql FROM sqlite_schema"
                                      " WHERE type = 'index' AND sql IS NOT NULL");

    out->len = 0;
    while (sqlite3_step(list) == SQLITE_ROW) {
        bench_need(out->len < INDEXES_MAX, "too many indexes");
        (void)snprintf(drop[out->len], SQL_MAX, "DROP INDEX %s",
                       sqlite3_column_text(list, 0));
        (void)snprintf(out->create[out->len], SQL_MAX, "%s",
                       sqlite3_column_text(list, 1));
        out->len++;
    }
    (void)sqlite3_finalize(list);
    for (size_t i = 0; i < out->len; i++) {
        sql(db, drop[i]);
    }
}

static void
read_salt(sqlite3 *db, unsigned char out[A0__ROW_SALT_BYTES])
{
    sqlite3_stmt *row = prepared(db, "SELECT value FROM meta WHERE name = 'row_salt'");

    bench_need(sqlite3_step(row) == SQLITE_ROW &&
                   sqlite3_column_bytes(row, 0) == A0__ROW_SALT_BYTES,
               "no salt");
    memcpy(out, sqlite3_column_blob(row, 0), A0__ROW_SALT_BYTES);
    (void)sqlite3_finalize(row);
}

/* ---- ids ---- */

static void
row_key(const bench_session_id *id, char out[A0__ROW_KEY_LEN + 1])
{
    a0_error *err = NULL;

    bench_must(a0__row_key(a0__text_of(id->text), out, &err), err, "key of a row");
}

static int64_t
row_id_of(const bench_session_id *id, const unsigned char salt[A0__ROW_SALT_BYTES])
{
    char key[A0__ROW_KEY_LEN + 1];
    a0_error *err = NULL;
    int64_t row_id = 0;

    row_key(id, key);
    bench_must(a0__sqlite_row_id(salt, A0_RECORD_SESSION, key, &row_id, &err), err,
               "id of a row");
    return row_id;
}

static int
by_row_id(const void *a, const void *b)
{
    const bench_session_id *x = a;
    const bench_session_id *y = b;

    return (x->row_id > y->row_id) - (x->row_id < y->row_id);
}

static bench_session_id *
make_ids(sqlite3 *db, size_t count)
{
    bench_session_id *ids = calloc(count, sizeof *ids);
    const a0_random *random = a0_random_system();
    unsigned char salt[A0__ROW_SALT_BYTES];

    bench_need(ids != NULL, "no memory");
    read_salt(db, salt);
    for (size_t i = 0; i < count; i++) {
        A0_AUTO(a0__buf) text = A0__BUF_INIT(A0_SESSION_ID_LEN);
        unsigned char octets[ID_OCTETS];

        bench_need(random->fill(NULL, octets, sizeof octets) == A0_OK, "no entropy");
        a0__base64url_encode(octets, sizeof octets, &text);
        memcpy(ids[i].text, a0__buf_cstr(&text), sizeof ids[i].text);
        ids[i].row_id = row_id_of(&ids[i], salt);
    }
    qsort(ids, count, sizeof *ids, by_row_id);
    return ids;
}

/* ---- rows ---- */

/* touched_at is ahead, so that no look-up of the benchmark moves the idle end: that
 * happens once a minute to a session, not at each request. */
static a0__session_record
record_of(const char *name, int64_t now)
{
    return (a0__session_record){ .iss = A0__LIT(DOMAIN "/"),
                                 .sub = a0__text_of(name),
                                 .login_sub = a0__text_of(name),
                                 .sid = a0__text_of(name),
                                 .name = A0__LIT("Ada Lovelace"),
                                 .email = A0__LIT("ada@example.test"),
                                 .email_verified = true,
                                 .auth_time = now,
                                 .signed_in_at = now,
                                 .touched_at = now + 3600,
                                 .ends_at = now + LIFETIME_S,
                                 .browser = a0__text_of(name),
                                 .refresh_key = a0__text_of(name),
                                 .azp = A0__LIT("bench"),
                                 .userinfo = A0__LIT(userinfo),
                                 .id_token =
                                     a0__text_range(id_token, sizeof id_token - 1) };
}

static void
bind_record(sqlite3_stmt *insert, int64_t row_id, const a0_record *record)
{
    (void)sqlite3_bind_int64(insert, 1, row_id);
    (void)sqlite3_bind_int(insert, 2, (int)record->kind);
    (void)sqlite3_bind_text(insert, 3, record->key, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(insert, 4, record->created_at);
    (void)sqlite3_bind_int64(insert, 5, record->expires_at);
    (void)sqlite3_bind_text(insert, 6, record->owner, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(insert, 7, record->user_id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(insert, 8, record->sid, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(insert, 9, record->data, (int)record->data_len,
                            SQLITE_STATIC);
}

static void
insert_session(sqlite3_stmt *insert, a0_client *client, const bench_session_id *id,
               size_t number, int64_t now)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    a0_session session = { .client = client };
    char name[NAME_BYTES];
    a0__session_record record;
    a0_record row;
    a0_error *err = NULL;

    (void)snprintf(name, sizeof name, "auth0|%024zu", number);
    record = record_of(name, now);
    row_key(id, session.key);
    bench_must(a0__secret_set_text(&secret, a0__text_of(id->text), &err), err, "id");
    bench_must(a0__session_row(&session, &record, &row, &plain, &err), err, "row");
    bench_must(
        a0__batch_insert(&batch, client, &row, &secret, a0__buf_view(&plain), &err),
        err, "sealing");
    bind_record(insert, id->row_id, &batch.records[0]);
    bench_need(sqlite3_step(insert) == SQLITE_DONE, "row not written");
    (void)sqlite3_reset(insert);
}

void
bench_sessions_make(const char *database, size_t count, bench_session_id **out_ids)
{
    a0_client *client = bench_sessions_client(database);
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    bench_session_id *ids = NULL;
    index_list indexes;
    int64_t now = a0_clock_system()->wall_ms(NULL) / 1000;

    /* The connection that has made the schema would be in the way. */
    a0_client_free(client);
    memset(id_token, 'x', sizeof id_token - 1);
    db = open_for_loading(database);
    ids = make_ids(db, count);
    drop_indexes(db, &indexes);
    insert = prepared(db, "INSERT INTO record (id, kind, key, version, created_at,"
                          " expires_at, owner, user_id, sid, data)"
                          " VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9)");
    client = bench_sessions_client(NULL); /* it only seals */
    sql(db, "BEGIN");
    for (size_t i = 0; i < count; i++) {
        insert_session(insert, client, &ids[i], i, now);
    }
    sql(db, "COMMIT");
    (void)sqlite3_finalize(insert);
    for (size_t i = 0; i < indexes.len; i++) {
        sql(db, indexes.create[i]);
    }
    (void)sqlite3_close(db);
    a0_client_free(client);
    *out_ids = ids;
}
