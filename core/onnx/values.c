/* values.c - what the names of an ONNX graph stand for that depends on the image, and how
 * its dimensions stand for height, width and channels: see import.h.
 *
 * The shape of an image may be anybody's guess until an operator needs to know it: a flat
 * input is cut into rows by a Reshape, one of four dimensions turned by a Transpose. The
 * first that needs it says what it is, and the nodes are gone over again. */
#include <math.h>
#include "../error.h"
#include "../memory.h"
#include "import.h"

const onnx_value *dn_onnx_value_at(const onnx_import *im, int i) {
    const pb_bytes name = dn_onnx_input(im->node, i);
    if (!name.size) return NULL;
    dn_onnx_worked(im->file.work, name.size);
    const int number = dn_onnx_names_find(&im->made, name);
    return number < 0 ? NULL : &im->values[number];
}

const onnx_value *dn_onnx_first(const onnx_import *im) { return dn_onnx_value_at(im, 0); }

int dn_onnx_give(onnx_import *im, int i, const onnx_value *v) {
    if (i >= im->node->n_outputs || !im->node->outputs[i].size) return DN_OK;
    im->values[im->n_values] = *v;
    dn_onnx_names_put(&im->made, im->node->outputs[i], im->n_values++);
    return DN_OK;
}

int dn_onnx_give_maps(onnx_import *im, int step) {
    const dn_shape s = im->net.steps[step].out;
    const int64_t dims[4] = {1, s.c, s.h, s.w};
    return dn_onnx_give(im, 0,
                        &(onnx_value){.step = step, .view = dn_onnx_view_of(4, dims, 0)});
}

int dn_onnx_give_flat(onnx_import *im, int step) {
    const dn_shape s = im->net.steps[step].out;
    const int64_t dims[2] = {1, (int64_t)s.c * s.h * s.w};
    return dn_onnx_give(im, 0,
                        &(onnx_value){.step = step, .view = dn_onnx_view_of(2, dims, 0)});
}

int dn_onnx_pin(onnx_import *im) {
    if (im->batch != 1 && im->batch != ONNX_UNKNOWN)
        return dn_onnx_fail(im,
                            "is right for one image at a time, but the file's input has "
                            "%lld; export it for batches of 1, or of any size",
                            (long long)im->batch);
    im->batch = 1;
    return DN_OK;
}

int dn_onnx_batch_first(const onnx_import *im, const onnx_view *v) {
    return v->rank > 0 && (v->batch == 0 || (im->batch == 1 && v->dims[0] == 1));
}

/* --- the image's shape -------------------------------------------------------------- */

int dn_onnx_unknown(const onnx_import *im, const onnx_value *v) {
    return v->step == 0 && !im->image.h;
}

/* The images' shape is found. */
static int image_is(onnx_import *im, int64_t h, int64_t w, int64_t c, int hwc) {
    const dn_shape given = im->given;
    if (h < 1 || w < 1 || h > DN_MAX_SIDE || w > DN_MAX_SIDE || c < 1 ||
        c > DN_MAX_CHANNELS)
        return dn_onnx_fail(
            im, "images are %lldx%lldx%lld; expected sides of 1..%d and 1..%d channels",
            (long long)h, (long long)w, (long long)c, DN_MAX_SIDE, DN_MAX_CHANNELS);
    if (h * w > DN_MAX_PARAMETERS / c)
        return dn_onnx_fail(im, "images are %lldx%lldx%lld; expected %d values at most",
                            (long long)h, (long long)w, (long long)c, DN_MAX_PARAMETERS);
    if (given.h && (given.h != h || given.w != w || given.c != c))
        return dn_onnx_fail(im, "images are %lldx%lldx%lld; expected %dx%dx%d, as said",
                            (long long)h, (long long)w, (long long)c, given.h, given.w,
                            given.c);
    im->image = (dn_shape){(int)h, (int)w, (int)c};
    im->hwc = hwc;
    return ONNX_AGAIN;
}

/* The stride of a dimension in the file's order; of one of size 1, what would be so. */
static int64_t stride_of(const onnx_view *v, int i, int64_t otherwise) {
    const onnx_atom *first;
    return dn_onnx_view_dim(v, i, &first) ? first->stride : otherwise;
}

/* It is read as [N, C, H, W]: whether the file has it so tells the channels' stride. */
static int image_of_maps(onnx_import *im, const onnx_view *v) {
    const int64_t c = v->dims[1], h = v->dims[2], w = v->dims[3];
    const int hwc = c > 1 && stride_of(v, 1, h * w) == 1 && h * w > 1;
    const int64_t dims[3] = {hwc ? h : c, hwc ? w : h, hwc ? c : w};
    onnx_view as = dn_onnx_view_of(3, dims, -1);
    if (hwc) dn_onnx_view_turn(&as, (int64_t[]){2, 0, 1});
    const onnx_atom *a, *b;
    for (int i = 0; i < 3; i++) {
        const int n = dn_onnx_view_dim(v, i + 1, &a), m = dn_onnx_view_dim(&as, i, &b);
        for (int k = 0; k < n; k++)
            if (n > 1 || m != 1 || a->stride != b->stride)
                return dn_onnx_fail(im, "reads an image whose rows and columns are "
                                        "swapped; expected [N, C, H, W]");
    }
    return image_is(im, h, w, c, hwc);
}

/* It is read as a vector. Images that were never more are taken to be square, or of the
 * given shape with channels innermost, as ours are. */
static int image_of_vector(onnx_import *im, const onnx_value *v) {
    const int64_t n = dn_onnx_view_size(&v->view), *d = v->image;
    const dn_shape g = im->given;
    int more = 0; /* dimensions above 1 */
    for (int i = 0; i < v->image_rank; i++) more += d[i] > 1;
    if (!dn_onnx_view_plain(&v->view))
        return dn_onnx_fail(im, "reads an image that was transposed before any layer");
    if (v->image_rank == 3 && more > 1) {
        const int as_given = g.h && g.h == d[1] && g.w == d[2] && g.c == d[0];
        const int hwc = g.h ? !as_given : d[0] > 4 && d[2] <= 4;
        return hwc ? image_is(im, d[0], d[1], d[2], 1)
                   : image_is(im, d[1], d[2], d[0], 0);
    }
    if (v->image_rank == 2 && more > 1) return image_is(im, d[0], d[1], 1, 0);
    if (g.h && (int64_t)g.h * g.w * g.c == n) return image_is(im, g.h, g.w, g.c, 1);
    const int64_t side = n < INT32_MAX ? (int64_t)lround(sqrt((double)n)) : 0;
    if (!g.h && side * side == n) return image_is(im, side, side, 1, 0);
    return dn_onnx_fail(im,
                        "images are %lld values in a row; give their shape in options, "
                        "as {\"shape\": \"28x28x1\"}%s",
                        (long long)n, g.h ? "; the one given is of another size" : "");
}

/* --- what an operator needs --------------------------------------------------------- */

int dn_onnx_axis(const onnx_import *im, const onnx_value *v, int i) {
    const dn_shape s = im->net.steps[v->step].out;
    const onnx_atom *a;
    const int n = dn_onnx_view_dim(&v->view, i, &a);
    if (n == 0) return '1';
    int64_t size = 1; /* atoms that lie one after the other count as one */
    for (int k = n - 1; k >= 0; k--) {
        if (a[k].stride != a[n - 1].stride * size) return 0;
        size *= a[k].size;
    }
    const int64_t stride = a[n - 1].stride;
    if (size == s.c && stride == (int64_t)s.h * s.w) return 'c';
    if (size == s.h && stride == s.w) return 'h';
    if (size == s.w && stride == 1) return 'w';
    return size == (int64_t)s.h * s.w && stride == 1 ? 'a' : 0;
}

int dn_onnx_layout(const onnx_import *im, const onnx_value *v) {
    static const char orders[2][3] = {{'c', 'h', 'w'}, {'h', 'w', 'c'}};
    const dn_shape s = im->net.steps[v->step].out;
    if (v->view.rank != 4 || !dn_onnx_batch_first(im, &v->view)) return 0;
    for (int k = 0; k < 2; k++) {
        int fits = 1;
        for (int i = 0; i < 3; i++) {
            const int is = dn_onnx_axis(im, v, i + 1), wanted = orders[k][i];
            const int size = wanted == 'c' ? s.c : wanted == 'h' ? s.h : s.w;
            fits = fits && (is == wanted || v->view.dims[i + 1] == 1) &&
                   v->view.dims[i + 1] == size;
        }
        if (fits) return orders[k][2] == 'w' ? 'c' : 'w';
    }
    return 0;
}

/* Channels in another order than the step gives them, as ShuffleNet has it: channel c
 * begins at *p, and is the whole of one of the step's. Which; −1: it is none. */
static int whole_channel(onnx_places *p, int64_t area) {
    const int64_t first = p->at;
    int whole = first % area == 0;
    for (int64_t k = 0; k < area; k++, dn_onnx_next(p)) whole &= p->at == first + k;
    return whole ? (int)(first / area) : -1;
}

/* −1: it is something else. */
static int shuffle(onnx_import *im, const onnx_value *v, int *step) {
    const dn_shape s = im->net.steps[v->step].out;
    const int64_t area = (int64_t)s.h * s.w;
    const onnx_view *view = &v->view;
    if (view->dims[1] != s.c || view->dims[2] != s.h || view->dims[3] != s.w) return -1;
    onnx_view maps = *view;
    if (!dn_onnx_view_reshape(&maps, 2, (int64_t[]){s.c, area})) return -1;
    onnx_places p = dn_onnx_places(&maps);
    for (int c = 0; c < s.c; c++)
        if (!dn_onnx_worked(im->file.work, (uint64_t)area) || whole_channel(&p, area) < 0)
            return -1;
    int *order;
    const int status = dn_onnx_choice(im, v->step, s.c, &order);
    if (status != DN_OK) return status;
    p = dn_onnx_places(&maps);
    for (int c = 0; c < s.c; c++) order[c] = whole_channel(&p, area);
    *step = im->net.n - 1;
    return DN_OK;
}

int dn_onnx_need_maps(onnx_import *im, const onnx_value *v, int *step) {
    const onnx_view *view = &v->view;
    onnx_step *out;
    if (view->rank != 4 || !dn_onnx_batch_first(im, view))
        return dn_onnx_fail(im, "reads values of %d dimensions; expected 4, [N, C, H, W]",
                            view->rank);
    if (dn_onnx_unknown(im, v)) return image_of_maps(im, view);
    *step = v->step;
    if (dn_onnx_layout(im, v) == 'c') return DN_OK;
    if (dn_onnx_view_plain(view)) { /* other maps of the same numbers */
        const int64_t *d = view->dims;
        if (d[1] > DN_MAX_UNITS || d[2] > DN_MAX_SIDE || d[3] > DN_MAX_SIDE)
            return dn_onnx_fail(im, "reads %lld maps of %lldx%lld", (long long)d[1],
                                (long long)d[2], (long long)d[3]);
        const int status = dn_onnx_step(im, STEP_SHAPE, v->step, &out);
        if (status != DN_OK) return status;
        out->out = (dn_shape){(int)d[2], (int)d[3], (int)d[1]};
        *step = im->net.n - 1;
        return DN_OK;
    }
    const int status = shuffle(im, v, step);
    if (status != -1) return status;
    return dn_onnx_fail(
        im, "reads [N, H, W, C], or maps in another order; expected [N, C, H, W]");
}

int dn_onnx_need_flat(onnx_import *im, const onnx_value *v) {
    const int64_t n = dn_onnx_view_size(&v->view);
    const int rank = v->view.rank;
    if (rank == 2 && v->view.dims[1] != n && v->view.dims[1] > 0)
        return dn_onnx_fail(im,
                            "reads %lld rows of numbers an image, as attention has "
                            "them; expected one, [N, inputs]",
                            (long long)(n / v->view.dims[1]));
    if (rank == 0 || v->view.dims[rank - 1] != n || v->view.batch == rank - 1)
        return dn_onnx_fail(im, "reads values of %d dimensions; expected 2, [N, inputs]",
                            rank);
    return dn_onnx_unknown(im, v) ? image_of_vector(im, v) : DN_OK;
}
