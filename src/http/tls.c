/* SPDX-License-Identifier: MIT */
/*
 * The one place outside base and jose that includes OpenSSL: libcurl hands out its own
 * SSL object, and only OpenSSL can look into it. A context callback would do as well,
 * but libcurl then parses the whole trust store again for every connection.
 */
#include "http/tls.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* NULL for a plain connection. */
static SSL *
session_of(CURL *easy)
{
    struct curl_tlssessioninfo *info = NULL;

    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK ||
        info == NULL || info->backend != CURLSSLBACKEND_OPENSSL) {
        return NULL;
    }
    return info->internals;
}

bool
a0__tls_peer_is(CURL *easy, const char *host)
{
    static const unsigned strict = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                   X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                   X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS;
    SSL *session = session_of(easy);
    X509 *peer = session != NULL ? SSL_get0_peer_certificate(session) : NULL;

    return peer != NULL && SSL_get_verify_result(session) == X509_V_OK &&
           (X509_check_host(peer, host, 0, strict, NULL) == 1 ||
            X509_check_ip_asc(peer, host, 0) == 1);
}

static bool
is_http2(const SSL *session)
{
    const unsigned char *protocol = NULL;
    unsigned len = 0;

    SSL_get0_alpn_selected(session, &protocol, &len);
    return len == 2 && memcmp(protocol, "h2", 2) == 0;
}

bool
a0__tls_connection_is_stale(CURL *easy, curl_socket_t fd)
{
    SSL *session = session_of(easy);
    char byte = 0;

    if (session != NULL && is_http2(session)) {
        return false;
    }
    if (session != NULL && SSL_has_pending(session) == 1) {
        return true;
    }
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EINTR);
}

bool
a0__tls_has_surplus(CURL *easy)
{
    SSL *session = session_of(easy);

    return session != NULL && !is_http2(session) && SSL_pending(session) > 0;
}
