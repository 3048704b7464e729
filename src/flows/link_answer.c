/* SPDX-License-Identifier: MIT */
#include "flows/link_answer.h"

struct a0_link_answer {
    char *json;
    a0__json *document;
};

void
a0_link_answer_free(a0_link_answer *answer)
{
    if (answer != NULL) {
        a0__free(answer->json);
        a0__json_free(answer->document);
        a0__free(answer);
    }
}

typedef a0_link_answer *answer_ptr;

static void
answer_ptr_auto(answer_ptr *answer)
{
    a0_link_answer_free(*answer);
}

a0_status
a0__link_answer_new(a0__buf *json, a0_link_answer **out_answer, a0_error **err)
{
    A0_AUTO(answer_ptr) answer = a0__calloc(1, sizeof *answer);

    A0_ENSURE(answer != NULL, err, no_memory);
    A0_TRY(a0__buf_check(json, err));
    A0_TRY(a0__json_parse_large(a0__buf_view(json), &answer->document, err));
    A0_ENSURE(answer->document != NULL, err, internal);
    answer->json = a0__buf_take(json);
    *out_answer = a0__steal(&answer);
    return A0_OK;
}

const char *
a0_link_answer_json(const a0_link_answer *answer)
{
    return answer->json;
}

static bool
flag(const a0_link_answer *answer, const char *name)
{
    bool value = false;

    return a0__json_bool(answer->document, name, &value) == A0__FOUND && value;
}

static const char *
string(const a0_link_answer *answer, const char *name)
{
    a0__text value = A0__NO_TEXT;

    (void)a0__json_text(answer->document, name, &value);
    return value.ptr;
}

bool
a0_link_answer_is_pending(const a0_link_answer *answer)
{
    return flag(answer, "is_pending_account_linking");
}

bool
a0_link_answer_is_linked(const a0_link_answer *answer)
{
    return flag(answer, "is_account_linked");
}

const char *
a0_link_answer_refused(const a0_link_answer *answer)
{
    return string(answer, "refused");
}

int
a0_link_answer_rule(const a0_link_answer *answer)
{
    int64_t rule = 0;

    (void)a0__json_i64(answer->document, "rule", &rule);
    return (int)rule;
}

const char *
a0_link_answer_primary_user_id(const a0_link_answer *answer)
{
    return string(answer, "primary_user_id");
}

bool
a0_link_answer_is_reauthentication_required(const a0_link_answer *answer)
{
    return flag(answer, "reauthentication_required");
}

bool
a0_link_answer_is_success(const a0_link_answer *answer)
{
    return flag(answer, "success");
}

bool
a0_link_answer_is_different_account(const a0_link_answer *answer)
{
    return flag(answer, "used_different_account");
}
