/* SPDX-License-Identifier: MIT */
/*
 * Which hosts a0 talks to: names of letters, digits and hyphens over https; plain http
 * and ports for literal loopback hosts alone [HTTP-08, MGMT-07].
 */
#include "base/url.h"
#include "config/internal.h"

void
a0__domain_auto(a0__domain *domain)
{
    a0__free(domain->authority);
    a0__free(domain->base_url);
}

/* The URL standard reads a host whose last label is a number as an IPv4 address, in
 * whatever base and with however many parts. */
static bool
ends_in_a_number(a0__text host)
{
    a0__text label = A0__NO_TEXT;
    uint64_t value = 0;

    while (a0__text_next(&host, '.', &label)) {
    }
    return a0__parse_u64(label, UINT64_MAX, &value) ||
           a0__text_starts_with(label, A0__LIT("0x")) ||
           a0__text_starts_with(label, A0__LIT("0X"));
}

static bool
is_acceptable(const a0__url *url)
{
    bool is_https = a0__url_scheme_is(url, "https");

    if (url->has_userinfo || url->path.len > 0 || url->has_query || url->has_fragment) {
        return false;
    }
    if (a0__host_is_loopback(url->host)) {
        return (is_https || a0__url_scheme_is(url, "http")) &&
               (!url->has_port || url->port > 0);
    }
    return is_https && !url->has_port && !url->is_ipv6 && a0__host_is_ldh(url->host) &&
           !ends_in_a_number(url->host);
}

static void
write_authority(const a0__url *url, a0__buf *out)
{
    if (url->is_ipv6) {
        a0__buf_byte(out, '[');
    }
    for (size_t i = 0; i < url->host.len; i++) {
        a0__buf_byte(out, a0__to_lower(url->host.ptr[i]));
    }
    if (url->is_ipv6) {
        a0__buf_byte(out, ']');
    }
    if (url->has_port) {
        a0__buf_byte(out, ':');
        a0__buf_u64(out, url->port);
    }
}

static bool
has_scheme(a0__text text)
{
    a0__text piece = A0__NO_TEXT;

    return a0__text_next(&text, ':', &piece) &&
           a0__text_starts_with(text, A0__LIT("//"));
}

a0_status
a0__domain_read(a0__text text, a0__domain *out, a0_error **err)
{
    A0_AUTO(a0__buf) written = A0__BUF_INIT(A0__CONFIG_TEXT_MAX + sizeof "https://");
    A0_AUTO(a0__buf) authority = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    A0_AUTO(a0__buf) base_url = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    a0__url url = { 0 };

    a0__buf_string(&written, has_scheme(text) ? "" : "https://");
    a0__buf_text(&written, text);
    A0_TRY(a0__buf_check(&written, err));
    if (!a0__url_parse(a0__buf_view(&written), &url) || !is_acceptable(&url)) {
        return A0_OK;
    }
    write_authority(&url, &authority);
    a0__buf_string(&base_url,
                   a0__url_scheme_is(&url, "https") ? "https://" : "http://");
    a0__buf_text(&base_url, a0__buf_view(&authority));
    A0_TRY(a0__buf_check(&authority, err));
    A0_TRY(a0__buf_check(&base_url, err));
    out->authority = a0__buf_take(&authority);
    out->base_url = a0__buf_take(&base_url);
    return A0_OK;
}
