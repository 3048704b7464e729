/* SPDX-License-Identifier: MIT */
/*
 * Users, as the Management API knows them. The application needs a grant for that API
 * (a0_ping says whether it has one); its machine token is fetched when it is needed and
 * shared by all threads.
 *
 * Errors of all operations: param_invalid, mgmt_auth_failed, mgmt_scope_missing,
 * mgmt_rate_limited and mgmt_unavailable (try again later), mgmt_refused,
 * mgmt_response_invalid, http_*.
 */
#ifndef A0_USER_H
#define A0_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A profile. Owned by the caller; getters live as long as the object. */
typedef struct a0_user a0_user;

A0_API void a0_user_free(a0_user *user);

/* The whole profile as a JSON object, without tokens of identity providers and without
 * hashes of passwords: those are dropped before anything is kept. */
A0_API const char *a0_user_json(const a0_user *user);
A0_API const char *a0_user_id(const a0_user *user);
A0_API const char *a0_user_email(const a0_user *user); /* NULL: the user has none */
A0_API bool a0_user_email_verified(const a0_user *user);
A0_API bool a0_user_blocked(const a0_user *user);
A0_API const char *a0_user_created_at(const a0_user *user); /* ISO 8601, or NULL */

/* The accounts behind the user; the first is the primary one, there is at least one. */
typedef struct a0_identity {
    const char *provider;
    const char *connection;
    const char *user_id; /* at the provider, without its name */
} a0_identity;

A0_API size_t a0_user_identities_len(const a0_user *user);
/* NULL past the end. */
A0_API const a0_identity *a0_user_identity(const a0_user *user, size_t i);

typedef struct a0_user_get_options {
    size_t size;
    bool afresh; /* ask Auth0 even if the profile is cached */
} a0_user_get_options;

#define A0_USER_GET_OPTIONS_INIT                                                       \
    {                                                                                  \
        .size = sizeof(a0_user_get_options)                                            \
    }

/*
 * The user of that id, from the cache for user_cache_ttl seconds, else from Auth0.
 * Also: mgmt_user_not_found.
 */
A0_API A0_MUST_USE a0_status a0_user_get(a0_client *client, const char *user_id,
                                         const a0_user_get_options *options,
                                         a0_user **out_user, a0_error **err);

typedef struct a0_users a0_users;

A0_API void a0_users_free(a0_users *users);
A0_API size_t a0_users_len(const a0_users *users);
/* Borrowed from the list; NULL past the end. */
A0_API const a0_user *a0_users_at(const a0_users *users, size_t i);

/*
 * All users with that address, asked afresh: as given and in lower case, because Auth0
 * compares it byte by byte. None is an empty list. Users with an id that no ID token
 * may have are left out: nobody signs in as one.
 */
A0_API A0_MUST_USE a0_status a0_user_by_email(a0_client *client, const char *email,
                                              a0_users **out_users, a0_error **err);

typedef struct a0_user_list_options {
    size_t size;
    const char *after; /* a0_users_next of the page before; NULL: the first page */
} a0_user_list_options;

#define A0_USER_LIST_OPTIONS_INIT                                                      \
    {                                                                                  \
        .size = sizeof(a0_user_list_options)                                           \
    }

/*
 * All users, a page of a hundred at most a call, in the order in which they were
 * created; each once, though one that is created meanwhile may be missing. Profiles
 * have user_id, email, email_verified, blocked, created_at and identities alone. The
 * search behind it is a little old: for looking around, never for a decision. Users
 * whose id or address nothing can be made of are left out, and counted. Also:
 * param_invalid for an `after` that is none.
 */
A0_API A0_MUST_USE a0_status a0_user_list(a0_client *client,
                                          const a0_user_list_options *options,
                                          a0_users **out_page, a0_error **err);

/* Of a page: where the next one begins, or NULL behind the last; how many there are on
 * this page and behind it, as far as Auth0 says; how many were left out of it, of which
 * one at its end may be counted with the next as well. The text may be kept for another
 * process, and lives as long as the page. */
A0_API const char *a0_users_next(const a0_users *page);
A0_API int64_t a0_users_left(const a0_users *page);
A0_API int64_t a0_users_unreadable(const a0_users *page);

/*
 * Changes a user by a JSON object of attributes (Auth0 merges user_metadata and
 * app_metadata one level deep) and gives the profile as it is then. Sent once: after an
 * http_* error the change may have been made or not, so read the user again before
 * deciding. The cached profile is dropped in every case. Also: mgmt_user_not_found.
 */
A0_API A0_MUST_USE a0_status a0_user_update(a0_client *client, const char *user_id,
                                            const char *attributes, a0_user **out_user,
                                            a0_error **err);

/* What the Token Vault holds for a user, without any token. */
typedef struct a0_tokensets a0_tokensets;

A0_API void a0_tokensets_free(a0_tokensets *tokensets);
A0_API size_t a0_tokensets_len(const a0_tokensets *tokensets);
/* The list as a JSON array of id, connection, scope, issued_at, expires_at and
 * last_used_at; what Auth0 does not say is null. */
A0_API const char *a0_tokensets_json(const a0_tokensets *tokensets);

/*
 * Asks for the user's token sets, or for the connected accounts where the tenant has no
 * such list any more. Also: mgmt_user_not_found.
 */
A0_API A0_MUST_USE a0_status a0_user_tokensets(a0_client *client, const char *user_id,
                                               a0_tokensets **out_tokensets,
                                               a0_error **err);

/* ---- what this library keeps itself ---- */

/* An answer as a JSON object. Owned by the caller; getters live as long as the object.
 */
typedef struct a0_user_data a0_user_data;

A0_API void a0_user_data_free(a0_user_data *data);
A0_API const char *a0_user_data_json(const a0_user_data *data);

/*
 * What the store has about a user; Auth0 is not asked. Members: user_id and the lists
 * sessions, open_transactions, refresh_tokens, account_tokens, marks (since when each
 * exists, and until when; never a token), connected_accounts, links and link_journal
 * (of another person only the id). A user who is not known has empty lists. Errors:
 * param_invalid, store_*.
 */
A0_API A0_MUST_USE a0_status a0_user_export(a0_client *client, const char *user_id,
                                            a0_user_data **out_data, a0_error **err);

/*
 * Removes all of that, sessions first, and what is cached in this process, and asks
 * Auth0 to revoke the refresh tokens; the user at Auth0 stays. Members: user_id, how
 * many there were under the names of a0_user_export, and tokens_are_revoked: with false
 * a0_client_sweep tries again, and what it needs no longer says whose it was. After an
 * error part of it may be gone; calling again goes on. Other processes forget cached
 * profiles within user_cache_ttl; a0_store_sqlite_compact clears unused parts of the
 * file. A link that is half-way is finished or taken back first. Errors:
 * param_invalid, link_partial, link_in_progress, store_*.
 */
A0_API A0_MUST_USE a0_status a0_user_erase(a0_client *client, const char *user_id,
                                           a0_user_data **out_erased, a0_error **err);

/* A refresh token, a secret. Owned by the caller; wiped when freed. */
typedef struct a0_refresh_token a0_refresh_token;

A0_API void a0_refresh_token_free(a0_refresh_token *token);
A0_API const char *a0_refresh_token_text(const a0_refresh_token *token);

/*
 * The newest refresh token that a sign-in of that user brought, as it is kept here: for
 * work without a browser, as with a0_vault_token. No request is made. Errors:
 * param_invalid, refresh_token_missing, store_*.
 */
A0_API A0_MUST_USE a0_status a0_user_refresh_token(a0_client *client,
                                                   const char *user_id,
                                                   a0_refresh_token **out_token,
                                                   a0_error **err);

/* Keeps a token that came from elsewhere as the newest one of that user. Errors:
 * param_invalid, store_*. */
A0_API A0_MUST_USE a0_status a0_user_refresh_token_put(a0_client *client,
                                                       const char *user_id,
                                                       const char *refresh_token,
                                                       a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
