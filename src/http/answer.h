/* SPDX-License-Identifier: MIT */
/*
 * An answer while it comes in: RFC 9110 and RFC 9112 read strictly, more so than
 * libcurl does. What two readers could read in two ways is refused, since behind the
 * wrong reading the next answer on the connection belongs to somebody else [HTTP-09].
 * Pure.
 */
#ifndef A0_HTTP_ANSWER_H
#define A0_HTTP_ANSWER_H

#include <a0/sys/transport.h>

#include "base/error.h"

/* RFC 9112 §7.1: the chunked transfer coding. */
typedef enum a0__chunked_state {
    A0__CHUNK_SIZE,
    A0__CHUNK_EXTENSION,
    A0__CHUNK_SIZE_LF,
    A0__CHUNK_DATA,
    A0__CHUNK_DATA_CR,
    A0__CHUNK_DATA_LF,
    A0__CHUNK_TRAILER_START,
    A0__CHUNK_TRAILER,
    A0__CHUNK_TRAILER_LF,
    A0__CHUNK_LAST_LF,
    A0__CHUNK_END
} a0__chunked_state;

typedef struct a0__chunked {
    a0__chunked_state state;
    uint64_t left;       /* of the chunk; while reading its size, the size so far */
    size_t size_digits;  /* of the chunk size */
    size_t framing_size; /* bytes of extensions and trailers: bounded */
} a0__chunked;

typedef enum a0__answer_state {
    A0__ANSWER_STATUS_LINE,
    A0__ANSWER_HEADERS,
    A0__ANSWER_BODY
} a0__answer_state;

typedef struct a0__answer {
    a0_http_response *response;
    size_t max_body_bytes;
    a0__answer_state state;
    bool is_http2;
    bool is_http10;
    int status;
    int interim_count;  /* 1xx */
    size_t extra_lines; /* of interim answers and trailers */
    size_t extra_bytes;
    bool has_length;
    uint64_t length;
    bool is_chunked;
    a0__chunked chunked;
    uint64_t received;
    uint64_t raw_bytes; /* that came as a body, surplus included; see transfer.c */
    bool is_refused;
    a0__error_id refusal; /* when is_refused */
} a0__answer;

/* False without memory. */
A0_MUST_USE bool a0__answer_start(a0__answer *answer, size_t max_body_bytes);
void a0__answer_clear(a0__answer *answer);

/* One line with its end, be it status line, header or the blank one. */
A0_MUST_USE bool a0__answer_line(a0__answer *answer, const char *bytes, size_t len);
/* A piece of the body as it stands on the wire, chunk framing included. */
A0_MUST_USE bool a0__answer_body(a0__answer *answer, const char *bytes, size_t len);
/* The peer is done: is the message whole? All three: false sets the refusal. */
A0_MUST_USE bool a0__answer_end(a0__answer *answer);

/* Whether bytes past this answer would go unseen: an empty HTTP/1 answer, behind which
 * libcurl drops what it has read. Its connection must not serve again. */
bool a0__answer_hides_surplus(const a0__answer *answer);

/* Decodes a piece into the response; false sets *out_refusal. */
A0_MUST_USE bool a0__chunked_read(a0__chunked *chunked, const char *bytes, size_t len,
                                  a0_http_response *response, size_t max_body_bytes,
                                  a0__error_id *out_refusal);

#endif
