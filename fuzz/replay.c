/* SPDX-License-Identifier: MIT */
/*
 * Runs a target over its corpus without a fuzzing engine: each file as it is, and cut
 * short at every place of the first kilobyte, which is where a reader's lengths are.
 */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

enum {
    FILE_MAX = 1024 * 1024,
    CUTS_MAX = 1024
};

static uint8_t input[FILE_MAX];

static void
run(size_t len)
{
    /* A copy of the exact size, so that reading one byte too far is seen. */
    uint8_t *copy = calloc(1, len > 0 ? len : 1);

    FUZZ_CHECK(copy != NULL);
    memcpy(copy, input, len);
    (void)LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void
replay(const char *directory, const char *name)
{
    char path[4096];
    FILE *file = NULL;
    size_t len = 0;

    FUZZ_CHECK(snprintf(path, sizeof path, "%s/%s", directory, name) <
               (int)sizeof path);
    file = fopen(path, "rb");
    FUZZ_CHECK(file != NULL);
    len = fread(input, 1, sizeof input, file);
    FUZZ_CHECK(fclose(file) == 0);
    run(len);
    for (size_t cut = 0; cut < len && cut < CUTS_MAX; cut++) {
        run(cut);
    }
}

int
main(int argc, char **argv)
{
    DIR *directory = NULL;
    unsigned files = 0;

    FUZZ_CHECK(argc == 2);
    directory = opendir(argv[1]);
    FUZZ_CHECK(directory != NULL);
    for (struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            replay(argv[1], entry->d_name);
            files++;
        }
    }
    FUZZ_CHECK(closedir(directory) == 0);
    FUZZ_CHECK(files > 0);
    (void)printf("%u seeds replayed\n", files);
    return 0;
}
