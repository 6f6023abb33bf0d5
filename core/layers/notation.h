/* notation.h - reads the parts that the notation of a layer consists of:
 *
 *     static int parse(dn_parser *p, dn_layer *l, int n) {      // a layer "nSk[/s]"
 *         if (n < 0 || !dn_parse_word(p, "S")) return DN_NOT_MINE;
 *         l->out.c = n;
 *         const int status = dn_parse_window(p, l, "window is not 1..64");
 *         return status == DN_OK ? dn_parse_stride(p, l) : status;
 *     }
 *
 * Letters in either case; numbers are decimal. */
#ifndef DN_LAYERS_NOTATION_H
#define DN_LAYERS_NOTATION_H

#include "../spec.h"

#define DN_MAX_WINDOW 64 /* side of a kernel or a window, and most of a stride */

enum { DN_NOT_MINE = -1 }; /* the notation is one of another kind of layer */

typedef struct dn_parser {
    const char *text;  /* all of the notation */
    const char *start; /* of the layer that is read */
    const char *at;    /* how far it is read */
    const char *curve; /* where its activation may stand; NULL: it has none */
    int newer;         /* the layer has something that version 0.1 did not know */
    char *error;
    size_t error_size;
} dn_parser;

/* dn_parse_fail - DN_ERROR, after "layers: 'all': what in 'layer' at character 5". */
int dn_parse_fail(dn_parser *p, const char *what);

/* dn_parse_letter, dn_parse_word - 1 if it stands here, given in capitals, and is read;
 * else 0, and nothing is. */
int dn_parse_letter(dn_parser *p, char upper);
int dn_parse_word(dn_parser *p, const char *upper);

/* dn_parse_number - a number without sign, capped far above every limit; −1 if there is
 * none. */
int dn_parse_number(dn_parser *p);

/* dn_parse_fraction - digits with a point among them: 1 if there are some and their value
 * is below 1. */
int dn_parse_fraction(dn_parser *p, float *out);

/* dn_parse_real - a sign, digits with a point among them, or '#' and the eight
 * hexadecimal digits of a float32: 1 if it is a finite number. dn_starts_real: whether
 * one without a sign begins here. dn_print_real, dn_print_bits - write one that reads as
 * x again, dn_print_bits always by its digits; at most DN_REAL_TEXT - 1 characters;
 * return how many. */
#define DN_REAL_TEXT 12
int dn_starts_real(const dn_parser *p);
int dn_parse_real(dn_parser *p, float *out);
int dn_print_real(char *text, float x);
int dn_print_bits(char *text, float x);

/* dn_parse_window - the side of a square kernel or window; "what" says that it is none of
 * 1..64. dn_parse_stride - "/s", if it stands here. DN_OK or DN_ERROR. */
int dn_parse_window(dn_parser *p, dn_layer *l, const char *what);
int dn_parse_stride(dn_parser *p, dn_layer *l);

#endif
