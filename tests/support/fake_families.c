/* SPDX-License-Identifier: MIT */
#include "fake_families.h"

#include <stdio.h>
#include <string.h>

static fake_family_token *
find(fake_families *families, const char *text)
{
    for (size_t i = 0; i < FAKE_FAMILY_TOKENS_MAX; i++) {
        if (text[0] != '\0' && strcmp(families->items[i].text, text) == 0) {
            return &families->items[i];
        }
    }
    return NULL;
}

static const char *
issue(fake_families *families, const char *sub, size_t family)
{
    fake_family_token *token = &families->items[families->len % FAKE_FAMILY_TOKENS_MAX];

    *token = (fake_family_token){ .family = family };
    (void)snprintf(token->sub, sizeof token->sub, "%s", sub);
    (void)snprintf(token->text, sizeof token->text, "rt-canary-%zu", families->len++);
    return token->text;
}

const char *
fake_families_begin(fake_families *families, const char *sub)
{
    return issue(families, sub, families->len);
}

static void
end_family(fake_families *families, size_t family)
{
    for (size_t i = 0; i < FAKE_FAMILY_TOKENS_MAX; i++) {
        if (families->items[i].family == family) {
            families->items[i].is_dead = true;
        }
    }
}

const char *
fake_families_use(fake_families *families, const char *text, bool rotation,
                  const char **out_next)
{
    fake_family_token *token = find(families, text);

    *out_next = NULL;
    if (token == NULL || token->is_dead) {
        return NULL;
    }
    if (token->is_spent) {
        end_family(families, token->family);
        return NULL;
    }
    token->is_spent = rotation;
    if (rotation) {
        *out_next = issue(families, token->sub, token->family);
    }
    return token->sub;
}

void
fake_families_revoke(fake_families *families, const char *text)
{
    const fake_family_token *token = find(families, text);

    if (token != NULL) {
        end_family(families, token->family);
    }
}

bool
fake_families_is_alive(fake_families *families, const char *text)
{
    const fake_family_token *token = find(families, text);

    return token != NULL && !token->is_dead && !token->is_spent;
}

size_t
fake_families_alive(fake_families *families, const char *sub)
{
    size_t alive = 0;

    for (size_t i = 0; i < FAKE_FAMILY_TOKENS_MAX; i++) {
        const fake_family_token *token = &families->items[i];

        alive += token->text[0] != '\0' && !token->is_dead && !token->is_spent &&
                         strcmp(token->sub, sub) == 0
                     ? 1
                     : 0;
    }
    return alive;
}
