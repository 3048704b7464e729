/* SPDX-License-Identifier: MIT */
/* Setters of settings that are JSON objects. */
#include "config/internal.h"

/* One walk through the members of a setting's object. */
typedef struct walk {
    a0__build *build;
    const a0__row *row;
    void *field;
    const char *problem; /* the first one ends the walk */
    a0_status status;
} walk;

static a0_status
walk_members(a0__build *b, const a0__row *row, a0__text value, void *field,
             bool (*each)(void *self, a0__text name, const a0__json *value))
{
    A0_AUTO(a0__json_doc) object = NULL;
    walk w = { b, row, field, NULL, A0_OK };

    A0_TRY(a0__json_parse(value, &object, b->err));
    a0__json_each(object, each, &w);
    A0_TRY(w.status);
    return w.problem != NULL ? a0__blame(b, row->shown.name, w.problem) : A0_OK;
}

static bool
goes_on(walk *w, a0_status status)
{
    w->status = status;
    return status == A0_OK;
}

static bool
stops_at(walk *w, const char *problem)
{
    w->problem = problem;
    return false;
}

static a0_status
pairs_add(a0__pairs *pairs, a0__text name, a0__text value, a0_error **err)
{
    a0__pair pair = { a0__strndup(name.ptr, name.len),
                      a0__strndup(value.ptr, value.len) };
    a0__pair *grown = NULL;

    if (pair.name != NULL && pair.value != NULL) {
        grown = a0__realloc_array(pairs->items, pairs->len + 1, sizeof *grown);
    }
    if (grown == NULL) {
        a0__free(pair.name);
        a0__free(pair.value);
        return a0__fail(err, A0_E_no_memory);
    }
    pairs->items = grown;
    pairs->items[pairs->len++] = pair;
    return A0_OK;
}

static bool
each_name(void *self, a0__text name, const a0__json *value)
{
    walk *w = self;
    a0__text text = A0__NO_TEXT;

    if (!a0__json_text_of(value, &text) || text.len == 0) {
        return stops_at(w, "has an entry that is no text");
    }
    return goes_on(w, pairs_add(w->field, name, text, w->build->err));
}

a0_status
a0__set_names(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    return walk_members(b, row, value, field, each_name);
}

/* RFC 6749 §3.3: one word. */
static bool
is_scope_word(a0__text word)
{
    return a0__text_is_visible_ascii(word) && word.len > 0 &&
           !a0__text_contains_byte(word, '"') && !a0__text_contains_byte(word, '\\');
}

static a0_status
read_scope_list(walk *w, const a0__json *list, a0__strings *out)
{
    for (size_t i = 0; i < a0__json_len(list); i++) {
        a0__text word = A0__NO_TEXT;

        if (!a0__json_text_of(a0__json_at(list, i), &word) || !is_scope_word(word)) {
            w->problem = "has an entry that is no scope";
            return A0_OK;
        }
        A0_TRY(a0__strings_add(out, word, w->build->err));
    }
    return A0_OK;
}

/* The entry goes into the list first, so that it is freed with it whatever follows. */
static a0_status
add_scope_list(walk *w, a0__text name, const a0__json *list)
{
    a0__scope_lists *lists = w->field;
    a0__named_strings *grown =
        a0__realloc_array(lists->items, lists->len + 1, sizeof *grown);

    A0_ENSURE(grown != NULL, w->build->err, no_memory);
    lists->items = grown;
    grown[lists->len] =
        (a0__named_strings){ a0__strndup(name.ptr, name.len), { NULL, 0 } };
    A0_ENSURE(grown[lists->len].name != NULL, w->build->err, no_memory);
    lists->len++;
    return read_scope_list(w, list, &grown[lists->len - 1].strings);
}

static bool
each_scope_list(void *self, a0__text name, const a0__json *value)
{
    walk *w = self;

    if (!a0__json_is_array(value)) {
        return stops_at(w, "has an entry that is no list of scopes");
    }
    return goes_on(w, add_scope_list(w, name, value)) && w->problem == NULL;
}

a0_status
a0__set_scope_lists(a0__build *b, const a0__row *row, a0__text value, void *field)
{
    return walk_members(b, row, value, field, each_scope_list);
}

/* Words once each, "openid" always; *out_valid is false when a word is none. */
static a0_status
normalise_scope(a0__text scope, a0__buf *out, bool *out_valid, a0_error **err)
{
    a0__text word = A0__NO_TEXT;

    *out_valid = true;
    if (!a0__text_has_word(scope, A0__LIT("openid"))) {
        a0__buf_string(out, "openid");
    }
    while (a0__text_next(&scope, ' ', &word)) {
        if (word.len == 0 || a0__text_has_word(a0__buf_view(out), word)) {
            continue;
        }
        if (!is_scope_word(word)) {
            *out_valid = false;
            return A0_OK;
        }
        a0__buf_string(out, out->len > 0 ? " " : "");
        a0__buf_text(out, word);
    }
    return a0__buf_check(out, err);
}

static a0_status
read_scope(walk *w, a0__text audience, const a0__json *value)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    a0__text text = A0__NO_TEXT;
    bool valid = false;

    if (a0__json_text_of(value, &text)) {
        A0_TRY(normalise_scope(text, &scope, &valid, w->build->err));
    }
    if (!valid) {
        w->problem = "has a scope that is no text of words with spaces between them";
        return A0_OK;
    }
    if (audience.ptr != NULL) {
        return pairs_add(&w->build->settings->scopes_by_audience, audience,
                         a0__buf_view(&scope), w->build->err);
    }
    a0__free(w->build->settings->scope);
    w->build->settings->scope = a0__buf_take(&scope);
    A0_ENSURE(w->build->settings->scope != NULL, w->build->err, no_memory);
    return A0_OK;
}

static bool
each_scope(void *self, a0__text audience, const a0__json *value)
{
    walk *w = self;

    return goes_on(w, read_scope(w, audience, value)) && w->problem == NULL;
}

/* An audience that is given only here is the default one for look-ups too. */
static a0_status
read_audience(walk *w, const a0__json *value)
{
    a0__settings *settings = w->build->settings;
    a0__text audience = A0__NO_TEXT;

    if (!a0__json_text_of(value, &audience) || audience.len == 0 ||
        !a0__text_is_visible_ascii(audience)) {
        w->problem = "has an audience that is no text";
        return A0_OK;
    }
    if (settings->audience == NULL) {
        settings->audience = a0__strndup(audience.ptr, audience.len);
        A0_ENSURE(settings->audience != NULL, w->build->err, no_memory);
    }
    if (!a0__text_is(audience, settings->audience)) {
        w->problem = "names another audience than the setting audience";
    }
    return A0_OK;
}

bool
a0__param_is_reserved(a0__text name)
{
    static const char *const reserved[] = {
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "nonce",
        "code_challenge",
        "response_mode",
        "request",
        "code_challenge_method",
        "request_uri",
        "client_secret",
        "client_assertion",
        "dpop_jkt",
        "client_assertion_type",
    };

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (a0__text_equal_ignoring_case(name, a0__text_of(reserved[i]))) {
            return true;
        }
    }
    return false;
}

/* What JSON calls 0 or true goes out as "0" or "true"; null, lists and objects have no
 * text, and none is made up [AUTHZ-09]. */
static a0_status
read_param(walk *w, a0__text name, const a0__json *value)
{
    A0_AUTO(a0__buf) written = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;
    bool flag = false;

    if (a0__json_i64_of(value, &number)) {
        a0__buf_i64(&written, number);
        text = a0__buf_view(&written);
    } else if (a0__json_bool_of(value, &flag)) {
        text = flag ? A0__LIT("true") : A0__LIT("false");
    } else if (!a0__json_text_of(value, &text) || text.len == 0 ||
               !a0__text_has_no_controls(text)) {
        w->problem = "has a parameter whose value is no text";
        return A0_OK;
    }
    return pairs_add(w->field, name, text, w->build->err);
}

static bool
each_param(void *self, a0__text name, const a0__json *value)
{
    walk *w = self;

    if (a0__param_is_reserved(name)) {
        return stops_at(w, "names a parameter that the library alone sets");
    }
    if (!a0__text_is_visible_ascii(name) || name.len == 0) {
        return stops_at(w, "has a parameter without a proper name");
    }
    if (a0__text_is(name, "audience")) {
        return goes_on(w, read_audience(w, value)) && w->problem == NULL;
    }
    if (a0__text_is(name, "scope") && a0__json_is_object(value)) {
        a0__json_each(value, each_scope, w);
        return w->status == A0_OK && w->problem == NULL;
    }
    if (a0__text_is(name, "scope")) {
        return goes_on(w, read_scope(w, A0__NO_TEXT, value)) && w->problem == NULL;
    }
    return goes_on(w, read_param(w, name, value)) && w->problem == NULL;
}

a0_status
a0__set_authorization_params(a0__build *b, const a0__row *row, a0__text value,
                             void *field)
{
    return walk_members(b, row, value, field, each_param);
}
