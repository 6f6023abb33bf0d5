/* digit_show.c - digit_show(image [, width [, colour [, shape [, picture]]]]): the
 * picture as text, for a terminal.
 *
 *     SELECT digit_show(pixels), label FROM images WHERE id = 7;
 *     SELECT digit_show(pixels, 60) FROM images WHERE id = 7;       -- 60 characters wide
 *     SELECT digit_show(pixels, NULL, 1) FROM images WHERE id = 7;  -- in shades of grey
 *     SELECT digit_show(pixels, 60, 1, '32x48x3') FROM photos;          -- in its colours
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
 * covers. colour 1 shows every pixel's grey, or its colour, by the terminal's 24-bit
 * colours: '▀' with the upper one as foreground and the lower one as background. A colour
 * is set where it changes, and each line ends by resetting it; below the last row of an
 * odd number the terminal's own background shows:
 *
 *     ESC [ 38 ; 2 ; r ; g ; b m    ESC [ 48 ; 2 ; r ; g ; b m    ▀    …    ESC [ 0 m
 *
 * Image, shape and picture are what digit_png takes: a PNG is shown as the digit that a
 * model would see, or as picture says. In blocks, a colour counts as its brightness. */
#include <string.h>
#include "../../loaders/png.h"
#include "../base/argument.h"
#include "../base/error.h"
#include "bitmap.h"

/* Pixels from here on are ink. MNIST's strokes are bright in the middle and grey at their
 * rims; at half of the range thin ones break up. */
#define INK (0.375 * 255)

#define WIDEST 512

/* UTF-8 of U+2580 upper half block, U+2584 lower half block, U+2588 full block. */
static const char *const glyphs[4] = {" ", "\xE2\x96\x80", "\xE2\x96\x84",
                                      "\xE2\x96\x88"};

/* What is shown: the bitmap on width×height pixels. */
typedef struct canvas {
    const ext_bitmap *bitmap;
    int width, height;
} canvas;

/* value - of pixel k: its brightness, or channel c of its colour. */
static double value(const ext_bitmap *b, size_t k, int c) {
    return c < 0 ? ext_bitmap_grey(b, k) : b->pixels[k * (size_t)b->c + (size_t)c];
}

/* overlap - how much of [a, a + n) lies in [b, b + m). */
static int overlap(int a, int n, int b, int m) {
    const int start = a > b ? a : b, end = a + n < b + m ? a + n : b + m;
    return end > start ? end - start : 0;
}

/* canvas_at - the mean, 0..255, of what pixel (x, y) of the canvas covers of the bitmap.
 * Both are laid out W·width units wide and H·height high, so that all borders are whole
 * numbers;
 * each product is exact where nothing is scaled. */
static double canvas_at(const canvas *s, int x, int y, int c) {
    const int W = s->bitmap->w, H = s->bitmap->h, w = s->width, h = s->height;
    double sum = 0;
    for (int v = y * H / h; v < H && v * h < (y + 1) * H; v++) {
        const int high = overlap(v * h, h, y * H, H);
        for (int u = x * W / w; u < W && u * w < (x + 1) * W; u++)
            sum += value(s->bitmap, (size_t)v * (size_t)W + (size_t)u, c) * high *
                   overlap(u * w, w, x * W, W);
    }
    return sum / ((double)W * H);
}

/* show_plain - the picture in blocks. SQLITE_OK, or an error and its sentence. */
static int show_plain(char **out, const canvas *s, const load_stop *stop, char *error) {
    const size_t w = (size_t)s->width, lines = ((size_t)s->height + 1) / 2;
    /* At most three bytes a character, and a line feed or the final zero a line. */
    char *text = sqlite3_malloc64(lines * (3 * w + 1)), *end = text;
    *out = text;
    if (!text) return ext_no_memory(error);
    for (int y = 0; y < s->height; y += 2) {
        if (load_stopped(stop)) return ext_from_loader(LOAD_STOPPED, error);
        for (int x = 0; x < s->width; x++) {
            int upper = canvas_at(s, x, y, -1) >= INK;
            int lower = y + 1 < s->height && canvas_at(s, x, y + 1, -1) >= INK;
            const char *glyph = glyphs[upper + 2 * lower];
            size_t size = strlen(glyph);
            memcpy(end, glyph, size);
            end += size;
        }
        *end++ = '\n';
    }
    end[-1] = 0;
    return SQLITE_OK;
}

/* colour_at - 0xRRGGBB, or NOTHING below the last row of an odd number. */
#define NOTHING 0x1000000
static int colour_at(const canvas *s, int x, int y) {
    int rgb = 0;
    if (y >= s->height) return NOTHING;
    for (int c = 0; c < 3; c++)
        rgb = rgb << 8 | (int)(canvas_at(s, x, y, s->bitmap->c == 3 ? c : 0) + 0.5);
    return rgb;
}

/* colour_set - where is 38 for the foreground, 48 for the background. */
static void colour_set(sqlite3_str *out, int where, int rgb) {
    sqlite3_str_appendf(out, "\x1b[%d;2;%d;%d;%dm", where, rgb >> 16, rgb >> 8 & 255,
                        rgb & 255);
}

/* show_colour - the same in shades or colours. */
static int show_colour(char **text, sqlite3 *db, const canvas *s, const load_stop *stop,
                       char *error) {
    sqlite3_str *out = sqlite3_str_new(db);
    int rc = SQLITE_OK;
    for (int y = 0; y < s->height && rc == SQLITE_OK; y += 2) {
        int upper = NOTHING, lower = NOTHING;
        if (load_stopped(stop)) rc = ext_from_loader(LOAD_STOPPED, error);
        if (y) sqlite3_str_appendchar(out, 1, '\n');
        for (int x = 0; x < s->width; x++) {
            const int top = colour_at(s, x, y), bottom = colour_at(s, x, y + 1);
            if (top != upper) colour_set(out, 38, top);
            if (bottom != lower) colour_set(out, 48, bottom);
            sqlite3_str_appendall(out, glyphs[1]);
            upper = top;
            lower = bottom;
        }
        sqlite3_str_appendall(out, "\x1b[0m");
    }
    *text = sqlite3_str_finish(out);
    return *text || rc != SQLITE_OK ? rc : ext_no_memory(error);
}

/* canvas_size - the bitmap's own, or of a width that is asked for, its proportions
 * kept. */
static int canvas_size(canvas *s, sqlite3_value *width, char *error) {
    const ext_bitmap *b = s->bitmap;
    s->width = b->w;
    const int rc = width ? ext_integer(&s->width, width, "width", 1, WIDEST, error)
                         : SQLITE_OK;
    const double height = (double)b->h * s->width / b->w;
    s->height = height < 1 ? 1 : (int)(height + 0.5);
    if (rc != SQLITE_OK || s->height <= PNG_MAX_SIDE) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "width %d makes a picture %d pixels high; expected %d at most",
                     s->width, s->height, PNG_MAX_SIDE);
    return SQLITE_ERROR;
}

static int canvas_show(char **text, const canvas *s, int colour, sqlite3 *db,
                       ext_room *room, char *error) {
    const load_stop stop = ext_room_stop(room);
    ext_watch_begin(&room->watch);
    const int rc = colour ? show_colour(text, db, s, &stop, error)
                          : show_plain(text, s, &stop, error);
    ext_watch_end(&room->watch);
    return rc;
}

static void show(sqlite3_context *context, int argc, sqlite3_value **argv) {
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    char error[EXT_ERROR_SIZE], *text = NULL;
    ext_bitmap bitmap;
    canvas s = {.bitmap = &bitmap};
    int colour = 0;
    ext_room *room = sqlite3_user_data(context);
    int rc = ext_bitmap_get(&bitmap, argc, argv, 3, room, error);
    if (rc == SQLITE_OK) rc = canvas_size(&s, argc > 1 ? argv[1] : NULL, error);
    if (rc == SQLITE_OK && argc > 2)
        rc = ext_integer(&colour, argv[2], "colour", 0, 1, error);
    if (rc == SQLITE_OK)
        rc = canvas_show(&text, &s, colour, sqlite3_context_db_handle(context), room,
                         error);
    if (rc == SQLITE_OK) {
        sqlite3_result_text(context, text, -1, sqlite3_free);
    } else {
        ext_result_code(context, "digit_show", rc, error);
        sqlite3_free(text);
    }
    ext_bitmap_free(&bitmap);
}

int ext_register_show(sqlite3 *db) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 5 && rc == SQLITE_OK; n++)
        rc = ext_room_register(db, "digit_show", n,
                               SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC,
                               show, NULL, NULL);
    return rc;
}
