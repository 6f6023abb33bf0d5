/* alike.h - classes that look the same to a reader: 7 and '7', '7 ' and '7', 'a\r' and
 * 'a'.
 *
 * They come of columns that hold an INTEGER here and a TEXT there, of CSV files and of
 * padded texts. A network that tells them apart learns nothing, so they are an error. */
#ifndef EXT_ALIKE_H
#define EXT_ALIKE_H

#include "../base/notes.h"
#include "classes.h"

/* ext_alike_find - looks for two classes that differ in type or in white space around
 * them alone; '7.0' is like 7, and a no-break space is white. Also for a label that is no
 * UTF-8, which JSON cannot hold. SQLITE_OK if there are none; SQLITE_ERROR and a sentence
 * in error [EXT_ERROR_SIZE] that shows them; SQLITE_NOMEM and its sentence. */
int ext_alike_find(const ext_class_set *classes, char *error);

/* ext_alike_notes - notes of labels that can be meant: '07' or '+7' beside 7; and what
 * other tools write for a missing value, a text that is empty, or "nan", "null", "none"
 * or "n/a" in any case. SQLITE_OK or SQLITE_NOMEM. */
int ext_alike_notes(const dn_label *labels, int n, ext_notes *notes);

#endif
