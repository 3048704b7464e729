/* SPDX-License-Identifier: MIT */
#include "refusal.h"

#include <string.h>

#include "problem.h"
#include "json/json.h"

static const char *
title_of(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 413:
        return "Payload Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

/* What is refused before an endpoint looks at it has the words of the authentication
 * API; this one has its own (wire §21.2). */
static const char *
management_code(int status, const char *code)
{
    if (strcmp(code, "invalid_request") == 0) {
        return status == 400 ? "invalid_uri" : "";
    }
    return strcmp(code, "not_found") == 0 || strcmp(code, "method_not_allowed") == 0
               ? ""
               : code;
}

/* Family 3. */
static void
write_management(int status, const char *message, const char *code, a0__buf *out)
{
    a0__json_writer w = a0__json_writer_on(out);

    code = management_code(status, code);

    a0__json_open(&w, '{');
    a0__json_put_i64(&w, "statusCode", status);
    a0__json_put_string(&w, "error", title_of(status));
    a0__json_put_string(&w, "message", message);
    if (*code != '\0') {
        a0__json_put_string(&w, "errorCode", code);
    }
    a0__json_close(&w, '}');
}

void
a0__refusal_write(a0__text path, int status, const char *error, const char *description,
                  a0__buf *out)
{
    a0__json_writer w = a0__json_writer_on(out);

    if (a0__path_speaks_problems(path)) {
        a0__problem_write(status, error, description, out);
        return;
    }
    if (a0__text_starts_with(path, A0__LIT("/api/v2/"))) {
        write_management(status, description, error, out);
        return;
    }
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "error", error);
    a0__json_put_string(&w, "error_description", description);
    a0__json_close(&w, '}');
}
