/* text.h - a text of C that grows as it is written.
 *
 *     dn_text t = {.heap = heap};
 *     dn_text_room(&t, 17 * weights);            // so that it rarely has to move
 *     dn_text_print(&t, "static const float w%d[%d] = {\n", layer, n);
 *     for (int i = 0; i < n; i++) dn_text_float(&t, w[i], ",");
 *     dn_text_print(&t, "};\n");
 *     if (t.failed) …                            // there was no memory
 *     dn_release(&heap, t.p);
 *
 * What comes from outside (names, labels, notations) goes through dn_text_comment and
 * dn_text_string, out of which no text can break. */
#ifndef DN_TEXT_H
#define DN_TEXT_H

#include "../dn.h"

typedef struct dn_text {
    dn_heap heap;
    char *p; /* [size], and a zero behind it; of the heap */
    size_t size, room;
    int column; /* in the line that is written */
    int failed; /* no memory: nothing is written any more */
} dn_text;

/* dn_text_room - makes room for so many bytes more. */
void dn_text_room(dn_text *t, uint64_t bytes);

/* dn_text_print - as printf, at most DN_TEXT_PRINTED bytes; no floats, whose decimal
 * point is the locale's. dn_text_put - a text of any length, as it is. */
#define DN_TEXT_PRINTED 400
void dn_text_print(dn_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void dn_text_put(dn_text *t, const char *text);

/* dn_text_float - a number exactly, as C99's hexadecimal constant: 0x1.8p+1f; and what
 * stands behind it. v is finite. dn_text_element - the same with a comma, in lines of 88
 * columns. */
void dn_text_float(dn_text *t, float v, const char *behind);
void dn_text_element(dn_text *t, float v);

/* dn_text_comment - a text within a comment, in lines of 88 columns: what is no printable
 * ASCII becomes '?', and no comment ends or begins in it. */
void dn_text_comment(dn_text *t, const char *text);

/* dn_text_string - size bytes as what a char array is initialised by: "…", or
 * {'…', …, 0} where a string literal is longer than all compilers take. */
void dn_text_string(dn_text *t, const char *bytes, size_t size);

#endif
