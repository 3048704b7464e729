/* SPDX-License-Identifier: MIT */
#include "metadata_patch.h"

typedef struct patching {
    a0__json_writer *w;
    const a0__json *patch;
} patching;

static bool
keep_unless_patched(void *self, a0__text name, const a0__json *value)
{
    const patching *p = self;

    if (a0__json_member(p->patch, name.ptr) == NULL) {
        a0__json_name_text(p->w, name);
        a0__json_value_node(p->w, value);
    }
    return true;
}

static bool
put_unless_null(void *self, a0__text name, const a0__json *value)
{
    const patching *p = self;

    if (a0__json_type_of(value) != A0__JSON_NULL) {
        a0__json_name_text(p->w, name);
        a0__json_value_node(p->w, value);
    }
    return true;
}

void
metadata_patch_keep(a0__json_writer *w, const a0__json *now, const a0__json *patch)
{
    patching p = { w, patch };

    a0__json_each(now, keep_unless_patched, &p);
}

void
metadata_patch_write(a0__json_writer *w, const a0__json *now, const a0__json *patch)
{
    patching p = { w, patch };

    a0__json_open(w, '{');
    metadata_patch_keep(w, now, patch);
    a0__json_each(patch, put_unless_null, &p);
    a0__json_close(w, '}');
}
