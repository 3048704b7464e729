/* SPDX-License-Identifier: MIT */
#include "cookies.h"

#include <string.h>

#include "base/crypto.h"

enum {
    BASE36 = 36,
    BASE36_TIME_MAX = 8, /* digits; the year 91000 has 8 */
    NAME_MAX_BYTES = 64
};

const cookie_style cookie_style_host = { .session_name = "__Host-a0_session",
                                         .sign_in_prefix = "__Host-a0_tx_",
                                         .secure = true };
const cookie_style cookie_style_insecure = { .session_name = "a0_session",
                                             .sign_in_prefix = "a0_tx_",
                                             .secure = false };

const char cookie_no_mark[STATE_MARK_LEN + 1] = "00000000";

/* The alphabet and length of a session id: anything else is nobody, at no cost. */
static bool
take_id(a0__text value, char out_id[A0_SESSION_ID_LEN + 1])
{
    if (value.len != A0_SESSION_ID_LEN) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (!a0__is_alpha(c) && !a0__is_digit(c) && c != '-' && c != '_') {
            return false;
        }
    }
    memcpy(out_id, value.ptr, A0_SESSION_ID_LEN);
    out_id[A0_SESSION_ID_LEN] = '\0';
    return true;
}

static void
put(a0__web_response *response, const cookie_style *style, const char *name,
    a0__text value, int64_t max_age_s)
{
    const a0__web_cookie cookie = {
        .name = name, .value = value, .max_age_s = max_age_s, .secure = style->secure
    };

    a0__web_cookie_set(response, &cookie);
}

/* ---- the session ---- */

cookie_found
cookie_session(const a0__web_request *request, const cookie_style *style,
               char out_id[A0_SESSION_ID_LEN + 1])
{
    a0__text value = A0__NO_TEXT;
    size_t count = a0__web_cookies(request, style->session_name, &value, 1);

    if (count > 1) {
        return COOKIE_AMBIGUOUS;
    }
    return count == 1 && take_id(value, out_id) ? COOKIE_ONE : COOKIE_NONE;
}

void
cookie_session_set(a0__web_response *response, const cookie_style *style,
                   const char *id, int64_t max_age_s)
{
    put(response, style, style->session_name, a0__text_of(id), max_age_s);
}

void
cookie_session_clear(a0__web_response *response, const cookie_style *style)
{
    put(response, style, style->session_name, A0__LIT(""), 0);
}

/* ---- open sign-ins ---- */

a0_status
cookie_state_mark(a0__text state, char out[STATE_MARK_LEN + 1], a0_error **err)
{
    A0_AUTO(a0__buf) hex = A0__BUF_INIT(2 * A0__SHA256_BYTES);

    A0_TRY(a0__sha256_hex(state, &hex, err));
    A0_TRY(a0__buf_check(&hex, err));
    memcpy(out, hex.ptr, STATE_MARK_LEN);
    out[STATE_MARK_LEN] = '\0';
    return A0_OK;
}

static int
base36_digit(char c)
{
    if (a0__is_digit(c)) {
        return c - '0';
    }
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : -1;
}

static bool
parse_base36(a0__text text, int64_t *out)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > BASE36_TIME_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        int digit = base36_digit(text.ptr[i]);

        if (digit < 0) {
            return false;
        }
        value = value * BASE36 + digit;
    }
    *out = value;
    return true;
}

static void
write_base36(int64_t value, a0__buf *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char text[BASE36_TIME_MAX];
    size_t at = sizeof text;

    do {
        at--;
        text[at] = digits[value % BASE36];
        value /= BASE36;
    } while (value > 0 && at > 0);
    a0__buf_bytes(out, text + at, sizeof text - at);
}

static bool
parse_sign_in(const char *prefix, a0__text name, a0__text value, sign_in_cookie *out)
{
    a0__text rest = name;
    a0__text time = A0__NO_TEXT;

    *out = (sign_in_cookie){ .name = name };
    if (!a0__text_starts_with(name, a0__text_of(prefix)) || name.len > NAME_MAX_BYTES) {
        return false;
    }
    rest = a0__text_from(name, strlen(prefix));
    if (!a0__text_next(&rest, '_', &time) || rest.len != STATE_MARK_LEN ||
        !parse_base36(time, &out->started_at)) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++) {
        if (a0__hex_value(rest.ptr[i]) < 0) {
            return false;
        }
    }
    memcpy(out->mark, rest.ptr, STATE_MARK_LEN);
    return take_id(value, out->id);
}

struct sign_in_search {
    const char *prefix;
    sign_in_cookies *found;
    sign_in_cookie seen; /* scratch */
};

static bool
is_found(const sign_in_cookies *found, a0__text name)
{
    for (size_t i = 0; i < found->len; i++) {
        if (a0__text_equal(found->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Inserts by age. The second of a name is left out here, the first afterwards. */
static bool
take_sign_in(void *self, a0__text name, a0__text value)
{
    struct sign_in_search *search = self;
    sign_in_cookies *found = search->found;
    size_t at = found->len;

    if (!parse_sign_in(search->prefix, name, value, &search->seen) ||
        is_found(found, name) || found->len == SIGN_IN_COOKIES_SEEN_MAX) {
        return true;
    }
    while (at > 0 && found->items[at - 1].started_at > search->seen.started_at) {
        found->items[at] = found->items[at - 1];
        at--;
    }
    found->items[at] = search->seen;
    found->len++;
    return true;
}

static void
drop_ambiguous(const a0__web_request *request, sign_in_cookies *found)
{
    size_t kept = 0;

    for (size_t i = 0; i < found->len; i++) {
        char name[NAME_MAX_BYTES + 1] = { 0 };

        memcpy(name, found->items[i].name.ptr, found->items[i].name.len);
        if (a0__web_cookies(request, name, NULL, 0) == 1) {
            found->items[kept] = found->items[i];
            kept++;
        }
    }
    found->len = kept;
}

void
cookie_sign_ins(const a0__web_request *request, const cookie_style *style,
                sign_in_cookies *out)
{
    struct sign_in_search search = { .prefix = style->sign_in_prefix, .found = out };

    out->len = 0;
    a0__web_each_cookie(request, take_sign_in, &search);
    drop_ambiguous(request, out);
}

void
cookie_sign_in_clear(a0__web_response *response, const cookie_style *style,
                     const sign_in_cookie *cookie)
{
    char name[NAME_MAX_BYTES + 1] = { 0 };

    memcpy(name, cookie->name.ptr, cookie->name.len);
    put(response, style, name, A0__LIT(""), 0);
}

void
cookie_sign_in_set(a0__web_response *response, const cookie_style *style,
                   const sign_in_cookies *held, const char *mark, const char *id,
                   int64_t now, int64_t max_age_s)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(NAME_MAX_BYTES);

    for (size_t i = 0; i + SIGN_INS_MAX <= held->len; i++) {
        cookie_sign_in_clear(response, style, &held->items[i]);
    }
    a0__buf_string(&name, style->sign_in_prefix);
    write_base36(now, &name);
    a0__buf_byte(&name, '_');
    a0__buf_string(&name, mark);
    put(response, style, a0__buf_cstr(&name), a0__text_of(id), max_age_s);
}
