/* SPDX-License-Identifier: MIT */
/* Users (contract §1): look-up with a cache, change, and what the vault holds. */
#include <a0/user.h>

#include <string.h>

#include "auth0/users.h"
#include "base/mem.h"
#include "base/pack.h"
#include "flows/cursors.h"
#include "flows/management.h"
#include "flows/sealed_cache.h"
#include "flows/user.h"

enum {
    EMAIL_MAX = 320, /* RFC 5321 §4.5.3.1: 64, @ and 255 */
    VALUE_MAX = A0__PROFILE_MAX + 64,
    CLOCK_SKEW_S = 60,
    /* Longer than a profile that was asked for before it changed can be on its way. */
    FORGOTTEN_S = 2 * A0__HTTP_MANAGEMENT_TIMEOUT_MS / 1000
};

static const char KIND[] = "user";

static a0_status
check_user_id(const char *user_id, a0_error **err)
{
    if (!a0__user_id_is_valid(a0__text_of(user_id))) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    return A0_OK;
}

static a0_status
read_response(a0_client *client, const a0__management_call *call, a0__json **out,
              a0_error **err)
{
    return a0__management_response(call->response, a0__client_wall_ms(client), out,
                                   err);
}

/* ---- one user ---- */

static bool
read_cached(a0_client *client, const char *key, a0__text user_id, a0_user **out)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    a0__unpack in = { 0 };
    a0__text json = A0__NO_TEXT;
    int64_t now = a0__client_now_s(client);
    int64_t kept_at = 0;

    if (!a0__sealed_cache_get(client, key, A0__NO_TEXT, &value)) {
        return false;
    }
    in = a0__unpack_of(a0__buf_view(&value));
    kept_at = a0__unpack_i64(&in);
    json = a0__unpack_text(&in);
    /* The cache may be slow to forget, and clocks differ between processes. */
    return a0__unpack_done(&in) && kept_at <= now + CLOCK_SKEW_S &&
           now < a0__add_saturating(kept_at, client->settings->user_cache_ttl_s) &&
           a0__user_parse(json, user_id, out, NULL) == A0_OK;
}

static void
write_cached(a0_client *client, const char *key, const char *json, int64_t ttl_s)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);

    a0__pack_i64(&value, a0__client_now_s(client));
    a0__pack_string(&value, json);
    if (a0__buf_ok(&value)) {
        a0__sealed_cache_set(client, key, A0__NO_TEXT, a0__buf_view(&value), ttl_s);
    }
}

/* Whether what stands there is that nothing may. */
static bool
was_forgotten(a0_client *client, const char *key)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    a0__unpack in = { 0 };

    if (!a0__sealed_cache_get(client, key, A0__NO_TEXT, &value)) {
        return false;
    }
    in = a0__unpack_of(a0__buf_view(&value));
    return a0__add_saturating(a0__unpack_i64(&in), FORGOTTEN_S) >
               a0__client_now_s(client) &&
           a0__unpack_text(&in).len == 0 && a0__unpack_done(&in);
}

static void
keep(a0_client *client, const char *key, const a0_user *user)
{
    if (!was_forgotten(client, key)) {
        write_cached(client, key, a0_user_json(user),
                     client->settings->user_cache_ttl_s);
    }
}

/* For a while nothing takes its place: whoever asked before the change would keep what
 * was true then. */
void
a0__user_cache_forget(a0_client *client, a0__text user_id)
{
    char key[A0__CACHE_KEY_MAX];

    if (a0__management_cache_key(client, KIND, user_id, key, NULL) == A0_OK) {
        a0__sealed_cache_remove(client, key);
        write_cached(client, key, "", FORGOTTEN_S);
    }
}

static a0_status
fetch(a0_client *client, a0__text user_id, a0_user **out, a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__json_doc) document = NULL;

    a0__user_url(client->settings, user_id, "", &call.url);
    A0_TRY(a0__management_send(client, &call, 1, err));
    A0_TRY(read_response(client, &call, &document, err));
    return a0__user_read(document, user_id, out, err);
}

static bool
wants_afresh(const a0_user_get_options *options)
{
    a0_user_get_options given = A0_USER_GET_OPTIONS_INIT;

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    return given.afresh;
}

a0_status
a0_user_get(a0_client *client, const char *user_id, const a0_user_get_options *options,
            a0_user **out_user, a0_error **err)
{
    a0__text id = a0__text_of(user_id);
    char key[A0__CACHE_KEY_MAX];

    A0_TRY(check_user_id(user_id, err));
    A0_TRY(a0__management_cache_key(client, KIND, id, key, err));
    if (!wants_afresh(options) && read_cached(client, key, id, out_user)) {
        return A0_OK;
    }
    A0_TRY(fetch(client, id, out_user, err));
    keep(client, key, *out_user);
    return A0_OK;
}

/* ---- by address ---- */

/* As given, and in lower case. */
typedef struct spellings {
    a0__management_call calls[2];
} spellings;

static void
spellings_auto(spellings *s)
{
    a0__management_call_auto(&s->calls[0]);
    a0__management_call_auto(&s->calls[1]);
}

static void
add_lower_case(a0__text text, a0__buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        a0__buf_byte(out, a0__to_lower(text.ptr[i]));
    }
}

/* With an id that no ID token may have nobody signs in. A sign-in does not count such a
 * profile either: whoever can make one up must not hide the others of an address. */
static bool
is_nobody(const a0__json *profile)
{
    a0__text user_id = A0__NO_TEXT;

    return a0__json_text(profile, "user_id", &user_id) == A0__FOUND &&
           user_id.len > 0 && !a0__user_id_is_valid(user_id);
}

/* Auth0 compares byte by byte: what it gives must have that very address, in any case
 * of its letters. */
static a0_status
add_found(const a0__json *found, a0__text email, a0_users *users, a0_error **err)
{
    A0_ENSURE(a0__json_is_array(found), err, mgmt_response_invalid);
    for (size_t i = 0; i < a0__json_len(found); i++) {
        A0_AUTO(a0__user_ptr) user = NULL;

        if (is_nobody(a0__json_at(found, i))) {
            continue;
        }
        A0_TRY(a0__user_read(a0__json_at(found, i), A0__NO_TEXT, &user, err));
        A0_ENSURE(a0__text_equal_ignoring_case(a0__text_of(a0_user_email(user)), email),
                  err, mgmt_response_invalid);
        A0_TRY(a0__users_add(users, &user, err));
    }
    return A0_OK;
}

static a0_status
find_by_email(a0_client *client, a0__text email, a0__management_call calls[2],
              a0_users *users, a0_error **err)
{
    A0_AUTO(a0__buf) lower = A0__BUF_INIT(EMAIL_MAX);
    size_t len = 1;

    add_lower_case(email, &lower);
    A0_TRY(a0__buf_check(&lower, err));
    a0__users_by_email_url(client->settings, email, &calls[0].url);
    if (!a0__text_equal(a0__buf_view(&lower), email)) {
        a0__users_by_email_url(client->settings, a0__buf_view(&lower), &calls[1].url);
        len = 2;
    }
    A0_TRY(a0__management_send(client, calls, len, err));
    for (size_t i = 0; i < len; i++) {
        A0_AUTO(a0__json_doc) found = NULL;

        A0_TRY(read_response(client, &calls[i], &found, err));
        A0_TRY(add_found(found, email, users, err));
    }
    return A0_OK;
}

a0_status
a0_user_by_email(a0_client *client, const char *email, a0_users **out_users,
                 a0_error **err)
{
    A0_AUTO(a0__users_ptr) users = NULL;
    A0_AUTO(spellings)
    asked = { { A0__MANAGEMENT_CALL_INIT, A0__MANAGEMENT_CALL_INIT } };
    a0__text text = a0__text_of(email);

    if (text.len == 0 || text.len > EMAIL_MAX || !a0__text_has_no_controls(text) ||
        !a0__text_is_utf8(text)) {
        return a0__fail_about(err, A0_E_param_invalid, "email");
    }
    A0_TRY(a0__users_new(&users, err));
    A0_TRY(find_by_email(client, text, asked.calls, users, err));
    *out_users = a0__steal(&users);
    return A0_OK;
}

/* ---- changing ---- */

static a0_status
check_attributes(const char *attributes, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    A0_TRY(a0__json_parse_deep(a0__text_of(attributes), &document, err));
    if (!a0__json_is_object(document)) {
        return a0__fail_about(err, A0_E_param_invalid, "attributes");
    }
    return A0_OK;
}

static a0_status
change(a0_client *client, a0__text user_id, const char *attributes, a0_user **out,
       a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__json_doc) document = NULL;

    a0__user_url(client->settings, user_id, "", &call.url);
    call.method = "PATCH";
    call.json = a0__text_of(attributes);
    A0_TRY(a0__management_send(client, &call, 1, err));
    A0_TRY(read_response(client, &call, &document, err));
    return a0__user_read(document, user_id, out, err);
}

a0_status
a0_user_update(a0_client *client, const char *user_id, const char *attributes,
               a0_user **out_user, a0_error **err)
{
    a0_status status = A0_OK;

    A0_TRY(check_user_id(user_id, err));
    A0_TRY(check_attributes(attributes, err));
    status = change(client, a0__text_of(user_id), attributes, out_user, err);
    /* Also after a failure: the change may have been made [MGMT-02]. */
    a0__user_cache_forget(client, a0__text_of(user_id));
    return status;
}

/* ---- token sets (wire §20.5) ---- */

static a0_status
read_page(const a0__json *page, a0__cursors *cursors, a0_tokensets *tokensets,
          a0_error **err)
{
    a0__text next = A0__NO_TEXT;

    A0_ENSURE(a0__json_is_object(page), err, mgmt_response_invalid);
    A0_TRY(
        a0__tokensets_add(tokensets, a0__json_member(page, "connected_accounts"), err));
    (void)a0__json_text(page, "next", &next);
    A0_ENSURE(a0__cursors_go_on(cursors, next), err, mgmt_response_invalid);
    return a0__buf_check(&cursors->next, err);
}

static a0_status
add_connected_accounts(a0_client *client, a0__text user_id, a0_tokensets *tokensets,
                       a0_error **err)
{
    A0_AUTO(a0__cursors) cursors = A0__CURSORS_INIT;

    do {
        A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
        A0_AUTO(a0__json_doc) page = NULL;

        a0__user_url(client->settings, user_id, "/connected-accounts?take=20",
                     &call.url);
        if (cursors.next.len > 0) {
            a0__buf_string(&call.url, "&from=");
            a0__percent_encode(a0__buf_view(&cursors.next), &call.url);
        }
        A0_TRY(a0__management_send(client, &call, 1, err));
        A0_TRY(read_response(client, &call, &page, err));
        A0_TRY(read_page(page, &cursors, tokensets, err));
    } while (cursors.next.len > 0);
    return A0_OK;
}

static a0_status
add_tokensets(a0_client *client, a0__text user_id, a0_tokensets *tokensets,
              a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__json_doc) items = NULL;

    a0__user_url(client->settings, user_id, "/federated-connections-tokensets",
                 &call.url);
    A0_TRY(a0__management_send(client, &call, 1, err));
    if (a0__tokensets_are_gone(call.response)) {
        return add_connected_accounts(client, user_id, tokensets, err);
    }
    A0_TRY(read_response(client, &call, &items, err));
    return a0__tokensets_add(tokensets, items, err);
}

a0_status
a0_user_tokensets(a0_client *client, const char *user_id, a0_tokensets **out_tokensets,
                  a0_error **err)
{
    A0_AUTO(a0__tokensets_ptr) tokensets = NULL;

    A0_TRY(check_user_id(user_id, err));
    A0_TRY(a0__tokensets_new(&tokensets, err));
    A0_TRY(add_tokensets(client, a0__text_of(user_id), tokensets, err));
    A0_TRY(a0__tokensets_end(tokensets, err));
    *out_tokensets = a0__steal(&tokensets);
    return A0_OK;
}
