/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FOLDERS_MAX = 4,
    OPEN_FOLDERS_MAX = 8
};

void
bench_need(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

void
bench_must(a0_status status, a0_error *err, const char *what)
{
    if (status != A0_OK) {
        (void)fprintf(stderr, "bench: %s: %s\n", what,
                      err != NULL ? a0_error_message(err) : "no reason given");
        exit(1);
    }
}

void
bench_report(const char *name, double value, const char *unit, const char *goal,
             bool met)
{
    (void)printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", "
                 "\"goal\": \"%s\", \"met\": %s}\n",
                 name, value, unit, goal, met ? "true" : "false");
    (void)fflush(stdout);
}

void
bench_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)fputs("bench:   ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

static int64_t
clock_ns(clockid_t clock)
{
    struct timespec now = { 0 };

    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * BENCH_NS_PER_S + now.tv_nsec;
}

int64_t
bench_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t
bench_thread_cpu_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static int
ascending(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double
bench_median(double *values, size_t len)
{
    qsort(values, len, sizeof values[0], ascending);
    return values[len / 2];
}

/* ---- processes ---- */

/* A program that outlived its benchmark would stay for good. */
pid_t
bench_spawn(const char *const *argv, FILE **out_output)
{
    int ends[2];
    pid_t parent = getpid();
    pid_t pid = 0;

    bench_need(pipe(ends) == 0, "no pipe");
    pid = fork();
    bench_need(pid >= 0, "no process");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        if (getppid() == parent) {
            (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
            perror(argv[0]);
        }
        _exit(127);
    }
    (void)close(ends[1]);
    *out_output = fdopen(ends[0], "r");
    bench_need(*out_output != NULL, "no pipe");
    return pid;
}

void
bench_wait(pid_t pid)
{
    int status = 0;

    bench_need(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 0,
               "a program has failed");
}

void
bench_start(bench_process *process, const char *const *argv)
{
    process->pid = bench_spawn(argv, &process->output);
    bench_need(
        fgets(process->first_line, sizeof process->first_line, process->output) != NULL,
        argv[0]);
    process->first_line[strcspn(process->first_line, "\n")] = '\0';
}

void
bench_stop(bench_process *process)
{
    (void)kill(process->pid, SIGTERM);
    (void)waitpid(process->pid, NULL, 0);
    (void)fclose(process->output);
}

/* ---- folders and ports ---- */

static char folders[FOLDERS_MAX][BENCH_PATH_MAX];
static size_t folders_len;

static int
remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static void
remove_folders(void)
{
    for (size_t i = 0; i < folders_len; i++) {
        (void)nftw(folders[i], remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
    }
}

void
bench_folder_new(char path[BENCH_PATH_MAX])
{
    bench_need(folders_len < FOLDERS_MAX, "too many folders");
    (void)snprintf(path, BENCH_PATH_MAX, "%s", "/tmp/a0-bench-XXXXXX");
    bench_need(mkdtemp(path) != NULL, "no folder under /tmp");
    if (folders_len == 0) {
        (void)atexit(remove_folders);
    }
    memcpy(folders[folders_len], path, BENCH_PATH_MAX);
    folders_len++;
}

unsigned
bench_free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bench_need(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
                   getsockname(fd, (struct sockaddr *)&address, &len) == 0,
               "no port");
    (void)close(fd);
    return ntohs(address.sin_port);
}
