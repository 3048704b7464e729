/* SPDX-License-Identifier: MIT */
/*
 * Accounts that share an address, looked at together: the rules decide for each of them
 * as if it signed in now (contract §2, rules 1 to 8). Nothing is changed.
 */
#include "flows/link_audit.h"

#include "flows/link_answer.h"
#include "flows/link_evidence.h"
#include "flows/link_facts.h"
#include "flows/link_saga.h"

void
a0__link_audit_auto(a0__link_audit *a)
{
    for (size_t i = 0; i < A0__AUDIT_PROFILES_MAX; i++) {
        a0__json_free(a->documents[i]);
        a0_user_free(a->users[i]);
    }
    for (size_t i = 0; i < A0__AUDIT_ACCOUNTS_MAX; i++) {
        a0__connected_accounts_auto(&a->found[i]);
    }
    a0__free(a->profiles);
    a0__free(a->records);
}

/* ---- facts ---- */

static bool
is_known(const a0__link_audit *a, a0__text user_id)
{
    for (size_t i = 0; i < a->len; i++) {
        if (a0__text_equal(a->profiles[i].user_id, user_id)) {
            return true;
        }
    }
    return false;
}

/* A sign-in that met such a profile would link nothing, and try again at the next. */
static void
note_unreadable(a0__link_audit *a, const char *user_id)
{
    if (a->unreadable_len < A0__AUDIT_PROFILES_MAX) {
        a->unreadable[a->unreadable_len++] = user_id;
    }
}

static a0_status
take_profile(a0__link_audit *a, const char *user_id, a0_user **user, a0_error **err)
{
    A0_TRY(a0__json_parse_deep(a0__text_of(a0_user_json(*user)), &a->documents[a->len],
                               err));
    if (!a0__link_profile_read(a->documents[a->len], &a->profiles[a->len])) {
        a0__json_free(a0__steal(&a->documents[a->len]));
        note_unreadable(a, user_id);
        return A0_OK;
    }
    a->users[a->len] = a0__steal(user);
    a->len++;
    return a0__link_mark_ours(a->client, &a->profiles[a->len - 1], err);
}

/* Reads a profile afresh; one that is gone is left out. */
static a0_status
add_profile(a0__link_audit *a, const char *user_id, a0_error **err)
{
    a0_user_get_options options = A0_USER_GET_OPTIONS_INIT;
    A0_AUTO(a0__user_ptr) user = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    if (a->len == A0__AUDIT_PROFILES_MAX || is_known(a, a0__text_of(user_id))) {
        return A0_OK;
    }
    options.afresh = true;
    status = a0_user_get(a->client, user_id, &options, &user, &failure);
    if (status == A0_NOT_FOUND) {
        return A0_OK;
    }
    if (a0__error_is(failure, A0_E_mgmt_response_invalid) ||
        a0__error_is(failure, A0_E_http_oversize)) {
        note_unreadable(a, user_id);
        return A0_OK;
    }
    if (status != A0_OK) {
        a0__error_move(err, &failure);
        return status;
    }
    return take_profile(a, user_id, &user, err);
}

static a0_status
add_records(a0__link_audit *a, const a0__connected_accounts *found, a0_error **err)
{
    a0__link_connected *records = NULL;

    if (found->len == 0) {
        return A0_OK;
    }
    records =
        a0__realloc_array(a->records, a->records_len + found->len, sizeof *a->records);
    A0_ENSURE(records != NULL, err, no_memory);
    a->records = records;
    for (size_t i = 0; i < found->len; i++) {
        const a0__connected_account *account = &found->items[i];
        a0__link_connected *record = &a->records[a->records_len++];

        *record = a0__link_evidence_of(a->client, account);
        record->stands = true;
        A0_TRY(add_profile(a, account->user_id, err));
    }
    return A0_OK;
}

/* Who has connected the identity of an account (rule 2). */
static a0_status
find_records(a0__link_audit *a, size_t i, a0_error **err)
{
    const a0__link_identity *identity =
        a0__link_profile_named(&a->profiles[i], a->profiles[i].user_id);

    if (identity == NULL) {
        return A0_OK;
    }
    A0_TRY(a0__connected_accounts_by_identity(a->client, identity->connection,
                                              a0__link_identity_subject(identity),
                                              &a->found[i], err));
    if (a0__address_is_eligible(identity->email)) {
        A0_TRY(a0__connected_accounts_by_email(a->client, identity->connection,
                                               identity->email, &a->found[i], err));
    }
    return add_records(a, &a->found[i], err);
}

a0_status
a0__link_audit_gather(a0__link_audit *a, const char *const *user_ids, size_t len,
                      a0_error **err)
{
    if (len > A0__AUDIT_ACCOUNTS_MAX) {
        return a0__fail_about(err, A0_E_param_invalid, "len");
    }
    a->profiles = a0__calloc(A0__AUDIT_PROFILES_MAX, sizeof *a->profiles);
    A0_ENSURE(a->profiles != NULL, err, no_memory);
    for (size_t i = 0; i < len; i++) {
        A0_TRY(add_profile(a, user_ids[i], err));
    }
    a->accounts = a->len;
    for (size_t i = 0; i < a->accounts; i++) {
        A0_TRY(find_records(a, i, err));
    }
    return A0_OK;
}

/* ---- the verdicts ---- */

/* Pairs that were parted stay apart (rule 12). */
static a0_status
mark_undone(a0__link_audit *a, size_t i, a0_error **err)
{
    for (size_t j = 0; j < a->len; j++) {
        a->profiles[j].was_undone = false;
        if (j != i) {
            A0_TRY(a0__link_mark_undone(a->client, a->profiles[i].user_id,
                                        &a->profiles[j], err));
        }
    }
    return A0_OK;
}

static a0__link_verdict
decide(const a0__link_audit *a, size_t i)
{
    const a0__settings *settings = a->client->settings;
    const a0__strings *connections = &settings->connections_for_account_linking;
    const a0__link_profile *user = &a->profiles[i];
    const a0__link_identity *identity = a0__link_profile_named(user, user->user_id);
    a0__link_facts facts = {
        .policy = { .connections = { connections->items, connections->len },
                    .confirm_only = { settings->confirm_only_connections.items,
                                      settings->confirm_only_connections.len },
                    .confirm_password_primary = settings->confirm_password_primary },
        .user_id = user->user_id,
        .token_email = identity != NULL ? identity->email : A0__LIT(""),
        .token_email_verified = identity != NULL && identity->email_verified,
        .signed_in = user,
        .candidates = a->profiles,
        .candidates_len = a->len,
        .records = a->records,
        .records_len = a->records_len,
    };

    if (settings->linking == A0__LINKING_OFF) {
        facts.policy.connections.len = 0;
    }
    return a0__link_decide(&facts);
}

a0_status
a0__link_audit_decide(a0__link_audit *a, size_t i, a0__link_verdict *out,
                      a0_error **err)
{
    A0_TRY(mark_undone(a, i, err));
    *out = decide(a, i);
    return A0_OK;
}

/* Somebody has an account under an address that they did not prove, or one that holds
 * more than its address: that is how take-overs begin. */
static bool
is_suspicious(a0__link_reason reason)
{
    return reason == A0__LINK_UNVERIFIED_EMAIL || reason == A0__LINK_ADDRESS_FORM ||
           reason == A0__LINK_MIXED_IDENTITIES;
}

typedef struct tally {
    bool links;
    bool asks;
    bool refuses;
    bool suspects;
    bool is_hindered; /* no sign-in of any of them is judged */
} tally;

static const char *
class_of(const tally *t)
{
    if (t->suspects) {
        return "suspicious";
    }
    if (t->is_hindered) {
        return "refused";
    }
    if (t->links) {
        return "safe";
    }
    if (t->asks) {
        return "confirm";
    }
    return t->refuses ? "refused" : NULL;
}

static void
put_verdict(a0__json_writer *w, const a0__link_profile *user,
            const a0__link_verdict *verdict)
{
    a0__json_open(w, '{');
    a0__json_put(w, "user_id", user->user_id);
    a0__json_put_string(w, "outcome", a0__link_outcome_name(verdict->outcome));
    a0__json_name(w, "rule");
    if (verdict->rule > 0) {
        a0__json_value_i64(w, verdict->rule);
    } else {
        a0__json_value_null(w);
    }
    a0__json_put_string(w, "reason", a0__link_reason_name(verdict->reason));
    a0__json_name(w, "primary_user_id");
    if (verdict->primary != NULL) {
        a0__json_value_text(w, verdict->primary->user_id);
    } else {
        a0__json_value_null(w);
    }
    a0__json_close(w, '}');
}

static void
put_unreadable(a0__json_writer *w, const char *user_id)
{
    a0__json_open(w, '{');
    a0__json_put_string(w, "user_id", user_id);
    a0__json_put_string(w, "outcome", a0__link_outcome_name(A0__LINK_REFUSED));
    a0__json_put_string(w, "rule", NULL);
    a0__json_put_string(w, "reason", "unreadable");
    a0__json_put_string(w, "primary_user_id", NULL);
    a0__json_close(w, '}');
}

static a0_status
write_answer(a0__link_audit *a, a0__json_writer *w, a0_error **err)
{
    tally t = { .is_hindered = a->unreadable_len > 0 };

    a0__json_open(w, '{');
    a0__json_name(w, "accounts");
    a0__json_open(w, '[');
    for (size_t i = 0; i < a->accounts; i++) {
        a0__link_verdict verdict = { .rule = 0 };

        A0_TRY(a0__link_audit_decide(a, i, &verdict, err));
        t.links = t.links || verdict.outcome == A0__LINK_NOW;
        t.asks = t.asks || verdict.outcome == A0__LINK_PENDING;
        t.refuses = t.refuses || verdict.outcome == A0__LINK_REFUSED;
        t.suspects = t.suspects || is_suspicious(verdict.reason);
        put_verdict(w, &a->profiles[i], &verdict);
    }
    for (size_t i = 0; i < a->unreadable_len; i++) {
        put_unreadable(w, a->unreadable[i]);
    }
    a0__json_close(w, ']');
    a0__json_put_string(w, "class", class_of(&t));
    a0__json_close(w, '}');
    return A0_OK;
}

a0_status
a0_link_audit(a0_client *client, const char *const *user_ids, size_t len,
              a0_link_answer **out_answer, a0_error **err)
{
    A0_AUTO(a0__link_audit) a = { .client = client };
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__LINK_ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    A0_TRY(a0__link_audit_gather(&a, user_ids, len, err));
    A0_TRY(write_answer(&a, &w, err));
    return a0__link_answer_new(&json, out_answer, err);
}
