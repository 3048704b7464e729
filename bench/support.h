/* SPDX-License-Identifier: MIT */
/* What the benchmarks share: figures, processes, folders. */
#ifndef A0_BENCH_SUPPORT_H
#define A0_BENCH_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <a0/error.h>

enum {
    BENCH_LINE_MAX = 512,
    BENCH_PATH_MAX = 512,
    BENCH_NS_PER_S = 1000000000
};

/* A benchmark that can not be run ends here, with a reason, as a figure not met. */
void bench_need(bool condition, const char *what);
void bench_must(a0_status status, a0_error *err, const char *what);

/* One figure, as a line of JSON that scripts/bench gathers. */
void bench_report(const char *name, double value, const char *unit, const char *goal,
                  bool met);
/* Without a goal: it explains another figure. Goes to standard error. */
void bench_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

int64_t bench_now_ns(void);        /* of a clock on the wall */
int64_t bench_thread_cpu_ns(void); /* processor time of this thread */
/* Sorts. */
double bench_median(double *values, size_t len);

/* Starts a program; what it prints is read from *out_output. It ends with us. */
pid_t bench_spawn(const char *const *argv, FILE **out_output);
/* Waits until it has ended well. */
void bench_wait(pid_t pid);

/* A program that serves until it is stopped. */
typedef struct bench_process {
    pid_t pid;
    FILE *output;
    char first_line[BENCH_LINE_MAX]; /* without the newline */
} bench_process;

/* Starts it and waits for its first line of output. */
void bench_start(bench_process *process, const char *const *argv);
void bench_stop(bench_process *process);

/* A folder of its own, which goes with everything in it when this program ends. */
void bench_folder_new(char path[BENCH_PATH_MAX]);

/* A port of 127.0.0.1 that nobody uses at the moment. */
unsigned bench_free_port(void);

#endif
