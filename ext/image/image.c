/* image.c - an SQL value -> the pixels that core works on: see image.h. */
#include <stdlib.h>
#include <string.h>
#include "../../loaders/digit.h"
#include "../../loaders/format.h"
#include "../../loaders/picture.h"
#include "../../loaders/pixels.h"
#include "form.h"
#include "image.h"
#include "picture.h"
#include "pixel_type.h"

#define VALUES_A_TIME ((size_t)1 << 16) /* between two looks at whether to stop */

/* --- floats ------------------------------------------------------------------------- */

float ext_float(const void *data, size_t k) {
    uint32_t bits = ext_form_bits(data, k);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float ext_value(const dn_image *image, size_t k) {
    if (image->type == DN_UINT8)
        return (float)((const unsigned char *)image->pixels)[k] / 255.0f;
    return ext_float(image->pixels, k);
}

/* image_is_bad - 1 for a float that is not in 0..1. */
static uint32_t image_is_bad(uint32_t bits) {
    return (bits > FORM_ONE) & (bits != FORM_MINUS_ZERO);
}

/* image_first_bad - the place of the first float outside 0..1, or n if there is none.
 *
 * Nearly all images have none, so blocks of 16 are tried at once, without a branch: that
 * is what the compiler turns into vector instructions. */
static size_t image_first_bad(const unsigned char *data, size_t n) {
    size_t k = 0;
    for (; k + 16 <= n; k += 16) {
        uint32_t bad = 0;
        for (size_t i = 0; i < 16; i++)
            bad |= image_is_bad(ext_form_bits(data + 4 * k, i));
        if (bad) break;
    }
    while (k < n && !image_is_bad(ext_form_bits(data, k))) k++;
    return k;
}

/* --- what every form must be -------------------------------------------------------- */

/* image_from_text - why a text is no image: its format, or a path that was to be read. */
static int image_from_text(const char *text, size_t size, char *error) {
    const file_format *f = file_format_of(text, size);
    if (f)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "image is TEXT, %s: %s; expected a BLOB",
                         f->name, f->advice);
    else if (size < 1000 && !strpbrk(text, "\r\n\t") && strpbrk(text, "./\\"))
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "image is TEXT, a path it seems; expected a BLOB: a file's bytes, "
            "as readfile('%!.80s') gives them in the sqlite3 shell",
            text);
    else
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "image is TEXT; expected a BLOB");
    return SQLITE_ERROR;
}

/* image_is_blob - SQLITE_OK, or why a value is none. */
static int image_is_blob(int type, const void *bytes, size_t size, char *error) {
    if (type == SQLITE_TEXT && bytes) return image_from_text(bytes, size, error);
    if (type != SQLITE_BLOB) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "image is %s; expected a BLOB",
                         ext_type_name(type));
        return SQLITE_ERROR;
    }
    if (size > 0 && !bytes) /* a zeroblob that could not be filled */
        return ext_no_memory(error);
    return SQLITE_OK;
}

/* image_is_file - whether a blob is a file of another format. One that pixels may begin
 * as is believed only where their number fits no image. */
static int image_is_file(const void *bytes, size_t size, int fits, char *error) {
    const file_format *f = file_format_of(bytes, size);
    if (!f || (fits && !f->sure)) return 0;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "image is %s: %s", f->name, f->advice);
    return 1;
}

/* image_is_faint - whether floats in 0..1 are not all 0 and none is a pixel: numbers of
 * another form may be that. The first ink ends the search. */
static int image_is_faint(const unsigned char *data, size_t n) {
    uint32_t bits = 0, any = 0;
    for (size_t k = 0; k < n && bits < FORM_FAINTEST; k++)
        any |= bits = ext_form_bits(data, k);
    return bits < FORM_FAINTEST && any;
}

/* image_check_floats - SQLITE_ERROR, the culprit's name and what the image looks like
 * unless all its values lie in 0..1. */
static int image_check_floats(const void *bytes, dn_shape shape, char *error) {
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    const size_t bad = image_first_bad(bytes, n);
    if (bad < n)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "pixel %lld is %.8g; expected 0..1",
                         (sqlite3_int64)bad, (double)ext_float(bytes, bad));
    else if (image_is_faint(bytes, n) && ext_form_is_other(bytes, n))
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "no pixel reaches 1e-6; expected 0..1");
    else
        return SQLITE_OK;
    ext_form_say(bytes, 4 * n, shape, error);
    return SQLITE_ERROR;
}

/* image_check_bytes - SQLITE_ERROR unless n bytes are pixels: floats of half the sides
 * would pass for them. */
static int image_check_bytes(const void *bytes, dn_shape shape, char *error) {
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    if (shape.h % 2 || shape.w % 2 || !ext_form_is_float(bytes, n / 4)) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "image has %lld bytes that look like %dx%d pixels of float32; "
                     "expected %dx%d",
                     (sqlite3_int64)n, shape.h / 2, shape.w / 2, shape.h, shape.w);
    return SQLITE_ERROR;
}

size_t ext_image_size(const dn_image *image, dn_shape shape) {
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    return image->type == DN_UINT8 ? n : 4 * n;
}

/* bytes_from_floats - each rounded to the nearest k/255. 0 or LOAD_STOPPED. */
static int bytes_from_floats(unsigned char *out, const void *floats, size_t n,
                             const load_stop *stop) {
    for (size_t k = 0; k < n; k++) {
        if (k % VALUES_A_TIME == 0 && load_stopped(stop)) return LOAD_STOPPED;
        out[k] = (unsigned char)(ext_float(floats, k) * 255.0f + 0.5f);
    }
    return 0;
}

int ext_image_blob(unsigned char **out, const dn_image *image, size_t n,
                   dn_pixel_type type, ext_room *room, char *error) {
    const load_stop stop = ext_room_stop(room);
    unsigned char *blob = *out = sqlite3_malloc64(ext_pixel_size(type) * n);
    int status = 0;
    if (!blob) return ext_no_memory(error);
    ext_watch_begin(&room->watch);
    if (image->type == type)
        memcpy(blob, image->pixels, ext_pixel_size(type) * n);
    else if (type == DN_FLOAT32)
        status = pixels_from_grey(blob, image->pixels, n, &stop);
    else
        status = bytes_from_floats(blob, image->pixels, n, &stop);
    ext_watch_end(&room->watch);
    if (!status) return SQLITE_OK;
    sqlite3_free(blob);
    *out = NULL;
    return ext_from_loader(status, error);
}

/* --- PNG ---------------------------------------------------------------------------- */

/* found_pixels - what EXT_PICTURE_DIGIT makes of a PNG; within the watch. */
static int found_pixels(unsigned char *out, int h, int w, const void *bytes, size_t size,
                        int *several, const load_stop *stop, char *error) {
    png_picture p;
    int rc = ext_from_loader(png_decode_all(&p, bytes, size, stop, error, EXT_ERROR_SIZE),
                             error);
    if (rc != SQLITE_OK) return rc;
    const digit_picture picture = {p.grey, p.deep, p.alpha, p.height, p.width, p.rgb};
    const int found = digit_normalise(out, h, w, &picture, stop);
    if (found == DIGIT_NOMEM) rc = ext_no_memory(error);
    if (found == DIGIT_STOPPED) rc = ext_from_loader(LOAD_STOPPED, error);
    *several = found == DIGIT_SEVERAL;
    png_picture_free(&p);
    return rc;
}

/* placed_pixels - what the others make of it; within the watch. */
static int placed_pixels(unsigned char *out, dn_shape shape, int picture,
                         const void *bytes, size_t size, const load_stop *stop,
                         char *error) {
    const picture_way way = picture == EXT_PICTURE_FIT    ? PICTURE_FIT
                            : picture == EXT_PICTURE_CROP ? PICTURE_CROP
                                                          : PICTURE_STRETCH;
    png_picture p;
    int rc = ext_from_loader(png_decode_rgb(&p, bytes, size, stop, error, EXT_ERROR_SIZE),
                             error);
    if (rc != SQLITE_OK) return rc;
    rc = ext_from_loader(picture_place(out, shape.h, shape.w, shape.c, way, &p, stop),
                         error);
    png_picture_free(&p);
    return rc;
}

int ext_png_check(dn_shape shape, int picture, char *error) {
    if (shape.c != 1 && shape.c != 3)
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "image is a PNG, which gives 1 or 3 channels; expected %d "
                         "channels in uint8 or float32",
                         shape.c);
    else if (shape.c == 3 && picture == EXT_PICTURE_DIGIT)
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "image is a PNG, of which picture = 'digit' makes 1 channel; "
                         "expected 3: use 'fit', 'crop' or 'stretch'");
    else
        return SQLITE_OK;
    return SQLITE_ERROR;
}

int ext_png_pixels(unsigned char *out, dn_shape shape, const void *bytes, size_t size,
                   ext_room *room, char *error) {
    const int picture = ext_picture_of(room->picture, shape);
    const load_stop stop = ext_room_stop(room);
    int rc = ext_png_check(shape, picture, error);
    if (rc != SQLITE_OK) return rc;
    ext_watch_begin(&room->watch);
    if (picture == EXT_PICTURE_DIGIT)
        rc = found_pixels(out, shape.h, shape.w, bytes, size, &room->several, &stop,
                          error);
    else
        rc = placed_pixels(out, shape, picture, bytes, size, &stop, error);
    ext_watch_end(&room->watch);
    return rc;
}

/* image_from_png - decodes into the room. */
static int image_from_png(dn_image *out, const void *bytes, size_t size, dn_shape shape,
                          ext_room *room, char *error) {
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    if (room->size < n) {
        unsigned char *pixels = sqlite3_realloc64(room->pixels, n);
        if (!pixels) return ext_no_memory(error);
        room->pixels = pixels;
        room->size = n;
    }
    *out = (dn_image){room->pixels, DN_UINT8};
    return ext_png_pixels(room->pixels, shape, bytes, size, room, error);
}

int ext_png_shape(dn_shape *out, int picture, const void *bytes, size_t size,
                  char *error) {
    *out = (dn_shape){EXT_PNG_SIDE, EXT_PNG_SIDE, 1};
    if (picture == EXT_PICTURE_UNSAID || picture == EXT_PICTURE_DIGIT) return SQLITE_OK;
    return ext_from_loader(
        png_size(&out->h, &out->w, &out->c, bytes, size, error, EXT_ERROR_SIZE), error);
}

void ext_room_free(ext_room *room) {
    sqlite3_free(room->pixels);
    *room = (ext_room){0};
}

static void room_delete(void *room) {
    ext_room_free(room);
    sqlite3_free(room);
}

int ext_room_register(sqlite3 *db, const char *name, int arguments, int flags,
                      void (*scalar)(sqlite3_context *, int, sqlite3_value **),
                      void (*step)(sqlite3_context *, int, sqlite3_value **),
                      void (*final)(sqlite3_context *)) {
    ext_room *room = sqlite3_malloc64(sizeof *room);
    if (!room) return SQLITE_NOMEM;
    *room = (ext_room){.watch.db = db};
    return sqlite3_create_function_v2(db, name, arguments, flags, room, scalar, step,
                                      final, room_delete);
}

/* never - of a room without a connection. */
static int never(void *context) {
    (void)context;
    return 0;
}

load_stop ext_room_stop(ext_room *room) {
    return (load_stop){room->watch.db ? ext_watch_stop : never, &room->watch};
}

/* --- all forms ---------------------------------------------------------------------- */

int ext_image_from(dn_image *out, int type, const void *bytes, size_t size,
                   dn_shape shape, ext_room *room, char *error) {
    int rc = image_is_blob(type, bytes, size, error);
    room->several = room->misfit = 0;
    if (rc != SQLITE_OK) return rc;
    if (png_has_signature(bytes, size))
        return image_from_png(out, bytes, size, shape, room, error);
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    if (image_is_file(bytes, size, size == n || size == 4 * n, error))
        return SQLITE_ERROR;
    out->pixels = bytes;
    out->type = size == n ? DN_UINT8 : DN_FLOAT32;
    if (size == n) return image_check_bytes(bytes, shape, error);
    if (size == 4 * n) return image_check_floats(bytes, shape, error);
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "image has %lld bytes; expected %lld (uint8), %lld (float32) or a PNG",
        (sqlite3_int64)size, (sqlite3_int64)n, (sqlite3_int64)(4 * n));
    ext_form_say(bytes, size, shape, error);
    room->misfit = 1;
    return SQLITE_ERROR;
}

/* image_side - s with s·s = n, or 0 if there is none up to DN_MAX_SIDE. */
static int image_side(size_t n) {
    size_t low = 1, high = DN_MAX_SIDE;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (middle * middle < n)
            low = middle + 1;
        else
            high = middle;
    }
    return low * low == n ? (int)low : 0;
}

/* image_square - the square shape of n values, of one channel or of three; h is 0 if
 * there is none. Three times a square is no square: never both. */
static dn_shape image_square(size_t n) {
    const int grey = image_side(n), side = grey || n % 3 ? grey : image_side(n / 3);
    return (dn_shape){side, side, grey ? 1 : 3};
}

/* image_no_square - names the size that fits no image, and what has such a size. */
static int image_no_square(const void *bytes, size_t size, char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "image has %lld bytes, which is no square of uint8 or float32 "
                     "pixels; give its shape, 'HxW' or 'HxWxC'",
                     (sqlite3_int64)size);
    const dn_shape as_eight = image_square(size % 8 ? 0 : size / 8);
    const dn_shape as_two = image_square(size % 2 ? 0 : size / 2);
    if (!ext_form_say(bytes, size, as_eight, error))
        ext_form_say(bytes, size, as_two, error);
    return SQLITE_ERROR;
}

/* image_unclear - names both shapes of bytes that may have either, and what they look
 * like. */
static int image_unclear(const void *bytes, dn_shape as_uint8, dn_shape as_float,
                         char *error) {
    const size_t n = (size_t)as_float.h * (size_t)as_float.w * (size_t)as_float.c;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "image may be %dx%d of uint8 or %dx%d of float32: give its shape, "
                     "'HxW' or 'HxWxC'",
                     as_uint8.h, as_uint8.w, as_float.h, as_float.w);
    ext_form_say(bytes, 4 * n, as_float, error);
    return SQLITE_ERROR;
}

int ext_image_infer_from(dn_image *out, dn_shape *shape, int type, const void *bytes,
                         size_t size, ext_room *room, char *error) {
    *shape = (dn_shape){0};
    int rc = image_is_blob(type, bytes, size, error);
    if (rc != SQLITE_OK) return rc;
    if (png_has_signature(bytes, size)) {
        rc = ext_png_shape(shape, room->picture, bytes, size, error);
        if (rc != SQLITE_OK) return rc;
        return image_from_png(out, bytes, size, *shape, room, error);
    }
    const dn_shape as_uint8 = image_square(size);
    const dn_shape as_float = image_square(size % 4 ? 0 : size / 4);
    if (image_is_file(bytes, size, as_uint8.h || as_float.h, error)) return SQLITE_ERROR;
    if (!as_uint8.h && !as_float.h) return image_no_square(bytes, size, error);
    const int form = !as_float.h   ? FORM_UINT8
                     : !as_uint8.h ? FORM_FLOAT32
                     : as_uint8.h == EXT_PNG_SIDE && ext_form_is_blank(bytes, size)
                         ? FORM_UINT8
                         : ext_form_guess(bytes, size / 4);
    out->pixels = bytes;
    out->type = form == FORM_UINT8 ? DN_UINT8 : DN_FLOAT32;
    if (form != FORM_UNSETTLED) *shape = form == FORM_UINT8 ? as_uint8 : as_float;
    if (form == FORM_UINT8) return SQLITE_OK;
    if (form == FORM_FLOAT32) return image_check_floats(bytes, as_float, error);
    return image_unclear(bytes, as_uint8, as_float, error);
}

/* bytes_of - of a blob, or of a text; NULL of another value. */
static const void *bytes_of(sqlite3_value *value, int type) {
    return type == SQLITE_BLOB   ? sqlite3_value_blob(value)
           : type == SQLITE_TEXT ? sqlite3_value_text(value)
                                 : NULL;
}

const void *ext_image_column(sqlite3_stmt *row, int column) {
    const int type = sqlite3_column_type(row, column);
    return type == SQLITE_BLOB   ? sqlite3_column_blob(row, column)
           : type == SQLITE_TEXT ? sqlite3_column_text(row, column)
                                 : NULL;
}

int ext_image_get(dn_image *out, sqlite3_value *value, dn_shape shape, ext_room *room,
                  char *error) {
    int type = sqlite3_value_type(value);
    const void *bytes = bytes_of(value, type);
    return ext_image_from(out, type, bytes, (size_t)sqlite3_value_bytes(value), shape,
                          room, error);
}

int ext_image_infer(dn_image *out, dn_shape *shape, sqlite3_value *value, ext_room *room,
                    char *error) {
    int type = sqlite3_value_type(value);
    const void *bytes = bytes_of(value, type);
    return ext_image_infer_from(out, shape, type, bytes,
                                (size_t)sqlite3_value_bytes(value), room, error);
}

/* --- with a shape, or without ------------------------------------------------------- */

int ext_image_shaped(dn_image *out, dn_shape *shape, sqlite3_value *value,
                     sqlite3_value *wanted, ext_room *room, char *error) {
    const int type = wanted ? sqlite3_value_type(wanted) : SQLITE_NULL;
    if (type == SQLITE_NULL) return ext_image_infer(out, shape, value, room, error);
    const int rc = ext_shape_value(shape, wanted, error);
    return rc == SQLITE_OK ? ext_image_get(out, value, *shape, room, error) : rc;
}
