/* png_omitted.c - png.h for a library without libpng: with -DDIGITNET_OMIT_PNG the one
 * file of `make amalgamation` has this in place of what reads and writes files. A PNG is
 * still known by its signature, and refused with a sentence. */
#ifdef DIGITNET_OMIT_PNG
#include <stdio.h>
#include <string.h>
#include "png.h"

static int omitted(char *error, size_t error_size) {
    snprintf(
        error, error_size,
        "PNG is not in this library, which was compiled with DIGITNET_OMIT_PNG; give "
        "the image as a BLOB of its pixels");
    return PNG_ERROR;
}

int png_has_signature(const void *bytes, size_t size) {
    static const unsigned char signature[8] = {137, 'P', 'N', 'G', '\r', '\n', 26, '\n'};
    return size >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

int png_check_head(const void *bytes, size_t size, char *error, size_t error_size) {
    (void)bytes;
    (void)size;
    return omitted(error, error_size);
}

int png_size(int *height, int *width, int *channels, const void *bytes, size_t size,
             char *error, size_t error_size) {
    *height = *width = *channels = 0;
    return png_check_head(bytes, size, error, error_size);
}

int png_decode(png_picture *out, const void *bytes, size_t size, const load_stop *stop,
               char *error, size_t error_size) {
    (void)stop;
    memset(out, 0, sizeof *out);
    return png_check_head(bytes, size, error, error_size);
}

int png_decode_rgb(png_picture *out, const void *bytes, size_t size,
                   const load_stop *stop, char *error, size_t error_size) {
    return png_decode(out, bytes, size, stop, error, error_size);
}

int png_decode_all(png_picture *out, const void *bytes, size_t size,
                   const load_stop *stop, char *error, size_t error_size) {
    return png_decode(out, bytes, size, stop, error, error_size);
}

void png_picture_free(png_picture *picture) { (void)picture; }

int png_encode_rgb(unsigned char **out, size_t *out_size, const unsigned char *rgb,
                   int width, int height, int scale, const load_stop *stop, char *error,
                   size_t error_size) {
    (void)rgb;
    (void)width;
    (void)height;
    (void)scale;
    (void)stop;
    *out = NULL;
    *out_size = 0;
    return omitted(error, error_size);
}

int png_encode(unsigned char **out, size_t *out_size, const unsigned char *grey,
               int width, int height, int scale, const load_stop *stop, char *error,
               size_t error_size) {
    return png_encode_rgb(out, out_size, grey, width, height, scale, stop, error,
                          error_size);
}

int png_encode_palette(unsigned char **out, size_t *out_size,
                       const unsigned char *indices, int width, int height,
                       const unsigned char (*palette)[3], const load_stop *stop,
                       char *error, size_t error_size) {
    (void)palette;
    return png_encode_rgb(out, out_size, indices, width, height, 1, stop, error,
                          error_size);
}
#endif
