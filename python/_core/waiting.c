/* SPDX-License-Identifier: MIT */
/*
 * The one place that lets go of the GIL. A port takes it back for the length of its
 * callback; what it raises stands aside until the library has come back, because an
 * exception can not pass through C.
 */
#include "core.h"

#include <string.h>

#include <a0/sys/fail.h>

/* The innermost call of this thread. */
static _Thread_local waiting *current;

void
waiting_begin(waiting *w, core_state *state)
{
    w->state = state;
    w->raised = NULL;
    w->outer = current;
    current = w;
    w->thread = PyEval_SaveThread();
}

a0_status
waiting_end(waiting *w, a0_status status)
{
    PyEval_RestoreThread(w->thread);
    current = w->outer;
    return status;
}

void
waiting_keep_interrupt(void)
{
    if (PyErr_ExceptionMatches(PyExc_Exception)) {
        PyErr_Clear();
    } else {
        waiting_keep_raised();
    }
}

void
waiting_keep_raised(void)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;

    if (current == NULL) {
        PyErr_WriteUnraisable(NULL);
        return;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        (void)PyException_SetTraceback(value, traceback);
    }
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    /* An interrupt is not hidden by what comes after it. */
    if (current->raised != NULL &&
        !PyErr_GivenExceptionMatches(current->raised, PyExc_Exception)) {
        Py_XDECREF(value);
        return;
    }
    Py_XDECREF(current->raised);
    current->raised = value;
}

/* Raises w->raised as it is, if it is no Exception. */
static bool
interrupted(waiting *w)
{
    if (w->raised == NULL || PyErr_GivenExceptionMatches(w->raised, PyExc_Exception)) {
        return false;
    }
    PyErr_SetObject((PyObject *)Py_TYPE(w->raised), w->raised);
    Py_CLEAR(w->raised);
    return true;
}

static bool
put(PyObject *facts, const char *name, PyObject *value)
{
    int failed = value == NULL || PyDict_SetItemString(facts, name, value) < 0;

    Py_XDECREF(value);
    return !failed;
}

static PyObject *
facts_of(a0_status status, const a0_error *err)
{
    PyObject *facts = PyDict_New();

    if (facts != NULL && put(facts, "id", str_or_none(a0_error_id(err))) &&
        put(facts, "code", str_or_none(a0_error_code(err))) &&
        put(facts, "message", str_or_none(a0_error_message(err))) &&
        put(facts, "kind", PyLong_FromLong(a0_error_kind_of(err))) &&
        put(facts, "status", str_or_none(a0_status_name(status))) &&
        put(facts, "http_status", PyLong_FromLong(a0_error_http_status(err))) &&
        put(facts, "argument", str_or_none(a0_error_argument(err))) &&
        put(facts, "peer_status", PyLong_FromLong(a0_error_peer_status(err))) &&
        put(facts, "peer_code", str_or_none(a0_error_peer_code(err))) &&
        put(facts, "peer_description", str_or_none(a0_error_peer_description(err))) &&
        put(facts, "retry_after", PyLong_FromLong(a0_error_retry_after_s(err))) &&
        put(facts, "stage", str_or_none(a0_error_stage(err))) &&
        put(facts, "missing_scopes", str_or_none(a0_error_missing_scopes(err))) &&
        put(facts, "problem", str_or_none(a0_error_problem(err)))) {
        return facts;
    }
    Py_XDECREF(facts);
    return NULL;
}

static void
raise_failure(waiting *w, a0_status status, a0_error *err)
{
    PyObject *facts = NULL;
    PyObject *failure = NULL;

    /* A port that says nothing but a status. */
    if (err == NULL) {
        status = a0_port_fail(&err, status == A0_NO_MEMORY     ? "no_memory"
                                    : status == A0_UNAVAILABLE ? "store_unavailable"
                                                               : "internal");
    }
    facts = facts_of(status, err);
    if (facts != NULL) {
        failure = PyObject_CallMethod(w->state->errors, "of_core", "O", facts);
        Py_DECREF(facts);
    }
    if (failure != NULL && w->raised != NULL &&
        strncmp(a0_error_id(err), "store_", strlen("store_")) == 0) {
        PyException_SetCause(failure, Py_NewRef(w->raised));
    }
    if (failure != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(failure), failure);
        Py_DECREF(failure);
    }
    a0_error_free(err);
}

bool
did_well(waiting *w, a0_status status, a0_error **err)
{
    bool well = status == A0_OK;

    if (interrupted(w)) {
        a0_error_free(*err);
        well = false;
    } else if (!well) {
        raise_failure(w, status, *err);
    }
    *err = NULL;
    Py_CLEAR(w->raised);
    return well;
}
