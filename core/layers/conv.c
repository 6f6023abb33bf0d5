/* conv.c - nCk[v][p…][/s][b][gM][activation]: a convolution of n maps, k × k, every s:
 * by the kernel that suits its layer, forward, with its pooling, and backward; in M
 * groups of maps, each of which is one of its own. See kind.h. */
#include <stdio.h>
#include "activation.h"
#include "int8.h"
#include "kind.h"
#include "window.h"

/* --- notation ----------------------------------------------------------------------- */

/* "g" m, which without a number is an activation. */
static int parse_groups(dn_parser *p, dn_layer *l) {
    p->at++;
    p->newer = 1;
    l->groups = dn_parse_number(p);
    if (l->groups < 1 || l->in.c % l->groups != 0 || l->out.c % l->groups != 0)
        return dn_parse_fail(p, "groups do not divide the maps before and after");
    if (l->groups == 1) l->groups = 0;
    return DN_OK;
}

static int parse(dn_parser *p, dn_layer *l, int n) {
    if (n < 0 || !dn_parse_word(p, "C")) return DN_NOT_MINE;
    int status = dn_parse_window(p, l, "kernel is not 1..64");
    if (status == DN_OK && n > DN_MAX_CHANNELS)
        status = dn_parse_fail(p, "more than 4096 maps");
    l->out.c = n;
    l->stride = 1;
    l->activation = DN_RELU;
    while (status == DN_OK) {
        if (dn_parse_letter(p, 'V'))
            l->valid = 1;
        else if (dn_parse_letter(p, 'P'))
            status = dn_parse_padding(p, l);
        else if ((*p->at == 'g' || *p->at == 'G') && p->at[1] >= '0' && p->at[1] <= '9')
            status = parse_groups(p, l);
        else if (dn_parse_letter(p, 'B'))
            l->norm = 1;
        else if (*p->at == '/')
            status = dn_parse_stride(p, l);
        else
            break;
    }
    return status == DN_OK ? dn_parse_activation(p, l) : status;
}

static void print(char *text, size_t size, const dn_layer *l) {
    char stride[16] = "", groups[16] = "", padding[DN_PADDING_TEXT],
         activation[DN_ACTIVATION_TEXT];
    if (l->stride != 1) snprintf(stride, sizeof stride, "/%d", l->stride);
    dn_print_activation(activation, l, DN_RELU);
    if (l->groups > 1) snprintf(groups, sizeof groups, "g%d", l->groups);
    dn_print_padding(padding, l, 'p');
    snprintf(text, size, "%dC%d%s%s%s%s%s", l->out.c, l->kh, padding, stride,
             l->norm ? "b" : "", groups, activation);
}

/* --- shape -------------------------------------------------------------------------- */

/* Whether a convolution reading c channels and writing rows of a width gains by it. */
static int suits_winograd(const dn_layer *l, int c, int width) {
    return l->kh == 3 && l->stride == 1 && c >= 8 && width >= 3;
}

/* Small maps have few products to make up for Winograd's more sums across lanes. */
static int suits_weights(const dn_layer *l) {
    return suits_winograd(l, l->in.c, l->out.w) && l->out.c >= 8 && l->out.w >= 6 &&
           l->out.h * l->out.w >= 36;
}

static int groups_of(const dn_layer *l) { return l->groups > 1 ? l->groups : 1; }

/* Weights [out][in][k][k]; in: of a group. */
static void shape(dn_layer *l) {
    dn_shape_window(l);
    l->outputs_first = 1;
    l->rows = l->out.c;
    l->columns = l->ld = l->in.c / groups_of(l) * l->kh * l->kw;
    if (groups_of(l) > 1) return;
    /* Not where it reads the image: its channels are not laid out for it. */
    l->winograd = l->from[0] >= 0 && suits_winograd(l, l->in.c, l->out.w);
    l->winograd_back = suits_winograd(l, l->out.c, l->in.w);
    l->winograd_weights = suits_weights(l);
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out) * l->columns; }

/* Multiply-adds of a convolution that writes h rows of w; channels as they are computed.
 * Fewer than 4 positions take as long as 4: their sums wait for each other. */
static uint64_t work_of(int winograd, int h, int w, int in, int out, int k) {
    const uint64_t pairs = (uint64_t)h * (uint64_t)in * (uint64_t)out;
    if (winograd) return pairs * (uint64_t)((w + 3) / 4) * 18;
    return pairs * (uint64_t)(w < 4 ? 4 : w) * (uint64_t)(k * k);
}

/* A group of a convolution, as one of its own. */
static dn_layer part_of(const dn_layer *l) {
    const int groups = groups_of(l);
    dn_layer part = *l;
    part.groups = 0;
    part.in.c /= groups;
    part.out.c /= groups;
    part.rows /= groups;
    part.cost /= groups;
    return part;
}

static uint64_t part_single_cost(const dn_layer *l) {
    return work_of(l->winograd, l->out.h, l->out.w, l->in.c, (l->out.c + 15) / 16 * 16,
                   l->kh);
}

static uint64_t single_cost(const dn_layer *l) {
    const dn_layer part = part_of(l);
    return (uint64_t)groups_of(l) * part_single_cost(&part);
}

static uint64_t part_explain_cost(const dn_layer *l) {
    const int in = (l->in.c + 3) / 4 * 4, out = (l->out.c + 3) / 4 * 4;
    return DN_LANES * (work_of(l->winograd, l->out.h, l->out.w, l->in.c, out, l->kh) +
                       work_of(l->winograd_back, l->in.h, l->in.w, l->out.c, in, l->kh));
}

static uint64_t explain_cost(const dn_layer *l) {
    const dn_layer part = part_of(l);
    return (uint64_t)groups_of(l) * part_explain_cost(&part);
}

static void onnx(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "Conv",
                          .group = l->groups,
                          .window = 1,
                          .dims = {l->out.c, l->in.c / groups_of(l), l->kh, l->kw},
                          .rank = 4};
}

/* --- packed weights ----------------------------------------------------------------- */

static uint64_t part_packed_size(const dn_layer *l) {
    const uint64_t taps = l->kh == 3 ? 18 : (uint64_t)(l->kh * l->kw);
    const uint64_t in = (uint64_t)l->in.c, out = (uint64_t)l->out.c;
    const uint64_t forward = (out + 15) / 16 * 16 * in, backward = (in + 3) / 4 * 4 * out;
    return taps * (forward > backward ? forward : backward);
}

static void part_pack_forward(float *packed, const float *w, const dn_layer *l) {
    if (l->winograd)
        dn_pack_winograd(packed, w, l->out.c, l->in.c, 4, 0);
    else
        dn_pack_conv(packed, w, l->out.c, l->in.c, l->kh);
}

static void part_pack_backward(float *packed, const float *w, const dn_layer *l) {
    if (l->winograd_back)
        dn_pack_winograd(packed, w, l->out.c, l->in.c, 4, 1);
    else
        dn_pack_conv_transposed(packed, w, l->out.c, l->in.c, l->kh);
}

static void part_pack_single(float *packed, const float *w, const dn_layer *l) {
    if (l->winograd)
        dn_pack_winograd(packed, w, l->out.c, l->in.c, 16, 0);
    else
        dn_pack_single(packed, w, l->out.c, l->in.c, l->kh);
}

static void part_unpack_forward(float *w, const float *packed, const dn_layer *l) {
    if (l->winograd)
        dn_unpack_winograd(w, packed, l->out.c, l->in.c, 4);
    else
        dn_unpack_conv(w, packed, l->out.c, l->in.c, l->kh);
}

static uint64_t packed_size(const dn_layer *l) {
    const dn_layer part = part_of(l);
    return (uint64_t)groups_of(l) * part_packed_size(&part);
}

/* One group after the other. */
static void each_part(float *to, size_t to_step, const float *from, size_t from_step,
                      const dn_layer *l,
                      void (*run)(float *to, const float *from, const dn_layer *l)) {
    const dn_layer part = part_of(l);
    for (int g = 0; g < groups_of(l); g++, to += to_step, from += from_step)
        run(to, from, &part);
}

static size_t part_weights(const dn_layer *l) {
    return (size_t)l->rows / (size_t)groups_of(l) * (size_t)l->columns;
}

static size_t part_packed(const dn_layer *l) {
    const dn_layer part = part_of(l);
    return (size_t)part_packed_size(&part);
}

static void pack_forward(float *packed, const float *w, const dn_layer *l) {
    each_part(packed, part_packed(l), w, part_weights(l), l, part_pack_forward);
}

static void pack_backward(float *packed, const float *w, const dn_layer *l) {
    each_part(packed, part_packed(l), w, part_weights(l), l, part_pack_backward);
}

static void pack_single(float *packed, const float *w, const dn_layer *l) {
    each_part(packed, part_packed(l), w, part_weights(l), l, part_pack_single);
}

static void unpack_forward(float *w, const float *packed, const dn_layer *l) {
    each_part(w, part_weights(l), packed, part_packed(l), l, part_unpack_forward);
}

/* --- forward ------------------------------------------------------------------------ */

/* The max pooling's windows must stand side by side, so that each row is needed once. */
static int fuses(const dn_layer *l, const dn_layer *next) {
    return l->activation == DN_RELU && groups_of(l) == 1 && next->kind == DN_MAXPOOL &&
           next->stride == next->kh && !next->padded;
}

/* Channels in a band. A direct convolution computes four at a time, and so few stay in
 * the nearest cache; Winograd's shares its transformed rows among all. */
static int band_channels(const dn_layer *l) { return l->winograd ? l->out.c : 4; }

static uint64_t band_size(const dn_layer *l, const dn_layer *pool) {
    return (uint64_t)band_channels(l) * (uint64_t)pool->kh * (uint64_t)l->out.w *
           DN_LANES;
}

/* Columns or channels at a time, where all are long work: those of a kernel's tiles. */
#define FOUR 4

/* Of a gradient. Winograd's transformed pixels serve all that are there: as many as stay
 * in the cache. */
static int maps_at_once(const dn_layer *l) {
    if (groups_of(l) > 1) return 0;
    if (!l->winograd_weights) return FOUR;
    const int tiles = dn_winograd_band(l->out.h, l->out.w) * ((l->out.w + 3) / 4);
    const int maps = 1024 / tiles / FOUR * FOUR;
    return maps < 8 ? 8 : maps > 32 ? 32 : maps;
}

static uint64_t work_size(const dn_layer *l, const dn_layer *pool) {
    uint64_t forward = 0, backward = 0;
    if (l->winograd) forward = dn_winograd_work(l->out.w, l->in.c, l->out.c);
    if (l->winograd_back) backward = dn_winograd_work(l->in.w, l->out.c, l->in.c);
    if (l->winograd_weights) {
        const uint64_t weights =
            dn_winograd_wgrad_work(l->out.h, l->out.w, maps_at_once(l));
        if (backward < weights) backward = weights;
    }
    return (forward > backward ? forward : backward) + (pool ? band_size(l, pool) : 0);
}

/* Rows first … first+rows-1 of a convolution, into rows 0 … of y. */
static void conv_rows(const dn_call *c, const dn_view *y, const dn_view *x,
                      const float *w, const float *bias, int relu, int first, int rows,
                      float *work) {
    const dn_layer *l = c->layer;
    if (l->winograd)
        c->kernels->winograd_rows(y, x, w, bias, relu, first, rows, work);
    else
        c->kernels->conv_rows(y, x, w, bias, l->kh, l->stride, relu, first, rows);
}

/* Multiply-adds of one place in the maps of a group's results. */
static int64_t place_cost(const dn_layer *l) {
    return (int64_t)l->columns * l->out.c * DN_LANES;
}

/* Convolution, ReLU and max pooling in one pass over bands of a few rows, which stay in
 * the cache between: `columns` columns of the convolution, whose pooled ones are all of
 * y. */
static void conv_pool(const dn_call *c, const dn_view *y, const dn_view *x, int columns,
                      int32_t *argmax) {
    const dn_layer *l = c->layer, *pool = c->pool;
    const int channels = band_channels(l), k = pool->kh;
    const ptrdiff_t places_row = (ptrdiff_t)pool->out.w * DN_LANES;
    const ptrdiff_t maps = pool->out.h * places_row;
    const int64_t cost = place_cost(l) / l->out.c * k * columns;
    dn_view band = {.p = c->work, .column = DN_LANES, .h = k, .w = columns};
    band.row = (ptrdiff_t)band.w * DN_LANES;
    band.channel = band.h * band.row;
    float *work = c->work + band_size(l, pool);
    for (int r = 0; r < y->h; r++)
        for (int o = 0; o < y->c; o += channels) {
            band.c = y->c - o < channels ? y->c - o : channels;
            if (!dn_go_on(c->ask, band.c * cost)) return;
            conv_rows(c, &band, x, c->weights + (ptrdiff_t)o * l->columns, c->bias + o, 0,
                      r * k, k, work);
            dn_view pooled = *y;
            pooled.p += o * y->channel + r * y->row;
            pooled.c = band.c;
            pooled.h = 1;
            c->kernels->maxpool_forward(
                &pooled, argmax ? argmax + o * maps + r * places_row : NULL, maps, &band,
                NULL, NULL, k, k, 1);
        }
}
static void forward_pool(const dn_call *c, const dn_view *y, const dn_view *taps) {
    const dn_layer *l = c->layer;
    const int k = c->pool->kh;
    dn_view part = *y, from = *taps;
    for (int q = 0; q < y->w; q += part.w) {
        part.w = dn_band(c->ask, FOUR, place_cost(l) * k * k, y->w - q);
        part.p = y->p + q * y->column;
        from.p = taps->p + (ptrdiff_t)q * k * l->stride * taps->column;
        conv_pool(c, &part, &from, part.w == y->w ? l->out.w : part.w * k,
                  c->argmax ? c->argmax + q * DN_LANES : NULL);
        if (c->ask->stopped) return;
    }
}

/* Floats of results that are summed up before the next are computed. */
#define CACHED 32768

static int rows_in_cache(const dn_view *y) {
    const int64_t rows = CACHED / ((int64_t)y->c * y->w * DN_LANES);
    return rows > 1 ? (int)rows : 1;
}

/* Rows of a result, in pieces for those who help. */
typedef struct rows_job {
    const dn_call *call;
    const dn_view *y, *x;
    int each, step; /* rows of y in a piece; rows of x to a row of y */
    void (*run)(const dn_call *call, const dn_view *y, const dn_view *x);
} rows_job;

static void rows_piece(void *context, int piece, int thread) {
    const rows_job *job = context;
    const int first = piece * job->each, left = job->y->h - first;
    const dn_crew *crew = job->call->crew;
    dn_view y = *job->y, x = *job->x;
    dn_call call = *job->call;
    dn_member member = {crew->threads, thread};
    dn_ask ask = {.watch = {dn_member_stops, &member}, .pace = call.ask->pace};
    y.p += first * y.row;
    y.h = left < job->each ? left : job->each;
    x.p += (ptrdiff_t)first * job->step * x.row;
    if (call.argmax) call.argmax += (ptrdiff_t)first * y.w * DN_LANES;
    call.ask = &ask;
    call.work = crew->work[thread] + call.scratch;
    call.crew = NULL;
    call.sums = NULL;
    job->run(&call, &y, &x);
}

#define PIECES 16 /* as many as 64 threads leave for each of 4 groups */

/* in_rows - runs it for all of y, or for some rows after the others where somebody can
 * help. Sums are taken in the order of the rows, so after them. */
static void in_rows(const dn_call *c, const dn_view *y, const dn_view *x, int step,
                    void (*run)(const dn_call *, const dn_view *, const dn_view *)) {
    rows_job job = {c, y, x, (y->h + PIECES - 1) / PIECES, step, run};
    if (!dn_crew_has_idle(c->crew)) {
        run(c, y, x);
        return;
    }
    dn_crew_share(c->crew, rows_piece, &job, (y->h + job.each - 1) / job.each);
    if (c->sums) c->kernels->norm_sums(c->sums, y);
}

static void forward_rows(const dn_call *c, const dn_view *y, const dn_view *taps) {
    const dn_layer *l = c->layer;
    dn_view part = *y, from = *taps;
    for (int q = 0; q < y->w; q += part.w) {
        part.w = dn_band(c->ask, FOUR, place_cost(l), y->w - q);
        from.p = taps->p + q * l->stride * taps->column;
        const int sums = c->sums && part.w == y->w;
        const int64_t cost = place_cost(l) * part.w;
        for (int r = 0; r < y->h; r += part.h) {
            part.h = dn_band(c->ask, 1, cost, y->h - r);
            if (sums && part.h > rows_in_cache(y)) part.h = rows_in_cache(y);
            if (!dn_go_on(c->ask, part.h * cost)) return;
            part.p = y->p + r * y->row + q * y->column;
            conv_rows(c, &part, &from, c->weights, c->bias, c->relu, r, part.h, c->work);
            if (sums) c->kernels->norm_sums(c->sums, &part);
        }
    }
    if (c->sums && part.w < y->w) c->kernels->norm_sums(c->sums, y);
}

static void part_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_view taps = dn_under_taps(*x, c->layer);
    if (c->pool)
        in_rows(c, y, &taps, c->layer->stride * c->pool->kh, forward_pool);
    else
        in_rows(c, y, &taps, c->layer->stride, forward_rows);
}

/* Group g's maps of a view, of n. */
static dn_view maps_of(const dn_view *view, int g, int n) {
    dn_view part = *view;
    part.p += (ptrdiff_t)g * n * view->channel;
    part.c = n;
    return part;
}

static void forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer part = part_of(c->layer);
    dn_call call = *c;
    call.layer = &part;
    for (int g = 0; g < groups_of(c->layer) && !c->ask->stopped; g++) {
        const dn_view to = maps_of(y, g, part.out.c), from = maps_of(x, g, part.in.c);
        call.weights = c->weights + (size_t)g * part_packed(c->layer);
        call.bias = c->bias + g * part.out.c;
        if (c->sums) call.sums = c->sums + (ptrdiff_t)g * part.out.c * 2 * DN_LANES;
        part_forward(&call, &to, &from);
    }
}

/* --- backward ----------------------------------------------------------------------- */

/* all: dz spread out, from its margin on. */
static void backward_rows(const dn_call *c, const dn_view *dx, const dn_view *all) {
    const dn_layer *l = c->layer;
    dn_view spread = *all, part = *dx;
    for (int q = 0; q < dx->w; q += part.w) {
        part.w = dn_band(c->ask, FOUR, place_cost(l), dx->w - q);
        spread.p = all->p + q * spread.column;
        const int64_t cost = place_cost(l) * part.w;
        for (int r = 0; r < dx->h; r += part.h) {
            part.h = dn_band(c->ask, 1, cost, dx->h - r);
            if (!dn_go_on(c->ask, part.h * cost)) return;
            part.p = dx->p + r * dx->row + q * dx->column;
            if (l->winograd_back)
                c->kernels->winograd_rows(&part, &spread, c->weights, c->bias, 0, r,
                                          part.h, c->work);
            else
                c->kernels->conv_rows(&part, &spread, c->weights, c->bias, l->kh, 1, 0, r,
                                      part.h);
        }
    }
}

static void part_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    dn_view spread = *dz;
    spread.p -= dn_spread(c->layer).origin;
    spread.row /= c->layer->stride;
    spread.column /= c->layer->stride;
    in_rows(c, dx, &spread, 1, backward_rows);
}

static void backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer part = part_of(c->layer);
    dn_call call = *c;
    call.layer = &part;
    for (int g = 0; g < groups_of(c->layer) && !c->ask->stopped; g++) {
        const dn_view to = maps_of(dx, g, part.in.c), from = maps_of(dz, g, part.out.c);
        call.weights = c->weights + (size_t)g * part_packed(c->layer);
        part_backward(&call, &to, &from);
    }
}

static void part_weight_gradient(const dn_call *c, float *dw, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const dn_view taps = dn_under_taps(*c->x, l);
    const int64_t cost = l->cost / l->out.c * DN_LANES;
    dn_view part = *dz;
    for (int o = 0; o < dz->c; o += part.c) {
        part.c = dn_band(c->ask, FOUR, cost, dz->c - o); /* as the kernel takes them */
        if (!dn_go_on(c->ask, part.c * cost)) return;
        part.p = dz->p + o * dz->channel;
        if (l->winograd_weights)
            c->kernels->winograd_wgrad(dw + (ptrdiff_t)o * l->columns, &part, &taps,
                                       c->work);
        else
            c->kernels->conv_wgrad(dw + (ptrdiff_t)o * l->columns, &part, &taps, l->kh,
                                   l->stride);
    }
}

static void weight_gradient(const dn_call *c, float *dw, const dn_view *dz) {
    const dn_layer part = part_of(c->layer);
    dn_call call = *c;
    if (groups_of(c->layer) == 1) {
        part_weight_gradient(c, dw, dz);
        return;
    }
    call.layer = &part;
    for (int g = 0; g < groups_of(c->layer) && !c->ask->stopped; g++) {
        const dn_view from = maps_of(dz, g, part.out.c), x = maps_of(c->x, g, part.in.c);
        call.x = &x;
        part_weight_gradient(&call, dw + (size_t)g * part_weights(c->layer), &from);
    }
}

/* --- one image ---------------------------------------------------------------------- */

/* Groups are written with channels rounded up, which those of the next would lie in: so
 * each is computed aside. */
static uint64_t single_work(const dn_layer *l) {
    const uint64_t channels = ((uint64_t)l->out.c / (uint64_t)groups_of(l) + 15) / 16 *
                              16;
    if (groups_of(l) > 1) return channels * (uint64_t)l->out.h * (uint64_t)l->out.w;
    if (l->int8) return dn_int8_work(l);
    if (!l->winograd) return 0;
    return dn_single_winograd_work(l->out.h, l->out.w, l->in.c, l->out.c);
}

/* A part of one image's results: rows r … r+h-1, columns q … q+w-1, channels o …
 * o+n-1. */
typedef struct part {
    int r, h, q, w, o, n;
} part;

static void single_part(const dn_call *c, const dn_view *y, const dn_view *taps,
                        const part *p) {
    const dn_layer *l = c->layer;
    const int relu = c->relu;
    const ptrdiff_t outputs = (ptrdiff_t)l->in.c * (l->winograd ? 18 : l->kh * l->kw);
    float *to = y->p + p->r * y->row + p->q * y->column + p->o;
    const float *from = taps->p + p->r * l->stride * taps->row +
                        p->q * l->stride * taps->column;
    const float *weights = c->weights + p->o * outputs, *bias = c->bias + p->o;
    if (l->winograd)
        c->kernels->single_winograd(to, y->row, y->column, from, taps->row, taps->column,
                                    weights, bias, p->h, p->w, l->in.c, p->n, relu,
                                    c->work);
    else
        c->kernels->single_conv(to, y->row, y->column, from, taps->row, taps->column,
                                weights, bias, p->h, p->w, l->in.c, p->n, l->kh,
                                l->stride, relu);
}

#define CHANNELS 32 /* that a kernel computes at once */

/* Many channels of small maps go some channels after the others, so that each weight is
 * read once; large maps some rows after the others. */
static void part_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const dn_view taps = dn_under_taps(*x, l);
    const int channels = (l->out.c + 15) / 16 * 16;
    const int64_t place = (int64_t)l->columns * channels;
    const int64_t channel = (int64_t)l->columns * l->out.h * l->out.w;
    part p = {0, l->out.h, 0, l->out.w, 0, channels};
    if (channel * CHANNELS <= c->ask->pace) {
        for (; p.o < channels; p.o += p.n) {
            p.n = dn_band(c->ask, CHANNELS, channel, channels - p.o);
            if (!dn_go_on(c->ask, channel * p.n)) return;
            single_part(c, y, &taps, &p);
        }
        return;
    }
    for (; p.q < l->out.w; p.q += p.w) {
        p.w = dn_band(c->ask, FOUR, place, l->out.w - p.q);
        for (p.r = 0; p.r < l->out.h; p.r += p.h) {
            p.h = dn_band(c->ask, 1, place * p.w, l->out.h - p.r);
            if (!dn_go_on(c->ask, place * p.w * p.h)) return;
            single_part(c, y, &taps, &p);
        }
    }
}

static void single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer, one = part_of(l);
    const int n = one.out.c, channels = (n + 15) / 16 * 16;
    const dn_view aside = {.p = c->work,
                           .channel = 1,
                           .row = (ptrdiff_t)l->out.w * channels,
                           .column = channels,
                           .c = n,
                           .h = l->out.h,
                           .w = l->out.w};
    dn_call call = *c;
    if (groups_of(l) == 1) {
        if (l->int8)
            dn_int8_single(c, y, x);
        else
            part_single(c, y, x);
        return;
    }
    call.layer = &one;
    for (int g = 0; g < groups_of(l) && !c->ask->stopped; g++) {
        dn_view from = *x;
        from.p += g * one.in.c;
        from.c = one.in.c;
        call.weights = c->weights + (size_t)g * part_packed(l);
        call.bias = c->bias + g * n;
        part_single(&call, &aside, &from);
        for (int row = 0; row < y->h; row++)
            for (int column = 0; column < y->w; column++)
                memcpy(y->p + row * y->row + column * y->column + g * n,
                       aside.p + row * aside.row + column * aside.column,
                       (size_t)n * sizeof(float));
    }
}

const dn_layer_kind dn_conv_kind = {.notation = "nCk",
                                    .reads = DN_READS_MAPS,
                                    .parse = parse,
                                    .print = print,
                                    .shape = shape,
                                    .cost = cost,
                                    .single_cost = single_cost,
                                    .explain_cost = explain_cost,
                                    .onnx = onnx,
                                    .packed_size = packed_size,
                                    .pack_forward = pack_forward,
                                    .pack_backward = pack_backward,
                                    .pack_single = pack_single,
                                    .unpack_forward = unpack_forward,
                                    .fuses = fuses,
                                    .work_size = work_size,
                                    .forward = forward,
                                    .sums = 1,
                                    .gradient = dn_spread,
                                    .backward = backward,
                                    .weight_gradient = weight_gradient,
                                    .maps_at_once = maps_at_once,
                                    .single_work = single_work,
                                    .single = single};
