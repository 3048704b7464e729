/* SPDX-License-Identifier: MIT */
/*
 * The gateway's cookies: one with the session's id, and one for each open sign-in, so
 * that tabs do not meet. [SESS-02..04, SESS-07, SESS-08]
 *
 *     __Host-a0_session = <session id>
 *     __Host-a0_tx_<start, Unix seconds in base 36>_<mark of the state> = <session id>
 *
 * The mark is the first 8 hex digits of the SHA-256 of `state`; 8 zeros when the state
 * stands in a pushed request and is not known here.
 */
#ifndef A0_GATEWAY_COOKIES_H
#define A0_GATEWAY_COOKIES_H

#include <a0/session.h>

#include "server/request.h"
#include "server/response.h"

enum {
    STATE_MARK_LEN = 8,
    SIGN_INS_MAX = 8, /* transactions per browser */
    /* Names are ours, so more than that were not set by us. */
    SIGN_IN_COOKIES_SEEN_MAX = 32
};

/* How names and attributes look; development without HTTPS may need other ones. */
typedef struct cookie_style {
    const char *session_name;
    const char *sign_in_prefix;
    bool secure;
} cookie_style;

extern const cookie_style cookie_style_host;
extern const cookie_style cookie_style_insecure;

typedef enum cookie_found {
    COOKIE_NONE, /* absent, or of a shape that is none of ours: no look-up */
    COOKIE_ONE,
    COOKIE_AMBIGUOUS /* there twice: treated as nobody, and cleared [SESS-03] */
} cookie_found;

/* out_id is NUL-terminated. */
cookie_found cookie_session(const a0__web_request *request, const cookie_style *style,
                            char out_id[A0_SESSION_ID_LEN + 1]);
void cookie_session_set(a0__web_response *response, const cookie_style *style,
                        const char *id, int64_t max_age_s);
void cookie_session_clear(a0__web_response *response, const cookie_style *style);

typedef struct sign_in_cookie {
    a0__text name;
    int64_t started_at;
    char mark[STATE_MARK_LEN + 1];
    char id[A0_SESSION_ID_LEN + 1];
} sign_in_cookie;

typedef struct sign_in_cookies {
    sign_in_cookie items[SIGN_IN_COOKIES_SEEN_MAX];
    size_t len;
} sign_in_cookies;

/* Those of proper shape, oldest first. A name that stands twice counts not at all. */
void cookie_sign_ins(const a0__web_request *request, const cookie_style *style,
                     sign_in_cookies *out);

/* Marks a state. Errors: internal. */
A0_MUST_USE a0_status cookie_state_mark(a0__text state, char out[STATE_MARK_LEN + 1],
                                        a0_error **err);
extern const char cookie_no_mark[STATE_MARK_LEN + 1];

/* Keeps a new sign-in, and forgets the oldest ones so that there are at most 8. */
void cookie_sign_in_set(a0__web_response *response, const cookie_style *style,
                        const sign_in_cookies *held, const char *mark, const char *id,
                        int64_t now, int64_t max_age_s);
void cookie_sign_in_clear(a0__web_response *response, const cookie_style *style,
                          const sign_in_cookie *cookie);

#endif
