/* SPDX-License-Identifier: MIT */
/*
 * How a configuration is kept between reading and checking: one slot per setting with
 * the value as canonical text, or the fault found while reading it.
 */
#ifndef A0_CONFIG_INTERNAL_H
#define A0_CONFIG_INTERNAL_H

#include "base/buf.h"
#include "config/settings.h"
#include "json/json.h"

enum {
    /* A configuration file or a secret's file larger than this is a mistake. */
    A0__CONFIG_FILE_MAX = 1024 * 1024,
    A0__CONFIG_TEXT_MAX = 64 * 1024
};

typedef enum a0__kind {
    A0__KIND_STRING,
    A0__KIND_SECRET,
    A0__KIND_BOOL,
    A0__KIND_SECONDS,
    A0__KIND_NUMBER,
    A0__KIND_LIST,
    A0__KIND_SECRETS,
    A0__KIND_OBJECT,
    A0__KIND_STRING_OR_LIST,
    A0__KINDS_LEN
} a0__kind;

typedef struct a0__row a0__row;
typedef struct a0__build a0__build;

/* Puts a value, canonical text of the row's kind, into the settings; a value that does
 * not do is a fault (a0__blame) and A0_OK. */
typedef a0_status a0__setter(a0__build *build, const a0__row *row, a0__text value,
                             void *field);

struct a0__row {
    a0_setting shown;
    a0__kind kind;
    bool required;
    int64_t low;
    int64_t high;
    const char *choices;
    const char *write;
    a0__setter *set; /* NULL: a setting that a program declared */
    size_t field;
};

extern const a0__row a0__rows[];
size_t a0__rows_len(void);
bool a0__kind_of_name(const char *name, a0__kind *out_kind);
bool a0__kind_is_secret(a0__kind kind);
/* Whether `word` is one of the choices; gives its place among them. */
bool a0__choice_find(const char *choices, a0__text word, unsigned *out_place);

typedef struct a0__slot {
    a0__row row;
    bool is_set;
    a0__secret value;  /* wiped whatever it is: people mistake fields */
    a0__strings items; /* of a list, for a0_config_own_item */
    char *place;       /* "a0.json line 7", "A0_CLIENT_ID"; NULL: a0_config_set */
    char *fault;       /* found while reading, a whole line */
} a0__slot;

struct a0_config {
    a0__slot *slots;
    size_t len;
    a0__strings strangers; /* faults about names that are no settings */
    a0__strings faults;    /* of the last check */
};

a0__slot *a0__config_slot(const a0_config *config, a0__text name);
/* The value of a slot, or its default; ptr is NULL when it has neither. */
a0__text a0__slot_value(const a0__slot *slot);

/* Appends "name: problem; write … (place)" to a list. */
A0_MUST_USE a0_status a0__fault_add(a0__strings *faults, const a0__row *row,
                                    const char *problem, const char *place,
                                    a0_error **err);
A0_MUST_USE a0_status a0__strings_add(a0__strings *strings, a0__text text,
                                      a0_error **err);
void a0__strings_clear(a0__strings *strings);

/* Readers: the value replaces what the slot had; a fault is kept in the slot. */
A0_MUST_USE a0_status a0__slot_read_node(a0__slot *slot, const a0__json *node,
                                         const char *place, a0_error **err);
A0_MUST_USE a0_status a0__slot_read_text(a0__slot *slot, a0__text text,
                                         const char *place, a0_error **err);
A0_MUST_USE a0_status a0__slot_refuse(a0__slot *slot, const char *problem,
                                      const char *place, a0_error **err);

/* The line on which a member of the outermost object stands; 0 when not found. */
size_t a0__json_line_of(a0__text json, a0__text name);

/* What setters work with: where to put values and where to put faults. */
struct a0__build {
    a0__settings *settings;
    a0_config *config;
    a0_error **err;
};

A0_MUST_USE a0_status a0__blame(a0__build *build, const char *name,
                                const char *problem);

/* A domain in pieces: "https" and "acme.eu.auth0.com", lower case. */
typedef struct a0__domain {
    char *authority;
    char *base_url;
} a0__domain;

/* out->authority stays NULL when the text is no acceptable domain [HTTP-08]. */
A0_MUST_USE a0_status a0__domain_read(a0__text text, a0__domain *out, a0_error **err);
void a0__domain_auto(a0__domain *domain);

#define X(name, kind, needed, initial, low, high, choices, setter, field, write, text) \
    a0__setter a0__set_##setter;
#include "config/table.def"
#undef X

#endif
