/* batch.h - some rows of a source, for a network to look at together. */
#ifndef EXT_BATCH_H
#define EXT_BATCH_H

#include "../../core/dn.h"
#include "answers.h"

/* About the most bytes that a batch's pixels take, and its labels, and its probabilities:
 * any one row is read, however large. */
#define EXT_BATCH_BYTES (32 << 20)

/* All zeros at first. */
typedef struct ext_batch {
    ext_answers answers; /* its rows; class is the image's place here until it is known */
    dn_image *images;    /* [n_images] those of the rows that have one, in order */
    float *probabilities;   /* [n_images][classes] room for what a network says */
    unsigned char *several; /* [n_images] 1 for a picture of several digits */
    unsigned char *pixels;  /* [used] what images point to */
    size_t used, room;      /* bytes of pixels */
    int n_images;
    int largest; /* rows there is room for */
} ext_batch;

/* ext_batch_read - adds the source's next rows to an empty batch, until it has `wanted`
 * of them or takes EXT_BATCH_BYTES.
 *
 * Returns SQLITE_ROW, SQLITE_DONE behind the last row, or an error and its sentence in
 * error [EXT_ERROR_SIZE]; the rows before it are in the batch. */
int ext_batch_read(ext_batch *batch, ext_source *source, const dn_model_info *info,
                   int wanted, char *error);

/* ext_batch_answer - puts what the network said into the answers. */
void ext_batch_answer(ext_batch *batch, const dn_model_info *info);

void ext_batch_clear(ext_batch *batch); /* empties it; the room stays */
void ext_batch_free(ext_batch *batch);

#endif
