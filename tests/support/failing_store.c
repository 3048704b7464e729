/* SPDX-License-Identifier: MIT */
#include "failing_store.h"

/* Counts a call and says whether it is to fail. */
static bool
enter(failing_store *store, failing_store_call call, uint64_t *out_n)
{
    uint64_t n = atomic_fetch_add(&store->calls, 1) + 1;

    *out_n = n;
    if (call == FAILING_STORE_COMMIT) {
        uint64_t commits = atomic_fetch_add(&store->commits, 1) + 1;

        n = store->only_commits ? commits : n;
    }
    if (store->watch != NULL) {
        store->watch(store->watch_self, call, *out_n, false);
    }
    if (store->fail_at == 0 || (store->only_commits && call != FAILING_STORE_COMMIT)) {
        return false;
    }
    return n == store->fail_at || (store->for_good && n > store->fail_at);
}

static a0_status
leave(failing_store *store, failing_store_call call, uint64_t n, a0_status status)
{
    if (store->watch != NULL) {
        store->watch(store->watch_self, call, n, true);
    }
    return status;
}

static a0_status
get(void *self, a0_record_kind kind, const char *key, int64_t now, a0_record_sink sink,
    void *sink_self, a0_error **err)
{
    failing_store *store = self;
    uint64_t n = 0;

    if (enter(store, FAILING_STORE_GET, &n)) {
        return a0__fail(err, store->error);
    }
    return leave(
        store, FAILING_STORE_GET, n,
        store->inner->get(store->inner_self, kind, key, now, sink, sink_self, err));
}

static a0_status
find(void *self, a0_record_kind kind, a0_record_index index, const char *value,
     int64_t now, size_t max_records, a0_record_sink sink, void *sink_self,
     a0_error **err)
{
    failing_store *store = self;
    uint64_t n = 0;

    if (enter(store, FAILING_STORE_FIND, &n)) {
        return a0__fail(err, store->error);
    }
    return leave(store, FAILING_STORE_FIND, n,
                 store->inner->find(store->inner_self, kind, index, value, now,
                                    max_records, sink, sink_self, err));
}

static a0_status
commit(void *self, const a0_store_op *ops, size_t ops_len, int64_t now,
       bool *out_applied, a0_error **err)
{
    failing_store *store = self;
    uint64_t n = 0;
    bool fails = enter(store, FAILING_STORE_COMMIT, &n);
    bool applied = false;

    if (fails && !store->after_applying) {
        return a0__fail(err, store->error);
    }
    A0_TRY(leave(
        store, FAILING_STORE_COMMIT, n,
        store->inner->commit(store->inner_self, ops, ops_len, now, &applied, err)));
    if (fails) {
        return a0__fail(err, store->error);
    }
    *out_applied = applied;
    return A0_OK;
}

static a0_status
sweep(void *self, int64_t now, size_t max_records, a0_record_kind cap_kind,
      size_t cap_records, size_t *out_removed, a0_error **err)
{
    failing_store *store = self;
    uint64_t n = 0;

    if (enter(store, FAILING_STORE_SWEEP, &n)) {
        return a0__fail(err, store->error);
    }
    return leave(store, FAILING_STORE_SWEEP, n,
                 store->inner->sweep(store->inner_self, now, max_records, cap_kind,
                                     cap_records, out_removed, err));
}

static void
destroy(void *self)
{
    failing_store *store = self;

    if (store->inner->destroy != NULL) {
        store->inner->destroy(store->inner_self);
    }
}

const a0_store failing_store_table = { .size = sizeof failing_store_table,
                                       .get = get,
                                       .find = find,
                                       .commit = commit,
                                       .sweep = sweep,
                                       .destroy = destroy };
