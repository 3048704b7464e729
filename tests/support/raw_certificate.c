/* SPDX-License-Identifier: MIT */
#include "raw_certificate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

enum {
    DAY_S = 24 * 60 * 60
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_PKEY *ca_key;
static EVP_PKEY *leaf_key; /* one for all: making keys takes long */
static X509 *ca;
static char ca_path[] = "/tmp/a0-test-ca-XXXXXX";

static void
must(int is_fine, const char *what)
{
    if (!is_fine) {
        (void)fprintf(stderr, "raw_certificate: %s failed\n", what);
        ERR_print_errors_fp(stderr);
        abort();
    }
}

static void
set_name(X509_NAME *name, const char *cn)
{
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn,
                                    -1, -1, 0),
         "name");
}

static void
add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension = NULL;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1), "extension");
    X509_EXTENSION_free(extension);
}

static X509 *
new_certificate(EVP_PKEY *key, const char *cn, long from_s, long to_s)
{
    static long serial = 1;
    X509 *certificate = X509_new();

    must(certificate != NULL && X509_set_version(certificate, 2) &&
             ASN1_INTEGER_set(X509_get_serialNumber(certificate),
                              getpid() * 1000L + serial++) &&
             X509_gmtime_adj(X509_getm_notBefore(certificate), from_s) != NULL &&
             X509_gmtime_adj(X509_getm_notAfter(certificate), to_s) != NULL &&
             X509_set_pubkey(certificate, key),
         "certificate");
    set_name(X509_get_subject_name(certificate), cn);
    return certificate;
}

static X509 *
new_ca(EVP_PKEY *key, const char *cn)
{
    X509 *certificate = new_certificate(key, cn, -DAY_S, DAY_S);

    must(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)), "ca");
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
    must(X509_sign(certificate, key, EVP_sha256()), "ca");
    return certificate;
}

static void
remove_ca_file(void)
{
    (void)unlink(ca_path);
}

static void
make_ca(void)
{
    FILE *file = NULL;
    int fd = mkstemp(ca_path);

    ca_key = EVP_RSA_gen(2048);
    leaf_key = EVP_RSA_gen(2048);
    must(ca_key != NULL && leaf_key != NULL && fd >= 0, "ca");
    ca = new_ca(ca_key, "a0 test CA");
    file = fdopen(fd, "w");
    must(file != NULL && PEM_write_X509(file, ca) && fclose(file) == 0, "ca file");
    must(atexit(remove_ca_file) == 0, "atexit");
}

const char *
raw_server_ca_file(void)
{
    (void)pthread_once(&once, make_ca);
    return ca_path;
}

/* OpenSSL's textual form of a subjectAltName can not write a NUL. */
static void
add_name_with_nul(X509 *certificate)
{
    static const char name[] = "tenant.example\0.evil.example";
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *one = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();

    must(names != NULL && one != NULL && text != NULL &&
             ASN1_STRING_set(text, name, (int)sizeof name - 1),
         "NUL name");
    GENERAL_NAME_set0_value(one, GEN_DNS, text);
    must(sk_GENERAL_NAME_push(names, one) > 0 &&
             X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1,
         "NUL name");
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
}

static void
add_names(X509 *certificate, raw_tls tls)
{
    if (tls == RAW_TLS_WRONG_NAME) {
        add_extension(certificate, ca, NID_subject_alt_name, "DNS:other.example");
    } else if (tls == RAW_TLS_WIDE_WILDCARD) {
        add_extension(certificate, ca, NID_subject_alt_name, "DNS:*.example");
    } else if (tls == RAW_TLS_NUL_IN_NAME) {
        add_name_with_nul(certificate);
    } else if (tls != RAW_TLS_NAME_IN_CN_ONLY) {
        add_extension(certificate, ca, NID_subject_alt_name,
                      "DNS:localhost,DNS:tenant.example,IP:127.0.0.1");
    }
}

static X509 *
issue(raw_tls tls, EVP_PKEY *key)
{
    long from_s = tls == RAW_TLS_NOT_YET_VALID ? DAY_S : -2L * DAY_S;
    long to_s = tls == RAW_TLS_EXPIRED ? -DAY_S : 2L * DAY_S;
    X509 *certificate = new_certificate(key, "tenant.example", from_s, to_s);
    EVP_PKEY *issuer_key = ca_key;
    EVP_PKEY *stranger_key = NULL;
    const EVP_MD *digest = tls == RAW_TLS_SHA1 ? EVP_sha1() : EVP_sha256();

    must(X509_set_issuer_name(certificate, X509_get_subject_name(ca)), "issuer");
    if (tls == RAW_TLS_SELF_SIGNED) {
        must(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)),
             "issuer");
        issuer_key = key;
    }
    if (tls == RAW_TLS_UNKNOWN_CA) {
        stranger_key = EVP_RSA_gen(2048);
        must(stranger_key != NULL, "stranger");
        issuer_key = stranger_key;
    }
    add_names(certificate, tls);
    must(X509_sign(certificate, issuer_key, digest), "sign");
    EVP_PKEY_free(stranger_key);
    return certificate;
}

static int
pick_h2(SSL *session, const unsigned char **out, unsigned char *out_len,
        const unsigned char *offered, unsigned offered_len, void *self)
{
    static const unsigned char h2[] = { 2, 'h', '2' };
    unsigned char *picked = NULL;
    int found =
        SSL_select_next_proto(&picked, out_len, h2, sizeof h2, offered, offered_len);

    (void)session;
    (void)self;
    *out = picked;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *
raw_certificate_context(raw_tls tls)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;

    (void)pthread_once(&once, make_ca);
    key = leaf_key;
    if (tls == RAW_TLS_RSA_1024) {
        key = EVP_RSA_gen(1024);
    } else {
        must(EVP_PKEY_up_ref(leaf_key), "key");
    }
    must(context != NULL && key != NULL, "context");
    SSL_CTX_set_security_level(context, 0);
    certificate = issue(tls, key);
    must(SSL_CTX_use_certificate(context, certificate) == 1 &&
             SSL_CTX_use_PrivateKey(context, key) == 1,
         "use certificate");
    if (tls == RAW_TLS_VERSION_1_1) {
        must(SSL_CTX_set_min_proto_version(context, TLS1_VERSION) &&
                 SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION),
             "version");
    }
    if (tls == RAW_TLS_HTTP2) {
        SSL_CTX_set_alpn_select_cb(context, pick_h2, NULL);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}
