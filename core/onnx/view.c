/* view.c - how a value lies in what a layer gave: see view.h. */
#include <string.h>
#include "view.h"

onnx_view dn_onnx_view_of(int rank, const int64_t *dims, int batch) {
    onnx_view v = {.rank = rank, .batch = batch};
    int64_t stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
        v.dims[i] = dims[i];
        if (dims[i] != 1) v.n++;
    }
    for (int i = rank - 1, at = v.n; i >= 0; i--) {
        if (dims[i] != 1) v.atoms[--at] = (onnx_atom){dims[i], stride};
        stride *= dims[i];
    }
    return v;
}

int64_t dn_onnx_view_size(const onnx_view *v) {
    int64_t n = 1;
    for (int i = 0; i < v->rank; i++) n *= v->dims[i];
    return n;
}

/* Joins atoms that lie one after the other. */
static void join(onnx_view *v) {
    int n = 0;
    for (int i = 0; i < v->n; i++) {
        const onnx_atom a = v->atoms[i];
        if (n && v->atoms[n - 1].stride == a.size * a.stride)
            v->atoms[n - 1] = (onnx_atom){v->atoms[n - 1].size * a.size, a.stride};
        else
            v->atoms[n++] = a;
    }
    v->n = n;
}

int dn_onnx_view_reshape(onnx_view *v, int rank, const int64_t *dims) {
    onnx_view from = *v, out = {.rank = rank, .batch = -1};
    int at = 0;
    join(&from);
    for (int i = 0; i < rank; i++) {
        int64_t left = dims[i];
        out.dims[i] = dims[i];
        while (left != 1) {
            if (at == from.n || out.n == ONNX_MAX_ATOMS) return 0;
            onnx_atom *a = &from.atoms[at];
            if (left % a->size == 0) {
                out.atoms[out.n++] = *a;
                left /= a->size;
                at++;
            } else if (left > 0 && a->size % left == 0) {
                a->size /= left;
                out.atoms[out.n++] = (onnx_atom){left, a->size * a->stride};
                left = 1;
            } else {
                return 0;
            }
        }
    }
    if (at < from.n) return 0;
    *v = out;
    return 1;
}

int dn_onnx_view_dim(const onnx_view *v, int i, const onnx_atom **first) {
    int at = 0, n = 0;
    for (int k = 0; k <= i; k++) {
        int64_t left = v->dims[k];
        at += n;
        for (n = 0; left > 1; n++) left /= v->atoms[at + n].size;
    }
    *first = v->atoms + at;
    return n;
}

int dn_onnx_view_turn(onnx_view *v, const int64_t *perm) {
    onnx_view out = {.rank = v->rank, .batch = -1};
    unsigned seen = 0;
    for (int i = 0; i < v->rank; i++) {
        const int64_t k = perm[i];
        const onnx_atom *first;
        if (k < 0 || k >= v->rank || seen >> k & 1) return 0;
        seen |= 1u << k;
        out.dims[i] = v->dims[k];
        if (k == v->batch) out.batch = i;
        const int n = dn_onnx_view_dim(v, (int)k, &first);
        memcpy(out.atoms + out.n, first, (size_t)n * sizeof *first);
        out.n += n;
    }
    *v = out;
    return 1;
}

int dn_onnx_view_plain(const onnx_view *v) {
    onnx_view joined = *v;
    join(&joined);
    return joined.n == 0 || (joined.n == 1 && joined.atoms[0].stride == 1);
}

int dn_onnx_view_alike(const onnx_view *a, const onnx_view *b) {
    onnx_view x = *a, y = *b;
    join(&x);
    join(&y);
    int alike = x.n == y.n;
    for (int i = 0; i < x.n && alike; i++)
        alike = x.atoms[i].size == y.atoms[i].size &&
                x.atoms[i].stride == y.atoms[i].stride;
    return alike;
}

void dn_onnx_next(onnx_places *p) {
    for (int i = p->view->n - 1; i >= 0; i--) {
        const onnx_atom a = p->view->atoms[i];
        p->at += a.stride;
        if (++p->index[i] < a.size) return;
        p->at -= a.size * a.stride;
        p->index[i] = 0;
    }
}
