/* SPDX-License-Identifier: MIT */
/*
 * Strict JSON (RFC 8259): no duplicate names, no NUL in strings, no trailing text, and
 * the limits of security-cases §0.3 checked before anything is built. Nodes are
 * borrowed from the document they stand in. Only this folder knows the library.
 */
#ifndef A0_JSON_JSON_H
#define A0_JSON_JSON_H

#include "base/buf.h"
#include "base/mem.h"

typedef struct a0__json a0__json;

enum {
    A0__JSON_DEPTH_MAX = 16,
    A0__JSON_DEEP_MAX = 32,
    A0__JSON_MEMBERS_MAX = 512,
    A0__JSON_NUMBER_MAX = 32
};

/*
 * *out_document is NULL when the text is not acceptable JSON; that is A0_OK, because
 * the caller knows which error it means. Statuses: no_memory.
 */
A0_MUST_USE a0_status a0__json_parse(a0__text text, a0__json **out_document,
                                     a0_error **err);
/* The same for our own, larger files (seed of the tenant): no limit on members. */
A0_MUST_USE a0_status a0__json_parse_large(a0__text text, a0__json **out_document,
                                           a0_error **err);
/* The same for profiles of users and what is in them: an application may nest metadata
 * as deep as merging goes [LINK-16], and a little deeper does not hide the person. */
A0_MUST_USE a0_status a0__json_parse_deep(a0__text text, a0__json **out_document,
                                          a0_error **err);
/* For who has to mend a file by hand: the line where a text is no acceptable JSON, from
 * 1; 0 when it is, whatever its size. */
size_t a0__json_line_of_fault(a0__text text);
/* Wipes every string of the document. */
void a0__json_free(a0__json *document);

typedef a0__json *a0__json_doc;
void a0__json_doc_auto(a0__json_doc *document);

typedef enum a0__json_type {
    A0__JSON_NULL,
    A0__JSON_BOOL,
    A0__JSON_INTEGER,
    A0__JSON_REAL,
    A0__JSON_STRING,
    A0__JSON_ARRAY,
    A0__JSON_OBJECT
} a0__json_type;

a0__json_type a0__json_type_of(const a0__json *node);
bool a0__json_is_object(const a0__json *node); /* false on NULL */
bool a0__json_is_array(const a0__json *node);

/* A member, or NULL; a null literal is a node. */
const a0__json *a0__json_member(const a0__json *object, const char *name);

/* Absent, there, or there with another type (null included). */
typedef enum a0__found {
    A0__ABSENT,
    A0__FOUND,
    A0__MISTYPED
} a0__found;

a0__found a0__json_text(const a0__json *object, const char *name, a0__text *out);
a0__found a0__json_i64(const a0__json *object, const char *name, int64_t *out);
/* Integer, or a real that is floored; MISTYPED outside ±2^53. */
a0__found a0__json_number(const a0__json *object, const char *name, int64_t *out);
a0__found a0__json_bool(const a0__json *object, const char *name, bool *out);
a0__found a0__json_array(const a0__json *object, const char *name,
                         const a0__json **out);
a0__found a0__json_object(const a0__json *object, const char *name,
                          const a0__json **out);

/* The value of a node itself; false on another type. */
bool a0__json_text_of(const a0__json *node, a0__text *out);
bool a0__json_i64_of(const a0__json *node, int64_t *out);
bool a0__json_bool_of(const a0__json *node, bool *out);

size_t a0__json_len(const a0__json *array_or_object);
const a0__json *a0__json_at(const a0__json *array, size_t i);

/* Calls `each` for every member in the order of the document until it returns false. */
void a0__json_each(const a0__json *object,
                   bool (*each)(void *self, a0__text name, const a0__json *value),
                   void *self);

/* Appends the compact text of a node, member order kept. */
A0_MUST_USE a0_status a0__json_write(const a0__json *node, a0__buf *out,
                                     a0_error **err);
/* The same with the members of objects in the order of their names, so that what is
 * written alike is alike. */
A0_MUST_USE a0_status a0__json_write_sorted(const a0__json *node, a0__buf *out,
                                            a0_error **err);

/*
 * A writer: commas and quotes are its business. Fails once, at a0__buf_check of the
 * buffer it writes to.
 *
 *     a0__json_writer w = a0__json_writer_on(&buf);
 *     a0__json_open(&w, '{');
 *     a0__json_name(&w, "error"); a0__json_string(&w, "invalid_grant");
 *     a0__json_close(&w, '}');
 */
typedef struct a0__json_writer {
    a0__buf *out;
    bool needs_comma;
} a0__json_writer;

a0__json_writer a0__json_writer_on(a0__buf *out);
void a0__json_open(a0__json_writer *w, char bracket);  /* '{' or '[' */
void a0__json_close(a0__json_writer *w, char bracket); /* '}' or ']' */
void a0__json_name(a0__json_writer *w, const char *name);
void a0__json_name_text(a0__json_writer *w, a0__text name);
void a0__json_value_text(a0__json_writer *w, a0__text value); /* valid UTF-8 */
void a0__json_string(a0__json_writer *w, const char *value);  /* NULL gives null */
void a0__json_value_i64(a0__json_writer *w, int64_t value);
void a0__json_value_bool(a0__json_writer *w, bool value);
void a0__json_value_null(a0__json_writer *w);
void a0__json_value_raw(a0__json_writer *w, a0__text json);
void a0__json_value_node(a0__json_writer *w, const a0__json *node);

/* name and value at once. */
void a0__json_put(a0__json_writer *w, const char *name, a0__text value);
void a0__json_put_string(a0__json_writer *w, const char *name, const char *value);
void a0__json_put_i64(a0__json_writer *w, const char *name, int64_t value);
void a0__json_put_bool(a0__json_writer *w, const char *name, bool value);

#endif
