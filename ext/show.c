/* show.c - digit_show(image [, width [, colour]]): the picture as text, for a terminal.
 *
 *     SELECT digit_show(pixels), label FROM images WHERE id = 7;
 *     SELECT digit_show(pixels, 60) FROM images WHERE id = 7;          -- 60 characters wide
 *     SELECT digit_show(pixels, NULL, 1) FROM images WHERE id = 7;     -- in its shades of grey
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
 * width, 1 to 512, scales: each pixel shown is the mean of the part of the image that it
 * covers. colour 1 shows every pixel's grey by the terminal's 24-bit colours: '▀' with the upper
 * one as foreground and the lower one as background. A colour is set where it changes,
 * and each line ends by resetting it:
 *
 *     ESC [ 38 ; 2 ; r ; g ; b m    ESC [ 48 ; 2 ; r ; g ; b m    ▀    …    ESC [ 0 m
 *
 * The image is a square one in uint8 or float32, told apart as ext_image_infer does; or a
 * PNG, and then what is shown is the digit that a model would see. */
#include <string.h>
#include "argument.h"
#include "image.h"

/* Pixels from here on are ink. MNIST's strokes are bright in the middle and grey at their
 * rims; at half of the range thin ones break up. */
#define INK 0.375

#define WIDEST 512

/* UTF-8 of U+2580 upper half block, U+2584 lower half block, U+2588 full block. */
static const char *const glyphs[4] = {" ", "\xE2\x96\x80", "\xE2\x96\x84",
                                      "\xE2\x96\x88"};

/* What is shown: a square image of side² pixels as width² ones. */
typedef struct canvas {
    const dn_image *image;
    int side, width;
} canvas;

static double pixel(const dn_image *image, size_t k) {
    if (image->type == DN_UINT8) return ((const unsigned char *)image->pixels)[k] / 255.0;
    return (double)ext_float(image->pixels, k);
}

/* overlap - how much of [a, a + n) lies in [b, b + m). */
static int overlap(int a, int n, int b, int m) {
    const int start = a > b ? a : b, end = a + n < b + m ? a + n : b + m;
    return end > start ? end - start : 0;
}

/* canvas_at - the mean, 0..1, of what pixel (x, y) of the canvas covers of the image. Both are
 * laid out side·width units wide, so that all borders are whole numbers; each product
 * is exact where nothing is scaled. */
static double canvas_at(const canvas *c, int x, int y) {
    const int s = c->side, w = c->width;
    double sum = 0;
    for (int v = y * s / w; v < s && v * w < (y + 1) * s; v++) {
        const int high = overlap(v * w, w, y * s, s);
        for (int u = x * s / w; u < s && u * w < (x + 1) * s; u++)
            sum += pixel(c->image, (size_t)v * (size_t)s + (size_t)u) * high *
                   overlap(u * w, w, x * s, s);
    }
    return sum / ((double)s * s);
}

/* show_plain - the picture in blocks; NULL if there is no memory. */
static char *show_plain(const canvas *c) {
    const size_t w = (size_t)c->width;
    /* At most three bytes a character, and a line feed or the final zero a line. */
    char *text = sqlite3_malloc64((w + 1) / 2 * (3 * w + 1)), *end = text;
    if (!text) return NULL;
    for (int y = 0; y < c->width; y += 2) {
        for (int x = 0; x < c->width; x++) {
            int upper = canvas_at(c, x, y) >= INK;
            int lower = y + 1 < c->width && canvas_at(c, x, y + 1) >= INK;
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

static int grey_at(const canvas *c, int x, int y) {
    return (int)(canvas_at(c, x, y) * 255 + 0.5);
}

/* show_colour - the same in shades. Below the last row of an odd number the terminal's own
 * background shows. */
static char *show_colour(sqlite3 *db, const canvas *c) {
    sqlite3_str *out = sqlite3_str_new(db);
    for (int y = 0; y < c->width; y += 2) {
        int upper = -1, lower = -1;
        if (y) sqlite3_str_appendchar(out, 1, '\n');
        for (int x = 0; x < c->width; x++) {
            const int top = grey_at(c, x, y);
            const int bottom = y + 1 < c->width ? grey_at(c, x, y + 1) : -1;
            if (top != upper)
                sqlite3_str_appendf(out, "\x1b[38;2;%d;%d;%dm", top, top, top);
            if (bottom != lower)
                sqlite3_str_appendf(out, "\x1b[48;2;%d;%d;%dm", bottom, bottom, bottom);
            sqlite3_str_appendall(out, glyphs[1]);
            upper = top;
            lower = bottom;
        }
        sqlite3_str_appendall(out, "\x1b[0m");
    }
    return sqlite3_str_finish(out);
}

static void show(sqlite3_context *context, int argc, sqlite3_value **argv) {
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    dn_image image;
    dn_shape shape;
    char error[EXT_ERROR_SIZE], *text = NULL;
    int colour = 0;
    ext_room room = {0};
    int rc = ext_image_infer(&image, &shape, argv[0], &room, error);
    canvas c = {&image, shape.w, shape.w};
    if (rc == SQLITE_OK && argc > 1)
        rc = ext_integer(&c.width, argv[1], "width", 1, WIDEST, error);
    if (rc == SQLITE_OK && argc > 2)
        rc = ext_integer(&colour, argv[2], "colour", 0, 1, error);
    if (rc == SQLITE_OK) {
        text = colour ? show_colour(sqlite3_context_db_handle(context), &c)
                      : show_plain(&c);
        if (!text) rc = SQLITE_NOMEM;
    }
    if (rc == SQLITE_OK)
        sqlite3_result_text(context, text, -1, sqlite3_free);
    else
        ext_result_code(context, "digit_show", rc, error);
    ext_room_free(&room);
}

int ext_register_show(sqlite3 *db) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 3 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "digit_show", n, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC,
            NULL, show, NULL, NULL, NULL);
    return rc;
}
