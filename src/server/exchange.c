/* SPDX-License-Identifier: MIT */
/* From a routed request to its answer: the body, the handler, what is sent. */
#include "server/internal.h"

#include "base/mem.h"

enum {
    SEND_TIMEOUT_MS = 60 * 1000
};

/* ---- the answer ---- */

struct header_sink {
    struct MHD_Response *response;
    bool failed;
};

/* libmicrohttpd takes no empty value; a space is one on the wire (RFC 9110 §5.5), and
 * an identity header has to be there although it is empty. [GW-01] */
static bool
pass_header(void *self, const char *name, const char *value)
{
    struct header_sink *sink = self;

    sink->failed = MHD_add_response_header(sink->response, name,
                                           value[0] != '\0' ? value : " ") != MHD_YES;
    return !sink->failed;
}

static struct MHD_Response *
response_for(a0__web_response *response)
{
    static char nothing[1];

    if (response->static_body.ptr != NULL) {
        union {
            const char *in;
            char *out;
        } body = { .in = response->static_body.ptr };

        return MHD_create_response_from_buffer(response->static_body.len, body.out,
                                               MHD_RESPMEM_PERSISTENT);
    }
    if (response->body.len > 0) {
        size_t len = response->body.len;
        char *body = a0__buf_take(&response->body);
        struct MHD_Response *out =
            MHD_create_response_from_buffer_with_free_callback(len, body, a0__free);

        if (out == NULL) {
            a0__free(body);
        }
        return out;
    }
    return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
}

/* Without memory for the whole answer the connection is closed. */
static enum MHD_Result
send_response(a0__web_connection *connection)
{
    a0__web_response *response = &connection->response;
    struct header_sink sink = { .response =
                                    response->drop ? NULL : response_for(response) };
    enum MHD_Result queued = MHD_NO;

    atomic_store(&connection->deadline_ms, a0__web_now_ms() + SEND_TIMEOUT_MS);
    if (sink.response == NULL) {
        return MHD_NO;
    }
    a0__web_each_header(response, pass_header, &sink);
    if (response->close || atomic_load(&connection->endpoint->server->is_ending)) {
        (void)pass_header(&sink, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    if (!sink.failed) {
        queued = MHD_queue_response(connection->mhd, (unsigned)response->status,
                                    sink.response);
    }
    MHD_destroy_response(sink.response);
    return queued;
}

static enum MHD_Result
finish_request(a0__web_connection *connection)
{
    a0__web_finish(connection->endpoint->site, &connection->request,
                   &connection->response);
    atomic_store(&connection->phase, A0__WEB_ANSWERED);
    return send_response(connection);
}

/* ---- the handler, here or on a worker ---- */

void
a0__web_run_blocking(void *job)
{
    a0__web_connection *connection = job;
    const a0__web_site *site = connection->endpoint->site;

    connection->request.route->handle(site->self, &connection->request,
                                      &connection->response);
    a0__web_finish(site, &connection->request, &connection->response);
    atomic_store(&connection->phase, A0__WEB_ANSWERED);
    MHD_resume_connection(connection->mhd);
}

static enum MHD_Result
run_handler(a0__web_connection *connection)
{
    a0__web_request *request = &connection->request;
    const a0__web_site *site = connection->endpoint->site;

    request->body = a0__buf_view(&connection->body);
    atomic_store(&connection->deadline_ms, 0);
    if (!request->route->blocks) {
        request->route->handle(site->self, request, &connection->response);
        return finish_request(connection);
    }
    atomic_store(&connection->phase, A0__WEB_RUNNING);
    MHD_suspend_connection(connection->mhd);
    if (a0__workers_add(connection->endpoint->server->workers, connection)) {
        return MHD_YES;
    }
    MHD_resume_connection(connection->mhd);
    a0__web_retry_after(&connection->response, 1);
    a0__web_refuse(site, request, (a0__web_refusal){ A0_E_gw_overloaded, 503 },
                   &connection->response);
    a0__web_finish(site, request, &connection->response);
    atomic_store(&connection->phase, A0__WEB_ANSWERED);
    return MHD_YES;
}

/* ---- libmicrohttpd's calls ---- */

/* The rest of a body that is too large is not read: the connection ends. */
static void
take_body(a0__web_connection *connection, const char *bytes, size_t len)
{
    if (!connection->admitted) {
        return;
    }
    a0__buf_bytes(&connection->body, bytes, len);
    if (!a0__buf_ok(&connection->body)) {
        connection->admitted = false;
        connection->response.close = true;
        a0__web_refuse(connection->endpoint->site, &connection->request,
                       (a0__web_refusal){ A0_E_gw_too_large, 413 },
                       &connection->response);
    }
}

enum MHD_Result
a0__web_on_request(void *self, struct MHD_Connection *mhd, const char *url,
                   const char *method, const char *version, const char *upload,
                   size_t *upload_len, void **request_self)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    a0__web_connection *connection = info->socket_context;

    (void)self;
    (void)url;
    if (connection == NULL) {
        return MHD_NO;
    }
    if (*request_self == NULL) {
        *request_self = connection;
        a0__web_begin(connection, method, version);
        if (!connection->admitted) {
            /* libmicrohttpd closes the connection of an answer that is given here. */
            return connection->response.close ? finish_request(connection) : MHD_YES;
        }
        connection->body = A0__BUF_INIT(a0__web_body_max(connection->request.route));
        return MHD_YES;
    }
    if (atomic_load(&connection->phase) == A0__WEB_ANSWERED) {
        return send_response(connection);
    }
    if (*upload_len > 0) {
        take_body(connection, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    return connection->admitted ? run_handler(connection) : finish_request(connection);
}

void
a0__web_count_down(a0__server *server, _Atomic unsigned *count)
{
    if (atomic_fetch_sub(count, 1) == 1 && atomic_load(&server->is_ending)) {
        pthread_mutex_lock(&server->lock);
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
    }
}

void
a0__web_on_completed(void *self, struct MHD_Connection *mhd, void **request_self,
                     enum MHD_RequestTerminationCode why)
{
    a0__web_connection *connection = *request_self;
    a0__server *server = NULL;

    (void)self;
    (void)mhd;
    (void)why;
    if (connection == NULL || !connection->in_request) {
        return;
    }
    server = connection->endpoint->server;
    connection->in_request = false;
    a0__web_response_empty(&connection->response);
    a0__buf_clear(&connection->body);
    atomic_store(&connection->phase, A0__WEB_RECEIVING);
    atomic_store(&connection->deadline_ms, a0__web_now_ms() +
                                               server->options.request_timeout_ms +
                                               server->options.idle_timeout_s * 1000);
    a0__web_count_down(server, &server->under_way);
}
