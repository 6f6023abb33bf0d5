/* row_shape.c - the shape of a training set's rows: see row_shape.h. */
#include <string.h>
#include "../../loaders/png.h"
#include "../base/error.h"
#include "../image/form.h"
#include "../image/image.h"
#include "../image/picture.h"
#include "row.h"
#include "row_shape.h"

/* Rows that are not blank, of which most decide what all are. */
#define DECIDING_ROWS 100

/* --- bytes and floats --------------------------------------------------------------- */

/* Shapes that rows were seen to have, with how many had each. */
#define MOST_SHAPES 8
typedef struct shape_votes {
    dn_shape shapes[MOST_SHAPES];
    int votes[MOST_SHAPES];
    int n, all;
} shape_votes;

static void vote(shape_votes *v, dn_shape shape) {
    int i = 0;
    while (i < v->n && memcmp(&v->shapes[i], &shape, sizeof shape) != 0) i++;
    v->all++;
    if (i == MOST_SHAPES) return;
    if (i == v->n) v->shapes[v->n++] = shape;
    v->votes[i]++;
}

/* votes_count - the shape that most have. An error where too many others may be the same
 * bytes, read in the other form. */
static int votes_count(const shape_votes *v, const ext_source *source, dn_shape *shape,
                       char *error) {
    int most = 0;
    for (int i = 1; i < v->n; i++)
        if (v->votes[i] > v->votes[most]) most = i;
    const dn_shape first = v->shapes[most];
    for (int i = 0; i < v->n; i++) {
        const dn_shape other = v->shapes[i];
        if ((other.h != 2 * first.h && first.h != 2 * other.h) ||
            4 * v->votes[i] <= v->votes[most])
            continue;
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%.100s: of its first %d images %d look like %dx%d and %d like "
                         "%dx%d; tell which they are, as in shape = '%dx%d'",
                         source->name, v->all, v->votes[most], first.h, first.w,
                         v->votes[i], other.h, other.w, first.h, first.w);
        return SQLITE_ERROR;
    }
    *shape = first;
    return SQLITE_OK;
}

/* blob_vote - of a row that is used and no PNG; where none is known yet, an error is the
 * answer so far. */
static void blob_vote(shape_votes *v, ext_source *source, int type, const void *bytes,
                      size_t size, char *error) {
    char what[EXT_ERROR_SIZE];
    dn_shape square;
    dn_image image;
    const int rc =
        ext_image_infer_from(&image, &square, type, bytes, size, &source->room, what);
    if (square.h) vote(v, square);
    if (rc == SQLITE_ERROR && !v->n && !error[0]) ext_row_error(source, what, error);
}

/* --- PNGs --------------------------------------------------------------------------- */

/* The sizes of those that were seen. */
typedef struct png_sizes {
    int n;
    dn_shape least, most; /* of each side alone, and of channels */
} png_sizes;

static void png_take(png_sizes *p, const ext_source *source, const void *bytes,
                     size_t size, char *error) {
    char what[EXT_ERROR_SIZE];
    dn_shape s;
    if (ext_png_shape(&s, EXT_PICTURE_FIT, bytes, size, what) != SQLITE_OK) {
        if (!error[0]) ext_row_error(source, what, error);
        return;
    }
    if (p->n++ == 0) p->least = p->most = s;
    if (s.h < p->least.h) p->least.h = s.h;
    if (s.w < p->least.w) p->least.w = s.w;
    if (s.h > p->most.h) p->most.h = s.h;
    if (s.w > p->most.w) p->most.w = s.w;
    if (s.c > p->most.c) p->most.c = s.c;
}

/* shortened - a side where the longest becomes ROWS_PNG_SIDE. */
static int shortened(int side, int longest) {
    if (longest <= ROWS_PNG_SIDE) return side;
    const int n = (2 * side * ROWS_PNG_SIDE + longest) / (2 * longest);
    return n ? n : 1;
}

static dn_shape png_shape(const png_sizes *p) {
    const dn_shape m = p->most;
    const int longest = m.h > m.w ? m.h : m.w;
    if (p->least.h == m.h && p->least.w == m.w)
        return (dn_shape){shortened(m.h, longest), shortened(m.w, longest), m.c};
    return (dn_shape){shortened(longest, longest), shortened(longest, longest), m.c};
}

/* png_note - how the first PNGs are read, where that was not asked for. */
static int png_note(const png_sizes *p, dn_shape shape, int picture, ext_notes *notes) {
    char sizes[60];
    const int differ = p->least.h != p->most.h || p->least.w != p->most.w;
    sqlite3_snprintf(sizeof sizes, sizes, differ ? "%dx%d to %dx%d" : "%dx%d", p->least.h,
                     p->least.w, p->most.h, p->most.w);
    return ext_note(notes,
                    "images are PNGs of %s pixels: each becomes %dx%dx%d by picture = "
                    "'%s'; the options shape and picture change that",
                    sizes, shape.h, shape.w, shape.c, ext_picture_word(picture));
}

/* labels_are_digits - whether the labels of all rows are the ten digits: 1 or 0, or -1
 * and an error in *rc. The source starts over. */
static int labels_are_digits(ext_source *source, double holdout_share, int *rc,
                             char *error) {
    unsigned seen = 0;
    int others = 0, holdout;
    dn_label label;
    *rc = ext_source_restart(source, NULL, error);
    while (*rc == SQLITE_OK && !others) {
        const int next = ext_source_next(source, error);
        if (next == SQLITE_DONE) break;
        if (next != SQLITE_ROW) *rc = next;
        if (next != SQLITE_ROW || !ext_row_is_used(source, holdout_share, &holdout))
            continue;
        *rc = ext_row_label(source, &label, error);
        const int digit = *rc == SQLITE_OK ? ext_picture_digit(&label) : 0;
        others = digit < 0;
        if (!others) seen |= 1u << digit;
    }
    return *rc == SQLITE_OK ? !others && seen == 0x3FF : -1;
}

/* png_decide - shape and picture, as far as they are not set. */
static int png_decide(const png_sizes *p, ext_source *source, double holdout_share,
                      dn_shape *shape, int *picture, ext_notes *notes, char *error) {
    const int was_said = *picture != EXT_PICTURE_UNSAID && shape->h;
    int rc = SQLITE_OK;
    if (*picture == EXT_PICTURE_UNSAID) {
        *picture = EXT_PICTURE_FIT;
        if ((!shape->h || shape->c == 1) &&
            labels_are_digits(source, holdout_share, &rc, error) > 0)
            *picture = EXT_PICTURE_DIGIT;
    }
    if (rc != SQLITE_OK || was_said) return rc;
    if (*picture == EXT_PICTURE_DIGIT) {
        if (!shape->h) *shape = (dn_shape){EXT_PNG_SIDE, EXT_PNG_SIDE, 1};
        return rc;
    }
    if (!shape->h) *shape = png_shape(p);
    rc = png_note(p, *shape, *picture, notes);
    return rc == SQLITE_OK ? rc : ext_no_memory(error);
}

/* --- both --------------------------------------------------------------------------- */

/* rows_look - at the first that are used. SQLITE_ROW, SQLITE_DONE, or an error and its
 * text; first: what is wrong with a row, where no row before told anything. */
static int rows_look(shape_votes *v, png_sizes *p, ext_source *source,
                     double holdout_share, char *first, char *error) {
    int holdout, rc = SQLITE_ROW;
    while (v->all + p->n < DECIDING_ROWS &&
           (rc = ext_source_next(source, error)) == SQLITE_ROW) {
        if (!ext_row_is_used(source, holdout_share, &holdout)) continue;
        const int type = sqlite3_column_type(source->rows, 0);
        const void *bytes = ext_image_column(source->rows, 0);
        const size_t size = (size_t)sqlite3_column_bytes(source->rows, 0);
        if (!bytes || ext_form_is_blank(bytes, size)) continue;
        if (type == SQLITE_BLOB && png_has_signature(bytes, size))
            png_take(p, source, bytes, size, first);
        else
            blob_vote(v, source, type, bytes, size, first);
    }
    return rc;
}

int ext_rows_shape(ext_source *source, double holdout_share, dn_shape *shape,
                   int *picture, ext_notes *notes, char *error) {
    shape_votes v = {.n = 0};
    png_sizes p = {.n = 0};
    char first[EXT_ERROR_SIZE] = "";
    int rc = rows_look(&v, &p, source, holdout_share, first, error);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) return rc;
    rc = SQLITE_OK;
    if (!shape->h && v.n) rc = votes_count(&v, source, shape, error);
    if (rc == SQLITE_OK && p.n)
        rc = png_decide(&p, source, holdout_share, shape, picture, notes, error);
    if (rc == SQLITE_OK && !v.n && !p.n && !shape->h && first[0]) {
        memcpy(error, first, sizeof first);
        rc = SQLITE_ERROR;
    }
    return rc == SQLITE_OK ? ext_source_restart(source, NULL, error) : rc;
}
