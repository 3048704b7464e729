/* SPDX-License-Identifier: MIT */
#include "auth0/users.h"

#include "base/url.h"

enum {
    FIRST_WAIT_MS = 250,
    TOKENSETS_MAX = 4 * 1024 * 1024
};

/* ---- addresses ---- */

void
a0__user_url(const a0__settings *settings, a0__text user_id, const char *rest,
             a0__buf *out)
{
    a0__buf_string(out, settings->management_base_url);
    a0__buf_string(out, "/api/v2/users/");
    a0__percent_encode(user_id, out);
    a0__buf_string(out, rest);
}

void
a0__users_by_email_url(const a0__settings *settings, a0__text email, a0__buf *out)
{
    a0__buf_string(out, settings->management_base_url);
    a0__buf_string(out, "/api/v2/users-by-email?email=");
    a0__percent_encode(email, out);
}

/* ---- failures ---- */

bool
a0__management_is_temporary(int status)
{
    return status == 429 || status >= 500;
}

static a0__error_id
meaning_of(int status)
{
    switch (status) {
    case 401:
        return A0_E_mgmt_auth_failed;
    case 403:
        return A0_E_mgmt_scope_missing;
    case 404:
        return A0_E_mgmt_user_not_found;
    case 429:
        return A0_E_mgmt_rate_limited;
    default:
        return status >= 500 ? A0_E_mgmt_unavailable : A0_E_mgmt_refused;
    }
}

/* Wire §1.4, family 3; `errorCode` refines what the status says and may be absent. */
static a0_status
fail_refused(const a0_http_response *response, int64_t wall_ms, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0__text code = A0__NO_TEXT;
    a0__text message = A0__NO_TEXT;
    int peer_status = a0_http_response_status(response);
    a0_status status = A0_OK;

    A0_TRY(a0__json_parse(a0__http_body(response), &document, err));
    if (a0__json_is_object(document)) {
        (void)a0__json_text(document, "errorCode", &code);
        (void)a0__json_text(document, "message", &message);
    }
    status = a0__fail(err, meaning_of(peer_status));
    if (err != NULL) {
        a0__error_set_peer(*err, peer_status, code, message);
        a0__error_set_retry_after(*err, a0__http_retry_after_s(response, wall_ms));
    }
    return status;
}

a0_status
a0__management_response(const a0_http_response *response, int64_t wall_ms,
                        a0__json **out_document, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    if (!a0__http_is_success(response)) {
        return fail_refused(response, wall_ms, err);
    }
    A0_ENSURE(a0__http_content_type_is(response, A0__LIT("application/json")), err,
              mgmt_response_invalid);
    A0_TRY(a0__json_parse_deep(a0__http_body(response), &document, err));
    A0_ENSURE(document != NULL, err, mgmt_response_invalid);
    *out_document = a0__steal(&document);
    return A0_OK;
}

int64_t
a0__management_wait_ms(int tries, int retry_after_s, unsigned char chance)
{
    int64_t wait_ms = (int64_t)retry_after_s * 1000;

    if (wait_ms == 0) {
        wait_ms = FIRST_WAIT_MS;
        for (int i = 1; i < tries; i++) {
            wait_ms *= 2;
        }
    }
    return wait_ms + wait_ms * chance / (5 * 256);
}

/* ---- token sets (wire §20.5) ---- */

struct a0_tokensets {
    a0__buf json;
    a0__json_writer writer;
    size_t len;
};

/* 403 with a code of its own, or a 404 that does not speak of the user. */
bool
a0__tokensets_are_gone(const a0_http_response *response)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0__text code = A0__NO_TEXT;
    int status = a0_http_response_status(response);

    if (a0__json_parse(a0__http_body(response), &document, NULL) == A0_OK &&
        a0__json_is_object(document)) {
        (void)a0__json_text(document, "errorCode", &code);
    }
    return (status == 403 && a0__text_is(code, "feature_not_enabled")) ||
           (status == 404 && !a0__text_is(code, "inexistent_user"));
}

a0_status
a0__tokensets_new(a0_tokensets **out, a0_error **err)
{
    a0_tokensets *tokensets = a0__calloc(1, sizeof *tokensets);

    A0_ENSURE(tokensets != NULL, err, no_memory);
    tokensets->json = A0__BUF_INIT(TOKENSETS_MAX);
    tokensets->writer = a0__json_writer_on(&tokensets->json);
    a0__json_open(&tokensets->writer, '[');
    *out = tokensets;
    return A0_OK;
}

/* A member under its first or second name, if it is a text; else null. */
static void
put_text(a0__json_writer *w, const char *name, const a0__json *item, const char *first,
         const char *second)
{
    a0__text text = A0__NO_TEXT;

    a0__json_name(w, name);
    if (a0__json_text(item, first, &text) == A0__FOUND ||
        a0__json_text(item, second, &text) == A0__FOUND) {
        a0__json_value_text(w, text);
    } else {
        a0__json_value_null(w);
    }
}

/* A text in a token set, an array in a connected account. */
static a0_status
put_scope(a0__json_writer *w, const a0__json *item, a0_error **err)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(TOKENSETS_MAX);
    const a0__json *scopes = NULL;
    a0__text word = A0__NO_TEXT;

    if (a0__json_array(item, "scopes", &scopes) != A0__FOUND) {
        put_text(w, "scope", item, "scope", "scope");
        return A0_OK;
    }
    for (size_t i = 0; i < a0__json_len(scopes); i++) {
        A0_ENSURE(a0__json_text_of(a0__json_at(scopes, i), &word), err,
                  mgmt_response_invalid);
        a0__buf_string(&scope, i > 0 ? " " : NULL);
        a0__buf_text(&scope, word);
    }
    A0_TRY(a0__buf_check(&scope, err));
    a0__json_put(w, "scope", a0__buf_view(&scope));
    return A0_OK;
}

static a0_status
add_one(a0_tokensets *tokensets, const a0__json *item, a0_error **err)
{
    a0__json_writer *w = &tokensets->writer;
    a0__text id = A0__NO_TEXT;
    a0__text connection = A0__NO_TEXT;

    A0_ENSURE(a0__json_is_object(item) && a0__json_text(item, "id", &id) == A0__FOUND &&
                  a0__json_text(item, "connection", &connection) == A0__FOUND,
              err, mgmt_response_invalid);
    a0__json_open(w, '{');
    a0__json_put(w, "id", id);
    a0__json_put(w, "connection", connection);
    A0_TRY(put_scope(w, item, err));
    put_text(w, "issued_at", item, "issued_at", "created_at");
    put_text(w, "expires_at", item, "expires_at", "expires_at");
    put_text(w, "last_used_at", item, "last_used_at", "last_used_at");
    a0__json_close(w, '}');
    tokensets->len++;
    return A0_OK;
}

a0_status
a0__tokensets_add(a0_tokensets *tokensets, const a0__json *items, a0_error **err)
{
    A0_ENSURE(a0__json_is_array(items), err, mgmt_response_invalid);
    for (size_t i = 0; i < a0__json_len(items); i++) {
        A0_TRY(add_one(tokensets, a0__json_at(items, i), err));
    }
    return a0__buf_check(&tokensets->json, err);
}

a0_status
a0__tokensets_end(a0_tokensets *tokensets, a0_error **err)
{
    a0__json_close(&tokensets->writer, ']');
    return a0__buf_check(&tokensets->json, err);
}

void
a0_tokensets_free(a0_tokensets *tokensets)
{
    if (tokensets != NULL) {
        a0__buf_clear(&tokensets->json);
        a0__free(tokensets);
    }
}

void
a0__tokensets_ptr_auto(a0__tokensets_ptr *tokensets)
{
    a0_tokensets_free(*tokensets);
}

size_t
a0_tokensets_len(const a0_tokensets *tokensets)
{
    return tokensets->len;
}

const char *
a0_tokensets_json(const a0_tokensets *tokensets)
{
    return a0__buf_cstr(&tokensets->json);
}
