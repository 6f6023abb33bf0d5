/* bitmap.c - an image as a screen shows it: see bitmap.h. */
#include "../../loaders/png.h"
#include "../base/error.h"
#include "bitmap.h"
#include "image.h"
#include "picture.h"

#define VALUES_A_TIME ((size_t)1 << 16) /* between two looks at whether to stop */

static int bitmap_fill(const ext_bitmap *out, const dn_image *image, dn_shape shape,
                       const load_stop *stop, char *error) {
    const size_t pixels = (size_t)shape.h * (size_t)shape.w;
    const size_t many =
        (size_t)(shape.c / out->c); /* channels that a byte is the mean of */
    size_t until = 0;
    for (size_t i = 0; i < pixels * (size_t)out->c; i++) {
        double sum = 0;
        if (i * many >= until) {
            if (load_stopped(stop)) return ext_from_loader(LOAD_STOPPED, error);
            until += VALUES_A_TIME;
        }
        for (size_t k = 0; k < many; k++) sum += (double)ext_value(image, i * many + k);
        out->pixels[i] = (unsigned char)(sum / (double)many * 255 + 0.5);
    }
    return SQLITE_OK;
}

int ext_bitmap_get(ext_bitmap *out, int argc, sqlite3_value **argv, int at,
                   ext_room *room, char *error) {
    dn_image image;
    dn_shape s;
    int rc = SQLITE_OK;
    *out = (ext_bitmap){0};
    room->picture = EXT_PICTURE_UNSAID;
    if (at + 1 < argc) rc = ext_picture_value(&room->picture, argv[at + 1], error);
    if (rc == SQLITE_OK)
        rc = ext_image_shaped(&image, &s, argv[0], at < argc ? argv[at] : NULL, room,
                              error);
    if (rc != SQLITE_OK) return rc;
    *out = (ext_bitmap){.h = s.h, .w = s.w, .c = s.c == 3 ? 3 : 1};
    out->pixels = sqlite3_malloc64((sqlite3_uint64)s.h * (sqlite3_uint64)s.w *
                                   (sqlite3_uint64)out->c);
    if (!out->pixels) return ext_no_memory(error);
    const load_stop stop = ext_room_stop(room);
    ext_watch_begin(&room->watch);
    rc = bitmap_fill(out, &image, s, &stop, error);
    ext_watch_end(&room->watch);
    if (rc != SQLITE_OK) ext_bitmap_free(out);
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
                   ext_room *room, char *error) {
    const load_stop stop = ext_room_stop(room);
    ext_watch_begin(&room->watch);
    const int status = (bitmap->c == 3 ? png_encode_rgb : png_encode)(
        out, size, bitmap->pixels, bitmap->w, bitmap->h, scale, &stop, error,
        EXT_ERROR_SIZE);
    ext_watch_end(&room->watch);
    return ext_from_loader(status, error);
}
