/* SPDX-License-Identifier: MIT */
#include "session/signed_record.h"

#include <string.h>

#include "base/pack.h"

enum {
    VERSION = 1
};

typedef struct member {
    a0__text name;
    const a0__json *value;
} member;

/* The members but `mac`, by name: a store may give them back in another order. */
typedef struct members {
    member items[A0__SIGNED_MEMBERS_MAX];
    size_t len;
    bool are_too_many;
} members;

static bool
stands_before(a0__text a, a0__text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.ptr, b.ptr, shorter);

    return order != 0 ? order < 0 : a.len < b.len;
}

static bool
take_member(void *self, a0__text name, const a0__json *value)
{
    members *m = self;
    size_t at = m->len;

    if (a0__text_is(name, "mac")) {
        return true;
    }
    m->are_too_many = m->len == A0__SIGNED_MEMBERS_MAX;
    if (m->are_too_many) {
        return false;
    }
    for (; at > 0 && stands_before(name, m->items[at - 1].name); at--) {
        m->items[at] = m->items[at - 1];
    }
    m->items[at] = (member){ name, value };
    m->len++;
    return true;
}

static a0_status
pack(const char *issuer, const a0_record *record, const members *m, a0__buf *out,
     a0_error **err)
{
    a0__pack_i64(out, VERSION);
    a0__pack_string(out, issuer);
    a0__pack_i64(out, record->kind);
    a0__pack_string(out, record->key);
    a0__pack_string(out, record->user_id);
    for (size_t i = 0; i < m->len; i++) {
        A0_AUTO(a0__buf) value = A0__BUF_INIT(A0_RECORD_DATA_MAX);
        a0__json_writer w = a0__json_writer_on(&value);

        a0__json_value_node(&w, m->items[i].value);
        A0_TRY(a0__buf_check(&value, err));
        a0__pack_text(out, m->items[i].name);
        a0__pack_text(out, a0__buf_view(&value));
    }
    return a0__buf_check(out, err);
}

a0_status
a0__signed_record_write(const a0__keyring *keyring, const char *issuer,
                        const a0_record *record, a0__text object, a0__buf *out,
                        a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__buf) packed = A0__BUF_INIT(2 * A0_RECORD_DATA_MAX);
    members m = { .len = 0 };

    A0_TRY(a0__json_parse_large(object, &document, err));
    A0_ENSURE(a0__json_is_object(document), err, internal);
    a0__json_each(document, take_member, &m);
    A0_ENSURE(!m.are_too_many && m.len > 0, err, internal);
    A0_TRY(pack(issuer, record, &m, &packed, err));
    a0__buf_bytes(out, object.ptr, object.len - 1);
    a0__buf_string(out, ",\"mac\":\"");
    A0_TRY(a0__mac(keyring, a0__buf_view(&packed), out, err));
    a0__buf_string(out, "\"}");
    return a0__buf_check(out, err);
}

a0_status
a0__signed_record_read(const a0__keyring *keyring, const char *issuer,
                       const a0_record *record, a0__json **out_object, bool *out_holds,
                       a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__buf) packed = A0__BUF_INIT(2 * A0_RECORD_DATA_MAX);
    members m = { .len = 0 };
    a0__text mac = A0__NO_TEXT;

    *out_holds = false;
    A0_TRY(a0__json_parse_large(a0__text_range(record->data, record->data_len),
                                &document, err));
    if (!a0__json_is_object(document)) {
        return A0_OK;
    }
    a0__json_each(document, take_member, &m);
    (void)a0__json_text(document, "mac", &mac);
    if (!m.are_too_many) {
        A0_TRY(pack(issuer, record, &m, &packed, err));
        A0_TRY(a0__mac_check(keyring, a0__buf_view(&packed), mac, out_holds, err));
    }
    *out_object = a0__steal(&document);
    return A0_OK;
}
