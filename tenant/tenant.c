/* SPDX-License-Identifier: MIT */
#include "tenant.h"

#include "control.h"
#include "core.h"
#include "host.h"
#include "journal.h"
#include "keys.h"
#include "page_files.h"
#include "raw.h"
#include "seed.h"
#include "state.h"
#include "tls.h"

enum {
    URL_BYTES_MAX = 1024,
    PATH_BYTES_MAX = 4096,
    SEED_BYTES_MAX = 16 * 1024 * 1024
};

/* What only start and stop need, around what the handlers see. */
typedef struct whole {
    a0__tenant tenant; /* first: a handle to it is a handle to the whole */
    a0__tls_identity identity;
    char *ca_file;
    bool is_loopback;
} whole;

static whole *
whole_of(a0__tenant *tenant)
{
    return (whole *)(void *)tenant;
}

static const whole *
whole_shown(const a0__tenant *tenant)
{
    return (const whole *)(const void *)tenant;
}

static whole *
new_whole(void)
{
    whole *w = a0__keep_bytes(1, sizeof *w);
    a0__tenant *tenant = &w->tenant;

    w->identity = A0__TLS_IDENTITY_INIT;
    tenant->authority = A0__TLS_IDENTITY_INIT;
    (void)pthread_mutex_init(&tenant->mutex, NULL);
    for (size_t i = 0; i < A0__KINDS_LEN; i++) {
        a0__table_init(&tenant->tables[i], &a0__shapes[i]);
    }
    a0__table_init(&tenant->user_index, &a0__shapes[A0__USERS]);
    a0__faults_init(&tenant->faults);
    tenant->journal = a0__journal_new();
    tenant->issuer = a0__keep(A0__NO_TEXT);
    tenant->base_url = a0__keep(A0__NO_TEXT);
    tenant->seed = a0__keep(A0__NO_TEXT);
    return w;
}

void
a0__tenant_stop(a0__tenant *tenant)
{
    whole *w = whole_of(tenant);

    if (tenant == NULL) {
        return;
    }
    atomic_store(&tenant->is_stopping, true);
    a0__host_stop(tenant->host);
    a0__raw_stop(tenant->raw);
    a0__state_close(tenant);
    a0__keys_forget(tenant);
    for (size_t i = 0; i < A0__KINDS_LEN; i++) {
        tenant->tables[i].keeps_removed = false;
        a0__table_clear(&tenant->tables[i]);
    }
    a0__table_clear(&tenant->user_index);
    a0__faults_clear(&tenant->faults);
    a0__journal_free(tenant->journal);
    a0__list_clear(&tenant->next_logins);
    a0__list_clear(&tenant->next_connects);
    a0__list_clear(&tenant->logout_queue);
    a0__free(tenant->issuer);
    a0__free(tenant->base_url);
    a0__free(tenant->seed);
    a0__free(w->ca_file);
    a0__tls_identity_auto(&w->identity);
    a0__tls_identity_auto(&tenant->authority);
    (void)pthread_mutex_destroy(&tenant->mutex);
    a0__free(w);
}

/* The issuer always ends in a slash, the base URL never. (wire §1.1) */
static a0_status
set_issuer(whole *w, const char *issuer, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(URL_BYTES_MAX);
    a0__url url;

    if (issuer == NULL) {
        a0__buf_format(&text, "%s://localhost:%u/",
                       w->ca_file != NULL ? "https" : "http",
                       a0__host_port(w->tenant.host));
    } else {
        a0__buf_string(&text, issuer);
        if (!a0__text_ends_with(a0__buf_view(&text), A0__LIT("/"))) {
            a0__buf_byte(&text, '/');
        }
    }
    if (!a0__url_parse(a0__buf_view(&text), &url) || !a0__text_is(url.path, "/") ||
        url.has_query || url.has_fragment) {
        return a0__fail_saying(err, A0_E_config_invalid,
                               "--issuer: write an address such as "
                               "http://localhost:4000/");
    }
    a0__keep_in(&w->tenant.issuer, a0__buf_view(&text));
    a0__keep_in(&w->tenant.base_url, a0__text_range(text.ptr, text.len - 1));
    return A0_OK;
}

static a0_status
prepare_tls(whole *w, const char *dir, a0_error **err)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(PATH_BYTES_MAX);

    if (dir == NULL) {
        return A0_OK;
    }
    A0_TRY(a0__tls_directory(dir, &w->tenant.authority, &w->identity, err));
    a0__buf_format(&path, "%s/ca.pem", dir);
    w->ca_file = a0__keep_buf(&path);
    return A0_OK;
}

static a0_status
take_seed(a0__tenant *tenant, const a0__tenant_options *options, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(SEED_BYTES_MAX);

    if (options->seed_file != NULL && !a0__read_file(options->seed_file, &text)) {
        return a0__fail_saying(err, A0_E_config_invalid, "the seed %s cannot be read",
                               options->seed_file);
    }
    if (options->seed_file != NULL) {
        a0__keep_in(&tenant->seed, a0__buf_view(&text));
    } else {
        a0__keep_in(&tenant->seed, options->seed_json != NULL
                                       ? a0__text_of(options->seed_json)
                                       : a0__page_default_seed_json);
    }
    return A0_OK;
}

/* A state file that has something in it comes before the seed. */
static a0_status
fill(a0__tenant *tenant, const a0__tenant_options *options, a0_error **err)
{
    bool is_new = true;

    if (options->state_file != NULL) {
        A0_TRY(a0__state_open(tenant, options->state_file, &is_new, err));
    }
    if (is_new) {
        A0_TRY(a0__seed_apply(tenant, a0__text_of(tenant->seed), err));
    }
    A0_TRY(a0__keys_ensure(tenant, err));
    a0__seed_allow(tenant, options);
    return a0__state_write(tenant, err);
}

/* The mutex is held until the tenant is whole: who comes early waits. */
static a0_status
start(whole *w, const a0__tenant_options *options, a0_error **err)
{
    const char *listen = options->listen != NULL ? options->listen : "localhost";
    bool tls = options->tls_dir != NULL;
    a0__host_options host = {
        .listen = listen,
        .port = options->port,
        .certificate_pem = tls ? a0__buf_cstr(&w->identity.certificate) : NULL,
        .key_pem = tls ? a0__buf_cstr(&w->identity.key) : NULL,
    };

    w->is_loopback = a0__host_is_loopback(a0__text_of(listen));
    A0_TRY(a0__host_start(&w->tenant, &host, &w->tenant.host, err));
    A0_TRY(set_issuer(w, options->issuer, err));
    return fill(&w->tenant, options, err);
}

a0_status
a0__tenant_start(const a0__tenant_options *options, a0__tenant **out_tenant,
                 a0_error **err)
{
    whole *w = new_whole();
    a0_status status = take_seed(&w->tenant, options, err);

    (void)pthread_mutex_lock(&w->tenant.mutex);
    if (status == A0_OK) {
        status = prepare_tls(w, options->tls_dir, err);
    }
    if (status == A0_OK) {
        status = start(w, options, err);
    }
    (void)pthread_mutex_unlock(&w->tenant.mutex);
    if (status != A0_OK) {
        a0__tenant_stop(&w->tenant);
        return status;
    }
    *out_tenant = &w->tenant;
    return A0_OK;
}

unsigned
a0__tenant_port(const a0__tenant *tenant)
{
    return a0__host_port(tenant->host);
}

const char *
a0__tenant_url(const a0__tenant *tenant)
{
    return tenant->base_url;
}

const char *
a0__tenant_ca_file(const a0__tenant *tenant)
{
    return whole_shown(tenant)->ca_file;
}

bool
a0__tenant_is_loopback(const a0__tenant *tenant)
{
    return whole_shown(tenant)->is_loopback;
}
