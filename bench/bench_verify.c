/* SPDX-License-Identifier: MIT */
/*
 * /auth/verify of the real gateway, 64 connections that never rest (wrk), each request
 * with another person's session: with ten thousand live sessions in SQLite against
 * libmicrohttpd serving nothing (bare_mhd), and with a million against ten thousand.
 * The servers stand side by side and are measured in turns, so that whatever else the
 * machine does weighs on all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sessions.h"

enum {
    FEW = 10000,
    MANY = 1000000,
    COOKIES_MAX = 50000, /* that wrk rotates over */
    STRIDE = 7919,       /* a prime */
    ROUNDS = 5,
    OUTPUT_MAX = 8192,
    STATUS_MAX = 8192
};

#define DURATION "4s"

typedef struct server {
    const char *name;
    bench_process process;
    char folder[BENCH_PATH_MAX];
    char url[BENCH_LINE_MAX];
    double per_second[ROUNDS];
} server;

/* ---- the gateway ---- */

static void
path_in(const server *s, const char *name, char out[BENCH_PATH_MAX])
{
    (void)snprintf(out, BENCH_PATH_MAX, "%.400s/%s", s->folder, name);
}

static void
write_config(const char *database, const char *path)
{
    FILE *file = fopen(path, "w");

    bench_need(file != NULL, path);
    (void)fprintf(file,
                  "{%s, \"secret\": \"%064d\", \"listen\": [\"127.0.0.1:0\"],"
                  " \"database\": \"%s\"}\n",
                  bench_sessions_settings, 7, database);
    (void)fclose(file);
}

/* Cookies from all over the file. */
static void
write_cookies(const bench_session_id *ids, size_t count, const char *path)
{
    FILE *file = fopen(path, "w");
    size_t len = count < COOKIES_MAX ? count : COOKIES_MAX;
    size_t at = 0;

    bench_need(file != NULL, path);
    for (size_t i = 0; i < len; i++) {
        (void)fprintf(file, "%s\n", ids[at].text);
        at = (at + STRIDE) % count;
    }
    (void)fclose(file);
}

static void
start_gateway(server *s, size_t sessions)
{
    char database[BENCH_PATH_MAX];
    char config[BENCH_PATH_MAX];
    char cookies[BENCH_PATH_MAX];
    bench_session_id *ids = NULL;
    int64_t from_ns = bench_now_ns();
    const char *argv[] = { "build/a0", "serve", "--config", config, NULL };
    const char *url = NULL;

    bench_folder_new(s->folder);
    path_in(s, "a0.sqlite", database);
    path_in(s, "a0.json", config);
    path_in(s, "cookies", cookies);
    bench_sessions_make(database, sessions, &ids);
    bench_note("%zu sessions made in %.1f s", sessions,
               (double)(bench_now_ns() - from_ns) / BENCH_NS_PER_S);
    write_cookies(ids, sessions, cookies);
    free(ids);
    write_config(database, config);
    bench_start(&s->process, argv);
    url = strstr(s->process.first_line, "http://");
    bench_need(url != NULL, s->process.first_line);
    (void)snprintf(s->url, sizeof s->url, "%.*s/auth/verify",
                   (int)strcspn(url + 7, "/") + 7, url);
}

/* Memory that is the program's own; pages of files that it reads are the system's. */
static double
resident_kib(const server *s)
{
    char path[64];
    char status[STATUS_MAX];
    const char *line = NULL;
    FILE *file = NULL;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)s->process.pid);
    file = fopen(path, "r");
    bench_need(file != NULL, path);
    status[fread(status, 1, sizeof status - 1, file)] = '\0';
    (void)fclose(file);
    line = strstr(status, "RssAnon:");
    bench_need(line != NULL, "no RssAnon");
    return strtod(line + strlen("RssAnon:"), NULL);
}

/* ---- wrk ---- */

static double
requests_per_second(const server *s, const char *cookies)
{
    char output[OUTPUT_MAX];
    const char *line = NULL;
    const char *argv[] = { "wrk",         "-t2", "-c64",
                           "-d" DURATION, "-s",  "bench/cookies.lua",
                           s->url,        "--",  cookies,
                           NULL };
    FILE *from = NULL;
    pid_t pid = bench_spawn(argv, &from);

    output[fread(output, 1, sizeof output - 1, from)] = '\0';
    (void)fclose(from);
    bench_wait(pid);
    bench_need(strstr(output, "Non-2xx") == NULL &&
                   strstr(output, "Socket errors") == NULL,
               output);
    line = strstr(output, "Requests/sec:");
    bench_need(line != NULL, output);
    return strtod(line + strlen("Requests/sec:"), NULL);
}

static void
measure(server *s, const server *cookies_of, size_t round)
{
    char cookies[BENCH_PATH_MAX];

    path_in(cookies_of, "cookies", cookies);
    s->per_second[round] = requests_per_second(s, cookies);
}

/* Sorts the runs. */
static void
sum_up(server *s)
{
    double median = bench_median(s->per_second, ROUNDS);

    bench_note("%s: %.0f requests a second (%.0f to %.0f)", s->name, median,
               s->per_second[0], s->per_second[ROUNDS - 1]);
}

/* Percent, of neighbouring runs: what the machine does besides changes slowly. */
static double
against(const server *s, const server *measure_of)
{
    double percent[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++) {
        percent[i] = 100 * s->per_second[i] / measure_of->per_second[i];
    }
    return bench_median(percent, ROUNDS);
}

int
main(void)
{
    static server bare = { .name = "bare libmicrohttpd" };
    static server few = { .name = "10,000 sessions" };
    static server many = { .name = "1,000,000 sessions" };
    const char *bare_argv[] = { "build/bench/bare_mhd", NULL };
    double to_bare = 0;
    double to_few = 0;
    double memory = 0;

    bench_start(&bare.process, bare_argv);
    (void)snprintf(bare.url, sizeof bare.url, "%.400s/auth/verify",
                   bare.process.first_line);
    start_gateway(&few, FEW);
    start_gateway(&many, MANY);
    for (size_t round = 0; round < ROUNDS; round++) {
        measure(&bare, &few, round);
        measure(&few, &few, round);
        measure(&many, &many, round);
    }
    to_bare = against(&few, &bare);
    to_few = against(&many, &few);
    memory = 100 * resident_kib(&many) / resident_kib(&few);
    sum_up(&bare);
    sum_up(&few);
    sum_up(&many);
    bench_note("resident: %.0f KiB with 10,000, %.0f KiB with 1,000,000 sessions",
               resident_kib(&few), resident_kib(&many));
    bench_report("/auth/verify, 10,000 sessions, against bare libmicrohttpd", to_bare,
                 "%", ">= 60", to_bare >= 60);
    bench_report("/auth/verify, 1,000,000 sessions, against 10,000", to_few, "%",
                 ">= 90", to_few >= 90);
    bench_report("/auth/verify, memory with 1,000,000 sessions against 10,000", memory,
                 "%", "<= 110", memory <= 110);
    bench_stop(&bare.process);
    bench_stop(&few.process);
    bench_stop(&many.process);
    return 0;
}
