/* SPDX-License-Identifier: MIT */
#include "auth0/provider_identity.h"

#include <string.h>

#include "auth0/users.h"

/*
 * Microsoft's and Slack's ids are others than those which Auth0 gives the people, and
 * Microsoft and Facebook do not say whether an address was checked. Apple tells only at
 * the sign-in itself.
 */
static const a0__identity_source built_in[] = {
    { "google-oauth2", "https://openidconnect.googleapis.com/v1/userinfo", NULL,
      "openid profile email", "sub", true },
    { "windowslive", "https://graph.microsoft.com/oidc/userinfo", NULL,
      "openid profile email", "sub", false },
    { "waad", "https://graph.microsoft.com/oidc/userinfo", NULL, "openid profile email",
      "sub", false },
    { "github", "https://api.github.com/user", "https://api.github.com/user/emails",
      "read:user user:email", "id", true },
    { "facebook", "https://graph.facebook.com/me?fields=id,email", NULL,
      "public_profile email", "id", true },
    { "apple", NULL, NULL, "name email", "sub", true },
    { "slack", "https://slack.com/api/openid.connect.userInfo", NULL,
      "openid profile email", "sub", false },
};

/* ---- the source ---- */

static bool
find_built_in(a0__text name, a0__identity_source *out)
{
    for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
        if (a0__text_is(name, built_in[i].name)) {
            *out = built_in[i];
            return true;
        }
    }
    return false;
}

static const a0__userinfo_source *
find_set(const a0__settings *settings, a0__text name)
{
    for (size_t i = 0; i < settings->userinfo_sources.len; i++) {
        if (a0__text_is(name, settings->userinfo_sources.items[i].name)) {
            return &settings->userinfo_sources.items[i];
        }
    }
    return NULL;
}

/* What was set, over what is built in for that name or its strategy. */
static void
take_set(const a0__userinfo_source *set, a0__identity_source *out)
{
    out->name = set->name;
    out->url = set->url;
    if (set->emails_url != NULL) {
        out->emails_url = set->emails_url;
    }
    if (set->scope != NULL) {
        out->scope = set->scope;
    }
    if (set->subject != NULL) {
        out->subject = set->subject;
    }
    if (set->subject_is_user_id >= 0) {
        out->subject_is_user_id = set->subject_is_user_id == 1;
    }
}

bool
a0__identity_source_of(const a0__settings *settings, a0__text connection,
                       a0__text strategy, a0__identity_source *out)
{
    const a0__userinfo_source *set = find_set(settings, connection);

    *out = (a0__identity_source){ .subject = "sub" };
    if (set == NULL) {
        set = find_set(settings, strategy);
    }
    if (!find_built_in(connection, out) && !find_built_in(strategy, out) &&
        set == NULL) {
        return false;
    }
    if (set != NULL) {
        take_set(set, out);
    }
    return true;
}

/* ---- asking the provider ---- */

void
a0__provider_identity_auto(a0__provider_identity *identity)
{
    a0__buf_clear(&identity->subject);
    a0__buf_clear(&identity->email);
}

void
a0__identity_request(const char *url, const a0__secret *provider_token,
                     a0__http_request *out)
{
    a0__http_get(out, a0__text_of(url), A0__HTTP_TOKEN_MAX);
    a0__http_add_bearer(out, provider_token);
}

/* The document of a success; what else it may be is the caller's to check. */
static a0_status
read_document(const a0_http_response *response, a0__json **out, a0_error **err)
{
    if (!a0__http_is_success(response)) {
        a0_status status = a0__fail(err, A0_E_userinfo_http_error);

        if (err != NULL) {
            a0__error_set_peer(*err, a0_http_response_status(response), A0__NO_TEXT,
                               A0__NO_TEXT);
        }
        return status;
    }
    A0_ENSURE(a0__http_content_type_is(response, A0__LIT("application/json")), err,
              userinfo_response_invalid);
    return a0__json_parse(a0__http_body(response), out, err);
}

/* A text, or as at GitHub a number. */
static bool
read_subject(const a0__json *object, const char *member, a0__buf *out)
{
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;

    if (a0__json_i64(object, member, &number) == A0__FOUND) {
        a0__buf_i64(out, number);
        return number > 0;
    }
    (void)a0__json_text(object, member, &text);
    if (text.len == 0 || text.len > A0__SUBJECT_MAX ||
        !a0__text_has_no_controls(text)) {
        return false;
    }
    a0__buf_text(out, text);
    return true;
}

static bool
is_address(a0__text text)
{
    a0__text rest = text;
    a0__text local = A0__NO_TEXT;

    return text.len <= A0__PROVIDER_EMAIL_MAX && a0__text_has_no_controls(text) &&
           !a0__text_contains_byte(text, ' ') && a0__text_next(&rest, '@', &local) &&
           local.len > 0 && rest.len > 0;
}

/* What is no address is as good as none. */
static void
read_email(const a0__json *object, const char *verified, a0__provider_identity *out)
{
    a0__text email = A0__NO_TEXT;
    bool flag = false;

    (void)a0__json_text(object, "email", &email);
    if (!is_address(email)) {
        return;
    }
    a0__buf_text(&out->email, email);
    out->email_verified = a0__json_bool(object, verified, &flag) == A0__FOUND && flag;
}

a0_status
a0__identity_response(const a0__identity_source *source,
                      const a0_http_response *response, a0__provider_identity *out,
                      a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    A0_TRY(read_document(response, &document, err));
    A0_ENSURE(a0__json_is_object(document), err, userinfo_response_invalid);
    if (!read_subject(document, source->subject, &out->subject)) {
        return a0__fail_about(err, A0_E_userinfo_response_invalid, source->subject);
    }
    if (source->emails_url == NULL) {
        read_email(document, "email_verified", out);
    }
    A0_TRY(a0__buf_check(&out->subject, err));
    return a0__buf_check(&out->email, err);
}

/* The one that the person has made the first; GitHub's list has no other order. */
a0_status
a0__identity_emails_response(const a0_http_response *response,
                             a0__provider_identity *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    A0_TRY(read_document(response, &document, err));
    A0_ENSURE(a0__json_is_array(document), err, userinfo_response_invalid);
    for (size_t i = 0; i < a0__json_len(document) && out->email.len == 0; i++) {
        const a0__json *entry = a0__json_at(document, i);
        bool primary = false;

        if (a0__json_is_object(entry) &&
            a0__json_bool(entry, "primary", &primary) == A0__FOUND && primary) {
            read_email(entry, "verified", out);
        }
    }
    return a0__buf_check(&out->email, err);
}

/* ---- the tenant's log ---- */

void
a0__connect_log_url(const a0__settings *settings, a0__text user_id, a0__buf *out)
{
    a0__user_url(settings, user_id, "/logs?sort=date:-1&per_page=20", out);
}

static a0__text
idp_user_id_of(const a0__json *event, a0__text connected_account_id)
{
    const a0__json *details = NULL;
    const a0__json *account = NULL;
    a0__text type = A0__NO_TEXT;
    a0__text id = A0__NO_TEXT;
    a0__text idp_user_id = A0__NO_TEXT;

    if (!a0__json_is_object(event) ||
        a0__json_object(event, "details", &details) != A0__FOUND ||
        a0__json_object(details, "connected_account", &account) != A0__FOUND) {
        return A0__NO_TEXT;
    }
    (void)a0__json_text(event, "type", &type);
    (void)a0__json_text(account, "id", &id);
    (void)a0__json_text(account, "idp_user_id", &idp_user_id);
    return a0__text_is(type, "connected_accounts_connection_succeeded") &&
                   a0__text_equal(id, connected_account_id)
               ? idp_user_id
               : A0__NO_TEXT;
}

a0__text
a0__connect_log_find(const a0__json *events, a0__text connected_account_id)
{
    a0__text found = A0__NO_TEXT;

    for (size_t i = 0;
         a0__json_is_array(events) && i < a0__json_len(events) && found.len == 0; i++) {
        found = idp_user_id_of(a0__json_at(events, i), connected_account_id);
    }
    return found;
}
