/* sample.h - some images of a source, to measure a model by: a thousand at most, from its
 * first row to its last at even distances.
 *
 *     ext_sample s;
 *     int rc = ext_sample_new(&s, &info, error);
 *     if (rc == SQLITE_OK) rc = ext_sample_read(&s, db, source, picture, NULL, error);
 *     if (rc == SQLITE_OK) rc = ext_sample_predict(chosen, NULL, &s, model, &watch);
 *     ext_sample_free(&s);
 *
 * Its rows are those whose split is 'train', or all, if the source has none. */
#ifndef EXT_SAMPLE_H
#define EXT_SAMPLE_H

#include "../data/classes.h"
#include "../data/source.h"

/* Images at even distances: where there is no more room, every other one is given up, and
 * from then on so many rows are passed over. */
typedef struct ext_sample {
    unsigned char *pixels; /* [room][size] */
    dn_pixel_type *types;  /* [room] */
    dn_image *images;      /* [room], when it is full */
    int32_t *labels;       /* [room] numbers of classes, -1 for what is none of them; all
                              of them where none were asked for */
    dn_shape shape;
    int classes; /* that a model for them tells apart */
    size_t size; /* bytes that an image may take */
    int n, room;
    sqlite3_int64 every, seen; /* rows */
} ext_sample;

/* ext_sample_new - room for images of a model; for fewer if it takes long. SQLITE_OK, or
 * an error and its text in error [EXT_ERROR_SIZE]. Free it after either. */
int ext_sample_new(ext_sample *s, const dn_model_info *info, char *error);
void ext_sample_free(ext_sample *s);

/* ext_sample_read - from the rows of a source, which others wrote: ext_enter first.
 *
 *   picture   EXT_PICTURE_…: what a PNG becomes
 *   classes   rows without a label are left out, and labels are these; NULL: no labels
 *
 * SQLITE_OK, or an error and its text: there are none, or all are the same. */
int ext_sample_read(ext_sample *s, sqlite3 *db, sqlite3_value *source, int picture,
                    const ext_class_set *classes, char *error);

/* ext_sample_predict - of all its images, the class that a model says: chosen [n].
 * metrics, which may be NULL, adds up those that have a label of its classes. A status of
 * core's. */
int ext_sample_predict(int *chosen, dn_metrics *metrics, const ext_sample *s,
                       const dn_model *model, const dn_watch *watch);

#endif
