/* SPDX-License-Identifier: MIT */
/*
 * The extension auth0_oauth_client._core: a client and a session of liba0 as Python
 * objects, and Python objects as its ports. It converts arguments, lets go of the GIL
 * while it waits, and turns errors into the exceptions of auth0_oauth_client.errors.
 * It decides nothing. Only the public headers of liba0 and the stable ABI are used.
 */
#ifndef A0_PYTHON_CORE_H
#define A0_PYTHON_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include <a0/a0.h>

typedef struct core_state {
    PyObject *errors; /* the module auth0_oauth_client.errors */
    PyObject *client_type;
    PyObject *session_type;
} core_state;

/* For an object of one of our types, which nobody can derive from. */
core_state *state_of(PyObject *self);

/* ---- waiting.c: calls that wait ---- */

/* A call of liba0 without the GIL, and what a port raised meanwhile. */
typedef struct waiting {
    PyThreadState *thread;
    PyObject *raised;
    struct waiting *outer;
} waiting;

void waiting_begin(waiting *w);
a0_status waiting_end(waiting *w, a0_status status);

/* The status of the call, made without the GIL: WAIT(w, a0_client_warm(client, &err)).
 * Whoever uses it ends with raise_failure or with succeeded. */
#define WAIT(w, call) (waiting_begin(&(w)), waiting_end(&(w), (call)))

/* In a port, with the GIL: keeps the exception that is set for the caller of the
 * library, and clears it. */
void waiting_keep_raised(void);

/* Raises the exception of a failed call and frees err. An exception that a port raised
 * is its cause; one that is no Exception (KeyboardInterrupt) comes out itself. Returns
 * NULL. */
PyObject *raise_failure(core_state *state, waiting *w, a0_status status, a0_error *err);

/* What a port raised in a call that did well all the same counts only if it is no
 * Exception: then false, and it is raised. */
bool succeeded(waiting *w);

/* ---- convert.c: arguments and results ---- */

/* Borrowed text of a str without NUL and lone surrogates that lives as long as value.
 * Else InvalidArgumentOauthClientError about `name`, and false. */
bool text_of(core_state *state, PyObject *value, const char *name, const char **out);
/* None is NULL. */
bool optional_text_of(core_state *state, PyObject *value, const char *name,
                      const char **out);
bool number_of(core_state *state, PyObject *value, const char *name, int64_t *out);
/* False and TypeError unless `given` is `wanted`. */
bool has_arguments(Py_ssize_t given, Py_ssize_t wanted, const char *function);

/* str, or None for NULL. Foreign bytes that are no UTF-8 are replaced. */
PyObject *str_or_none(const char *text);

/* Parameters of a request out of a dict of str to str, or None. */
typedef struct params {
    PyObject *items; /* owned: what the texts are borrowed from */
    a0_param *list;
    size_t len;
} params;

bool params_of(core_state *state, PyObject *value, params *out);
void params_clear(params *p);

/* ---- ports ---- */

/* Tables of ports whose self is a Python object; the library holds one reference to
 * that of a store and of a cache. */
const a0_store *store_port(void);
const a0_cache *cache_port(void);
const a0_log *log_port(void);

/* ---- objects ---- */

extern PyType_Spec client_spec;
extern PyType_Spec session_spec;

a0_client *client_of(PyObject *client);
/* doctor.c: the method of Client. */
PyObject *client_doctor(PyObject *self, PyObject *const *args, Py_ssize_t len);
/* link.c: those about links. */
PyObject *client_link_explain(PyObject *self, PyObject *user_id);
PyObject *client_link_audit(PyObject *self, PyObject *user_ids);
PyObject *client_link_list(PyObject *self, PyObject *user_id);
PyObject *client_link_undo(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *client_link_repair(PyObject *self, PyObject *nothing);
/* The session of that id, or a new anonymous one; takes over no reference. */
PyObject *session_new(core_state *state, PyObject *client, const char *id);
/* access_token, token_type, expires_at, scope, audience; frees the token. */
PyObject *token_dict(a0_token *token);

#endif
