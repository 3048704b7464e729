/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <string.h>

#include "base/mem.h"

a0_status
a0__secret_set(a0__secret *secret, const void *bytes, size_t len, a0_error **err)
{
    unsigned char *copy = len < SIZE_MAX ? a0__malloc(len + 1) : NULL;

    if (copy == NULL) {
        return a0__fail(err, A0_E_no_memory);
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    copy[len] = '\0';
    a0__secret_clear(secret);
    *secret = (a0__secret){ copy, len };
    return A0_OK;
}

a0_status
a0__secret_set_text(a0__secret *secret, a0__text text, a0_error **err)
{
    return a0__secret_set(secret, text.ptr, text.len, err);
}

void
a0__secret_clear(a0__secret *secret)
{
    if (secret->bytes != NULL) {
        a0__wipe(secret->bytes, secret->len);
        a0__free(secret->bytes);
    }
    *secret = A0__SECRET_INIT;
}

void
a0__secret_auto(a0__secret *secret)
{
    a0__secret_clear(secret);
}

void
a0__secret_move(a0__secret *to, a0__secret *from)
{
    a0__secret_clear(to);
    *to = *from;
    *from = A0__SECRET_INIT;
}

bool
a0__secret_is_set(const a0__secret *secret)
{
    return secret->bytes != NULL && secret->len > 0;
}

bool
a0__secret_equal(const a0__secret *a, const a0__secret *b)
{
    return a0__secret_equal_text(a, a0__secret_expose(b));
}

/* Two unset secrets are not equal: nothing was proved. */
bool
a0__secret_equal_text(const a0__secret *a, a0__text b)
{
    return a0__secret_is_set(a) && a->len == b.len &&
           a0__equal_constant_time(a->bytes, b.ptr, b.len);
}

a0__text
a0__secret_expose(const a0__secret *secret)
{
    return (a0__text){ (const char *)secret->bytes, secret->len };
}

const char *
a0__secret_expose_cstr(const a0__secret *secret)
{
    return (const char *)secret->bytes;
}
