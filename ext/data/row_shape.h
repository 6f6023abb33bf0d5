/* row_shape.h - what shape the rows of a training set have, where nobody said it, and
 * what becomes of those that are PNGs.
 *
 *     dn_shape shape = {0};
 *     int picture = 0; // EXT_PICTURE_UNSAID
 *     int rc = ext_rows_shape(&source, 0.1, &shape, &picture, &notes, error);
 */
#ifndef EXT_ROW_SHAPE_H
#define EXT_ROW_SHAPE_H

#include "../../core/dn.h"
#include "../base/notes.h"
#include "source.h"

/* ext_rows_shape - looks at the first hundred rows that take part; then the source starts
 * over.
 *
 * Bytes and floats: the shape that most images have that are not blank, each taken for a
 * square as ext_image_infer does. A blob of zeros may be float32 or bytes of twice the
 * side, so a first row without ink decides nothing; nor does one bad row, for floats out
 * of range count as floats. PNGs beside them take their shape.
 *
 * PNGs alone: EXT_PICTURE_DIGIT, and images of EXT_PNG_SIDE, where the labels of all rows
 * are the ten digits. Else EXT_PICTURE_FIT and the size that all have, with 3 channels
 * where one of them is made for colours; no side is longer than ROWS_PNG_SIDE: a larger
 * size keeps its aspect, and sizes that differ become a square. A note says so.
 *
 *   holdout_share   as ext_row_is_used takes it
 *   shape, picture  kept where they are set (h, EXT_PICTURE_UNSAID: not set); shape stays
 *                   unset where all are blank, picture where none of them is a PNG
 *
 * SQLITE_OK, or an error and its text: of the first row, where none tells a shape, or one
 * that asks for it, where more than one in five looks like the other reading of the same
 * bytes. */
#define ROWS_PNG_SIDE 32
int ext_rows_shape(ext_source *source, double holdout_share, dn_shape *shape,
                   int *picture, ext_notes *notes, char *error);

#endif
