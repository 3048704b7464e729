/* SPDX-License-Identifier: MIT */
/*
 * Refresh tokens of several people at the fake tenant: each is of somebody, and of a
 * family that ends as a whole, by a revocation or by a second use (wire §7.3). Flat, as
 * fake_users.
 */
#ifndef A0_TESTS_FAKE_FAMILIES_H
#define A0_TESTS_FAKE_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FAKE_FAMILY_TOKENS_MAX = 256
};

typedef struct fake_family_token {
    char text[64];
    char sub[128];
    size_t family;
    bool is_spent;
    bool is_dead;
} fake_family_token;

typedef struct fake_families {
    fake_family_token items[FAKE_FAMILY_TOKENS_MAX];
    size_t len; /* issued since the start; the oldest are forgotten */
} fake_families;

/* The first token of a new family. */
const char *fake_families_begin(fake_families *families, const char *sub);
/* Uses a token: whose it is, or NULL, and then the family is dead. With a rotation
 * *out_next is the one that takes its place; else NULL. */
const char *fake_families_use(fake_families *families, const char *text, bool rotation,
                              const char **out_next);
void fake_families_revoke(fake_families *families, const char *text);
bool fake_families_is_alive(fake_families *families, const char *text);
/* How many tokens of that person could be used. */
size_t fake_families_alive(fake_families *families, const char *sub);

#endif
