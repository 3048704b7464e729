/* SPDX-License-Identifier: MIT */
#include "scripted_transport.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "base/mem.h"

enum {
    SCRIPT_MAX = 4096,
    HEADERS_MAX = 4
};

typedef struct answer {
    char *method;
    char *url; /* NULL: any */
    int status;
    char *body;
    size_t headers_len;
    char *names[HEADERS_MAX];
    char *values[HEADERS_MAX];
    a0__error_id error;
    bool is_failure;
    bool sent;
} answer;

struct scripted_transport {
    pthread_mutex_t lock;
    answer *answers[SCRIPT_MAX];
    size_t answers_len;
    size_t answers_used;
    scripted_request *requests[SCRIPT_MAX];
    size_t requests_len;
    size_t unexpected;
    scripted_handler_fn handler;
    void *handler_self;
};

static void *
must(void *ptr)
{
    if (ptr == NULL) {
        fail_msg("%s", "no memory for the script");
    }
    return ptr;
}

static char *
copy(const char *text)
{
    return text != NULL ? must(a0__strdup(text)) : NULL;
}

scripted_transport *
scripted_new(void)
{
    scripted_transport *script = must(a0__calloc(1, sizeof *script));

    (void)pthread_mutex_init(&script->lock, NULL);
    return script;
}

static void
free_answer(answer *one)
{
    for (size_t i = 0; i < one->headers_len; i++) {
        a0__free(one->names[i]);
        a0__free(one->values[i]);
    }
    a0__free(one->method);
    a0__free(one->url);
    a0__free(one->body);
    a0__free(one);
}

static void
free_request(scripted_request *request)
{
    a0__free(request->method);
    a0__free(request->url);
    a0__free(request->headers);
    a0__free(request->body);
    a0__free(request);
}

void
scripted_free(scripted_transport *script)
{
    size_t unexpected = 0;
    size_t missing = 0;

    if (script == NULL) {
        return;
    }
    unexpected = script->unexpected;
    missing = script->answers_len - script->answers_used;
    for (size_t i = 0; i < script->answers_len; i++) {
        free_answer(script->answers[i]);
    }
    for (size_t i = 0; i < script->requests_len; i++) {
        free_request(script->requests[i]);
    }
    (void)pthread_mutex_destroy(&script->lock);
    a0__free(script);
    assert_int_equal(unexpected, 0);
    assert_int_equal(missing, 0);
}

/* ---- the script ---- */

static answer *
queue(scripted_transport *script, const char *method, const char *url)
{
    answer *one = must(a0__calloc(1, sizeof *one));

    one->method = copy(method);
    one->url = copy(url);
    (void)pthread_mutex_lock(&script->lock);
    assert_true(script->answers_len < SCRIPT_MAX);
    script->answers[script->answers_len++] = one;
    (void)pthread_mutex_unlock(&script->lock);
    return one;
}

void
scripted_answer(scripted_transport *script, const char *method, const char *url,
                int status, const char *content_type, const char *body)
{
    answer *one = queue(script, method, url);

    one->status = status;
    one->body = copy(body);
    if (content_type != NULL) {
        scripted_answer_header(script, "Content-Type", content_type);
    }
}

void
scripted_answer_header(scripted_transport *script, const char *name, const char *value)
{
    answer *one = script->answers[script->answers_len - 1];

    assert_true(one->headers_len < HEADERS_MAX);
    one->names[one->headers_len] = copy(name);
    one->values[one->headers_len++] = copy(value);
}

void
scripted_failure(scripted_transport *script, const char *method, const char *url,
                 a0__error_id id, bool sent)
{
    answer *one = queue(script, method, url);

    one->is_failure = true;
    one->error = id;
    one->sent = sent;
}

void
scripted_handler(scripted_transport *script, scripted_handler_fn handler, void *self)
{
    script->handler = handler;
    script->handler_self = self;
}

/* ---- answering ---- */

static void
respond_header(a0_http_exchange *exchange, const char *name, const char *value)
{
    if (exchange->response != NULL &&
        a0_http_response_add_header(exchange->response, name, strlen(name), value,
                                    strlen(value)) != A0_OK) {
        a0_http_response_free(exchange->response);
        exchange->response = NULL;
        (void)a0__fail(&exchange->error, A0_E_no_memory);
    }
}

void
scripted_respond(a0_http_exchange *exchange, int status, const char *content_type,
                 const char *body)
{
    exchange->sent = true;
    exchange->response = a0_http_response_new();
    if (exchange->response == NULL) {
        (void)a0__fail(&exchange->error, A0_E_no_memory);
        return;
    }
    a0_http_response_set_status(exchange->response, status);
    if (body != NULL) {
        a0_status status_of_body =
            a0_http_response_add_body(exchange->response, body, strlen(body),
                                      exchange->request->max_response_bytes);

        if (status_of_body != A0_OK) {
            a0_http_response_free(exchange->response);
            exchange->response = NULL;
            (void)a0__fail(&exchange->error, status_of_body == A0_NO_MEMORY
                                                 ? A0_E_no_memory
                                                 : A0_E_http_oversize);
            return;
        }
    }
    if (content_type != NULL) {
        respond_header(exchange, "Content-Type", content_type);
    }
}

void
scripted_respond_error(a0_http_exchange *exchange, a0__error_id id, bool sent)
{
    exchange->sent = sent;
    (void)a0__fail(&exchange->error, id);
}

static void
play(const answer *one, a0_http_exchange *exchange)
{
    if (one->is_failure) {
        scripted_respond_error(exchange, one->error, one->sent);
        return;
    }
    scripted_respond(exchange, one->status, NULL, one->body);
    for (size_t i = 0; i < one->headers_len; i++) {
        respond_header(exchange, one->names[i], one->values[i]);
    }
}

static scripted_request *
record(const a0_http_request *request)
{
    scripted_request *seen = a0__calloc(1, sizeof *seen);
    A0_AUTO(a0__buf) headers = A0__BUF_INIT(64 * 1024);

    if (seen == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < request->headers_len; i++) {
        a0__buf_string(&headers, request->headers[i].name);
        a0__buf_string(&headers, ": ");
        a0__buf_string(&headers, request->headers[i].value);
        a0__buf_byte(&headers, '\n');
    }
    seen->method = a0__strdup(request->method);
    seen->url = a0__strdup(request->url);
    seen->headers = a0__strdup(a0__buf_cstr(&headers));
    seen->body = a0__strndup(request->body != NULL ? request->body : "",
                             request->body != NULL ? request->body_len : 0);
    seen->body_len = request->body_len;
    seen->deadline_ms = request->deadline_ms;
    if (seen->method == NULL || seen->url == NULL || seen->headers == NULL ||
        seen->body == NULL) {
        free_request(seen);
        return NULL;
    }
    return seen;
}

/* The answer that stands in front and fits, or NULL. */
static const answer *
next_answer_locked(scripted_transport *script, const scripted_request *seen)
{
    answer *front = NULL;

    if (script->answers_used == script->answers_len) {
        if (script->handler == NULL) {
            print_error("unexpected request: %s %s\n", seen->method, seen->url);
            script->unexpected++;
        }
        return NULL;
    }
    front = script->answers[script->answers_used];
    if (strcmp(front->method, seen->method) != 0 ||
        (front->url != NULL && strcmp(front->url, seen->url) != 0)) {
        print_error("unexpected request: %s %s\n           expected: %s %s\n",
                    seen->method, seen->url, front->method,
                    front->url != NULL ? front->url : "(any URL)");
        script->unexpected++;
        return NULL;
    }
    script->answers_used++;
    return front;
}

static void
perform_one(scripted_transport *script, a0_http_exchange *exchange)
{
    scripted_request *seen = record(exchange->request);
    const answer *front = NULL;
    bool may_ask_handler = false;

    if (seen == NULL) {
        (void)a0__fail(&exchange->error, A0_E_no_memory);
        return;
    }
    (void)pthread_mutex_lock(&script->lock);
    if (script->requests_len == SCRIPT_MAX) {
        print_error("%s\n", "more requests than a script can hold");
        abort();
    }
    script->requests[script->requests_len++] = seen;
    may_ask_handler =
        script->handler != NULL && script->answers_used == script->answers_len;
    front = next_answer_locked(script, seen);
    (void)pthread_mutex_unlock(&script->lock);

    if (front != NULL) {
        play(front, exchange);
    } else if (may_ask_handler) {
        script->handler(script->handler_self, seen, exchange);
    } else {
        (void)a0__fail(&exchange->error, A0_E_internal);
    }
}

static a0_status
scripted_perform(void *self, a0_http_exchange *exchanges, size_t exchanges_len,
                 int64_t deadline_ms, a0_error **err)
{
    (void)deadline_ms;
    (void)err;
    for (size_t i = 0; i < exchanges_len; i++) {
        perform_one(self, &exchanges[i]);
    }
    return A0_OK;
}

a0__http
scripted_http(scripted_transport *script)
{
    static const a0_transport table = { .size = sizeof table,
                                        .perform = scripted_perform };

    return (a0__http){ &table, script };
}

/* ---- what was seen ---- */

size_t
scripted_requests_len(scripted_transport *script)
{
    size_t len = 0;

    (void)pthread_mutex_lock(&script->lock);
    len = script->requests_len;
    (void)pthread_mutex_unlock(&script->lock);
    return len;
}

const scripted_request *
scripted_request_at(scripted_transport *script, size_t i)
{
    const scripted_request *request = NULL;

    (void)pthread_mutex_lock(&script->lock);
    request = i < script->requests_len ? script->requests[i] : NULL;
    (void)pthread_mutex_unlock(&script->lock);
    return request;
}

size_t
scripted_count(scripted_transport *script, const char *url)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&script->lock);
    for (size_t i = 0; i < script->requests_len; i++) {
        a0__text rest = a0__text_of(script->requests[i]->url);
        a0__text path = A0__NO_TEXT;

        if (a0__text_next(&rest, '?', &path) && a0__text_is(path, url)) {
            count++;
        }
    }
    (void)pthread_mutex_unlock(&script->lock);
    return count;
}

bool
scripted_request_has_header(const scripted_request *request, const char *name,
                            const char *value)
{
    a0__text rest = a0__text_of(request->headers);
    a0__text line = A0__NO_TEXT;

    while (a0__text_next(&rest, '\n', &line)) {
        a0__text after = line;
        a0__text is = A0__NO_TEXT;

        if (a0__text_next(&after, ':', &is) &&
            a0__text_equal_ignoring_case(is, a0__text_of(name)) &&
            a0__text_is(a0__text_trim(after), value)) {
            return true;
        }
    }
    return false;
}

/* ---- the failing transport ---- */

static a0_status
failing_perform(void *self, a0_http_exchange *exchanges, size_t exchanges_len,
                int64_t deadline_ms, a0_error **err)
{
    failing_transport *failing = self;

    for (size_t i = 0; i < exchanges_len; i++) {
        bool fails = ++failing->seen == failing->fail_at;

        if (!fails || failing->sent) {
            A0_TRY(failing->inner.table->perform(failing->inner.self, &exchanges[i], 1,
                                                 deadline_ms, err));
        }
        if (fails) {
            a0_http_response_free(exchanges[i].response);
            exchanges[i].response = NULL;
            scripted_respond_error(&exchanges[i], failing->id, failing->sent);
        }
    }
    return A0_OK;
}

a0__http
failing_http(failing_transport *failing)
{
    static const a0_transport table = { .size = sizeof table,
                                        .perform = failing_perform };

    return (a0__http){ &table, failing };
}
