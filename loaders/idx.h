/* idx.h - images and labels from IDX files, the format of MNIST and its kin.
 *
 *     idx_file *images;
 *     int rc = idx_open_images(&images, "train-images-idx3-ubyte.gz", NULL, error,
 *                              sizeof error);
 *     while (rc == IDX_OK) {
 *         rc = idx_next(images, error, sizeof error);
 *         if (rc == IDX_OK) rc = idx_pixels(images, blob, error, sizeof error);
 *         …
 *     }
 *     idx_close(images);                             // rc is IDX_END if all went well
 *
 * Plain or gzip, any of the format's element types, any number of items of any shape. A
 * file is read item by item, so memory does not grow with it. What its header claims is
 * checked against the file's length before anything is allocated for it.
 *
 * Fallible functions return a status; if it is IDX_ERROR, IDX_NOMEM or IDX_STOPPED, error
 * holds one sentence that begins with the file's name. Items and pixels are counted from
 * 0. */
#ifndef IDX_H
#define IDX_H

#include <stddef.h>
#include <stdint.h>
#include "stop.h"

enum {
    IDX_OK = 0,
    IDX_ERROR = 1,
    IDX_NOMEM = 2,
    IDX_END = 3,
    IDX_STOPPED = LOAD_STOPPED
};

/* An image has at most so many pixels: 64 MiB as float32. */
#define IDX_MAX_PIXELS ((size_t)1 << 24)

typedef struct idx_file idx_file;

/* idx_open_images - opens a file of images: two or more dimensions, of which the first
 * counts the images. *out is the caller's to close, NULL after an error. stop, which may
 * be NULL, is kept, and asked while the file is read. */
int idx_open_images(idx_file **out, const char *path, const load_stop *stop, char *error,
                    size_t error_size);

/* idx_open_labels - opens a file of labels: one dimension; or two, and the first column
 * is the label (QMNIST's files). */
int idx_open_labels(idx_file **out, const char *path, const load_stop *stop, char *error,
                    size_t error_size);

/* idx_close - closes the file; NULL is allowed. */
void idx_close(idx_file *file);

/* idx_name - the path for a message; lives as long as the file. */
const char *idx_name(const idx_file *file);

/* idx_count - how many items there are. */
uint64_t idx_count(const idx_file *file);

/* idx_pixel_count - how many pixels an image has: the product of its dimensions. */
size_t idx_pixel_count(const idx_file *file);

/* idx_rows, idx_columns - the first two dimensions of an image; 1 where it has fewer. */
size_t idx_rows(const idx_file *file);
size_t idx_columns(const idx_file *file);

/* idx_next - reads the next item, the first after opening. IDX_END after the last one,
 * when the file has been found to end there and gzip's checksum to be right. */
int idx_next(idx_file *file, char *error, size_t error_size);

/* idx_pixels - the current image, normalised.
 *
 *   blob   [pixel_count · 4]   written: float32, little-endian, each in 0..1
 *
 * Integers must lie in 0..255 and are divided by 255; floats must lie in 0..1. */
int idx_pixels(const idx_file *file, unsigned char *blob, char *error, size_t error_size);

/* idx_bytes - the current image, a byte a pixel: a quarter of the memory.
 *
 *   bytes  [pixel_count]   written
 *
 * Integers must lie in 0..255; floats are an error, as most are no whole 255ths. */
int idx_bytes(const idx_file *file, unsigned char *bytes, char *error, size_t error_size);

/* idx_label - the current label. A float must be a whole number. */
int idx_label(const idx_file *file, int64_t *label, char *error, size_t error_size);

#endif
