/* SPDX-License-Identifier: MIT */
/*
 * Texts and lists of texts that the tenant keeps. Out of memory ends it: it is a tool
 * for development, and a half-answer would only confuse.
 */
#ifndef A0_TENANT_KEEP_H
#define A0_TENANT_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/json.h"

typedef struct a0__list {
    char **items;
    size_t len;
} a0__list;

void *a0__keep_bytes(size_t count, size_t size); /* zeroed */
/* The array with room for that many; what is new is not zeroed. */
void *a0__keep_more(void *array, size_t count, size_t size);
char *a0__keep(a0__text text);
/* Replaces *field by a copy of the text. */
void a0__keep_in(char **field, a0__text text);
/* The text of a buffer; ends the tenant if the buffer failed. */
char *a0__keep_buf(a0__buf *buf);

/* Appends a whole file; false when it cannot be read. */
bool a0__read_file(const char *path, a0__buf *out);

/* The text of a member, "" when it is absent or something else. */
a0__text a0__json_text_of_member(const a0__json *object, const char *name);

bool a0__list_has(const a0__list *list, a0__text item);
void a0__list_append(a0__list *list, a0__text item);
void a0__list_add(a0__list *list, a0__text item); /* unless it is there */
void a0__list_remove(a0__list *list, a0__text item);
void a0__list_remove_first(a0__list *list);
void a0__list_clear(a0__list *list);

#endif
