/* idx_files.h - IDX files for the tests that read them: put together in `made`, written
 * plain or packed into a folder that is the working directory, and read to their end.
 *
 *     START(UBYTE, 3, 2, 2);                          // a header: 3 images of 2x2
 *     for (int i = 0; i < 12; i++) add(i, 1);         // their pixels
 *     CHECK_STR(read_images(plain("right")), "");     // or the error, in full
 */
#ifndef IDX_FILES_H
#define IDX_FILES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include "../../../loaders/gz.h"
#include "../../../loaders/idx.h"
#include "../check.h"

/* The format's codes, written down again: a wrong one in loaders/idx.c is to be found. */
enum {
    UBYTE = 0x08,
    SBYTE = 0x09,
    SHORT = 0x0b,
    INT = 0x0c,
    FLOAT = 0x0d,
    DOUBLE = 0x0e
};

static char error[512];

/* --- making files --------------------------------------------------------------- */

static unsigned char made[1 << 20]; /* the content that is being put together */
static size_t n_made;

static inline void add(uint64_t value, int bytes) { /* big-endian */
    for (int i = bytes - 1; i >= 0; i--) made[n_made++] = (unsigned char)(value >> 8 * i);
}

static inline void add_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    add(bits, 4);
}

static inline void add_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    add(bits, 8);
}

static inline void start(int type, int dimensions, const uint32_t *sizes) {
    n_made = 0;
    add((uint64_t)type << 8 | (uint64_t)dimensions, 4);
    for (int i = 0; i < dimensions; i++) add(sizes[i], 4);
}

#define START(type, ...)                                                                 \
    start(type, (int)(sizeof(uint32_t[]){__VA_ARGS__} / 4), (uint32_t[]){__VA_ARGS__})

static inline void write_bytes(const char *name, const void *bytes, size_t n) {
    FILE *file = fopen(name, "wb");
    CHECK(file && fwrite(bytes, 1, n, file) == n);
    if (file) fclose(file);
}

static inline const char *plain(const char *name) {
    write_bytes(name, made, n_made);
    return name;
}

static inline const char *packed(const char *name, const char *mode) {
    gzFile file = gzopen(name, mode);
    CHECK(file && gzwrite(file, made, (unsigned)n_made) == (int)n_made);
    if (file) gzclose(file);
    return name;
}

/* Leaves the content of a file in made, so that it can be spoilt. */
static inline void load(const char *name) {
    FILE *file = fopen(name, "rb");
    n_made = file ? fread(made, 1, sizeof made, file) : 0;
    CHECK(n_made > 0);
    if (file) fclose(file);
}

static inline void small_images(void) { /* 3 images of 2x2: 28 bytes */
    START(UBYTE, 3, 2, 2);
    for (int i = 0; i < 12; i++) add((uint64_t)(i * 20), 1);
}

/* --- the folder ------------------------------------------------------------------ */

/* enter - makes a fresh folder the working directory, so that the names in messages are
 * short. */
static inline void enter(char *folder) {
    if (!mkdtemp(folder) || chdir(folder)) exit(1);
}

static inline void leave(const char *folder) {
    char command[64];
    if (chdir("/")) exit(1);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK(system(command) == 0);
}

/* --- reading them --------------------------------------------------------------- */

/* The message of the first call that fails, over the whole file; "" if none does. */
static inline const char *read_images(const char *name) {
    idx_file *file;
    strcpy(error, "");
    int rc = idx_open_images(&file, name, NULL, error, sizeof error);
    if (rc != IDX_OK) CHECK(file == NULL);
    unsigned char *blob = rc == IDX_OK ? malloc(4 * idx_pixel_count(file)) : NULL;
    while (rc == IDX_OK) {
        rc = idx_next(file, error, sizeof error);
        if (rc == IDX_OK) rc = idx_pixels(file, blob, error, sizeof error);
    }
    CHECK((rc == IDX_END) == (error[0] == 0));
    CHECK(rc == IDX_END || rc == IDX_ERROR);
    free(blob);
    idx_close(file);
    return error;
}

#endif
