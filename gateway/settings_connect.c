/* SPDX-License-Identifier: MIT */
/* Which accounts may be connected, with which scopes, and what the dashboard tries. */
#include "settings_read.h"

#include "base/mem.h"
#include "base/url.h"
#include "json/json.h"

enum {
    CONNECTION_MAX = 128,
    SCOPE_MAX = 255,
    SCOPES_MAX = 100
};

struct connect_reader {
    gateway_settings *settings;
    const char *fault; /* the first, NULL: none */
    a0_status status;
    a0_error **err;
};

static bool
is_connection(a0__text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '_' && c != '-') {
            return false;
        }
    }
    return name.len > 0 && name.len <= CONNECTION_MAX;
}

/* RFC 6749 §3.3: one scope-token. */
static bool
is_scope(a0__text scope)
{
    for (size_t i = 0; i < scope.len; i++) {
        char c = scope.ptr[i];

        if (c <= 0x20 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return scope.len > 0 && scope.len <= SCOPE_MAX;
}

static a0_status
copy(a0__text text, char **out, a0_error **err)
{
    *out = a0__strndup(text.ptr, text.len);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

/* ---- connect_allowed ---- */

static a0_status
add_scopes(connectable *entry, const a0__json *scopes, bool *out_valid, a0_error **err)
{
    size_t len = a0__json_len(scopes);

    *out_valid = a0__json_is_array(scopes) && len <= SCOPES_MAX;
    if (!*out_valid || len == 0) {
        return A0_OK;
    }
    entry->scopes.items = a0__calloc(len, sizeof *entry->scopes.items);
    A0_ENSURE(entry->scopes.items != NULL, err, no_memory);
    for (size_t i = 0; i < len; i++) {
        a0__text scope = A0__NO_TEXT;

        if (!a0__json_text_of(a0__json_at(scopes, i), &scope) || !is_scope(scope)) {
            *out_valid = false;
            return A0_OK;
        }
        A0_TRY(copy(scope, &entry->scopes.items[i], err));
        entry->scopes.len++;
    }
    return A0_OK;
}

static a0_status
add_connectable(gateway_settings *s, a0__text name, const a0__json *scopes,
                bool *out_valid, a0_error **err)
{
    connectable *items =
        a0__realloc_array(s->connectables, s->connectables_len + 1, sizeof *items);
    connectable *entry = NULL;

    A0_ENSURE(items != NULL, err, no_memory);
    s->connectables = items;
    entry = &items[s->connectables_len];
    *entry = (connectable){ .connection = NULL };
    s->connectables_len++;
    A0_TRY(copy(name, &entry->connection, err));
    return add_scopes(entry, scopes, out_valid, err);
}

static bool
take_connectable(void *self, a0__text name, const a0__json *scopes)
{
    struct connect_reader *r = self;
    bool valid = is_connection(name);

    if (valid) {
        r->status = add_connectable(r->settings, name, scopes, &valid, r->err);
    }
    if (!valid) {
        r->fault = "an entry is not acceptable; write names of connections, each with "
                   "a list of scopes, which may be empty";
    }
    return r->status == A0_OK && valid;
}

/* ---- vault_try_out ---- */

static connectable *
find(gateway_settings *s, a0__text name)
{
    for (size_t i = 0; i < s->connectables_len; i++) {
        if (a0__text_is(name, s->connectables[i].connection)) {
            return &s->connectables[i];
        }
    }
    return NULL;
}

/* A token goes there: https, or this machine. */
static bool
is_api(a0__text text)
{
    a0__url url = { 0 };

    return a0__url_parse(text, &url) && !url.has_userinfo && !url.has_fragment &&
           (a0__url_scheme_is(&url, "https") ||
            (a0__url_scheme_is(&url, "http") && a0__host_is_loopback(url.host)));
}

static bool
take_try_out(void *self, a0__text name, const a0__json *value)
{
    struct connect_reader *r = self;
    connectable *entry = find(r->settings, name);
    a0__text url = A0__NO_TEXT;
    a0__text scope = A0__NO_TEXT;

    if (entry == NULL || a0__json_text(value, "url", &url) != A0__FOUND ||
        !is_api(url) ||
        (a0__json_text(value, "scope", &scope) != A0__ABSENT && !is_scope(scope))) {
        r->fault = "an entry is not acceptable; write connections of connect_allowed, "
                   "each with a url (https) and, if need be, a scope";
        return false;
    }
    r->status = copy(url, &entry->try_out_url, r->err);
    if (r->status == A0_OK && scope.len > 0) {
        r->status = copy(scope, &entry->try_out_scope, r->err);
    }
    return r->status == A0_OK;
}

static a0_status
read_object(a0_config *config, const char *name, gateway_settings *s,
            bool (*take)(void *self, a0__text name, const a0__json *value),
            a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    struct connect_reader reader = { .settings = s, .err = err };

    A0_TRY(a0__json_parse(a0__text_of(a0_config_own(config, name)), &document, err));
    if (a0__json_is_object(document)) {
        a0__json_each(document, take, &reader);
        A0_TRY(reader.status);
    }
    return reader.fault != NULL ? a0_config_refuse(config, name, reader.fault, err)
                                : A0_OK;
}

a0_status
settings_read_connectables(a0_config *config, gateway_settings *s, a0_error **err)
{
    A0_TRY(read_object(config, "connect_allowed", s, take_connectable, err));
    return read_object(config, "vault_try_out", s, take_try_out, err);
}
