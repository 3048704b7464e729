/* SPDX-License-Identifier: MIT */
#include "web_request.h"

void
fuzz_web_request(a0__text input, a0__web_request *out)
{
    a0__text line = A0__NO_TEXT;

    *out = (a0__web_request){ .id = "fuzz" };
    (void)a0__text_next(&input, '\n', &line);
    (void)a0__text_next(&line, ' ', &out->method);
    (void)a0__text_next(&line, ' ', &out->target);
    out->version = line.ptr != NULL ? line : A0__LIT("HTTP/1.1");
    while (a0__text_next(&input, '\n', &line) && line.len > 0 &&
           out->headers_len < A0__WEB_HEADERS_MAX) {
        a0__web_header *header = &out->headers[out->headers_len];

        (void)a0__text_next(&line, ':', &header->name);
        header->value = a0__text_trim(line);
        out->headers_len++;
    }
    out->body = input.ptr != NULL ? input : A0__LIT("");
}
