/* cifar.c - CIFAR-10's binary files: see cifar.h.
 *
 *     ll              label, 0..9
 *     r r r …         32 · 32 bytes of red, row by row
 *     g g g …         as many of green
 *     b b b …         as many of blue
 *     ll …            the next row, and so on: 3,073 bytes each, nothing else */
#include <inttypes.h>
#include <stdlib.h>
#include "cifar.h"
#include "gz.h"
#include "pixels.h"

#define ROW     (1 + CIFAR_PIXELS)
#define CLASSES 10

struct cifar_file {
    gz_file *bytes;
    uint64_t rows; /* that were read */
    unsigned char row[ROW];
};

static int fail_length(const cifar_file *file, uint64_t length, char *error,
                       size_t error_size) {
    return gz_fail(error, error_size,
                   "%s: has %" PRIu64 " bytes; expected rows of %d: a file of CIFAR-10's "
                   "binary version",
                   gz_name(file->bytes), length, ROW);
}

int cifar_open(cifar_file **out, const char *path, const load_stop *stop, char *error,
               size_t error_size) {
    cifar_file *file = calloc(1, sizeof *file);
    *out = NULL;
    if (!file) {
        gz_fail(error, error_size, "out of memory while opening a file");
        return CIFAR_NOMEM;
    }
    int rc = gz_open(&file->bytes, path, stop, error, error_size);
    if (rc == GZ_OK && !gz_packed(file->bytes) && gz_size(file->bytes) % ROW != 0)
        rc = fail_length(file, gz_size(file->bytes), error, error_size);
    if (rc == GZ_OK)
        *out = file;
    else
        cifar_close(file);
    return rc;
}

void cifar_close(cifar_file *file) {
    if (!file) return;
    gz_close(file->bytes);
    free(file);
}

int cifar_next(cifar_file *file, char *error, size_t error_size) {
    size_t got;
    const int rc = gz_read(file->bytes, file->row, ROW, &got, error, error_size);
    if (rc != GZ_OK) return rc;
    if (got == 0) return CIFAR_END;
    if (got < ROW) return fail_length(file, file->rows * ROW + got, error, error_size);
    if (file->row[0] >= CLASSES)
        return gz_fail(error, error_size,
                       "%s: row %" PRIu64 " has label %d; expected 0..%d: a file of "
                       "CIFAR-10's binary version",
                       gz_name(file->bytes), file->rows, file->row[0], CLASSES - 1);
    file->rows++;
    return CIFAR_OK;
}

int cifar_label(const cifar_file *file) { return file->row[0]; }

void cifar_bytes(const cifar_file *file, unsigned char *bytes) {
    const size_t plane = CIFAR_PIXELS / 3;
    for (size_t i = 0; i < CIFAR_PIXELS; i++)
        bytes[i] = file->row[1 + i % 3 * plane + i / 3];
}

void cifar_pixels(const cifar_file *file, unsigned char *blob) {
    unsigned char bytes[CIFAR_PIXELS];
    cifar_bytes(file, bytes);
    pixels_from_grey(blob, bytes, CIFAR_PIXELS, NULL);
}
