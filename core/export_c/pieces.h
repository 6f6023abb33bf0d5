/* pieces.h - the functions that an exported file (export_c.c) may have in it, as texts of
 * C99.
 *
 * Maps lie one after the other, [c][h][w], which is also the order in which a fully
 * connected layer reads them. Each piece needs no header, and no other piece but those
 * that its row names. */
#ifndef DN_PIECES_H
#define DN_PIECES_H

#include "../activation.h"

enum {
    DN_PIECE_LAYER = 1,     /* struct layer, and the part of a window within the maps */
    DN_PIECE_CONV = 2,      /* convolve(y, x, &layer, w, b) */
    DN_PIECE_DENSE = 4,     /* dense(y, x, inputs, outputs, w, b) */
    DN_PIECE_MAX = 8,       /* maxima(y, x, &layer) */
    DN_PIECE_MEAN = 16,     /* means(y, x, &layer, zeros) */
    DN_PIECE_EXP = 32,      /* exponential(u) */
    DN_PIECE_TANH = 64,     /* tangent(u), hyperbolic */
    DN_PIECE_SIGMA = 128,   /* sigmoid(u) */
    DN_PIECE_SOFTMAX = 256, /* softmax(p, z, n) */
    DN_PIECE_LARGEST = 512, /* largest(p, n), its place */
    DN_PIECE_POOL = 1024    /* pool(y, x, &layer, stride_x, step_y, step_x, mean) */
};

typedef struct dn_piece {
    int is;    /* DN_PIECE_… */
    int needs; /* others, which stand before it */
    const char *text;
} dn_piece;

/* All of them, in the order in which they stand in a file. */
#define DN_PIECES 11
extern const dn_piece dn_pieces[DN_PIECES];

/* What an activation is in C: a function of u and of `numbers` more. */
typedef struct dn_curve_piece {
    const char *name; /* NULL: nothing is to be done */
    int numbers;      /* 0: none; 1: alpha; 2: alpha and beta */
    int needs;        /* DN_PIECE_… */
    const char *text; /* NULL: one of dn_pieces is it */
} dn_curve_piece;

extern const dn_curve_piece dn_curve_pieces[DN_ACTIVATIONS];

#endif
