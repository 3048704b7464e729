/* SPDX-License-Identifier: MIT */
/*
 * Errors as values. A status says what the caller can do; an a0_error says what
 * happened. Success never touches the error argument, failure never touches the
 * outputs.
 */
#ifndef A0_ERROR_H
#define A0_ERROR_H

#include <stddef.h>

#include <a0/version.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum a0_status {
    A0_OK = 0,
    A0_INVALID,        /* fix the call, the configuration or the request */
    A0_REFUSED,        /* policy or verification said no */
    A0_NOT_FOUND,      /* asked, and there is none */
    A0_LOGIN_REQUIRED, /* the person has to sign in (again) */
    A0_UNAVAILABLE,    /* could not ask; try again later */
    A0_PROTOCOL,       /* the peer answered nonsense */
    A0_STORE,          /* the store failed or was tampered with */
    A0_NO_MEMORY,
    A0_INTERNAL /* a fault of this library: please report it */
} a0_status;

/* The families of errors; a language binding makes each an exception class. */
typedef enum a0_error_kind {
    A0_ERROR_GENERAL = 0,
    A0_ERROR_CONFIGURATION,
    A0_ERROR_MISSING_TRANSACTION,
    A0_ERROR_MISSING_ARGUMENT,
    A0_ERROR_INVALID_ARGUMENT,
    A0_ERROR_API,
    A0_ERROR_PING,
    A0_ERROR_ACCESS_TOKEN,
    A0_ERROR_CONNECTION_TOKEN,
    A0_ERROR_CONNECTION_TOKEN_NOT_FOUND,
    A0_ERROR_MY_ACCOUNT,
    A0_ERROR_LINKING
} a0_error_kind;

/*
 * What happened. Made by the library, owned by the caller who received it through
 * the last argument of a call; a0_error_free accepts NULL. One thread at a time.
 * No error ever holds a secret.
 */
typedef struct a0_error a0_error;

A0_API void a0_error_free(a0_error *error);

/* What the caller can do; the status the failing call returned. */
A0_API a0_status a0_error_status(const a0_error *error);

A0_API a0_error_kind a0_error_kind_of(const a0_error *error);

/*
 * The stable identifier of the fault, for example "idt_expired". Static text.
 * docs/errors.md lists them all with what to do.
 */
A0_API const char *a0_error_id(const a0_error *error);

/*
 * The machine code that applications switch on, for example
 * "missing_transaction_error"; Auth0's own code where an `error` of Auth0 is
 * passed on. Lives as long as the error.
 */
A0_API const char *a0_error_code(const a0_error *error);

/* One sentence for a human that says what to do. Lives as long as the error. */
A0_API const char *a0_error_message(const a0_error *error);

/* The HTTP status with which a web application best answers, for example 400. */
A0_API int a0_error_http_status(const a0_error *error);

/*
 * Which argument, claim or setting is meant ("code or state", "exp"), or NULL.
 * Lives as long as the error.
 */
A0_API const char *a0_error_argument(const a0_error *error);

/*
 * What Auth0 said: the HTTP status of its answer (0 when there was none), its
 * `error` and `error_description` (NULL when absent). The description is foreign
 * text of at most 200 bytes: never show it unescaped, never decide by it.
 */
A0_API int a0_error_peer_status(const a0_error *error);
A0_API const char *a0_error_peer_code(const a0_error *error);
A0_API const char *a0_error_peer_description(const a0_error *error);

/*
 * After how many seconds a retry makes sense (from Retry-After or the pause of
 * the library); 0 when nothing is known.
 */
A0_API int a0_error_retry_after_s(const a0_error *error);

/*
 * Of an error of the kind A0_ERROR_PING: the stage that failed ("m2m_token",
 * "token_claims", "scope_grant"), static text; else NULL.
 */
A0_API const char *a0_error_stage(const a0_error *error);

/* The scopes that are missing, separated by spaces; NULL when it is not about scopes.
 * Lives as long as the error. */
A0_API const char *a0_error_missing_scopes(const a0_error *error);

/*
 * The problem of a My Account error as Auth0 sent it: a JSON object with those of type,
 * title, status, detail and validation_errors that were there, or NULL. Foreign text:
 * never show it unescaped. Lives as long as the error.
 */
A0_API const char *a0_error_problem(const a0_error *error);

/* The name of a status, for example "A0_REFUSED". Static text. */
A0_API const char *a0_status_name(a0_status status);

/* A row of the table of errors, for bindings and help texts. Static. */
typedef struct a0_error_row {
    const char *id;
    const char *code; /* the machine code; NULL: the id itself */
    a0_error_kind kind;
    a0_status status;
    int http_status;
    const char *sentence; /* what happened and what to do */
} a0_error_row;

A0_API size_t a0_errors_len(void);
/* NULL past the end. */
A0_API const a0_error_row *a0_errors(size_t i);

#ifdef __cplusplus
}
#endif

#endif
