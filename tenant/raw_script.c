/* SPDX-License-Identifier: MIT */
/* Playing a script on one connection. */
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64url.h"
#include "raw.h"

enum {
    SEND_MAX = 16 * 1024 * 1024,
    REQUEST_MAX = 1024 * 1024,
    READ_WAIT_MS = 10000
};

typedef struct wire {
    const a0__raw_play *play;
    SSL_CTX *context;
    SSL *tls; /* NULL: plain */
    bool says_goodbye;
    bool resets;
} wire;

/* False when the tenant ends meanwhile. */
static bool
pause_for(const wire *w, int64_t duration_ms)
{
    struct pollfd stop = { .fd = w->play->stop_fd, .events = POLLIN };
    int wait_ms = duration_ms > INT32_MAX ? INT32_MAX : (int)duration_ms;

    return poll(&stop, 1, wait_ms) == 0;
}

static bool
is_readable(const wire *w)
{
    struct pollfd both[] = { { .fd = w->play->fd, .events = POLLIN },
                             { .fd = w->play->stop_fd, .events = POLLIN } };

    if (w->tls != NULL && SSL_pending(w->tls) > 0) {
        return true;
    }
    return poll(both, 2, READ_WAIT_MS) > 0 && both[1].revents == 0;
}

static ssize_t
receive(const wire *w, char *bytes, size_t len)
{
    if (w->tls != NULL) {
        return SSL_read(w->tls, bytes, (int)len);
    }
    return recv(w->play->fd, bytes, len, 0);
}

static size_t
end_of_head(a0__text request)
{
    for (size_t i = 0; i + 4 <= request.len; i++) {
        if (a0__text_starts_with(a0__text_from(request, i), A0__LIT("\r\n\r\n"))) {
            return i + 4;
        }
    }
    return 0;
}

static size_t
body_len(a0__text head)
{
    a0__text line = A0__NO_TEXT;
    uint64_t len = 0;

    while (a0__text_next(&head, '\n', &line)) {
        a0__text name = A0__NO_TEXT;

        if (a0__text_next(&line, ':', &name) &&
            a0__text_equal_ignoring_case(name, A0__LIT("content-length")) &&
            a0__parse_u64(a0__text_trim(line), SEND_MAX, &len)) {
            return (size_t)len;
        }
    }
    return 0;
}

static bool
is_complete(a0__text request)
{
    size_t head = end_of_head(request);

    return head > 0 &&
           request.len >= head + body_len(a0__text_range(request.ptr, head));
}

static void
read_request(const wire *w, a0__buf *request)
{
    char bytes[BUFSIZ];

    while (!is_complete(a0__buf_view(request)) && is_readable(w)) {
        ssize_t len = receive(w, bytes, sizeof bytes);

        if (len <= 0) {
            return;
        }
        a0__buf_bytes(request, bytes, (size_t)len);
    }
}

static bool
send_bytes(const wire *w, a0__text bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = w->tls != NULL
                           ? SSL_write(w->tls, bytes.ptr, (int)bytes.len)
                           : send(w->play->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

        if (sent <= 0) {
            return false;
        }
        bytes = a0__text_from(bytes, (size_t)sent);
    }
    return true;
}

/* {"chunk": n, "every_ms": t}: n bytes at a time. */
static bool
trickle(const wire *w, a0__text bytes, size_t chunk, int64_t every_ms)
{
    while (bytes.len > 0) {
        size_t len = bytes.len < chunk ? bytes.len : chunk;

        if (!send_bytes(w, a0__text_range(bytes.ptr, len)) || !pause_for(w, every_ms)) {
            return false;
        }
        bytes = a0__text_from(bytes, len);
    }
    return true;
}

static bool
play_send(const wire *w, const a0__json *step)
{
    A0_AUTO(a0__buf) bytes = A0__BUF_INIT(SEND_MAX);
    a0__text encoded = A0__NO_TEXT;
    int64_t chunk = 0;
    int64_t every_ms = 0;
    int64_t times = 1;

    a0__buf_text(&bytes, a0__json_text_of_member(step, "text"));
    if (a0__json_text(step, "send", &encoded) == A0__FOUND &&
        !a0__base64_decode(encoded, &bytes)) {
        return false;
    }
    (void)a0__json_i64(step, "times", &times);
    if (a0__json_i64(step, "chunk", &chunk) == A0__FOUND && chunk > 0) {
        (void)a0__json_i64(step, "every_ms", &every_ms);
        return trickle(w, a0__buf_view(&bytes), (size_t)chunk, every_ms);
    }
    for (int64_t i = 0; i < times; i++) {
        if (!send_bytes(w, a0__buf_view(&bytes))) {
            return false;
        }
    }
    return true;
}

/* False ends the script. */
static bool
play_step(wire *w, const a0__json *step)
{
    a0__text close_how = A0__NO_TEXT;
    int64_t wait_ms = 0;

    if (a0__json_i64(step, "wait_ms", &wait_ms) == A0__FOUND) {
        return pause_for(w, wait_ms);
    }
    if (a0__json_text(step, "close", &close_how) == A0__FOUND) {
        w->resets = a0__text_is(close_how, "reset");
        w->says_goodbye = a0__text_is(close_how, "fin");
        return false;
    }
    return play_send(w, step);
}

static void
play_steps(wire *w)
{
    A0_AUTO(a0__json_doc) script = NULL;
    A0_AUTO(a0__buf) request = A0__BUF_INIT(REQUEST_MAX);
    const a0__json *steps = NULL;
    bool reads = true;

    if (a0__json_parse_large(a0__text_of(w->play->script), &script, NULL) != A0_OK) {
        return;
    }
    (void)a0__json_bool(script, "read_request", &reads);
    if (reads) {
        read_request(w, &request);
    }
    w->play->arrived(w->play->self, true, a0__buf_view(&request));
    (void)a0__json_array(script, "steps", &steps);
    for (size_t i = 0; steps != NULL && i < a0__json_len(steps); i++) {
        if (!play_step(w, a0__json_at(steps, i))) {
            return;
        }
    }
}

static bool
use_identity(SSL_CTX *context, const a0__tls_identity *identity)
{
    BIO *certificate =
        BIO_new_mem_buf(identity->certificate.ptr, (int)identity->certificate.len);
    BIO *key = BIO_new_mem_buf(identity->key.ptr, (int)identity->key.len);
    X509 *x509 = PEM_read_bio_X509(certificate, NULL, NULL, NULL);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    bool used = x509 != NULL && pkey != NULL &&
                SSL_CTX_use_certificate(context, x509) == 1 &&
                SSL_CTX_use_PrivateKey(context, pkey) == 1;

    X509_free(x509);
    EVP_PKEY_free(pkey);
    BIO_free(certificate);
    BIO_free(key);
    return used;
}

static bool
shake_hands(wire *w)
{
    if (w->play->identity == NULL) {
        return true;
    }
    w->context = SSL_CTX_new(TLS_server_method());
    if (w->context == NULL || !use_identity(w->context, w->play->identity)) {
        return false;
    }
    w->tls = SSL_new(w->context);
    return w->tls != NULL && SSL_set_fd(w->tls, w->play->fd) == 1 &&
           SSL_accept(w->tls) == 1;
}

/* Whole answers are read by the peer before the connection goes, unless a reset is
 * what was asked for. */
static void
hang_up(wire *w)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    if (w->tls != NULL && w->says_goodbye) {
        (void)SSL_shutdown(w->tls);
    }
    SSL_free(w->tls);
    SSL_CTX_free(w->context);
    if (w->resets) {
        (void)setsockopt(w->play->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    (void)close(w->play->fd);
}

void
a0__raw_run(const a0__raw_play *play)
{
    wire w = { .play = play, .says_goodbye = true };

    if (shake_hands(&w)) {
        play_steps(&w);
    } else {
        w.says_goodbye = false;
        play->arrived(play->self, false, A0__NO_TEXT);
    }
    hang_up(&w);
}
