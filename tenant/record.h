/* SPDX-License-Identifier: MIT */
/*
 * Records described by tables: one description of a struct gives its defaults, its
 * JSON (seed, state file and control API alike) and its end.
 */
#ifndef A0_TENANT_RECORD_H
#define A0_TENANT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keep.h"

typedef enum a0__field_type {
    A0__FIELD_STRING,  /* char *, never NULL */
    A0__FIELD_SECRET,  /* the same, kept out of what the control API shows */
    A0__FIELD_BOOLEAN, /* bool */
    A0__FIELD_INTEGER, /* int64_t */
    A0__FIELD_LIST,    /* a0__list: strings */
    A0__FIELD_ANY,     /* char *: the text of any JSON value */
    A0__FIELD_RECORDS  /* a0__records of another shape */
} a0__field_type;

typedef struct a0__shape a0__shape;

typedef struct a0__field {
    const char *name;
    a0__field_type type;
    size_t offset;
    const char *fallback;   /* as text; NULL for empty, false, 0 */
    const char *words;      /* a STRING is one of them; NULL: any text */
    const a0__shape *shape; /* of A0__FIELD_RECORDS */
} a0__field;

enum {
    /* One free-form member, such as user_metadata. */
    A0__ANY_MAX = 256 * 1024
};

/* Far beyond any time or count, and a sum of some of them still fits. */
#define A0__INTEGER_MAX INT64_C(1000000000000)

/* The first field is the key of records that stand in a table. */
struct a0__shape {
    const char *name;
    size_t size;
    const a0__field *fields;
    size_t len;
};

/* An array of structs of one shape. */
typedef struct a0__records {
    void *items;
    size_t len;
} a0__records;

/* Appends an empty record with its defaults. */
void *a0__records_add(a0__records *records, const a0__shape *shape);
void a0__records_remove(a0__records *records, const a0__shape *shape, size_t i);
void a0__records_clear(a0__records *records, const a0__shape *shape);
void *a0__records_at(const a0__records *records, const a0__shape *shape, size_t i);

void a0__record_init(const a0__shape *shape, void *record);
void a0__record_clear(const a0__shape *shape, void *record);
const char *a0__record_key(const a0__shape *shape, const void *record);

/* Takes over the members that are there. False: *out_fault says which one is wrong
 * and what it must be. */
bool a0__record_read(const a0__shape *shape, const a0__json *object, void *record,
                     a0__buf *out_fault);
void a0__record_write(const a0__shape *shape, const void *record, bool with_secrets,
                      a0__json_writer *w);

#endif
