/* SPDX-License-Identifier: MIT */
/* The methods of Client about users: what Auth0 says of them, and what is kept here. */
#include "core.h"

PyObject *
client_user(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    a0_user_get_options options = A0_USER_GET_OPTIONS_INIT;
    const char *user_id = NULL;
    a0_user *user = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    waiting w;

    if (!has_arguments(len, 2, "user") ||
        !text_of(state, args[0], "user_id", &user_id)) {
        return NULL;
    }
    options.afresh = args[1] == Py_True;
    if (WAIT(state, w, err,
             a0_user_get(client_of(self), user_id, &options, &user, &err))) {
        json = str_or_none(a0_user_json(user));
    }
    a0_user_free(user);
    return json;
}

static PyObject *
users_list(const a0_users *users)
{
    PyObject *list = PyList_New((Py_ssize_t)a0_users_len(users));

    for (size_t i = 0; list != NULL && i < a0_users_len(users); i++) {
        PyObject *json = str_or_none(a0_user_json(a0_users_at(users, i)));

        if (json == NULL || PyList_SetItem(list, (Py_ssize_t)i, json) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

PyObject *
client_users_by_email(PyObject *self, PyObject *email)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    a0_users *users = NULL;
    a0_error *err = NULL;
    PyObject *list = NULL;
    waiting w;

    if (!text_of(state, email, "email", &text)) {
        return NULL;
    }
    if (WAIT(state, w, err, a0_user_by_email(client_of(self), text, &users, &err))) {
        list = users_list(users);
    }
    a0_users_free(users);
    return list;
}

/* (list of JSON, where the next page begins or None, how many were left out) */
PyObject *
client_user_list(PyObject *self, PyObject *after)
{
    core_state *state = state_of(self);
    a0_user_list_options options = A0_USER_LIST_OPTIONS_INIT;
    a0_users *page = NULL;
    a0_error *err = NULL;
    PyObject *pair = NULL;
    waiting w;

    if (!optional_text_of(state, after, "after", &options.after)) {
        return NULL;
    }
    if (WAIT(state, w, err, a0_user_list(client_of(self), &options, &page, &err))) {
        pair = Py_BuildValue("NNL", users_list(page), str_or_none(a0_users_next(page)),
                             (long long)a0_users_unreadable(page));
    }
    a0_users_free(page);
    return pair;
}

PyObject *
client_update_user(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    const char *user_id = NULL;
    const char *attributes = NULL;
    a0_user *user = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    waiting w;

    if (!has_arguments(len, 2, "update_user") ||
        !text_of(state, args[0], "user_id", &user_id) ||
        !text_of(state, args[1], "body", &attributes)) {
        return NULL;
    }
    if (WAIT(state, w, err,
             a0_user_update(client_of(self), user_id, attributes, &user, &err))) {
        json = str_or_none(a0_user_json(user));
    }
    a0_user_free(user);
    return json;
}

PyObject *
client_tokensets(PyObject *self, PyObject *user_id)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    a0_tokensets *tokensets = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    waiting w;

    if (!text_of(state, user_id, "user_id", &text)) {
        return NULL;
    }
    if (WAIT(state, w, err,
             a0_user_tokensets(client_of(self), text, &tokensets, &err))) {
        json = str_or_none(a0_tokensets_json(tokensets));
    }
    a0_tokensets_free(tokensets);
    return json;
}

PyObject *
client_refresh_token_of(PyObject *self, PyObject *user_id)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    a0_refresh_token *token = NULL;
    a0_error *err = NULL;
    PyObject *given = NULL;
    waiting w;

    if (!text_of(state, user_id, "user_id", &text)) {
        return NULL;
    }
    if (WAIT(state, w, err,
             a0_user_refresh_token(client_of(self), text, &token, &err))) {
        given = str_or_none(a0_refresh_token_text(token));
    }
    a0_refresh_token_free(token);
    return given;
}

PyObject *
client_keep_refresh_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    const char *user_id = NULL;
    const char *token = NULL;
    a0_error *err = NULL;
    waiting w;

    if (!has_arguments(len, 2, "keep_refresh_token") ||
        !text_of(state, args[0], "user_id", &user_id) ||
        !text_of(state, args[1], "refresh_token", &token)) {
        return NULL;
    }
    return WAIT(state, w, err,
                a0_user_refresh_token_put(client_of(self), user_id, token, &err))
               ? Py_NewRef(Py_None)
               : NULL;
}

typedef a0_status (*data_call)(a0_client *client, const char *user_id,
                               a0_user_data **out_data, a0_error **err);

static PyObject *
ask_data(PyObject *self, PyObject *user_id, data_call call)
{
    const char *text = NULL;
    a0_user_data *data = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    waiting w;

    if (!text_of(state_of(self), user_id, "user_id", &text)) {
        return NULL;
    }
    if (WAIT(state_of(self), w, err, call(client_of(self), text, &data, &err))) {
        json = str_or_none(a0_user_data_json(data));
    }
    a0_user_data_free(data);
    return json;
}

PyObject *
client_export_user(PyObject *self, PyObject *user_id)
{
    return ask_data(self, user_id, a0_user_export);
}

PyObject *
client_erase_user(PyObject *self, PyObject *user_id)
{
    return ask_data(self, user_id, a0_user_erase);
}
