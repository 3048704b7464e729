/* SPDX-License-Identifier: MIT */
/* What the doctor found, as tuples. */
#include <a0/doctor.h>

#include "core.h"

static const char *
outcome_name(a0_check_outcome outcome)
{
    switch (outcome) {
    case A0_CHECK_OK:
        return "ok";
    case A0_CHECK_WARNING:
        return "warning";
    case A0_CHECK_FAILED:
        return "failed";
    case A0_CHECK_NOT_CHECKED:
        return "not checked";
    }
    return "";
}

/* A list of (id, outcome, text, remedy or None). */
static PyObject *
checks_list(const a0_doctor_report *report)
{
    PyObject *list = PyList_New(0);
    const a0_check *check = NULL;

    for (size_t i = 0;
         list != NULL && (check = a0_doctor_report_check(report, i)) != NULL; i++) {
        PyObject *tuple =
            Py_BuildValue("ssNN", check->id, outcome_name(check->outcome),
                          str_or_none(check->text), str_or_none(check->remedy));

        if (tuple == NULL || PyList_Append(list, tuple) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(tuple);
    }
    return list;
}

PyObject *
client_doctor(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    a0_doctor_options options = A0_DOCTOR_OPTIONS_INIT;
    a0_doctor_report *report = NULL;
    a0_error *err = NULL;
    PyObject *checks = NULL;
    waiting w;

    if (!has_arguments(len, 2, "doctor") ||
        !optional_text_of(state, args[0], "callback_url", &options.callback_url) ||
        !number_of(state, args[1], "timeout", &options.timeout_ms)) {
        return NULL;
    }
    if (WAIT(state, w, err, a0_doctor(client_of(self), &options, &report, &err))) {
        checks = checks_list(report);
    }
    a0_doctor_report_free(report);
    return checks;
}
