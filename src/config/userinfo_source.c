/* SPDX-License-Identifier: MIT */
/*
 * The setting provider_userinfo: where the identity of connected accounts is read. A
 * provider's token goes there, so the address is checked at start and never comes from
 * an answer [CONN-12].
 */
#include "config/internal.h"

#include "base/net_address.h"
#include "base/url.h"

typedef struct entry {
    a0__build *build;
    a0__userinfo_source *source;
    const char *problem; /* the first one ends the walk */
    a0_status status;
} entry;

/* https at a host of the public Internet; http and a loopback host for tests. */
static bool
is_provider_url(a0__text text)
{
    a0__net_address address;
    a0__url url;

    if (!a0__url_parse(text, &url) || url.has_userinfo || url.has_fragment) {
        return false;
    }
    if (a0__host_is_loopback(url.host)) {
        return a0__url_scheme_is(&url, "https") || a0__url_scheme_is(&url, "http");
    }
    return a0__url_scheme_is(&url, "https") &&
           !(a0__net_address_parse(url.host, &address) &&
             a0__net_address_is_private(&address));
}

static char **
text_field(a0__userinfo_source *source, a0__text name)
{
    const struct {
        const char *name;
        char **field;
    } fields[] = {
        { "url", &source->url },
        { "emails_url", &source->emails_url },
        { "scope", &source->scope },
        { "subject", &source->subject },
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (a0__text_is(name, fields[i].name)) {
            return fields[i].field;
        }
    }
    return NULL;
}

static const char *
problem_with(a0__text name, char *const *field, const a0__json *value, a0__text *out)
{
    bool is_url = a0__text_ends_with(name, A0__LIT("url"));

    if (field == NULL) {
        return "has an entry with a member that is not known";
    }
    if (!a0__json_text_of(value, out) || out->len == 0 ||
        !a0__text_has_no_controls(*out)) {
        return "has an entry with a member that is no text";
    }
    if (is_url && !is_provider_url(*out)) {
        return "has an address that is not https, or private";
    }
    return NULL;
}

static bool
each_member(void *self, a0__text name, const a0__json *value)
{
    entry *e = self;
    char **field = text_field(e->source, name);
    a0__text text = A0__NO_TEXT;
    bool flag = false;

    if (a0__text_is(name, "subject_is_user_id") && a0__json_bool_of(value, &flag)) {
        e->source->subject_is_user_id = flag ? 1 : 0;
        return true;
    }
    e->problem = problem_with(name, field, value, &text);
    if (e->problem != NULL) {
        return false;
    }
    *field = a0__strndup(text.ptr, text.len);
    e->status = *field != NULL ? A0_OK : a0__fail(e->build->err, A0_E_no_memory);
    return e->status == A0_OK;
}

/* The entry goes into the list first, so that it is freed with it whatever follows. */
static a0_status
add_source(entry *e, a0__text name, const a0__json *object)
{
    a0__userinfo_sources *sources = &e->build->settings->userinfo_sources;
    a0__userinfo_source *grown =
        a0__realloc_array(sources->items, sources->len + 1, sizeof *grown);

    A0_ENSURE(grown != NULL, e->build->err, no_memory);
    sources->items = grown;
    e->source = &grown[sources->len];
    *e->source = (a0__userinfo_source){ .name = a0__strndup(name.ptr, name.len),
                                        .subject_is_user_id = -1 };
    A0_ENSURE(e->source->name != NULL, e->build->err, no_memory);
    sources->len++;
    a0__json_each(object, each_member, e);
    if (e->status == A0_OK && e->problem == NULL && e->source->url == NULL) {
        e->problem = "has an entry without a url";
    }
    return e->status;
}

static bool
each_source(void *self, a0__text name, const a0__json *value)
{
    entry *e = self;

    if (!a0__json_is_object(value)) {
        e->problem = "has an entry that is no object";
        return false;
    }
    e->status = add_source(e, name, value);
    return e->status == A0_OK && e->problem == NULL;
}

a0_status
a0__set_userinfo_sources(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    A0_AUTO(a0__json_doc) object = NULL;
    entry e = { .build = b };

    (void)field;
    A0_TRY(a0__json_parse(value, &object, b->err));
    a0__json_each(object, each_source, &e);
    A0_TRY(e.status);
    return e.problem != NULL ? a0__blame(b, row->shown.name, e.problem) : A0_OK;
}
