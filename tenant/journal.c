/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <pthread.h>

#include "record.h"

enum {
    /* Older ones go: a tenant that runs for weeks must not grow. */
    ENTRIES_MAX = 10000,
    ENTRY_MAX = 1024 * 1024
};

typedef struct entry {
    uint64_t place;
    char *json; /* NULL: not answered yet */
} entry;

struct a0__journal {
    pthread_mutex_t mutex;
    entry entries[ENTRIES_MAX]; /* a ring */
    uint64_t next;              /* the place of the next one; the first is 1 */
    uint64_t first;
};

a0__journal *
a0__journal_new(void)
{
    a0__journal *journal = a0__keep_bytes(1, sizeof *journal);

    (void)pthread_mutex_init(&journal->mutex, NULL);
    journal->next = 1;
    journal->first = 1;
    return journal;
}

static entry *
entry_at(a0__journal *journal, uint64_t place)
{
    return &journal->entries[place % ENTRIES_MAX];
}

static void
forget(entry *e)
{
    a0__free(e->json);
    *e = (entry){ 0, NULL };
}

void
a0__journal_free(a0__journal *journal)
{
    if (journal == NULL) {
        return;
    }
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        forget(&journal->entries[i]);
    }
    (void)pthread_mutex_destroy(&journal->mutex);
    a0__free(journal);
}

uint64_t
a0__journal_arrive(a0__journal *journal)
{
    uint64_t place = 0;

    (void)pthread_mutex_lock(&journal->mutex);
    place = journal->next++;
    if (place - journal->first >= ENTRIES_MAX) {
        journal->first++;
    }
    forget(entry_at(journal, place));
    entry_at(journal, place)->place = place;
    (void)pthread_mutex_unlock(&journal->mutex);
    return place;
}

/* Bytes of a stranger as JSON text: what is no UTF-8 is shown byte by byte. */
static void
put_bytes(a0__json_writer *w, const char *name, a0__text bytes)
{
    A0_AUTO(a0__buf) shown = A0__BUF_INIT(ENTRY_MAX);

    if (a0__text_is_utf8(bytes)) {
        a0__json_put(w, name, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];

        if (byte < 0x80) {
            a0__buf_byte(&shown, bytes.ptr[i]);
        } else {
            a0__buf_format(&shown, "\\x%02x", byte);
        }
    }
    a0__json_put(w, name, a0__buf_view(&shown));
}

static void
put_headers(a0__json_writer *w, const a0__web_request *request)
{
    a0__json_name(w, "headers");
    a0__json_open(w, '[');
    for (size_t i = 0; i < request->headers_len; i++) {
        a0__json_open(w, '{');
        put_bytes(w, "name", request->headers[i].name);
        put_bytes(w, "value", request->headers[i].value);
        a0__json_close(w, '}');
    }
    a0__json_close(w, ']');
}

void
a0__journal_finish(a0__journal *journal, uint64_t place, const a0__web_request *request,
                   int status)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(ENTRY_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    entry *e = NULL;

    a0__json_open(&w, '{');
    a0__json_put_i64(&w, "place", (int64_t)place);
    put_bytes(&w, "method", request->method);
    put_bytes(&w, "path", request->path);
    put_bytes(&w, "query", request->query);
    put_headers(&w, request);
    put_bytes(&w, "body", request->body);
    a0__json_put_i64(&w, "status", status);
    a0__json_close(&w, '}');
    (void)pthread_mutex_lock(&journal->mutex);
    e = entry_at(journal, place);
    if (e->place == place && a0__buf_ok(&json)) {
        a0__free(e->json);
        e->json = a0__keep_buf(&json);
    }
    (void)pthread_mutex_unlock(&journal->mutex);
}

void
a0__journal_clear(a0__journal *journal)
{
    (void)pthread_mutex_lock(&journal->mutex);
    for (uint64_t place = journal->first; place < journal->next; place++) {
        forget(entry_at(journal, place));
    }
    journal->first = journal->next;
    (void)pthread_mutex_unlock(&journal->mutex);
}

void
a0__journal_write(a0__journal *journal, a0__json_writer *w)
{
    (void)pthread_mutex_lock(&journal->mutex);
    a0__json_open(w, '[');
    for (uint64_t place = journal->first; place < journal->next; place++) {
        const entry *e = entry_at(journal, place);

        if (e->json != NULL) {
            a0__json_value_raw(w, a0__text_of(e->json));
        }
    }
    a0__json_close(w, ']');
    (void)pthread_mutex_unlock(&journal->mutex);
}
