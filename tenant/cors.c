/* SPDX-License-Identifier: MIT */
#include "cors.h"

static bool
is_listed(const a0__tenant *tenant, a0__text origin)
{
    const a0__table *clients = &tenant->tables[A0__CLIENTS];

    for (a0__client *c = a0__table_first(clients); c != NULL; c = a0__table_next(c)) {
        if (a0__list_has(&c->allowed_origins, origin)) {
            return true;
        }
    }
    return false;
}

/* Only what machines ask for: a page or the control API is nobody else's to read. */
static bool
is_for_other_origins(a0__text path)
{
    return a0__text_starts_with(path, A0__LIT("/oauth/")) ||
           a0__text_starts_with(path, A0__LIT("/me/")) ||
           a0__text_is(path, "/userinfo");
}

void
a0__allow_origin(a0__exchange *x)
{
    a0__text origin = a0__header(x, "Origin");

    if (origin.len == 0 || !is_for_other_origins(x->request->path)) {
        return;
    }
    a0__web_header_set(x->response, "Vary", A0__LIT("Origin"));
    if (is_listed(x->tenant, origin)) {
        a0__web_header_set(x->response, "Access-Control-Allow-Origin", origin);
        a0__web_header_set(x->response, "Access-Control-Expose-Headers",
                           A0__LIT("x-ratelimit-limit, x-ratelimit-remaining, "
                                   "x-ratelimit-reset, Retry-After"));
    }
}

a0_status
a0__preflight(a0__exchange *x)
{
    x->response->status = 204;
    a0__web_header_set(x->response, "Access-Control-Allow-Methods",
                       A0__LIT("GET, POST, DELETE"));
    a0__web_header_set(x->response, "Access-Control-Allow-Headers",
                       A0__LIT("Authorization, Content-Type, Auth0-Client"));
    a0__web_header_set(x->response, "Access-Control-Max-Age", A0__LIT("600"));
    return A0_OK;
}
