/* SPDX-License-Identifier: MIT */
/* What the rules say of accounts that share an address, as one line. */
#include <a0/link.h>

#include <string.h>

#include "audit.h"
#include "life.h"

enum {
    ID_MAX = 256
};

/* The drawer by its name; false for none: nothing would happen to any of them. */
static bool
read_class(const a0__json *answer, audit_class *out)
{
    a0__text name = A0__NO_TEXT;

    (void)a0__json_text(answer, "class", &name);
    for (int i = 0; i < AUDIT_CLASSES_LEN; i++) {
        if (a0__text_is(name, audit_class_names[i])) {
            *out = (audit_class)i;
            return true;
        }
    }
    return false;
}

static bool
write_line(a0__text email, const char *answer, a0__buf *out, audit_class *out_class)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0__json_writer w = a0__json_writer_on(out);

    if (a0__json_parse_large(a0__text_of(answer), &document, NULL) != A0_OK) {
        return false;
    }
    if (!read_class(document, out_class)) {
        return true;
    }
    a0__json_open(&w, '{');
    a0__json_put(&w, "email", email);
    a0__json_put_string(&w, "class", audit_class_names[*out_class]);
    a0__json_name(&w, "accounts");
    a0__json_value_node(&w, a0__json_member(document, "accounts"));
    a0__json_close(&w, '}');
    return a0__buf_ok(out);
}

static a0_link_answer *
ask(a0_client *client, const a0__text *user_ids, size_t len)
{
    char ids[AUDIT_GROUP_MAX][ID_MAX] = { { 0 } };
    const char *pointers[AUDIT_GROUP_MAX] = { NULL };
    a0_link_answer *answer = NULL;
    a0_error *err = NULL;

    for (size_t i = 0; i < len; i++) {
        size_t id_len = user_ids[i].len < ID_MAX ? user_ids[i].len : ID_MAX - 1;

        memcpy(ids[i], user_ids[i].ptr, id_len);
        pointers[i] = ids[i];
    }
    if (a0_link_audit(client, pointers, len, &answer, &err) != A0_OK) {
        (void)cli_report(NULL, err);
    }
    return answer;
}

bool
audit_judge(a0_client *client, a0__text email, const a0__text *user_ids, size_t len,
            a0__buf *out, audit_class *out_class)
{
    a0_link_answer *answer = ask(client, user_ids, len);
    bool written = answer != NULL &&
                   write_line(email, a0_link_answer_json(answer), out, out_class);

    a0_link_answer_free(answer);
    return written;
}
