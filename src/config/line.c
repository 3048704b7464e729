/* SPDX-License-Identifier: MIT */
/* On which line a setting stands. The text is known to be proper JSON. */
#include "config/internal.h"

/* Gives the string that opens at *at, still escaped, and moves behind it. */
static a0__text
skip_string(a0__text json, size_t *at)
{
    size_t start = *at + 1;

    for ((*at)++; json.ptr[*at] != '"'; (*at)++) {
        if (json.ptr[*at] == '\\') {
            (*at)++;
        }
    }
    return a0__text_range(json.ptr + start, (*at)++ - start);
}

/* Settings have plain names, so a name written with escapes is just not found. */
size_t
a0__json_line_of(a0__text json, a0__text name)
{
    size_t line = 1;
    size_t depth = 0;
    bool is_name = false; /* of the outermost object, before its colon */

    for (size_t at = 0; at < json.len;) {
        char c = json.ptr[at];

        if (c == '"') {
            a0__text string = skip_string(json, &at);

            if (depth == 1 && is_name && a0__text_equal(string, name)) {
                return line;
            }
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        line += c == '\n';
        is_name = c == '{' || c == ',' || (is_name && c != ':');
        at++;
    }
    return 0;
}
