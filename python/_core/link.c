/* SPDX-License-Identifier: MIT */
/* The methods of Client that look at links, take them back and repair them. */
#include <a0/link.h>

#include "core.h"

/* The answer of a call, which is freed: JSON if it did well. By address, because the
 * call that fills it stands beside it. */
static PyObject *
take(bool did_well, a0_link_answer **answer)
{
    PyObject *json = did_well ? str_or_none(a0_link_answer_json(*answer)) : NULL;

    a0_link_answer_free(*answer);
    return json;
}

PyObject *
client_link_explain(PyObject *self, PyObject *user_id)
{
    const char *text = NULL;
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    waiting w;

    if (!text_of(state_of(self), user_id, "user_id", &text)) {
        return NULL;
    }
    return take(WAIT(state_of(self), w, err,
                     a0_link_explain(client_of(self), text, &answer, &err)),
                &answer);
}

/* Texts borrowed from a tuple that nobody else changes; freed with PyMem_Free. */
static const char **
texts_of(core_state *state, PyObject *tuple, const char *name)
{
    Py_ssize_t len = 0;
    const char **texts = NULL;

    if (!PyTuple_Check(tuple)) {
        PyErr_Format(PyExc_TypeError, "%s must be a tuple", name);
        return NULL;
    }
    len = PyTuple_Size(tuple);
    texts = PyMem_Calloc((size_t)len + 1, sizeof *texts);
    if (texts == NULL) {
        return (const char **)PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < len; i++) {
        if (!text_of(state, PyTuple_GetItem(tuple, i), name, &texts[i])) {
            PyMem_Free(texts);
            return NULL;
        }
    }
    return texts;
}

PyObject *
client_link_audit(PyObject *self, PyObject *user_ids)
{
    const char **texts = texts_of(state_of(self), user_ids, "user_ids");
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    bool did = false;
    waiting w;

    if (texts == NULL) {
        return NULL;
    }
    did = WAIT(state_of(self), w, err,
               a0_link_audit(client_of(self), texts, (size_t)PyTuple_Size(user_ids),
                             &answer, &err));
    PyMem_Free(texts);
    return take(did, &answer);
}

PyObject *
client_link_list(PyObject *self, PyObject *user_id)
{
    const char *text = NULL;
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    waiting w;

    if (!optional_text_of(state_of(self), user_id, "user_id", &text)) {
        return NULL;
    }
    return take(WAIT(state_of(self), w, err,
                     a0_link_list(client_of(self), text, &answer, &err)),
                &answer);
}

PyObject *
client_link_undo(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    const char *user_id = NULL;
    const char *provider = NULL;
    const char *identity = NULL;
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    waiting w;

    if (!has_arguments(len, 3, "link_undo") ||
        !text_of(state, args[0], "user_id", &user_id) ||
        !text_of(state, args[1], "provider", &provider) ||
        !text_of(state, args[2], "identity_user_id", &identity)) {
        return NULL;
    }
    return take(
        WAIT(state, w, err,
             a0_link_undo(client_of(self), user_id, provider, identity, &answer, &err)),
        &answer);
}

PyObject *
client_link_repair(PyObject *self, PyObject *nothing)
{
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;
    waiting w;

    (void)nothing;
    return take(
        WAIT(state_of(self), w, err, a0_link_repair(client_of(self), &answer, &err)),
        &answer);
}
