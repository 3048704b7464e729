/* SPDX-License-Identifier: MIT */
/* Whether a path is fit to hold what only this user may read [STOR-10]. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/sqlite.h"

enum {
    OWNER_ONLY = 0600,
    PATH_BYTES_MAX = 4096
};

static a0_status
refuse(const char *path, const char *why, a0_error **err)
{
    return a0__fail_saying(err, A0_E_store_invalid, "%s: %s", path, why);
}

/* The folder without symbolic links, and the last component as it is written. */
static a0_status
resolve(const char *path, a0__buf *out, a0_error **err)
{
    const char *slash = strrchr(path, '/');
    A0_AUTO(a0__buf) folder = A0__BUF_INIT(PATH_BYTES_MAX);
    struct stat facts = { 0 };
    char resolved[PATH_MAX];

    a0__buf_bytes(&folder, path, slash != NULL ? (size_t)(slash - path) : 0);
    if (slash == path) {
        a0__buf_byte(&folder, '/');
    }
    if (slash == NULL) {
        a0__buf_byte(&folder, '.');
    }
    A0_TRY(a0__buf_check(&folder, err));
    if (realpath(a0__buf_cstr(&folder), resolved) == NULL) {
        return refuse(path, "its folder does not exist; make it, with mode 0700", err);
    }
    a0__buf_string(out, resolved);
    if (stat(a0__buf_cstr(out), &facts) != 0 ||
        ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0)) {
        return refuse(path, "others may replace files in its folder; chmod o-w it",
                      err);
    }
    a0__buf_byte(out, '/');
    a0__buf_string(out, slash != NULL ? slash + 1 : path);
    return a0__buf_check(out, err);
}

/* A file that is not there is fine; SQLite gives those beside the database its mode.
 * Looked at by name: closing a descriptor would drop the locks of other connections. */
static a0_status
check_file(const char *path, a0_error **err)
{
    struct stat facts = { 0 };

    if (lstat(path, &facts) != 0) {
        return errno == ENOENT ? A0_OK : refuse(path, "it cannot be looked at", err);
    }
    if (!S_ISREG(facts.st_mode) || facts.st_nlink != 1) {
        return refuse(path, "it is no regular file, or has a second name", err);
    }
    if (facts.st_uid != geteuid()) {
        return refuse(path, "it belongs to another user", err);
    }
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return refuse(path, "group or others have access to it; chmod 600 it", err);
    }
    return A0_OK;
}

/* Made here, because SQLite would make it with the mode that the umask leaves. */
static a0_status
create_file(const char *path, a0_error **err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, OWNER_ONLY);

    if (fd >= 0) {
        (void)close(fd);
        return A0_OK;
    }
    if (errno == EEXIST) {
        return A0_OK;
    }
    return refuse(path, "it cannot be made; check the permissions of its folder", err);
}

a0_status
a0__sqlite_file_prepare(const char *path, char **out_path, a0_error **err)
{
    static const char *const besides[] = { "", "-wal", "-shm", "-journal" };
    A0_AUTO(a0__buf) resolved = A0__BUF_INIT(PATH_BYTES_MAX);

    A0_TRY(resolve(path, &resolved, err));
    A0_TRY(create_file(a0__buf_cstr(&resolved), err));
    for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++) {
        A0_AUTO(a0__buf) name = A0__BUF_INIT(PATH_BYTES_MAX);

        a0__buf_text(&name, a0__buf_view(&resolved));
        a0__buf_string(&name, besides[i]);
        A0_TRY(a0__buf_check(&name, err));
        A0_TRY(check_file(a0__buf_cstr(&name), err));
    }
    *out_path = a0__buf_take(&resolved);
    A0_ENSURE(*out_path != NULL, err, no_memory);
    return A0_OK;
}
