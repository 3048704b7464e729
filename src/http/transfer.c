/* SPDX-License-Identifier: MIT */
#include "http/transfer.h"

#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "http/http.h"
#include "http/tls.h"
#include "http/wait.h"

enum {
    LINE_MAX_BYTES = 32 * 1024,
    RESOLVE_MAX_BYTES = 2048
};

/* ---- what libcurl calls, on the engine's thread ---- */

static size_t
on_header(char *bytes, size_t size, size_t count, void *self)
{
    a0__transfer *transfer = self;

    if (!a0__answer_line(&transfer->answer, bytes, size * count)) {
        return 0;
    }
    if (a0__answer_hides_surplus(&transfer->answer)) {
        (void)curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    return size * count;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *self)
{
    a0__transfer *transfer = self;
    a0__answer *answer = &transfer->answer;

    if (!a0__answer_body(answer, bytes, size * count)) {
        return 0;
    }
    if (answer->has_length && answer->received == answer->length &&
        a0__tls_has_surplus(transfer->easy)) {
        answer->is_refused = true;
        answer->refusal = A0_E_http_protocol;
        return 0;
    }
    return size * count;
}

/* What comes past the end of a body libcurl drops without a word; only here it shows,
 * before it is cut to size [HTTP-09]. */
static int
on_debug(CURL *easy, curl_infotype type, char *bytes, size_t len, void *self)
{
    a0__transfer *transfer = self;

    (void)easy;
    (void)bytes;
    if (type == CURLINFO_DATA_IN) {
        transfer->answer.raw_bytes += len;
    }
    return 0;
}

static bool
is_stale(const a0__transfer *transfer, curl_socket_t fd)
{
    long new_connections = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &new_connections);
    return new_connections == 0 && a0__tls_connection_is_stale(transfer->easy, fd);
}

/*
 * The connection stands and the request is about to go out on it: the last moment at
 * which nothing has been sent. libcurl by itself sends a request again when a pooled
 * connection breaks before the answer; a code or a refresh token must not go out twice,
 * so a second attempt ends here [TOK-01, HTTP-11].
 */
static int
on_connected(void *self, char *primary_ip, char *local_ip, int primary_port,
             int local_port)
{
    a0__transfer *transfer = self;

    (void)local_ip;
    if (transfer->attempts > 0) {
        transfer->is_refused = true;
        transfer->refusal = A0_E_http_unreachable;
        return CURL_PREREQFUNC_ABORT;
    }
    if (transfer->is_tls && !a0__tls_peer_is(transfer->easy, transfer->host)) {
        transfer->is_refused = true;
        transfer->refusal = A0_E_http_tls;
        return CURL_PREREQFUNC_ABORT;
    }
    if (is_stale(transfer, a0__sockets_find(transfer->options.sockets, primary_ip,
                                            primary_port, local_port))) {
        transfer->was_stale = true;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->attempts++;
    transfer->exchange->sent = true;
    return CURL_PREREQFUNC_OK;
}

/* ---- building ---- */

static bool
append(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL) {
        return false;
    }
    *list = longer;
    return true;
}

static bool
append_header(a0__transfer *transfer, const char *name, const char *value)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(LINE_MAX_BYTES);

    a0__buf_string(&line, name);
    if (value[0] == '\0') {
        a0__buf_byte(&line, ';'); /* libcurl's way to send an empty value */
    } else {
        a0__buf_string(&line, ": ");
        a0__buf_string(&line, value);
    }
    return a0__buf_ok(&line) && append(&transfer->headers, a0__buf_cstr(&line));
}

static bool
build_headers(a0__transfer *transfer)
{
    const a0_http_request *request = transfer->exchange->request;
    bool has_type = false;

    for (size_t i = 0; i < request->headers_len; i++) {
        has_type = has_type ||
                   a0__text_equal_ignoring_case(a0__text_of(request->headers[i].name),
                                                A0__LIT("content-type"));
        if (!append_header(transfer, request->headers[i].name,
                           request->headers[i].value)) {
            return false;
        }
    }
    /* A name with an empty value takes libcurl's own header away. */
    return append(&transfer->headers, "Accept-Encoding: identity") &&
           append(&transfer->headers, "Expect:") &&
           (has_type || append(&transfer->headers, "Content-Type:"));
}

/* host:port:address,address, so that libcurl never asks a name server. */
static bool
build_resolve(a0__transfer *transfer, const a0__url *url)
{
    const a0__net_addresses *addresses = transfer->options.addresses;
    A0_AUTO(a0__buf) line = A0__BUF_INIT(RESOLVE_MAX_BYTES);

    if (addresses == NULL) {
        return true;
    }
    a0__buf_byte(&line, '+'); /* may be forgotten with libcurl's own cache */
    a0__buf_text(&line, url->host);
    a0__buf_format(&line, ":%u:", (unsigned)url->port);
    for (size_t i = 0; i < addresses->len; i++) {
        a0__buf_string(&line, i > 0 ? "," : "");
        a0__buf_string(&line, addresses->items[i].is_ipv6 ? "[" : "");
        a0__net_address_write(&addresses->items[i], &line);
        a0__buf_string(&line, addresses->items[i].is_ipv6 ? "]" : "");
    }
    return a0__buf_ok(&line) && append(&transfer->resolve, a0__buf_cstr(&line));
}

/* Every one of these must hold: a handle of which one is not set is not used. */
#define SET(easy, option, value)                                                       \
    (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static bool
set_security(a0__transfer *transfer)
{
    CURL *easy = transfer->easy;
    const char *ca_file = transfer->options.ca_file;

    return SET(easy, CURLOPT_SSL_VERIFYPEER, 1L) &&
           SET(easy, CURLOPT_SSL_VERIFYHOST, 2L) &&
           SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           SET(easy, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=2") &&
           (ca_file == NULL ||
            (SET(easy, CURLOPT_CAINFO, ca_file) && SET(easy, CURLOPT_CAPATH, NULL))) &&
           SET(easy, CURLOPT_PROTOCOLS_STR, transfer->is_tls ? "https" : "http") &&
           SET(easy, CURLOPT_FOLLOWLOCATION, 0L) && SET(easy, CURLOPT_PROXY, "") &&
           SET(easy, CURLOPT_NOPROXY, "*") &&
           SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
           SET(easy, CURLOPT_NOSIGNAL, 1L) && SET(easy, CURLOPT_HTTP09_ALLOWED, 0L) &&
           SET(easy, CURLOPT_ACCEPT_ENCODING, NULL) &&
           SET(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L) &&
           SET(easy, CURLOPT_HTTP_TRANSFER_DECODING, 0L);
}

static bool
set_request(a0__transfer *transfer)
{
    CURL *easy = transfer->easy;
    const a0_http_request *request = transfer->exchange->request;
    bool is_get = strcmp(request->method, "GET") == 0;

    if (request->body == NULL && is_get) {
        return SET(easy, CURLOPT_HTTPGET, 1L);
    }
    return SET(easy, CURLOPT_POST, 1L) &&
           SET(easy, CURLOPT_POSTFIELDS, request->body != NULL ? request->body : "") &&
           SET(easy, CURLOPT_POSTFIELDSIZE_LARGE,
               (curl_off_t)(request->body != NULL ? request->body_len : 0)) &&
           SET(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool
set_options(a0__transfer *transfer)
{
    CURL *easy = transfer->easy;

    return SET(easy, CURLOPT_URL, transfer->exchange->request->url) &&
           SET(easy, CURLOPT_PRIVATE, transfer) && set_security(transfer) &&
           set_request(transfer) && SET(easy, CURLOPT_HTTPHEADER, transfer->headers) &&
           SET(easy, CURLOPT_RESOLVE, transfer->resolve) &&
           SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) &&
           SET(easy, CURLOPT_TCP_NODELAY, 1L) &&
           SET(easy, CURLOPT_USERAGENT, "a0/" A0_VERSION) &&
           SET(easy, CURLOPT_HEADERFUNCTION, on_header) &&
           SET(easy, CURLOPT_HEADERDATA, transfer) &&
           SET(easy, CURLOPT_WRITEFUNCTION, on_body) &&
           SET(easy, CURLOPT_WRITEDATA, transfer) &&
           SET(easy, CURLOPT_VERBOSE, 1L) && /* or on_debug is not called */
           SET(easy, CURLOPT_DEBUGFUNCTION, on_debug) &&
           SET(easy, CURLOPT_DEBUGDATA, transfer) &&
           SET(easy, CURLOPT_OPENSOCKETFUNCTION, a0__sockets_open) &&
           SET(easy, CURLOPT_OPENSOCKETDATA, transfer->options.sockets) &&
           SET(easy, CURLOPT_CLOSESOCKETFUNCTION, a0__sockets_close) &&
           SET(easy, CURLOPT_CLOSESOCKETDATA, transfer->options.sockets) &&
           SET(easy, CURLOPT_PREREQFUNCTION, on_connected) &&
           SET(easy, CURLOPT_PREREQDATA, transfer);
}

bool
a0__transfer_init(a0__transfer *transfer, a0_http_exchange *exchange,
                  const a0__transfer_options *options)
{
    a0__url url = { 0 };

    *transfer = (a0__transfer){ .exchange = exchange, .options = *options };
    if (!a0__url_parse(a0__text_of(exchange->request->url), &url)) {
        return false;
    }
    transfer->is_tls = a0__url_scheme_is(&url, "https");
    transfer->host = a0__strndup(url.host.ptr, url.host.len);
    transfer->easy = curl_easy_init();
    return transfer->host != NULL && transfer->easy != NULL &&
           a0__answer_start(&transfer->answer, exchange->request->max_response_bytes) &&
           build_headers(transfer) && build_resolve(transfer, &url) &&
           set_options(transfer);
}

/* The lines hold bearer tokens. */
static void
wipe_and_free(struct curl_slist *list)
{
    for (struct curl_slist *at = list; at != NULL; at = at->next) {
        a0__wipe(at->data, strlen(at->data));
    }
    curl_slist_free_all(list);
}

void
a0__transfer_clear(a0__transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    wipe_and_free(transfer->headers);
    curl_slist_free_all(transfer->resolve);
    a0__free(transfer->host);
    a0__answer_clear(&transfer->answer);
    *transfer = (a0__transfer){ 0 };
}

/* ---- running ---- */

/* libcurl takes 0 for "no limit". */
static long
left_ms(int64_t deadline_at_ms)
{
    int64_t left = deadline_at_ms - a0__wait_now_ms();

    return left < 1 ? 1 : left > INT32_MAX ? INT32_MAX : (long)left;
}

void
a0__transfer_arm(a0__transfer *transfer)
{
    const a0__transfer_options *options = &transfer->options;

    (void)curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS,
                           left_ms(options->deadline_at_ms));
    (void)curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS,
                           left_ms(options->connect_deadline_at_ms));
    (void)curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT,
                           transfer->is_fresh ? 1L : 0L);
}

bool
a0__transfer_retries(a0__transfer *transfer)
{
    if (!transfer->was_stale || transfer->is_fresh) {
        return false;
    }
    transfer->is_fresh = true;
    return true;
}

/* Nothing of the answer came: the peer is away. Something came: it was cut off. */
static a0__error_id
broken(const a0__transfer *transfer)
{
    return transfer->answer.state == A0__ANSWER_STATUS_LINE ? A0_E_http_unreachable
                                                            : A0_E_http_truncated;
}

static a0__error_id
error_of(const a0__transfer *transfer, CURLcode result)
{
    switch ((int)result) {
    case CURLE_OPERATION_TIMEDOUT:
        return A0_E_http_timeout;
    case CURLE_OUT_OF_MEMORY:
        return A0_E_no_memory;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_FAIL_REWIND:
        return A0_E_http_unreachable;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return A0_E_http_tls;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return broken(transfer);
    default: /* CURLcode is libcurl's and grows */
        return A0_E_http_protocol;
    }
}

void
a0__transfer_fail(a0__transfer *transfer, a0__error_id id)
{
    (void)a0__fail(&transfer->exchange->error, id);
}

void
a0__transfer_finish(a0__transfer *transfer, CURLcode result)
{
    a0__answer *answer = &transfer->answer;

    if (transfer->is_refused) {
        a0__transfer_fail(transfer, transfer->refusal);
    } else if (answer->is_refused) {
        a0__transfer_fail(transfer, answer->refusal);
    } else if (result != CURLE_OK) {
        a0__transfer_fail(transfer, error_of(transfer, result));
    } else if (!a0__answer_end(answer)) {
        a0__transfer_fail(transfer, answer->refusal);
    } else {
        transfer->exchange->response = a0__steal(&answer->response);
    }
}
