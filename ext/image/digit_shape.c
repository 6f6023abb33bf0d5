/* digit_shape.c - digit_shape(image): the shape of an image as a text, 'HxWxC'.
 *
 *     SELECT digit_shape(png), count(*) FROM photos GROUP BY 1;
 *
 * A PNG's own height and width, turned as its eXIf says, and 1 channel or, where the file
 * is made for colours, 3: alpha is none. It is read from the file's first chunks alone.
 * Bytes and floats tell a square; where they may be two, or none, the shape is NULL. What
 * is no image by its first bytes is an error. */
#include "../../loaders/format.h"
#include "../../loaders/png.h"
#include "image.h"
#include "picture.h"

/* shape_of - h is 0 where it is not settled. */
static int shape_of(dn_shape *out, sqlite3_value *value, ext_room *room, char *error) {
    const int type = sqlite3_value_type(value);
    const void *bytes = type == SQLITE_BLOB ? sqlite3_value_blob(value) : NULL;
    const size_t size = (size_t)sqlite3_value_bytes(value);
    dn_image image;
    if (bytes && png_has_signature(bytes, size))
        return ext_png_shape(out, EXT_PICTURE_FIT, bytes, size, error);
    const int rc = ext_image_infer(&image, out, value, room, error);
    if (rc != SQLITE_ERROR || !bytes || file_format_of(bytes, size)) return rc;
    return SQLITE_OK;
}

static void shape(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    char error[EXT_ERROR_SIZE];
    dn_shape s = {0};
    int rc = shape_of(&s, argv[0], sqlite3_user_data(context), error);
    char *text = rc == SQLITE_OK && s.h ? ext_shape_text(s) : NULL;
    if (rc == SQLITE_OK && s.h && !text) rc = ext_no_memory(error);
    if (rc != SQLITE_OK)
        ext_result_code(context, "digit_shape", rc, error);
    else if (text)
        sqlite3_result_text(context, text, -1, sqlite3_free);
}

int ext_register_shape(sqlite3 *db) {
    return ext_room_register(db, "digit_shape", 1,
                             SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, shape,
                             NULL, NULL);
}
