/* SPDX-License-Identifier: MIT */
/*
 * The pages people see. Templates stand in pages/: {{name}} is replaced and escaped,
 * {{{name}}} is replaced as it is, {{?name}}…{{/name}} stays when name is not empty.
 */
#ifndef A0_TENANT_PAGES_H
#define A0_TENANT_PAGES_H

#include "authorization.h"

typedef struct a0__page_value {
    const char *name;
    a0__text value;
} a0__page_value;

/* Fills a template; a value of NULL name ends the list. */
void a0__template_fill(a0__text page, const a0__page_value *values, a0__buf *out);

/* Shows a page of pages/ inside the layout. */
void a0__page_show(a0__exchange *x, int status, const char *title, a0__text page,
                   const a0__page_value *values);
/* An error that no application may be told. */
void a0__write_error_page(a0__exchange *x, int status, const char *error,
                          const char *description);
/* The same as an expression, A0_REFUSED. */
#define a0__page_error(x, ...)                                                         \
    (a0__write_error_page((x), __VA_ARGS__), (a0_status)A0_REFUSED)
/* The buttons "Continue with …" of what this request allows. */
void a0__page_providers(const a0__exchange *x, const a0__authorization *open,
                        a0__buf *out);
/* The sign of a provider: a plain letter, nobody's artwork. */
a0__text a0__provider_letter(const a0__connection *connection);
/* What a provider is called; "Google" for a connection that does not say. */
a0__text a0__provider_name(const a0__connection *connection);

#endif
