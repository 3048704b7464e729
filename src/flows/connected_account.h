/* SPDX-License-Identifier: MIT */
/*
 * Records of connected accounts: whose account of which provider is connected to whom
 * (docs/formats.md). Linking asks here whether a signed-in identity is one that
 * somebody has connected (contract §2, rule 2); only a proven record is an answer.
 */
#ifndef A0_FLOWS_CONNECTED_ACCOUNT_H
#define A0_FLOWS_CONNECTED_ACCOUNT_H

#include "flows/rows.h"
#include "json/json.h"

enum {
    A0__CONNECTED_ACCOUNTS_MAX = 2000, /* of one person */
    A0__ACCOUNT_INDEX_LEN = 43         /* base64url of a SHA-256 */
};

/*
 * A record. The texts are views into `document` or into what the writer lays out. Of a
 * row that is not ours (`is_proven` false: from another library, edited by hand) the
 * subject, the address and the flags count as unknown, whatever stands there.
 */
typedef struct a0__connected_account {
    char key[A0_RECORD_KEY_MAX + 1];       /* Auth0's id of it */
    char user_id[A0_RECORD_INDEX_MAX + 1]; /* the owner */
    int64_t version;                       /* of the row; 0: not written yet */
    int64_t row_created_at;
    bool is_proven;

    a0__text id; /* UUIDv7 */
    a0__text connection;
    a0__text provider; /* the strategy, as far as known; else the connection */
    a0__text subject;  /* the person's id at the provider; "": unknown */
    a0__text email;    /* of the account, not of its owner; "": unknown */
    bool email_verified;
    a0__text scopes; /* as granted, space-separated */
    bool is_account_linked;
    int64_t created_at;
    int64_t updated_at;

    a0__json *document;
    char identity_index[A0__ACCOUNT_INDEX_LEN + 1];
    char email_index[A0__ACCOUNT_INDEX_LEN + 1];
} a0__connected_account;

void a0__connected_account_clear(a0__connected_account *account);
void a0__connected_account_auto(a0__connected_account *account);

typedef struct a0__connected_accounts {
    a0__connected_account *items;
    size_t len;
} a0__connected_accounts;

void a0__connected_accounts_auto(a0__connected_accounts *accounts);

/* ---- reading: all errors are store_* or no_memory ---- */

/* By Auth0's id, whoever the owner is. */
A0_MUST_USE a0_status a0__connected_account_get(a0_client *client, const char *key,
                                                a0__connected_account *out,
                                                bool *out_found, a0_error **err);
/* Those of a person, proven or not, oldest first. */
A0_MUST_USE a0_status a0__connected_accounts_of(a0_client *client, const char *user_id,
                                                a0__connected_accounts *out,
                                                a0_error **err);
/* Proven ones of that connection and subject at the provider, byte by byte. */
A0_MUST_USE a0_status a0__connected_accounts_by_identity(a0_client *client,
                                                         a0__text connection,
                                                         a0__text subject,
                                                         a0__connected_accounts *out,
                                                         a0_error **err);
/* Proven ones of that connection with that address, which the provider has verified,
 * and without a subject by which a sign-in could be told (contract §2, rule 2);
 * addresses compare as in rule 7. */
A0_MUST_USE a0_status a0__connected_accounts_by_email(a0_client *client,
                                                      a0__text connection,
                                                      a0__text email,
                                                      a0__connected_accounts *out,
                                                      a0_error **err);

/* The subject by which people who sign in by that connection are told apart; empty
 * where Auth0 names them by another one. With it an address, which may pass from one
 * person to the next, is none of their marks (rule 2). */
a0__text a0__connected_account_subject(const a0_client *client,
                                       const a0__connected_account *account);

/* ---- writing ---- */

/*
 * Adds the record as it is now to a batch: an INSERT if its version is 0, else an
 * UPDATE of that version. Sets updated_at, and id and created_at of a new one. The
 * record must live, unchanged, until the commit.
 */
A0_MUST_USE a0_status a0__connected_account_write(a0__batch *batch, a0_client *client,
                                                  a0__connected_account *account,
                                                  a0_error **err);

#endif
