/* SPDX-License-Identifier: MIT */
/* Times in headers: how long a peer asks to be left alone, whatever it writes [MEM-04],
 * and what time it is there. Pure. */
#include "base/time.h"
#include "http/http.h"

static int
bounded(int64_t seconds)
{
    if (seconds <= 0) {
        return 0;
    }
    return seconds < A0__RETRY_AFTER_MAX_S ? (int)seconds : A0__RETRY_AFTER_MAX_S;
}

/* Digits only. A number too large for any date is "very long", not "unknown". */
static bool
read_number(a0__text text, int64_t *out_value)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!a0__is_digit(text.ptr[i])) {
            return false;
        }
    }
    if (!a0__parse_u64(text, (uint64_t)A0__TIME_MAX, &value)) {
        value = (uint64_t)A0__TIME_MAX;
    }
    *out_value = (int64_t)value;
    return text.len > 0;
}

static bool
read_digits(a0__text text, size_t start, size_t len, int64_t *out_value)
{
    uint64_t value = 0;

    if (!a0__parse_u64(a0__text_range(text.ptr + start, len), 9999, &value)) {
        return false;
    }
    *out_value = (int64_t)value;
    return true;
}

/* Days since 1970-01-01 of a date in the Gregorian calendar; March starts the year. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int64_t
month_of(a0__text name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int64_t i = 0; i < 12; i++) {
        if (a0__text_equal(name, a0__text_range(names + 3 * i, 3))) {
            return i + 1;
        }
    }
    return 0;
}

/* RFC 9110 §5.6.7, the one format that may be sent: "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool
read_date(a0__text text, int64_t *out_seconds)
{
    static const char shape[] = "aaa, dd aaa dddd dd:dd:dd GMT";
    int64_t day = 0;
    int64_t year = 0;
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    int64_t month = 0;

    if (text.len != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char want = shape[i];
        char is = text.ptr[i];

        if (want == 'a'   ? !a0__is_alpha(is)
            : want == 'd' ? !a0__is_digit(is)
                          : is != want) {
            return false;
        }
    }
    month = month_of(a0__text_range(text.ptr + 8, 3));
    if (!read_digits(text, 5, 2, &day) || !read_digits(text, 12, 4, &year) ||
        !read_digits(text, 17, 2, &hour) || !read_digits(text, 20, 2, &minute) ||
        !read_digits(text, 23, 2, &second) || month == 0 || day == 0 || day > 31 ||
        hour > 23 || minute > 59 || second > 60 || year < 1970) {
        return false;
    }
    *out_seconds =
        days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

int
a0__http_retry_after_s(const a0_http_response *response, int64_t wall_ms)
{
    a0__text retry_after =
        a0__text_trim(a0__text_of(a0_http_response_header(response, "retry-after")));
    a0__text reset = a0__text_trim(
        a0__text_of(a0_http_response_header(response, "x-ratelimit-reset")));
    int64_t seconds = 0;

    if (read_number(retry_after, &seconds)) {
        return bounded(seconds);
    }
    if (read_date(retry_after, &seconds) ||
        (a0_http_response_status(response) == 429 && read_number(reset, &seconds))) {
        return bounded(seconds - wall_ms / 1000);
    }
    return 0;
}

bool
a0__http_date_s(const a0_http_response *response, int64_t *out_seconds)
{
    return read_date(
        a0__text_trim(a0__text_of(a0_http_response_header(response, "date"))),
        out_seconds);
}
