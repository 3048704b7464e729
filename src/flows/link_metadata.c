/* SPDX-License-Identifier: MIT */
#include "flows/link_metadata.h"

#include "auth0/user.h"
#include "link/merge.h"

enum {
    KEYS_LOGGED_MAX = 256
};

void
a0__link_metadata_auto(a0__link_metadata *metadata)
{
    a0__buf_clear(&metadata->before_user_metadata);
    a0__buf_clear(&metadata->before_app_metadata);
    a0__buf_clear(&metadata->patch_user_metadata);
    a0__buf_clear(&metadata->patch_app_metadata);
}

/* ---- reading ---- */

static a0_status
parse(a0__text json, a0__json **out, a0_error **err)
{
    *out = NULL;
    return json.len > 0 ? a0__json_parse_deep(json, out, err) : A0_OK;
}

/* An object, or NULL. */
static const a0__json *
object_member(const a0__json *document, const char *member)
{
    const a0__json *object = NULL;

    return document != NULL && a0__json_object(document, member, &object) == A0__FOUND
               ? object
               : NULL;
}

a0_status
a0__link_metadata_of(const a0_user *user, const char *member, a0__buf *out,
                     a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    const a0__json *object = NULL;

    A0_TRY(parse(a0__text_of(a0_user_json(user)), &document, err));
    object = object_member(document, member);
    if (object == NULL || a0__json_len(object) == 0) {
        return A0_OK;
    }
    return a0__json_write(object, out, err);
}

/* ---- planning a merge ---- */

static bool
is_nothing(const a0__buf *object)
{
    return object->len == 0 || a0__text_is(a0__buf_view(object), "{}");
}

/* One of the two kinds of metadata on its way. */
typedef struct side {
    const a0__json *primary;
    const a0__json *earlier_patch; /* planned before, and perhaps sent */
    const a0__json *earlier_before;
    a0__json_writer writer;
    const a0__json *newer; /* has the last word on a key */
} side;

static bool
put_unless_newer(void *self, a0__text name, const a0__json *value)
{
    side *s = self;

    if (a0__json_member(s->newer, name.ptr) == NULL) {
        a0__json_name_text(&s->writer, name);
        a0__json_value_node(&s->writer, value);
    }
    return true;
}

static bool
put_member(void *self, a0__text name, const a0__json *value)
{
    side *s = self;

    a0__json_name_text(&s->writer, name);
    a0__json_value_node(&s->writer, value);
    return true;
}

/* What the primary has under the keys that change. */
static bool
put_before(void *self, a0__text name, const a0__json *value)
{
    side *s = self;
    const a0__json *before =
        s->primary != NULL ? a0__json_member(s->primary, name.ptr) : NULL;

    (void)value;
    if (before != NULL) {
        a0__json_name_text(&s->writer, name);
        a0__json_value_node(&s->writer, before);
    }
    return true;
}

/* Writes {earlier members without those of the patch, then `each` of the patch}. */
static a0_status
join(side *s, const a0__json *earlier, const a0__json *patch,
     bool (*each)(void *self, a0__text name, const a0__json *value), a0__buf *out,
     a0_error **err)
{
    s->writer = a0__json_writer_on(out);
    s->newer = patch;
    a0__json_open(&s->writer, '{');
    if (earlier != NULL) {
        a0__json_each(earlier, put_unless_newer, s);
    }
    a0__json_each(patch, each, s);
    a0__json_close(&s->writer, '}');
    A0_TRY(a0__buf_check(out, err));
    if (is_nothing(out)) {
        a0__buf_reset(out);
    }
    return A0_OK;
}

static a0_status
plan_side(side *s, a0__text secondary, a0__merge_keys keys, const char *name,
          a0__log log, a0__buf *out_before, a0__buf *out_patch, bool *out_changes,
          a0_error **err)
{
    A0_AUTO(a0__json_doc) snapshot = NULL;
    A0_AUTO(a0__json_doc) patch = NULL;
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__LINK_JOURNAL_MAX);
    bool valid = false;

    A0_TRY(parse(secondary, &snapshot, err));
    if (snapshot == NULL) {
        return A0_OK;
    }
    A0_TRY(a0__merge_patch(s->primary, snapshot, keys, &text, &valid, err));
    if (!valid) {
        A0__LOG(log, A0_LOG_ERROR, "link.metadata_not_merged",
                A0__FIELD_TEXT("metadata", name));
        /* What was planned before it grew may have been sent, and is to be undone. */
        a0__buf_reset(&text);
        a0__buf_string(&text, "{}");
    }
    A0_TRY(parse(a0__buf_view(&text), &patch, err));
    A0_ENSURE(a0__json_is_object(patch), err, internal);
    *out_changes = *out_changes || a0__json_len(patch) > 0;
    A0_TRY(join(s, s->earlier_before, patch, put_before, out_before, err));
    return join(s, s->earlier_patch, patch, put_member, out_patch, err);
}

/* LINK-16: roles and flags kept there travel with a link, as keys of their own or as
 * items of a list, so who gains some is told: under how many keys, and the names that
 * there is room for. */
typedef struct gained {
    a0__buf keys;
    int64_t len;
} gained;

static bool
note_gained(void *self, a0__text name, const a0__json *value)
{
    gained *g = self;

    (void)value;
    g->len++;
    if (g->keys.len + 1 + name.len <= KEYS_LOGGED_MAX) {
        a0__buf_string(&g->keys, g->keys.len > 0 ? " " : "");
        a0__buf_text(&g->keys, name);
    }
    return true;
}

static void
log_gained(const a0_client *client, const a0__link_metadata *metadata)
{
    A0_AUTO(a0__json_doc) patch = NULL;
    gained g = { .keys = A0__BUF_INIT(KEYS_LOGGED_MAX) };

    if (parse(a0__buf_view(&metadata->patch_app_metadata), &patch, NULL) == A0_OK &&
        patch != NULL) {
        a0__json_each(patch, note_gained, &g);
    }
    if (g.len > 0) {
        A0__LOG(client->log, A0_LOG_WARN, "link.app_metadata_gained",
                A0__FIELD_FOREIGN("keys", a0__buf_cstr(&g.keys)),
                A0__FIELD_NUMBER("gained", g.len));
    }
    a0__buf_clear(&g.keys);
}

static a0_status
plan_app_metadata(a0_client *client, const a0__link_journal *journal, side *s,
                  a0__link_metadata *out, bool *out_changes, a0_error **err)
{
    const a0__settings *settings = client->settings;
    a0__merge_keys keys = { 0 };

    if (settings->app_metadata_merge == A0__MERGE_NOTHING) {
        return A0_OK;
    }
    if (settings->app_metadata_merge == A0__MERGE_KEYS) {
        keys = (a0__merge_keys){ settings->app_metadata_keys.items,
                                 settings->app_metadata_keys.len };
    }
    A0_TRY(plan_side(s, journal->app_metadata, keys, "app_metadata", client->log,
                     &out->before_app_metadata, &out->patch_app_metadata, out_changes,
                     err));
    if (settings->app_metadata_merge == A0__MERGE_ALL) {
        log_gained(client, out);
    }
    return A0_OK;
}

a0_status
a0__link_metadata_plan(a0_client *client, const a0__link_journal *journal,
                       const a0_user *primary, a0__link_metadata *out,
                       bool *out_changes, a0_error **err)
{
    A0_AUTO(a0__json_doc) profile = NULL;
    A0_AUTO(a0__json_doc) user_patch = NULL;
    A0_AUTO(a0__json_doc) user_before = NULL;
    A0_AUTO(a0__json_doc) app_patch = NULL;
    A0_AUTO(a0__json_doc) app_before = NULL;
    side user = { .primary = NULL };
    side app = { .primary = NULL };

    *out_changes = false;
    A0_TRY(parse(a0__text_of(a0_user_json(primary)), &profile, err));
    A0_TRY(parse(journal->patch_user_metadata, &user_patch, err));
    A0_TRY(parse(journal->before_user_metadata, &user_before, err));
    A0_TRY(parse(journal->patch_app_metadata, &app_patch, err));
    A0_TRY(parse(journal->before_app_metadata, &app_before, err));
    user.primary = object_member(profile, "user_metadata");
    user.earlier_patch = user_patch;
    user.earlier_before = user_before;
    app.primary = object_member(profile, "app_metadata");
    app.earlier_patch = app_patch;
    app.earlier_before = app_before;
    A0_TRY(plan_side(&user, journal->user_metadata, (a0__merge_keys){ 0 },
                     "user_metadata", client->log, &out->before_user_metadata,
                     &out->patch_user_metadata, out_changes, err));
    return plan_app_metadata(client, journal, &app, out, out_changes, err);
}

void
a0__link_metadata_take(const a0__link_metadata *metadata, a0__link_journal *journal)
{
    journal->before_user_metadata = a0__buf_view(&metadata->before_user_metadata);
    journal->before_app_metadata = a0__buf_view(&metadata->before_app_metadata);
    journal->patch_user_metadata = a0__buf_view(&metadata->patch_user_metadata);
    journal->patch_app_metadata = a0__buf_view(&metadata->patch_app_metadata);
}

/* ---- taking it back ---- */

static a0_status
undo_side(a0__text before, a0__text patch, const a0__json *now, a0__buf *out,
          a0_error **err)
{
    A0_AUTO(a0__json_doc) before_document = NULL;
    A0_AUTO(a0__json_doc) patch_document = NULL;

    A0_TRY(parse(before, &before_document, err));
    A0_TRY(parse(patch, &patch_document, err));
    if (patch_document == NULL) {
        return A0_OK;
    }
    return a0__merge_undo_patch(before_document, patch_document, now, out, err);
}

a0_status
a0__link_metadata_undo(const a0__link_journal *journal, const a0_user *primary,
                       a0__buf *out, bool *out_changes, a0_error **err)
{
    A0_AUTO(a0__json_doc) profile = NULL;
    /* What grew since stays, however large: else the undo would never come to an end.
     */
    A0_AUTO(a0__buf) user = A0__BUF_INIT(A0__PROFILE_MAX);
    A0_AUTO(a0__buf) app = A0__BUF_INIT(A0__PROFILE_MAX);

    A0_TRY(parse(a0__text_of(a0_user_json(primary)), &profile, err));
    A0_TRY(undo_side(journal->before_user_metadata, journal->patch_user_metadata,
                     object_member(profile, "user_metadata"), &user, err));
    A0_TRY(undo_side(journal->before_app_metadata, journal->patch_app_metadata,
                     object_member(profile, "app_metadata"), &app, err));
    *out_changes = !is_nothing(&user) || !is_nothing(&app);
    a0__link_metadata_body(is_nothing(&user) ? A0__NO_TEXT : a0__buf_view(&user),
                           is_nothing(&app) ? A0__NO_TEXT : a0__buf_view(&app), out);
    return a0__buf_check(out, err);
}

void
a0__link_metadata_body(a0__text user_metadata, a0__text app_metadata, a0__buf *out)
{
    a0__json_writer w = a0__json_writer_on(out);

    a0__json_open(&w, '{');
    if (user_metadata.len > 0) {
        a0__json_name(&w, "user_metadata");
        a0__json_value_raw(&w, user_metadata);
    }
    if (app_metadata.len > 0) {
        a0__json_name(&w, "app_metadata");
        a0__json_value_raw(&w, app_metadata);
    }
    a0__json_close(&w, '}');
}
