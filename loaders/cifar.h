/* cifar.h - pictures and labels from the binary files of CIFAR-10.
 *
 *     unsigned char blob[4 * CIFAR_PIXELS];
 *     cifar_file *file;
 *     int rc = cifar_open(&file, "data_batch_1.bin", NULL, error, sizeof error);
 *     while (rc == CIFAR_OK &&
 *            (rc = cifar_next(file, error, sizeof error)) == CIFAR_OK) {
 *         cifar_pixels(file, blob);
 *         … cifar_label(file) …
 *     }
 *     cifar_close(file);                             // rc is CIFAR_END if all went well
 *
 * Plain or gzip. A file is read row by row, so memory does not grow with it.
 *
 * Fallible functions return a status; if it is CIFAR_ERROR, CIFAR_NOMEM or CIFAR_STOPPED,
 * error holds one sentence that begins with the file's name. */
#ifndef LOADERS_CIFAR_H
#define LOADERS_CIFAR_H

#include <stddef.h>
#include "stop.h"

enum {
    CIFAR_OK = 0,
    CIFAR_ERROR = 1,
    CIFAR_NOMEM = 2,
    CIFAR_END = 3,
    CIFAR_STOPPED = LOAD_STOPPED
};

#define CIFAR_SIDE   32
#define CIFAR_PIXELS (3 * CIFAR_SIDE * CIFAR_SIDE)

typedef struct cifar_file cifar_file;

/* cifar_open - opens a file, whose length must be one of whole rows. *out is the caller's
 * to close, NULL after an error. stop, which may be NULL, is kept, and asked while the
 * file is read. */
int cifar_open(cifar_file **out, const char *path, const load_stop *stop, char *error,
               size_t error_size);

/* cifar_close - closes the file; NULL is allowed. */
void cifar_close(cifar_file *file);

/* cifar_next - reads the next row, the first after opening. CIFAR_END after the last. */
int cifar_next(cifar_file *file, char *error, size_t error_size);

/* cifar_label - of the current row: 0 … 9. */
int cifar_label(const cifar_file *file);

/* cifar_bytes, cifar_pixels - its picture, as [row][column][red, green, blue].
 *
 *   bytes  [CIFAR_PIXELS]       written
 *   blob   [CIFAR_PIXELS · 4]   written: normalised, float32, little-endian, in 0..1 */
void cifar_bytes(const cifar_file *file, unsigned char *bytes);
void cifar_pixels(const cifar_file *file, unsigned char *blob);

#endif
