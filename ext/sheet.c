/* sheet.c - digit_sheet(image [, caption]): a contact sheet of all rows, as a PNG.
 *
 *     SELECT writefile('sheet.png', digit_sheet(pixels, label))
 *     FROM (SELECT pixels, label FROM images WHERE split = 'test' LIMIT 100);
 *
 *     SELECT label, digit_sheet(pixels) FROM images GROUP BY label;
 *
 * Pictures stand in the order in which rows come, line by line, as many lines as make the
 * sheet about square. Those under 84 pixels are enlarged by a whole number, so that a
 * caption has room: 14 characters, and what is longer is cut off. Where the sheet would
 * get too large they are enlarged less. A cell is as large as the largest picture; a row whose
 * image is NULL leaves an empty one. No rows give NULL.
 *
 *     +---------------------+     MARGIN around and between cells; below each
 *     |  +-----+   +-----+  |     picture, if any row has a caption, a line for it
 *     |  |  7  |   |  2  |  |
 *     |  +-----+   +-----+  |
 *     |  caption   caption  |
 *     +---------------------+
 *
 * An image is what digit_png takes. The sheet is at most 4096×4096: that is the limit on the
 * number of rows, 12,000 of 28×28 with captions. */
#include <stdlib.h>
#include <string.h>
#include "../loaders/font.h"
#include "../loaders/png.h"
#include "image.h"

#define MARGIN  4
#define ENLARGE 84 /* pictures up to this side */
#define LINE    (FONT_HEIGHT + 2)
#define PAPER   255
#define EMPTY   224
#define INK     0

typedef struct sheet_cell {
    unsigned char *grey; /* [side][side], NULL where there is no picture */
    int side;
    char *caption; /* NULL for none */
    size_t length;
} sheet_cell;

/* The aggregate: all zeros at first, as SQLite gives it. */
typedef struct sheet {
    sheet_cell *cells;
    int n, room;
    int side;    /* of the largest picture */
    int caption; /* whether there is one */
    int failed;  /* the error has been said */
} sheet;

/* How the cells lie. */
typedef struct sheet_plan {
    int scale, columns;
    int cell, line; /* a picture's side, a caption's height, in dots of the sheet */
    int width, height;
} sheet_plan;

/* --- a row -------------------------------------------------------------------------------- */

/* plan_of - for one scale; 0 if the sheet would be too large. */
static int plan_of(sheet_plan *plan, const sheet *s, int scale) {
    *plan = (sheet_plan){.scale = scale,
                         .cell = (s->side ? s->side : EXT_PNG_SIDE) * scale,
                         .line = s->caption ? LINE : 0};
    const int across = plan->cell + MARGIN, down = across + plan->line;
    int rows;
    if (down > PNG_MAX_SIDE - MARGIN) return 0;
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

/* sheet_fits - the plan with the largest pictures, or an error. */
static int sheet_fits(sheet_plan *plan, const sheet *s, char *error) {
    const int side = s->side ? s->side : EXT_PNG_SIDE;
    for (int scale = side < ENLARGE ? ENLARGE / side : 1; scale > 0; scale--)
        if (plan_of(plan, s, scale)) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "%d pictures of %dx%d make too large a sheet; expected %dx%d at most", s->n, side,
        side, PNG_MAX_SIDE, PNG_MAX_SIDE);
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

static int take_picture(sheet *s, sqlite3_value *value, char *error) {
    sheet_cell *cell = &s->cells[s->n - 1];
    ext_room room = {0};
    dn_image image;
    dn_shape shape;
    int rc = ext_image_infer(&image, &shape, value, &room, error);
    if (rc != SQLITE_OK) goto done;
    const size_t n = (size_t)shape.h * (size_t)shape.w;
    cell->grey = sqlite3_malloc64(n);
    if (!cell->grey) {
        rc = ext_no_memory(error);
        goto done;
    }
    cell->side = shape.w;
    if (shape.w > s->side) s->side = shape.w;
    if (image.type == DN_UINT8)
        memcpy(cell->grey, image.pixels, n);
    else
        for (size_t i = 0; i < n; i++)
            cell->grey[i] = (unsigned char)(ext_float(image.pixels, i) * 255.0f + 0.5f);
done:
    ext_room_free(&room);
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
        rc = take_picture(s, argv[0], error);
    if (rc == SQLITE_OK && argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL)
        rc = take_caption(s, argv[1], error);
    /* Too many rows are told as soon as they are: they are all in memory. */
    if (rc == SQLITE_OK && !plan_of(&plan, s, 1)) rc = sheet_fits(&plan, s, error);
    if (rc == SQLITE_OK) return;
    s->failed = 1;
    sqlite3_snprintf(EXT_ERROR_SIZE, where, "row %d: %s", s->n, error);
    ext_result_code(context, "digit_sheet", rc, where);
}

/* --- the sheet ---------------------------------------------------------------------------- */

/* draw_picture - a cell's, in the middle of the square whose upper left dot is at grey. */
static void draw_picture(unsigned char *grey, const sheet_plan *plan,
                         const sheet_cell *cell) {
    const int side = cell->side * plan->scale, start = (plan->cell - side) / 2;
    for (int y = 0; y < plan->cell; y++, grey += plan->width) {
        if (!cell->grey) {
            memset(grey, EMPTY, (size_t)plan->cell);
        } else if (y >= start && y < start + side) {
            const unsigned char *row =
                cell->grey + (ptrdiff_t)((y - start) / plan->scale) * cell->side;
            for (int x = 0; x < side; x++) grey[start + x] = row[x / plan->scale];
        }
    }
}

static int sheet_encode(unsigned char **out, size_t *size, const sheet *s, char *error) {
    sheet_plan plan;
    *out = NULL;
    int rc = sheet_fits(&plan, s, error);
    if (rc != SQLITE_OK) return rc;
    const size_t n = (size_t)plan.width * (size_t)plan.height;
    unsigned char *grey = sqlite3_malloc64(n);
    if (!grey) return ext_no_memory(error);
    memset(grey, PAPER, n);
    for (int i = 0; i < s->n; i++) {
        const sheet_cell *cell = &s->cells[i];
        const int x = MARGIN + i % plan.columns * (plan.cell + MARGIN);
        const int y = MARGIN + i / plan.columns * (plan.cell + plan.line + MARGIN);
        unsigned char *at = grey + (ptrdiff_t)y * plan.width + x;
        draw_picture(at, &plan, cell);
        if (cell->caption)
            font_draw(at + (ptrdiff_t)(plan.cell + 2) * plan.width, plan.width, plan.cell,
                      cell->caption, cell->length, INK);
    }
    const int status =
        png_encode(out, size, grey, plan.width, plan.height, 1, error, EXT_ERROR_SIZE);
    sqlite3_free(grey);
    return status == PNG_OK      ? SQLITE_OK
           : status == PNG_NOMEM ? SQLITE_NOMEM
                                 : SQLITE_ERROR;
}

static void sheet_final(sqlite3_context *context) {
    char error[EXT_ERROR_SIZE] = "";
    unsigned char *out = NULL;
    size_t size = 0;
    sheet *s = sqlite3_aggregate_context(context, 0);
    if (!s) return;
    if (!s->failed && s->n) {
        const int rc = sheet_encode(&out, &size, s, error);
        if (rc == SQLITE_OK)
            sqlite3_result_blob64(context, out, size, free);
        else
            ext_result_code(context, "digit_sheet", rc, error);
    }
    for (int i = 0; i < s->n; i++) {
        sqlite3_free(s->cells[i].caption);
        sqlite3_free(s->cells[i].grey);
    }
    sqlite3_free(s->cells);
}

int ext_register_sheet(sqlite3 *db) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 2 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "digit_sheet", n, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC,
            NULL, NULL, sheet_step, sheet_final, NULL);
    return rc;
}
