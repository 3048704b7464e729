/* SPDX-License-Identifier: MIT */
/* The type Client: an a0_client with what belongs to no session. Any thread. */
#include "core.h"

#include <string.h>

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

/* In the place of the exception that is set: every fault is told. */
static void
raise_faults(core_state *state, const a0_config *config)
{
    PyObject *faults = NULL;
    PyObject *failure = NULL;

    PyErr_Clear();
    faults = faults_of(config);
    if (faults == NULL) {
        return;
    }
    failure = PyObject_CallMethod(state->errors, "Auth0OauthClientImproperlyConfigured",
                                  "OO", Py_None, faults);
    if (failure != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(failure), failure);
        Py_DECREF(failure);
    }
    Py_DECREF(faults);
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
open_client(const char *settings, const a0_ports *ports, a0_config **out_config,
            a0_client **out_client, a0_error **err)
{
    a0_status status = a0_config_new(out_config, err);

    if (status == A0_OK) {
        status = a0_config_read_json(*out_config, settings, strlen(settings), err);
    }
    if (status == A0_OK) {
        status = a0_client_new(*out_config, ports, out_client, err);
    }
    return status;
}

static bool
client_open(core_state *state, client_object *self, const char *settings,
            const a0_ports *ports)
{
    a0_config *config = NULL;
    a0_error *err = NULL;
    waiting w;
    bool opened =
        WAIT(state, w, err, open_client(settings, ports, &config, &self->client, &err));

    if (config != NULL && a0_config_faults_len(config) > 0) {
        raise_faults(state, config);
    }
    /* A client holds its ports, even one that nobody will get. */
    if (self->client != NULL) {
        self->log = ports->log_self;
    } else {
        let_go(ports);
    }
    a0_config_free(config);
    return opened;
}

/* Client(settings: str of JSON, store, cache, log); None is the built-in port. */
static PyObject *
client_make(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    core_state *state = PyType_GetModuleState(type);
    PyObject *settings = NULL;
    PyObject *store = NULL;
    PyObject *cache = NULL;
    PyObject *log = NULL;
    const char *json = NULL;
    client_object *self = NULL;
    a0_ports ports;

    (void)keywords;
    if (!PyArg_ParseTuple(args, "OOOO:Client", &settings, &store, &cache, &log) ||
        !text_of(state, settings, "settings", &json)) {
        return NULL;
    }
    self = (client_object *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (self == NULL) {
        return NULL;
    }
    ports = ports_of(store, cache, log);
    if (!client_open(state, self, json, &ports)) {
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

    (void)nothing;
    return WAIT(state_of(self), w, err, a0_client_warm(client_of(self), &err))
               ? Py_NewRef(Py_None)
               : NULL;
}

static PyObject *
client_sweep(PyObject *self, PyObject *nothing)
{
    a0_error *err = NULL;
    waiting w;

    (void)nothing;
    return WAIT(state_of(self), w, err, a0_client_sweep(client_of(self), &err))
               ? Py_NewRef(Py_None)
               : NULL;
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
    waiting w;

    if (!has_arguments(len, 2, "ping") ||
        !number_of(state, args[0], "timeout", &options.timeout_ms) ||
        !optional_text_of(state, args[1], "required_scopes",
                          &options.required_scopes)) {
        return NULL;
    }
    if (WAIT(state, w, err, a0_ping(client_of(self), &options, &result, &err))) {
        tuple = ping_tuple(result);
    }
    a0_ping_result_free(result);
    return tuple;
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
    waiting w;

    if (!has_arguments(len, 4, "vault_token") ||
        !text_of(state, args[0], "refresh_token", &refresh_token) ||
        !text_of(state, args[1], "connection", &connection) ||
        !optional_text_of(state, args[2], "login_hint", &options.login_hint) ||
        !optional_text_of(state, args[3], "scope", &options.scope)) {
        return NULL;
    }
    if (!WAIT(state, w, err,
              a0_vault_token(client_of(self), refresh_token, connection, &options,
                             &token, &err))) {
        a0_token_free(token);
        return NULL;
    }
    return token_dict(token);
}

static PyObject *
client_logout_backchannel(PyObject *self, PyObject *logout_token)
{
    core_state *state = state_of(self);
    const char *text = NULL;
    size_t ended = 0;
    a0_error *err = NULL;
    waiting w;

    if (!text_of(state, logout_token, "logout_token", &text)) {
        return NULL;
    }
    return WAIT(state, w, err,
                a0_logout_backchannel(client_of(self), text, &ended, &err))
               ? PyLong_FromSize_t(ended)
               : NULL;
}

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
      "user_list(after: str | None) -> (list of JSON, str or None, int)" },
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
