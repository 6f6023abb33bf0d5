/* replay.c - a fuzz target as a plain test: runs its seeds, and all files of
 * tests/fuzz/regressions/NAME, or those that are named:
 *
 *     build/tests/fuzz_png                      // all of them
 *     build/tests/fuzz_png build/fuzz/found/png/crash-…
 *
 * An input that goes wrong ends the process. */
#include <dirent.h>
#include "fuzz.h"

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
