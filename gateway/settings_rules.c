/* SPDX-License-Identifier: MIT */
/* Settings that have a rule of their own. */
#include "settings_read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/key.h"
#include "base/mem.h"
#include "server/listen.h"
#include "server/path.h"
#include "json/json.h"

static a0_status
check_listen(a0_config *config, const char *name, const char *address, a0_error **err)
{
    if (a0__listen_is_address(address)) {
        return A0_OK;
    }
    return a0_config_refuse(config, name,
                            "is no address to listen on; write " A0__LISTEN_FORMS, err);
}

a0_status
settings_read_listen(a0_config *config, gateway_settings *s, a0_error **err)
{
    const char *health = a0_config_own(config, "health_listen");

    A0_TRY(settings_read_texts(config, "listen", &s->listen, err));
    if (s->listen.len == 0) {
        return a0_config_refuse(config, "listen",
                                "is empty; write [\"127.0.0.1:8080\"]", err);
    }
    for (size_t i = 0; i < s->listen.len; i++) {
        A0_TRY(check_listen(config, "listen", s->listen.items[i], err));
    }
    if (health != NULL && health[0] != '\0') {
        A0_TRY(check_listen(config, "health_listen", health, err));
        A0_TRY(settings_copy_text(health, &s->health_listen, err));
    }
    return A0_OK;
}

/* A person who confirms a link is sent to a connection of that list. */
a0_status
settings_read_connections(a0_config *config, gateway_texts *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) linking = NULL;
    const char *json = a0_config_get(config, "connections_for_account_linking");

    A0_TRY(settings_read_texts(config, "allowed_connections", out, err));
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

a0_status
settings_read_base_urls(a0_config *config, gateway_settings *s, a0_error **err)
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
    return settings_read_origins(config, "additional_base_urls", &s->base_urls, err);
}

const char *
settings_read_secret_file(const char *path, a0__buf *out)
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

a0_status
settings_read_secret(a0_config *config, gateway_settings *s, a0_error **err)
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
        problem = settings_read_secret_file(path, &from_file);
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

a0_status
settings_read_prefix(a0_config *config, gateway_settings *s, a0_error **err)
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
    return settings_copy_text(prefix.ptr, &s->prefix, err);
}

a0_status
settings_read_targets(a0_config *config, gateway_settings *s, a0_error **err)
{
    const char *target = a0_config_own(config, "default_return_to");

    A0_TRY(
        settings_read_origins(config, "return_to_allowed", &s->return_to_allowed, err));
    if (!gateway_redirect_is_allowed(a0__text_of(target), &s->return_to_allowed)) {
        A0_TRY(a0_config_refuse(config, "default_return_to",
                                "write a path that begins with one slash, or a URL of "
                                "an origin in return_to_allowed",
                                err));
    }
    A0_TRY(settings_copy_text(target, &s->default_return_to, err));
    A0_TRY(settings_read_texts(config, "logout_return_to", &s->logout_return_to, err));
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

a0_status
settings_read_log_level(a0_config *config, gateway_settings *s, a0_error **err)
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
a0_status
settings_read_cookies(a0_config *config, gateway_settings *s, a0_error **err)
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

/* As the library writes it: a bare host means https, and letters are small. */
a0_status
settings_read_tenant_url(a0_config *config, gateway_settings *s, a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(SETTING_TEXT_MAX);
    a0__text domain = a0__text_of(a0_config_get(config, "auth0_domain"));
    a0__url parsed = { 0 };

    a0__buf_string(&url, a0__url_parse(domain, &parsed) ? "" : "https://");
    for (size_t i = 0; i < domain.len; i++) {
        a0__buf_byte(&url, a0__to_lower(domain.ptr[i]));
    }
    return settings_copy_text(a0__buf_cstr(&url), &s->tenant_url, err);
}
