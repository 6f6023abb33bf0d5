/* digit_sheet.c - digit_sheet(image [, caption [, shape [, picture]]]): a contact sheet
 * of all rows, as a PNG.
 *
 *     SELECT writefile('sheet.png', digit_sheet(pixels, label))
 *     FROM (SELECT pixels, label FROM images WHERE split = 'test' LIMIT 100);
 *
 *     SELECT label, digit_sheet(pixels) FROM images GROUP BY label;
 *     SELECT digit_sheet(pixels, label, '20x30x3') FROM photos;
 *
 * Pictures stand in the order in which rows come, line by line, as many lines as make the
 * sheet about square. Those narrower than 84 pixels are enlarged by a whole number. A
 * cell has room for the widest and the highest picture, and for the longest caption, of
 * 40 characters at most: what is longer is cut off. Where the sheet would get too large,
 * pictures are enlarged less; where that is not enough, captions are cut off where their
 * pictures end. A row whose image is NULL leaves an empty cell. No rows give NULL.
 *
 *     +---------------------+     MARGIN around and between cells; below each
 *     |  +-----+   +-----+  |     picture, if any row has a caption, a line for it
 *     |  |  7  |   |  2  |  |
 *     |  +-----+   +-----+  |
 *     |  caption   caption  |
 *     +---------------------+
 *
 * Image, shape and picture are what digit_png takes. A picture in colours makes the sheet
 * one of colours. It is at most 4096×4096: that is the limit on the number of rows,
 * 12,000 of 28×28 with captions. */
#include <stdlib.h>
#include <string.h>
#include "../../loaders/png.h"
#include "../base/error.h"
#include "bitmap.h"
#include "font.h"

#define MARGIN  4
#define ENLARGE 84 /* pictures up to this width */
#define LINE    (FONT_HEIGHT + 2)
#define CAPTION 40 /* the most characters that widen a cell */
#define BLANK   28 /* the side of a cell where all are empty */
#define PAPER   255
#define EMPTY   224
#define INK     0

typedef struct sheet_cell {
    ext_bitmap bitmap; /* all zeros where there is no picture */
    char *caption;     /* NULL for none */
    size_t length;
} sheet_cell;

/* The aggregate: all zeros at first, as SQLite gives it. */
typedef struct sheet {
    sheet_cell *cells;
    int n, room;
    int w, h;    /* of the widest picture, and of the highest */
    int colours; /* whether there is one with colours */
    int caption; /* whether there is one … */
    int text;    /* … and the dots of the longest, of CAPTION characters at most */
    int failed;  /* the error has been said */
} sheet;

/* How the cells lie. */
typedef struct sheet_plan {
    int scale, columns;
    int w, h, line; /* a picture's room, a caption's height, in dots of the sheet */
    int cell;       /* its width: w or more */
    int width, height;
} sheet_plan;

/* --- a row -------------------------------------------------------------------------- */

/* plan_of - for one scale, and cells of text dots or more; 0 if the sheet would be too
 * large. */
static int plan_of(sheet_plan *plan, const sheet *s, int scale, int text) {
    *plan = (sheet_plan){.scale = scale,
                         .w = (s->w ? s->w : BLANK) * scale,
                         .h = (s->h ? s->h : BLANK) * scale,
                         .line = s->caption ? LINE : 0};
    plan->cell = plan->w > text ? plan->w : text;
    const int across = plan->cell + MARGIN, down = plan->h + MARGIN + plan->line;
    int rows;
    if (across > PNG_MAX_SIDE - MARGIN || down > PNG_MAX_SIDE - MARGIN) return 0;
    do {
        plan->columns++;
        rows = (s->n + plan->columns - 1) / plan->columns;
    } while (plan->columns < s->n &&
             (int64_t)plan->columns * across < (int64_t)rows * down);
    if ((int64_t)plan->columns * across > PNG_MAX_SIDE - MARGIN ||
        (int64_t)rows * down > PNG_MAX_SIDE - MARGIN)
        return 0;
    plan->width = plan->columns * across + MARGIN;
    plan->height = rows * down + MARGIN;
    return 1;
}

/* sheet_fits - the plan with whole captions, if there is one, and the largest pictures;
 * or an error. */
static int sheet_fits(sheet_plan *plan, const sheet *s, char *error) {
    const int w = s->w ? s->w : BLANK, most = w < ENLARGE ? ENLARGE / w : 1;
    for (int scale = most; scale > 0; scale--)
        if (plan_of(plan, s, scale, s->text)) return SQLITE_OK;
    for (int scale = most; scale > 0; scale--)
        if (plan_of(plan, s, scale, 0)) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "%d pictures of %dx%d make too large a sheet; expected %dx%d at most", s->n,
        plan->w, plan->h, PNG_MAX_SIDE, PNG_MAX_SIDE);
    return SQLITE_ERROR;
}

/* sheet_grow - a cell more, all zeros. */
static int sheet_grow(sheet *s, char *error) {
    if (s->n == s->room) {
        const int room = s->room ? 2 * s->room : 64;
        void *cells =
            sqlite3_realloc64(s->cells, (sqlite3_uint64)room * sizeof *s->cells);
        if (!cells) return ext_no_memory(error);
        s->cells = cells;
        s->room = room;
    }
    s->cells[s->n++] = (sheet_cell){0};
    return SQLITE_OK;
}

static int take_picture(sheet *s, int argc, sqlite3_value **argv, ext_room *room,
                        char *error) {
    ext_bitmap *bitmap = &s->cells[s->n - 1].bitmap;
    const int rc = ext_bitmap_get(bitmap, argc, argv, 2, room, error);
    if (bitmap->w > s->w) s->w = bitmap->w;
    if (bitmap->h > s->h) s->h = bitmap->h;
    if (bitmap->c == 3) s->colours = 1;
    return rc;
}

static int take_caption(sheet *s, sqlite3_value *value, char *error) {
    sheet_cell *cell = &s->cells[s->n - 1];
    const unsigned char *text = sqlite3_value_text(value);
    if (!text) return ext_no_memory(error);
    /* No sheet has room for more. */
    size_t length = (size_t)sqlite3_value_bytes(value);
    if (length > PNG_MAX_SIDE) length = PNG_MAX_SIDE;
    cell->caption = sqlite3_malloc64(length + 1);
    if (!cell->caption) return ext_no_memory(error);
    memcpy(cell->caption, text, length);
    cell->length = length;
    s->caption = 1;
    const int dots = ext_font_width(cell->caption, length, CAPTION);
    if (dots > s->text) s->text = dots;
    return SQLITE_OK;
}

static void sheet_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
    char error[EXT_ERROR_SIZE] = "", where[EXT_ERROR_SIZE];
    sheet *s = sqlite3_aggregate_context(context, sizeof *s);
    sheet_plan plan;
    if (!s) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (s->failed) return;
    int rc = sheet_grow(s, error);
    if (rc == SQLITE_OK && sqlite3_value_type(argv[0]) != SQLITE_NULL)
        rc = take_picture(s, argc, argv, sqlite3_user_data(context), error);
    if (rc == SQLITE_OK && argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL)
        rc = take_caption(s, argv[1], error);
    /* Too many rows are told as soon as they are: they are all in memory. */
    if (rc == SQLITE_OK && !plan_of(&plan, s, 1, 0)) rc = sheet_fits(&plan, s, error);
    if (rc == SQLITE_OK) return;
    s->failed = 1;
    sqlite3_snprintf(EXT_ERROR_SIZE, where, "row %d: %s", s->n, error);
    ext_result_code(context, "digit_sheet", rc, where);
}

/* --- the sheet ---------------------------------------------------------------------- */

/* draw_row - a row of a picture's pixels, each of them scale dots wide. */
static void draw_row(unsigned char *dot, int c, const unsigned char *row,
                     const ext_bitmap *b, int scale) {
    for (int u = 0; u < b->w; u++, row += b->c)
        for (int i = 0; i < scale; i++)
            for (int k = 0; k < c; k++) *dot++ = row[b->c == 3 ? k : 0];
}

/* draw_picture - a cell's, in the middle of the room whose upper left dot is at place x,
 * y. */
static void draw_picture(ext_bitmap *out, const sheet_plan *plan, int x, int y,
                         const ext_bitmap *b) {
    const int w = b->w * plan->scale, h = b->h * plan->scale, c = out->c;
    x += (plan->w - w) / 2;
    y += (plan->h - h) / 2;
    for (int v = 0; v < h; v++) {
        unsigned char *dot = out->pixels + ((ptrdiff_t)(y + v) * out->w + x) * c;
        const unsigned char *row = b->pixels + (ptrdiff_t)(v / plan->scale) * b->w * b->c;
        draw_row(dot, c, row, b, plan->scale);
    }
}

/* draw_blank - what stands for a picture that is NULL. */
static void draw_blank(ext_bitmap *out, const sheet_plan *plan, int x, int y) {
    for (int v = 0; v < plan->h; v++)
        memset(out->pixels + ((ptrdiff_t)(y + v) * out->w + x) * out->c, EMPTY,
               (size_t)(plan->w * out->c));
}

static int sheet_encode(unsigned char **out, size_t *size, const sheet *s, ext_room *room,
                        char *error) {
    sheet_plan plan;
    int rc = sheet_fits(&plan, s, error);
    if (rc != SQLITE_OK) return rc;
    ext_bitmap all = {NULL, plan.height, plan.width, s->colours ? 3 : 1};
    const size_t n = (size_t)all.h * (size_t)all.w * (size_t)all.c;
    all.pixels = sqlite3_malloc64(n);
    if (!all.pixels) return ext_no_memory(error);
    memset(all.pixels, PAPER, n);
    for (int i = 0; i < s->n; i++) {
        const sheet_cell *cell = &s->cells[i];
        const int x = MARGIN + i % plan.columns * (plan.cell + MARGIN);
        const int y = MARGIN + i / plan.columns * (plan.h + plan.line + MARGIN);
        if (cell->bitmap.pixels)
            draw_picture(&all, &plan, x, y, &cell->bitmap);
        else
            draw_blank(&all, &plan, x, y);
        if (cell->caption)
            ext_font_draw(all.pixels + ((ptrdiff_t)(y + plan.h + 2) * all.w + x) * all.c,
                          all.w * all.c, all.c, plan.cell, cell->caption, cell->length,
                          INK);
    }
    rc = ext_bitmap_png(out, size, &all, 1, room, error);
    ext_bitmap_free(&all);
    return rc;
}

static void sheet_final(sqlite3_context *context) {
    char error[EXT_ERROR_SIZE] = "";
    unsigned char *out;
    size_t size;
    sheet *s = sqlite3_aggregate_context(context, 0);
    if (!s) return;
    if (!s->failed && s->n) {
        const int rc = sheet_encode(&out, &size, s, sqlite3_user_data(context), error);
        if (rc == SQLITE_OK)
            sqlite3_result_blob64(context, out, size, free);
        else
            ext_result_code(context, "digit_sheet", rc, error);
    }
    for (int i = 0; i < s->n; i++) {
        sqlite3_free(s->cells[i].caption);
        ext_bitmap_free(&s->cells[i].bitmap);
    }
    sqlite3_free(s->cells);
}

int ext_register_sheet(sqlite3 *db) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 4 && rc == SQLITE_OK; n++)
        rc = ext_room_register(db, "digit_sheet", n,
                               SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC,
                               NULL, sheet_step, sheet_final);
    return rc;
}
