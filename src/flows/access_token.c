/* SPDX-License-Identifier: MIT */
/*
 * An access token for the session (contract §1): the kept one while it is fresh, else
 * one refresh, single-flight per refresh token.
 */
#include <a0/session.h>

#include <string.h>

#include "flows/refresh.h"
#include "flows/refresh_token_row.h"
#include "flows/token.h"
#include "oauth/refresh.h"
#include "oauth/scope.h"

enum {
    SCOPE_MAX = 8192,
    REFRESH_EVERY_S = 5 /* at most, per token */
};

/* What is asked for, in the form of the key under which tokens are kept [RFR-10]. */
static a0_status
wanted_token(const a0_client *client, const a0_access_token_options *options,
             a0__wanted_token *out, a0_error **err)
{
    a0_access_token_options given = A0_ACCESS_TOKEN_OPTIONS_INIT;

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    if (given.audience == NULL) {
        given.audience = client->settings->audience;
    }
    if (given.scope == NULL) {
        given.scope = a0__settings_scope_for(client->settings, given.audience);
    }
    if (!a0__scope_is_valid(a0__text_of(given.scope))) {
        return a0__fail_about(err, A0_E_param_invalid, "scope");
    }
    out->audience = a0__text_of(given.audience != NULL ? given.audience : "");
    A0_TRY(a0__scope_sort(a0__text_of(given.scope), &out->scope, err));
    return a0__buf_check(&out->scope, err);
}

static const a0__kept_token *
find_kept(const a0_session *session, const a0__wanted_token *wanted)
{
    return a0__session_record_token(&session->record, wanted->audience,
                                    a0__buf_view(&wanted->scope));
}

/* RFR-09: whatever its lifetime, a token that has just come is not asked for again. */
static bool
has_just_come(const a0__kept_token *kept, int64_t now)
{
    return kept->obtained_at <= now && now - kept->obtained_at < REFRESH_EVERY_S;
}

const a0__kept_token *
a0__wanted_fresh(const a0_session *session, const a0__wanted_token *wanted)
{
    const a0__kept_token *kept = find_kept(session, wanted);
    int64_t now = a0__client_now_s(session->client);

    if (kept == NULL || has_just_come(kept, now)) {
        return kept;
    }
    return a0__access_token_is_fresh(kept->obtained_at, kept->expires_at, now) &&
                   !a0__text_equal(kept->access_token, wanted->rejected)
               ? kept
               : NULL;
}

/* RFR-06: while the tenant is away, a token that is merely due is still good. */
static const a0__kept_token *
still_valid(const a0_session *session, const a0__wanted_token *wanted)
{
    const a0__kept_token *kept = find_kept(session, wanted);
    int64_t now = a0__client_now_s(session->client);

    return kept != NULL && kept->obtained_at <= now && now < kept->expires_at ? kept
                                                                              : NULL;
}

static a0_status
hand_out(const a0__kept_token *kept, const a0__wanted_token *wanted,
         a0_token **out_token, a0_error **err)
{
    /* TOK-06: what was granted at the sign-in may be less than what is needed now. */
    A0_ENSURE(a0__scope_covers_api(kept->scope_granted, a0__buf_view(&wanted->scope)),
              err, scope_insufficient);
    return a0__token_new(kept, out_token, err);
}

a0_status
a0__session_access_token(a0_session *session, const a0_access_token_options *options,
                         a0__text rejected, a0_token **out_token, a0_error **err)
{
    A0_AUTO(a0__wanted_token)
    wanted = { .scope = A0__BUF_INIT(SCOPE_MAX), .rejected = rejected };
    A0_AUTO(a0__error_ptr) failure = NULL;
    const a0__kept_token *kept = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__session_require(session, err));
    A0_TRY(wanted_token(session->client, options, &wanted, err));
    kept = a0__wanted_fresh(session, &wanted);
    if (kept != NULL) {
        return hand_out(kept, &wanted, out_token, err);
    }
    status = a0__refresh_single_flight(session, &wanted, &failure);
    if (status == A0_OK) {
        kept = find_kept(session, &wanted);
    } else if (status == A0_UNAVAILABLE) {
        kept = still_valid(session, &wanted);
    }
    if (status != A0_OK && kept == NULL) {
        a0__error_move(err, &failure);
        return status;
    }
    A0_ENSURE(kept != NULL, err, internal);
    return hand_out(kept, &wanted, out_token, err);
}

a0_status
a0_session_access_token(a0_session *session, const a0_access_token_options *options,
                        a0_token **out_token, a0_error **err)
{
    return a0__session_access_token(session, options, A0__NO_TEXT, out_token, err);
}

void
a0__wanted_token_auto(a0__wanted_token *wanted)
{
    a0__buf_clear(&wanted->scope);
}

a0_status
a0_session_refresh_token(a0_session *session, const char **out_refresh_token,
                         a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    bool found = false;

    A0_TRY(a0__session_require(session, err));
    A0_ENSURE(session->record.refresh_key.len > 0, err, refresh_token_missing);
    A0_TRY(a0__refresh_token_read(session->client, session->record.refresh_key.ptr,
                                  &row, &session->refresh_token, &found, err));
    A0_ENSURE(found, err, refresh_token_missing);
    *out_refresh_token = a0__secret_expose_cstr(&session->refresh_token);
    return A0_OK;
}
