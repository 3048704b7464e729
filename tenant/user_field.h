/* SPDX-License-Identifier: MIT */
/* What a search can look at in a user: an attribute, one of the identities, a member of
 * the metadata, the domain of the address. */
#ifndef A0_TENANT_USER_FIELD_H
#define A0_TENANT_USER_FIELD_H

#include "model.h"

typedef enum a0__user_place {
    A0__NOWHERE, /* no user has it */
    A0__OF_USER,
    A0__OF_IDENTITY,
    A0__EMAIL_DOMAIN
} a0__user_place;

typedef struct a0__user_field {
    a0__user_place place;
    const a0__field *field;
    const char *path;   /* into a free-form member; borrowed, "" for none */
    bool is_normalized; /* compared without regard to case */
    bool is_time;       /* a date stands for the whole day */
} a0__user_field;

a0__user_field a0__user_field_named(const char *name);
/* Calls `each` for every value until it returns true; whether one did. Empty values are
 * none. */
bool a0__user_field_any(const a0__user_field *field, const a0__user *user,
                        bool (*each)(void *self, a0__text value), void *self);

#endif
