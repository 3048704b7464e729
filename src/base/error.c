/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <a0/sys/fail.h>

#include "base/mem.h"

/* Foreign text is quoted at most this long (contract §5). */
enum {
    FOREIGN_MAX = 200,
    MESSAGE_MAX = 400,
    ARGUMENT_MAX = 64
};

struct a0_error {
    a0__error_id id;
    bool is_static;
    int http_status; /* 0: that of the table */
    int peer_status;
    int retry_after_s;
    char argument[ARGUMENT_MAX + 1];
    char message[MESSAGE_MAX + 1];
    char peer_code[ARGUMENT_MAX + 1];
    char peer_description[FOREIGN_MAX + 1];
    char *missing_scopes;
    char *problem;
};

static const a0_error_row rows[] = {
#define X(id, code, kind, status, http, sentence)                                      \
    { #id, code, A0_ERROR_##kind, A0_##status, http, sentence },
#include "base/errors.def"
#undef X
};

static a0_error out_of_memory = { .id = A0_E_no_memory, .is_static = true };

static a0_error *
new_error(a0__error_id id)
{
    a0_error *error = a0__calloc(1, sizeof *error);

    if (error == NULL) {
        return &out_of_memory;
    }
    error->id = id;
    return error;
}

/* Puts a new error into *err, in the place of one that may be there. */
static a0_error *
put(a0_error **err, a0__error_id id)
{
    if (err == NULL) {
        return NULL;
    }
    a0_error_free(*err);
    *err = id == A0_E_no_memory ? &out_of_memory : new_error(id);
    return *err;
}

static bool
is_writable(const a0_error *error)
{
    return error != NULL && !error->is_static;
}

static void
copy_cut(char *to, size_t max, a0__text text)
{
    size_t len = text.len < max ? text.len : max;

    if (len > 0) {
        memcpy(to, text.ptr, len);
    }
    to[len] = '\0';
}

a0_status
a0__fail(a0_error **err, a0__error_id id)
{
    (void)put(err, id);
    return rows[id].status;
}

a0_status
a0__fail_about(a0_error **err, a0__error_id id, const char *argument)
{
    a0__error_set_argument(put(err, id), argument);
    return rows[id].status;
}

a0_status
a0__fail_saying(a0_error **err, a0__error_id id, const char *format, ...)
{
    a0_error *error = put(err, id);
    va_list args;

    if (is_writable(error)) {
        va_start(args, format);
        (void)vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
    }
    return rows[id].status;
}

void
a0__error_set_peer(a0_error *error, int http_status, a0__text code,
                   a0__text description)
{
    if (!is_writable(error)) {
        return;
    }
    error->peer_status = http_status;
    if (a0__text_is_visible_ascii(code)) {
        copy_cut(error->peer_code, ARGUMENT_MAX, code);
    }
    if (a0__text_has_no_controls(description) && a0__text_is_utf8(description)) {
        copy_cut(error->peer_description, FOREIGN_MAX, description);
    }
}

void
a0__error_set_argument(a0_error *error, const char *argument)
{
    if (is_writable(error)) {
        copy_cut(error->argument, ARGUMENT_MAX, a0__text_of(argument));
    }
}

void
a0__error_set_http_status(a0_error *error, int http_status)
{
    if (is_writable(error)) {
        error->http_status = http_status;
    }
}

void
a0__error_set_retry_after(a0_error *error, int seconds)
{
    if (is_writable(error)) {
        error->retry_after_s = seconds;
    }
}

void
a0__error_set_missing_scopes(a0_error *error, a0__text scopes)
{
    if (is_writable(error)) {
        a0__free(error->missing_scopes);
        error->missing_scopes = a0__strndup(scopes.ptr, scopes.len);
    }
}

void
a0__error_set_problem(a0_error *error, a0__text problem)
{
    if (is_writable(error)) {
        a0__free(error->problem);
        error->problem = a0__strndup(problem.ptr, problem.len);
    }
}

void
a0__error_copy_peer(a0_error *error, const a0_error *from)
{
    a0__error_set_peer(error, from->peer_status, a0__text_of(from->peer_code),
                       a0__text_of(from->peer_description));
    a0__error_set_retry_after(error, from->retry_after_s);
}

static char *
copy_of(const char *text)
{
    return text != NULL ? a0__strdup(text) : NULL;
}

a0_error *
a0__error_copy(const a0_error *error)
{
    a0_error *copy = error != NULL ? new_error(error->id) : NULL;

    if (is_writable(copy)) {
        *copy = *error;
        copy->is_static = false;
        copy->missing_scopes = copy_of(error->missing_scopes);
        copy->problem = copy_of(error->problem);
    }
    return copy;
}

bool
a0__error_is(const a0_error *error, a0__error_id id)
{
    return error != NULL && error->id == id;
}

const char *
a0__error_name(a0__error_id id)
{
    return rows[id].id;
}

const char *
a0__error_sentence(a0__error_id id)
{
    return rows[id].sentence;
}

void
a0__error_move(a0_error **to, a0_error **from)
{
    if (to == NULL) {
        a0_error_free(*from);
    } else if (to != from) {
        a0_error_free(*to);
        *to = *from;
    }
    *from = NULL;
}

void
a0__error_ptr_auto(a0__error_ptr *error)
{
    a0_error_free(*error);
    *error = NULL;
}

void
a0_error_free(a0_error *error)
{
    if (is_writable(error)) {
        a0__free(error->missing_scopes);
        a0__free(error->problem);
        a0__free(error);
    }
}

a0_status
a0_error_status(const a0_error *error)
{
    return error != NULL ? rows[error->id].status : A0_OK;
}

a0_error_kind
a0_error_kind_of(const a0_error *error)
{
    return error != NULL ? rows[error->id].kind : A0_ERROR_GENERAL;
}

const char *
a0_error_id(const a0_error *error)
{
    return error != NULL ? rows[error->id].id : "";
}

/* An `error` of Auth0 in a callback is the machine code itself (contract §5). */
const char *
a0_error_code(const a0_error *error)
{
    if (error == NULL) {
        return "";
    }
    if (error->id == A0_E_callback_op_error && error->peer_code[0] != '\0') {
        return error->peer_code;
    }
    return rows[error->id].code != NULL ? rows[error->id].code : rows[error->id].id;
}

const char *
a0_error_message(const a0_error *error)
{
    if (error == NULL) {
        return "";
    }
    return error->message[0] != '\0' ? error->message : rows[error->id].sentence;
}

int
a0_error_http_status(const a0_error *error)
{
    if (error == NULL) {
        return 200;
    }
    return error->http_status != 0 ? error->http_status : rows[error->id].http_status;
}

static const char *
or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

const char *
a0_error_argument(const a0_error *error)
{
    return error != NULL ? or_null(error->argument) : NULL;
}

int
a0_error_peer_status(const a0_error *error)
{
    return error != NULL ? error->peer_status : 0;
}

const char *
a0_error_peer_code(const a0_error *error)
{
    return error != NULL ? or_null(error->peer_code) : NULL;
}

const char *
a0_error_peer_description(const a0_error *error)
{
    return error != NULL ? or_null(error->peer_description) : NULL;
}

int
a0_error_retry_after_s(const a0_error *error)
{
    return error != NULL ? error->retry_after_s : 0;
}

const char *
a0_error_stage(const a0_error *error)
{
    return a0_error_kind_of(error) == A0_ERROR_PING ? a0_error_code(error) : NULL;
}

const char *
a0_error_missing_scopes(const a0_error *error)
{
    return error != NULL ? error->missing_scopes : NULL;
}

const char *
a0_error_problem(const a0_error *error)
{
    return error != NULL ? error->problem : NULL;
}

size_t
a0_errors_len(void)
{
    return A0__ERRORS_LEN;
}

const a0_error_row *
a0_errors(size_t i)
{
    return i < A0__ERRORS_LEN ? &rows[i] : NULL;
}

a0_status
a0_port_fail(a0_error **err, const char *id)
{
    a0__error_id found = A0_E_internal;

    for (size_t i = 0; i < A0__ERRORS_LEN; i++) {
        if (id != NULL && strcmp(rows[i].id, id) == 0) {
            found = (a0__error_id)i;
        }
    }
    return a0__fail(err, found);
}

const char *
a0_status_name(a0_status status)
{
    static const char *const names[] = {
        [A0_OK] = "A0_OK",
        [A0_INVALID] = "A0_INVALID",
        [A0_REFUSED] = "A0_REFUSED",
        [A0_NOT_FOUND] = "A0_NOT_FOUND",
        [A0_LOGIN_REQUIRED] = "A0_LOGIN_REQUIRED",
        [A0_UNAVAILABLE] = "A0_UNAVAILABLE",
        [A0_PROTOCOL] = "A0_PROTOCOL",
        [A0_STORE] = "A0_STORE",
        [A0_NO_MEMORY] = "A0_NO_MEMORY",
        [A0_INTERNAL] = "A0_INTERNAL",
    };

    return (size_t)status < sizeof names / sizeof names[0] ? names[status] : "unknown";
}
