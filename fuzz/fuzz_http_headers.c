/* SPDX-License-Identifier: MIT */
/*
 * The callbacks of the HTTP client [MEM-04]: header lines as libcurl hands them over,
 * then the body, once whole and once in pieces by a schedule. How the bytes are split
 * changes nothing; limits hold; a pause that a peer asks for is bounded.
 *
 * Input: one byte of schedule, then the answer as it stands on the wire.
 */
#include "fuzz.h"

#include <string.h>

#include "http/answer.h"
#include "http/http.h"

enum {
    BODY_MAX = 512
};

/* Hands over the lines up to the body; false when one was refused. */
static bool
read_lines(a0__answer *answer, a0__text *rest)
{
    while (answer->state != A0__ANSWER_BODY && rest->len > 0) {
        const char *lf = memchr(rest->ptr, '\n', rest->len);
        size_t len = lf != NULL ? (size_t)(lf - rest->ptr) + 1 : rest->len;

        if (!a0__answer_line(answer, rest->ptr, len)) {
            return false;
        }
        *rest = a0__text_from(*rest, len);
    }
    return true;
}

/* Pieces of 1 to 8 bytes by a small generator; 0 is "whole". */
static bool
read_body(a0__answer *answer, a0__text rest, unsigned schedule)
{
    while (rest.len > 0) {
        size_t len = rest.len;

        if (schedule > 0) {
            schedule = schedule * 1103515245U + 12345U;
            len = 1 + (schedule >> 16) % 8;
            len = len < rest.len ? len : rest.len;
        }
        if (!a0__answer_body(answer, rest.ptr, len)) {
            return false;
        }
        rest = a0__text_from(rest, len);
    }
    return true;
}

static bool
read_answer(a0__answer *answer, a0__text bytes, unsigned schedule)
{
    FUZZ_CHECK(a0__answer_start(answer, BODY_MAX));
    return read_lines(answer, &bytes) && read_body(answer, bytes, schedule) &&
           a0__answer_end(answer);
}

static void
check_same(const a0__answer *a, const a0__answer *b)
{
    static const char *const names[] = { "content-type", "retry-after",
                                         "x-ratelimit-reset", "content-length" };

    FUZZ_CHECK(a0_http_response_status(a->response) ==
               a0_http_response_status(b->response));
    FUZZ_CHECK(a0__text_equal(a0__http_body(a->response), a0__http_body(b->response)));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        FUZZ_CHECK(a0__text_equal(
            a0__text_of(a0_http_response_header(a->response, names[i])),
            a0__text_of(a0_http_response_header(b->response, names[i]))));
    }
}

static void
check_limits(const a0__answer *answer)
{
    int pause_s = a0__http_retry_after_s(answer->response, INT64_C(1700000000000));

    FUZZ_CHECK(a0__http_body(answer->response).len <= BODY_MAX);
    FUZZ_CHECK(pause_s >= 0 && pause_s <= A0__RETRY_AFTER_MAX_S);
    FUZZ_CHECK(answer->interim_count <= 6);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    a0__text bytes = A0__NO_TEXT;
    a0__answer whole;
    a0__answer split;
    bool is_good = false;

    if (size == 0) {
        return 0;
    }
    bytes = a0__text_range((const char *)data + 1, size - 1);
    is_good = read_answer(&whole, bytes, 0);
    FUZZ_CHECK(read_answer(&split, bytes, data[0] + 1U) == is_good);
    FUZZ_CHECK(whole.is_refused == !is_good && split.is_refused == !is_good);
    FUZZ_CHECK(is_good || whole.refusal == split.refusal);
    check_limits(&whole);
    check_limits(&split);
    if (is_good) {
        check_same(&whole, &split);
    }
    a0__answer_clear(&whole);
    a0__answer_clear(&split);
    return 0;
}
