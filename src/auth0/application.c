/* SPDX-License-Identifier: MIT */
#include "auth0/application.h"

#include "auth0/management.h"
#include "base/url.h"

enum {
    SCOPES_MAX = 16384
};

static void
add_url(const a0__settings *settings, a0__buf *out)
{
    a0__buf_string(out, settings->management_audience);
    a0__buf_string(out, "clients/");
    a0__percent_encode(a0__text_of(settings->client_id), out);
}

void
a0__application_url(const a0__settings *settings, a0__buf *out)
{
    add_url(settings, out);
}

void
a0__application_connections_url(const a0__settings *settings, a0__text from,
                                a0__buf *out)
{
    add_url(settings, out);
    a0__buf_string(out, "/connections?take=50");
    if (from.len > 0) {
        a0__buf_string(out, "&from=");
        a0__percent_encode(from, out);
    }
}

static bool
has_text(const a0__json *list, a0__text text)
{
    for (size_t i = 0; i < a0__json_len(list); i++) {
        a0__text item = A0__NO_TEXT;

        if (a0__json_text_of(a0__json_at(list, i), &item) &&
            a0__text_equal(item, text)) {
            return true;
        }
    }
    return false;
}

bool
a0__application_lists(const a0__json *application, const char *name, a0__text text)
{
    const a0__json *list = NULL;

    return a0__json_array(application, name, &list) == A0__FOUND &&
           has_text(list, text);
}

a0__text
a0__application_alg(const a0__json *application)
{
    const a0__json *configuration = NULL;
    a0__text alg = A0__LIT("");

    if (a0__json_object(application, "jwt_configuration", &configuration) ==
        A0__FOUND) {
        (void)a0__json_text(configuration, "alg", &alg);
    }
    return alg;
}

static const a0__json *
refresh_token_of(const a0__json *application)
{
    const a0__json *found = NULL;

    (void)a0__json_object(application, "refresh_token", &found);
    return found;
}

bool
a0__application_rotates(const a0__json *application)
{
    const a0__json *refresh_token = refresh_token_of(application);
    a0__text type = A0__NO_TEXT;

    return refresh_token != NULL &&
           a0__json_text(refresh_token, "rotation_type", &type) == A0__FOUND &&
           a0__text_is(type, "rotating");
}

static void
add_granted(const a0__json *policy, a0__text audience, a0__buf *granted)
{
    const a0__json *scope = NULL;
    a0__text of = A0__NO_TEXT;

    if (a0__json_text(policy, "audience", &of) != A0__FOUND ||
        !a0__text_equal(of, audience) ||
        a0__json_array(policy, "scope", &scope) != A0__FOUND) {
        return;
    }
    for (size_t i = 0; i < a0__json_len(scope); i++) {
        a0__text word = A0__NO_TEXT;

        if (a0__json_text_of(a0__json_at(scope, i), &word)) {
            a0__buf_text(granted, word);
            a0__buf_byte(granted, ' ');
        }
    }
}

void
a0__application_scopes_missing(const a0__json *application, a0__text audience,
                               a0__text wanted, a0__buf *out)
{
    A0_AUTO(a0__buf) granted = A0__BUF_INIT(SCOPES_MAX);
    const a0__json *refresh_token = refresh_token_of(application);
    const a0__json *policies = NULL;

    if (refresh_token != NULL &&
        a0__json_array(refresh_token, "policies", &policies) == A0__FOUND) {
        for (size_t i = 0; i < a0__json_len(policies); i++) {
            add_granted(a0__json_at(policies, i), audience, &granted);
        }
    }
    a0__scopes_missing(a0__buf_view(&granted), wanted, out);
}

bool
a0__application_connection_at(const a0__json *page, size_t i,
                              a0__application_connection *out)
{
    const a0__json *list = NULL;
    const a0__json *connection = NULL;
    const a0__json *connected_accounts = NULL;

    *out = (a0__application_connection){ .name = A0__NO_TEXT };
    if (a0__json_array(page, "connections", &list) != A0__FOUND ||
        i >= a0__json_len(list)) {
        return false;
    }
    connection = a0__json_at(list, i);
    if (a0__json_object(connection, "connected_accounts", &connected_accounts) ==
        A0__FOUND) {
        (void)a0__json_bool(connected_accounts, "active", &out->is_connectable);
    }
    return a0__json_text(connection, "name", &out->name) == A0__FOUND &&
           a0__json_text(connection, "strategy", &out->strategy) == A0__FOUND;
}

bool
a0__strategy_verifies_email(a0__text strategy)
{
    static const char KNOWN[] = "auth0 google-oauth2 apple facebook";

    return strategy.len > 0 && a0__text_has_word(a0__text_of(KNOWN), strategy);
}
