/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

#include "base/mem.h"
#include "base/url.h"

#define USUAL_SETTINGS                                                                 \
    WORLD_SETTINGS_WITHOUT_KEYS                                                        \
    ",\"encryption_keys\":["                                                           \
    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"                   \
    "cdef\"]"

static a0_client *
new_client(world *w, const char *settings, const a0_store *store, const a0_cache *cache,
           void *cache_self)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(16384);
    const a0_ports ports = {
        .size = sizeof ports,
        .transport = scripted_http(w->tenant.script).table,
        .transport_self = scripted_http(w->tenant.script).self,
        .store = store,
        .store_self = &w->store,
        .cache = cache,
        .cache_self = cache_self,
        .clock = &test_clock_table,
        .clock_self = &w->clock,
        .random = &test_random_table,
        .random_self = &w->random,
        .log = &recording_log_table,
        .log_self = &w->log,
    };
    a0_config *config = NULL;
    a0_client *client = NULL;

    if (settings != NULL && settings[0] == '{') {
        a0__buf_string(&json, settings);
    } else {
        a0__buf_string(&json, "{" USUAL_SETTINGS);
        a0__buf_string(&json, settings != NULL ? "," : NULL);
        a0__buf_string(&json, settings);
        a0__buf_byte(&json, '}');
    }
    assert_ok(a0_config_new(&config, &w->err), w->err);
    assert_ok(a0_config_read_json(config, json.ptr, json.len, &w->err), w->err);
    if (a0_client_new(config, &ports, &client, &w->err) != A0_OK) {
        for (size_t i = 0; i < a0_config_faults_len(config); i++) {
            print_error("%s\n", a0_config_fault(config, i));
        }
        fail();
    }
    a0_config_free(config);
    return client;
}

void
world_init_on(world *w, const char *settings, const char *sqlite_path)
{
    *w = (world){ .clock = TEST_CLOCK_INIT,
                  .random = TEST_RANDOM_INIT,
                  .store = FAILING_STORE_INIT,
                  .log = RECORDING_LOG_INIT };
    fake_tenant_init(&w->tenant, &w->clock);
    if (sqlite_path != NULL) {
        assert_ok(a0_store_sqlite_open(sqlite_path, &w->store.inner,
                                       &w->store.inner_self, &w->err),
                  w->err);
    } else {
        assert_ok(a0_store_memory_new(&w->store.inner, &w->store.inner_self, &w->err),
                  w->err);
    }
    w->client = new_client(w, settings, &failing_store_table, NULL, NULL);
}

a0_client *
world_another_client(world *w, const char *settings, const a0_cache *cache,
                     void *cache_self)
{
    static a0_store borrowed;

    borrowed = failing_store_table;
    borrowed.destroy = NULL;
    return new_client(w, settings, &borrowed, cache, cache_self);
}

void
world_init(world *w, const char *settings)
{
    world_init_on(w, settings, NULL);
}

void
world_clear(world *w)
{
    a0_client_free(w->client);
    fake_tenant_clear(&w->tenant);
    recording_log_clear(&w->log);
    a0_error_free(w->err);
}

a0_session *
world_session(world *w, const char *id)
{
    a0_session *session = NULL;

    assert_ok(a0_session_open(w->client, id, &session, &w->err), w->err);
    return session;
}

char *
world_query_value(const char *url, const char *name)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    a0__text text = A0__NO_TEXT;
    bool valid = false;
    a0__url parsed;

    assert_true(a0__url_parse(a0__text_of(url), &parsed));
    assert_int_equal(a0__params_parse(parsed.query, 100, &params, &valid, NULL), A0_OK);
    text = a0__params_get(&params, name, NULL);
    return text.ptr != NULL ? a0__strndup(text.ptr, text.len) : NULL;
}

char *
world_start(world *w, a0_session *session, const a0_login_options *options)
{
    A0_AUTO(a0__buf) callback = A0__BUF_INIT(1024);
    A0_AUTO(a0__string) state = NULL;
    A0_AUTO(a0__string) nonce = NULL;
    const char *url = NULL;

    assert_ok(a0_login_start(session, FAKE_REDIRECT_URI, options, &url, &w->err),
              w->err);
    state = world_query_value(url, "state");
    nonce = world_query_value(url, "nonce");
    assert_non_null(state);
    assert_non_null(nonce);
    assert_true(strlen(nonce) < sizeof w->tenant.nonce);
    memcpy(w->tenant.nonce, nonce, strlen(nonce) + 1);
    a0__buf_string(&callback, FAKE_REDIRECT_URI "?code=code-canary&state=");
    a0__buf_string(&callback, state);
    return a0__buf_take(&callback);
}

a0_login *
world_login(world *w, a0_session *session)
{
    A0_AUTO(a0__string) callback = world_start(w, session, NULL);
    a0_login *login = NULL;

    assert_ok(a0_login_complete(session, callback, NULL, &login, &w->err), w->err);
    return login;
}

a0_status
world_complete(world *w, a0_session *session, const char *callback)
{
    a0_login *login = NULL;
    a0_status status = a0_login_complete(session, callback, NULL, &login, &w->err);

    if (status == A0_OK) {
        a0_login_free(login);
    }
    return status;
}

a0_session *
world_sign_in(world *w, const char *sub)
{
    a0_session *session = world_session(w, NULL);

    if (sub != NULL) {
        w->tenant.sub = sub;
    }
    a0_login_free(world_login(w, session));
    return session;
}

bool
world_lives(world *w, const char *session_id)
{
    a0_session *session = world_session(w, session_id);
    bool is = a0_session_is_signed_in(session);

    a0_session_free(session);
    return is;
}

static a0_status
count_row(void *self, const a0_record *record, a0_error **err)
{
    (void)record;
    (void)err;
    (*(size_t *)self)++;
    return A0_OK;
}

size_t
world_rows(world *w, a0_record_kind kind, a0_record_index index, const char *value)
{
    size_t count = 0;

    assert_int_equal(w->store.inner->find(w->store.inner_self, kind, index, value,
                                          test_clock_now_s(&w->clock), 1000, count_row,
                                          &count, NULL),
                     A0_OK);
    return count;
}
