/* SPDX-License-Identifier: MIT */
#include "session.h"

/* ---- signing in and out ---- */

PyObject *
session_login_start(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *redirect_uri = NULL;
    const char *url = NULL;
    params given = { .items = NULL };
    operation op;

    if (!has_arguments(len, 4, "login_start") || !operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "redirect_uri", &redirect_uri) ||
        !optional_text_of(op.state, args[2], "return_to", &options.return_to) ||
        !optional_text_of(op.state, args[3], "link_id", &options.link_id) ||
        !params_of(op.state, args[1], &given)) {
        return operation_refuse(&op);
    }
    options.params = given.list;
    options.params_len = given.len;
    CALL(op, a0_login_start(op.session, redirect_uri, &options, &url, &op.err));
    params_clear(&given);
    return operation_end(&op) ? str_or_none(url) : NULL;
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

PyObject *
session_login_complete(PyObject *self, PyObject *callback_url)
{
    const char *url = NULL;
    a0_login *login = NULL;
    PyObject *dict = NULL;
    operation op;

    if (!operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, callback_url, "callback_url", &url)) {
        return operation_refuse(&op);
    }
    CALL(op, a0_login_complete(op.session, url, NULL, &login, &op.err));
    if (operation_end(&op)) {
        dict = login_dict(login);
    }
    a0_login_free(login);
    return dict;
}

PyObject *
session_login_adopt(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_former_login former = A0_FORMER_LOGIN_INIT;
    operation op;

    if (!has_arguments(len, 3, "login_adopt") || !operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "refresh_token", &former.refresh_token) ||
        !text_of(op.state, args[1], "user_id", &former.user_id) ||
        !number_of(op.state, args[2], "signed_in_at", &former.signed_in_at)) {
        return operation_refuse(&op);
    }
    CALL(op, a0_login_adopt(op.session, &former, &op.err));
    return operation_end(&op) ? Py_NewRef(Py_None) : NULL;
}

PyObject *
session_callback_purpose(PyObject *self, PyObject *callback_url)
{
    const char *url = NULL;
    a0_callback_purpose purpose = A0_CALLBACK_LOGIN;
    operation op;

    if (!operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, callback_url, "callback_url", &url)) {
        return operation_refuse(&op);
    }
    CALL(op, a0_callback_purpose_of(op.session, url, &purpose, &op.err));
    return operation_end(&op)
               ? PyUnicode_FromString(purpose == A0_CALLBACK_CONNECT ? "connect"
                                                                     : "login")
               : NULL;
}

PyObject *
session_logout(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_logout_options options = A0_LOGOUT_OPTIONS_INIT;
    const char *url = NULL;
    operation op;

    if (!has_arguments(len, 2, "logout") || !operation_begin(self, &op)) {
        return NULL;
    }
    if (!optional_text_of(op.state, args[0], "return_to", &options.return_to)) {
        return operation_refuse(&op);
    }
    options.federated = args[1] == Py_True;
    CALL(op, a0_logout(op.session, &options, &url, &op.err));
    return operation_end(&op) ? str_or_none(url) : NULL;
}

/* ---- tokens ---- */

PyObject *
session_refresh_token(PyObject *self, PyObject *nothing)
{
    const char *token = NULL;
    operation op;

    (void)nothing;
    if (!operation_begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_session_refresh_token(op.session, &token, &op.err));
    return operation_end(&op) ? str_or_none(token) : NULL;
}

/* The token of an operation that has ended, as a dict. */
static PyObject *
take_token(operation *op, a0_token *token)
{
    if (!operation_end(op)) {
        a0_token_free(token);
        return NULL;
    }
    return token_dict(token);
}

PyObject *
session_access_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_token *token = NULL;
    operation op;

    if (!has_arguments(len, 2, "access_token") || !operation_begin(self, &op)) {
        return NULL;
    }
    if (!optional_text_of(op.state, args[0], "audience", &options.audience) ||
        !optional_text_of(op.state, args[1], "scope", &options.scope)) {
        return operation_refuse(&op);
    }
    CALL(op, a0_session_access_token(op.session, &options, &token, &op.err));
    return take_token(&op, token);
}

PyObject *
session_vault_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;
    const char *connection = NULL;
    a0_token *token = NULL;
    operation op;

    if (!has_arguments(len, 3, "vault_token") || !operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "connection", &connection) ||
        !optional_text_of(op.state, args[1], "login_hint", &options.login_hint) ||
        !optional_text_of(op.state, args[2], "scope", &options.scope)) {
        return operation_refuse(&op);
    }
    CALL(op,
         a0_vault_token_for_session(op.session, connection, &options, &token, &op.err));
    return take_token(&op, token);
}
