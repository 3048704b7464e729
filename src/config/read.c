/* SPDX-License-Identifier: MIT */
/* Where settings come from: JSON text, a file, the environment. */
#include "config/internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_MAX_SHOWN = 64
};

/* A name that is no setting; shown only if it can not spoil a terminal. */
static a0_status
refuse_stranger(a0_config *config, a0__text name, const char *place, const char *why,
                a0_error **err)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    bool shown = a0__text_is_visible_ascii(name) && name.len <= NAME_MAX_SHOWN;

    a0__buf_text(&line, shown ? name : A0__LIT("(unreadable name)"));
    a0__buf_string(&line, ": ");
    a0__buf_string(&line, why);
    if (place != NULL) {
        a0__buf_string(&line, " (");
        a0__buf_string(&line, place);
        a0__buf_byte(&line, ')');
    }
    A0_TRY(a0__buf_check(&line, err));
    return a0__strings_add(&config->strangers, a0__buf_view(&line), err);
}

/* What reading the members of a JSON object needs. */
typedef struct json_reader {
    a0_config *config;
    a0__text json;
    const char *path; /* NULL: not from a file */
    a0_status status;
    a0_error **err;
} json_reader;

static a0_status
read_member(json_reader *r, a0__text name, const a0__json *value)
{
    A0_AUTO(a0__buf) place = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    a0__slot *slot = a0__config_slot(r->config, name);
    size_t line = a0__json_line_of(r->json, name);

    a0__buf_string(&place, r->path != NULL ? r->path : "JSON");
    if (line > 0) {
        a0__buf_string(&place, " line ");
        a0__buf_u64(&place, line);
    }
    A0_TRY(a0__buf_check(&place, r->err));
    if (slot == NULL) {
        return refuse_stranger(r->config, name, a0__buf_cstr(&place),
                               "there is no such setting; take it out, or see `a0 help "
                               "settings` for the right name",
                               r->err);
    }
    return a0__slot_read_node(slot, value, a0__buf_cstr(&place), r->err);
}

static bool
each_member(void *self, a0__text name, const a0__json *value)
{
    json_reader *r = self;

    r->status = read_member(r, name, value);
    return r->status == A0_OK;
}

static a0_status
read_json(a0_config *config, a0__text json, const char *path, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    json_reader r = { config, json, path, A0_OK, err };

    A0_TRY(a0__json_parse(json, &document, err));
    if (!a0__json_is_object(document)) {
        return a0__fail_saying(err, A0_E_config_invalid,
                               "%s is not one JSON object: look for a missing or "
                               "superfluous comma, a comment, a name that stands twice",
                               path != NULL ? path : "the configuration");
    }
    a0__json_each(document, each_member, &r);
    return r.status;
}

a0_status
a0_config_read_json(a0_config *config, const char *json, size_t len, a0_error **err)
{
    return read_json(config, a0__text_range(json, len), NULL, err);
}

/* Appends what the file holds. *out_problem says why it could not be read. */
static a0_status
read_all(int file, a0__buf *out, const char **out_problem, a0_error **err)
{
    char chunk[4096];
    ssize_t got = 0;

    while ((got = read(file, chunk, sizeof chunk)) > 0) {
        a0__buf_bytes(out, chunk, (size_t)got);
    }
    a0__wipe(chunk, sizeof chunk);
    if (got < 0 || out->too_long) {
        *out_problem = got < 0 ? "can not be read" : "is too large";
        return A0_OK;
    }
    return a0__buf_check(out, err);
}

static const char *
privacy_problem(const struct stat *facts)
{
    if ((facts->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return "can be read by others; run chmod 600 on it";
    }
    if (facts->st_uid != geteuid() && facts->st_uid != 0) {
        return "belongs to another user; make it belong to the one that runs this";
    }
    return NULL;
}

static a0_status
read_path(const char *path, bool has_to_be_private, a0__buf *out,
          const char **out_problem, a0_error **err)
{
    struct stat facts = { 0 };
    a0_status status = A0_OK;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    *out_problem = NULL;
    if (file < 0) {
        *out_problem = "can not be opened; check that it exists and may be read";
        return A0_OK;
    }
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        *out_problem = "is no regular file";
    } else if (has_to_be_private) {
        *out_problem = privacy_problem(&facts);
    }
    if (*out_problem == NULL) {
        status = read_all(file, out, out_problem, err);
    }
    (void)close(file);
    return status;
}

a0_status
a0_config_read_file(a0_config *config, const char *path, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__CONFIG_FILE_MAX);
    const char *problem = NULL;

    A0_TRY(read_path(path, false, &json, &problem, err));
    if (problem != NULL) {
        return a0__fail_saying(err, A0_E_config_invalid, "%s %s", path, problem);
    }
    return read_json(config, a0__buf_view(&json), path, err);
}

/* Editors and `echo` end a file with a newline; it is no part of the secret. */
static a0__text
without_final_newline(a0__text text)
{
    if (a0__text_ends_with(text, A0__LIT("\n"))) {
        text.len--;
    }
    if (a0__text_ends_with(text, A0__LIT("\r"))) {
        text.len--;
    }
    return text;
}

static a0_status
read_secret_file(a0__slot *slot, const char *path, const char *variable, a0_error **err)
{
    A0_AUTO(a0__buf) content = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    A0_AUTO(a0__buf) problem = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    const char *what = NULL;

    A0_TRY(read_path(path, true, &content, &what, err));
    if (what == NULL) {
        return a0__slot_read_text(slot, without_final_newline(a0__buf_view(&content)),
                                  variable, err);
    }
    a0__buf_string(&problem, "its file ");
    a0__buf_string(&problem, what);
    A0_TRY(a0__buf_check(&problem, err));
    return a0__slot_refuse(slot, a0__buf_cstr(&problem), variable, err);
}

/* The setting of a variable's name: upper case there, lower case here. */
static a0__slot *
slot_of_variable(const a0_config *config, a0__text name)
{
    for (size_t i = 0; i < config->len; i++) {
        a0__text candidate = a0__text_of(config->slots[i].row.shown.name);
        bool same = candidate.len == name.len;

        for (size_t k = 0; same && k < name.len; k++) {
            bool upper = name.ptr[k] >= 'A' && name.ptr[k] <= 'Z';

            same = (upper || !a0__is_alpha(name.ptr[k])) &&
                   a0__to_lower(name.ptr[k]) == candidate.ptr[k];
        }
        if (same) {
            return &config->slots[i];
        }
    }
    return NULL;
}

static bool
is_in_environment(const char *const *environment, a0__text variable)
{
    for (; *environment != NULL; environment++) {
        a0__text rest = a0__text_of(*environment);
        a0__text name = A0__NO_TEXT;

        if (a0__text_next(&rest, '=', &name) && a0__text_equal(name, variable)) {
            return true;
        }
    }
    return false;
}

/* A0_<NAME>_FILE. With A0_<NAME> beside it nobody could say which one counts. */
static a0_status
read_secret_variable(a0__slot *slot, const char *const *environment, a0__text variable,
                     const char *path, const char *place, a0_error **err)
{
    variable.len -= sizeof "_FILE" - 1;
    if (is_in_environment(environment, variable)) {
        return a0__slot_refuse(slot,
                               "stands in the environment twice, as itself and as "
                               "a file; unset one of the two variables",
                               place, err);
    }
    return read_secret_file(slot, path, place, err);
}

static a0_status
read_variable(a0_config *config, const char *const *environment, const char *entry,
              a0_error **err)
{
    a0__text value = a0__text_of(entry);
    a0__text variable = A0__NO_TEXT;
    a0__text name = A0__NO_TEXT;
    A0_AUTO(a0__buf) place = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    a0__slot *slot = NULL;

    if (!a0__text_starts_with(value, A0__LIT("A0_")) ||
        !a0__text_next(&value, '=', &variable) || value.ptr == NULL) {
        return A0_OK;
    }
    a0__buf_text(&place, variable);
    A0_TRY(a0__buf_check(&place, err));
    name = a0__text_from(variable, sizeof "A0_" - 1);
    slot = slot_of_variable(config, name);
    if (slot != NULL) {
        return a0__slot_read_text(slot, value, a0__buf_cstr(&place), err);
    }
    if (a0__text_ends_with(name, A0__LIT("_FILE"))) {
        name.len -= sizeof "_FILE" - 1;
        slot = slot_of_variable(config, name);
    }
    if (slot != NULL && a0__kind_is_secret(slot->row.kind)) {
        return read_secret_variable(slot, environment, variable, value.ptr,
                                    a0__buf_cstr(&place), err);
    }
    return refuse_stranger(config, variable, NULL,
                           slot != NULL
                               ? "only a secret may stand in a file of its own; set "
                                 "the variable without _FILE"
                               : "there is no setting for this variable; unset it, or "
                                 "see `a0 help settings` for the right name",
                           err);
}

a0_status
a0_config_read_environment(a0_config *config, const char *const *environment,
                           a0_error **err)
{
    for (const char *const *entry = environment; *entry != NULL; entry++) {
        A0_TRY(read_variable(config, environment, *entry, err));
    }
    return A0_OK;
}
