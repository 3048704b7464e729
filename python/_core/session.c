/* SPDX-License-Identifier: MIT */
/*
 * The type Session: what one browser is signed in as. One thread at a time; a second
 * one that uses it meanwhile gets a RuntimeError, because the GIL is free while the
 * first one waits.
 */
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

static bool
begin(PyObject *object, operation *out)
{
    session_object *self = (session_object *)object;

    if (self->busy) {
        PyErr_SetString(PyExc_RuntimeError, "another thread uses this session");
        return false;
    }
    self->busy = true;
    *out = (operation){ .state = state_of(object),
                        .self = self,
                        .session = self->session };
    return true;
}

/* Gives the session back; false with an exception when the call failed. */
static bool
end(operation *op)
{
    op->self->busy = false;
    if (op->status != A0_OK) {
        (void)raise_failure(op->state, &op->w, op->status, op->err);
        return false;
    }
    return succeeded(&op->w);
}

/* Gives the session back before anything was called. */
static PyObject *
refuse(operation *op)
{
    op->self->busy = false;
    return NULL;
}

#define CALL(op, call) ((op).status = WAIT((op).w, (call)))

/* ---- making ---- */

PyObject *
session_new(core_state *state, PyObject *client, const char *id)
{
    PyTypeObject *type = (PyTypeObject *)state->session_type;
    session_object *self =
        (session_object *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    a0_error *err = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (self == NULL) {
        return NULL;
    }
    self->client = Py_NewRef(client);
    status = WAIT(w, a0_session_open(client_of(client), id, &self->session, &err));
    if (status != A0_OK) {
        (void)raise_failure(state, &w, status, err);
        Py_DECREF(self);
        return NULL;
    }
    if (!succeeded(&w)) {
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

static PyObject *
session_id(PyObject *self, void *nothing)
{
    (void)nothing;
    return str_or_none(a0_session_id(((session_object *)self)->session));
}

static PyObject *
session_is_signed_in(PyObject *self, void *nothing)
{
    (void)nothing;
    return PyBool_FromLong(a0_session_is_signed_in(((session_object *)self)->session));
}

static PyObject *
session_user_id(PyObject *self, void *nothing)
{
    (void)nothing;
    return str_or_none(a0_session_user_id(((session_object *)self)->session));
}

static PyObject *
session_userinfo(PyObject *self, void *nothing)
{
    (void)nothing;
    return str_or_none(a0_session_userinfo(((session_object *)self)->session));
}

static PyObject *
session_expires_at(PyObject *self, void *nothing)
{
    (void)nothing;
    return PyLong_FromLongLong(
        a0_session_expires_at(((session_object *)self)->session));
}

static PyGetSetDef session_getters[] = {
    { "id", session_id, NULL, "What the browser keeps: a secret.", NULL },
    { "is_signed_in", session_is_signed_in, NULL, NULL, NULL },
    { "user_id", session_user_id, NULL, "The sub, or None.", NULL },
    { "userinfo", session_userinfo, NULL, "JSON, or None.", NULL },
    { "expires_at", session_expires_at, NULL, "Unix seconds; 0: anonymous.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

/* ---- signing in and out ---- */

static PyObject *
session_login_start(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *redirect_uri = NULL;
    const char *url = NULL;
    params given = { .items = NULL };
    operation op;

    if (!has_arguments(len, 3, "login_start") || !begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "redirect_uri", &redirect_uri) ||
        !optional_text_of(op.state, args[2], "return_to", &options.return_to) ||
        !params_of(op.state, args[1], &given)) {
        return refuse(&op);
    }
    options.params = given.list;
    options.params_len = given.len;
    CALL(op, a0_login_start(op.session, redirect_uri, &options, &url, &op.err));
    params_clear(&given);
    return end(&op) ? str_or_none(url) : NULL;
}

static bool
put(PyObject *dict, const char *name, PyObject *value)
{
    int failed = value == NULL || PyDict_SetItemString(dict, name, value) < 0;

    Py_XDECREF(value);
    return !failed;
}

static PyObject *
login_dict(const a0_login *login)
{
    PyObject *dict = PyDict_New();

    if (dict != NULL &&
        put(dict, "access_token", str_or_none(a0_login_access_token(login))) &&
        put(dict, "id_token", str_or_none(a0_login_id_token(login))) &&
        put(dict, "refresh_token", str_or_none(a0_login_refresh_token(login))) &&
        put(dict, "token_type", str_or_none(a0_login_token_type(login))) &&
        put(dict, "scope", str_or_none(a0_login_scope(login))) &&
        put(dict, "expires_in", PyLong_FromLongLong(a0_login_expires_in(login))) &&
        put(dict, "expires_at", PyLong_FromLongLong(a0_login_expires_at(login))) &&
        put(dict, "userinfo", str_or_none(a0_login_userinfo(login))) &&
        put(dict, "return_to", str_or_none(a0_login_return_to(login))) &&
        put(dict, "was_completed", PyBool_FromLong(a0_login_was_completed(login)))) {
        return dict;
    }
    Py_XDECREF(dict);
    return NULL;
}

static PyObject *
session_login_complete(PyObject *self, PyObject *callback_url)
{
    const char *url = NULL;
    a0_login *login = NULL;
    PyObject *dict = NULL;
    operation op;

    if (!begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, callback_url, "callback_url", &url)) {
        return refuse(&op);
    }
    CALL(op, a0_login_complete(op.session, url, NULL, &login, &op.err));
    if (end(&op)) {
        dict = login_dict(login);
    }
    a0_login_free(login);
    return dict;
}

static PyObject *
session_login_adopt(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_former_login former = A0_FORMER_LOGIN_INIT;
    operation op;

    if (!has_arguments(len, 3, "login_adopt") || !begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "refresh_token", &former.refresh_token) ||
        !text_of(op.state, args[1], "user_id", &former.user_id) ||
        !number_of(op.state, args[2], "signed_in_at", &former.signed_in_at)) {
        return refuse(&op);
    }
    CALL(op, a0_login_adopt(op.session, &former, &op.err));
    return end(&op) ? Py_NewRef(Py_None) : NULL;
}

static PyObject *
session_callback_purpose(PyObject *self, PyObject *callback_url)
{
    const char *url = NULL;
    a0_callback_purpose purpose = A0_CALLBACK_LOGIN;
    operation op;

    if (!begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, callback_url, "callback_url", &url)) {
        return refuse(&op);
    }
    CALL(op, a0_callback_purpose_of(op.session, url, &purpose, &op.err));
    return end(&op) ? PyUnicode_FromString(purpose == A0_CALLBACK_CONNECT ? "connect"
                                                                          : "login")
                    : NULL;
}

static PyObject *
session_logout(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_logout_options options = A0_LOGOUT_OPTIONS_INIT;
    const char *url = NULL;
    operation op;

    if (!has_arguments(len, 2, "logout") || !begin(self, &op)) {
        return NULL;
    }
    if (!optional_text_of(op.state, args[0], "return_to", &options.return_to)) {
        return refuse(&op);
    }
    options.federated = args[1] == Py_True;
    CALL(op, a0_logout(op.session, &options, &url, &op.err));
    return end(&op) ? str_or_none(url) : NULL;
}

/* ---- tokens ---- */

static PyObject *
session_refresh_token(PyObject *self, PyObject *nothing)
{
    const char *token = NULL;
    operation op;

    (void)nothing;
    if (!begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_session_refresh_token(op.session, &token, &op.err));
    return end(&op) ? str_or_none(token) : NULL;
}

/* The token of an operation that has ended, as a dict. */
static PyObject *
take_token(operation *op, a0_token *token)
{
    if (!end(op)) {
        a0_token_free(token);
        return NULL;
    }
    return token_dict(token);
}

static PyObject *
session_access_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_token *token = NULL;
    operation op;

    if (!has_arguments(len, 2, "access_token") || !begin(self, &op)) {
        return NULL;
    }
    if (!optional_text_of(op.state, args[0], "audience", &options.audience) ||
        !optional_text_of(op.state, args[1], "scope", &options.scope)) {
        return refuse(&op);
    }
    CALL(op, a0_session_access_token(op.session, &options, &token, &op.err));
    return take_token(&op, token);
}

static PyObject *
session_vault_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;
    const char *connection = NULL;
    a0_token *token = NULL;
    operation op;

    if (!has_arguments(len, 3, "vault_token") || !begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "connection", &connection) ||
        !optional_text_of(op.state, args[1], "login_hint", &options.login_hint) ||
        !optional_text_of(op.state, args[2], "scope", &options.scope)) {
        return refuse(&op);
    }
    CALL(op,
         a0_vault_token_for_session(op.session, connection, &options, &token, &op.err));
    return take_token(&op, token);
}

/* ---- connected accounts ---- */

static PyObject *
session_connect_start(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    const char *connection = NULL;
    const char *redirect_uri = NULL;
    const char *url = NULL;
    params given = { .items = NULL };
    operation op;

    if (!has_arguments(len, 5, "connect_start") || !begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "connection", &connection) ||
        !text_of(op.state, args[1], "redirect_uri", &redirect_uri) ||
        !optional_text_of(op.state, args[2], "scopes", &options.scope) ||
        !optional_text_of(op.state, args[4], "return_to", &options.return_to) ||
        !params_of(op.state, args[3], &given)) {
        return refuse(&op);
    }
    options.params = given.list;
    options.params_len = given.len;
    CALL(op, a0_connect_start(op.session, connection, redirect_uri, &options, &url,
                              &op.err));
    params_clear(&given);
    return end(&op) ? str_or_none(url) : NULL;
}

/* (JSON, return_to) */
static PyObject *
take_answer(operation *op, a0_connect_answer *answer)
{
    PyObject *pair = NULL;

    if (end(op)) {
        pair = Py_BuildValue("NN", str_or_none(a0_connect_answer_json(answer)),
                             str_or_none(a0_connect_answer_return_to(answer)));
    }
    a0_connect_answer_free(answer);
    return pair;
}

static PyObject *
session_connect_complete(PyObject *self, PyObject *callback_url)
{
    const char *url = NULL;
    a0_connect_answer *answer = NULL;
    operation op;

    if (!begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, callback_url, "callback_url", &url)) {
        return refuse(&op);
    }
    CALL(op, a0_connect_complete(op.session, url, &answer, &op.err));
    return take_answer(&op, answer);
}

static PyObject *
session_connect_list(PyObject *self, PyObject *nothing)
{
    a0_connect_answer *answer = NULL;
    operation op;

    (void)nothing;
    if (!begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_connect_list(op.session, &answer, &op.err));
    return take_answer(&op, answer);
}

static PyObject *
session_connect_connections(PyObject *self, PyObject *nothing)
{
    a0_connect_answer *answer = NULL;
    operation op;

    (void)nothing;
    if (!begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_connect_connections(op.session, &answer, &op.err));
    return take_answer(&op, answer);
}

static PyObject *
session_connect_delete(PyObject *self, PyObject *connected_account_id)
{
    const char *id = NULL;
    operation op;

    if (!begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, connected_account_id, "connected_account_id", &id)) {
        return refuse(&op);
    }
    CALL(op, a0_connect_delete(op.session, id, &op.err));
    return end(&op) ? Py_NewRef(Py_None) : NULL;
}

/* ---- linking ---- */

/* JSON, or None without an answer. */
static PyObject *
take_link(operation *op, a0_link_answer *answer)
{
    PyObject *json = NULL;

    if (end(op)) {
        json = str_or_none(answer != NULL ? a0_link_answer_json(answer) : NULL);
    }
    a0_link_answer_free(answer);
    return json;
}

typedef a0_status (*link_call)(a0_session *session, a0_link_answer **out_answer,
                               a0_error **err);

static PyObject *
ask_link(PyObject *self, link_call call)
{
    a0_link_answer *answer = NULL;
    operation op;

    if (!begin(self, &op)) {
        return NULL;
    }
    CALL(op, call(op.session, &answer, &op.err));
    return take_link(&op, answer);
}

static PyObject *
session_link_verify(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return ask_link(self, a0_link_verify);
}

static PyObject *
session_link_complete(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return ask_link(self, a0_link_complete);
}

static PyObject *
session_link_pending(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return ask_link(self, a0_link_pending);
}

static PyObject *
session_link_cancel(PyObject *self, PyObject *nothing)
{
    operation op;

    (void)nothing;
    if (!begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_link_cancel(op.session, &op.err));
    return end(&op) ? Py_NewRef(Py_None) : NULL;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef session_methods[] = {
    { "login_start", FAST(session_login_start), METH_FASTCALL,
      "login_start(redirect_uri, params, return_to) -> URL" },
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
