/* view.h - how a value of an ONNX graph lies in what a layer gave: its dimensions after
 * any Reshape, Transpose, Squeeze and Flatten, which move no number.
 *
 *     onnx_view v = dn_onnx_view_of(3, (int64_t[]){3, 6, 6}, -1);   // [c][h][w]
 *     dn_onnx_view_turn(&v, (int64_t[]){1, 2, 0});                  // [h][w][c]
 *     dn_onnx_view_reshape(&v, 1, (int64_t[]){108});                // channels last
 *     onnx_places p = dn_onnx_places(&v);
 *     for (int i = 0; i < 108; i++, dn_onnx_next(&p))
 *         order[i] = p.at;                // of [c][h][w]: element i of the view
 *
 * A dimension may be made of several parts of what it was made from, so a view is a list
 * of atoms: of sizes above 1, each with its stride, in the order of the dimensions. The
 * atoms of a dimension multiply to its size.
 *
 * Sizes are those of one image. The dimension of the batch is 1 here, and `batch` says
 * which it is; −1: no dimension is, which only a batch of one image can do without. */
#ifndef DN_ONNX_VIEW_H
#define DN_ONNX_VIEW_H

#include "onnx.h"

#define ONNX_MAX_ATOMS 16

typedef struct onnx_atom {
    int64_t size, stride;
} onnx_atom;

typedef struct onnx_view {
    int rank;
    int64_t dims[ONNX_MAX_RANK];
    int batch;
    int n;
    onnx_atom atoms[ONNX_MAX_ATOMS];
} onnx_view;

/* dn_onnx_view_of - numbers one after the other. */
onnx_view dn_onnx_view_of(int rank, const int64_t *dims, int batch);

/* dn_onnx_view_size - numbers of one image. */
int64_t dn_onnx_view_size(const onnx_view *v);

/* dn_onnx_view_reshape - other dimensions of as many numbers, in the order that they have
 * now; the caller sets batch. 1, or 0 and v unchanged if sizes do not divide each other
 * so. */
int dn_onnx_view_reshape(onnx_view *v, int rank, const int64_t *dims);

/* dn_onnx_view_turn - dimension i becomes what perm[i] was: 1, or 0 and v unchanged if
 * perm is no permutation of 0 … rank − 1. */
int dn_onnx_view_turn(onnx_view *v, const int64_t *perm);

/* dn_onnx_view_dim - the atoms of dimension i: how many, and the first. */
int dn_onnx_view_dim(const onnx_view *v, int i, const onnx_atom **first);

/* dn_onnx_view_plain - whether the numbers are in the order in which the layer gave
 * them. */
int dn_onnx_view_plain(const onnx_view *v);

/* dn_onnx_view_alike - whether two views have their numbers in one order, whatever their
 * dimensions are. */
int dn_onnx_view_alike(const onnx_view *a, const onnx_view *b);

/* Going over the elements in the view's order. */
typedef struct onnx_places {
    const onnx_view *view;
    int64_t index[ONNX_MAX_ATOMS];
    int64_t at;
} onnx_places;

static inline onnx_places dn_onnx_places(const onnx_view *v) {
    return (onnx_places){.view = v};
}
void dn_onnx_next(onnx_places *p); /* after the last comes the first again */

#endif
