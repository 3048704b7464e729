/* SPDX-License-Identifier: MIT */
/*
 * A look at the text before it is parsed: depth, members, length of numbers. One pass,
 * no memory. What it lets through the parser still judges.
 */
#include "json/internal.h"

typedef struct scan {
    a0__text text;
    size_t at;
    size_t depth;
    size_t members;
} scan;

static bool
skip_string(scan *s)
{
    for (s->at++; s->at < s->text.len; s->at++) {
        if (s->text.ptr[s->at] == '\\') {
            s->at++;
        } else if (s->text.ptr[s->at] == '"') {
            s->at++;
            return true;
        }
    }
    return false;
}

static bool
skip_number(scan *s)
{
    size_t start = s->at;

    while (s->at < s->text.len) {
        char c = s->text.ptr[s->at];

        if (!a0__is_digit(c) && c != '-' && c != '+' && c != '.' && c != 'e' &&
            c != 'E') {
            break;
        }
        s->at++;
    }
    return s->at - start <= A0__JSON_NUMBER_MAX;
}

/* A comma or an opening bracket may bring one more member. */
static bool
step(scan *s, size_t members_max)
{
    char c = s->text.ptr[s->at];

    switch (c) {
    case '"':
        return skip_string(s);
    case '{':
    case '[':
        s->depth++;
        s->members++;
        s->at++;
        return s->depth <= A0__JSON_DEPTH_MAX && s->members <= members_max;
    case '}':
    case ']':
        s->depth -= s->depth > 0 ? 1 : 0;
        s->at++;
        return true;
    case ',':
        s->members++;
        s->at++;
        return s->members <= members_max;
    default:
        if (a0__is_digit(c) || c == '-') {
            return skip_number(s);
        }
        s->at++;
        return true;
    }
}

bool
a0__json_within_limits(a0__text text, size_t members_max)
{
    scan s = { .text = text };

    while (s.at < text.len) {
        if (!step(&s, members_max)) {
            return false;
        }
    }
    return true;
}
