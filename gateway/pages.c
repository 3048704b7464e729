/* SPDX-License-Identifier: MIT */
/*
 * The pages: files built into the program. Their policy allows our own style and
 * script and nothing inline; what is personal comes over the JSON API. An error page
 * has no sub-resource at all: its style stands in it, and the policy has its hash.
 * [CB-12, SESS-10]
 */
#include "internal.h"

#include <string.h>

#include "base/base64url.h"
#include "page_files.h"
#include "server/html.h"

enum {
    PAGE_MAX = 256 * 1024,
    POLICY_MAX = 8192
};

static void
fill_one(a0__text name, const page_value *values, size_t len, a0__buf *out)
{
    for (size_t i = 0; i < len; i++) {
        if (a0__text_is(name, values[i].name)) {
            a0__html_escape(a0__text_of(values[i].value), out);
            return;
        }
    }
}

void
gateway_page_fill(a0__text page, const page_value *values, size_t len, a0__buf *out)
{
    while (page.len > 0) {
        if (!a0__text_starts_with(page, A0__LIT("{{"))) {
            a0__buf_byte(out, page.ptr[0]);
            page = a0__text_from(page, 1);
            continue;
        }
        page = a0__text_from(page, 2);
        for (size_t i = 0; i < page.len; i++) {
            if (page.ptr[i] == '}') {
                fill_one(a0__text_range(page.ptr, i), values, len, out);
                page = a0__text_from(page, i + 2);
                break;
            }
        }
    }
}

/* ---- made once ---- */

static a0_status
make_page(const gateway *g, a0__text source, const char *media_type, gateway_page *out,
          a0_error **err)
{
    const page_value values[] = {
        { "prefix", g->settings.prefix },
        { "connect", g->settings.connectables_len > 0 ? "on" : "off" },
    };

    *out = (gateway_page){ .media_type = media_type, .text = A0__BUF_INIT(PAGE_MAX) };
    gateway_page_fill(source, values, sizeof values / sizeof values[0], &out->text);
    return a0__buf_check(&out->text, err);
}

/* A form may be sent to us, and the answer leads to Auth0, from there to whatever
 * provider has the account, and to where a sign-out returns; browsers hold every
 * redirect against form-action too. */
static a0_status
make_policy(gateway *g, a0_error **err)
{
    a0__buf *policy = &g->pages.policy;

    *policy = A0__BUF_INIT(POLICY_MAX);
    a0__buf_string(policy,
                   "default-src 'none'; style-src 'self'; script-src 'self'; "
                   "connect-src 'self'; img-src 'self' https: data:; base-uri 'none'; "
                   "frame-ancestors 'none'; form-action 'self' https: ");
    a0__buf_string(policy, g->settings.tenant_url);
    for (size_t i = 0; i < g->settings.logout_return_to.len; i++) {
        a0__url url = { 0 };
        a0__text text = a0__text_of(g->settings.logout_return_to.items[i]);

        if (a0__url_parse(text, &url)) {
            a0__buf_byte(policy, ' ');
            a0__buf_bytes(policy, text.ptr,
                          url.path.len > 0 ? (size_t)(url.path.ptr - text.ptr)
                                           : text.len);
        }
    }
    return a0__buf_check(policy, err);
}

static const char *
find(a0__text page, const char *tag)
{
    return memmem(page.ptr, page.len, tag, strlen(tag));
}

/* CSP level 3 §2.3.1: the hash of the text between the tags, in base64. */
static a0_status
add_hash(a0__text page, const char *opening, const char *closing, a0__buf *policy,
         a0_error **err)
{
    const char *start = find(page, opening);
    const char *end = find(page, closing);
    A0_AUTO(a0__buf) hash = A0__BUF_INIT(POLICY_MAX);
    a0__digest digest = { 0 };

    A0_ENSURE(start != NULL && end != NULL, err, internal);
    start += strlen(opening);
    A0_TRY(a0__sha256(a0__text_range(start, (size_t)(end - start)), &digest, err));
    a0__base64url_encode(digest.bytes, sizeof digest.bytes, &hash);
    a0__buf_string(policy, "'sha256-");
    for (size_t i = 0; i < hash.len; i++) {
        char c = hash.ptr[i];

        a0__buf_byte(policy, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    a0__buf_string(policy, "='");
    return A0_OK;
}

static a0_status
allow_nothing_but_style(a0__text page, a0__buf *policy, a0_error **err)
{
    *policy = A0__BUF_INIT(POLICY_MAX);
    a0__buf_string(policy, A0__WEB_CSP_NOTHING "; style-src ");
    return add_hash(page, "<style>", "</style>", policy, err);
}

/* Its script is all that the page with the fragment may run and load [CB-11]. */
static a0_status
make_fragment_policy(a0__buf *policy, a0_error **err)
{
    A0_TRY(allow_nothing_but_style(page_fragment, policy, err));
    a0__buf_string(policy, "; base-uri 'none'; form-action 'self'; script-src ");
    A0_TRY(add_hash(page_fragment, "<script>", "</script>", policy, err));
    return a0__buf_check(policy, err);
}

/* What every page has, and behind it what the larger ones have. */
static a0_status
make_style(gateway_page *out, a0_error **err)
{
    *out = (gateway_page){ .media_type = "text/css; charset=utf-8",
                           .text = A0__BUF_INIT(PAGE_MAX) };
    a0__buf_text(&out->text, page_base_css);
    a0__buf_byte(&out->text, '\n');
    a0__buf_text(&out->text, page_a0_css);
    return a0__buf_check(&out->text, err);
}

a0_status
gateway_pages_init(gateway *g, a0_error **err)
{
    gateway_pages *pages = &g->pages;
    static const char html[] = "text/html; charset=utf-8";
    static const char javascript[] = "text/javascript; charset=utf-8";

    A0_TRY(make_policy(g, err));
    A0_TRY(make_page(g, page_welcome, html, &pages->welcome, err));
    A0_TRY(make_page(g, page_dashboard, html, &pages->dashboard, err));
    A0_TRY(make_fragment_policy(&pages->fragment_policy, err));
    A0_TRY(allow_nothing_but_style(page_error_page, &pages->error_policy, err));
    A0_TRY(a0__buf_check(&pages->error_policy, err));
    A0_TRY(make_page(g, page_fragment, html, &pages->fragment, err));
    A0_TRY(make_page(g, page_signed_out, html, &pages->signed_out, err));
    A0_TRY(make_style(&pages->style, err));
    A0_TRY(make_page(g, page_a0_js, javascript, &pages->script, err));
    return make_page(g, page_accounts_js, javascript, &pages->accounts_script, err);
}

void
gateway_pages_clear(gateway *g)
{
    a0__buf_clear(&g->pages.welcome.text);
    a0__buf_clear(&g->pages.dashboard.text);
    a0__buf_clear(&g->pages.signed_out.text);
    a0__buf_clear(&g->pages.fragment.text);
    a0__buf_clear(&g->pages.fragment_policy);
    a0__buf_clear(&g->pages.error_policy);
    a0__buf_clear(&g->pages.style.text);
    a0__buf_clear(&g->pages.script.text);
    a0__buf_clear(&g->pages.accounts_script.text);
    a0__buf_clear(&g->pages.policy);
}

/* ---- shown ---- */

static void
allow_own_files(const gateway *g, a0__web_response *response)
{
    a0__web_header_set(response, "Content-Security-Policy",
                       a0__buf_view(&g->pages.policy));
}

void
gateway_show(gateway *g, const gateway_page *page, a0__web_response *response)
{
    allow_own_files(g, response);
    a0__web_body_static(response, page->media_type, a0__buf_view(&page->text));
}

void
gateway_show_fragment(gateway *g, a0__web_response *response)
{
    a0__web_header_set(response, "Content-Security-Policy",
                       a0__buf_view(&g->pages.fragment_policy));
    a0__web_body_static(response, g->pages.fragment.media_type,
                        a0__buf_view(&g->pages.fragment.text));
}

void
gateway_show_filled(gateway *g, a0__text source, const page_value *values, size_t len,
                    a0__web_response *response)
{
    allow_own_files(g, response);
    a0__web_header_set(response, "Content-Type", A0__LIT("text/html; charset=utf-8"));
    gateway_page_fill(source, values, len, &response->body);
}

void
gateway_show_sign_out(gateway *g, const char *csrf_token, const char *name,
                      a0__web_response *response)
{
    const page_value values[] = { { "prefix", g->settings.prefix },
                                  { "csrf_token", csrf_token },
                                  { "name", name } };

    gateway_show_filled(g, page_sign_out, values, sizeof values / sizeof values[0],
                        response);
}

void
gateway_show_error(const gateway *g, const page_value *values, size_t len,
                   a0__web_response *response)
{
    a0__web_header_set(response, "Content-Security-Policy",
                       a0__buf_view(&g->pages.error_policy));
    a0__web_header_set(response, "Content-Type", A0__LIT("text/html; charset=utf-8"));
    gateway_page_fill(page_error_page, values, len, &response->body);
}

/* ---- routes ---- */

void
gateway_welcome(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;

    (void)request;
    gateway_show(g, &g->pages.welcome, response);
}

void
gateway_signed_out(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;

    (void)request;
    gateway_show(g, &g->pages.signed_out, response);
}

/* Nothing personal stands in the page itself, but a page of nobody would only flash
 * up before its script sends the person to the sign-in. */
void
gateway_dashboard(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__buf) login = A0__BUF_INIT(REDIRECT_TARGET_MAX);

    if (gateway_visitor(g, request, response, &session, &err) != A0_OK) {
        gateway_fail(g, request, err, response);
        return;
    }
    if (session == NULL) {
        a0__buf_string(&login, g->settings.prefix);
        a0__buf_string(&login, "/login?return_to=%2Finternal%2F");
        a0__web_redirect(response, 303, a0__buf_view(&login));
        return;
    }
    gateway_show(g, &g->pages.dashboard, response);
    a0__web_header_set(response, "Cache-Control", A0__LIT("private, no-store"));
}

static void
show_asset(gateway *g, const gateway_page *asset, a0__web_response *response)
{
    gateway_show(g, asset, response);
    a0__web_header_set(response, "Cache-Control", A0__LIT("public, max-age=300"));
}

void
gateway_style(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;

    (void)request;
    show_asset(g, &g->pages.style, response);
}

void
gateway_script(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;

    (void)request;
    show_asset(g, &g->pages.script, response);
}

void
gateway_accounts_script(void *self, a0__web_request *request,
                        a0__web_response *response)
{
    gateway *g = self;

    (void)request;
    show_asset(g, &g->pages.accounts_script, response);
}
