/* dataset.h - the rows of a table as a training set.
 *
 *     ext_dataset *data;
 *     ext_dataset_request request = {.holdout = 0.1, .seed = 1};
 *     int rc = ext_dataset_load(&data, db, argv[0], &request, error);
 *     …
 *     ext_dataset_order(data, order, seed, epoch);
 *     for (uint32_t at = 0; at < data->n_train; at += data->window) {
 *         uint32_t n = data->n_train - at;
 *         if (n > data->window) n = data->window;
 *         rc = ext_dataset_hold(data, data->train, order + at, n, error);
 *         … rows: 256 of those …
 *         ext_dataset_get(data, rows, 256, images, classes);
 *     }
 *     ext_dataset_free(data);
 *
 * Pixels are held as small as they came: an image whose every value is one of k/255 takes
 * a byte a pixel, as MNIST does though its table holds float32 (60,000 images: 47 MB);
 * any other image takes four. Images lie in blocks of about a megabyte, so the set grows
 * without being copied. They are read by their numbers, through ext_dataset_get alone. A
 * set larger than its budget is held a window at a time: see dataset_window.c.
 *
 * Rows: those whose pixels and label are not NULL. If the source has a column split, only
 * its 'train' rows, and its 'holdout' rows as the holdout. Otherwise a share of each
 * class, chosen by the seed, is the holdout. */
#ifndef EXT_DATASET_H
#define EXT_DATASET_H

#include "../../core/dn.h"
#include "../base/notes.h"

struct ext_source;

/* What is wanted of a source. */
typedef struct ext_dataset_request {
    dn_shape shape; /* of its images; h = 0: the first one's, which is then a square */
    double
        holdout; /* share of the rows, 0 for none; ignored where split says 'holdout' */
    uint64_t seed;
    sqlite3_int64 cache; /* bytes of pixels to hold at most */
    int batch;           /* rows of a step: a window is a multiple of it */
    int distinct_labels; /* 7 and '7' may both be classes */
    int picture;         /* what PNGs become; EXT_PICTURE_UNSAID: see row_shape.h */
    int is_stored;       /* shape and picture are a stored training's: unsaid stays so */
    int one_class;       /* one label is enough: nothing is trained */
    int any_split;       /* rows take part whatever their split; none is held out by it */
    /* For a caller who wants to know the rows, or NULL: called with each that takes part,
     * in order; the source stands on it. SQLITE_OK or SQLITE_NOMEM. */
    int (*visit)(void *context, const struct ext_source *source);
    void *context;
    sqlite3_value *key; /* as ext_source_open takes it, … */
    int flags;          /* … and what visit wants read: SOURCE_ID */
} ext_dataset_request;

typedef struct ext_dataset {
    dn_shape shape;
    int picture;       /* what PNGs became, or would */
    uint32_t n;        /* rows: training and holdout */
    dn_label *labels;  /* [classes]: integers ascending, then texts by their bytes */
    int classes;       /* 2 or more; 1 where the request allows it */
    uint32_t *train;   /* [n_train] numbers of rows, ascending */
    uint32_t *holdout; /* [n_holdout] the same */
    uint32_t n_train, n_holdout;
    uint32_t window;   /* rows that can be held at once: n_train, or fewer */
    float mean, std;   /* of all pixels of the training rows; std is 1 if it would be 0 */
    uint64_t checksum; /* of pixels, labels and splits, in order */
    const char *rows;  /* their form: "uint8", "float32", "PNG" or "mixed" */
    ext_notes notes;   /* what was left out or looks odd */
    struct ext_dataset_store *store; /* the rest: dataset.c */
} ext_dataset;

/* ext_dataset_load - reads a source.
 *
 * Notices an interrupt and a progress handler, as the statement it runs does. Returns an
 * SQLite result code and, unless that is SQLITE_OK, a sentence in error [EXT_ERROR_SIZE]
 * that names the row: "images, rowid 17: label is REAL; expected INTEGER or TEXT". */
int ext_dataset_load(ext_dataset **out, sqlite3 *db, sqlite3_value *source,
                     const ext_dataset_request *request, char *error);
void ext_dataset_free(ext_dataset *data); /* takes NULL too */

/* ext_dataset_few - notes "30 held-out images are too few to …", where fewer than these
 * are held out: what one network has more right of them than another is chance. Of 100,
 * half of them right, the standard error is 5 points. SQLITE_OK or SQLITE_NOMEM. */
#define EXT_LEAST_HELD 100
int ext_dataset_few(ext_dataset *data, const char *what);

/* ext_dataset_batch - makes the window fit steps of another size than the request's. */
void ext_dataset_batch(ext_dataset *data, int batch);

/* ext_dataset_leave_out - makes all rows the training's but those of one fold, of which
 * fold_of [n] has the number of each row's. Only of a set that holds out none.
 * ext_dataset_batch comes next. */
void ext_dataset_leave_out(ext_dataset *data, const unsigned char *fold_of, int fold);

/* ext_dataset_class - the class of a row, by its number, held or not. */
int32_t ext_dataset_class(const ext_dataset *data, uint32_t row);

/* ext_dataset_order - the order of an epoch, order [n_train]: a permutation of
 * 0..n_train-1 that depends on seed, epoch and, where not all rows can be held, on the
 * window's size.
 * SQLITE_OK or SQLITE_NOMEM. */
int ext_dataset_order(const ext_dataset *data, uint32_t *order, uint64_t seed,
                      uint64_t epoch);

/* ext_dataset_hold - loads rows[order[i]], i < n ≤ window, into memory; order
 * may be NULL for rows[i]. Nothing to do where all rows are held. Otherwise the rows held
 * before go, and a row that has changed or gone is an error. SQLITE_OK, or an error and
 * its text [EXT_ERROR_SIZE]. */
int ext_dataset_hold(ext_dataset *data, const uint32_t *rows, const uint32_t *order,
                     uint32_t n, char *error);

/* ext_dataset_get - images and classes of n rows that are held, by their numbers. The
 * images are valid until the next ext_dataset_hold. */
void ext_dataset_get(const ext_dataset *data, const uint32_t *rows, int n,
                     dn_image *images, int32_t *classes);

#endif
