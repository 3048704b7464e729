/* SPDX-License-Identifier: MIT */
/* Making errors, and the two macros with a hidden return. There is no third one. */
#ifndef A0_BASE_ERROR_H
#define A0_BASE_ERROR_H

#include <a0/error.h>

#include "base/text.h"

typedef enum a0__error_id {
#define X(id, code, kind, status, http, sentence) A0_E_##id,
#include "base/errors.def"
#undef X
    A0__ERRORS_LEN
} a0__error_id;

/* Passes a failing status up. */
#define A0_TRY(expr)                                                                   \
    do {                                                                               \
        a0_status a0__try_status = (expr);                                             \
        if (a0__try_status != A0_OK) {                                                 \
            return a0__try_status;                                                     \
        }                                                                              \
    } while (0)

/* Sets the error `id` and returns its status unless the condition holds. */
#define A0_ENSURE(condition, err, id)                                                  \
    do {                                                                               \
        if (!(condition)) {                                                            \
            return a0__not_ok(a0__fail((err), A0_E_##id));                             \
        }                                                                              \
    } while (0)

/*
 * Set *err (unless err is NULL) and return the status of the id. An error that is
 * already there is freed: the caller translates. Without memory the error is a static
 * object.
 */
a0_status a0__fail(a0_error **err, a0__error_id id);
/* With the argument, claim or setting that is meant. */
a0_status a0__fail_about(a0_error **err, a0__error_id id, const char *argument);
/* With the sentence replaced by a more precise one; never with a secret in it. */
a0_status a0__fail_saying(a0_error **err, a0__error_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a peer said; cut at 200 bytes, kept only if printable. Harmless on NULL. */
void a0__error_set_peer(a0_error *error, int http_status, a0__text code,
                        a0__text description);
void a0__error_set_argument(a0_error *error, const char *argument);
void a0__error_set_http_status(a0_error *error, int http_status);
void a0__error_set_retry_after(a0_error *error, int seconds);
/* Left out when there is no memory for it. */
void a0__error_set_missing_scopes(a0_error *error, a0__text scopes);
/* The same for a problem, a JSON object. */
void a0__error_set_problem(a0_error *error, a0__text problem);
/* What the peer said and when to ask again, from another error. */
void a0__error_copy_peer(a0_error *error, const a0_error *from);

/* No row of the table has the status A0_OK; a compiler and an analyzer can not see that
 * from outside. */
static inline a0_status
a0__not_ok(a0_status status)
{
    if (status == A0_OK) {
        __builtin_unreachable();
    }
    return status;
}

/* The same error once more, for another caller; NULL of NULL. */
a0_error *a0__error_copy(const a0_error *error);

bool a0__error_is(const a0_error *error, a0__error_id id);
/* The row of the table. */
const char *a0__error_name(a0__error_id id);
const char *a0__error_sentence(a0__error_id id);

/* Moves *from to *to, freeing what was in *to. to may be NULL: then *from is freed. */
void a0__error_move(a0_error **to, a0_error **from);

/* For a status that nothing can be done about; the comment at the call says why. */
static inline void
a0__ignore(a0_status status)
{
    (void)status;
}

typedef a0_error *a0__error_ptr;
void a0__error_ptr_auto(a0__error_ptr *error);

#endif
