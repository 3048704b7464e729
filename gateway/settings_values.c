/* SPDX-License-Identifier: MIT */
/* Settings by the kind of their value: texts, origins, numbers, networks, headers. */
#include "settings_read.h"

#include "base/mem.h"
#include "json/json.h"

enum {
    IDENTITY_HEADERS_MAX = 16
};

a0_status
settings_copy_text(const char *text, char **out, a0_error **err)
{
    a0__free(*out);
    *out = text != NULL ? a0__strdup(text) : NULL;
    A0_ENSURE(text == NULL || *out != NULL, err, no_memory);
    return A0_OK;
}

a0_status
settings_read_texts(a0_config *config, const char *name, gateway_texts *out,
                    a0_error **err)
{
    const char *item = NULL;

    for (size_t i = 0; (item = a0_config_own_item(config, name, i)) != NULL; i++) {
        char **items = a0__realloc_array(out->items, i + 1, sizeof *items);

        A0_ENSURE(items != NULL, err, no_memory);
        out->items = items;
        out->items[i] = NULL;
        out->len = i + 1;
        A0_TRY(settings_copy_text(item, &out->items[i], err));
    }
    return A0_OK;
}

a0_status
settings_read_origins(a0_config *config, const char *name, gateway_origins *out,
                      a0_error **err)
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

uint32_t
settings_number_of(const a0_config *config, const char *name, uint32_t max)
{
    uint64_t value = 0;

    (void)a0__parse_u64(a0__text_of(a0_config_get(config, name)), max, &value);
    return (uint32_t)value;
}

a0_status
settings_read_number(a0_config *config, const char *name, uint32_t max, uint32_t *out,
                     a0_error **err)
{
    A0_AUTO(a0__buf) problem = A0__BUF_INIT(SETTING_TEXT_MAX);
    uint64_t value = 0;
    const char *text = a0_config_own(config, name);

    if (text != NULL && !a0__parse_u64(a0__text_of(text), max, &value)) {
        a0__buf_format(&problem, "write a number from 0 to %u", (unsigned)max);
        return a0_config_refuse(config, name, a0__buf_cstr(&problem), err);
    }
    *out = (uint32_t)value;
    return A0_OK;
}

a0_status
settings_read_networks(a0_config *config, gateway_networks *out, a0_error **err)
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

a0_status
settings_read_identity_headers(a0_config *config, gateway_settings *s, a0_error **err)
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
