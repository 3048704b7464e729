/* SPDX-License-Identifier: MIT */
#include "backchannel.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/url.h"
#include "tokens.h"

enum {
    TIMEOUT_MS = 5000, /* as long as Auth0 waits */
    REQUEST_MAX = 128 * 1024,
    PORT_MAX = 8
};

void
a0__backchannel_queue(a0__tenant *tenant, a0__text url, a0__text logout_token)
{
    a0__list_append(&tenant->logout_queue, url);
    a0__list_append(&tenant->logout_queue, logout_token);
}

void
a0__backchannel_announce(a0__tenant *tenant, a0__text client_id, const char *user_id,
                         const char *sid)
{
    const a0__client *client = a0__tenant_client(tenant, client_id);

    for (size_t i = 0; client != NULL && i < client->backchannel_logout_urls.len; i++) {
        A0_AUTO(a0__buf) token = A0__BUF_INIT(A0__TOKEN_MAX);

        if (a0__logout_token_issue(tenant, client, user_id, sid, &token, NULL) ==
            A0_OK) {
            a0__backchannel_queue(tenant,
                                  a0__text_of(client->backchannel_logout_urls.items[i]),
                                  a0__buf_view(&token));
        }
    }
}

static int
connect_to(const a0__url *url)
{
    A0_AUTO(a0__buf) host = A0__BUF_INIT(256);
    A0_AUTO(a0__buf) port = A0__BUF_INIT(PORT_MAX);
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int fd = -1;

    a0__buf_text(&host, url->host);
    a0__buf_u64(&port, url->port);
    if (getaddrinfo(a0__buf_cstr(&host), a0__buf_cstr(&port), &hints, &found) != 0) {
        return -1;
    }
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            (void)close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static void
write_request(const a0__url *url, a0__text logout_token, a0__buf *out)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(REQUEST_MAX);

    a0__form_add(&form, "logout_token", logout_token);
    a0__buf_string(out, "POST ");
    a0__buf_text(out, url->path.len > 0 ? url->path : A0__LIT("/"));
    if (url->has_query) {
        a0__buf_byte(out, '?');
        a0__buf_text(out, url->query);
    }
    a0__buf_string(out, " HTTP/1.1\r\nHost: ");
    a0__buf_text(out, url->host);
    a0__buf_format(out,
                   ":%u\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                   url->port, form.text.len);
    a0__buf_text(out, a0__buf_view(&form.text));
}

/* The answer is awaited, so that what it does is done; what it says does not count. */
static void
post(a0__text target, a0__text logout_token)
{
    A0_AUTO(a0__buf) request = A0__BUF_INIT(REQUEST_MAX);
    a0__url url;
    size_t sent = 0;
    int fd = -1;

    if (!a0__url_parse(target, &url) || !a0__url_scheme_is(&url, "http")) {
        return;
    }
    write_request(&url, logout_token, &request);
    fd = connect_to(&url);
    while (fd >= 0 && sent < request.len) {
        ssize_t n = send(fd, request.ptr + sent, request.len - sent, MSG_NOSIGNAL);

        if (n <= 0) {
            break;
        }
        sent += (size_t)n;
    }
    if (fd >= 0) {
        (void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, TIMEOUT_MS);
        (void)close(fd);
    }
}

void
a0__backchannel_flush(a0__tenant *tenant)
{
    a0__list queue = { NULL, 0 };

    (void)pthread_mutex_lock(&tenant->mutex);
    queue = tenant->logout_queue;
    tenant->logout_queue = (a0__list){ NULL, 0 };
    (void)pthread_mutex_unlock(&tenant->mutex);
    for (size_t i = 0; i + 1 < queue.len; i += 2) {
        post(a0__text_of(queue.items[i]), a0__text_of(queue.items[i + 1]));
    }
    a0__list_clear(&queue);
}
