/* row.h - one row of a training set: what its columns say. The source stands on it. */
#ifndef EXT_ROW_H
#define EXT_ROW_H

#include "../../core/dn.h"
#include "source.h"

/* ext_row_error - puts "images, rowid 17: " before what is wrong with the row, in error
 * [EXT_ERROR_SIZE]; returns SQLITE_ERROR. */
int ext_row_error(const ext_source *source, const char *what, char *error);

/* ext_row_is_used - whether a row takes part: pixels and label are not NULL, and its
 * split, if there is one, is 'train', or 'holdout' where a share of it is wanted;
 * *holdout then. */
int ext_row_is_used(const ext_source *source, double holdout_share, int *holdout);

/* ext_row_label - its label; a text is the statement's. SQLITE_OK, or an error and its
 * text. */
int ext_row_label(const ext_source *source, dn_label *label, char *error);

/* ext_row_image - its pixels, which are the source's until the next row; those of the
 * first row tell the shape if nobody has (shape->h is 0). SQLITE_OK, or an error and its
 * text. */
int ext_row_image(ext_source *source, dn_shape *shape, dn_image *image, char *error);

#endif
