/* SPDX-License-Identifier: MIT */
#include "link/profile.h"

#include <string.h>

static bool
read_text(const a0__json *object, const char *name, a0__text *out)
{
    return a0__json_text(object, name, out) == A0__FOUND && out->len > 0 &&
           a0__text_has_no_controls(*out);
}

/* Ids may be numbers, of more digits than a double holds. */
static bool
read_identity_id(const a0__json *object, char number[24], a0__text *out)
{
    A0_AUTO(a0__buf) digits = A0__BUF_INIT(23);
    int64_t value = 0;

    if (a0__json_i64(object, "user_id", &value) != A0__FOUND) {
        return read_text(object, "user_id", out);
    }
    a0__buf_i64(&digits, value);
    if (!a0__buf_ok(&digits)) {
        return false;
    }
    memcpy(number, a0__buf_cstr(&digits), digits.len + 1);
    *out = a0__text_range(number, digits.len);
    return true;
}

/* An address with a control character is kept: no comparison will find it eligible. */
static void
read_address(const a0__json *object, a0__link_identity *out)
{
    bool verified = false;

    (void)a0__json_text(object, "email", &out->email);
    out->email_verified =
        a0__json_bool(object, "email_verified", &verified) == A0__FOUND && verified;
}

static bool
read_identity(const a0__json *object, char number[24], a0__link_identity *out)
{
    const a0__json *own = NULL;

    if (!read_text(object, "provider", &out->provider) ||
        !read_text(object, "connection", &out->connection) ||
        !read_identity_id(object, number, &out->user_id)) {
        return false;
    }
    if (a0__json_object(object, "profileData", &own) == A0__FOUND) {
        read_address(own, out);
    }
    return true;
}

bool
a0__link_identity_is_named(const a0__link_identity *identity, a0__text user_id)
{
    a0__text rest = user_id;
    a0__text provider = A0__NO_TEXT;

    return a0__text_next(&rest, '|', &provider) &&
           a0__text_equal(provider, identity->provider) &&
           a0__text_equal(rest, identity->user_id);
}

/* The address and the flag of the root are those of the identity that the user's id
 * names, wherever it stands in the list [LINK-04]. */
static void
read_root(const a0__json *document, a0__link_profile *profile)
{
    for (size_t i = 0; i < profile->identities_len; i++) {
        a0__link_identity *own = &profile->identities[i];

        if (a0__link_identity_is_named(own, profile->user_id)) {
            own->email = A0__NO_TEXT;
            read_address(document, own);
        }
    }
}

static bool
is_blocked(const a0__json *document)
{
    const a0__json *node = a0__json_member(document, "blocked");
    bool blocked = true;

    if (node == NULL || a0__json_type_of(node) == A0__JSON_NULL) {
        return false;
    }
    return !a0__json_bool_of(node, &blocked) || blocked;
}

bool
a0__link_profile_read(const a0__json *document, a0__link_profile *out)
{
    const a0__json *identities = NULL;
    size_t len = 0;

    memset(out, 0, sizeof *out);
    if (!a0__json_is_object(document) ||
        !read_text(document, "user_id", &out->user_id) ||
        a0__json_array(document, "identities", &identities) != A0__FOUND) {
        return false;
    }
    len = a0__json_len(identities);
    if (len == 0 || len > A0__LINK_IDENTITIES_MAX) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!read_identity(a0__json_at(identities, i), out->numbers[i],
                           &out->identities[i])) {
            return false;
        }
    }
    out->identities_len = len;
    read_root(document, out);
    out->blocked = is_blocked(document);
    (void)read_text(document, "created_at", &out->created_at);
    return true;
}

const a0__link_identity *
a0__link_profile_named(const a0__link_profile *profile, a0__text user_id)
{
    for (size_t i = 0; i < profile->identities_len; i++) {
        if (a0__link_identity_is_named(&profile->identities[i], user_id)) {
            return &profile->identities[i];
        }
    }
    return NULL;
}

a0__text
a0__link_identity_subject(const a0__link_identity *identity)
{
    a0__text rest = identity->user_id;
    a0__text first = A0__NO_TEXT;

    if (a0__text_next(&rest, '|', &first) && rest.len > 0 &&
        a0__text_equal(first, identity->connection)) {
        return rest;
    }
    return identity->user_id;
}

bool
a0__link_identity_has_password(const a0__link_identity *identity)
{
    return a0__text_is(identity->provider, "auth0");
}
