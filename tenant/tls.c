/* SPDX-License-Identifier: MIT */
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record.h"

enum {
    LIFETIME_DAYS = 825, /* what browsers still accept */
    SERIAL_OCTETS = 16,
    SECONDS_A_DAY = 86400,
    PATH_BYTES_MAX = 4096
};

/* Written once and removed from the public list of a developer: the reason stands in
 * the certificate itself. */
#define AUTHORITY_NAME "a0 local tenant (for development only)"

static a0_status
fail(a0_error **err, const char *what)
{
    return a0__fail_saying(err, A0_E_internal, "OpenSSL: %s", what);
}

void
a0__tls_identity_auto(a0__tls_identity *identity)
{
    a0__buf_clear(&identity->certificate);
    a0__buf_clear(&identity->key);
}

typedef struct material {
    EVP_PKEY *key;
    X509 *certificate;
    BIO *bio;
} material;

static void
material_auto(material *m)
{
    EVP_PKEY_free(m->key);
    X509_free(m->certificate);
    BIO_free(m->bio);
}

static void
take_bio(BIO *bio, a0__buf *out)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(bio, &bytes);

    a0__buf_bytes(out, bytes, (size_t)len);
}

a0_status
a0__tls_public_pem(a0__text private_pem, a0__buf *out, a0_error **err)
{
    A0_AUTO(material)
    m = { .bio = BIO_new_mem_buf(private_pem.ptr, (int)private_pem.len) };
    BIO *shown = BIO_new(BIO_s_mem());
    bool done = false;

    m.key = m.bio != NULL ? PEM_read_bio_PrivateKey(m.bio, NULL, NULL, NULL) : NULL;
    done = m.key != NULL && shown != NULL && PEM_write_bio_PUBKEY(shown, m.key) == 1;
    if (done) {
        take_bio(shown, out);
    }
    BIO_free(shown);
    return done ? a0__buf_check(out, err) : fail(err, "no public key");
}

static bool
write_identity(const material *m, a0__tls_identity *out)
{
    A0_AUTO(material) pem = { .bio = BIO_new(BIO_s_mem()) };

    if (pem.bio == NULL || PEM_write_bio_X509(pem.bio, m->certificate) != 1) {
        return false;
    }
    take_bio(pem.bio, &out->certificate);
    if (BIO_reset(pem.bio) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(pem.bio, m->key, NULL, NULL, 0, NULL, NULL) !=
            1) {
        return false;
    }
    take_bio(pem.bio, &out->key);
    return a0__buf_ok(&out->certificate) && a0__buf_ok(&out->key);
}

static bool
add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension = NULL;
    bool added = false;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool
set_serial(X509 *certificate)
{
    unsigned char octets[SERIAL_OCTETS];
    BIGNUM *number = NULL;
    bool set = false;

    if (RAND_bytes(octets, sizeof octets) != 1) {
        return false;
    }
    octets[0] &= 0x7f;
    number = BN_bin2bn(octets, sizeof octets, NULL);
    set = number != NULL &&
          BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

static bool
set_name(X509 *certificate, const char *name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                                      MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1;
}

/* A new key with an unsigned certificate of that name. */
static bool
begin(const char *name, material *out)
{
    out->key = EVP_EC_gen("P-256");
    out->certificate = X509_new();
    return out->key != NULL && out->certificate != NULL &&
           X509_set_version(out->certificate, X509_VERSION_3) == 1 &&
           set_serial(out->certificate) && set_name(out->certificate, name) &&
           X509_gmtime_adj(X509_getm_notBefore(out->certificate), -SECONDS_A_DAY) !=
               NULL &&
           X509_gmtime_adj(X509_getm_notAfter(out->certificate),
                           (long)LIFETIME_DAYS * SECONDS_A_DAY) != NULL &&
           X509_set_pubkey(out->certificate, out->key) == 1;
}

a0_status
a0__tls_new_authority(a0__tls_identity *out, a0_error **err)
{
    A0_AUTO(material) m = { .key = NULL };

    if (!begin(AUTHORITY_NAME, &m) ||
        X509_set_issuer_name(m.certificate, X509_get_subject_name(m.certificate)) !=
            1 ||
        !add_extension(m.certificate, m.certificate, NID_basic_constraints,
                       "critical,CA:TRUE,pathlen:0") ||
        !add_extension(m.certificate, m.certificate, NID_key_usage,
                       "critical,keyCertSign,cRLSign") ||
        !add_extension(m.certificate, m.certificate, NID_subject_key_identifier,
                       "hash") ||
        X509_sign(m.certificate, m.key, EVP_sha256()) == 0 ||
        !write_identity(&m, out)) {
        return fail(err, "the authority could not be made");
    }
    return A0_OK;
}

static bool
read_identity(const a0__tls_identity *identity, material *out)
{
    A0_AUTO(material)
    certificate = { .bio = BIO_new_mem_buf(identity->certificate.ptr,
                                           (int)identity->certificate.len) };
    A0_AUTO(material)
    key = { .bio = BIO_new_mem_buf(identity->key.ptr, (int)identity->key.len) };

    if (certificate.bio == NULL || key.bio == NULL) {
        return false;
    }
    out->certificate = PEM_read_bio_X509(certificate.bio, NULL, NULL, NULL);
    out->key = PEM_read_bio_PrivateKey(key.bio, NULL, NULL, NULL);
    return out->certificate != NULL && out->key != NULL;
}

a0_status
a0__tls_new_server(const a0__tls_identity *authority, const char *names,
                   a0__tls_identity *out, a0_error **err)
{
    A0_AUTO(material) ca = { .key = NULL };
    A0_AUTO(material) m = { .key = NULL };

    if (!read_identity(authority, &ca) || !begin("a0 local tenant", &m) ||
        X509_set_issuer_name(m.certificate, X509_get_subject_name(ca.certificate)) !=
            1 ||
        !add_extension(m.certificate, ca.certificate, NID_basic_constraints,
                       "critical,CA:FALSE") ||
        !add_extension(m.certificate, ca.certificate, NID_key_usage,
                       "critical,digitalSignature") ||
        !add_extension(m.certificate, ca.certificate, NID_ext_key_usage,
                       "serverAuth") ||
        !add_extension(m.certificate, ca.certificate, NID_subject_alt_name, names) ||
        !add_extension(m.certificate, ca.certificate, NID_authority_key_identifier,
                       "keyid") ||
        X509_sign(m.certificate, ca.key, EVP_sha256()) == 0 ||
        !write_identity(&m, out)) {
        return fail(err, "the server certificate could not be made");
    }
    return A0_OK;
}

static bool
path_of(const char *dir, const char *name, a0__buf *out)
{
    a0__buf_format(out, "%s/%s", dir, name);
    return a0__buf_ok(out);
}

static bool
read_file(const char *dir, const char *name, a0__buf *out)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(PATH_BYTES_MAX);

    return path_of(dir, name, &path) && a0__read_file(a0__buf_cstr(&path), out) &&
           out->len > 0;
}

static a0_status
write_file(const char *dir, const char *name, const a0__buf *text, mode_t mode,
           a0_error **err)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(PATH_BYTES_MAX);
    bool written = false;
    int fd = -1;

    if (path_of(dir, name, &path)) {
        fd = open(a0__buf_cstr(&path),
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    }
    if (fd >= 0) {
        written = fchmod(fd, mode) == 0 &&
                  write(fd, text->ptr, text->len) == (ssize_t)text->len;
        (void)close(fd);
    }
    return written ? A0_OK
                   : a0__fail_saying(err, A0_E_config_invalid,
                                     "--tls: %s/%s cannot be written", dir, name);
}

static a0_status
authority_of(const char *dir, a0__tls_identity *out, bool *out_is_new, a0_error **err)
{
    *out_is_new = false;
    if (read_file(dir, "ca.pem", &out->certificate) &&
        read_file(dir, "ca.key", &out->key)) {
        return A0_OK;
    }
    *out_is_new = true;
    a0__buf_reset(&out->certificate);
    a0__buf_reset(&out->key);
    A0_TRY(a0__tls_new_authority(out, err));
    A0_TRY(write_file(dir, "ca.key", &out->key, S_IRUSR | S_IWUSR, err));
    return write_file(dir, "ca.pem", &out->certificate,
                      S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, err);
}

a0_status
a0__tls_directory(const char *dir, a0__tls_identity *out_authority,
                  a0__tls_identity *out_server, a0_error **err)
{
    bool authority_is_new = false;

    if (mkdir(dir, S_IRWXU) != 0 && errno != EEXIST) {
        return a0__fail_saying(err, A0_E_config_invalid, "--tls: %s cannot be made",
                               dir);
    }
    A0_TRY(authority_of(dir, out_authority, &authority_is_new, err));
    if (!authority_is_new && read_file(dir, "server.pem", &out_server->certificate) &&
        read_file(dir, "server.key", &out_server->key)) {
        return A0_OK;
    }
    a0__buf_reset(&out_server->certificate);
    a0__buf_reset(&out_server->key);
    A0_TRY(a0__tls_new_server(out_authority, "DNS:localhost,IP:127.0.0.1,IP:::1",
                              out_server, err));
    A0_TRY(write_file(dir, "server.key", &out_server->key, S_IRUSR | S_IWUSR, err));
    return write_file(dir, "server.pem", &out_server->certificate,
                      S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, err);
}
