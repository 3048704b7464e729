/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/key.h"
#include "base/mem.h"
#include "gateway.h"
#include "server/listen.h"
#include "server/path.h"
#include "json/json.h"

enum {
    SECRET_FILE_MAX = 4096,
    TEXT_MAX = 4096,
    IDENTITY_HEADERS_MAX = 16
};

static const a0_setting rows[] = {
    { "listen", "list", "[\"127.0.0.1:8080\"]",
      "Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (both), "
      "`unix:/run/a0.sock`." },
    { "health_listen", "string", "",
      "Where `/healthz` answers, and nothing else; off when not set." },
    { "base_url", "string", "",
      "The address people see, `https://app.example.com`; may be left out while "
      "listening on a loopback address." },
    { "additional_base_urls", "list", "[]",
      "Other addresses that this gateway is reached by; any other host is refused." },
    { "secret", "secret", "",
      "The server's secret, 32 bytes or more, for example from `openssl rand -base64 "
      "32`." },
    { "secret_file", "string", "",
      "A file that holds the secret and that only its owner can read." },
    { "database", "string", "a0.sqlite",
      "The SQLite database; `:memory:` forgets everything at the end." },
    { "prefix", "string", "/auth", "The path under which the routes stand." },
    { "trusted_proxies", "list", "[]",
      "Addresses or networks of our own proxies, whose forwarded headers are read." },
    { "default_return_to", "string", "/",
      "Where a person goes after signing in when nothing else was asked for." },
    { "return_to_allowed", "list", "[]",
      "Other origins a person may be sent to after signing in, `https://host`." },
    { "logout_return_to", "list", "[]",
      "Where a person may go after signing out; the first is the default. They have to "
      "be registered at Auth0." },
    { "allowed_connections", "list", "[]",
      "Connections that a link to the sign-in may name, beside those for account "
      "linking." },
    { "identity_headers", "object", "{}",
      "More headers of `/auth/verify`, from header to claim: `{\"X-Auth-Picture\": "
      "\"picture\"}`." },
    { "log_level", "string", "info", "`debug`, `info`, `warn` or `error`." },
    { "workers", "number", "16", "Threads for requests that wait for Auth0." },
    { "event_loops", "number", "0",
      "Threads that read and answer; 0: one a processor." },
    { "login_rate", "number", "120",
      "Sign-ins that one address may start in a minute; 0: no limit." },
    { "login_rate_all", "number", "500",
      "Sign-ins that may start in a second in all; 0: no limit." },
    { "insecure_development_cookies", "bool", "false",
      "Cookies without `__Host-` and `Secure`, for browsers that refuse those on "
      "http://localhost." },
};

const a0_setting *
gateway_settings_rows(size_t *out_len)
{
    *out_len = sizeof rows / sizeof rows[0];
    return rows;
}

a0_status
gateway_config_new(a0_config **out_config, a0_error **err)
{
    a0_config *config = NULL;
    a0_status status = a0_config_new(&config, err);

    if (status == A0_OK) {
        status = a0_config_declare(config, rows, sizeof rows / sizeof rows[0], err);
    }
    if (status == A0_OK) {
        status = a0_config_set(config, "revoke_on_logout", "true", err);
    }
    if (status != A0_OK) {
        a0_config_free(config);
        return status;
    }
    *out_config = config;
    return A0_OK;
}

/* ---- readers ---- */

static a0_status
copy_text(const char *text, char **out, a0_error **err)
{
    a0__free(*out);
    *out = text != NULL ? a0__strdup(text) : NULL;
    A0_ENSURE(text == NULL || *out != NULL, err, no_memory);
    return A0_OK;
}

static a0_status
read_texts(a0_config *config, const char *name, gateway_texts *out, a0_error **err)
{
    const char *item = NULL;

    for (size_t i = 0; (item = a0_config_own_item(config, name, i)) != NULL; i++) {
        char **items = a0__realloc_array(out->items, i + 1, sizeof *items);

        A0_ENSURE(items != NULL, err, no_memory);
        out->items = items;
        out->items[i] = NULL;
        out->len = i + 1;
        A0_TRY(copy_text(item, &out->items[i], err));
    }
    return A0_OK;
}

static a0_status
read_origins(a0_config *config, const char *name, gateway_origins *out, a0_error **err)
{
    const char *item = NULL;
    bool valid = true;

    for (size_t i = 0; (item = a0_config_own_item(config, name, i)) != NULL; i++) {
        A0_TRY(gateway_origins_add(out, a0__text_of(item), &valid, err));
        if (!valid) {
            A0_TRY(a0_config_refuse(config, name,
                                    "an entry is no origin; write https://host or "
                                    "https://host:port, without a path",
                                    err));
        }
    }
    return A0_OK;
}

static uint32_t
number_of(const a0_config *config, const char *name, uint32_t max)
{
    uint64_t value = 0;

    (void)a0__parse_u64(a0__text_of(a0_config_get(config, name)), max, &value);
    return (uint32_t)value;
}

static a0_status
read_number(a0_config *config, const char *name, uint32_t max, uint32_t *out,
            a0_error **err)
{
    A0_AUTO(a0__buf) problem = A0__BUF_INIT(TEXT_MAX);
    uint64_t value = 0;
    const char *text = a0_config_own(config, name);

    if (text != NULL && !a0__parse_u64(a0__text_of(text), max, &value)) {
        a0__buf_format(&problem, "write a number from 0 to %u", (unsigned)max);
        return a0_config_refuse(config, name, a0__buf_cstr(&problem), err);
    }
    *out = (uint32_t)value;
    return A0_OK;
}

static a0_status
read_networks(a0_config *config, gateway_networks *out, a0_error **err)
{
    static const char name[] = "trusted_proxies";
    const char *item = NULL;

    for (size_t i = 0; (item = a0_config_own_item(config, name, i)) != NULL; i++) {
        a0__network network = { .prefix_bits = 0 };
        a0__network *items = NULL;
        bool valid = a0__network_parse(a0__text_of(item), &network);

        /* A /0, and an IPv4 /0 is a /96 here, trusts everybody. [GW-03] */
        if (valid &&
            (network.prefix_bits == 0 ||
             (network.prefix_bits == 96 && a0__address_is_ipv4(&network.address)))) {
            A0_TRY(a0_config_refuse(config, name,
                                    "an entry trusts everybody; write the address or "
                                    "network of your proxy",
                                    err));
            continue;
        }
        if (!valid) {
            A0_TRY(a0_config_refuse(config, name,
                                    "an entry is no network; write 10.0.0.0/8, "
                                    "2001:db8::/32 or one address",
                                    err));
            continue;
        }
        items = a0__realloc_array(out->items, out->len + 1, sizeof *items);
        A0_ENSURE(items != NULL, err, no_memory);
        out->items = items;
        out->items[out->len] = network;
        out->len++;
    }
    return A0_OK;
}

/* ---- settings that need a rule ---- */

static a0_status
check_listen(a0_config *config, const char *name, const char *address, a0_error **err)
{
    if (a0__listen_is_address(address)) {
        return A0_OK;
    }
    return a0_config_refuse(config, name,
                            "is no address to listen on; write " A0__LISTEN_FORMS, err);
}

static a0_status
read_listen(a0_config *config, gateway_settings *s, a0_error **err)
{
    const char *health = a0_config_own(config, "health_listen");

    A0_TRY(read_texts(config, "listen", &s->listen, err));
    if (s->listen.len == 0) {
        return a0_config_refuse(config, "listen",
                                "is empty; write [\"127.0.0.1:8080\"]", err);
    }
    for (size_t i = 0; i < s->listen.len; i++) {
        A0_TRY(check_listen(config, "listen", s->listen.items[i], err));
    }
    if (health != NULL && health[0] != '\0') {
        A0_TRY(check_listen(config, "health_listen", health, err));
        A0_TRY(copy_text(health, &s->health_listen, err));
    }
    return A0_OK;
}

/* A person who confirms a link is sent to a connection of that list. */
static a0_status
read_connections(a0_config *config, gateway_texts *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) linking = NULL;
    const char *json = a0_config_get(config, "connections_for_account_linking");

    A0_TRY(read_texts(config, "allowed_connections", out, err));
    A0_TRY(a0__json_parse(a0__text_of(json), &linking, err));
    for (size_t i = 0; a0__json_is_array(linking) && i < a0__json_len(linking); i++) {
        a0__text name = A0__NO_TEXT;
        char *copy = NULL;
        char **items = NULL;

        if (!a0__json_text_of(a0__json_at(linking, i), &name)) {
            continue; /* a fault that the library reports */
        }
        copy = a0__strndup(name.ptr, name.len);
        items = a0__realloc_array(out->items, out->len + 1, sizeof *items);
        if (copy == NULL || items == NULL) {
            a0__free(copy);
            out->items = items != NULL ? items : out->items;
            return a0__fail(err, A0_E_no_memory);
        }
        out->items = items;
        out->items[out->len] = copy;
        out->len++;
    }
    return A0_OK;
}

static a0_status
read_base_urls(a0_config *config, gateway_settings *s, a0_error **err)
{
    const char *base_url = a0_config_own(config, "base_url");
    bool valid = true;

    s->derives_base_url = base_url == NULL || base_url[0] == '\0';
    if (!s->derives_base_url) {
        A0_TRY(gateway_origins_add(&s->base_urls, a0__text_of(base_url), &valid, err));
        if (!valid) {
            A0_TRY(a0_config_refuse(config, "base_url",
                                    "write https://host or https://host:port, without "
                                    "a path (http:// for localhost only)",
                                    err));
        }
    } else if (s->listen.len > 0 &&
               !a0__text_starts_with(a0__text_of(s->listen.items[0]),
                                     A0__LIT("localhost:")) &&
               !a0__text_starts_with(a0__text_of(s->listen.items[0]),
                                     A0__LIT("127.0.0.1:"))) {
        A0_TRY(a0_config_refuse(config, "base_url",
                                "write the address people see, for example "
                                "https://app.example.com",
                                err));
    }
    return read_origins(config, "additional_base_urls", &s->base_urls, err);
}

static const char *
read_secret_file(const char *path, a0__buf *out)
{
    char content[SECRET_FILE_MAX];
    struct stat info;
    const char *problem = NULL;
    ssize_t len = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        return "the file can not be opened; check that it exists";
    }
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        problem = "is no regular file";
    } else if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        problem = "the file can be read by others; run chmod 600 on it";
    } else {
        len = read(fd, content, sizeof content);
        problem = len < 0 ? "the file can not be read" : NULL;
    }
    close(fd);
    if (len > 0) {
        a0__buf_text(out, a0__text_trim(a0__text_range(content, (size_t)len)));
    }
    a0__wipe(content, sizeof content);
    return problem;
}

/* The secret also seals what is stored, unless encryption_keys says otherwise. */
static a0_status
use_as_encryption_key(a0_config *config, a0__text secret, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(2 * SECRET_FILE_MAX);
    a0__json_writer writer = a0__json_writer_on(&json);

    if (a0_config_get(config, "encryption_keys") != NULL) {
        return A0_OK;
    }
    a0__json_open(&writer, '[');
    a0__json_value_text(&writer, secret);
    a0__json_close(&writer, ']');
    A0_TRY(a0__buf_check(&json, err));
    return a0_config_set(config, "encryption_keys", json.ptr, err);
}

static a0_status
read_secret(a0_config *config, gateway_settings *s, a0_error **err)
{
    A0_AUTO(a0__buf) from_file = A0__BUF_INIT(SECRET_FILE_MAX);
    const char *path = a0_config_own(config, "secret_file");
    const char *text = a0_config_own(config, "secret");
    const char *problem = NULL;

    if (path != NULL && text != NULL) {
        return a0_config_refuse(config, "secret_file",
                                "stands beside secret; write one of the two", err);
    }
    if (path == NULL && text == NULL) {
        return a0_config_refuse(config, "secret",
                                "is not set; write 32 random bytes or more (openssl "
                                "rand -base64 32), or name their file in secret_file",
                                err);
    }
    if (path != NULL) {
        problem = read_secret_file(path, &from_file);
        text = a0__buf_cstr(&from_file);
    }
    if (problem == NULL) {
        problem = a0__key_fault(a0__text_of(text));
    }
    if (problem != NULL) {
        return a0_config_refuse(config, path != NULL ? "secret_file" : "secret",
                                problem, err);
    }
    A0_TRY(use_as_encryption_key(config, a0__text_of(text), err));
    return a0__secret_set_text(&s->secret, a0__text_of(text), err);
}

static a0_status
read_prefix(a0_config *config, gateway_settings *s, a0_error **err)
{
    A0_AUTO(a0__buf) canonical = A0__BUF_INIT(A0__PATH_MAX);
    a0__text prefix = a0__text_of(a0_config_own(config, "prefix"));

    if (prefix.len < 2 || a0__text_ends_with(prefix, A0__LIT("/")) ||
        a0__text_contains_byte(prefix, '{') || a0__text_contains_byte(prefix, '%') ||
        !a0__path_canonical(prefix, &canonical) ||
        !a0__text_equal(a0__buf_view(&canonical), prefix)) {
        A0_TRY(a0_config_refuse(config, "prefix",
                                "write a path without a slash at its end, for example "
                                "/auth",
                                err));
    }
    return copy_text(prefix.ptr, &s->prefix, err);
}

static a0_status
read_targets(a0_config *config, gateway_settings *s, a0_error **err)
{
    const char *target = a0_config_own(config, "default_return_to");

    A0_TRY(read_origins(config, "return_to_allowed", &s->return_to_allowed, err));
    if (!gateway_redirect_is_allowed(a0__text_of(target), &s->return_to_allowed)) {
        A0_TRY(a0_config_refuse(config, "default_return_to",
                                "write a path that begins with one slash, or a URL of "
                                "an origin in return_to_allowed",
                                err));
    }
    A0_TRY(copy_text(target, &s->default_return_to, err));
    A0_TRY(read_texts(config, "logout_return_to", &s->logout_return_to, err));
    for (size_t i = 0; i < s->logout_return_to.len; i++) {
        a0__url url = { 0 };

        if (!a0__url_parse(a0__text_of(s->logout_return_to.items[i]), &url) ||
            url.has_userinfo || url.has_fragment ||
            (!a0__url_scheme_is(&url, "https") &&
             !(a0__url_scheme_is(&url, "http") && a0__host_is_loopback(url.host)))) {
            A0_TRY(a0_config_refuse(config, "logout_return_to",
                                    "an entry is no address; write a URL as it is "
                                    "registered at Auth0, https://app.example.com/",
                                    err));
        }
    }
    return A0_OK;
}

static a0_status
read_log_level(a0_config *config, gateway_settings *s, a0_error **err)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    const char *text = a0_config_own(config, "log_level");

    for (int i = A0_LOG_DEBUG; i <= A0_LOG_ERROR; i++) {
        if (a0__text_is(a0__text_of(text), names[i])) {
            s->log_level = (a0_log_level)i;
            return A0_OK;
        }
    }
    return a0_config_refuse(config, "log_level", "write debug, info, warn or error",
                            err);
}

/* Outside of development a cookie without __Host- is no choice. [SESS-02] */
static a0_status
read_cookies(a0_config *config, gateway_settings *s, a0_error **err)
{
    bool insecure = a0__text_is(
        a0__text_of(a0_config_own(config, "insecure_development_cookies")), "true");

    s->cookies = insecure ? &cookie_style_insecure : &cookie_style_host;
    for (size_t i = 0; insecure && i < s->base_urls.len; i++) {
        if (a0__text_is(s->base_urls.items[i].url.scheme, "https")) {
            return a0_config_refuse(config, "insecure_development_cookies",
                                    "is for http://localhost only; take it out", err);
        }
    }
    return A0_OK;
}

/* ---- identity headers ---- */

static a0_status
add_identity_header(gateway_settings *s, a0__text name, a0__text claim, a0_error **err)
{
    identity_header *items = a0__realloc_array(
        s->identity_headers, s->identity_headers_len + 1, sizeof *items);

    A0_ENSURE(items != NULL, err, no_memory);
    s->identity_headers = items;
    items[s->identity_headers_len] =
        (identity_header){ a0__strndup(name.ptr, name.len),
                           a0__strndup(claim.ptr, claim.len) };
    s->identity_headers_len++;
    A0_ENSURE(items[s->identity_headers_len - 1].name != NULL &&
                  items[s->identity_headers_len - 1].claim != NULL,
              err, no_memory);
    return A0_OK;
}

struct header_reader {
    gateway_settings *settings;
    bool valid;
    a0_status status;
    a0_error **err;
};

static bool
is_header_name(a0__text name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!a0__is_alpha(name.ptr[i]) && !a0__is_digit(name.ptr[i]) &&
            name.ptr[i] != '-') {
            return false;
        }
    }
    return name.len > 2 && name.len < 64 &&
           a0__text_equal_ignoring_case(a0__text_range(name.ptr, 2), A0__LIT("X-"));
}

static bool
is_taken(const gateway_settings *s, a0__text name)
{
    for (size_t i = 0; i < s->identity_headers_len; i++) {
        if (a0__text_equal_ignoring_case(a0__text_of(s->identity_headers[i].name),
                                         name)) {
            return true;
        }
    }
    return a0__text_equal_ignoring_case(name, A0__LIT("X-Auth-Omitted"));
}

static bool
take_header(void *self, a0__text name, const a0__json *value)
{
    struct header_reader *r = self;
    a0__text claim = A0__NO_TEXT;

    if (!is_header_name(name) || !a0__json_text_of(value, &claim) || claim.len == 0 ||
        is_taken(r->settings, name) ||
        r->settings->identity_headers_len == IDENTITY_HEADERS_MAX) {
        r->valid = false;
        return true;
    }
    r->status = add_identity_header(r->settings, name, claim, r->err);
    return r->status == A0_OK;
}

static a0_status
read_identity_headers(a0_config *config, gateway_settings *s, a0_error **err)
{
    static const char *const built_in[][2] = {
        { "X-Auth-User-Id", "sub" },
        { "X-Auth-Email", "email" },
        { "X-Auth-Email-Verified", "email_verified" },
        { "X-Auth-Name", "name" },
    };
    A0_AUTO(a0__json_doc) document = NULL;
    struct header_reader reader = { .settings = s, .valid = true, .err = err };
    const char *json = a0_config_own(config, "identity_headers");

    for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
        A0_TRY(add_identity_header(s, a0__text_of(built_in[i][0]),
                                   a0__text_of(built_in[i][1]), err));
    }
    A0_TRY(a0__json_parse(a0__text_of(json), &document, err));
    if (a0__json_is_object(document)) {
        a0__json_each(document, take_header, &reader);
        A0_TRY(reader.status);
    }
    if (!reader.valid) {
        return a0_config_refuse(config, "identity_headers",
                                "an entry is not acceptable; write new header names "
                                "that begin with X-, each with the name of a claim, 12 "
                                "at most",
                                err);
    }
    return A0_OK;
}

/* ---- all of them ---- */

/* As the library writes it: a bare host means https, and letters are small. */
static a0_status
read_tenant_url(a0_config *config, gateway_settings *s, a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(TEXT_MAX);
    a0__text domain = a0__text_of(a0_config_get(config, "auth0_domain"));
    a0__url parsed = { 0 };

    a0__buf_string(&url, a0__url_parse(domain, &parsed) ? "" : "https://");
    for (size_t i = 0; i < domain.len; i++) {
        a0__buf_byte(&url, a0__to_lower(domain.ptr[i]));
    }
    return copy_text(a0__buf_cstr(&url), &s->tenant_url, err);
}

a0_status
gateway_settings_read(a0_config *config, gateway_settings *out, a0_error **err)
{
    A0_TRY(read_listen(config, out, err));
    A0_TRY(read_base_urls(config, out, err));
    A0_TRY(read_secret(config, out, err));
    A0_TRY(copy_text(a0_config_own(config, "database"), &out->database, err));
    A0_TRY(read_prefix(config, out, err));
    A0_TRY(read_targets(config, out, err));
    A0_TRY(read_connections(config, &out->allowed_connections, err));
    A0_TRY(read_networks(config, &out->trusted_proxies, err));
    A0_TRY(read_identity_headers(config, out, err));
    A0_TRY(read_cookies(config, out, err));
    A0_TRY(read_log_level(config, out, err));
    A0_TRY(read_number(config, "workers", 256, &out->workers, err));
    A0_TRY(read_number(config, "event_loops", 256, &out->event_loops, err));
    A0_TRY(read_number(config, "login_rate", 60000, &out->login_rate, err));
    A0_TRY(read_number(config, "login_rate_all", 100000, &out->login_rate_all, err));
    out->transaction_lifetime_s = number_of(config, "transaction_lifetime", 3600);
    return read_tenant_url(config, out, err);
}

static void
texts_clear(gateway_texts *texts)
{
    for (size_t i = 0; i < texts->len; i++) {
        a0__free(texts->items[i]);
    }
    a0__free(texts->items);
}

void
gateway_settings_clear(gateway_settings *settings)
{
    for (size_t i = 0; i < settings->identity_headers_len; i++) {
        a0__free(settings->identity_headers[i].name);
        a0__free(settings->identity_headers[i].claim);
    }
    a0__free(settings->identity_headers);
    a0__free(settings->trusted_proxies.items);
    texts_clear(&settings->listen);
    texts_clear(&settings->logout_return_to);
    texts_clear(&settings->allowed_connections);
    gateway_origins_clear(&settings->base_urls);
    gateway_origins_clear(&settings->return_to_allowed);
    a0__free(settings->health_listen);
    a0__free(settings->database);
    a0__free(settings->prefix);
    a0__free(settings->default_return_to);
    a0__free(settings->tenant_url);
    a0__secret_clear(&settings->secret);
    *settings = (gateway_settings){ 0 };
}

a0_status
gateway_config_check(a0_config *config, a0_error **err)
{
    gateway_settings settings = { 0 };
    a0_status status = gateway_settings_read(config, &settings, err);

    gateway_settings_clear(&settings);
    return status != A0_OK ? status : a0_config_check(config, err);
}
