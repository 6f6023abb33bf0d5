/* digit_png.c - images as PNG files, and as the blobs that models see.
 *
 *     SELECT digit_image(readfile('seven.png'));                       -- float32, 28×28
 *     SELECT digit_image(readfile('cat.png'), '96x128x3', 'crop');
 *     SELECT writefile('7.png', digit_png(pixels, 10)) FROM images WHERE id = 7;
 *     SELECT writefile('8.png', digit_png(pixels, 1, '20x30x3')) FROM photos LIMIT 1;
 *     INSERT INTO images(pixels, label) VALUES(digit_image(?1), 7);
 *
 *     UPDATE images SET pixels = digit_image(pixels, NULL, NULL, 'uint8');
 *
 * digit_image(image [, shape [, picture [, type]]]): the normalised blob: float32,
 * little-endian, k/255 for a value k; with type 'uint8' the bytes k. picture is what
 * becomes of a PNG: see picture.h.
 * digit_png(image [, scale [, shape [, picture]]]): a PNG, grey with ink bright on black,
 * or coloured; each pixel becomes a square of scale×scale, 1 to 64. At scale 1, a digit
 * as MNIST's are is read back bit for bit, and any image with a picture that is no
 * 'digit'. Floats that are no k/255 are rounded for bytes.
 *
 * shape is 'HxW' or 'HxWxC'. Without one, an image in uint8 or float32 is a square, grey
 * or of three channels, told apart as ext_image_infer does, and a PNG is the digit of
 * 28×28 that is made of it, or with another picture has its own size. How channels are
 * shown is said in bitmap.h. */
#include <stdlib.h>
#include "../../loaders/png.h"
#include "../base/argument.h"
#include "bitmap.h"
#include "image.h"
#include "picture.h"
#include "pixel_type.h"

/* --- digit_image -------------------------------------------------------------------- */

static void picture_image(sqlite3_context *context, int argc, sqlite3_value **argv) {
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    char error[EXT_ERROR_SIZE];
    dn_image pixels;
    dn_shape shape;
    ext_room *room = sqlite3_user_data(context);
    unsigned char *blob = NULL;
    room->picture = EXT_PICTURE_UNSAID;
    dn_pixel_type type = DN_FLOAT32;
    int rc = argc > 2 ? ext_picture_value(&room->picture, argv[2], error) : SQLITE_OK;
    if (rc == SQLITE_OK && argc > 3) rc = ext_pixel_type_value(&type, argv[3], error);
    if (rc != SQLITE_OK) goto done;
    rc = ext_image_shaped(&pixels, &shape, argv[0], argc > 1 ? argv[1] : NULL, room,
                          error);
    if (rc != SQLITE_OK) goto done;
    if (pixels.type == DN_FLOAT32 && type == DN_FLOAT32) {
        sqlite3_result_value(context, argv[0]);
        goto done;
    }
    const size_t n = ext_image_size(&pixels, shape) / ext_pixel_size(pixels.type);
    rc = ext_image_blob(&blob, &pixels, n, type, room, error);
    if (rc == SQLITE_OK)
        sqlite3_result_blob64(context, blob, ext_pixel_size(type) * n, sqlite3_free);
done:
    if (rc != SQLITE_OK) ext_result_code(context, "digit_image", rc, error);
}

/* --- digit_png ---------------------------------------------------------------------- */

static void picture_png(sqlite3_context *context, int argc, sqlite3_value **argv) {
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    char error[EXT_ERROR_SIZE];
    ext_bitmap bitmap;
    unsigned char *out;
    size_t size;
    int scale = 1;
    ext_room *room = sqlite3_user_data(context);
    int rc = ext_bitmap_get(&bitmap, argc, argv, 2, room, error);
    if (rc == SQLITE_OK && argc > 1)
        rc = ext_integer(&scale, argv[1], "scale", 1, PNG_MAX_SCALE, error);
    if (rc == SQLITE_OK) rc = ext_bitmap_png(&out, &size, &bitmap, scale, room, error);
    if (rc == SQLITE_OK)
        sqlite3_result_blob64(context, out, size, free);
    else
        ext_result_code(context, "digit_png", rc, error);
    ext_bitmap_free(&bitmap);
}

int ext_register_picture(sqlite3 *db) {
    const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC;
    int rc = SQLITE_OK;
    for (int n = 1; n <= 4 && rc == SQLITE_OK; n++)
        rc = ext_room_register(db, "digit_image", n, flags, picture_image, NULL, NULL);
    for (int n = 1; n <= 4 && rc == SQLITE_OK; n++)
        rc = ext_room_register(db, "digit_png", n, flags, picture_png, NULL, NULL);
    return rc;
}
