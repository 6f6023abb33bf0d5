/* image.h - an SQL value -> the pixels that core works on.
 *
 *     ext_room room = {0};
 *     dn_image image;
 *     int rc = ext_image_get(&image, argv[0], shape, &room, error);
 *     if (rc != SQLITE_OK) ext_result_code(context, "digit_predict", rc, error);
 *     …
 *     ext_room_free(&room);
 *
 * Three forms are known by their bytes: what begins as a PNG is one; else h·w·c·4 bytes
 * are float32, little-endian, each in 0..1; and h·w·c bytes are uint8.
 *
 * Of the latter two nothing is copied: the image points into the value, whose bytes may
 * lie at any address. A PNG's pixels need a place of their own, the room, which also says
 * what becomes of it (picture.h). All ways give uint8.
 *
 * Whatever begins as a file of another format does (loaders/format.h) is an error that
 * names it, whatever its size.
 *
 * Errors are one sentence without the function's name: "image has 700 bytes; expected 784
 * (uint8), 3136 (float32) or a PNG", "pixel 5 is 1.5; expected 0..1" (counted from 0),
 * "image is a JPEG picture: convert it to PNG". */
#ifndef EXT_IMAGE_H
#define EXT_IMAGE_H

#include "../../core/dn.h"
#include "../../loaders/stop.h"
#include "../base/error.h"
#include "../base/ext.h"
#include "../base/interrupt.h"
#include "shape.h"

/* Where no model says what shape a PNG is to get; and what a blank blob is that may be
 * bytes of this side or floats of half of it. */
#define EXT_PNG_SIDE 28

/* ext_room - where the pixels of a PNG go, and what it becomes there. All zeros at first
 * but for picture and watch.db, the connection whose interrupts end the work on a PNG;
 * without it nothing does. It grows on the first PNG and serves for all that follow, one
 * at a time. Other images never touch it. */
typedef struct ext_room {
    unsigned char *pixels; /* [size] sqlite3_malloc'd */
    size_t size;
    int picture; /* EXT_PICTURE_…: unsaid, it goes by the channels (ext_picture_of) */
    int several; /* the last was a PNG in which several digits stand side by side */
    int misfit;  /* the last was refused for its number of bytes alone */
    ext_watch watch;
} ext_room;
void ext_room_free(ext_room *room);

/* ext_room_register - sqlite3_create_function_v2 for a function whose user data is a room
 * of its own: scalar, or an aggregate by step and final. */
int ext_room_register(sqlite3 *db, const char *name, int arguments, int flags,
                      void (*scalar)(sqlite3_context *, int, sqlite3_value **),
                      void (*step)(sqlite3_context *, int, sqlite3_value **),
                      void (*final)(sqlite3_context *));

/* ext_room_stop - what a loader asks while it works for the room; begin and end the work
 * by ext_watch_begin(&room->watch) and ext_watch_end. */
load_stop ext_room_stop(ext_room *room);

/* ext_image_get - the image in a value, for images of one shape.
 *
 *   value   not SQL NULL: the caller answers NULL with NULL
 *   room    the caller's, to be freed when no image is needed any more
 *   error   [EXT_ERROR_SIZE], written unless the result is SQLITE_OK
 *
 * The image lives as long as the value is neither changed nor converted and room is not
 * used again. Returns SQLITE_OK, SQLITE_ERROR, SQLITE_NOMEM or SQLITE_INTERRUPT. */
int ext_image_get(dn_image *out, sqlite3_value *value, dn_shape shape, ext_room *room,
                  char *error);

/* ext_image_infer - the same where no model says what shape to expect: a square with one
 * channel, or with three where there is no such square; for a PNG ext_png_shape's.
 *
 * n bytes can be a square of float32 and one of uint8 at once (3136: 28×28 or 56×56):
 * form.h tells them apart; zeros are what has EXT_PNG_SIDE, else floats. Where it
 * cannot, or the bytes look like floats out of range or another form of numbers, the
 * error says so and asks for the shape. *shape is then what the image seems to have, or
 * its h is 0. */
int ext_image_infer(dn_image *out, dn_shape *shape, sqlite3_value *value, ext_room *room,
                    char *error);

/* ext_image_shaped - ext_image_get with the shape that wanted says, by ext_shape_parse;
 * where wanted is SQL NULL, or NULL, ext_image_infer. */
int ext_image_shaped(dn_image *out, dn_shape *shape, sqlite3_value *value,
                     sqlite3_value *wanted, ext_room *room, char *error);

/* ext_image_from, ext_image_infer_from - the two for a value of an SQL type (SQLITE_BLOB,
 * …) whose bytes the caller has at hand, for a BLOB and, that the error may say what it
 * is, a TEXT:
 * a column of a nested statement. */
int ext_image_from(dn_image *out, int type, const void *bytes, size_t size,
                   dn_shape shape, ext_room *room, char *error);
int ext_image_infer_from(dn_image *out, dn_shape *shape, int type, const void *bytes,
                         size_t size, ext_room *room, char *error);

/* ext_image_column - those bytes; NULL of a value that is neither. */
const void *ext_image_column(sqlite3_stmt *row, int column);

/* ext_image_blob - an image's n values as a blob of a type: normalised float32, or uint8,
 * to which floats that are no k/255 are rounded; by sqlite3_malloc.
 *
 *   room   for its watch: a picture of 4096×4096×3 takes 0.1 s
 *
 * Returns SQLITE_OK, SQLITE_NOMEM or SQLITE_INTERRUPT. */
int ext_image_blob(unsigned char **out, const dn_image *image, size_t n,
                   dn_pixel_type type, ext_room *room, char *error);

/* ext_image_size - bytes of an image's pixels. */
size_t ext_image_size(const dn_image *image, dn_shape shape);

/* ext_png_check - whether a PNG can become an image of this shape in this picture
 * (EXT_PICTURE_…). SQLITE_OK, or SQLITE_ERROR and its sentence. */
int ext_png_check(dn_shape shape, int picture, char *error);

/* ext_png_pixels - the pixels that a PNG gives in the room's picture.
 *
 *   out    [h][w][c] written; c is 1, or 3 unless it is EXT_PICTURE_DIGIT
 *   room   for its picture and its watch; its pixels are left alone
 *
 * Returns as ext_image_get does. */
int ext_png_pixels(unsigned char *out, dn_shape shape, const void *bytes, size_t size,
                   ext_room *room, char *error);

/* ext_png_shape - the shape that a PNG gets where nobody says one: its own and the
 * channels that its colours need; for EXT_PICTURE_DIGIT, or unsaid, EXT_PNG_SIDE's.
 * SQLITE_OK, or SQLITE_ERROR and its sentence. */
int ext_png_shape(dn_shape *out, int picture, const void *bytes, size_t size,
                  char *error);

/* ext_float - value k of little-endian float32 data at any address. */
float ext_float(const void *data, size_t k);

/* ext_value - value k of an image, 0..1. */
float ext_value(const dn_image *image, size_t k);

#endif
