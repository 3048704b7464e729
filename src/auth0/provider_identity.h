/* SPDX-License-Identifier: MIT */
/*
 * Whose account at a provider was connected (wire §23): neither the My Account API nor
 * the Management API tells, so the provider is asked with its own token. Pure.
 */
#ifndef A0_AUTH0_PROVIDER_IDENTITY_H
#define A0_AUTH0_PROVIDER_IDENTITY_H

#include "config/settings.h"
#include "http/http.h"
#include "json/json.h"

/* Where a provider is asked, and how it answers. Lives as long as the settings. */
typedef struct a0__identity_source {
    const char *name;
    const char *url;        /* NULL: the provider has none */
    const char *emails_url; /* a list of addresses; NULL: they stand in the answer */
    const char *scope;      /* with which it tells who the person is */
    const char *subject;    /* the member that holds the id */
    /* Whether Auth0 names people who sign in by the provider by that id. */
    bool subject_is_user_id;
} a0__identity_source;

/* By connection, else by strategy; the setting before the built-in table. False when
 * nothing is known. */
bool a0__identity_source_of(const a0__settings *settings, a0__text connection,
                            a0__text strategy, a0__identity_source *out);

typedef struct a0__provider_identity {
    a0__buf subject;
    a0__buf email; /* empty: not told */
    bool email_verified;
} a0__provider_identity;

enum {
    A0__SUBJECT_MAX = 255,
    A0__PROVIDER_EMAIL_MAX = 320 /* RFC 5321 §4.5.3.1: 64, @ and 255 */
};

#define A0__PROVIDER_IDENTITY_INIT                                                     \
    ((a0__provider_identity){ .subject = A0__BUF_INIT(A0__SUBJECT_MAX),                \
                              .email = A0__BUF_INIT(A0__PROVIDER_EMAIL_MAX) })

void a0__provider_identity_auto(a0__provider_identity *identity);

void a0__identity_request(const char *url, const a0__secret *provider_token,
                          a0__http_request *out);

/*
 * Reads the provider's answer, and that of emails_url into an identity whose subject is
 * known. An address counts as verified only if the provider says `true`. Errors:
 * userinfo_http_error, userinfo_response_invalid.
 */
A0_MUST_USE a0_status a0__identity_response(const a0__identity_source *source,
                                            const a0_http_response *response,
                                            a0__provider_identity *out, a0_error **err);
A0_MUST_USE a0_status a0__identity_emails_response(const a0_http_response *response,
                                                   a0__provider_identity *out,
                                                   a0_error **err);

/* ---- the tenant's log, which names the account among several ---- */

void a0__connect_log_url(const a0__settings *settings, a0__text user_id, a0__buf *out);
/* The provider's id of the person whose account Auth0 connected under that id; "" when
 * the log does not say (yet). A view into the document. */
a0__text a0__connect_log_find(const a0__json *events, a0__text connected_account_id);

#endif
