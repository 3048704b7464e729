/* SPDX-License-Identifier: MIT */
/* From the canonical text of a setting to its place in the settings. */
#include "config/internal.h"

#include "base/url.h"

static a0_status
copy_text(a0__text text, char **out, a0_error **err)
{
    char *copy = a0__strndup(text.ptr, text.len);

    A0_ENSURE(copy != NULL, err, no_memory);
    a0__free(*out);
    *out = copy;
    return A0_OK;
}

/* A choice that is not one of the row's is a fault, and *out_place stays as it is. */
static a0_status
read_choice(a0__build *b, const a0__row *row, a0__text value, unsigned *out_place,
            bool *out_found)
{
    *out_found = a0__choice_find(row->choices, value, out_place);
    return *out_found ? A0_OK : a0__blame(b, row->shown.name, "is none of the choices");
}

a0_status
a0__set_text(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    unsigned place = 0;
    bool found = true;

    if (row->choices != NULL) {
        A0_TRY(read_choice(b, row, value, &place, &found));
    }
    return copy_text(value, field, b->err);
}

/* Goes into requests: no spaces, no control characters. */
a0_status
a0__set_visible(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    if (!a0__text_is_visible_ascii(value)) {
        return a0__blame(b, row->shown.name, "has characters that can not stand in it");
    }
    return copy_text(value, field, b->err);
}

a0_status
a0__set_choice(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    bool found = false;

    return read_choice(b, row, value, field, &found);
}

a0_status
a0__set_second_choice(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    unsigned place = 0;
    bool found = false;

    A0_TRY(read_choice(b, row, value, &place, &found));
    *(bool *)field = place == 1;
    return A0_OK;
}

a0_status
a0__set_flag(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    (void)b;
    (void)row;
    *(bool *)field = a0__text_is(value, "true");
    return A0_OK;
}

/* Readers let only numbers within the row's range through. */
a0_status
a0__set_number(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    uint64_t number = 0;

    (void)b;
    (void)a0__parse_u64(value, (uint64_t)row->high, &number);
    *(int64_t *)field = (int64_t)number;
    return A0_OK;
}

a0_status
a0__set_seconds(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    return a0__set_number(b, row, value, field);
}

a0_status
a0__set_milliseconds(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    int64_t seconds = 0;

    A0_TRY(a0__set_number(b, row, value, &seconds));
    *(int64_t *)field = seconds * 1000;
    return A0_OK;
}

a0_status
a0__set_domain(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    A0_AUTO(a0__domain) domain = { NULL, NULL };
    char **authority = field;

    A0_TRY(a0__domain_read(value, &domain, b->err));
    if (domain.authority == NULL) {
        return a0__blame(b, row->shown.name, "is not an acceptable domain");
    }
    *authority = a0__steal(&domain.authority);
    b->settings->base_url = a0__steal(&domain.base_url);
    return A0_OK;
}

a0_status
a0__set_management_domain(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    A0_AUTO(a0__domain) domain = { NULL, NULL };
    char **authority = field;

    A0_TRY(a0__domain_read(value, &domain, b->err));
    if (domain.authority == NULL) {
        return a0__blame(b, row->shown.name, "is not an acceptable domain");
    }
    *authority = a0__steal(&domain.authority);
    b->settings->management_base_url = a0__steal(&domain.base_url);
    return A0_OK;
}

a0_status
a0__set_secret(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    if (!a0__text_is_visible_ascii(value)) {
        return a0__blame(
            b, row->shown.name,
            "has white space or other characters that can not stand in it");
    }
    return a0__secret_set_text(field, value, b->err);
}

static bool
contains(a0__text text, a0__text part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (a0__text_starts_with(a0__text_from(text, i), part)) {
            return true;
        }
    }
    return false;
}

/* Whether it is a key at all is seen here; whether it fits its algorithm when a client
 * is made. */
a0_status
a0__set_pem(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    if (!contains(value, A0__LIT("-----BEGIN ")) ||
        !contains(value, A0__LIT("PRIVATE KEY-----"))) {
        return a0__blame(b, row->shown.name, "is no private key in PEM form");
    }
    return a0__secret_set_text(field, value, b->err);
}

a0_status
a0__set_strings(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    A0_AUTO(a0__json_doc) list = NULL;
    unsigned place = 0;
    bool found = true;

    A0_TRY(a0__json_parse(value, &list, b->err));
    for (size_t i = 0; i < a0__json_len(list); i++) {
        a0__text item = A0__NO_TEXT;

        (void)a0__json_text_of(a0__json_at(list, i), &item);
        if (row->choices != NULL) {
            A0_TRY(read_choice(b, row, item, &place, &found));
        }
        A0_TRY(a0__strings_add(field, item, b->err));
    }
    return A0_OK;
}

a0_status
a0__set_algorithms(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    const a0__strings *algorithms = field;

    A0_TRY(a0__set_strings(b, row, value, field));
    return algorithms->len > 0 ? A0_OK : a0__blame(b, row->shown.name, "is empty");
}

/* VAULT-03: the names that Auth0 allows, and nothing that could steer a path. */
static bool
is_connection_name(a0__text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '-' && c != '_') {
            return false;
        }
    }
    return name.len >= 1 && name.len <= 128;
}

a0_status
a0__set_connections(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    const a0__strings *names = field;

    A0_TRY(a0__set_strings(b, row, value, field));
    for (size_t i = 0; i < names->len; i++) {
        if (!is_connection_name(a0__text_of(names->items[i]))) {
            return a0__blame(b, row->shown.name,
                             "has a name that no connection can have");
        }
    }
    return A0_OK;
}

a0_status
a0__set_merge(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    if (a0__text_starts_with(value, A0__LIT("["))) {
        a0__row keys = *row;

        keys.choices = NULL;
        b->settings->app_metadata_merge = A0__MERGE_KEYS;
        return a0__set_strings(b, &keys, value, &b->settings->app_metadata_keys);
    }
    return a0__set_choice(b, row, value, field);
}
