/* row.c - one row of a training set as its statement gives it: see row.h. */
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "../image/image.h"
#include "row.h"

/* row_id - ", id '7'" of the row it stands on, "" where it is the rowid or has none. */
static void row_id(const ext_source *source, char *out, int size) {
    sqlite3_stmt *row = source->rows;
    const int type = source->named < 0 ? SQLITE_NULL
                                       : sqlite3_column_type(row, source->named);
    out[0] = 0;
    if (type == SQLITE_TEXT) {
        const char *text = (const char *)sqlite3_column_text(row, source->named);
        sqlite3_snprintf(size, out, ", id '%!.60s'", text ? text : "");
    } else if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        const sqlite3_int64 id = sqlite3_column_int64(row, source->named);
        if (type == SQLITE_FLOAT)
            sqlite3_snprintf(size, out, ", id %!.15g",
                             sqlite3_column_double(row, source->named));
        else if (source->rowid < 0 || id != ext_source_rowid(source))
            sqlite3_snprintf(size, out, ", id %lld", id);
    }
}

int ext_row_error(const ext_source *source, const char *what, char *error) {
    char id[80];
    row_id(source, id, sizeof id);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%.100s, %s %lld%s: %s", source->name,
                     source->rowid < 0 ? "row" : "rowid", ext_source_rowid(source), id,
                     what);
    return SQLITE_ERROR;
}

int ext_row_is_used(const ext_source *source, double holdout_share, int *holdout) {
    sqlite3_stmt *row = source->rows;
    *holdout = 0;
    if (source->split >= 0) {
        const char *split = (const char *)sqlite3_column_text(row, source->split);
        *holdout = split && strcmp(split, "holdout") == 0;
        if (!split || (!*holdout && strcmp(split, "train") != 0)) return 0;
        if (*holdout && holdout_share <= 0) return 0;
    }
    return sqlite3_column_type(row, 0) != SQLITE_NULL &&
           sqlite3_column_type(row, source->label) != SQLITE_NULL;
}

int ext_row_label(const ext_source *source, dn_label *label, char *error) {
    sqlite3_stmt *row = source->rows;
    const int type = sqlite3_column_type(row, source->label);
    memset(label, 0, sizeof *label);
    sqlite3_int64 whole;
    if (type == SQLITE_INTEGER) {
        label->integer = sqlite3_column_int64(row, source->label);
        return SQLITE_OK;
    }
    if (type == SQLITE_FLOAT &&
        ext_whole(sqlite3_column_double(row, source->label), &whole)) {
        label->integer = whole;
        return SQLITE_OK;
    }
    if (type == SQLITE_TEXT) {
        label->text = (const char *)sqlite3_column_text(row, source->label);
        label->text_size = (size_t)sqlite3_column_bytes(row, source->label);
        return label->text ? SQLITE_OK
                           : ext_sqlite_error(source->db, SQLITE_NOMEM, error);
    }
    char what[120];
    const double real = sqlite3_column_double(row, source->label);
    if (type == SQLITE_FLOAT)
        sqlite3_snprintf(sizeof what, what,
                         real == floor(real)
                             ? "label is %!.15g, a REAL beyond 2^53, which holds no "
                               "longer each integer; expected an INTEGER or TEXT"
                             : "label is %!.15g; expected an INTEGER or TEXT",
                         real);
    else
        sqlite3_snprintf(sizeof what, what,
                         "label is a BLOB; expected an INTEGER or TEXT (numpy's integers "
                         "arrive as BLOBs: use int(x))");
    return ext_row_error(source, what, error);
}

int ext_row_image(ext_source *source, dn_shape *shape, dn_image *image, char *error) {
    sqlite3_stmt *row = source->rows;
    char what[EXT_ERROR_SIZE];
    const int type = sqlite3_column_type(row, 0);
    const void *bytes = ext_image_column(row, 0);
    const size_t size = (size_t)sqlite3_column_bytes(row, 0);
    int rc;
    if (shape->h) {
        rc = ext_image_from(image, type, bytes, size, *shape, &source->room, what);
        if (rc == SQLITE_OK) return SQLITE_OK;
    } else {
        dn_shape square;
        rc = ext_image_infer_from(image, &square, type, bytes, size, &source->room, what);
        if (rc == SQLITE_OK) {
            *shape = square;
            return SQLITE_OK;
        }
    }
    if (rc == SQLITE_ERROR) return ext_row_error(source, what, error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", what); /* out of memory, interrupted */
    return rc;
}
