/* left_out.c - see left_out.h. */
#include <string.h>
#include "left_out.h"

static int is_known(const char *split) {
    return split && (strcmp(split, "train") == 0 || strcmp(split, "holdout") == 0 ||
                     strcmp(split, "test") == 0);
}

/* split_add - remembers an odd value, if it is among the first. */
static int split_add(ext_left_out *left, const char *split) {
    char *text = sqlite3_mprintf("%!.40Q", split); /* NULL for no text */
    if (!text) return SQLITE_NOMEM;
    int k = 0;
    while (k < LEFT_OUT_SPLITS && left->splits[k] && strcmp(left->splits[k], text) != 0)
        k++;
    if (k < LEFT_OUT_SPLITS && !left->splits[k])
        left->splits[k] = text;
    else
        sqlite3_free(text);
    return SQLITE_OK;
}

int ext_left_out_add(ext_left_out *left, const ext_source *source) {
    sqlite3_stmt *row = source->rows;
    if (source->split >= 0) {
        const char *split = (const char *)sqlite3_column_text(row, source->split);
        if (!is_known(split)) {
            left->odd_split++;
            return split_add(left, split);
        }
        if (strcmp(split, "test") == 0) return SQLITE_OK;
    }
    if (sqlite3_column_type(row, 0) == SQLITE_NULL)
        left->no_pixels++;
    else if (sqlite3_column_type(row, source->label) == SQLITE_NULL)
        left->no_label++;
    return SQLITE_OK;
}

void ext_left_out_splits(const ext_left_out *left, sqlite3_str *out) {
    for (int k = 0; k < LEFT_OUT_SPLITS && left->splits[k]; k++)
        sqlite3_str_appendf(out, "%s%s", k ? ", " : "", left->splits[k]);
    if (left->splits[LEFT_OUT_SPLITS - 1]) sqlite3_str_appendall(out, ", …");
}

int ext_left_out_notes(const ext_left_out *left, ext_notes *notes) {
    int rc = SQLITE_OK;
    if (left->no_pixels)
        rc = ext_note(notes, "%lld rows are left out: their pixels are NULL",
                      left->no_pixels);
    if (rc == SQLITE_OK && left->no_label)
        rc = ext_note(notes, "%lld rows are left out: their label is NULL",
                      left->no_label);
    if (rc != SQLITE_OK || !left->odd_split) return rc;
    sqlite3_str *out = sqlite3_str_new(NULL);
    ext_left_out_splits(left, out);
    char *splits = sqlite3_str_finish(out);
    rc = splits ? ext_note(notes,
                           "%lld rows are left out: their split is %s; expected 'train', "
                           "'holdout' or 'test'",
                           left->odd_split, splits)
                : SQLITE_NOMEM;
    sqlite3_free(splits);
    return rc;
}

void ext_left_out_free(ext_left_out *left) {
    for (int k = 0; k < LEFT_OUT_SPLITS; k++) sqlite3_free(left->splits[k]);
    memset(left, 0, sizeof *left);
}
