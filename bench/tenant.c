/* SPDX-License-Identifier: MIT */
#include "tenant.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "json/json.h"

#define PERSON "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
#define ENCRYPTION_KEY                                                                 \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum {
    ANSWER_MAX = 16 * 1024 * 1024,
    URL_MAX = 16384
};

/* ---- processes ---- */

static void
start_proxy(bench_tenant *t, unsigned delay_ms)
{
    char listen[16];
    char target[16];
    char delay[16];
    const char *argv[] = { "build/tests/support/delay_proxy", listen, target, delay,
                           NULL };

    (void)snprintf(listen, sizeof listen, "%u", t->client_port);
    (void)snprintf(target, sizeof target, "%u", t->port);
    (void)snprintf(delay, sizeof delay, "%u", delay_ms);
    bench_start(&t->proxy, argv);
}

static void
name_ca_file(bench_tenant *t)
{
    (void)snprintf(t->ca_file, sizeof t->ca_file, "%.480s/ca.pem", t->folder);
}

void
bench_tenant_start(bench_tenant *t, unsigned delay_ms)
{
    char port[16];
    char issuer[64];
    const char *argv[] = {
        "build/a0", "tenant",     "--port",           port, "--issuer", issuer, "--tls",
        t->folder,  "--callback", BENCH_REDIRECT_URI, NULL
    };

    *t = (bench_tenant){ .port = bench_free_port() };
    t->client_port = delay_ms > 0 ? bench_free_port() : t->port;
    bench_folder_new(t->folder);
    name_ca_file(t);
    (void)snprintf(port, sizeof port, "%u", t->port);
    (void)snprintf(issuer, sizeof issuer, "https://127.0.0.1:%u/", t->client_port);
    bench_start(&t->tenant, argv);
    if (delay_ms > 0) {
        start_proxy(t, delay_ms);
    }
}

void
bench_tenant_at(bench_tenant *t, const char *folder, unsigned port)
{
    *t = (bench_tenant){ .port = port, .client_port = port };
    (void)snprintf(t->folder, sizeof t->folder, "%s", folder);
    name_ca_file(t);
}

void
bench_tenant_stop(bench_tenant *t)
{
    if (t->proxy.pid != 0) {
        bench_stop(&t->proxy);
    }
    bench_stop(&t->tenant);
}

/* ---- clients ---- */

static void
set(a0_config *config, const char *name, const char *text)
{
    a0_error *err = NULL;

    bench_must(a0_config_set(config, name, text, &err), err, name);
}

a0_client *
bench_tenant_client(const bench_tenant *t, const a0_clock *clock, void *clock_self)
{
    a0_ports ports = A0_PORTS_INIT;
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    char text[BENCH_PATH_MAX];

    bench_must(a0_config_new(&config, &err), err, "settings");
    (void)snprintf(text, sizeof text, "https://127.0.0.1:%u", t->client_port);
    set(config, "auth0_domain", text);
    set(config, "client_id", "demo-web");
    set(config, "client_secret", "demo-web-secret");
    set(config, "management_client_id", "demo-m2m");
    set(config, "management_client_secret", "demo-m2m-secret");
    set(config, "connections_for_account_linking",
        t->linked_connections != NULL ? t->linked_connections : "[]");
    set(config, "encryption_keys", "[\"" ENCRYPTION_KEY "\"]");
    set(config, "authorization_params",
        "{\"scope\": \"openid profile email offline_access\"}");
    set(config, "ca_file", t->ca_file);
    /* A session outlives its access tokens also when nobody uses it. */
    set(config, "session_idle", "604800");
    (void)snprintf(text, sizeof text, "%.480s/a0.sqlite", t->folder);
    bench_must(a0_store_sqlite_open(text, &ports.store, &ports.store_self, &err), err,
               text);
    ports.clock = clock;
    ports.clock_self = clock_self;
    if (a0_client_new(config, &ports, &client, &err) != A0_OK) {
        for (size_t i = 0; i < a0_config_faults_len(config); i++) {
            bench_note("%s", a0_config_fault(config, i));
        }
        bench_must(A0_INVALID, err, "client");
    }
    a0_config_free(config);
    return client;
}

/* ---- the short way ---- */

static size_t
take(char *bytes, size_t size, size_t count, void *self)
{
    a0__buf_bytes(self, bytes, size * count);
    return size * count;
}

/* One request; *out_location has the redirect, *out_body the rest. */
static void
ask(const bench_tenant *t, const char *method, const char *url, const char *body,
    a0__buf *out_body, a0__buf *out_location)
{
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/json");
    CURL *curl = curl_easy_init();
    const char *location = NULL;
    long status = 0;

    bench_need(curl != NULL && headers != NULL, "no memory");
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CAINFO, t->ca_file);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, out_body);
    if (body != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    }
    bench_need(curl_easy_perform(curl) == CURLE_OK, url);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
    bench_need(status < 400, a0__buf_cstr(out_body));
    if (out_location != NULL) {
        a0__buf_string(out_location, location);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
}

static void
control(const bench_tenant *t, const char *method, const char *what, const char *body,
        a0__buf *out_body)
{
    char url[128];

    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/_tenant/%s", t->port, what);
    ask(t, method, url, body, out_body, NULL);
}

void
bench_tenant_sign_in_as(const bench_tenant *t, const char *user_id, a0_session *session,
                        a0__buf *out_callback_url)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(ANSWER_MAX);
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    char person[BENCH_LINE_MAX];
    a0_error *err = NULL;
    const char *authorize = NULL;
    const char *path = NULL;

    (void)snprintf(person, sizeof person, "{\"user_id\":\"%.200s\"}", user_id);
    control(t, "POST", "next-login", person, &body);
    bench_must(a0_login_start(session, BENCH_REDIRECT_URI, NULL, &authorize, &err), err,
               "start of a sign-in");
    path = strstr(authorize, "/authorize");
    bench_need(path != NULL, authorize);
    a0__buf_format(&url, "https://127.0.0.1:%u", t->port);
    a0__buf_string(&url, path);
    ask(t, "GET", a0__buf_cstr(&url), NULL, &body, out_callback_url);
    bench_need(strstr(a0__buf_cstr(out_callback_url), "code=") != NULL,
               a0__buf_cstr(out_callback_url));
}

void
bench_tenant_sign_in(const bench_tenant *t, a0_session *session,
                     a0__buf *out_callback_url)
{
    bench_tenant_sign_in_as(t, PERSON, session, out_callback_url);
}

void
bench_tenant_add_user(const bench_tenant *t, const char *json)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(ANSWER_MAX);

    control(t, "POST", "users", json, &body);
}

void
bench_tenant_connect(const bench_tenant *t)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(ANSWER_MAX);

    control(t, "POST", "connected_accounts",
            "{\"id\":\"cac_bench\",\"user_id\":\"" PERSON
            "\",\"connection\":\"google-oauth2\",\"idp_user_id\":\"1001\","
            "\"scopes\":[\"openid\",\"email\"],\"refresh_token\":\"1//bench\"}",
            &body);
}

void
bench_tenant_move_clock(const bench_tenant *t, int64_t offset_s)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(ANSWER_MAX);
    char json[64];

    (void)snprintf(json, sizeof json, "{\"offset_s\":%" PRId64 "}", offset_s);
    control(t, "POST", "clock", json, &body);
}

void
bench_tenant_forget_requests(const bench_tenant *t)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(ANSWER_MAX);

    control(t, "DELETE", "requests", NULL, &body);
}

unsigned
bench_tenant_requests(const bench_tenant *t, const char *path, unsigned *out_not_200)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(ANSWER_MAX);
    A0_AUTO(a0__json_doc) list = NULL;
    unsigned counted = 0;
    unsigned not_200 = 0;

    control(t, "GET", "requests", NULL, &body);
    bench_need(a0__json_parse(a0__buf_view(&body), &list, NULL) == A0_OK &&
                   list != NULL,
               "the list of requests is no JSON");
    for (size_t i = 0; i < a0__json_len(list); i++) {
        const a0__json *request = a0__json_at(list, i);
        a0__text its_path = A0__NO_TEXT;
        int64_t status = 0;

        (void)a0__json_text(request, "path", &its_path);
        if (a0__text_starts_with(its_path, A0__LIT("/_tenant/")) ||
            (path != NULL && !a0__text_is(its_path, path))) {
            continue;
        }
        counted++;
        not_200 +=
            a0__json_i64(request, "status", &status) == A0__FOUND && status == 200 ? 0
                                                                                   : 1;
    }
    if (out_not_200 != NULL) {
        *out_not_200 = not_200;
    }
    return counted;
}

unsigned
bench_tenant_round_trips(const bench_tenant *t)
{
    char line[BENCH_LINE_MAX] = "";
    uint64_t counted = 0;

    bench_need(kill(t->proxy.pid, SIGUSR1) == 0 &&
                   fgets(line, sizeof line, t->proxy.output) != NULL,
               "the proxy does not answer");
    bench_need(a0__parse_u64(a0__text_trim(a0__text_of(line)), UINT16_MAX, &counted),
               line);
    return (unsigned)counted;
}
