/* batch.h - some rows of a source, for a network to look at together. */
#ifndef EXT_BATCH_H
#define EXT_BATCH_H

#include "../../core/dn.h"
#include "../data/source.h"

typedef struct ext_block_row {
    sqlite3_int64 id;     /* ext_source_id's */
    sqlite3_value *label; /* a copy; NULL for none */
    int image;            /* its place among the block's images, or -1 for a NULL */
} ext_block_row;

/* All zeros at first. */
typedef struct ext_block {
    int n_rows, n_images;
    ext_block_row *rows;   /* [largest] */
    dn_image *images;      /* [largest] those of the rows that have one, in order */
    unsigned char *pixels; /* [largest][4·h·w·c] what images point to */
    float *probabilities;  /* [largest][classes] room for what a network says */
    int largest;           /* rows there is room for */
} ext_block;

/* ext_block_read - adds the source's next rows to an empty block, until it has `wanted`.
 *
 * Returns SQLITE_ROW, SQLITE_DONE behind the last row, or an error and its sentence in
 * error [EXT_ERROR_SIZE]; the rows before it are in the block. */
int ext_block_read(ext_block *block, ext_source *source, const dn_model_info *info,
                   int wanted, char *error);

void ext_block_clear(ext_block *block); /* empties it; the room stays */
void ext_block_free(ext_block *block);

#endif
