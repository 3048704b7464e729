/* SPDX-License-Identifier: MIT */
#include "server/route.h"

enum {
    BODY_MAX_DEFAULT = 64 * 1024
};

/* Compares segment by segment; {name} takes any segment that is not empty. */
static bool
path_matches(const char *pattern, a0__text path, a0__text *params)
{
    a0__text wanted_rest = a0__text_of(pattern);
    a0__text wanted = A0__NO_TEXT;
    a0__text segment = A0__NO_TEXT;
    size_t taken = 0;

    while (a0__text_next(&wanted_rest, '/', &wanted)) {
        if (!a0__text_next(&path, '/', &segment)) {
            return false;
        }
        if (wanted.len > 1 && wanted.ptr[0] == '{') {
            if (segment.len == 0 || taken == A0__WEB_PARAMS_MAX) {
                return false;
            }
            params[taken] = segment;
            taken++;
        } else if (!a0__text_equal(wanted, segment)) {
            return false;
        }
    }
    return path.ptr == NULL;
}

a0__web_match
a0__web_route_find(const a0__web_site *site, a0__web_request *request,
                   a0__buf *out_allow)
{
    for (size_t i = 0; i < site->routes_len; i++) {
        const a0__web_route *route = &site->routes[i];

        if (!path_matches(route->path, request->path, request->params)) {
            continue;
        }
        if (a0__text_is(request->method, route->method)) {
            request->route = route;
            return A0__WEB_MATCHED;
        }
        if (out_allow->len > 0) {
            a0__buf_string(out_allow, ", ");
        }
        a0__buf_string(out_allow, route->method);
    }
    return out_allow->len > 0 ? A0__WEB_NO_METHOD : A0__WEB_NO_PATH;
}

void
a0__web_refuse(const a0__web_site *site, const a0__web_request *request,
               a0__web_refusal refusal, a0__web_response *response)
{
    response->status = refusal.status;
    if (site->refuse != NULL) {
        site->refuse(site->self, request, refusal.id, response);
        return;
    }
    a0__web_json_error(response, refusal.status, a0__error_name(refusal.id),
                       a0__error_sentence(refusal.id), request->id);
}

size_t
a0__web_body_max(const a0__web_route *route)
{
    if (route->body == A0__WEB_NO_BODY) {
        return 0;
    }
    return route->body_max > 0 ? route->body_max : BODY_MAX_DEFAULT;
}

/* Whether a body is announced at all: an empty one is none. */
static bool
has_body(const a0__web_request *request)
{
    a0__text length = a0__web_header_get(request, "content-length", NULL);

    return a0__web_header_get(request, "transfer-encoding", NULL).ptr != NULL ||
           (length.ptr != NULL && !a0__text_is(length, "0"));
}

static bool
is_media_type_expected(const a0__web_request *request)
{
    unsigned accepted = request->route->body;

    return accepted == A0__WEB_ANY_BODY ||
           ((accepted & A0__WEB_FORM) != 0 &&
            a0__web_media_type_is(request, "application/x-www-form-urlencoded")) ||
           ((accepted & A0__WEB_JSON) != 0 &&
            a0__web_media_type_is(request, "application/json"));
}

static a0__web_refusal
check_body(const a0__web_request *request)
{
    uint64_t length = 0;
    a0__text content_length = a0__web_header_get(request, "content-length", NULL);

    if (!has_body(request)) {
        return (a0__web_refusal){ .status = 0 };
    }
    if (request->route->body == A0__WEB_NO_BODY) {
        return (a0__web_refusal){ A0_E_gw_request_malformed, 400 };
    }
    if (content_length.ptr != NULL &&
        !a0__parse_u64(content_length, a0__web_body_max(request->route), &length)) {
        return (a0__web_refusal){ A0_E_gw_too_large, 413 };
    }
    if (!is_media_type_expected(request)) {
        return (a0__web_refusal){ A0_E_gw_media_type, 415 };
    }
    return (a0__web_refusal){ .status = 0 };
}

bool
a0__web_admit(const a0__web_site *site, a0__web_request *request,
              a0__web_response *response)
{
    A0_AUTO(a0__buf) allow = A0__BUF_INIT(256);
    a0__web_refusal refusal = { .status = 0 };

    if (site->before != NULL && !site->before(site->self, request, response)) {
        response->close = response->close || has_body(request);
        return false;
    }
    switch (a0__web_route_find(site, request, &allow)) {
    case A0__WEB_MATCHED:
        refusal = check_body(request);
        break;
    case A0__WEB_NO_PATH:
        refusal = (a0__web_refusal){ A0_E_gw_not_found, 404 };
        break;
    case A0__WEB_NO_METHOD:
        refusal = (a0__web_refusal){ A0_E_gw_method_not_allowed, 405 };
        a0__web_header_set(response, "Allow", a0__buf_view(&allow));
        break;
    }
    if (refusal.status == 0) {
        if (request->route->bare) {
            a0__buf_reset(&response->headers);
        }
        return true;
    }
    /* A body that nobody reads must not be read as the next request. */
    response->close = response->close || has_body(request);
    a0__web_refuse(site, request, refusal, response);
    return false;
}

void
a0__web_finish(const a0__web_site *site, a0__web_request *request,
               a0__web_response *response)
{
    if (!a0__web_response_ok(response)) {
        a0__web_response_reset(response);
        a0__web_refuse(site, request, (a0__web_refusal){ A0_E_internal, 500 },
                       response);
    }
    if (site->after != NULL) {
        site->after(site->self, request, response);
    }
}

void
a0__web_serve(const a0__web_site *site, a0__web_request *request,
              a0__web_response *response)
{
    if (a0__web_admit(site, request, response)) {
        request->route->handle(site->self, request, response);
    }
    a0__web_finish(site, request, response);
}
