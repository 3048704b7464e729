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
    core_state *state;
    PyThreadState *thread;
    PyObject *raised;
    struct waiting *outer;
} waiting;

void waiting_begin(waiting *w, core_state *state);
a0_status waiting_end(waiting *w, a0_status status);

/* Makes the call without the GIL, and tells whether it did well; else its exception is
 * set, and err freed: WAIT(state, w, err, a0_client_warm(client, &err)). */
#define WAIT(state, w, err, call)                                                      \
    (waiting_begin(&(w), (state)), did_well(&(w), waiting_end(&(w), (call)), &(err)))

/* The same for a call that has ended. An exception that a port raised is the cause of a
 * failure; one that is no Exception (KeyboardInterrupt) comes out itself, even if the
 * call did well all the same. */
bool did_well(waiting *w, a0_status status, a0_error **err);

/* In a port, with the GIL: keeps the exception that is set for the caller of the
 * library, and clears it. */
void waiting_keep_raised(void);
/* The same for a port whose failures fail nothing: an Exception is no cause. */
void waiting_keep_interrupt(void);

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

/* A METH_FASTCALL function as the table of methods has it. */
#define FAST(function) ((PyCFunction)(void (*)(void))(function))

extern PyType_Spec client_spec;
extern PyType_Spec session_spec;

a0_client *client_of(PyObject *client);
/* doctor.c: the method of Client. */
PyObject *client_doctor(PyObject *self, PyObject *const *args, Py_ssize_t len);
/* user.c: those about users. */
PyObject *client_user(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *client_users_by_email(PyObject *self, PyObject *email);
PyObject *client_user_list(PyObject *self, PyObject *after);
PyObject *client_update_user(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *client_tokensets(PyObject *self, PyObject *user_id);
PyObject *client_refresh_token_of(PyObject *self, PyObject *user_id);
PyObject *client_keep_refresh_token(PyObject *self, PyObject *const *args,
                                    Py_ssize_t len);
PyObject *client_export_user(PyObject *self, PyObject *user_id);
PyObject *client_erase_user(PyObject *self, PyObject *user_id);
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
