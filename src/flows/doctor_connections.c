/* SPDX-License-Identifier: MIT */
/* Whether the connections that the settings name are there for this application, and
 * whether they may be trusted with what linking trusts them with [LINK-03]. */
#include "auth0/application.h"
#include "auth0/users.h"
#include "flows/cursors.h"
#include "flows/doctor.h"
#include "flows/management.h"

enum {
    NAMES_MAX = 4096
};

/* What was found of those that are named; each list is names with spaces between. */
typedef struct findings {
    a0__buf found; /* connections that are switched on */
    a0__buf connectable;
    a0__buf trusted; /* strategies that check the address themselves */
    a0__cursors cursors;
} findings;

static void
findings_auto(findings *f)
{
    a0__buf_clear(&f->found);
    a0__buf_clear(&f->connectable);
    a0__buf_clear(&f->trusted);
    a0__cursors_auto(&f->cursors);
}

static bool
is_named(const a0__settings *settings, a0__text name)
{
    for (size_t i = 0; i < settings->connections_for_account_linking.len; i++) {
        if (a0__text_is(name, settings->connections_for_account_linking.items[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < settings->custom_scopes.len; i++) {
        if (a0__text_is(name, settings->custom_scopes.items[i].name)) {
            return true;
        }
    }
    return false;
}

static void
add(a0__buf *names, a0__text name)
{
    a0__buf_string(names, names->len > 0 ? " " : NULL);
    a0__buf_text(names, name);
}

static a0_status
read_page(const a0__settings *settings, const a0__json *page, findings *f,
          a0_error **err)
{
    a0__application_connection connection = { .name = A0__NO_TEXT };
    a0__text next = A0__NO_TEXT;

    for (size_t i = 0; a0__application_connection_at(page, i, &connection); i++) {
        if (!is_named(settings, connection.name)) {
            continue;
        }
        add(&f->found, connection.name);
        if (connection.is_connectable) {
            add(&f->connectable, connection.name);
        }
        if (a0__strategy_verifies_email(connection.strategy)) {
            add(&f->trusted, connection.name);
        }
    }
    (void)a0__json_text(page, "next", &next);
    A0_ENSURE(a0__cursors_go_on(&f->cursors, next), err, mgmt_response_invalid);
    return a0__buf_check(&f->cursors.next, err);
}

static a0_status
fetch(a0__examination *x, findings *f, a0_error **err)
{
    const a0__settings *settings = x->client->settings;

    do {
        A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
        A0_AUTO(a0__json_doc) page = NULL;

        a0__application_connections_url(settings, a0__buf_view(&f->cursors.next),
                                        &call.url);
        A0_TRY(a0__management_send(x->client, &call, 1, err));
        A0_TRY(a0__management_response(call.response, a0__client_wall_ms(x->client),
                                       &page, err));
        A0_TRY(read_page(settings, page, f, err));
    } while (f->cursors.next.len > 0);
    return A0_OK;
}

/* ---- what it means ---- */

static void
add_unless_in(a0__text names, const char *name, a0__buf *out)
{
    if (!a0__text_has_word(names, a0__text_of(name)) &&
        !a0__text_has_word(a0__buf_view(out), a0__text_of(name))) {
        add(out, a0__text_of(name));
    }
}

static void
check_found(a0__examination *x, const findings *f)
{
    static const char remedy[] = "correct the names in the settings, or switch the "
                                 "connections on for the application";
    const a0__settings *settings = x->client->settings;
    const a0__strings *linked = &settings->connections_for_account_linking;
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(NAMES_MAX);

    for (size_t i = 0; i < linked->len; i++) {
        add_unless_in(a0__buf_view(&f->found), linked->items[i], &missing);
    }
    for (size_t i = 0; i < settings->custom_scopes.len; i++) {
        add_unless_in(a0__buf_view(&f->found), settings->custom_scopes.items[i].name,
                      &missing);
    }
    if (missing.len == 0) {
        a0__check_ok(x, "connections", "every connection that the settings name is on");
        return;
    }
    a0__buf_format(a0__check_add(x, "connections", A0_CHECK_FAILED, remedy),
                   "connections are not there for this application: %s",
                   a0__buf_cstr(&missing));
}

static void
check_connectable(a0__examination *x, const findings *f)
{
    static const char remedy[] = "switch Connected Accounts on in these connections";
    const a0__scope_lists *wanted = &x->client->settings->custom_scopes;
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(NAMES_MAX);

    for (size_t i = 0; i < wanted->len; i++) {
        add_unless_in(a0__buf_view(&f->connectable), wanted->items[i].name, &missing);
    }
    if (missing.len == 0) {
        a0__check_ok(x, "connectable",
                     "accounts of every connection in custom_scopes "
                     "can be connected");
        return;
    }
    a0__buf_format(a0__check_add(x, "connectable", A0_CHECK_FAILED, remedy),
                   "accounts of these connections can not be connected: %s",
                   a0__buf_cstr(&missing));
}

static bool
is_confirm_only(const a0__settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->confirm_only_connections.len; i++) {
        if (a0__text_is(a0__text_of(name),
                        settings->confirm_only_connections.items[i])) {
            return true;
        }
    }
    return false;
}

static void
check_trust(a0__examination *x, const findings *f)
{
    static const char remedy[] =
        "leave them in connections_for_account_linking only if every address they call "
        "verified was checked, or name them in confirm_only_connections";
    const a0__settings *settings = x->client->settings;
    A0_AUTO(a0__buf) doubtful = A0__BUF_INIT(NAMES_MAX);

    for (size_t i = 0; i < settings->connections_for_account_linking.len; i++) {
        const char *name = settings->connections_for_account_linking.items[i];

        if (a0__text_has_word(a0__buf_view(&f->found), a0__text_of(name)) &&
            !is_confirm_only(settings, name)) {
            add_unless_in(a0__buf_view(&f->trusted), name, &doubtful);
        }
    }
    if (doubtful.len == 0) {
        a0__check_ok(x, "trust",
                     "accounts are linked only by connections that check "
                     "addresses themselves");
        return;
    }
    a0__buf_format(a0__check_add(x, "trust", A0_CHECK_WARNING, remedy),
                   "accounts are linked by what these connections call verified, and "
                   "they may call anything so: %s",
                   a0__buf_cstr(&doubtful));
}

a0_status
a0__doctor_connections(a0__examination *x, a0_error **err)
{
    static const char *const all[] = { "connections", "connectable", "trust", NULL };
    findings f __attribute__((cleanup(findings_auto))) = {
        .found = A0__BUF_INIT(NAMES_MAX),
        .connectable = A0__BUF_INIT(NAMES_MAX),
        .trusted = A0__BUF_INIT(NAMES_MAX),
        .cursors = A0__CURSORS_INIT,
    };
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    if (!a0__text_has_word(a0__buf_view(&x->granted), A0__LIT("read:connections"))) {
        a0__checks_skipped(x, all, "needs scope read:connections");
        return A0_OK;
    }
    status = fetch(x, &f, &failure);
    if (status == A0_NO_MEMORY) {
        return a0__fail(err, A0_E_no_memory);
    }
    if (status != A0_OK) {
        a0__checks_skipped(x, all, a0_error_message(failure));
        return A0_OK;
    }
    check_found(x, &f);
    check_connectable(x, &f);
    check_trust(x, &f);
    return A0_OK;
}
