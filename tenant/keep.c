/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static void *
must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

void *
a0__keep_bytes(size_t count, size_t size)
{
    return must(a0__calloc(count, size));
}

void *
a0__keep_more(void *array, size_t count, size_t size)
{
    return must(a0__realloc_array(array, count, size));
}

char *
a0__keep(a0__text text)
{
    return must(a0__strndup(text.ptr == NULL ? "" : text.ptr, text.len));
}

void
a0__keep_in(char **field, a0__text text)
{
    char *copy = a0__keep(text);

    a0__free(*field);
    *field = copy;
}

char *
a0__keep_buf(a0__buf *buf)
{
    if (!a0__buf_ok(buf)) {
        abort();
    }
    return buf->len == 0 ? a0__keep(A0__NO_TEXT) : must(a0__buf_take(buf));
}

bool
a0__read_file(const char *path, a0__buf *out)
{
    char bytes[BUFSIZ];
    ssize_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    while ((len = read(fd, bytes, sizeof bytes)) > 0) {
        a0__buf_bytes(out, bytes, (size_t)len);
    }
    (void)close(fd);
    return len == 0 && a0__buf_ok(out);
}

a0__text
a0__json_text_of_member(const a0__json *object, const char *name)
{
    a0__text text = A0__NO_TEXT;

    (void)a0__json_text(object, name, &text);
    return text;
}

bool
a0__list_has(const a0__list *list, a0__text item)
{
    for (size_t i = 0; i < list->len; i++) {
        if (a0__text_is(item, list->items[i])) {
            return true;
        }
    }
    return false;
}

void
a0__list_append(a0__list *list, a0__text item)
{
    list->items = a0__keep_more(list->items, list->len + 1, sizeof *list->items);
    list->items[list->len++] = a0__keep(item);
}

void
a0__list_add(a0__list *list, a0__text item)
{
    if (!a0__list_has(list, item)) {
        a0__list_append(list, item);
    }
}

static void
remove_item(a0__list *list, size_t i)
{
    a0__free(list->items[i]);
    list->len--;
    memmove(list->items + i, list->items + i + 1,
            (list->len - i) * sizeof *list->items);
}

void
a0__list_remove(a0__list *list, a0__text item)
{
    for (size_t i = list->len; i > 0; i--) {
        if (a0__text_is(item, list->items[i - 1])) {
            remove_item(list, i - 1);
        }
    }
}

void
a0__list_remove_first(a0__list *list)
{
    remove_item(list, 0);
}

void
a0__list_clear(a0__list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        a0__free(list->items[i]);
    }
    a0__free(list->items);
    *list = (a0__list){ NULL, 0 };
}
