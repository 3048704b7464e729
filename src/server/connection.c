/* SPDX-License-Identifier: MIT */
#include "server/connection.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

int64_t
a0__web_now_ms(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
a0__web_connections_add(a0__web_connections *connections,
                        a0__web_connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    connection->next = connections->first;
    if (connections->first != NULL) {
        connections->first->previous = connection;
    }
    connections->first = connection;
    connections->len++;
    pthread_mutex_unlock(&connections->lock);
}

void
a0__web_connections_remove(a0__web_connections *connections,
                           a0__web_connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        connections->first = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    connections->len--;
    pthread_mutex_unlock(&connections->lock);
}

/* A walk at each new connection: connections are few where requests are many. */
size_t
a0__web_connections_of_peer(a0__web_connections *connections, const a0__address *peer)
{
    uint64_t bucket = a0__address_bucket(peer);
    size_t count = 0;

    pthread_mutex_lock(&connections->lock);
    for (const a0__web_connection *c = connections->first; c != NULL; c = c->next) {
        count += a0__address_bucket(&c->peer) == bucket;
    }
    pthread_mutex_unlock(&connections->lock);
    return count;
}

/*
 * The descriptor is open for sure: it is closed only after the connection has left the
 * list, which takes the lock. Closing it here would be a race; shutting down is not.
 */
void
a0__web_connections_expire(a0__web_connections *connections, int64_t now_ms)
{
    static const char timeout[] = "HTTP/1.1 408 Request Timeout\r\n"
                                  "Content-Length: 0\r\nConnection: close\r\n\r\n";

    pthread_mutex_lock(&connections->lock);
    for (a0__web_connection *c = connections->first; c != NULL; c = c->next) {
        int64_t deadline_ms = atomic_load(&c->deadline_ms);

        if (deadline_ms == 0 || deadline_ms > now_ms) {
            continue;
        }
        if (atomic_load(&c->phase) == A0__WEB_RECEIVING && !c->request.is_tls) {
            (void)send(c->fd, timeout, strlen(timeout), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        (void)shutdown(c->fd, SHUT_RDWR);
        atomic_store(&c->deadline_ms, 0);
    }
    pthread_mutex_unlock(&connections->lock);
}
