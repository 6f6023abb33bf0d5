/* replay.c - a fuzz target as a plain test: runs its seeds, and all files of
 * tests/fuzz/regressions/NAME, or those that are named:
 *
 *     build/tests/fuzz_png                      // all of them
 *     build/tests/fuzz_png build/fuzz/found/png/crash-…
 *
 * A target with changes of its own (fuzz.h) also runs some of each seed. An input that
 * goes wrong ends the process. */
#include <dirent.h>
#include "fuzz.h"

#define MUTANTS 400 /* of each seed: a second in all */

static int passed;

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    if (!file || size < 0 || !bytes || fseek(file, 0, SEEK_SET) != 0 ||
        fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        printf("%s cannot be read\n", path);
        return 1;
    }
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one said is the one that went wrong */
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    passed++;
    return 0;
}

static int run_folder(const char *folder) {
    int failed = 0;
    char path[1024];
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed += run_file(path);
    }
    if (dir) closedir(dir);
    return failed;
}

/* Changes of changes of a seed. */
static void run_changed(const uint8_t *seed, size_t size) {
    static uint8_t changed[FUZZ_SEED_SIZE];
    for (unsigned k = 0, n = 0; k < MUTANTS; k++) {
        if (k % 8 == 0) memcpy(changed, seed, n = (unsigned)size);
        n = (unsigned)LLVMFuzzerCustomMutator(changed, n, sizeof changed, k);
        uint8_t *copy = malloc(n ? n : 1);
        if (!copy) abort();
        memcpy(copy, changed, n);
        LLVMFuzzerTestOneInput(copy, n);
        free(copy);
    }
}

static void run_seeds(void) {
    static uint8_t seed[FUZZ_SEED_SIZE];
    for (int i = 0;; i++) {
        const size_t size = fuzz_seed(i, seed);
        if (!size) return;
        uint8_t *copy = malloc(size);
        if (!copy) abort();
        memcpy(copy, seed, size);
        fprintf(stderr, "seed %d\n", i);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
        passed++;
        if (LLVMFuzzerCustomMutator) run_changed(seed, size);
    }
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++) failed += run_file(argv[i]);
    if (argc == 1) {
        run_seeds();
        failed += run_folder("tests/fuzz/regressions/" FUZZ_NAME);
    }
    printf("fuzz_" FUZZ_NAME ": %d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
