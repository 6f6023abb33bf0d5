/* fuzz_idx.c - IDX files.
 *
 *     1 byte   bit 0: read as labels; bit 1: packed by gzip, checksum and size right
 *     …        the file */
#define _GNU_SOURCE /* memfd_create */
#include "../../loaders/idx.h"
#include "memory_file.h"
#include "gzip.h"

#define MOST_ITEMS 64 /* read of one file */

static void read_images(idx_file *file, const char *path, char *error) {
    const size_t n = idx_pixel_count(file);
    unsigned char *blob = malloc(4 * n);
    int rc = blob ? IDX_OK : IDX_END;
    for (int i = 0; i < MOST_ITEMS && rc == IDX_OK; i++) {
        rc = idx_next(file, error, 256);
        if (rc != IDX_OK) break;
        if (idx_pixels(file, blob, error, 256) != IDX_OK) {
            FUZZ_CHECK(strstr(error, ": pixel "));
            continue;
        }
        for (size_t k = 0; k < n; k++) {
            float value;
            memcpy(&value, blob + 4 * k, 4);
            FUZZ_CHECK(value >= 0 && value <= 1);
        }
    }
    if (rc == IDX_ERROR) FUZZ_CHECK(strncmp(error, path, strlen(path)) == 0);
    free(blob);
}

static void read_labels(idx_file *file, const char *path, char *error) {
    int rc = IDX_OK;
    uint64_t read = 0;
    for (int i = 0; i < MOST_ITEMS && rc == IDX_OK; i++) {
        int64_t label;
        rc = idx_next(file, error, 256);
        if (rc != IDX_OK) break;
        read++;
        if (idx_label(file, &label, error, 256) != IDX_OK)
            FUZZ_CHECK(strstr(error, ": label "));
    }
    if (rc == IDX_END) FUZZ_CHECK(read == idx_count(file));
    if (rc == IDX_ERROR) FUZZ_CHECK(strncmp(error, path, strlen(path)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static uint8_t packed[65536 + FUZZ_GZIP_FRAME];
    fuzz_input in = {bytes, size};
    char error[256] = "";
    const unsigned mode = fuzz_byte(&in);
    const int labels = mode & 1;
    if (mode & 2 && in.left < 65536) {
        in.left = fuzz_gzip(packed, in.at, in.left);
        in.at = packed;
    }
    idx_file *file;
    const char *path = fuzz_file(in.at, in.left);
    const int rc = labels ? idx_open_labels(&file, path, NULL, error, sizeof error)
                          : idx_open_images(&file, path, NULL, error, sizeof error);
    FUZZ_CHECK(!file == (rc != IDX_OK));
    if (rc != IDX_OK) {
        FUZZ_CHECK(rc == IDX_NOMEM || strncmp(error, path, strlen(path)) == 0);
        return 0;
    }
    if (labels)
        read_labels(file, path, error);
    else
        read_images(file, path, error);
    idx_close(file);
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    /* Element type and its size; for each: images, labels, and both packed. */
    static const uint8_t types[6][2] = {{8, 1},  {9, 1},  {11, 2},
                                        {12, 4}, {13, 4}, {14, 8}};
    if (i >= 6 * 4) return 0;
    const uint8_t *type = types[i / 4];
    const int labels = i & 1;
    uint8_t *p = out;
    *p++ = (uint8_t)(i & 3);
    *p++ = 0;
    *p++ = 0;
    *p++ = type[0];
    *p++ = labels ? 1 : 3;
    fuzz_put_be(p, 3);
    p += 4;
    for (int k = 0; k < 2 && !labels; k++, p += 4) fuzz_put_be(p, 2);
    for (int k = 0; k < (labels ? 3 : 12); k++) {
        memset(p, 0, type[1]);
        if (type[0] == 13) fuzz_put_be(p, 0x3f000000); /* 0.5 */
        if (type[0] == 14) fuzz_put_be(p, 0x3fe00000);
        if (type[0] < 13) p[type[1] - 1] = (uint8_t)(20 * k);
        p += type[1];
    }
    return (size_t)(p - out);
}
