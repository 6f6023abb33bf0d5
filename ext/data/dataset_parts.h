/* dataset_parts.h - a training set from the inside, and the part of it that is in memory.
 *
 * As long as the pixels of all rows fit in the budget (cache_mb), they are all held and
 * nothing here has work to do. Past it a set is "windowed": its labels and a few facts of
 * each row are held, and the pixels of one window of rows at a time, read again from the
 * table each epoch. Only dataset.c and dataset_window.c look in here. */
#ifndef EXT_DATASET_PARTS_H
#define EXT_DATASET_PARTS_H

#include "../base/hash.h"
#include "classes.h"
#include "dataset.h"
#include "digit_form.h"
#include "left_out.h"
#include "pixels.h"
#include "source.h"

/* What is known of a row without its pixels. */
struct ext_row_facts {
    double sum, squares; /* of its values: k of bytes k/255, or floats */
    uint64_t hash;       /* row_hash */
    sqlite3_int64 id;    /* its rowid, or its number among all rows */
    int is_float;
};

/* Forms that rows may have, bits: */
enum { ROW_UINT8 = 1, ROW_FLOAT32 = 2, ROW_PNG = 4 };

/* What a set consists of, a row's parts at its number. */
struct ext_dataset_store {
    ext_pixel_set pixels; /* of all rows, or of the window's */
    ext_class_set classes;
    int32_t *class_of;           /* [room] while reading: by first appearance */
    unsigned char *is_holdout;   /* [room] what split says */
    struct ext_row_facts *facts; /* [room] freed after reading if all rows are held */
    uint32_t n, room;
    uint32_t n_holdout; /* rows with is_holdout */
    int windowed;
    uint32_t n_blank; /* rows whose pixels are all 0 */
    uint32_t n_mask;  /* whose bytes are 0 and 1 alone */
    uint32_t n_faint; /* whose floats add up to no visible pixel */
    uint32_t n_paper; /* whose border is bright, as that of dark ink on paper */
    unsigned forms;   /* ROW_… of all rows */
    ext_digit_form digit_form;
    ext_left_out left_out;

    /* Only of a windowed set: */
    sqlite3 *db;
    sqlite3_value *source;   /* its name */
    int flags;               /* SOURCE_…, that it is read with */
    int picture;             /* that its PNGs were read by */
    double holdout;          /* the share asked for */
    uint32_t *place_of;      /* [n] where in pixels a row is, or a mark */
    sqlite3_uint64 cache;    /* bytes that may be held, … */
    sqlite3_uint64 row_size; /* … and those that a row takes */
};

/* row_hash - of an image's bytes and their type. */
static inline uint64_t row_hash(const dn_image *image, size_t values) {
    const int is_float = image->type == DN_FLOAT32;
    return hash_bytes(hash_word(HASH_START, (uint64_t)is_float), image->pixels,
                      values * (is_float ? 4 : 1));
}

/* ext_window_start - when all rows were read: sets data->window, and makes ready to read
 * them again if need be. SQLITE_OK or SQLITE_NOMEM. ext_window_end - frees what it
 * took. */
int ext_window_start(ext_dataset *data, sqlite3 *db, sqlite3_value *source,
                     const ext_dataset_request *request);
void ext_window_end(struct ext_dataset_store *store);

#endif
