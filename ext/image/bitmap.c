/* bitmap.c - an image as a screen shows it: see bitmap.h. */
#include "../../loaders/png.h"
#include "../base/error.h"
#include "bitmap.h"
#include "image.h"

static void bitmap_fill(const ext_bitmap *out, const dn_image *image, dn_shape shape) {
    const size_t pixels = (size_t)shape.h * (size_t)shape.w;
    const size_t many =
        (size_t)(shape.c / out->c); /* channels that a byte is the mean of */
    for (size_t i = 0; i < pixels * (size_t)out->c; i++) {
        double sum = 0;
        for (size_t k = 0; k < many; k++) sum += (double)ext_value(image, i * many + k);
        out->pixels[i] = (unsigned char)(sum / (double)many * 255 + 0.5);
    }
}

int ext_bitmap_get(ext_bitmap *out, sqlite3_value *value, sqlite3_value *shape,
                   char *error) {
    ext_room room = {0};
    dn_image image;
    dn_shape s;
    *out = (ext_bitmap){0};
    int rc = ext_image_shaped(&image, &s, value, shape, &room, error);
    if (rc != SQLITE_OK) goto done;
    *out = (ext_bitmap){.h = s.h, .w = s.w, .c = s.c == 3 ? 3 : 1};
    out->pixels = sqlite3_malloc64((sqlite3_uint64)s.h * (sqlite3_uint64)s.w *
                                   (sqlite3_uint64)out->c);
    if (!out->pixels) {
        rc = ext_no_memory(error);
        goto done;
    }
    bitmap_fill(out, &image, s);
done:
    ext_room_free(&room);
    return rc;
}

void ext_bitmap_free(ext_bitmap *bitmap) {
    sqlite3_free(bitmap->pixels);
    *bitmap = (ext_bitmap){0};
}

double ext_bitmap_grey(const ext_bitmap *bitmap, size_t k) {
    const unsigned char *p = bitmap->pixels + k * (size_t)bitmap->c;
    if (bitmap->c == 1) return p[0];
    return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
}

int ext_bitmap_png(unsigned char **out, size_t *size, const ext_bitmap *bitmap, int scale,
                   char *error) {
    const int status = (bitmap->c == 3 ? png_encode_rgb : png_encode)(
        out, size, bitmap->pixels, bitmap->w, bitmap->h, scale, error, EXT_ERROR_SIZE);
    return status == PNG_OK      ? SQLITE_OK
           : status == PNG_NOMEM ? SQLITE_NOMEM
                                 : SQLITE_ERROR;
}
