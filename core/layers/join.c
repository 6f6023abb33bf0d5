/* join.c - what reads several layers: (a|b)+ adds them, (a|b)& lays their maps side by
 * side, (a|b)* multiplies the first by the second, whose maps may have one place each.
 *
 * In single layout, values of 16 channels are lanes just as 16 images are, so the kernels
 * of batch layout serve for both. */
#include "kind.h"

/* --- shapes ------------------------------------------------------------------------- */

static int same_maps(dn_shape a, dn_shape b) { return a.h == b.h && a.w == b.w; }

static const char *join_sum(dn_layer *l, const dn_shape *in) {
    l->out = in[0];
    for (int i = 1; i < l->froms; i++)
        if (!same_maps(in[0], in[i]) || in[0].c != in[i].c)
            return "they must have one shape";
    return NULL;
}

static const char *join_concat(dn_layer *l, const dn_shape *in) {
    l->out = in[0];
    for (int i = 1; i < l->froms; i++) {
        if (!same_maps(in[0], in[i])) return "they must have one height and width";
        l->out.c += in[i].c;
    }
    return l->out.c > DN_MAX_UNITS ? "there are more than 65536 maps" : NULL;
}

static const char *join_product(dn_layer *l, const dn_shape *in) {
    l->out = in[0];
    if (l->froms != 2) return "a product needs two paths";
    if (in[0].c != in[1].c ||
        !(same_maps(in[0], in[1]) || (in[1].h == 1 && in[1].w == 1)))
        return "the second must have the shape of the first, or one value for each map";
    return NULL;
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out) * (l->froms - 1); }

/* An addition that waits for memory takes as long as so many multiply-adds. */
#define ADDITION 8

static uint64_t single_cost(const dn_layer *l) {
    const uint64_t channels = ((uint64_t)l->out.c + 15) / 16 * 16;
    return ADDITION * channels * (uint64_t)l->out.h * (uint64_t)l->out.w *
           (uint64_t)l->froms;
}

static uint64_t explain_cost(const dn_layer *l) {
    return 2 * DN_LANES * ADDITION * (uint64_t)dn_values(l->out) * (uint64_t)l->froms;
}

static void onnx_add(dn_onnx_word *out, const dn_layer *l) {
    (void)l;
    *out = (dn_onnx_word){.op = "Add"};
}

static void onnx_concat(dn_onnx_word *out, const dn_layer *l) {
    (void)l;
    *out = (dn_onnx_word){.op = "Concat"};
}

static void onnx_mul(dn_onnx_word *out, const dn_layer *l) {
    (void)l;
    *out = (dn_onnx_word){.op = "Mul"};
}

/* --- running ------------------------------------------------------------------------ */

/* Channels between two questions, of maps with so many groups of 16 values. */
static int channels_of(const dn_call *c, const dn_view *y, int left) {
    return dn_band(c->ask, 1, (int64_t)ADDITION * y->h * y->w * DN_LANES, left);
}

static int goes_on(const dn_call *c, const dn_view *y) {
    return dn_go_on(c->ask, (int64_t)ADDITION * y->c * y->h * y->w * DN_LANES);
}

/* Channels first … of a view. */
static dn_view channels(const dn_view *view, int first, int n) {
    dn_view part = *view;
    part.p += first * view->channel;
    part.c = n;
    return part;
}

static void add_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    for (int o = 0, n; o < y->c; o += n) {
        n = channels_of(c, y, y->c - o);
        dn_view to = channels(y, o, n), a = channels(&x[0], o, n);
        for (int i = 1; i < c->layer->froms; i++, a = to) {
            const dn_view b = channels(&x[i], o, n);
            if (!goes_on(c, &to)) return;
            c->kernels->sum(&to, &a, &b, c->relu && i == c->layer->froms - 1);
        }
    }
}

/* dx = v, or dx += v. */
static void give(const dn_call *c, const dn_view *dx, const dn_view *v) {
    if (c->adds)
        c->kernels->sum(dx, dx, v, 0);
    else
        dn_view_copy(dx, v);
}

static void add_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    if (goes_on(c, dz)) give(c, dx, dz);
}

/* Where the maps of input i begin. */
static int offset_of(const dn_call *c, int i) {
    int first = 0;
    for (int k = 0; k < i; k++) first += c->x[k].c;
    return first;
}

/* max(0, ·) of n values that lie one after the other. */
static void rectify(float *p, int n) {
    for (int k = 0; k < n; k++)
        if (!(p[k] > 0)) p[k] = 0;
}

/* The same of a view's values, if the call is for that. */
static void rectify_maps(const dn_call *c, const dn_view *y) {
    for (int o = 0; c->relu && o < y->c; o++)
        for (int row = 0; row < y->h; row++)
            for (int column = 0; column < y->w; column++)
                rectify(y->p + o * y->channel + row * y->row + column * y->column,
                        DN_LANES);
}

static void concat_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    for (int i = 0; i < c->layer->froms; i++) {
        const dn_view to = channels(y, offset_of(c, i), x[i].c);
        if (!goes_on(c, &x[i])) return;
        dn_view_copy(&to, &x[i]);
        rectify_maps(c, &to);
    }
}

static void concat_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_view from = channels(dz, offset_of(c, c->from), dx->c);
    if (goes_on(c, dx)) give(c, dx, &from);
}

static void mul_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    for (int o = 0, n; o < y->c; o += n) {
        n = channels_of(c, y, y->c - o);
        const dn_view to = channels(y, o, n), a = channels(&x[0], o, n),
                      b = channels(&x[1], o, n);
        if (!goes_on(c, &to)) return;
        c->kernels->product(&to, &a, &b);
        rectify_maps(c, &to);
    }
}

/* da = dz·b; db = dz·a, summed up where b has one place a map. It is made in work, for
 * it may have to be added. */
static void mul_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_shape shape = {dx->h, dx->w, dx->c};
    const dn_maps plain = dn_maps_batch(shape, NULL);
    const dn_view *other = &c->x[1 - c->from], made = dn_at(&plain, c->work),
                  *to = c->adds ? &made : dx;
    if (!goes_on(c, dz)) return;
    if (dx->h == dz->h && dx->w == dz->w)
        c->kernels->product(to, dz, other);
    else
        c->kernels->product_sums(to, dz, other);
    if (c->adds) c->kernels->sum(dx, dx, &made, 0);
}

static uint64_t mul_work(const dn_layer *l, const dn_layer *pool) {
    (void)pool;
    return (uint64_t)dn_values(l->out) * DN_LANES;
}

/* --- one image ---------------------------------------------------------------------- */

/* Whether all inputs lie so: the image does not, whose channels are as they come. */
static int are_lanes(const dn_call *c, const dn_view *x) {
    for (int i = 0; i < c->layer->froms; i++)
        if (x[i].column % DN_LANES != 0) return 0;
    return 1;
}

/* The value of a view in single layout; of its only place, where it has one. */
static float value_at(const dn_view *x, int row, int column, int channel) {
    if (x->h == 1 && x->w == 1) return x->p[channel];
    return x->p[row * x->row + column * x->column + channel];
}

/* Joins of the image, one value after the other: sums, or products. */
static void join_values(const dn_call *c, const dn_view *y, const dn_view *x) {
    const int product = c->layer->kind == DN_MUL;
    if (!goes_on(c, y)) return;
    for (int row = 0; row < y->h; row++)
        for (int column = 0; column < y->w; column++)
            for (int k = 0; k < y->c; k++) {
                float v = value_at(&x[0], row, column, k);
                for (int i = 1; i < c->layer->froms; i++) {
                    const float w = value_at(&x[i], row, column, k);
                    v = product ? v * w : v + w;
                }
                y->p[row * y->row + column * y->column + k] = c->relu && !(v > 0) ? 0 : v;
            }
}

static void join_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    dn_view all[DN_MAX_FROM];
    const dn_view to = dn_as_batch(y);
    if (!are_lanes(c, x)) {
        join_values(c, y, x);
        return;
    }
    for (int i = 0; i < c->layer->froms; i++) all[i] = dn_as_batch(&x[i]);
    if (c->layer->kind == DN_MUL)
        mul_forward(c, &to, all);
    else
        add_forward(c, &to, all);
}

static void concat_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    for (int i = 0; i < c->layer->froms; i++) {
        float *to = y->p + offset_of(c, i);
        if (!goes_on(c, &x[i])) return;
        for (int row = 0; row < y->h; row++)
            for (int column = 0; column < y->w; column++) {
                float *at = to + row * y->row + column * y->column;
                memcpy(at, x[i].p + row * x[i].row + column * x[i].column,
                       (size_t)x[i].c * sizeof(float));
                if (c->relu) rectify(at, x[i].c);
            }
    }
}

#define JOIN                                                                             \
    .reads = DN_READS_ANY, .cost = cost, .single_cost = single_cost,                     \
    .explain_cost = explain_cost

const dn_layer_kind dn_add_kind = {JOIN,
                                   .notation = "adds",
                                   .join = join_sum,
                                   .onnx = onnx_add,
                                   .forward = add_forward,
                                   .backward = add_backward,
                                   .single = join_single};

const dn_layer_kind dn_concat_kind = {JOIN,
                                      .notation = "lays side by side",
                                      .join = join_concat,
                                      .onnx = onnx_concat,
                                      .forward = concat_forward,
                                      .backward = concat_backward,
                                      .single = concat_single};

const dn_layer_kind dn_mul_kind = {JOIN,
                                   .notation = "multiplies",
                                   .join = join_product,
                                   .onnx = onnx_mul,
                                   .work_size = mul_work,
                                   .forward = mul_forward,
                                   .backward = mul_backward,
                                   .single = join_single};
