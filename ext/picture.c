/* picture.c - images as PNG files, and as the blobs that models see.
 *
 *     SELECT digit_image(readfile('seven.png'));                       -- float32, 28×28
 *     SELECT writefile('7.png', digit_png(pixels, 10)) FROM images WHERE id = 7;
 *     INSERT INTO images(pixels, label) VALUES(digit_image(?1), 7);
 *
 * digit_image(image): the normalised blob: float32, little-endian, k/255 for a grey value k.
 * digit_png(image [, scale]): a greyscale PNG, ink bright on black; each pixel becomes a
 * square of scale×scale, 1 to 64. At scale 1, an image of 28×28 with a border mostly of zeros (all
 * of MNIST's have one) is read back bit for bit; floats that are no k/255 are rounded.
 *
 * An image is a square one in uint8 or float32, told apart as ext_image_infer does, or a PNG:
 * then the digit of 28×28 that is made of it. */
#include <stdlib.h>
#include "argument.h"
#include "image.h"
#include "../loaders/idx.h"
#include "../loaders/png.h"

/* --- digit_image ------------------------------------------------------------------------------ */

static void picture_image(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    char error[EXT_ERROR_SIZE];
    dn_image pixels;
    dn_shape shape;
    ext_room room = {0};
    unsigned char *blob = NULL;
    int rc = ext_image_infer(&pixels, &shape, argv[0], &room, error);
    if (rc != SQLITE_OK) goto done;
    if (pixels.type == DN_FLOAT32) {
        sqlite3_result_value(context, argv[0]);
        goto done;
    }
    const size_t n = ext_image_size(&pixels, shape);
    blob = sqlite3_malloc64(4 * n);
    if (!blob) {
        rc = SQLITE_NOMEM;
        goto done;
    }
    idx_normalise(blob, pixels.pixels, n);
    sqlite3_result_blob64(context, blob, 4 * n, sqlite3_free);
done:
    if (rc != SQLITE_OK) ext_result_code(context, "digit_image", rc, error);
    ext_room_free(&room);
}

/* --- digit_png -------------------------------------------------------------------------------- */

/* scale_read - the second argument, where there is one: SQLITE_OK, or SQLITE_ERROR and why. */
static int scale_read(int *scale, sqlite3_value *value, int side, char *error) {
    const int rc = ext_integer(scale, value, "scale", 1, PNG_MAX_SCALE, error);
    if (rc != SQLITE_OK) return rc;
    if (side <= PNG_MAX_SIDE / *scale) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "scale %d makes a picture of %dx%d; expected %dx%d at most", *scale,
                     side * *scale, side * *scale, PNG_MAX_SIDE, PNG_MAX_SIDE);
    return SQLITE_ERROR;
}

/* bytes_of - grey values of an image: its own, or rounded from its floats into *made, which
 * is to be freed by sqlite3_free. NULL if there is no memory. */
static const unsigned char *bytes_of(const dn_image *image, size_t n,
                                     unsigned char **made) {
    if (image->type == DN_UINT8) return image->pixels;
    *made = sqlite3_malloc64(n);
    if (!*made) return NULL;
    for (size_t i = 0; i < n; i++)
        (*made)[i] = (unsigned char)(ext_float(image->pixels, i) * 255.0f + 0.5f);
    return *made;
}

static void picture_png(sqlite3_context *context, int argc, sqlite3_value **argv) {
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    char error[EXT_ERROR_SIZE];
    dn_image pixels;
    dn_shape shape;
    ext_room room = {0};
    const unsigned char *grey;
    unsigned char *made = NULL, *out = NULL;
    size_t size;
    int scale = 1, status;
    int rc = ext_image_infer(&pixels, &shape, argv[0], &room, error);
    if (rc == SQLITE_OK && argc > 1) rc = scale_read(&scale, argv[1], shape.w, error);
    if (rc != SQLITE_OK) goto done;
    rc = SQLITE_NOMEM;
    grey = bytes_of(&pixels, (size_t)shape.h * (size_t)shape.w, &made);
    if (!grey) goto done;
    status = png_encode(&out, &size, grey, shape.w, shape.h, scale, error, sizeof error);
    if (status == PNG_NOMEM) goto done;
    rc = status == PNG_OK ? SQLITE_OK : SQLITE_ERROR;
    if (rc == SQLITE_OK) sqlite3_result_blob64(context, out, size, free);
done:
    if (rc != SQLITE_OK) ext_result_code(context, "digit_png", rc, error);
    sqlite3_free(made);
    ext_room_free(&room);
}

int ext_register_picture(sqlite3 *db) {
    const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC;
    int rc = sqlite3_create_function_v2(db, "digit_image", 1, flags, NULL, picture_image,
                                        NULL, NULL, NULL);
    for (int n = 1; n <= 2 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(db, "digit_png", n, flags, NULL, picture_png,
                                        NULL, NULL, NULL);
    return rc;
}
