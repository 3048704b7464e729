/* SPDX-License-Identifier: MIT */
/*
 * Python objects as store, cache and log (include/a0/sys). Each function takes the GIL
 * for its length, on whatever thread it is called. What an object raises becomes a
 * failure of the port; what a store raises is the cause of the exception that the
 * caller gets.
 *
 * A store has
 *     get(kind, key, now) -> row or None
 *     find(kind, index, value, now, limit) -> list of rows
 *     commit(ops, now) -> bool
 *     sweep(now, limit, cap_kind, cap) -> int
 *     unavailable: exception classes that mean "could not ask, try again"
 * where a row is (key, version, created_at, expires_at, owner, user_id, sid, data) and
 * an op is (type, expected_version, kind, row). A cache has get(key) -> bytes or None,
 * set(key, data, seconds) and delete(key). A log is called with (level, name, fields),
 * fields being (name, kind, value).
 */
#include "core.h"

#include <string.h>

#include <a0/sys/fail.h>

/* Called when the client goes, without the GIL. */
static void
port_destroy(void *self)
{
    PyGILState_STATE gil = PyGILState_Ensure();

    Py_DECREF((PyObject *)self);
    PyGILState_Release(gil);
}

/* ---- the store ---- */

/* STOR-09: what does not fit is refused, never cut. */
static bool
fits(const char *text, size_t least, size_t most)
{
    size_t len = text != NULL ? strnlen(text, most + 1) : 0;

    return len >= least && len <= most;
}

static bool
op_fits(const a0_store_op *op)
{
    const a0_record *record = op->record;

    return record->kind >= A0_RECORD_SESSION &&
           fits(record->key, 1, A0_RECORD_KEY_MAX) &&
           fits(record->owner, 0, A0_RECORD_INDEX_MAX) &&
           fits(record->user_id, 0, A0_RECORD_INDEX_MAX) &&
           fits(record->sid, 0, A0_RECORD_INDEX_MAX) &&
           record->data_len <= A0_RECORD_DATA_MAX;
}

/* Whether an exception of that type says that the store can not be asked now. */
static bool
is_unavailable(PyObject *store, PyObject *type)
{
    PyObject *unavailable = PyObject_GetAttrString(store, "unavailable");
    bool is = unavailable != NULL && PyErr_GivenExceptionMatches(type, unavailable);

    Py_XDECREF(unavailable);
    return is;
}

/* The failure that an exception stands for: its own `error_id`, if it has one. */
static a0_status
fail_as(PyObject *store, PyObject *type, const char *id, a0_error **err)
{
    PyObject *own = PyObject_GetAttrString(type, "error_id");
    const char *own_id = own != NULL ? PyUnicode_AsUTF8AndSize(own, NULL) : NULL;
    a0_status status = A0_OK;

    if (own_id != NULL) {
        status = a0_port_fail(err, own_id);
    } else {
        PyErr_Clear();
        status =
            a0_port_fail(err, is_unavailable(store, type) ? "store_unavailable" : id);
    }
    Py_XDECREF(own);
    PyErr_Clear();
    return status;
}

/* The exception that is set, as a failure of the store. */
static a0_status
store_failed(void *self, const char *id, a0_error **err)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    a0_status status = A0_OK;

    if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
        waiting_keep_raised();
        return a0_port_fail(err, "no_memory");
    }
    PyErr_Fetch(&type, &value, &traceback);
    status = fail_as((PyObject *)self, type, id, err);
    PyErr_Restore(type, value, traceback);
    waiting_keep_raised();
    return status;
}

/* Gives a row to the sink; the GIL stays taken, because the row's texts are Python's.
 */
static bool
pass_row(a0_record_kind kind, PyObject *row, a0_record_sink sink, void *sink_self,
         a0_status *out_status, a0_error **err)
{
    a0_record record = { .size = sizeof record, .kind = kind };
    long long version = 0;
    long long created_at = 0;
    long long expires_at = 0;
    const char *data = NULL;
    Py_ssize_t data_len = 0;

    if (!PyTuple_Check(row)) {
        PyErr_SetString(PyExc_TypeError, "a row of the store must be a tuple");
        return false;
    }
    if (!PyArg_ParseTuple(row, "sLLLsssy#", &record.key, &version, &created_at,
                          &expires_at, &record.owner, &record.user_id, &record.sid,
                          &data, &data_len)) {
        return false;
    }
    record.version = version;
    record.created_at = created_at;
    record.expires_at = expires_at;
    record.data = data;
    record.data_len = (size_t)data_len;
    *out_status = sink(sink_self, &record, err);
    return true;
}

static a0_status
store_get(void *self, a0_record_kind kind, const char *key, int64_t now,
          a0_record_sink sink, void *sink_self, a0_error **err)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *row = PyObject_CallMethod((PyObject *)self, "get", "isL", (int)kind, key,
                                        (long long)now);
    a0_status status = A0_NOT_FOUND;

    if (row == NULL ||
        (row != Py_None && !pass_row(kind, row, sink, sink_self, &status, err))) {
        status = store_failed(self, "store_read_failed", err);
    }
    Py_XDECREF(row);
    PyGILState_Release(gil);
    return status;
}

static a0_status
store_find(void *self, a0_record_kind kind, a0_record_index index, const char *value,
           int64_t now, size_t max_records, a0_record_sink sink, void *sink_self,
           a0_error **err)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *rows =
        PyObject_CallMethod((PyObject *)self, "find", "iisLn", (int)kind, (int)index,
                            value, (long long)now, (Py_ssize_t)max_records);
    a0_status status = A0_OK;

    if (rows != NULL && !PyList_Check(rows)) {
        PyErr_SetString(PyExc_TypeError, "a store must find a list of rows");
        Py_CLEAR(rows);
    }
    if (rows == NULL) {
        status = store_failed(self, "store_read_failed", err);
    }
    for (Py_ssize_t i = 0; status == A0_OK && i < PyList_Size(rows); i++) {
        if (!pass_row(kind, PyList_GetItem(rows, i), sink, sink_self, &status, err)) {
            status = store_failed(self, "store_read_failed", err);
        }
    }
    Py_XDECREF(rows);
    PyGILState_Release(gil);
    return status;
}

static const char *
or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static PyObject *
op_tuple(const a0_store_op *op)
{
    const a0_record *record = op->record;

    return Py_BuildValue(
        "iLi(sLLLsssy#)", (int)op->type, (long long)op->expected_version,
        (int)record->kind, record->key, (long long)record->version,
        (long long)record->created_at, (long long)record->expires_at,
        or_empty(record->owner), or_empty(record->user_id), or_empty(record->sid),
        record->data_len > 0 ? (const char *)record->data : "",
        (Py_ssize_t)record->data_len);
}

static PyObject *
op_list(const a0_store_op *ops, size_t ops_len)
{
    PyObject *list = PyList_New((Py_ssize_t)ops_len);

    for (size_t i = 0; list != NULL && i < ops_len; i++) {
        PyObject *op = op_tuple(&ops[i]);

        if (op == NULL || PyList_SetItem(list, (Py_ssize_t)i, op) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static a0_status
commit_with_gil(void *self, const a0_store_op *ops, size_t ops_len, int64_t now,
                bool *out_applied, a0_error **err)
{
    PyObject *list = op_list(ops, ops_len);
    PyObject *applied = NULL;
    int truth = -1;

    if (list != NULL) {
        applied =
            PyObject_CallMethod((PyObject *)self, "commit", "OL", list, (long long)now);
        Py_DECREF(list);
    }
    if (applied != NULL) {
        truth = PyObject_IsTrue(applied);
        Py_DECREF(applied);
    }
    if (truth < 0) {
        return store_failed(self, "store_write_failed", err);
    }
    *out_applied = truth == 1;
    return A0_OK;
}

static a0_status
store_commit(void *self, const a0_store_op *ops, size_t ops_len, int64_t now,
             bool *out_applied, a0_error **err)
{
    PyGILState_STATE gil;
    a0_status status = A0_OK;

    for (size_t i = 0; i < ops_len; i++) {
        if (!op_fits(&ops[i])) {
            return a0_port_fail(err, "param_invalid");
        }
    }
    gil = PyGILState_Ensure();
    status = commit_with_gil(self, ops, ops_len, now, out_applied, err);
    PyGILState_Release(gil);
    return status;
}

static a0_status
store_sweep(void *self, int64_t now, size_t max_records, a0_record_kind cap_kind,
            size_t cap_records, size_t *out_removed, a0_error **err)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *removed = PyObject_CallMethod((PyObject *)self, "sweep", "Lnin",
                                            (long long)now, (Py_ssize_t)max_records,
                                            (int)cap_kind, (Py_ssize_t)cap_records);
    Py_ssize_t count = removed != NULL ? PyLong_AsSsize_t(removed) : -1;
    a0_status status = A0_OK;

    if (count < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "a store can not remove less than none");
        }
        status = store_failed(self, "store_write_failed", err);
    } else {
        *out_removed = (size_t)count;
    }
    Py_XDECREF(removed);
    PyGILState_Release(gil);
    return status;
}

const a0_store *
store_port(void)
{
    static const a0_store table = { .size = sizeof table,
                                    .get = store_get,
                                    .find = store_find,
                                    .commit = store_commit,
                                    .sweep = store_sweep,
                                    .destroy = port_destroy };

    return &table;
}

/* ---- the cache ---- */

static a0_status
cache_failed(a0_error **err)
{
    waiting_keep_interrupt();
    return a0_port_fail(err, "store_unavailable");
}

static a0_status
cache_get(void *self, const char *key, a0_cache_sink sink, void *sink_self,
          a0_error **err)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *value = PyObject_CallMethod((PyObject *)self, "get", "s", key);
    a0_status status = A0_NOT_FOUND;
    char *bytes = NULL;
    Py_ssize_t len = 0;

    /* What is no bytes object was put there by somebody else. */
    if (value == NULL) {
        status = cache_failed(err);
    } else if (PyBytes_Check(value) &&
               PyBytes_AsStringAndSize(value, &bytes, &len) == 0) {
        status = sink(sink_self, bytes, (size_t)len, err);
    }
    Py_XDECREF(value);
    PyGILState_Release(gil);
    return status;
}

static a0_status
cache_done(PyObject *result, a0_error **err)
{
    a0_status status = result != NULL ? A0_OK : cache_failed(err);

    Py_XDECREF(result);
    return status;
}

static a0_status
cache_set(void *self, const char *key, const void *bytes, size_t len, int64_t ttl_s,
          a0_error **err)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    a0_status status = cache_done(
        PyObject_CallMethod((PyObject *)self, "set", "sy#L", key, (const char *)bytes,
                            (Py_ssize_t)len, (long long)ttl_s),
        err);

    PyGILState_Release(gil);
    return status;
}

static a0_status
cache_remove(void *self, const char *key, a0_error **err)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    a0_status status =
        cache_done(PyObject_CallMethod((PyObject *)self, "delete", "s", key), err);

    PyGILState_Release(gil);
    return status;
}

const a0_cache *
cache_port(void)
{
    static const a0_cache table = { .size = sizeof table,
                                    .get = cache_get,
                                    .set = cache_set,
                                    .remove = cache_remove,
                                    .destroy = port_destroy };

    return &table;
}

/* ---- the log ---- */

static PyObject *
field_tuple(const a0_log_field *field)
{
    PyObject *value = field->kind == A0_LOG_NUMBER ? PyLong_FromLongLong(field->number)
                                                   : str_or_none(field->text);

    return value != NULL ? Py_BuildValue("siN", field->name, (int)field->kind, value)
                         : NULL;
}

static void
log_event(void *self, a0_log_level level, const char *name, const a0_log_field *fields,
          size_t fields_len)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *list = PyList_New((Py_ssize_t)fields_len);
    PyObject *result = NULL;

    for (size_t i = 0; list != NULL && i < fields_len; i++) {
        PyObject *field = field_tuple(&fields[i]);

        if (field == NULL || PyList_SetItem(list, (Py_ssize_t)i, field) < 0) {
            Py_CLEAR(list);
        }
    }
    if (list != NULL) {
        result = PyObject_CallFunction((PyObject *)self, "isO", (int)level, name, list);
        Py_DECREF(list);
    }
    if (result == NULL) {
        waiting_keep_interrupt();
    }
    Py_XDECREF(result);
    PyGILState_Release(gil);
}

const a0_log *
log_port(void)
{
    static const a0_log table = { .size = sizeof table, .event = log_event };

    return &table;
}
