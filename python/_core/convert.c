/* SPDX-License-Identifier: MIT */
/* Python values that the library can take, and the other way round. */
#include "core.h"

#include <string.h>

static void
raise_invalid(core_state *state, const char *name, const char *problem)
{
    PyObject *failure = NULL;

    /* What Python said (UnicodeEncodeError) adds nothing, and may quote a secret. */
    PyErr_Clear();
    failure = PyObject_CallMethod(state->errors, "InvalidArgumentOauthClientError",
                                  "ss", name, problem);
    if (failure != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(failure), failure);
        Py_DECREF(failure);
    }
}

bool
text_of(core_state *state, PyObject *value, const char *name, const char **out)
{
    Py_ssize_t len = 0;
    const char *text = NULL;

    if (!PyUnicode_Check(value)) {
        raise_invalid(state, name, "it must be a str");
        return false;
    }
    text = PyUnicode_AsUTF8AndSize(value, &len);
    if (text == NULL) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeError)) {
            raise_invalid(state, name, "it is not valid Unicode text");
        }
        return false;
    }
    if (strlen(text) != (size_t)len) {
        raise_invalid(state, name, "it contains a NUL character");
        return false;
    }
    *out = text;
    return true;
}

bool
optional_text_of(core_state *state, PyObject *value, const char *name, const char **out)
{
    if (value == Py_None) {
        *out = NULL;
        return true;
    }
    return text_of(state, value, name, out);
}

bool
number_of(core_state *state, PyObject *value, const char *name, int64_t *out)
{
    long long number = -1;

    if (PyLong_Check(value)) {
        number = PyLong_AsLongLong(value);
        if (!PyErr_Occurred()) {
            *out = number;
            return true;
        }
    }
    raise_invalid(state, name, "it must be a number of reasonable size");
    return false;
}

bool
has_arguments(Py_ssize_t given, Py_ssize_t wanted, const char *function)
{
    if (given != wanted) {
        PyErr_Format(PyExc_TypeError, "%s takes %zd arguments, not %zd", function,
                     wanted, given);
    }
    return given == wanted;
}

PyObject *
str_or_none(const char *text)
{
    if (text == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

bool
params_of(core_state *state, PyObject *value, params *out)
{
    Py_ssize_t len = 0;

    *out = (params){ .items = NULL };
    if (value == Py_None) {
        return true;
    }
    if (!PyDict_Check(value)) {
        raise_invalid(state, "authorization_params", "it must be a dict");
        return false;
    }
    /* A list of our own: the dict may change while the GIL is free. */
    out->items = PyDict_Items(value);
    if (out->items == NULL) {
        return false;
    }
    len = PyList_Size(out->items);
    out->list = PyMem_Calloc((size_t)len + 1, sizeof *out->list);
    if (out->list == NULL) {
        (void)PyErr_NoMemory();
        params_clear(out);
        return false;
    }
    for (Py_ssize_t i = 0; i < len; i++) {
        PyObject *pair = PyList_GetItem(out->items, i);

        if (!text_of(state, PyTuple_GetItem(pair, 0), "authorization_params",
                     &out->list[i].name) ||
            !text_of(state, PyTuple_GetItem(pair, 1), out->list[i].name,
                     &out->list[i].value)) {
            params_clear(out);
            return false;
        }
    }
    out->len = (size_t)len;
    return true;
}

void
params_clear(params *p)
{
    PyMem_Free(p->list);
    Py_CLEAR(p->items);
    p->list = NULL;
}

static bool
put(PyObject *dict, const char *name, PyObject *value)
{
    int failed = value == NULL || PyDict_SetItemString(dict, name, value) < 0;

    Py_XDECREF(value);
    return !failed;
}

PyObject *
token_dict(a0_token *token)
{
    PyObject *dict = PyDict_New();

    if (dict != NULL &&
        !(put(dict, "access_token", str_or_none(a0_token_access_token(token))) &&
          put(dict, "token_type", str_or_none(a0_token_type(token))) &&
          put(dict, "audience", str_or_none(a0_token_audience(token))) &&
          put(dict, "scope", str_or_none(a0_token_scope(token))) &&
          put(dict, "expires_at", PyLong_FromLongLong(a0_token_expires_at(token))))) {
        Py_CLEAR(dict);
    }
    a0_token_free(token);
    return dict;
}
