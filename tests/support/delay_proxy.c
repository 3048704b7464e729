/* SPDX-License-Identifier: MIT */
/*
 * delay_proxy LISTEN_PORT TARGET_PORT DELAY_MS [handshake]: forwards TCP on 127.0.0.1
 * and holds every byte back for DELAY_MS on each way, in order. Port 0 lets the kernel
 * choose; the port is printed. Runs until it is killed. The TCP handshake is answered
 * by the kernel at once; with "handshake" what the client says first waits for as long
 * as the handshake would have taken.
 *
 * Benchmarks count round trips with it: each time a client speaks after it was answered
 * is one more, on whatever connection, so what goes side by side counts once and a TLS
 * handshake counts too. SIGUSR1 prints how many there were, and begins again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    PAIRS_MAX = 1024,
    CHUNK_BYTES = 16384,
    QUEUED_MAX = 4 * 1024 * 1024, /* of one way, before reading pauses */
    NS_PER_MS = 1000000
};

/* Bytes on their way; none stand for the end of the stream. */
typedef struct chunk {
    struct chunk *next;
    int64_t due_ns;
    size_t len;
    size_t written;
    char bytes[CHUNK_BYTES];
} chunk;

typedef struct way {
    int from;
    int to;
    int64_t opens_ns; /* nothing sets out before */
    chunk *head;
    chunk **tail;
    size_t queued;
    bool has_read_all;
    bool is_done;
    bool is_blocked; /* the receiver takes no more for now */
} way;

/* A connection: up from the client, down from the target. */
typedef struct pair {
    way up;
    way down;
} pair;

static pair *pairs[PAIRS_MAX];
static size_t pairs_len;
static int64_t delay_ns;
static int64_t handshake_ns;
static uint16_t target_port;

static unsigned round_trips;
static bool was_answered = true;
static volatile sig_atomic_t was_asked;

static int64_t
now_ns(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static void
die(const char *what)
{
    perror(what);
    _exit(1);
}

/* ---- round trips ---- */

static void
note_asked(int number)
{
    (void)number;
    was_asked = 1;
}

/* Heard only while the loop waits. */
static void
prepare_to_be_asked(void)
{
    struct sigaction action = { .sa_handler = note_asked };
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0 ||
        sigaction(SIGUSR1, &action, NULL) != 0) {
        die("signal");
    }
}

static void
count_round_trip(void)
{
    round_trips += was_answered ? 1 : 0;
    was_answered = false;
}

static void
answer_if_asked(void)
{
    if (was_asked == 0) {
        return;
    }
    was_asked = 0;
    (void)printf("%u\n", round_trips);
    (void)fflush(stdout);
    round_trips = 0;
    was_answered = true;
}

/* ---- one way ---- */

static bool
would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static void
enqueue(way *one, chunk *piece)
{
    int64_t now = now_ns();

    piece->due_ns = (now > one->opens_ns ? now : one->opens_ns) + delay_ns;
    *one->tail = piece;
    one->tail = &piece->next;
    one->queued += piece->len;
}

/* How many bytes came. */
static size_t
read_way(way *one)
{
    chunk *piece = a0__calloc(1, sizeof *piece);
    ssize_t n = 0;

    if (piece == NULL) {
        die("memory");
    }
    n = recv(one->from, piece->bytes, sizeof piece->bytes, 0);
    if (n < 0 && would_block()) {
        a0__free(piece);
        return 0;
    }
    piece->len = n > 0 ? (size_t)n : 0;
    one->has_read_all = piece->len == 0;
    enqueue(one, piece);
    return piece->len;
}

static void
drop_head(way *one)
{
    chunk *head = one->head;

    one->queued -= head->len;
    one->head = head->next;
    if (one->head == NULL) {
        one->tail = &one->head;
    }
    a0__free(head);
}

/* Writes what is due; how many bytes that was. */
static size_t
write_way(way *one)
{
    int64_t now = now_ns();
    size_t written = 0;

    one->is_blocked = false;
    while (one->head != NULL && one->head->due_ns <= now) {
        chunk *head = one->head;
        ssize_t n = 0;

        if (head->len == 0) {
            (void)shutdown(one->to, SHUT_WR);
            one->is_done = true;
            drop_head(one);
            return written;
        }
        n = send(one->to, head->bytes + head->written, head->len - head->written,
                 MSG_NOSIGNAL);
        if (n < 0) {
            one->is_blocked = would_block();
            one->is_done = !one->is_blocked;
            return written;
        }
        written += (size_t)n;
        head->written += (size_t)n;
        if (head->written == head->len) {
            drop_head(one);
        }
    }
    return written;
}

/* ---- connections ---- */

static void
start_way(way *one, int from, int to)
{
    *one = (way){ .from = from, .to = to };
    one->tail = &one->head;
}

static void
prepare_socket(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static struct sockaddr_in
loopback(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void
welcome(int listener)
{
    struct sockaddr_in address = loopback(target_port);
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int target = client >= 0 ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    pair *both = NULL;

    if (client < 0) {
        return;
    }
    if (target < 0 || pairs_len == PAIRS_MAX ||
        connect(target, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(client);
        (void)close(target);
        return;
    }
    both = a0__calloc(1, sizeof *both);
    if (both == NULL) {
        die("memory");
    }
    prepare_socket(client);
    prepare_socket(target);
    start_way(&both->up, client, target);
    both->up.opens_ns = now_ns() + handshake_ns;
    start_way(&both->down, target, client);
    pairs[pairs_len++] = both;
}

static void
sweep(void)
{
    for (size_t i = 0; i < pairs_len;) {
        pair *both = pairs[i];

        if (!both->up.is_done || !both->down.is_done) {
            i++;
            continue;
        }
        while (both->up.head != NULL) {
            drop_head(&both->up);
        }
        while (both->down.head != NULL) {
            drop_head(&both->down);
        }
        (void)close(both->up.from);
        (void)close(both->up.to);
        a0__free(both);
        pairs[i] = pairs[--pairs_len];
    }
}

/* ---- the loop ---- */

static bool
wants_reading(const way *one)
{
    return !one->has_read_all && !one->is_done && one->queued < QUEUED_MAX;
}

/* A socket that is neither read nor written is left out: poll ignores -1. */
static struct pollfd
watch(int fd, const way *outgoing, const way *incoming)
{
    short events = (short)((wants_reading(outgoing) ? POLLIN : 0) |
                           (incoming->is_blocked ? POLLOUT : 0));

    return (struct pollfd){ .fd = events != 0 ? fd : -1, .events = events };
}

static void
keep_earliest(const way *one, int64_t *due_ns)
{
    if (one->head != NULL && !one->is_blocked && !one->is_done &&
        one->head->due_ns < *due_ns) {
        *due_ns = one->head->due_ns;
    }
}

static void
turn(int listener)
{
    static struct pollfd fds[1 + 2 * PAIRS_MAX];
    struct timespec wait = { 0 };
    sigset_t none;
    int64_t now = now_ns();
    int64_t due_ns = now + INT64_C(3600000) * NS_PER_MS;
    size_t len = pairs_len;

    fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (size_t i = 0; i < len; i++) {
        pair *both = pairs[i];

        fds[1 + 2 * i] = watch(both->up.from, &both->up, &both->down);
        fds[2 + 2 * i] = watch(both->down.from, &both->down, &both->up);
        keep_earliest(&both->up, &due_ns);
        keep_earliest(&both->down, &due_ns);
    }
    due_ns = due_ns > now ? due_ns - now : 0;
    wait.tv_sec = (time_t)(due_ns / (1000 * NS_PER_MS));
    wait.tv_nsec = (long)(due_ns % (1000 * NS_PER_MS));
    (void)sigemptyset(&none);
    if (ppoll(fds, 1 + 2 * len, &wait, &none) < 0) {
        if (errno != EINTR) {
            die("poll");
        }
        /* What it says of the sockets is as it was before. */
        answer_if_asked();
        return;
    }
    for (size_t i = 0; i < len; i++) {
        pair *both = pairs[i];

        if ((fds[1 + 2 * i].revents & ~POLLOUT) != 0 && wants_reading(&both->up) &&
            read_way(&both->up) > 0) {
            count_round_trip();
        }
        if ((fds[2 + 2 * i].revents & ~POLLOUT) != 0 && wants_reading(&both->down)) {
            (void)read_way(&both->down);
        }
        (void)write_way(&both->up);
        was_answered = write_way(&both->down) > 0 || was_answered;
    }
    if ((fds[0].revents & POLLIN) != 0) {
        welcome(listener);
    }
    sweep();
}

static int
listen_on(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (listener < 0 ||
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&address, len) != 0 ||
        listen(listener, 256) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0) {
        die("listen");
    }
    (void)printf("%u\n", (unsigned)ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

int
main(int argc, char **argv)
{
    uint64_t port = 0;
    uint64_t target = 0;
    uint64_t delay_ms = 0;
    bool has_handshake = argc == 5 && strcmp(argv[4], "handshake") == 0;
    int listener = -1;

    if ((argc != 4 && !has_handshake) ||
        !a0__parse_u64(a0__text_of(argv[1]), UINT16_MAX, &port) ||
        !a0__parse_u64(a0__text_of(argv[2]), UINT16_MAX, &target) ||
        !a0__parse_u64(a0__text_of(argv[3]), 60000, &delay_ms)) {
        (void)fputs("usage: delay_proxy LISTEN_PORT TARGET_PORT DELAY_MS [handshake]\n",
                    stderr);
        return 2;
    }
    target_port = (uint16_t)target;
    delay_ns = (int64_t)delay_ms * NS_PER_MS;
    handshake_ns = has_handshake ? 2 * delay_ns : 0;
    prepare_to_be_asked();
    listener = listen_on((uint16_t)port);
    for (;;) {
        turn(listener);
    }
}
