/* SPDX-License-Identifier: MIT */
/*
 * How fast the rules of account linking are: verdicts of a0__link_decide a second, in
 * one thread, over facts of every kind in equal parts. The profiles have been read
 * before; what that takes is said beside it.
 */
#include <string.h>

#include "link/rules.h"
#include "support.h"

enum {
    CANDIDATES_MAX = 4,
    ROUNDS = 21,
    VERDICTS = 196000, /* a round; a multiple of the kinds */
    READINGS = 20000,
    GOAL = 1000000
};

#define USER(strategy, id, connection, email, verified)                                \
    "{\"user_id\":\"" strategy "|" id "\",\"email\":\"" email                          \
    "\",\"email_verified\":" verified ",\"created_at\":\"2024-01-01T00:00:00.000Z\","  \
    "\"identities\":[{\"provider\":\"" strategy "\",\"connection\":\"" connection      \
    "\",\"user_id\":\"" id "\"}]}"

#define ADDRESS "jo.silva@acme.example"
#define GOOGLE USER("google-oauth2", "1000", "google-oauth2", ADDRESS, "true")
#define ELSEWHERE                                                                      \
    USER("google-oauth2", "1000", "google-oauth2", "jo@elsewhere.example", "true")
#define PASSWORD USER("auth0", "p1", "db", ADDRESS, "true")
#define UNVERIFIED USER("auth0", "p1", "db", ADDRESS, "false")
#define FACEBOOK USER("facebook", "1", "facebook", ADDRESS, "true")
#define FACEBOOK_TOO USER("facebook", "2", "facebook", ADDRESS, "true")
#define GITHUB USER("github", "7", "github", ADDRESS, "true")

static const struct kind {
    const char *signed_in;
    const char *candidates[CANDIDATES_MAX];
    bool is_connected; /* to the first candidate */
    a0__link_outcome outcome;
    int rule;
} kinds[] = {
    { GOOGLE, { NULL }, false, A0__LINK_NOTHING, 0 },
    { ELSEWHERE, { PASSWORD }, true, A0__LINK_NOW, 2 },
    { GOOGLE, { PASSWORD }, false, A0__LINK_NOW, 3 },
    { PASSWORD, { GOOGLE }, false, A0__LINK_PENDING, 4 },
    { GOOGLE, { UNVERIFIED }, false, A0__LINK_REFUSED, 0 },
    { GOOGLE, { GITHUB }, false, A0__LINK_REFUSED, 0 }, /* not among the connections */
    { GOOGLE,
      { PASSWORD, FACEBOOK, FACEBOOK_TOO, UNVERIFIED },
      false,
      A0__LINK_NOW,
      3 },
};

enum {
    KINDS = sizeof kinds / sizeof kinds[0]
};

typedef struct prepared {
    a0__link_facts facts;
    a0__link_profile signed_in;
    a0__link_profile candidates[CANDIDATES_MAX];
    a0__link_connected record;
    a0__json *documents[1 + CANDIDATES_MAX];
} prepared;

static a0__json *
parse(const char *json)
{
    a0__json *document = NULL;

    bench_need(a0__json_parse(a0__text_of(json), &document, NULL) == A0_OK &&
                   document != NULL,
               json);
    return document;
}

static void
prepare(const struct kind *kind, prepared *out)
{
    static char google[] = "google-oauth2";
    static char facebook[] = "facebook";
    static char db[] = "db";
    static char *const connections[] = { google, facebook, db };
    size_t len = 0;

    out->documents[0] = parse(kind->signed_in);
    bench_need(a0__link_profile_read(out->documents[0], &out->signed_in), "no profile");
    while (len < CANDIDATES_MAX && kind->candidates[len] != NULL) {
        out->documents[1 + len] = parse(kind->candidates[len]);
        bench_need(
            a0__link_profile_read(out->documents[1 + len], &out->candidates[len]),
            "no profile");
        len++;
    }
    out->record = (a0__link_connected){ .id = A0__LIT("cac_1"),
                                        .user_id = out->candidates[0].user_id,
                                        .connection = A0__LIT("google-oauth2"),
                                        .subject = A0__LIT("1000"),
                                        .stands = true };
    out->facts = (a0__link_facts){ .policy = { .connections = { connections, 3 } },
                                   .user_id = out->signed_in.user_id,
                                   .token_email = A0__LIT(ADDRESS),
                                   .token_email_verified = true,
                                   .signed_in = &out->signed_in,
                                   .candidates = out->candidates,
                                   .candidates_len = len,
                                   .records = &out->record,
                                   .records_len = kind->is_connected ? 1 : 0 };
    if (kind->is_connected) {
        out->facts.token_email = A0__LIT("jo@elsewhere.example");
    }
}

static void
release(prepared *p)
{
    for (size_t i = 0; i < 1 + CANDIDATES_MAX; i++) {
        a0__json_free(p->documents[i]);
    }
}

/* ---- measuring ---- */

static double
verdicts_per_second(const prepared all[KINDS])
{
    int64_t from_ns = bench_thread_cpu_ns();
    bool right = true;

    for (size_t i = 0; i < VERDICTS; i++) {
        a0__link_verdict v = a0__link_decide(&all[i % KINDS].facts);

        right = right && v.outcome == kinds[i % KINDS].outcome &&
                v.rule == kinds[i % KINDS].rule;
    }
    bench_need(right, "a verdict is not the one that these facts have");
    return VERDICTS * (double)BENCH_NS_PER_S /
           (double)(bench_thread_cpu_ns() - from_ns);
}

static double
ns_to_read(const a0__json *document)
{
    a0__link_profile profile;
    int64_t from_ns = bench_thread_cpu_ns();

    for (size_t i = 0; i < READINGS; i++) {
        bench_need(a0__link_profile_read(document, &profile), "no profile");
    }
    return (double)(bench_thread_cpu_ns() - from_ns) / READINGS;
}

int
main(void)
{
    static prepared all[KINDS];
    double rates[ROUNDS];
    double median = 0;

    for (size_t i = 0; i < KINDS; i++) {
        prepare(&kinds[i], &all[i]);
    }
    for (size_t i = 0; i < ROUNDS; i++) {
        rates[i] = verdicts_per_second(all);
    }
    median = bench_median(rates, ROUNDS);
    bench_note("rules: slowest round %.0f verdicts/s; reading a profile takes %.0f ns",
               rates[0], ns_to_read(all[0].documents[0]));
    bench_report("rules of account linking, one thread (median)", median, "verdicts/s",
                 ">= 1000000", median >= GOAL);
    for (size_t i = 0; i < KINDS; i++) {
        release(&all[i]);
    }
    return 0;
}
