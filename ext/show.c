/* show.c - digit_show(image): the picture as text, for a terminal.
 *
 *     SELECT digit_show(pixels), label FROM images WHERE id = 7;
 *
 * One character shows two pixels, one above the other, for a character cell is about
 * twice as high as it is wide:
 *
 *     ' ' neither is ink    '▀' the upper is    '▄' the lower is    '█' both are
 *
 * Every line has as many characters as the image has columns, blanks at its end included,
 * and there is no line feed after the last one: so line k of a w×h image is
 * substr(text, 1 + k·(w + 1), w), and sql/mistakes.sql puts pictures side by side.
 *
 * The image is a square one in uint8 or float32, told apart as ext_image_infer does; or a
 * PNG, and then what is shown is the digit that a model would see. */
#include <string.h>
#include "image.h"

/* Pixels from here on are ink. MNIST's strokes are bright in the middle and grey at their
 * rims; at half of the range thin ones break up. */
#define INK 0.375f

/* UTF-8 of U+2580 upper half block, U+2584 lower half block, U+2588 full block. */
static const char *const glyphs[4] = {" ", "\xE2\x96\x80", "\xE2\x96\x84",
                                      "\xE2\x96\x88"};

/* show_is_ink - pixel k of an image. */
static int show_is_ink(const dn_image *image, size_t k) {
    if (image->type == DN_UINT8)
        return (float)((const unsigned char *)image->pixels)[k] >= INK * 255;
    return ext_float(image->pixels, k) >= INK;
}

/* show_text - the picture, in memory of sqlite3_malloc64; NULL if there is none. */
static char *show_text(const dn_image *image, dn_shape shape) {
    const size_t w = (size_t)shape.w, h = (size_t)shape.h;
    /* At most three bytes a character, and a line feed or the final zero a line. */
    char *text = sqlite3_malloc64((h + 1) / 2 * (3 * w + 1));
    if (!text) return NULL;
    char *end = text;
    for (size_t y = 0; y < h; y += 2) {
        for (size_t x = 0; x < w; x++) {
            int upper = show_is_ink(image, y * w + x);
            int lower = y + 1 < h && show_is_ink(image, (y + 1) * w + x);
            const char *glyph = glyphs[upper + 2 * lower];
            size_t size = strlen(glyph);
            memcpy(end, glyph, size);
            end += size;
        }
        *end++ = '\n';
    }
    end[-1] = 0;
    return text;
}

static void show(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    dn_image image;
    dn_shape shape;
    char error[EXT_ERROR_SIZE];
    ext_room room = {0};
    const int rc = ext_image_infer(&image, &shape, argv[0], &room, error);
    char *text = rc == SQLITE_OK ? show_text(&image, shape) : NULL;
    if (text)
        sqlite3_result_text(context, text, -1, sqlite3_free);
    else
        ext_result_code(context, "digit_show", rc == SQLITE_OK ? SQLITE_NOMEM : rc,
                        error);
    ext_room_free(&room);
}

int ext_register_show(sqlite3 *db) {
    return sqlite3_create_function_v2(
        db, "digit_show", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, NULL,
        show, NULL, NULL, NULL);
}
