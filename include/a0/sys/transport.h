/* SPDX-License-Identifier: MIT */
/*
 * The transport port: a batch of whole HTTP messages out, whole messages in.
 * Retry and redirect policy sit above it. The built-in transport is one libcurl
 * engine per client; tests and other programs bring their own table.
 */
#ifndef A0_SYS_TRANSPORT_H
#define A0_SYS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct a0_http_header {
    const char *name;
    const char *value;
} a0_http_header;

/* A request as it goes out. All pointers are borrowed for the length of the call. */
typedef struct a0_http_request {
    size_t size;
    const char *method; /* "GET", "POST", "DELETE", "PATCH" */
    const char *url;    /* absolute; https, or http for a loopback host */
    const a0_http_header *headers;
    size_t headers_len;
    const void *body; /* NULL for none */
    size_t body_len;
    size_t max_response_bytes; /* body cap; past it the answer is http_oversize */
    int64_t deadline_ms;       /* of its own, where sooner than the batch's; 0: none */
} a0_http_request;

/* An answer: status, headers, body. Opaque; filled by a transport. */
typedef struct a0_http_response a0_http_response;

A0_API a0_http_response *a0_http_response_new(void);
A0_API void a0_http_response_free(a0_http_response *response);
A0_API void a0_http_response_set_status(a0_http_response *response, int status);

/*
 * Adds a header line or a piece of the body; both are copied. They return
 * A0_NO_MEMORY or, past the limits of a message (100 header lines, 32 KiB of
 * headers, max_bytes of body), A0_PROTOCOL.
 */
A0_API A0_MUST_USE a0_status a0_http_response_add_header(a0_http_response *response,
                                                         const char *name,
                                                         size_t name_len,
                                                         const char *value,
                                                         size_t value_len);
A0_API A0_MUST_USE a0_status a0_http_response_add_body(a0_http_response *response,
                                                       const void *bytes, size_t len,
                                                       size_t max_bytes);

A0_API int a0_http_response_status(const a0_http_response *response);

/* The value of the first header of that name (any letter case), or NULL. */
A0_API const char *a0_http_response_header(const a0_http_response *response,
                                           const char *name);

/* The body; *out_len may be 0. The pointer lives as long as the response. */
A0_API const char *a0_http_response_body(const a0_http_response *response,
                                         size_t *out_len);

/*
 * One request of a batch with its outcome: after perform exactly one of response
 * and error is set; both belong to the caller of perform.
 */
typedef struct a0_http_exchange {
    const a0_http_request *request;
    a0_http_response *response;
    a0_error *error;
    bool sent; /* whether any byte of the request may have reached the peer */
} a0_http_exchange;

typedef struct a0_transport {
    size_t size;

    /*
     * Carries out all exchanges side by side and returns when each has its
     * outcome, at the latest deadline_ms milliseconds after the call. Should end an
     * exchange sooner whose request says so, so that the others need not wait for it.
     * Never follows a redirect, never decodes a content encoding, never hands on part
     * of a body. Blocks; called from several threads at once.
     *
     * Returns A0_OK when every exchange has an outcome, even if all of them are
     * errors; anything else (A0_NO_MEMORY, A0_INTERNAL) means that none was tried.
     */
    a0_status (*perform)(void *self, a0_http_exchange *exchanges, size_t exchanges_len,
                         int64_t deadline_ms, a0_error **err);

    /* Releases self; called once, by the client that owns the port. May be NULL. */
    void (*destroy)(void *self);
} a0_transport;

#ifdef __cplusplus
}
#endif

#endif
