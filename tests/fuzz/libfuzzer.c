/* libfuzzer.c - what a target has beside libFuzzer's own main(): with FUZZ_SEEDS=folder
 * in the environment it writes its seeds there and ends. */
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static uint8_t seed[FUZZ_SEED_SIZE];
    const char *folder = getenv("FUZZ_SEEDS");
    (void)argc, (void)argv;
    if (!folder) return 0;
    for (int i = 0;; i++) {
        char path[1024];
        const size_t size = fuzz_seed(i, seed);
        if (!size) exit(0);
        snprintf(path, sizeof path, "%s/seed-" FUZZ_NAME "-%d", folder, i);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(seed, 1, size, file) != size || fclose(file)) {
            fprintf(stderr, "%s cannot be written\n", path);
            exit(1);
        }
    }
}
