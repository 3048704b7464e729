/* SPDX-License-Identifier: MIT */
#include "misbehave.h"

enum {
    KNOB_MAX = 64,
    HEADER_MAX = 1024
};

/* The fault of the first family that has it: "link.status" comes before
 * "mgmt.status". */
static a0__json *
take(a0__tenant *tenant, const char *families, const char *rest)
{
    a0__text names = a0__text_of(families);
    a0__text family = A0__NO_TEXT;

    while (a0__text_next(&names, ' ', &family)) {
        A0_AUTO(a0__buf) name = A0__BUF_INIT(KNOB_MAX);
        a0__json *fault = NULL;

        a0__buf_text(&name, family);
        a0__buf_string(&name, rest);
        fault = a0__fault_take(&tenant->faults, a0__buf_cstr(&name));
        if (fault != NULL) {
            return fault;
        }
    }
    return NULL;
}

static bool
add_header(void *self, a0__text name, const a0__json *value)
{
    A0_AUTO(a0__buf) header = A0__BUF_INIT(HEADER_MAX);
    a0__text text = A0__NO_TEXT;

    a0__buf_text(&header, name);
    if (a0__json_text_of(value, &text)) {
        a0__web_header_set(self, a0__buf_cstr(&header), text);
    }
    return true;
}

/* A number, or {"status", "error", "error_description", "headers"}. */
static void
answer_status(a0__exchange *x, const a0__json *value)
{
    A0_AUTO(a0__string) error = a0__keep(a0__json_text_of_member(value, "error"));
    A0_AUTO(a0__string)
    description = a0__keep(a0__json_text_of_member(value, "error_description"));
    const a0__json *headers = NULL;
    int64_t status = 500;

    if (!a0__json_i64_of(value, &status)) {
        (void)a0__json_i64(value, "status", &status);
    }
    a0__write_refusal(x, (int)status, *error != '\0' ? error : "server_error", "%s",
                      *description != '\0' ? description
                                           : "a fault that was asked for");
    if (a0__json_object(value, "headers", &headers) == A0__FOUND) {
        a0__json_each(headers, add_header, x->response);
    }
}

int64_t
a0__misbehave_delay(a0__tenant *tenant, const char *families)
{
    A0_AUTO(a0__json_doc) fault = NULL;
    int64_t delay_ms = 0;

    (void)pthread_mutex_lock(&tenant->mutex);
    fault = take(tenant, families, ".delay");
    (void)pthread_mutex_unlock(&tenant->mutex);
    (void)a0__json_i64(fault, "value", &delay_ms);
    return delay_ms;
}

bool
a0__misbehave_before(a0__exchange *x, const char *families)
{
    A0_AUTO(a0__json_doc) drop = take(x->tenant, families, ".drop_before");
    A0_AUTO(a0__json_doc) status = NULL;

    if (drop != NULL) {
        x->response->drop = true;
        return true;
    }
    status = take(x->tenant, families, ".status");
    if (status != NULL) {
        answer_status(x, a0__json_member(status, "value"));
    }
    return status != NULL;
}

/* A text, or {"body", "content_type", "status"}. */
static void
replace_body(a0__exchange *x, const a0__json *value)
{
    A0_AUTO(a0__string)
    content_type = a0__keep(a0__json_text_of_member(value, "content_type"));
    a0__text body = A0__NO_TEXT;
    int64_t status = x->response->status;

    if (!a0__json_text_of(value, &body)) {
        body = a0__json_text_of_member(value, "body");
        (void)a0__json_i64(value, "status", &status);
    }
    x->response->status = (int)status;
    a0__web_body_text(x->response,
                      *content_type != '\0' ? content_type : "application/json", body);
}

/* White space in front of the answer: acceptable JSON but for its length. */
static void
make_huge(a0__exchange *x, int64_t bytes)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__WEB_RESPONSE_MAX);

    for (int64_t i = 0; i < bytes; i++) {
        a0__buf_byte(&body, ' ');
    }
    a0__buf_text(&body, a0__buf_view(&x->response->body));
    a0__web_body_text(x->response, "application/json", a0__buf_view(&body));
}

/* With a status, or by an end without an answer. */
static void
fail(a0__exchange *x, const a0__json *value)
{
    if (a0__json_type_of(value) == A0__JSON_NULL) {
        x->response->drop = true;
    } else {
        answer_status(x, value);
    }
}

void
a0__misbehave_after(a0__exchange *x, const char *families)
{
    A0_AUTO(a0__json_doc) body = take(x->tenant, families, ".body_raw");
    A0_AUTO(a0__json_doc) huge = take(x->tenant, families, ".huge");
    A0_AUTO(a0__json_doc) truncated = take(x->tenant, families, ".truncate");
    A0_AUTO(a0__json_doc) failed = take(x->tenant, families, ".commit_then_fail");
    A0_AUTO(a0__json_doc) drop = take(x->tenant, families, ".drop_after_commit");
    int64_t bytes = 0;

    if (body != NULL) {
        replace_body(x, a0__json_member(body, "value"));
    }
    if (a0__json_i64(huge, "value", &bytes) == A0__FOUND) {
        make_huge(x, bytes);
    }
    if (a0__json_i64(truncated, "value", &bytes) == A0__FOUND && bytes >= 0 &&
        (size_t)bytes < x->response->body.len) {
        a0__buf_cut(&x->response->body, (size_t)bytes);
    }
    x->response->drop = drop != NULL;
    if (failed != NULL) {
        fail(x, a0__json_member(failed, "value"));
    }
}
