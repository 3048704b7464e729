/* SPDX-License-Identifier: MIT */
#include "problem.h"

#include "json/json.h"

#define TYPE_PREFIX "https://auth0.com/api-errors/"

typedef struct problem {
    int status;
    const char *code;
    const char *title;
} problem;

static const problem problems[] = {
    { 400, "A0E-400-0003", "Validation Error" },
    { 401, "A0E-401-0003", "Invalid Token" },
    { 403, "A0E-403-0002", "Insufficient Scope" },
    { 404, "A0E-404-0002", "Not Found" },
    { 409, "A0E-409-0001", "Conflict" },
    { 415, "A0E-415-0001", "Unsupported Media Type" },
    { 429, "A0E-429-0003", "Too Many Requests" },
    { 500, "A0E-500-0001", "Internal Server Error" },
};

bool
a0__path_speaks_problems(a0__text path)
{
    return a0__text_starts_with(path, A0__LIT("/me/"));
}

static const problem *
problem_of(int status)
{
    size_t last = sizeof problems / sizeof problems[0] - 1;

    for (size_t i = 0; i < last; i++) {
        if (problems[i].status == status) {
            return &problems[i];
        }
    }
    return &problems[last];
}

static void
write_validation_errors(a0__json_writer *w, const char *detail)
{
    a0__json_name(w, "validation_errors");
    a0__json_open(w, '[');
    a0__json_open(w, '{');
    a0__json_put_string(w, "detail", detail);
    a0__json_put_string(w, "pointer", "");
    a0__json_close(w, '}');
    a0__json_close(w, ']');
}

void
a0__problem_write(int status, const char *code, const char *detail, a0__buf *out)
{
    A0_AUTO(a0__buf) type = A0__BUF_INIT(1024);
    a0__json_writer w = a0__json_writer_on(out);
    const problem *known = problem_of(status);
    bool is_coded = a0__text_starts_with(a0__text_of(code), A0__LIT("A0E-"));

    a0__buf_format(&type, "%s%s", TYPE_PREFIX, is_coded ? code : known->code);
    a0__json_open(&w, '{');
    a0__json_put(&w, "type", a0__buf_view(&type));
    a0__json_put_i64(&w, "status", status);
    a0__json_put_string(&w, "title", known->title);
    if (status == 400) {
        a0__json_put_string(&w, "detail", "Invalid request payload input");
        write_validation_errors(&w, detail);
    } else {
        a0__json_put_string(&w, "detail", detail);
    }
    a0__json_close(&w, '}');
}
