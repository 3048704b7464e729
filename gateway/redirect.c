/* SPDX-License-Identifier: MIT */
#include "redirect.h"

#include "base/mem.h"
#include "server/path.h"

/* UTF-8, as escapes, of what some reader takes for a slash or for nothing at all:
 * NBSP, soft hyphen, U+2000..U+206F, the division and set-minus slashes, BOM, the
 * full-width slashes. */
static const char *const deceptive_escapes[] = {
    "%C2%A0", "%C2%AD", "%E2%80",    "%E2%81",    "%E2%88%95",
    "%E2%A7", "%E3%80", "%EF%BB%BF", "%EF%BC%8F", "%EF%BC%BC",
};

/* What stands directly behind the first slash decides whether it begins an authority.
 * A second layer of escapes may be taken off by the application. */
static bool
begins_like_authority(a0__text path)
{
    a0__text rest = a0__text_from(path, 1);

    if (a0__text_starts_with(rest, A0__LIT("/")) ||
        a0__text_starts_with(rest, A0__LIT("%25"))) {
        return true;
    }
    for (size_t i = 0; i < sizeof deceptive_escapes / sizeof deceptive_escapes[0];
         i++) {
        if (a0__text_starts_with(rest, a0__text_of(deceptive_escapes[i]))) {
            return true;
        }
    }
    return false;
}

/* The path has one reading, and canonical it still does not begin an authority. An
 * escaped space is white space to whoever decodes before he looks. */
static bool
is_local_path(a0__text path)
{
    A0_AUTO(a0__buf) canonical = A0__BUF_INIT(A0__PATH_MAX);
    a0__text view = A0__NO_TEXT;

    if (!a0__path_canonical(path, &canonical)) {
        return false;
    }
    view = a0__buf_view(&canonical);
    return !begins_like_authority(view) &&
           !a0__text_starts_with(view, A0__LIT("/%20")) &&
           !a0__text_starts_with(path, A0__LIT("//"));
}

static a0__text
cut_path(a0__text target)
{
    size_t len = 0;

    while (len < target.len && target.ptr[len] != '?' && target.ptr[len] != '#') {
        len++;
    }
    return a0__text_range(target.ptr, len);
}

static bool
is_allowed_absolute(a0__text target, const gateway_origins *allowed)
{
    a0__url url = { 0 };

    if (!a0__url_parse(target, &url) || url.has_userinfo ||
        (url.path.len > 0 && !is_local_path(url.path))) {
        return false;
    }
    for (size_t i = 0; i < allowed->len; i++) {
        /* The scheme as we write it, so that no other reading of it matters. */
        if (a0__text_equal(url.scheme, allowed->items[i].url.scheme) &&
            a0__url_same_origin(&url, &allowed->items[i].url)) {
            return true;
        }
    }
    return false;
}

bool
gateway_redirect_is_allowed(a0__text target, const gateway_origins *allowed)
{
    if (target.len == 0 || target.len > REDIRECT_TARGET_MAX ||
        !a0__text_is_visible_ascii(target) || a0__text_contains_byte(target, '\\')) {
        return false;
    }
    return target.ptr[0] == '/' ? is_local_path(cut_path(target))
                                : is_allowed_absolute(target, allowed);
}

/* ---- origins ---- */

static bool
is_origin(const a0__url *url)
{
    bool is_secure = a0__text_is(url->scheme, "https");
    bool is_local = a0__text_is(url->scheme, "http") && a0__host_is_loopback(url->host);
    bool is_plain_host =
        url->is_ipv6 ? a0__host_is_loopback(url->host) : a0__host_is_ldh(url->host);

    return (is_secure || is_local) && is_plain_host && !url->has_userinfo &&
           url->path.len == 0 && !url->has_query && !url->has_fragment;
}

a0_status
gateway_origins_add(gateway_origins *origins, a0__text text, bool *out_valid,
                    a0_error **err)
{
    gateway_origin origin = { 0 };
    gateway_origin *items = NULL;

    *out_valid = a0__url_parse(text, &origin.url) && is_origin(&origin.url);
    if (!*out_valid) {
        return A0_OK;
    }
    origin.text = a0__strndup(text.ptr, text.len);
    A0_ENSURE(origin.text != NULL, err, no_memory);
    *out_valid = a0__url_parse(a0__text_of(origin.text), &origin.url);
    items = a0__realloc_array(origins->items, origins->len + 1, sizeof *items);
    if (items == NULL) {
        a0__free(origin.text);
        return a0__fail(err, A0_E_no_memory);
    }
    origins->items = items;
    origins->items[origins->len] = origin;
    origins->len++;
    return A0_OK;
}

void
gateway_origins_clear(gateway_origins *origins)
{
    for (size_t i = 0; i < origins->len; i++) {
        a0__free(origins->items[i].text);
    }
    a0__free(origins->items);
    *origins = (gateway_origins){ 0 };
}
