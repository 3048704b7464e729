/* SPDX-License-Identifier: MIT */
/*
 * The type Session and its methods. One thread at a time: a second one that uses a
 * session meanwhile gets a RuntimeError, because the GIL is free while the first waits.
 */
#ifndef A0_PYTHON_SESSION_H
#define A0_PYTHON_SESSION_H

#include "core.h"

typedef struct session_object {
    PyObject_HEAD a0_session *session;
    PyObject *client; /* whose a0_client this is of */
    bool busy;
} session_object;

/* One operation on a session: what is needed from its beginning to its end. */
typedef struct operation {
    core_state *state;
    session_object *self;
    a0_session *session;
    a0_error *err;
    a0_status status;
    waiting w;
} operation;

/* Takes the session; false with an exception when another thread has it. */
bool operation_begin(PyObject *self, operation *out);
/* Calls the library without the GIL: CALL(op, a0_link_cancel(op.session, &op.err)). */
#define CALL(op, call)                                                                 \
    (waiting_begin(&(op).w, (op).state), (op).status = waiting_end(&(op).w, (call)))
/* Gives the session back; false with an exception when the call failed. */
bool operation_end(operation *op);
/* Gives it back before anything was called, with an exception set. Returns NULL. */
PyObject *operation_refuse(operation *op);

/* ---- session_login.c: signing in and out, tokens ---- */

PyObject *session_login_start(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *session_login_complete(PyObject *self, PyObject *callback_url);
PyObject *session_login_adopt(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *session_callback_purpose(PyObject *self, PyObject *callback_url);
PyObject *session_logout(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *session_refresh_token(PyObject *self, PyObject *nothing);
PyObject *session_access_token(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *session_vault_token(PyObject *self, PyObject *const *args, Py_ssize_t len);

/* ---- session_account.c: connected accounts, linking ---- */

PyObject *session_connect_start(PyObject *self, PyObject *const *args, Py_ssize_t len);
PyObject *session_connect_complete(PyObject *self, PyObject *callback_url);
PyObject *session_connect_list(PyObject *self, PyObject *nothing);
PyObject *session_connect_connections(PyObject *self, PyObject *nothing);
PyObject *session_connect_delete(PyObject *self, PyObject *connected_account_id);
PyObject *session_link_verify(PyObject *self, PyObject *nothing);
PyObject *session_link_complete(PyObject *self, PyObject *nothing);
PyObject *session_link_pending(PyObject *self, PyObject *nothing);
PyObject *session_link_cancel(PyObject *self, PyObject *nothing);

#endif
