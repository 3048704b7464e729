/* SPDX-License-Identifier: MIT */
#include "session.h"

/* ---- connected accounts ---- */

PyObject *
session_connect_start(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    const char *connection = NULL;
    const char *redirect_uri = NULL;
    const char *url = NULL;
    params given = { .items = NULL };
    operation op;

    if (!has_arguments(len, 5, "connect_start") || !operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, args[0], "connection", &connection) ||
        !text_of(op.state, args[1], "redirect_uri", &redirect_uri) ||
        !optional_text_of(op.state, args[2], "scopes", &options.scope) ||
        !optional_text_of(op.state, args[4], "return_to", &options.return_to) ||
        !params_of(op.state, args[3], &given)) {
        return operation_refuse(&op);
    }
    options.params = given.list;
    options.params_len = given.len;
    CALL(op, a0_connect_start(op.session, connection, redirect_uri, &options, &url,
                              &op.err));
    params_clear(&given);
    return operation_end(&op) ? str_or_none(url) : NULL;
}

/* (JSON, return_to) */
static PyObject *
take_answer(operation *op, a0_connect_answer *answer)
{
    PyObject *pair = NULL;

    if (operation_end(op)) {
        pair = Py_BuildValue("NN", str_or_none(a0_connect_answer_json(answer)),
                             str_or_none(a0_connect_answer_return_to(answer)));
    }
    a0_connect_answer_free(answer);
    return pair;
}

PyObject *
session_connect_complete(PyObject *self, PyObject *callback_url)
{
    const char *url = NULL;
    a0_connect_answer *answer = NULL;
    operation op;

    if (!operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, callback_url, "callback_url", &url)) {
        return operation_refuse(&op);
    }
    CALL(op, a0_connect_complete(op.session, url, &answer, &op.err));
    return take_answer(&op, answer);
}

PyObject *
session_connect_list(PyObject *self, PyObject *nothing)
{
    a0_connect_answer *answer = NULL;
    operation op;

    (void)nothing;
    if (!operation_begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_connect_list(op.session, &answer, &op.err));
    return take_answer(&op, answer);
}

PyObject *
session_connect_connections(PyObject *self, PyObject *nothing)
{
    a0_connect_answer *answer = NULL;
    operation op;

    (void)nothing;
    if (!operation_begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_connect_connections(op.session, &answer, &op.err));
    return take_answer(&op, answer);
}

PyObject *
session_connect_delete(PyObject *self, PyObject *connected_account_id)
{
    const char *id = NULL;
    operation op;

    if (!operation_begin(self, &op)) {
        return NULL;
    }
    if (!text_of(op.state, connected_account_id, "connected_account_id", &id)) {
        return operation_refuse(&op);
    }
    CALL(op, a0_connect_delete(op.session, id, &op.err));
    return operation_end(&op) ? Py_NewRef(Py_None) : NULL;
}

/* ---- linking ---- */

/* JSON, or None without an answer. */
static PyObject *
take_link(operation *op, a0_link_answer *answer)
{
    PyObject *json = NULL;

    if (operation_end(op)) {
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

    if (!operation_begin(self, &op)) {
        return NULL;
    }
    CALL(op, call(op.session, &answer, &op.err));
    return take_link(&op, answer);
}

PyObject *
session_link_verify(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return ask_link(self, a0_link_verify);
}

PyObject *
session_link_complete(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return ask_link(self, a0_link_complete);
}

PyObject *
session_link_pending(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return ask_link(self, a0_link_pending);
}

PyObject *
session_link_cancel(PyObject *self, PyObject *nothing)
{
    operation op;

    (void)nothing;
    if (!operation_begin(self, &op)) {
        return NULL;
    }
    CALL(op, a0_link_cancel(op.session, &op.err));
    return operation_end(&op) ? Py_NewRef(Py_None) : NULL;
}
