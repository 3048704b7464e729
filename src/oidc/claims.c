/* SPDX-License-Identifier: MIT */
#include "oidc/claims.h"

enum {
    /* What one claim may take as text: the document it came in is far smaller, but
     * escapes lengthen it. */
    CLAIM_MAX = 1048576
};

struct a0__claims {
    a0__json *document;
};

a0__claims *
a0__claims_new(a0__json **document)
{
    a0__claims *claims = a0__calloc(1, sizeof *claims);

    if (claims != NULL) {
        claims->document = a0__steal(document);
    }
    return claims;
}

a0_status
a0__claims_parse(a0__text userinfo, a0__claims **out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    A0_TRY(a0__json_parse(userinfo, &document, err));
    *out = NULL;
    if (!a0__json_is_object(document)) {
        return A0_OK;
    }
    *out = a0__claims_new(&document);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

void
a0__claims_free(a0__claims *claims)
{
    if (claims != NULL) {
        a0__json_free(claims->document);
        a0__free(claims);
    }
}

void
a0__claims_ptr_auto(a0__claims_ptr *claims)
{
    a0__claims_free(*claims);
    *claims = NULL;
}

/* ---- reading ---- */

a0__text
a0__claims_text(const a0__claims *claims, const char *name)
{
    a0__text text = A0__NO_TEXT;

    (void)a0__json_text(claims->document, name, &text);
    return text;
}

a0__text
a0__claims_sub(const a0__claims *claims)
{
    return a0__claims_text(claims, "sub");
}

a0__text
a0__claims_sid(const a0__claims *claims)
{
    return a0__claims_text(claims, "sid");
}

int64_t
a0__claims_i64(const a0__claims *claims, const char *name, int64_t otherwise)
{
    int64_t value = 0;

    return a0__json_number(claims->document, name, &value) == A0__FOUND ? value
                                                                        : otherwise;
}

int64_t
a0__claims_auth_time(const a0__claims *claims)
{
    return a0__claims_i64(claims, "auth_time", 0);
}

bool
a0__claims_email_verified(const a0__claims *claims)
{
    bool email_verified = false;

    return a0__json_bool(claims->document, "email_verified", &email_verified) ==
               A0__FOUND &&
           email_verified;
}

const a0__json *
a0__claims_document(const a0__claims *claims)
{
    return claims->document;
}

/* ---- what is kept of them [IDT-28] ---- */

typedef enum shape {
    TEXT,
    NUMBER,
    BOOLEAN,
    TIME, /* a number; Auth0 writes updated_at as text */
    OBJECT,
    TEXTS /* an array of text */
} shape;

/* OIDC Core §2 and §5.1, with those of Auth0; a claim that is not here may have any
 * shape. */
static const struct {
    const char *name;
    shape shape;
} standard[] = {
    { "name", TEXT },
    { "given_name", TEXT },
    { "family_name", TEXT },
    { "middle_name", TEXT },
    { "nickname", TEXT },
    { "preferred_username", TEXT },
    { "profile", TEXT },
    { "picture", TEXT },
    { "website", TEXT },
    { "email", TEXT },
    { "email_verified", BOOLEAN },
    { "gender", TEXT },
    { "birthdate", TEXT },
    { "zoneinfo", TEXT },
    { "locale", TEXT },
    { "phone_number", TEXT },
    { "phone_number_verified", BOOLEAN },
    { "address", OBJECT },
    { "updated_at", TIME },
    { "auth_time", NUMBER },
    { "acr", TEXT },
    { "amr", TEXTS },
    { "org_id", TEXT },
    { "org_name", TEXT },
};

/* They say which sign-in this is; all are short, or were held against our own. */
static const char *const never_dropped[] = {
    "iss", "sub", "aud", "azp", "sid", "auth_time", "nonce", "org_id",
};

static bool
is_plain_text(const a0__json *value)
{
    a0__text text = A0__NO_TEXT;

    return a0__json_text_of(value, &text) && a0__text_has_no_controls(text);
}

static bool
is_array_of_text(const a0__json *value)
{
    if (!a0__json_is_array(value)) {
        return false;
    }
    for (size_t i = 0; i < a0__json_len(value); i++) {
        if (!is_plain_text(a0__json_at(value, i))) {
            return false;
        }
    }
    return true;
}

static bool
is_number(const a0__json *value)
{
    a0__json_type type = a0__json_type_of(value);

    return type == A0__JSON_INTEGER || type == A0__JSON_REAL;
}

static bool
has_shape(const a0__json *value, shape expected)
{
    switch (expected) {
    case TEXT:
        return is_plain_text(value);
    case NUMBER:
        return is_number(value);
    case BOOLEAN:
        return a0__json_type_of(value) == A0__JSON_BOOL;
    case TIME:
        return is_number(value) || is_plain_text(value);
    case OBJECT:
        return a0__json_is_object(value);
    case TEXTS:
        return is_array_of_text(value);
    }
    return false;
}

static bool
is_acceptable(a0__text name, const a0__json *value)
{
    if (!a0__text_has_no_controls(name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
        if (a0__text_is(name, standard[i].name)) {
            return has_shape(value, standard[i].shape);
        }
    }
    return true;
}

static bool
is_never_dropped(a0__text name)
{
    for (size_t i = 0; i < sizeof never_dropped / sizeof never_dropped[0]; i++) {
        if (a0__text_is(name, never_dropped[i])) {
            return true;
        }
    }
    return false;
}

typedef struct entry {
    a0__text name;
    const a0__json *value;
    size_t bytes; /* of "name":value, */
    bool is_kept;
} entry;

typedef struct selection {
    entry *entries;
    size_t len;
    size_t bytes; /* of the object */
    a0__claim_dropped dropped;
    void *self;
    a0_status status;
    a0_error **err;
} selection;

static void
drop(selection *s, entry *e)
{
    e->is_kept = false;
    s->bytes -= e->bytes;
    if (s->dropped != NULL) {
        s->dropped(s->self, e->name);
    }
}

static a0_status
measure(entry *e, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(CLAIM_MAX);
    a0__json_writer w = a0__json_writer_on(&text);

    a0__json_name_text(&w, e->name);
    a0__json_value_node(&w, e->value);
    A0_TRY(a0__buf_check(&text, err));
    e->bytes = text.len + 1;
    return A0_OK;
}

static bool
select_member(void *self, a0__text name, const a0__json *value)
{
    selection *s = self;
    entry *e = &s->entries[s->len];

    *e = (entry){ .name = name, .value = value, .is_kept = true };
    s->len++;
    s->status = measure(e, s->err);
    s->bytes += e->bytes;
    if (!is_acceptable(name, value)) {
        drop(s, e);
    }
    return s->status == A0_OK;
}

/* The largest that may go; of two that are equal the later one. */
static entry *
next_to_drop(selection *s)
{
    entry *largest = NULL;

    for (size_t i = 0; i < s->len; i++) {
        entry *e = &s->entries[i];

        if (e->is_kept && !is_never_dropped(e->name) &&
            (largest == NULL || e->bytes >= largest->bytes)) {
            largest = e;
        }
    }
    return largest;
}

static a0_status
choose_and_write(selection *s, const a0__json *document, a0__buf *out, a0_error **err)
{
    a0__json_writer w = a0__json_writer_on(out);

    a0__json_each(document, select_member, s);
    A0_TRY(s->status);
    while (s->bytes > A0__USERINFO_MAX) {
        entry *e = next_to_drop(s);

        if (e == NULL) {
            return a0__fail_about(err, A0_E_idt_claim_invalid, "aud");
        }
        drop(s, e);
    }
    a0__json_open(&w, '{');
    for (size_t i = 0; i < s->len; i++) {
        if (s->entries[i].is_kept) {
            a0__json_name_text(&w, s->entries[i].name);
            a0__json_value_node(&w, s->entries[i].value);
        }
    }
    a0__json_close(&w, '}');
    return a0__buf_check(out, err);
}

a0_status
a0__claims_userinfo(const a0__claims *claims, a0__claim_dropped dropped, void *self,
                    a0__buf *out, a0_error **err)
{
    selection s = { .bytes = 2, .dropped = dropped, .self = self, .err = err };
    a0_status status = A0_OK;

    s.entries = a0__calloc(a0__json_len(claims->document) + 1, sizeof *s.entries);
    A0_ENSURE(s.entries != NULL, err, no_memory);
    status = choose_and_write(&s, claims->document, out, err);
    a0__free(s.entries);
    return status;
}
