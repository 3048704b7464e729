/* SPDX-License-Identifier: MIT */
#include "audit_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "json/json.h"

enum {
    STATE_MAX = AUDIT_CURSOR_MAX * 2,
    LINE_MAX_HERE = 4 * 1024 * 1024,
    NAME_MAX_HERE = 16,
    READ_MAX = 65536
};

const char *const audit_class_names[AUDIT_CLASSES_LEN] = { "safe", "confirm", "refused",
                                                           "suspicious" };

void
audit_state_auto(audit_state *state)
{
    a0__buf_clear(&state->after);
}

static bool
can_not(const audit_work *work, const char *what)
{
    cli_complain("--work: %s can not be %s", work->path, what);
    return false;
}

/* ---- files ---- */

static bool
write_all(int file, a0__text text)
{
    while (text.len > 0) {
        ssize_t written = write(file, text.ptr, text.len);

        if (written < 0 && errno != EINTR) {
            return false;
        }
        text = a0__text_from(text, written > 0 ? (size_t)written : 0);
    }
    return true;
}

static bool
read_all(int file, a0__buf *out)
{
    char bytes[READ_MAX];
    ssize_t len = 0;

    while ((len = read(file, bytes, sizeof bytes)) != 0) {
        if (len < 0 && errno != EINTR) {
            return false;
        }
        a0__buf_bytes(out, bytes, len > 0 ? (size_t)len : 0);
    }
    return a0__buf_ok(out);
}

static int
open_file(const audit_work *work, const char *name, int flags)
{
    return openat(work->folder, name, flags | O_CLOEXEC | O_NOFOLLOW,
                  S_IRUSR | S_IWUSR);
}

static bool
append(const audit_work *work, const char *name, a0__text text)
{
    int file = open_file(work, name, O_WRONLY | O_CREAT | O_APPEND);
    bool written = file >= 0 && write_all(file, text);

    return (file < 0 || close(file) == 0) && (written || can_not(work, "written"));
}

/* ---- how far it has come ---- */

bool
audit_work_save(const audit_work *work, const audit_state *state)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(STATE_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    int file = open_file(work, "state.new", O_WRONLY | O_CREAT | O_TRUNC);
    bool saved = false;

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "tenant", work->tenant);
    a0__json_put(&w, "after", a0__buf_view(&state->after));
    a0__json_put_bool(&w, "is_walked", state->is_walked);
    a0__json_put_i64(&w, "users", state->users);
    a0__json_put_i64(&w, "unreadable", state->unreadable);
    a0__json_put_i64(&w, "bucket", state->bucket);
    a0__json_put_i64(&w, "result_bytes", state->result_bytes);
    for (int i = 0; i < AUDIT_CLASSES_LEN; i++) {
        a0__json_put_i64(&w, audit_class_names[i], state->groups[i]);
    }
    a0__json_close(&w, '}');
    saved = file >= 0 && a0__buf_ok(&json) && write_all(file, a0__buf_view(&json)) &&
            fsync(file) == 0 &&
            renameat(work->folder, "state.new", work->folder, "state") == 0;
    if (file >= 0) {
        (void)close(file);
    }
    return saved || can_not(work, "written");
}

static bool
read_state(const audit_work *work, a0__text text, audit_state *out)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0__text tenant = A0__NO_TEXT;
    a0__text after = A0__NO_TEXT;

    if (a0__json_parse(text, &document, NULL) != A0_OK ||
        a0__json_text(document, "tenant", &tenant) != A0__FOUND ||
        a0__json_text(document, "after", &after) != A0__FOUND ||
        a0__json_bool(document, "is_walked", &out->is_walked) != A0__FOUND ||
        a0__json_i64(document, "users", &out->users) != A0__FOUND ||
        a0__json_i64(document, "bucket", &out->bucket) != A0__FOUND ||
        a0__json_i64(document, "result_bytes", &out->result_bytes) != A0__FOUND) {
        return can_not(work, "read as the folder of an audit; name another one");
    }
    (void)a0__json_i64(document, "unreadable", &out->unreadable);
    for (int i = 0; i < AUDIT_CLASSES_LEN; i++) {
        (void)a0__json_i64(document, audit_class_names[i], &out->groups[i]);
    }
    a0__buf_text(&out->after, after);
    if (!a0__text_is(tenant, work->tenant)) {
        cli_complain("--work: %s is of an audit of another tenant; name another folder",
                     work->path);
        return false;
    }
    return true;
}

/* A folder without a state is new. */
static bool
load(const audit_work *work, audit_state *out)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(STATE_MAX);
    int file = open_file(work, "state", O_RDONLY);
    bool is_read = file >= 0 && read_all(file, &json);

    if (file < 0 && errno == ENOENT) {
        return audit_work_save(work, out);
    }
    if (file >= 0) {
        (void)close(file);
    }
    return is_read ? read_state(work, a0__buf_view(&json), out) : can_not(work, "read");
}

/* ---- the folder ---- */

static bool
make_folder(audit_work *work, const char *path)
{
    if (path == NULL) {
        (void)snprintf(work->path, sizeof work->path, "/tmp/a0-audit-XXXXXX");
        work->is_temporary = mkdtemp(work->path) != NULL;
        return work->is_temporary || can_not(work, "made");
    }
    (void)snprintf(work->path, sizeof work->path, "%s", path);
    return mkdir(work->path, S_IRWXU) == 0 || errno == EEXIST || can_not(work, "made");
}

static bool
lock_folder(audit_work *work)
{
    work->folder = open(work->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    work->lock = work->folder >= 0 ? open_file(work, "lock", O_RDWR | O_CREAT) : -1;
    if (work->lock < 0) {
        return can_not(work, "written");
    }
    return flock(work->lock, LOCK_EX | LOCK_NB) == 0 ||
           can_not(work, "used: another audit does");
}

bool
audit_work_open(audit_work *work, const char *path, const char *tenant,
                audit_state *state)
{
    work->tenant = tenant;
    if (!make_folder(work, path) || !lock_folder(work) || !load(work, state)) {
        return false;
    }
    work->result = open_file(work, "found", O_RDWR | O_CREAT);
    /* What was found after the last save is found again. */
    return (work->result >= 0 && ftruncate(work->result, state->result_bytes) == 0 &&
            lseek(work->result, 0, SEEK_END) >= 0) ||
           can_not(work, "written");
}

static void
name_bucket(int64_t bucket, char out[NAME_MAX_HERE])
{
    (void)snprintf(out, NAME_MAX_HERE, "users-%02x", (unsigned)bucket & 0xff);
}

static void
remove_all(const audit_work *work)
{
    static const char *const names[] = { "state", "state.new", "lock", "found" };
    char name[NAME_MAX_HERE];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlinkat(work->folder, names[i], 0);
    }
    for (int64_t bucket = 0; bucket < AUDIT_BUCKETS; bucket++) {
        name_bucket(bucket, name);
        (void)unlinkat(work->folder, name, 0);
    }
    (void)rmdir(work->path);
}

void
audit_work_auto(audit_work *work)
{
    if (work->is_temporary && work->folder >= 0) {
        remove_all(work);
    }
    if (work->result >= 0) {
        (void)close(work->result);
    }
    if (work->lock >= 0) {
        (void)close(work->lock);
    }
    if (work->folder >= 0) {
        (void)close(work->folder);
    }
}

/* ---- users ---- */

/* FNV-1a: which bucket an address falls into is nobody's secret. */
static int64_t
bucket_of(a0__text address)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < address.len; i++) {
        hash = (hash ^ (unsigned char)address.ptr[i]) * 16777619U;
    }
    return hash % AUDIT_BUCKETS;
}

bool
audit_work_add(const audit_work *work, a0__text address, a0__text user_id)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(READ_MAX);
    char name[NAME_MAX_HERE];

    name_bucket(bucket_of(address), name);
    a0__buf_text(&line, address);
    a0__buf_byte(&line, '\t');
    a0__buf_text(&line, user_id);
    a0__buf_byte(&line, '\n');
    return a0__buf_ok(&line) && append(work, name, a0__buf_view(&line));
}

bool
audit_work_bucket(const audit_work *work, int64_t bucket, a0__buf *out)
{
    char name[NAME_MAX_HERE];
    int file = -1;
    bool is_read = false;

    name_bucket(bucket, name);
    file = open_file(work, name, O_RDONLY);
    if (file < 0) {
        return errno == ENOENT || can_not(work, "read");
    }
    is_read = read_all(file, out);
    (void)close(file);
    return is_read || can_not(work, "read");
}

/* ---- what was found ---- */

bool
audit_work_found(const audit_work *work, audit_state *state, a0__text line)
{
    if (!write_all(work->result, line) || !write_all(work->result, A0__LIT("\n"))) {
        return can_not(work, "written");
    }
    state->result_bytes += (int64_t)line.len + 1;
    return true;
}

bool
audit_work_each(const audit_work *work, bool (*each)(void *self, a0__text line),
                void *self)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(LINE_MAX_HERE);
    char bytes[READ_MAX];
    off_t at = 0;
    ssize_t len = 0;

    while ((len = pread(work->result, bytes, sizeof bytes, at)) > 0) {
        for (ssize_t i = 0; i < len; i++) {
            if (bytes[i] != '\n') {
                a0__buf_byte(&line, bytes[i]);
            } else if (!a0__buf_ok(&line) || !each(self, a0__buf_view(&line))) {
                return false;
            } else {
                a0__buf_reset(&line);
            }
        }
        at += len;
    }
    return len == 0 || can_not(work, "read");
}
