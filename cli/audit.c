/* SPDX-License-Identifier: MIT */
/*
 * The audit in two passes: all users into files by the hash of their address, then file
 * by file those that share one, each judged by the rules from profiles read then.
 */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "life.h"

enum {
    EMAIL_MAX = 320,
    BAR_LEN = 30,
    REDRAWN_EVERY = 16
};

/* ---- progress ---- */

void
audit_progress(const char *what, int64_t done, int64_t total)
{
    static const char bar[] = "##############################";
    int full = total > 0 && done < total ? (int)(done * BAR_LEN / total) : BAR_LEN;

    _Static_assert(sizeof bar == BAR_LEN + 1, "the bar");
    if (isatty(STDERR_FILENO) == 1) {
        (void)dprintf(STDERR_FILENO, "\r[%-*.*s] %lld of %lld %s ", BAR_LEN, full, bar,
                      (long long)done, (long long)total, what);
    }
}

void
audit_progress_end(void)
{
    if (isatty(STDERR_FILENO) == 1) {
        (void)dprintf(STDERR_FILENO, "\n");
    }
}

/* What is done so far is not lost, unless it was in a temporary folder. */
static int
interrupted(const audit_work *work)
{
    audit_progress_end();
    cli_complain(work->is_temporary
                     ? "with --work DIRECTORY the same command would go on from here"
                     : "the same command goes on from here");
    return CLI_REFUSED;
}

/* ---- first pass: all users ---- */

/* As the rules compare: without white space around it, ASCII letters in lower case. */
static void
canonical(const char *email, a0__buf *out)
{
    a0__text text = a0__text_trim(a0__text_of(email));

    for (size_t i = 0; i < text.len; i++) {
        a0__buf_byte(out, a0__to_lower(text.ptr[i]));
    }
}

static bool
keep_user(const audit_work *work, const a0_user *user)
{
    A0_AUTO(a0__buf) address = A0__BUF_INIT(EMAIL_MAX);

    canonical(a0_user_email(user), &address);
    if (address.len == 0 || !a0__buf_ok(&address)) {
        return true; /* nothing to share */
    }
    return audit_work_add(work, a0__buf_view(&address), a0__text_of(a0_user_id(user)));
}

static bool
keep_page(const audit_work *work, audit_state *state, const a0_users *page)
{
    for (size_t i = 0; i < a0_users_len(page); i++) {
        if (!keep_user(work, a0_users_at(page, i))) {
            return false;
        }
    }
    state->users += (int64_t)a0_users_len(page);
    state->unreadable += a0_users_unreadable(page);
    state->is_walked = a0_users_next(page) == NULL;
    a0__buf_reset(&state->after);
    a0__buf_string(&state->after, a0_users_next(page));
    return audit_work_save(work, state);
}

static int
walk(a0_client *client, const audit_work *work, audit_state *state)
{
    while (!state->is_walked) {
        a0_user_list_options options = A0_USER_LIST_OPTIONS_INIT;
        a0_users *page = NULL;
        a0_error *err = NULL;
        bool kept = false;

        options.after = a0__buf_cstr(&state->after);
        if (a0_user_list(client, &options, &page, &err) != A0_OK) {
            (void)cli_report(NULL, err);
            return interrupted(work);
        }
        kept = keep_page(work, state, page);
        audit_progress("users", state->users,
                       state->is_walked ? state->users
                                        : state->users + a0_users_left(page));
        a0_users_free(page);
        if (!kept) {
            return CLI_REFUSED;
        }
    }
    audit_progress_end();
    return CLI_OK;
}

/* ---- second pass: those that share an address ---- */

static int
compare(const void *a, const void *b)
{
    const a0__text *one = a;
    const a0__text *other = b;
    size_t len = one->len < other->len ? one->len : other->len;
    int order = memcmp(one->ptr, other->ptr, len);

    return order != 0 ? order : (one->len > other->len) - (one->len < other->len);
}

typedef struct lines {
    a0__buf text;
    a0__text *items;
    size_t len;
} lines;

static void
lines_auto(lines *l)
{
    a0__buf_clear(&l->text);
    a0__free(l->items);
}

/* The lines of a bucket, sorted: accounts of one address stand together. */
static bool
read_lines(const audit_work *work, int64_t bucket, lines *out)
{
    a0__text rest = A0__NO_TEXT;
    a0__text line = A0__NO_TEXT;
    size_t newlines = 0;

    if (!audit_work_bucket(work, bucket, &out->text)) {
        return false;
    }
    rest = a0__buf_view(&out->text);
    for (size_t i = 0; i < rest.len; i++) {
        newlines += rest.ptr[i] == '\n' ? 1 : 0;
    }
    out->items = a0__calloc(newlines + 1, sizeof *out->items);
    if (out->items == NULL) {
        cli_complain("there is not enough memory");
        return false;
    }
    while (a0__text_next(&rest, '\n', &line)) {
        if (line.len > 0) {
            out->items[out->len++] = line;
        }
    }
    qsort(out->items, out->len, sizeof *out->items, compare);
    return true;
}

static a0__text
address_of(a0__text line)
{
    a0__text address = A0__NO_TEXT;

    (void)a0__text_next(&line, '\t', &address);
    return address;
}

/* The accounts of the address at *at, each once; *at moves behind them. */
static size_t
take_group(const lines *l, size_t *at, a0__text *out_user_ids)
{
    a0__text address = address_of(l->items[*at]);
    size_t len = 0;

    while (*at < l->len && a0__text_equal(address_of(l->items[*at]), address)) {
        a0__text line = l->items[*at];
        bool is_new = *at == 0 || !a0__text_equal(line, l->items[*at - 1]);

        if (is_new && len < AUDIT_GROUP_MAX) {
            out_user_ids[len++] = a0__text_from(line, address.len + 1);
        }
        (*at)++;
    }
    return len;
}

static int
judge_bucket(a0_client *client, const audit_work *work, audit_state *state)
{
    A0_AUTO(lines) l = { .text = A0__BUF_INIT(AUDIT_BUCKET_MAX) };
    a0__text user_ids[AUDIT_GROUP_MAX];
    size_t at = 0;

    if (!read_lines(work, state->bucket, &l)) {
        return CLI_REFUSED;
    }
    while (at < l.len) {
        A0_AUTO(a0__buf) found = A0__BUF_INIT(CLI_JSON_MAX);
        a0__text address = address_of(l.items[at]);
        size_t len = take_group(&l, &at, user_ids);
        audit_class group_class = AUDIT_REFUSED;

        if (len < 2) {
            continue;
        }
        if (!audit_judge(client, address, user_ids, len, &found, &group_class)) {
            return interrupted(work);
        }
        if (found.len > 0) {
            state->groups[group_class]++;
            if (!audit_work_found(work, state, a0__buf_view(&found))) {
                return CLI_REFUSED;
            }
        }
    }
    state->bucket++;
    return audit_work_save(work, state) ? CLI_OK : CLI_REFUSED;
}

static int
judge(a0_client *client, const audit_work *work, audit_state *state)
{
    int code = CLI_OK;

    while (state->bucket < AUDIT_BUCKETS && code == CLI_OK) {
        code = judge_bucket(client, work, state);
        if (state->bucket % REDRAWN_EVERY == 0) {
            audit_progress("parts looked at", state->bucket, AUDIT_BUCKETS);
        }
    }
    audit_progress_end();
    return code;
}

/* ---- the whole ---- */

static int
run(a0_client *client, const audit_work *work, audit_state *state,
    const audit_options *given)
{
    int code = CLI_OK;

    if (given->applies && state->bucket < AUDIT_BUCKETS) {
        cli_complain("--apply: look first; the same command without it says what would "
                     "be linked");
        return CLI_USAGE;
    }
    if (given->applies) {
        return audit_apply(client, work, state, given->each_ms);
    }
    code = walk(client, work, state);
    if (code == CLI_OK) {
        code = judge(client, work, state);
    }
    if (code == CLI_OK && !audit_print(work, state, given->as_csv)) {
        code = CLI_REFUSED;
    }
    return code;
}

int
cli_audit(a0_client *client, const audit_options *given)
{
    A0_AUTO(audit_work) work = AUDIT_WORK_INIT;
    A0_AUTO(audit_state) state = AUDIT_STATE_INIT;

    if (!audit_work_open(&work, given->work, given->tenant, &state)) {
        return CLI_USAGE;
    }
    return run(client, &work, &state, given);
}
