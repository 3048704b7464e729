/* SPDX-License-Identifier: MIT */
/*
 * The measure for bench_verify: libmicrohttpd with the settings of src/server/server.c
 * and nothing behind it but an empty 200. Prints its address and serves until it is
 * killed.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum {
    CONNECTION_MEMORY = 40 * 1024,
    THREAD_STACK = 512 * 1024,
    CONNECTIONS_MAX = 10000,
    IDLE_TIMEOUT_S = 30
};

static enum MHD_Result
answer(void *self, struct MHD_Connection *connection, const char *url,
       const char *method, const char *version, const char *upload, size_t *upload_len,
       void **request_self)
{
    static char nothing[1];
    static int seen;
    struct MHD_Response *response = NULL;
    enum MHD_Result queued = MHD_NO;

    (void)self;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    (void)upload_len;
    /* An answer to the headers alone would close the connection. */
    if (*request_self == NULL) {
        *request_self = &seen;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
}

int
main(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct MHD_OptionItem pool[] = {
        { processors > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
          (intptr_t)processors, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_Daemon *daemon = NULL;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)signal(SIGPIPE, SIG_IGN);
    daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer,
        NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_ARRAY, pool,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)THREAD_STACK, MHD_OPTION_END);
    if (daemon == NULL) {
        (void)fputs("bare_mhd: can not start\n", stderr);
        return 1;
    }
    (void)printf("http://127.0.0.1:%u\n",
                 MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);
    for (;;) {
        (void)pause();
    }
}
