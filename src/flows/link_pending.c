/* SPDX-License-Identifier: MIT */
#include "flows/link_pending.h"

#include "flows/link_answer.h"
#include "flows/link_names.h"
#include "oidc/claims.h"

enum {
    ID_OCTETS = 24,
    ATTEMPTS = 3
};

/* ---- reading ---- */

void
a0__pending_auto(a0__pending *pending)
{
    a0__json_free(pending->document);
    pending->document = NULL;
}

a0_status
a0__pending_parse(a0__text stored, a0__pending *out, bool *out_found, a0_error **err)
{
    const a0__json *shown = NULL;

    *out_found = false;
    if (stored.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__json_parse(stored, &out->document, err));
    *out_found =
        a0__json_object(out->document, "shown", &shown) == A0__FOUND &&
        a0__json_text(shown, "id", &out->id) == A0__FOUND &&
        a0__json_text(shown, "primary_user_id", &out->primary_user_id) == A0__FOUND &&
        a0__json_text(shown, "primary_connection_name", &out->primary_connection) ==
            A0__FOUND &&
        a0__json_text(shown, "secondary_user_id", &out->secondary_user_id) ==
            A0__FOUND &&
        a0__json_i64(shown, "expires_at", &out->expires_at) == A0__FOUND &&
        a0__json_text(out->document, "address", &out->address) == A0__FOUND &&
        a0__json_text(out->document, "org_id", &out->org_id) == A0__FOUND &&
        a0__json_i64(out->document, "not_before", &out->not_before) == A0__FOUND;
    return A0_OK;
}

a0_status
a0__pending_read(const a0_session *session, a0__pending *out, bool *out_found,
                 a0_error **err)
{
    a0__text stored =
        session->is_signed_in ? session->record.pending_link : A0__NO_TEXT;

    return a0__pending_parse(stored, out, out_found, err);
}

bool
a0__pending_is_live(const a0_client *client, const a0__pending *pending)
{
    return a0__client_now_s(client) < pending->expires_at;
}

static bool
is_of(const a0_session *session, a0__text link_id)
{
    A0_AUTO(a0__pending) pending = { .document = NULL };
    bool found = false;

    return session != NULL &&
           a0__pending_read(session, &pending, &found, NULL) == A0_OK && found &&
           a0__text_equal(pending.id, link_id);
}

a0__text
a0__pending_of_confirmation(const a0__transaction *transaction,
                            const a0_session *session, const a0_session *replaces)
{
    const a0__transaction_record *record = &transaction->record;

    if (record->purpose != A0__PURPOSE_LINK_CONFIRM) {
        return A0__NO_TEXT;
    }
    return is_of(session, record->link_id)    ? session->record.pending_link
           : is_of(replaces, record->link_id) ? replaces->record.pending_link
                                              : A0__NO_TEXT;
}

/* ---- writing ---- */

/* The first letter and the domain: enough for whoever knows the address. */
static void
put_masked(a0__json_writer *w, const char *name, a0__text address)
{
    A0_AUTO(a0__buf) masked = A0__BUF_INIT(A0__ADDRESS_MAX * 2);
    a0__text domain = a0__text_trim(address);
    a0__text local = A0__NO_TEXT;

    (void)a0__text_next(&domain, '@', &local);
    a0__buf_text(&masked, a0__text_range(local.ptr, local.len > 0 ? 1 : 0));
    a0__buf_string(&masked, "***@");
    a0__buf_text(&masked, domain);
    a0__json_put_string(w, name, a0__buf_ok(&masked) ? a0__buf_cstr(&masked) : "");
}

/* The members that the contract names, of one side. */
static void
put_side(a0__json_writer *w, const a0__settings *settings, const char *const names[5],
         a0__text user_id, const a0__link_identity *identity)
{
    a0__json_put(w, names[0], user_id);
    a0__json_put(w, names[1], identity->provider);
    a0__json_put_string(w, names[2], a0__link_friendly_name(settings, identity));
    a0__json_put(w, names[3], identity->connection);
    put_masked(w, names[4], identity->email);
}

static void
put_identities(a0__json_writer *w, const a0__settings *settings,
               const a0__link_profile *profile)
{
    a0__json_name(w, "primary_identities");
    a0__json_open(w, '[');
    for (size_t i = 0; i < profile->identities_len; i++) {
        const a0__link_identity *identity = &profile->identities[i];

        a0__json_open(w, '{');
        a0__json_put(w, "provider", identity->provider);
        a0__json_put_string(w, "provider_friendly_name",
                            a0__link_friendly_name(settings, identity));
        a0__json_put(w, "connection_name", identity->connection);
        a0__json_close(w, '}');
    }
    a0__json_close(w, ']');
}

static void
put_shown(a0__json_writer *w, const a0_session *session, a0__text id,
          const a0__pending_about *about)
{
    static const char *const primary[] = { "primary_user_id", "primary_provider",
                                           "primary_provider_friendly_name",
                                           "primary_connection_name", "primary_email" };
    static const char *const secondary[] = { "secondary_user_id", "secondary_provider",
                                             "secondary_provider_friendly_name",
                                             "secondary_connection_name",
                                             "secondary_email" };
    const a0__settings *settings = session->client->settings;
    const a0__link_verdict *v = about->verdict;

    a0__json_open(w, '{');
    a0__json_put(w, "id", id);
    put_side(w, settings, primary, v->primary->user_id, v->primary_identity);
    put_side(w, settings, secondary, session->record.sub, v->identity);
    put_identities(w, settings, v->primary);
    a0__json_put_i64(w, "primary_connected_accounts",
                     (int64_t)about->primary_connected_accounts);
    a0__json_put_i64(
        w, "expires_at",
        a0__add_saturating(a0__client_now_s(session->client), A0__PENDING_LIFETIME_S));
    a0__json_close(w, '}');
}

/* When the tenant says that this sign-in was: clocks of two machines are not compared.
 */
static a0_status
signed_in_at(const a0_session *session, int64_t *out, a0_error **err)
{
    A0_AUTO(a0__claims_ptr) claims = NULL;
    int64_t now = a0__client_now_s(session->client);

    A0_TRY(a0__claims_parse(session->record.userinfo, &claims, err));
    *out = claims != NULL ? a0__claims_i64(claims, "iat", now) : now;
    return A0_OK;
}

static a0_status
write_stored(const a0_session *session, const a0__pending_about *about, a0__buf *out,
             a0_error **err)
{
    A0_AUTO(a0__secret) id = A0__SECRET_INIT;
    a0__json_writer w = a0__json_writer_on(out);
    char address[A0__ADDRESS_MAX + 1];
    int64_t not_before = 0;

    A0_TRY(a0__client_random(session->client, ID_OCTETS, &id, err));
    A0_TRY(signed_in_at(session, &not_before, err));
    a0__address_canonical(about->verdict->identity->email, address);
    a0__json_open(&w, '{');
    a0__json_name(&w, "shown");
    put_shown(&w, session, a0__secret_expose(&id), about);
    a0__json_put_string(&w, "address", address);
    a0__json_put(&w, "org_id", session->record.org_id);
    a0__json_put_i64(&w, "not_before", not_before);
    a0__json_close(&w, '}');
    return a0__buf_check(out, err);
}

/* Conditional on the version: a session that was ended meanwhile stays ended. */
static a0_status
try_to_keep(a0_session *session, a0__text stored, bool *out_applied, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = session->record;
    a0_record row = { 0 };

    record.pending_link = stored;
    record.link_is_confirmed = record.link_is_confirmed && stored.len == 0;
    a0__session_record_fit(&record);
    A0_TRY(a0__session_row(session, &record, &row, &plain, err));
    A0_TRY(a0__batch_update(&batch, session->client, &row, session->version,
                            &session->id, a0__buf_view(&plain), err));
    A0_TRY(a0__batch_commit(&batch, session->client, out_applied, err));
    if (*out_applied) {
        a0__session_adopt(session, &plain, session->version + 1, row.expires_at);
    }
    return A0_OK;
}

static a0_status
keep(a0_session *session, a0__text stored, a0_error **err)
{
    bool applied = false;

    for (int attempt = 0; attempt < ATTEMPTS && session->is_signed_in; attempt++) {
        A0_TRY(try_to_keep(session, stored, &applied, err));
        if (applied) {
            return A0_OK;
        }
        A0_TRY(a0__session_reload(session, err));
    }
    A0_ENSURE(!session->is_signed_in, err, store_unavailable);
    return a0__fail(err, A0_E_session_missing);
}

a0_status
a0__pending_store(a0_session *session, const a0__pending_about *about, a0_error **err)
{
    A0_AUTO(a0__buf) stored = A0__BUF_INIT(A0__PENDING_MAX);

    A0_TRY(write_stored(session, about, &stored, err));
    return keep(session, a0__buf_view(&stored), err);
}

a0_status
a0__pending_take(a0_session *session, a0__pending *out, bool *out_found, a0_error **err)
{
    bool applied = false;

    *out_found = false;
    for (int attempt = 0; attempt < ATTEMPTS && session->is_signed_in; attempt++) {
        if (session->record.pending_link.len == 0) {
            return A0_OK;
        }
        a0__pending_auto(out);
        A0_TRY(a0__pending_read(session, out, out_found, err));
        A0_TRY(try_to_keep(session, A0__NO_TEXT, &applied, err));
        if (applied) {
            return A0_OK;
        }
        *out_found = false;
        A0_TRY(a0__session_reload(session, err));
    }
    A0_ENSURE(!session->is_signed_in, err, store_unavailable);
    return A0_OK;
}

/* ---- what is public ---- */

a0_status
a0_link_pending(a0_session *session, a0_link_answer **out_answer, a0_error **err)
{
    A0_AUTO(a0__pending) pending = { .document = NULL };
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__PENDING_MAX);
    bool found = false;

    *out_answer = NULL;
    A0_TRY(a0__pending_read(session, &pending, &found, err));
    if (!found || !a0__pending_is_live(session->client, &pending)) {
        return A0_OK;
    }
    A0_TRY(a0__json_write(a0__json_member(pending.document, "shown"), &json, err));
    return a0__link_answer_new(&json, out_answer, err);
}

a0_status
a0_link_cancel(a0_session *session, a0_error **err)
{
    A0_AUTO(a0__pending) dropped = { .document = NULL };
    bool found = false;

    return a0__pending_take(session, &dropped, &found, err);
}
