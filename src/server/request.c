/* SPDX-License-Identifier: MIT */
#include "server/request.h"

#include <string.h>

#include "server/path.h"
#include "server/route.h"

a0__text
a0__web_header_get(const a0__web_request *request, const char *name, size_t *out_count)
{
    a0__text wanted = a0__text_of(name);
    a0__text found = A0__NO_TEXT;
    size_t count = 0;

    for (size_t i = 0; i < request->headers_len; i++) {
        if (a0__text_equal_ignoring_case(request->headers[i].name, wanted)) {
            if (count == 0) {
                found = request->headers[i].value;
            }
            count++;
        }
    }
    if (out_count != NULL) {
        *out_count = count;
    }
    return found;
}

/* Which {name} of the pattern this is; A0__WEB_PARAMS_MAX when there is none. */
static size_t
param_index(const char *pattern, const char *name)
{
    a0__text rest = a0__text_of(pattern);
    a0__text segment = A0__NO_TEXT;
    size_t index = 0;

    while (a0__text_next(&rest, '/', &segment)) {
        if (segment.len < 2 || segment.ptr[0] != '{') {
            continue;
        }
        if (a0__text_is(a0__text_range(segment.ptr + 1, segment.len - 2), name)) {
            return index;
        }
        index++;
    }
    return A0__WEB_PARAMS_MAX;
}

bool
a0__web_param(const a0__web_request *request, const char *name, a0__buf *out)
{
    size_t start = out->len;
    size_t index = request->route != NULL ? param_index(request->route->path, name)
                                          : A0__WEB_PARAMS_MAX;
    a0__text decoded = A0__NO_TEXT;

    if (index >= A0__WEB_PARAMS_MAX ||
        !a0__percent_decode(request->params[index], false, out) || !a0__buf_ok(out)) {
        return false;
    }
    decoded = a0__text_from(a0__buf_view(out), start);
    return a0__text_is_utf8(decoded) && a0__text_has_no_controls(decoded);
}

a0_status
a0__web_query(const a0__web_request *request, a0__params *out, bool *out_valid,
              a0_error **err)
{
    return a0__params_parse(request->query, A0__WEB_QUERY_PAIRS_MAX, out, out_valid,
                            err);
}

a0_status
a0__web_form(const a0__web_request *request, a0__params *out, bool *out_valid,
             a0_error **err)
{
    return a0__params_parse(request->body, A0__WEB_QUERY_PAIRS_MAX, out, out_valid,
                            err);
}

a0__text
a0__web_media_type(const a0__web_request *request)
{
    size_t count = 0;
    a0__text rest = a0__web_header_get(request, "content-type", &count);
    a0__text type = A0__LIT("");

    if (count == 1) {
        (void)a0__text_next(&rest, ';', &type);
    }
    return a0__text_trim(type);
}

bool
a0__web_media_type_is(const a0__web_request *request, const char *type)
{
    return a0__text_equal_ignoring_case(a0__web_media_type(request), a0__text_of(type));
}

/* An explicit text/html; quality values are not weighed: browsers put it first. */
bool
a0__web_wants_html(const a0__web_request *request)
{
    a0__text rest = a0__web_header_get(request, "accept", NULL);
    a0__text range = A0__NO_TEXT;
    a0__text type = A0__NO_TEXT;

    while (a0__text_next(&rest, ',', &range)) {
        (void)a0__text_next(&range, ';', &type);
        if (a0__text_equal_ignoring_case(a0__text_trim(type), A0__LIT("text/html"))) {
            return true;
        }
    }
    return false;
}

void
a0__web_each_cookie(const a0__web_request *request,
                    bool (*each)(void *self, a0__text name, a0__text value), void *self)
{
    for (size_t i = 0; i < request->headers_len; i++) {
        a0__text rest = request->headers[i].value;
        a0__text pair = A0__NO_TEXT;
        a0__text name = A0__NO_TEXT;

        if (!a0__text_equal_ignoring_case(request->headers[i].name,
                                          A0__LIT("cookie"))) {
            continue;
        }
        while (a0__text_next(&rest, ';', &pair)) {
            (void)a0__text_next(&pair, '=', &name);
            /* Without '=' the pair is a name alone, for some browsers a value alone:
             * never one of ours. */
            if (pair.ptr != NULL &&
                !each(self, a0__text_trim(name), a0__text_trim(pair))) {
                return;
            }
        }
    }
}

struct cookie_search {
    a0__text name;
    a0__text *values;
    size_t max_values;
    size_t count;
};

static bool
take_cookie(void *self, a0__text name, a0__text value)
{
    struct cookie_search *search = self;

    if (a0__text_equal(name, search->name)) {
        if (search->count < search->max_values) {
            search->values[search->count] = value;
        }
        search->count++;
    }
    return true;
}

size_t
a0__web_cookies(const a0__web_request *request, const char *name, a0__text *out_values,
                size_t max_values)
{
    struct cookie_search search = { .name = a0__text_of(name),
                                    .values = out_values,
                                    .max_values = max_values };

    a0__web_each_cookie(request, take_cookie, &search);
    return search.count;
}
