/* predictor.h - from the rows of a source to answers, a batch at a time.
 *
 *     ext_predictor p = {0};
 *     int rc = ext_predictor_open(&p, db, source, NULL, SOURCE_ID, error);
 *     if (rc == SQLITE_OK) rc = ext_predictor_start(&p, model, NULL, NULL, error);
 *     while (rc == SQLITE_OK && (rc = ext_predictor_next(&p, error)) == SQLITE_ROW)
 *         … ext_predictor_answers(&p) …
 *     ext_predictor_close(&p);
 *
 * The answers are digit_predict's and digit_confidence's, bit for bit. While one batch
 * goes through the network, on all cores, the calling thread reads the next. Batches grow
 * from 64 rows, so that the first is quick, as long as one takes no more than some tens
 * of milliseconds; or some tenths of a second, where several groups of images share the
 * weights that they read. An interrupt is noticed between batches and within one. The
 * threads stand from the first batch of several images until the last, or an error. */
#ifndef EXT_PREDICTOR_H
#define EXT_PREDICTOR_H

#include "../base/interrupt.h"
#include "../model/cache.h"
#include "batch.h"

/* All zeros at first, and after ext_predictor_close. */
typedef struct ext_predictor {
    ext_source source;
    ext_model *model; /* the caller's, and what it is called */
    sqlite3_value *model_name;
    ext_watch watch;
    dn_threads *threads;        /* NULL: not started yet, or no more */
    ext_batch batches[2];       /* the one that was answered last, and the one after it */
    int now;                    /* which of them */
    int wanted;                 /* rows of the next batch */
    int rc;                     /* of reading: SQLITE_ROW as long as there may be more */
    char error[EXT_ERROR_SIZE]; /* what went wrong, told behind the rows before it */

    /* Of batches of one image, which is what a look-up by id reads: */
    double reading, predicting; /* seconds, all together */
    sqlite3_int64 predicted;    /* how many */
} ext_predictor;

/* ext_predictor_open - opens the source: see ext_source_open for name, key, flags, error
 * and the result. */
int ext_predictor_open(ext_predictor *p, sqlite3 *db, sqlite3_value *name,
                       sqlite3_value *key, int flags, char *error);
void ext_predictor_close(ext_predictor *p);

/* ext_predictor_start - starts reading, or starts over; with the rows that have value,
 * where the source was opened for that. The model and its name, NULL for none, are the
 * caller's, who keeps them as long as this runs. SQLITE_OK, or an error and its text. */
int ext_predictor_start(ext_predictor *p, ext_model *model, sqlite3_value *model_name,
                        sqlite3_value *value, char *error);

/* ext_predictor_next - the next batch's answers, at least one: SQLITE_ROW; SQLITE_DONE
 * where there are none left; or an error and its text. */
int ext_predictor_next(ext_predictor *p, char *error);

/* ext_predictor_answers - those of the last batch, until the next call. */
const ext_answers *ext_predictor_answers(const ext_predictor *p);

#endif
