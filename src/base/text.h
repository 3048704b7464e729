/* SPDX-License-Identifier: MIT */
/*
 * Borrowed text: a pointer and a length, passed by value. ASCII only where letters
 * count; the locale never matters.
 */
#ifndef A0_BASE_TEXT_H
#define A0_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct a0__text {
    const char *ptr;
    size_t len;
} a0__text;

/* A literal as text. */
#define A0__LIT(literal) ((a0__text){ (literal), sizeof(literal) - 1 })
#define A0__NO_TEXT ((a0__text){ NULL, 0 })

/* NULL gives the empty text. */
a0__text a0__text_of(const char *string);
a0__text a0__text_range(const char *ptr, size_t len);

bool a0__text_equal(a0__text a, a0__text b);
bool a0__text_equal_ignoring_case(a0__text a, a0__text b); /* ASCII letters */
bool a0__text_is(a0__text a, const char *string);
bool a0__text_starts_with(a0__text text, a0__text prefix);
bool a0__text_ends_with(a0__text text, a0__text suffix);
bool a0__text_contains_byte(a0__text text, char byte);
a0__text a0__text_trim(a0__text text); /* ASCII space, tab, CR, LF */
a0__text a0__text_from(a0__text text, size_t start);

/*
 * Cuts *rest at the first `separator`: gives what stands before it and leaves what
 * stands after it. False when *rest was exhausted (its ptr NULL) before the call; the
 * last piece leaves *rest exhausted.
 */
bool a0__text_next(a0__text *rest, char separator, a0__text *out_piece);

/* Whether a word stands in a list of words separated by spaces. */
bool a0__text_has_word(a0__text words, a0__text word);

/* Decimal digits only, at most max. */
bool a0__parse_u64(a0__text text, uint64_t max, uint64_t *out_value);

bool a0__is_alpha(char byte);
bool a0__is_digit(char byte);
char a0__to_lower(char byte);
/* 0..15, or -1. */
int a0__hex_value(char byte);

/* Whether every byte is visible ASCII (0x21..0x7e): fit for a header or a token. */
bool a0__text_is_visible_ascii(a0__text text);
/* Whether there is no control byte (0x00..0x1f, 0x7f). */
bool a0__text_has_no_controls(a0__text text);
bool a0__text_is_utf8(a0__text text);

#endif
