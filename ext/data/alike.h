/* alike.h - classes that look the same to a reader: 7 and '7', '7 ' and '7', 'a\r' and
 * 'a'.
 *
 * They come of columns that hold an INTEGER here and a TEXT there, of CSV files and of
 * padded texts. A network that tells them apart learns nothing, so they are an error. */
#ifndef EXT_ALIKE_H
#define EXT_ALIKE_H

#include "classes.h"

/* ext_alike_find - looks for two classes that differ in type or in white space around
 * them alone; '7.0' is like 7. SQLITE_OK if there are none; SQLITE_ERROR and a sentence
 * in error [EXT_ERROR_SIZE] that shows both; SQLITE_NOMEM and its sentence. */
int ext_alike_find(const ext_class_set *classes, char *error);

/* ext_alike_missing - whether a label is what other tools write for a missing value: a
 * text that is empty, or "nan", "null", "none" or "n/a" in any case. */
int ext_alike_missing(const dn_label *label);

#endif
