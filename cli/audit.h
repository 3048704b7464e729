/* SPDX-License-Identifier: MIT */
/* a0 link audit: every account of a tenant that shares its address with another one. */
#ifndef A0_CLI_AUDIT_H
#define A0_CLI_AUDIT_H

#include "audit_work.h"
#include "client.h"

enum {
    /* As many accounts of one address as anybody looks at. */
    AUDIT_GROUP_MAX = 64
};

typedef struct audit_options {
    const char *work;   /* a folder; NULL: a temporary one */
    const char *tenant; /* its domain */
    bool as_csv;        /* else one JSON object */
    bool applies;       /* links what a finished audit found safe */
    int64_t each_ms;    /* the pause between two links */
} audit_options;

/* Gives the exit code. */
int cli_audit(a0_client *client, const audit_options *given);

/* ---- between the files of the audit ---- */

/* A group of accounts as one line: {"email", "class", "accounts": [{"user_id",
 * "outcome", "rule", "reason", "primary_user_id"}]}; nothing when nothing would happen
 * to any of them. False after an error, which is printed. */
bool audit_judge(a0_client *client, a0__text email, const a0__text *user_ids,
                 size_t len, a0__buf *out, audit_class *out_class);

/* Prints what was found. */
bool audit_print(const audit_work *work, const audit_state *state, bool as_csv);

/* Links the safe ones. */
int audit_apply(a0_client *client, const audit_work *work, const audit_state *state,
                int64_t each_ms);

/* A bar on the terminal, if standard error is one. */
void audit_progress(const char *what, int64_t done, int64_t total);
void audit_progress_end(void);

#endif
