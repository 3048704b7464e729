/* SPDX-License-Identifier: MIT */
#include "navigation.h"

static bool
header_is(const a0__web_request *request, const char *name, const char *value)
{
    return a0__text_is(a0__web_header_get(request, name, NULL), value);
}

bool
gateway_is_navigation(const a0__web_request *request)
{
    a0__text mode = a0__web_header_get(request, "sec-fetch-mode", NULL);
    a0__text dest = a0__web_header_get(request, "sec-fetch-dest", NULL);

    if (!a0__text_is(request->method, "GET") ||
        a0__web_header_get(request, "x-requested-with", NULL).ptr != NULL) {
        return false;
    }
    if (mode.ptr != NULL || dest.ptr != NULL) {
        return a0__text_is(mode, "navigate") &&
               (dest.ptr == NULL || a0__text_is(dest, "document"));
    }
    return a0__web_wants_html(request);
}

static bool
mentions(const a0__web_request *request, const char *name, const char *word)
{
    a0__text rest = a0__web_header_get(request, name, NULL);
    a0__text item = A0__NO_TEXT;

    while (a0__text_next(&rest, ';', &item)) {
        if (a0__text_equal_ignoring_case(a0__text_trim(item), a0__text_of(word))) {
            return true;
        }
    }
    return false;
}

bool
gateway_is_prefetch(const a0__web_request *request)
{
    return mentions(request, "sec-purpose", "prefetch") ||
           mentions(request, "purpose", "prefetch") ||
           mentions(request, "x-purpose", "preview") ||
           mentions(request, "x-moz", "prefetch");
}

bool
gateway_is_same_origin(const a0__web_request *request, const gateway_origin *origin)
{
    size_t origins = 0;
    a0__text from = a0__web_header_get(request, "origin", &origins);
    a0__text site = a0__web_header_get(request, "sec-fetch-site", NULL);

    if (origins > 1 || (from.ptr == NULL && site.ptr == NULL)) {
        return false;
    }
    /* Our own pages forbid referrers, and then a browser sends a form with the origin
     * "null" (Fetch §3.2); it still says where the form came from. */
    if (a0__text_is(from, "null")) {
        return header_is(request, "sec-fetch-site", "same-origin");
    }
    return (from.ptr == NULL || a0__text_is(from, origin->text)) &&
           (site.ptr == NULL || header_is(request, "sec-fetch-site", "same-origin"));
}
