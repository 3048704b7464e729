/* SPDX-License-Identifier: MIT */
/* The table of settings and what can be asked of it. */
#include "config/internal.h"

/* How a0_setting calls the kinds. */
#define NAME_OF_STRING "string"
#define NAME_OF_SECRET "secret"
#define NAME_OF_BOOL "bool"
#define NAME_OF_SECONDS "seconds"
#define NAME_OF_NUMBER "number"
#define NAME_OF_LIST "list"
#define NAME_OF_SECRETS "secrets"
#define NAME_OF_OBJECT "object"
#define NAME_OF_STRING_OR_LIST "string or list"

static const char *const kind_names[A0__KINDS_LEN] = {
    [A0__KIND_STRING] = NAME_OF_STRING,
    [A0__KIND_SECRET] = NAME_OF_SECRET,
    [A0__KIND_BOOL] = NAME_OF_BOOL,
    [A0__KIND_SECONDS] = NAME_OF_SECONDS,
    [A0__KIND_NUMBER] = NAME_OF_NUMBER,
    [A0__KIND_LIST] = NAME_OF_LIST,
    [A0__KIND_SECRETS] = NAME_OF_SECRETS,
    [A0__KIND_OBJECT] = NAME_OF_OBJECT,
    [A0__KIND_STRING_OR_LIST] = NAME_OF_STRING_OR_LIST,
};

enum {
    OPTIONAL = 0,
    REQUIRED = 1
};

#define X(setting, type, needed, initial, lowest, highest, words, setter, member,      \
          hint, sentence)                                                              \
    { .shown = { #setting, NAME_OF_##type, initial, sentence },                        \
      .kind = A0__KIND_##type,                                                         \
      .required = (needed) == REQUIRED,                                                \
      .low = (lowest),                                                                 \
      .high = (highest),                                                               \
      .choices = (words),                                                              \
      .write = (hint),                                                                 \
      .set = a0__set_##setter,                                                         \
      .field = offsetof(a0__settings, member) },
const a0__row a0__rows[] = {
#include "config/table.def"
};
#undef X

size_t
a0__rows_len(void)
{
    return sizeof a0__rows / sizeof a0__rows[0];
}

bool
a0__kind_of_name(const char *name, a0__kind *out_kind)
{
    for (size_t i = 0; i < A0__KINDS_LEN; i++) {
        if (a0__text_is(a0__text_of(name), kind_names[i])) {
            *out_kind = (a0__kind)i;
            return true;
        }
    }
    return false;
}

bool
a0__kind_is_secret(a0__kind kind)
{
    return kind == A0__KIND_SECRET || kind == A0__KIND_SECRETS;
}

bool
a0__choice_find(const char *choices, a0__text word, unsigned *out_place)
{
    a0__text rest = a0__text_of(choices);
    a0__text choice = A0__NO_TEXT;

    for (unsigned place = 0; a0__text_next(&rest, '|', &choice); place++) {
        if (a0__text_equal(choice, word)) {
            *out_place = place;
            return true;
        }
    }
    return false;
}

size_t
a0_settings_len(void)
{
    return a0__rows_len();
}

const a0_setting *
a0_settings(size_t i)
{
    return i < a0__rows_len() ? &a0__rows[i].shown : NULL;
}
