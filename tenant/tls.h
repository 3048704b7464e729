/* SPDX-License-Identifier: MIT */
/*
 * Certificates, made with OpenSSL directly: src/jose signs tokens and has no business
 * with X.509, and nothing else in a0 makes a certificate.
 */
#ifndef A0_TENANT_TLS_H
#define A0_TENANT_TLS_H

#include "base/buf.h"
#include "base/secret.h"

/* The public half of a private key, both PEM. */
A0_MUST_USE a0_status a0__tls_public_pem(a0__text private_pem, a0__buf *out,
                                         a0_error **err);

/* A certificate and its key, as PEM texts. */
typedef struct a0__tls_identity {
    a0__buf certificate;
    a0__buf key;
} a0__tls_identity;

enum {
    A0__PEM_MAX = 64 * 1024
};

#define A0__TLS_IDENTITY_INIT                                                          \
    ((a0__tls_identity){ .certificate = A0__BUF_INIT(A0__PEM_MAX),                     \
                         .key = A0__BUF_INIT(A0__PEM_MAX) })
void a0__tls_identity_auto(a0__tls_identity *identity);

/* A new authority, good for itself alone. */
A0_MUST_USE a0_status a0__tls_new_authority(a0__tls_identity *out, a0_error **err);
/* A certificate for the names ("DNS:localhost,IP:127.0.0.1") by that authority. */
A0_MUST_USE a0_status a0__tls_new_server(const a0__tls_identity *authority,
                                         const char *names, a0__tls_identity *out,
                                         a0_error **err);

/*
 * Authority and server certificate of a directory: ca.pem, ca.key, server.pem and
 * server.key, made when they are missing. The directory is made too.
 */
A0_MUST_USE a0_status a0__tls_directory(const char *dir,
                                        a0__tls_identity *out_authority,
                                        a0__tls_identity *out_server, a0_error **err);

#endif
