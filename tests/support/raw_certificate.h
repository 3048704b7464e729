/* SPDX-License-Identifier: MIT */
/* Certificates of the raw server, each with its own fault. */
#ifndef A0_TESTS_RAW_CERTIFICATE_H
#define A0_TESTS_RAW_CERTIFICATE_H

#include <openssl/ssl.h>

#include "raw_server.h"

/* A context that shows that certificate; aborts the program on failure. */
SSL_CTX *raw_certificate_context(raw_tls tls);

#endif
