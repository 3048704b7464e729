/* SPDX-License-Identifier: MIT */
/* The module: its state, its two types, and the tables of settings and errors. */
#include "core.h"

/* Text of the table of settings, as a tuple (name, type, default, sentence). */
static PyObject *
core_settings(PyObject *module, PyObject *nothing)
{
    size_t len = a0_settings_len();
    PyObject *rows = PyTuple_New((Py_ssize_t)len);

    (void)module;
    (void)nothing;
    for (size_t i = 0; rows != NULL && i < len; i++) {
        const a0_setting *row = a0_settings(i);
        PyObject *tuple =
            Py_BuildValue("ssss", row->name, row->type, row->default_value, row->text);

        if (tuple == NULL || PyTuple_SetItem(rows, (Py_ssize_t)i, tuple) < 0) {
            Py_CLEAR(rows);
        }
    }
    return rows;
}

/* The table of errors, as tuples (id, code or None, kind, status, HTTP status, text).
 */
static PyObject *
core_errors(PyObject *module, PyObject *nothing)
{
    size_t len = a0_errors_len();
    PyObject *rows = PyTuple_New((Py_ssize_t)len);

    (void)module;
    (void)nothing;
    for (size_t i = 0; rows != NULL && i < len; i++) {
        const a0_error_row *row = a0_errors(i);
        PyObject *tuple =
            Py_BuildValue("szisis", row->id, row->code, (int)row->kind,
                          a0_status_name(row->status), row->http_status, row->sentence);

        if (tuple == NULL || PyTuple_SetItem(rows, (Py_ssize_t)i, tuple) < 0) {
            Py_CLEAR(rows);
        }
    }
    return rows;
}

static PyMethodDef core_functions[] = {
    { "settings", core_settings, METH_NOARGS, "The table of settings." },
    { "errors", core_errors, METH_NOARGS, "The table of errors." },
    { NULL, NULL, 0, NULL },
};

core_state *
state_of(PyObject *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

/* A port takes the GIL with PyGILState_Ensure, which knows the main interpreter alone.
 */
static bool
is_main_interpreter(void)
{
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) == 0) {
        return true;
    }
    PyErr_SetString(PyExc_ImportError,
                    "auth0_oauth_client can not run in a subinterpreter; with mod_wsgi "
                    "write WSGIApplicationGroup %{GLOBAL}");
    return false;
}

static int
core_exec(PyObject *module)
{
    core_state *state = PyModule_GetState(module);

    if (!is_main_interpreter()) {
        return -1;
    }
    state->errors = PyImport_ImportModule("auth0_oauth_client.errors");
    state->client_type = PyType_FromModuleAndSpec(module, &client_spec, NULL);
    state->session_type = PyType_FromModuleAndSpec(module, &session_spec, NULL);
    if (state->errors == NULL || state->client_type == NULL ||
        state->session_type == NULL) {
        return -1;
    }
    if (PyModule_AddObjectRef(module, "Client", state->client_type) < 0 ||
        PyModule_AddObjectRef(module, "Session", state->session_type) < 0 ||
        PyModule_AddStringConstant(module, "version", a0_version()) < 0) {
        return -1;
    }
    return 0;
}

static int
core_traverse(PyObject *module, visitproc visit, void *arg)
{
    core_state *state = PyModule_GetState(module);

    Py_VISIT(state->errors);
    Py_VISIT(state->client_type);
    Py_VISIT(state->session_type);
    return 0;
}

static int
core_clear(PyObject *module)
{
    core_state *state = PyModule_GetState(module);

    Py_CLEAR(state->errors);
    Py_CLEAR(state->client_type);
    Py_CLEAR(state->session_type);
    return 0;
}

static void
core_free(void *module)
{
    (void)core_clear(module);
}

static PyModuleDef_Slot core_slots[] = {
    { Py_mod_exec, (void *)core_exec },
    { 0, NULL },
};

static PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "auth0_oauth_client._core",
    .m_doc = "liba0 for Python. Not an interface of its own: use auth_client.",
    .m_size = sizeof(core_state),
    .m_methods = core_functions,
    .m_slots = core_slots,
    .m_traverse = core_traverse,
    .m_clear = core_clear,
    .m_free = core_free,
};

PyMODINIT_FUNC
PyInit__core(void)
{
    return PyModuleDef_Init(&core_module);
}
