/* bitmap.h - an image as a screen shows it: a byte a value, grey or red, green and blue.
 *
 *     ext_bitmap bitmap;
 *     int rc = ext_bitmap_get(&bitmap, argc, argv, 2, sqlite3_user_data(context), error);
 *     …
 *     ext_bitmap_free(&bitmap);
 *
 * For digit_png, digit_show and digit_sheet, which all take an image first and, in their
 * last two arguments, its shape and picture. */
#ifndef EXT_BITMAP_H
#define EXT_BITMAP_H

#include "image.h"

typedef struct ext_bitmap {
    unsigned char *pixels; /* [h][w][c] sqlite3_malloc'd */
    int h, w, c;           /* c is 1 or 3 */
} ext_bitmap;

/* ext_bitmap_get - the picture of an image, its floats rounded to k/255. Three channels
 * are red, green and blue; of two, or more than three, the mean is shown.
 *
 *   argc, argv   a function's arguments: argv[0], the image, is not SQL NULL
 *   at           where its shape stands, as ext_image_shaped takes it; its picture
 *                (picture.h) is the next. There may be fewer arguments
 *   room         for a PNG's pixels, and for its watch, which ends work on large images
 *   error        [EXT_ERROR_SIZE], written unless the result is SQLITE_OK
 *
 * *out needs no freeing after an error. Returns SQLITE_OK, SQLITE_ERROR, SQLITE_NOMEM or
 * SQLITE_INTERRUPT. */
int ext_bitmap_get(ext_bitmap *out, int argc, sqlite3_value **argv, int at,
                   ext_room *room, char *error);
void ext_bitmap_free(ext_bitmap *bitmap);

/* ext_bitmap_grey - pixel k's brightness, 0..255: of a colour by Rec. 709's weights. */
double ext_bitmap_grey(const ext_bitmap *bitmap, size_t k);

/* ext_bitmap_png - the bitmap as a PNG file; scale and out as png_encode takes them.
 * Returns as ext_bitmap_get does. */
int ext_bitmap_png(unsigned char **out, size_t *size, const ext_bitmap *bitmap, int scale,
                   ext_room *room, char *error);

#endif
