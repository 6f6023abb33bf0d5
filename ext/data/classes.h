/* classes.h - the distinct labels of a training set, and their order.
 *
 * While rows are read a label gets a number by its first appearance. When all are read
 * the labels are sorted, integers ascending and then texts by their bytes, and a class's
 * place in that order is what the network's outputs are numbered by. */
#ifndef EXT_CLASSES_H
#define EXT_CLASSES_H

#include "../../core/dn.h"
#include "../base/ext.h"

typedef struct ext_class_set {
    dn_label *labels; /* [n] in order of appearance; texts are sqlite3_malloc'd */
    int32_t *sorted;  /* [n] their numbers, in order of the labels */
    int32_t n, room;
} ext_class_set;

/* ext_classes_find - the number of a label, added if it is new; its text is copied. -1:
 * out of memory; -2: there are DN_MAX_CLASSES already. */
int32_t ext_classes_find(ext_class_set *c, const dn_label *label);

/* ext_classes_match - the number of a label, or where it is none of these, of the one
 * that is written so in the other type: 7 for '7', '7' for 7. -1: neither is there. */
int32_t ext_classes_match(const ext_class_set *c, const dn_label *label);

/* ext_label_integer - whether a text of size bytes is an integer as SQLite writes it, '7'
 * and not '07'; *out is that integer. */
int ext_label_integer(const char *text, size_t size, sqlite3_int64 *out);

/* ext_classes_sort - sorts the labels. ranks [n] is filled: number → place in the
 * order. */
void ext_classes_sort(ext_class_set *c, int32_t *ranks);

void ext_classes_free(ext_class_set *c);

#endif
