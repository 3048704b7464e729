/* SPDX-License-Identifier: MIT */
/* The type Client: an a0_client with what belongs to no session. Any thread. */
#include "core.h"

typedef struct client_object {
    PyObject_HEAD a0_client *client;
    PyObject *log; /* a port that the library does not hold */
} client_object;

a0_client *
client_of(PyObject *client)
{
    return ((client_object *)client)->client;
}

/* ---- making ---- */

/* The faults of a configuration, as a tuple of str. */
static PyObject *
faults_of(const a0_config *config)
{
    size_t len = a0_config_faults_len(config);
    PyObject *faults = PyTuple_New((Py_ssize_t)len);

    for (size_t i = 0; faults != NULL && i < len; i++) {
        PyObject *fault = str_or_none(a0_config_fault(config, i));

        if (fault == NULL || PyTuple_SetItem(faults, (Py_ssize_t)i, fault) < 0) {
            Py_CLEAR(faults);
        }
    }
    return faults;
}

/* Like any failure, with every fault told. */
static void
raise_config(core_state *state, waiting *w, a0_status status, a0_error *err,
             const a0_config *config)
{
    PyObject *faults = a0_config_faults_len(config) > 0 ? faults_of(config) : NULL;
    PyObject *failure = NULL;

    if (faults == NULL) {
        (void)raise_failure(state, w, status, err);
        return;
    }
    failure = PyObject_CallMethod(state->errors, "Auth0OauthClientImproperlyConfigured",
                                  "OO", Py_None, faults);
    if (failure != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(failure), failure);
        Py_DECREF(failure);
    }
    Py_DECREF(faults);
    Py_CLEAR(w->raised);
    a0_error_free(err);
}

/* Ports for the objects that are not None, each with a reference. */
static a0_ports
ports_of(PyObject *store, PyObject *cache, PyObject *log)
{
    a0_ports ports = A0_PORTS_INIT;

    if (store != Py_None) {
        ports.store = store_port();
        ports.store_self = Py_NewRef(store);
    }
    if (cache != Py_None) {
        ports.cache = cache_port();
        ports.cache_self = Py_NewRef(cache);
    }
    if (log != Py_None) {
        ports.log = log_port();
        ports.log_self = Py_NewRef(log);
    }
    return ports;
}

static void
let_go(const a0_ports *ports)
{
    Py_XDECREF((PyObject *)ports->store_self);
    Py_XDECREF((PyObject *)ports->cache_self);
    Py_XDECREF((PyObject *)ports->log_self);
}

static a0_status
open_client(const char *settings, Py_ssize_t len, const a0_ports *ports,
            a0_config **out_config, a0_client **out_client, a0_error **err)
{
    a0_status status = a0_config_new(out_config, err);

    if (status == A0_OK) {
        status = a0_config_read_json(*out_config, settings, (size_t)len, err);
    }
    if (status == A0_OK) {
        status = a0_client_new(*out_config, ports, out_client, err);
    }
    return status;
}

static bool
client_open(core_state *state, client_object *self, const char *settings,
            Py_ssize_t len, const a0_ports *ports)
{
    a0_config *config = NULL;
    a0_error *err = NULL;
    waiting w;
    a0_status status =
        WAIT(w, open_client(settings, len, ports, &config, &self->client, &err));

    if (status != A0_OK) {
        raise_config(state, &w, status, err, config);
        let_go(ports);
        a0_config_free(config);
        return false;
    }
    a0_config_free(config);
    self->log = ports->log_self;
    return succeeded(&w);
}

/* Client(settings: str of JSON, store, cache, log); None is the built-in port. */
static PyObject *
client_make(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *store = NULL;
    PyObject *cache = NULL;
    PyObject *log = NULL;
    const char *settings = NULL;
    Py_ssize_t len = 0;
    client_object *self = NULL;
    a0_ports ports;

    (void)keywords;
    if (!PyArg_ParseTuple(args, "s#OOO:Client", &settings, &len, &store, &cache,
                          &log)) {
        return NULL;
    }
    self = (client_object *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (self == NULL) {
        return NULL;
    }
    ports = ports_of(store, cache, log);
    if (!client_open(state_of((PyObject *)self), self, settings, len, &ports)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
client_dealloc(PyObject *object)
{
    client_object *self = (client_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    a0_client *client = self->client;

    Py_BEGIN_ALLOW_THREADS a0_client_free(client);
    Py_END_ALLOW_THREADS Py_XDECREF(self->log);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* ---- operations ---- */

static PyObject *
client_session(PyObject *self, PyObject *id)
{
    core_state *state = state_of(self);
    const char *text = NULL;

    /* An id comes out of a session of Django: whatever else stands there is no id. */
    if (id != Py_None && !text_of(state, id, "session id", &text)) {
        PyErr_Clear();
    }
    return session_new(state, self, text);
}

static PyObject *
client_warm(PyObject *self, PyObject *nothing)
{
    a0_error *err = NULL;
    waiting w;
    a0_status status = WAIT(w, a0_client_warm(client_of(self), &err));

    (void)nothing;
    if (status != A0_OK) {
        return raise_failure(state_of(self), &w, status, err);
    }
    return succeeded(&w) ? Py_NewRef(Py_None) : NULL;
}

static PyObject *
client_sweep(PyObject *self, PyObject *nothing)
{
    a0_error *err = NULL;
    waiting w;
    a0_status status = WAIT(w, a0_client_sweep(client_of(self), &err));

    (void)nothing;
    if (status != A0_OK) {
        return raise_failure(state_of(self), &w, status, err);
    }
    return succeeded(&w) ? Py_NewRef(Py_None) : NULL;
}

/* (expires_in, latency_ms, granted scopes, excess scopes, shares credentials) */
static PyObject *
ping_tuple(const a0_ping_result *result)
{
    return Py_BuildValue(
        "LLssO", (long long)a0_ping_result_expires_in(result),
        (long long)a0_ping_result_latency_ms(result),
        a0_ping_result_granted_scopes(result), a0_ping_result_excess_scopes(result),
        a0_ping_result_shares_credentials(result) ? Py_True : Py_False);
}

static PyObject *
client_ping(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    a0_ping_options options = { .size = sizeof options };
    a0_ping_result *result = NULL;
    a0_error *err = NULL;
    PyObject *tuple = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!has_arguments(len, 2, "ping") ||
        !number_of(state, args[0], "timeout", &options.timeout_ms) ||
        !optional_text_of(state, args[1], "required_scopes",
                          &options.required_scopes)) {
        return NULL;
    }
    status = WAIT(w, a0_ping(client_of(self), &options, &result, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    tuple = succeeded(&w) ? ping_tuple(result) : NULL;
    a0_ping_result_free(result);
    return tuple;
}

static PyObject *
client_user(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    a0_user_get_options options = A0_USER_GET_OPTIONS_INIT;
    const char *user_id = NULL;
    a0_user *user = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!has_arguments(len, 2, "user") ||
        !text_of(state, args[0], "user_id", &user_id)) {
        return NULL;
    }
    options.afresh = args[1] == Py_True;
    status = WAIT(w, a0_user_get(client_of(self), user_id, &options, &user, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    json = succeeded(&w) ? str_or_none(a0_user_json(user)) : NULL;
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

static PyObject *
client_users_by_email(PyObject *self, PyObject *email)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    a0_users *users = NULL;
    a0_error *err = NULL;
    PyObject *list = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!text_of(state, email, "email", &text)) {
        return NULL;
    }
    status = WAIT(w, a0_user_by_email(client_of(self), text, &users, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    list = succeeded(&w) ? users_list(users) : NULL;
    a0_users_free(users);
    return list;
}

/* (list of JSON, where the next page begins or None) */
static PyObject *
client_user_list(PyObject *self, PyObject *after)
{
    core_state *state = state_of(self);
    a0_user_list_options options = A0_USER_LIST_OPTIONS_INIT;
    a0_users *page = NULL;
    a0_error *err = NULL;
    PyObject *pair = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!optional_text_of(state, after, "after", &options.after)) {
        return NULL;
    }
    status = WAIT(w, a0_user_list(client_of(self), &options, &page, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    if (succeeded(&w)) {
        pair = Py_BuildValue("NN", users_list(page), str_or_none(a0_users_next(page)));
    }
    a0_users_free(page);
    return pair;
}

static PyObject *
client_update_user(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    const char *user_id = NULL;
    const char *attributes = NULL;
    a0_user *user = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!has_arguments(len, 2, "update_user") ||
        !text_of(state, args[0], "user_id", &user_id) ||
        !text_of(state, args[1], "body", &attributes)) {
        return NULL;
    }
    status = WAIT(w, a0_user_update(client_of(self), user_id, attributes, &user, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    json = succeeded(&w) ? str_or_none(a0_user_json(user)) : NULL;
    a0_user_free(user);
    return json;
}

static PyObject *
client_tokensets(PyObject *self, PyObject *user_id)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    a0_tokensets *tokensets = NULL;
    a0_error *err = NULL;
    PyObject *json = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!text_of(state, user_id, "user_id", &text)) {
        return NULL;
    }
    status = WAIT(w, a0_user_tokensets(client_of(self), text, &tokensets, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    json = succeeded(&w) ? str_or_none(a0_tokensets_json(tokensets)) : NULL;
    a0_tokensets_free(tokensets);
    return json;
}

static PyObject *
client_vault_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;
    const char *refresh_token = NULL;
    const char *connection = NULL;
    a0_token *token = NULL;
    a0_error *err = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!has_arguments(len, 4, "vault_token") ||
        !text_of(state, args[0], "refresh_token", &refresh_token) ||
        !text_of(state, args[1], "connection", &connection) ||
        !optional_text_of(state, args[2], "login_hint", &options.login_hint) ||
        !optional_text_of(state, args[3], "scope", &options.scope)) {
        return NULL;
    }
    status = WAIT(w, a0_vault_token(client_of(self), refresh_token, connection,
                                    &options, &token, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    if (!succeeded(&w)) {
        a0_token_free(token);
        return NULL;
    }
    return token_dict(token);
}

static PyObject *
client_refresh_token_of(PyObject *self, PyObject *user_id)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    a0_refresh_token *token = NULL;
    a0_error *err = NULL;
    PyObject *given = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!text_of(state, user_id, "user_id", &text)) {
        return NULL;
    }
    status = WAIT(w, a0_user_refresh_token(client_of(self), text, &token, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    given = succeeded(&w) ? str_or_none(a0_refresh_token_text(token)) : NULL;
    a0_refresh_token_free(token);
    return given;
}

static PyObject *
client_keep_refresh_token(PyObject *self, PyObject *const *args, Py_ssize_t len)
{
    core_state *state = state_of(self);
    const char *user_id = NULL;
    const char *token = NULL;
    a0_error *err = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!has_arguments(len, 2, "keep_refresh_token") ||
        !text_of(state, args[0], "user_id", &user_id) ||
        !text_of(state, args[1], "refresh_token", &token)) {
        return NULL;
    }
    status = WAIT(w, a0_user_refresh_token_put(client_of(self), user_id, token, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    return succeeded(&w) ? Py_NewRef(Py_None) : NULL;
}

static PyObject *
client_logout_backchannel(PyObject *self, PyObject *logout_token)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    size_t ended = 0;
    a0_error *err = NULL;
    a0_status status = A0_OK;
    waiting w;

    if (!text_of(state, logout_token, "logout_token", &text)) {
        return NULL;
    }
    status = WAIT(w, a0_logout_backchannel(client_of(self), text, &ended, &err));
    if (status != A0_OK) {
        return raise_failure(state, &w, status, err);
    }
    return succeeded(&w) ? PyLong_FromSize_t(ended) : NULL;
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
    a0_status status = A0_OK;
    waiting w;

    if (!text_of(state_of(self), user_id, "user_id", &text)) {
        return NULL;
    }
    status = WAIT(w, call(client_of(self), text, &data, &err));
    if (status != A0_OK) {
        return raise_failure(state_of(self), &w, status, err);
    }
    json = succeeded(&w) ? str_or_none(a0_user_data_json(data)) : NULL;
    a0_user_data_free(data);
    return json;
}

static PyObject *
client_export_user(PyObject *self, PyObject *user_id)
{
    return ask_data(self, user_id, a0_user_export);
}

static PyObject *
client_erase_user(PyObject *self, PyObject *user_id)
{
    return ask_data(self, user_id, a0_user_erase);
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef client_methods[] = {
    { "session", client_session, METH_O, "session(id: str | None) -> Session" },
    { "logout_backchannel", client_logout_backchannel, METH_O,
      "logout_backchannel(logout_token) -> how many sessions it ended" },
    { "warm", client_warm, METH_NOARGS, "Fetches discovery and keys." },
    { "sweep", client_sweep, METH_NOARGS, "Removes a batch of expired rows." },
    { "ping", FAST(client_ping), METH_FASTCALL,
      "ping(timeout_ms, required_scopes: str | None) -> tuple" },
    { "doctor", FAST(client_doctor), METH_FASTCALL,
      "doctor(callback_url: str | None, timeout_ms) -> list of tuples" },
    { "user", FAST(client_user), METH_FASTCALL, "user(user_id, afresh) -> JSON" },
    { "users_by_email", client_users_by_email, METH_O,
      "users_by_email(email) -> list of JSON" },
    { "user_list", client_user_list, METH_O,
      "user_list(after: str | None) -> (list of JSON, str or None)" },
    { "update_user", FAST(client_update_user), METH_FASTCALL,
      "update_user(user_id, JSON) -> JSON" },
    { "tokensets", client_tokensets, METH_O, "tokensets(user_id) -> JSON" },
    { "vault_token", FAST(client_vault_token), METH_FASTCALL,
      "vault_token(refresh_token, connection, login_hint, scope) -> dict" },
    { "refresh_token_of", client_refresh_token_of, METH_O,
      "refresh_token_of(user_id) -> str" },
    { "keep_refresh_token", FAST(client_keep_refresh_token), METH_FASTCALL,
      "keep_refresh_token(user_id, refresh_token)" },
    { "link_explain", client_link_explain, METH_O, "link_explain(user_id) -> JSON" },
    { "link_audit", client_link_audit, METH_O,
      "link_audit(tuple of user ids) -> JSON" },
    { "link_list", client_link_list, METH_O, "link_list(user_id: str | None) -> JSON" },
    { "link_undo", FAST(client_link_undo), METH_FASTCALL,
      "link_undo(user_id, provider, identity_user_id) -> JSON" },
    { "link_repair", client_link_repair, METH_NOARGS, "link_repair() -> JSON" },
    { "export_user", client_export_user, METH_O, "export_user(user_id) -> JSON" },
    { "erase_user", client_erase_user, METH_O, "erase_user(user_id) -> JSON" },
    { NULL, NULL, 0, NULL },
};

static PyType_Slot client_slots[] = {
    { Py_tp_new, (void *)client_make },
    { Py_tp_dealloc, (void *)client_dealloc },
    { Py_tp_methods, client_methods },
    { 0, NULL },
};

PyType_Spec client_spec = {
    .name = "auth0_oauth_client._core.Client",
    .basicsize = sizeof(client_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = client_slots,
};
