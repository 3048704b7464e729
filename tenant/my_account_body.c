/* SPDX-License-Identifier: MIT */
#include "my_account_body.h"

enum {
    SCOPES_MAX = 100,
    SCOPE_MAX = 255,
    NAME_SHOWN_MAX = 64
};

typedef enum kind {
    TEXT,
    WORDS, /* a list of texts */
    OBJECT,
    SCALAR
} kind;

typedef struct rule {
    const char *name;
    kind kind;
    size_t min; /* of a text */
    size_t max;
    bool is_required;
} rule;

/* Wire §19.1 */
static const rule connect_rules[] = {
    { "connection", TEXT, 1, 128, true },
    { "redirect_uri", TEXT, 1, 2048, true },
    { "state", TEXT, 1, 4096, false },
    { "code_challenge", TEXT, 43, 128, false },
    { "code_challenge_method", TEXT, 4, 4, false },
    { "scopes", WORDS, 0, 0, false },
    { "authorization_params", OBJECT, 0, 0, false },
};

static const rule authorization_rules[] = {
    { "acr_values", SCALAR, 0, 0, false },    { "audience", SCALAR, 0, 0, false },
    { "resource", SCALAR, 0, 0, false },      { "display", SCALAR, 0, 0, false },
    { "id_token_hint", SCALAR, 0, 0, false }, { "login_hint", TEXT, 0, 255, false },
    { "max_age", SCALAR, 0, 0, false },       { "prompt", SCALAR, 0, 0, false },
    { "ui_locales", SCALAR, 0, 0, false },
};

/* Wire §19.3 */
static const rule complete_rules[] = {
    { "auth_session", TEXT, 1, 64, true },
    { "connect_code", TEXT, 1, 46, true },
    { "redirect_uri", TEXT, 1, 2048, true },
    { "code_verifier", TEXT, 43, 128, false },
};

#define LEN(rules) (sizeof(rules) / sizeof(rules)[0])

typedef struct checking {
    a0__exchange *x;
    const rule *rules;
    size_t len;
    a0_status status;
} checking;

static bool
is_words(const a0__json *value)
{
    size_t len = a0__json_len(value);

    if (!a0__json_is_array(value) || len < 1 || len > SCOPES_MAX) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        a0__text word = A0__NO_TEXT;

        if (!a0__json_text_of(a0__json_at(value, i), &word) || word.len < 1 ||
            word.len > SCOPE_MAX) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            a0__text other = A0__NO_TEXT;

            (void)a0__json_text_of(a0__json_at(value, j), &other);
            if (a0__text_equal(word, other)) {
                return false;
            }
        }
    }
    return true;
}

static bool
fits(const rule *r, const a0__json *value)
{
    a0__text text = A0__NO_TEXT;

    switch (r->kind) {
    case TEXT:
        return a0__json_text_of(value, &text) && text.len >= r->min &&
               text.len <= r->max;
    case WORDS:
        return is_words(value);
    case OBJECT:
        return a0__json_is_object(value);
    case SCALAR:
        break;
    }
    return !a0__json_is_array(value) && !a0__json_is_object(value);
}

static bool
check_member(void *self, a0__text name, const a0__json *value)
{
    checking *c = self;
    int shown = name.len < NAME_SHOWN_MAX ? (int)name.len : NAME_SHOWN_MAX;

    for (size_t i = 0; i < c->len; i++) {
        if (!a0__text_is(name, c->rules[i].name)) {
            continue;
        }
        if (!fits(&c->rules[i], value)) {
            c->status =
                a0__refuse(c->x, 400, "", "data/%s is not valid", c->rules[i].name);
        }
        return c->status == A0_OK;
    }
    c->status =
        a0__refuse(c->x, 400, "", "data must NOT have additional properties: '%.*s'",
                   shown, name.ptr);
    return false;
}

static a0_status
check(a0__exchange *x, const a0__json *object, const rule *rules, size_t len)
{
    checking c = { .x = x, .rules = rules, .len = len, .status = A0_OK };

    if (!a0__json_is_object(object)) {
        return a0__refuse(x, 400, "", "data must be object");
    }
    a0__json_each(object, check_member, &c);
    for (size_t i = 0; c.status == A0_OK && i < len; i++) {
        if (rules[i].is_required && a0__json_member(object, rules[i].name) == NULL) {
            return a0__refuse(x, 400, "", "data must have required property '%s'",
                              rules[i].name);
        }
    }
    return c.status;
}

a0_status
a0__connect_body_check(a0__exchange *x)
{
    const a0__json *params = a0__json_member(x->json, "authorization_params");
    bool has_challenge = a0__json_member(x->json, "code_challenge") != NULL;
    const a0__json *method = a0__json_member(x->json, "code_challenge_method");

    A0_TRY(check(x, x->json, connect_rules, LEN(connect_rules)));
    if (params != NULL) {
        A0_TRY(check(x, params, authorization_rules, LEN(authorization_rules)));
    }
    if (has_challenge != (method != NULL) ||
        (has_challenge &&
         !a0__text_is(a0__param(x, "code_challenge_method"), "S256"))) {
        return a0__refuse(x, 400, "",
                          "data/code_challenge_method must be S256, beside a "
                          "code_challenge");
    }
    return A0_OK;
}

a0_status
a0__complete_body_check(a0__exchange *x)
{
    return check(x, x->json, complete_rules, LEN(complete_rules));
}
