/* classes.c - the distinct labels of a training set: see classes.h. */
#include <stdlib.h>
#include <string.h>
#include "classes.h"

/* label_compare - below, at or above 0 as a comes before, is, or comes after b. */
static int label_compare(const dn_label *a, const dn_label *b) {
    if (!a->text != !b->text) return a->text ? 1 : -1;
    if (!a->text) return (a->integer > b->integer) - (a->integer < b->integer);
    const size_t common = a->text_size < b->text_size ? a->text_size : b->text_size;
    const int order = common ? memcmp(a->text, b->text, common) : 0;
    return order ? order : (a->text_size > b->text_size) - (a->text_size < b->text_size);
}

/* classes_grow - makes room for one more. 0: out of memory. */
static int classes_grow(ext_class_set *c) {
    if (c->n < c->room) return 1;
    const int32_t room = c->room ? 2 * c->room : 16;
    void *labels = sqlite3_realloc64(c->labels, (sqlite3_uint64)room * sizeof *c->labels);
    if (labels) c->labels = labels;
    void *sorted = sqlite3_realloc64(c->sorted, (sqlite3_uint64)room * sizeof *c->sorted);
    if (sorted) c->sorted = sorted;
    if (!labels || !sorted) return 0;
    c->room = room;
    return 1;
}

/* place_find - the number of a label, or -1; *place is where in the order it stands, or
 * would. */
static int32_t place_find(const ext_class_set *c, const dn_label *label, int32_t *place) {
    int32_t low = 0, high = c->n;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        const int order = label_compare(&c->labels[c->sorted[middle]], label);
        *place = middle;
        if (order == 0) return c->sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *place = low;
    return -1;
}

int ext_label_integer(const char *text, size_t size, sqlite3_int64 *out) {
    char copy[24], again[24];
    if (size == 0 || size >= sizeof copy) return 0;
    memcpy(copy, text, size);
    copy[size] = '\0';
    *out = strtoll(copy, NULL, 10);
    sqlite3_snprintf(sizeof again, again, "%lld", *out);
    return strcmp(copy, again) == 0;
}

int32_t ext_classes_match(const ext_class_set *c, const dn_label *label) {
    int32_t place;
    sqlite3_int64 integer;
    char text[24];
    dn_label other = {NULL, 0, 0};
    const int32_t same = place_find(c, label, &place);
    if (same >= 0) return same;
    if (!label->text) {
        sqlite3_snprintf(sizeof text, text, "%lld", (sqlite3_int64)label->integer);
        other.text = text;
        other.text_size = strlen(text);
    } else if (ext_label_integer(label->text, label->text_size, &integer)) {
        other.integer = integer;
    } else {
        return -1;
    }
    return place_find(c, &other, &place);
}

int32_t ext_classes_find(ext_class_set *c, const dn_label *label) {
    int32_t low;
    const int32_t same = place_find(c, label, &low);
    if (same >= 0) return same;
    if (c->n == DN_MAX_CLASSES) return -2;
    if (!classes_grow(c)) return -1;
    dn_label copy = *label;
    if (label->text) {
        char *text = sqlite3_malloc64(label->text_size + 1);
        if (!text) return -1;
        memcpy(text, label->text, label->text_size);
        text[label->text_size] = 0;
        copy.text = text;
    }
    memmove(c->sorted + low + 1, c->sorted + low,
            (size_t)(c->n - low) * sizeof *c->sorted);
    c->sorted[low] = c->n;
    c->labels[c->n] = copy;
    return c->n++;
}

void ext_classes_sort(ext_class_set *c, int32_t *ranks) {
    for (int32_t i = 0; i < c->n; i++) ranks[c->sorted[i]] = i;
    /* labels[i] becomes labels[sorted[i]], one cycle of that permutation after
     * another. */
    for (int32_t i = 0; i < c->n; i++) {
        const dn_label first = c->labels[i];
        int32_t hole = i;
        while (c->sorted[hole] != i) {
            const int32_t from = c->sorted[hole];
            c->labels[hole] = c->labels[from];
            c->sorted[hole] = hole;
            hole = from;
        }
        c->labels[hole] = first;
        c->sorted[hole] = hole;
    }
}

void ext_classes_free(ext_class_set *c) {
    for (int32_t i = 0; i < c->n; i++) sqlite3_free((void *)c->labels[i].text);
    sqlite3_free(c->labels);
    sqlite3_free(c->sorted);
    memset(c, 0, sizeof *c);
}
