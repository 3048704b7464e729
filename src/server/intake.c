/* SPDX-License-Identifier: MIT */
/* From an accepted socket to a request that is checked and routed. */
#include "server/internal.h"

#include <string.h>

#include "base/mem.h"
#include "server/path.h"

/* ---- connections ---- */

static bool
is_capped(const a0__server_options *options, const a0__address *peer)
{
    return !a0__address_is_loopback(peer) &&
           (options->is_proxy == NULL || !options->is_proxy(options->self, peer));
}

enum MHD_Result
a0__web_on_accept(void *self, const struct sockaddr *socket_address, socklen_t len)
{
    a0__web_endpoint *endpoint = self;
    a0__server *server = endpoint->server;
    a0__address peer;

    (void)len;
    if (socket_address == NULL || endpoint->sockets.is_unix) {
        return MHD_YES;
    }
    peer = a0__address_of_socket(socket_address);
    return !is_capped(&server->options, &peer) ||
                   a0__web_connections_of_peer(&server->connections, &peer) <
                       server->options.connections_per_peer
               ? MHD_YES
               : MHD_NO;
}

static void
open_connection(a0__web_endpoint *endpoint, struct MHD_Connection *mhd,
                void **socket_context)
{
    a0__web_connection *connection = a0__calloc(1, sizeof *connection);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    *socket_context = connection;
    if (connection == NULL) {
        return;
    }
    connection->endpoint = endpoint;
    connection->mhd = mhd;
    connection->fd = fd->connect_fd;
    connection->peer = endpoint->sockets.is_unix || address->client_addr == NULL
                           ? (a0__address){ .is_unix = true }
                           : a0__address_of_socket(address->client_addr);
    connection->target = A0__BUF_INIT(A0__WEB_TARGET_MAX);
    connection->path = A0__BUF_INIT(A0__PATH_MAX);
    a0__web_response_init(&connection->response);
    connection->request.peer = connection->peer;
    connection->request.is_tls = endpoint->is_tls;
    atomic_store(&connection->deadline_ms,
                 a0__web_now_ms() + endpoint->server->options.request_timeout_ms);
    atomic_fetch_add(&endpoint->server->unheard, 1);
    a0__web_connections_add(&endpoint->server->connections, connection);
}

void
a0__web_on_connection(void *self, struct MHD_Connection *mhd, void **socket_context,
                      enum MHD_ConnectionNotificationCode what)
{
    a0__web_endpoint *endpoint = self;
    a0__web_connection *connection = *socket_context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        open_connection(endpoint, mhd, socket_context);
    } else if (connection != NULL) {
        if (!connection->is_heard) {
            a0__web_count_down(endpoint->server, &endpoint->server->unheard);
        }
        a0__web_connections_remove(&endpoint->server->connections, connection);
        a0__buf_clear(&connection->target);
        a0__buf_clear(&connection->path);
        a0__web_response_clear(&connection->response);
        a0__free(connection);
        *socket_context = NULL;
    }
}

/* ---- the request ---- */

/* Unique and not secret: a random start, then a count. */
static void
write_id(a0__server *server, char out[A0__WEB_ID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t n = atomic_fetch_add(&server->next_id, 1);
    uint32_t prefix = server->id_prefix;

    for (size_t i = A0__WEB_ID_LEN; i > 8; i--) {
        out[i - 1] = digits[n & 15];
        n >>= 4;
    }
    for (size_t i = 8; i > 0; i--) {
        out[i - 1] = digits[prefix & 15];
        prefix >>= 4;
    }
    out[A0__WEB_ID_LEN] = '\0';
}

/* libmicrohttpd cuts the target in place when it parses it, so it is copied before. */
void *
a0__web_on_target(void *self, const char *target, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    a0__web_connection *connection = info->socket_context;

    (void)self;
    if (connection != NULL) {
        connection->target.len = 0;
        a0__buf_string(&connection->target, target);
        atomic_store(&connection->deadline_ms,
                     a0__web_now_ms() +
                         connection->endpoint->server->options.request_timeout_ms);
    }
    return NULL;
}

/* Escapes are ours to read. */
size_t
a0__web_leave_escaped(void *self, struct MHD_Connection *mhd, char *text)
{
    (void)self;
    (void)mhd;
    return strlen(text);
}

struct header_copy {
    a0__web_request *request;
    bool too_many;
};

static enum MHD_Result
copy_header(void *self, enum MHD_ValueKind kind, const char *name, size_t name_len,
            const char *value, size_t value_len)
{
    struct header_copy *copy = self;
    a0__web_request *request = copy->request;

    (void)kind;
    if (request->headers_len == A0__WEB_HEADERS_MAX) {
        copy->too_many = true;
        return MHD_NO;
    }
    request->headers[request->headers_len] =
        (a0__web_header){ a0__text_range(name, name_len),
                          a0__text_range(value != NULL ? value : "", value_len) };
    request->headers_len++;
    return MHD_YES;
}

void
a0__web_begin(a0__web_connection *connection, const char *method, const char *version)
{
    const a0__web_endpoint *endpoint = connection->endpoint;
    a0__web_request *request = &connection->request;
    a0__web_response *response = &connection->response;
    struct header_copy copy = { .request = request };
    a0__web_refusal refusal = { .status = 0 };

    connection->in_request = true;
    connection->admitted = false;
    atomic_fetch_add(&endpoint->server->under_way, 1);
    if (!connection->is_heard) {
        connection->is_heard = true;
        a0__web_count_down(endpoint->server, &endpoint->server->unheard);
    }
    response->close = false;
    a0__web_response_reset(response);
    connection->path.len = 0;
    write_id(endpoint->server, request->id);
    request->method = a0__text_of(method);
    request->version = a0__text_of(version);
    request->target = a0__buf_view(&connection->target);
    request->path = A0__LIT("");
    request->query = A0__LIT("");
    request->has_query = false;
    request->headers_len = 0;
    request->body = A0__LIT("");
    request->route = NULL;
    request->site_data = NULL;
    (void)MHD_get_connection_values_n(connection->mhd, MHD_HEADER_KIND, copy_header,
                                      &copy);
    if (copy.too_many) {
        refusal = (a0__web_refusal){ A0_E_gw_too_large, 431 };
    } else if (!a0__buf_ok(&connection->target)) {
        refusal = (a0__web_refusal){ A0_E_gw_too_large, 414 };
    } else {
        refusal = a0__web_request_check(request, &connection->path);
    }
    if (refusal.status != 0) {
        response->close = true;
        a0__web_refuse(endpoint->site, request, refusal, response);
        return;
    }
    connection->admitted = a0__web_admit(endpoint->site, request, response);
}
