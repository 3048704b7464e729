/* SPDX-License-Identifier: MIT */
#include "session.h"

/* ---- one operation at a time ---- */

/* Whether the session is free; else a RuntimeError. */
static bool
is_free(const session_object *self)
{
    if (self->busy) {
        PyErr_SetString(PyExc_RuntimeError, "another thread uses this session");
    }
    return !self->busy;
}

bool
operation_begin(PyObject *object, operation *out)
{
    session_object *self = (session_object *)object;

    if (!is_free(self)) {
        return false;
    }
    self->busy = true;
    *out = (operation){ .state = state_of(object),
                        .self = self,
                        .session = self->session };
    return true;
}

bool
operation_end(operation *op)
{
    op->self->busy = false;
    return did_well(&op->w, op->status, &op->err);
}

PyObject *
operation_refuse(operation *op)
{
    op->self->busy = false;
    return NULL;
}

/* ---- making ---- */

PyObject *
session_new(core_state *state, PyObject *client, const char *id)
{
    PyTypeObject *type = (PyTypeObject *)state->session_type;
    session_object *self =
        (session_object *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    a0_error *err = NULL;
    waiting w;

    if (self == NULL) {
        return NULL;
    }
    self->client = Py_NewRef(client);
    if (!WAIT(state, w, err,
              a0_session_open(client_of(client), id, &self->session, &err))) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
session_dealloc(PyObject *object)
{
    session_object *self = (session_object *)object;
    PyTypeObject *type = Py_TYPE(object);

    a0_session_free(self->session);
    Py_XDECREF(self->client);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* ---- what it is ---- */

/* To look at; NULL with an exception while an operation may be changing it. */
static const a0_session *
free_session(PyObject *object)
{
    const session_object *self = (const session_object *)object;

    return is_free(self) ? self->session : NULL;
}

static PyObject *
session_id(PyObject *self, void *nothing)
{
    const a0_session *session = free_session(self);

    (void)nothing;
    return session != NULL ? str_or_none(a0_session_id(session)) : NULL;
}

static PyObject *
session_is_signed_in(PyObject *self, void *nothing)
{
    const a0_session *session = free_session(self);

    (void)nothing;
    return session != NULL ? PyBool_FromLong(a0_session_is_signed_in(session)) : NULL;
}

static PyObject *
session_user_id(PyObject *self, void *nothing)
{
    const a0_session *session = free_session(self);

    (void)nothing;
    return session != NULL ? str_or_none(a0_session_user_id(session)) : NULL;
}

static PyObject *
session_userinfo(PyObject *self, void *nothing)
{
    const a0_session *session = free_session(self);

    (void)nothing;
    return session != NULL ? str_or_none(a0_session_userinfo(session)) : NULL;
}

static PyObject *
session_expires_at(PyObject *self, void *nothing)
{
    const a0_session *session = free_session(self);

    (void)nothing;
    return session != NULL ? PyLong_FromLongLong(a0_session_expires_at(session)) : NULL;
}

static PyGetSetDef session_getters[] = {
    { "id", session_id, NULL, "What the browser keeps: a secret.", NULL },
    { "is_signed_in", session_is_signed_in, NULL, NULL, NULL },
    { "user_id", session_user_id, NULL, "The sub, or None.", NULL },
    { "userinfo", session_userinfo, NULL, "JSON, or None.", NULL },
    { "expires_at", session_expires_at, NULL, "Unix seconds; 0: anonymous.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMethodDef session_methods[] = {
    { "login_start", FAST(session_login_start), METH_FASTCALL,
      "login_start(redirect_uri, params, return_to, link_id) -> URL" },
    { "login_complete", session_login_complete, METH_O,
      "login_complete(callback_url) -> dict" },
    { "login_adopt", FAST(session_login_adopt), METH_FASTCALL,
      "login_adopt(refresh_token, user_id, signed_in_at)" },
    { "callback_purpose", session_callback_purpose, METH_O,
      "callback_purpose(callback_url) -> \"login\" or \"connect\"" },
    { "logout", FAST(session_logout), METH_FASTCALL,
      "logout(return_to, federated) -> URL" },
    { "refresh_token", session_refresh_token, METH_NOARGS, "refresh_token() -> str" },
    { "access_token", FAST(session_access_token), METH_FASTCALL,
      "access_token(audience, scope) -> dict" },
    { "vault_token", FAST(session_vault_token), METH_FASTCALL,
      "vault_token(connection, login_hint, scope) -> dict" },
    { "connect_start", FAST(session_connect_start), METH_FASTCALL,
      "connect_start(connection, redirect_uri, scope, params, return_to) -> URL" },
    { "connect_complete", session_connect_complete, METH_O,
      "connect_complete(callback_url) -> (JSON, return_to)" },
    { "connect_list", session_connect_list, METH_NOARGS, "-> (JSON, None)" },
    { "connect_connections", session_connect_connections, METH_NOARGS,
      "-> (JSON, None)" },
    { "connect_delete", session_connect_delete, METH_O,
      "connect_delete(connected_account_id)" },
    { "link_verify", session_link_verify, METH_NOARGS, "-> JSON" },
    { "link_complete", session_link_complete, METH_NOARGS, "-> JSON or None" },
    { "link_pending", session_link_pending, METH_NOARGS, "-> JSON or None" },
    { "link_cancel", session_link_cancel, METH_NOARGS, "-> None" },
    { NULL, NULL, 0, NULL },
};

static PyType_Slot session_slots[] = {
    { Py_tp_dealloc, (void *)session_dealloc },
    { Py_tp_methods, session_methods },
    { Py_tp_getset, session_getters },
    { 0, NULL },
};

PyType_Spec session_spec = {
    .name = "auth0_oauth_client._core.Session",
    .basicsize = sizeof(session_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = session_slots,
};
