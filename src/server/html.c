/* SPDX-License-Identifier: MIT */
#include "server/html.h"

void
a0__html_escape(a0__text text, a0__buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            a0__buf_string(out, "&amp;");
            break;
        case '<':
            a0__buf_string(out, "&lt;");
            break;
        case '>':
            a0__buf_string(out, "&gt;");
            break;
        case '"':
            a0__buf_string(out, "&quot;");
            break;
        case '\'':
            a0__buf_string(out, "&#39;");
            break;
        default:
            a0__buf_byte(out, text.ptr[i]);
        }
    }
}
