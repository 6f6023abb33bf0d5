/* conv_batch.c - convolutions of sixteen images side by side: forward, with their
 * pooling, and backward to inputs and weights. See conv.h. */
#include "conv.h"
#include "window.h"

/* --- forward ------------------------------------------------------------------------ */

/* The max pooling's windows must stand side by side, so that each row is needed once. */
int dn_conv_fuses(const dn_layer *l, const dn_layer *next) {
    return l->activation == DN_RELU && dn_conv_groups(l) == 1 &&
           next->kind == DN_MAXPOOL && next->stride == next->kh && !next->padded;
}

/* Channels in a band. A direct convolution computes four at a time, and so few stay in
 * the nearest cache; Winograd's shares its transformed rows among all. */
static int band_channels(const dn_layer *l) { return l->winograd ? l->out.c : 4; }

static uint64_t band_size(const dn_layer *l, const dn_layer *pool) {
    return (uint64_t)band_channels(l) * (uint64_t)pool->kh * (uint64_t)l->out.w *
           DN_LANES;
}

/* Of a gradient. Winograd's transformed pixels serve all that are there: as many as stay
 * in the cache. */
int dn_conv_maps_at_once(const dn_layer *l) {
    if (dn_conv_groups(l) > 1) return 0;
    if (!l->winograd_weights) return DN_CONV_TILE;
    const int tiles = dn_winograd_band(l->out.h, l->out.w) * ((l->out.w + 3) / 4);
    const int maps = 1024 / tiles / DN_CONV_TILE * DN_CONV_TILE;
    return maps < 8 ? 8 : maps > 32 ? 32 : maps;
}

uint64_t dn_conv_work_size(const dn_layer *l, const dn_layer *pool) {
    uint64_t forward = 0, backward = 0;
    if (l->winograd) forward = dn_winograd_work(l->out.w, l->in.c, l->out.c);
    if (l->winograd_back) backward = dn_winograd_work(l->in.w, l->out.c, l->in.c);
    if (l->winograd_weights) {
        const uint64_t weights =
            dn_winograd_wgrad_work(l->out.h, l->out.w, dn_conv_maps_at_once(l));
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
        part.w = dn_band(c->ask, DN_CONV_TILE, place_cost(l) * k * k, y->w - q);
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
        part.w = dn_band(c->ask, DN_CONV_TILE, place_cost(l), y->w - q);
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

void dn_conv_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer part = dn_conv_part(c->layer);
    dn_call call = *c;
    call.layer = &part;
    for (int g = 0; g < dn_conv_groups(c->layer) && !c->ask->stopped; g++) {
        const dn_view to = maps_of(y, g, part.out.c), from = maps_of(x, g, part.in.c);
        call.weights = c->weights + (size_t)g * (size_t)dn_conv_packed(c->layer);
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
        part.w = dn_band(c->ask, DN_CONV_TILE, place_cost(l), dx->w - q);
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

void dn_conv_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer part = dn_conv_part(c->layer);
    dn_call call = *c;
    call.layer = &part;
    for (int g = 0; g < dn_conv_groups(c->layer) && !c->ask->stopped; g++) {
        const dn_view to = maps_of(dx, g, part.in.c), from = maps_of(dz, g, part.out.c);
        call.weights = c->weights + (size_t)g * (size_t)dn_conv_packed(c->layer);
        part_backward(&call, &to, &from);
    }
}

static void part_weight_gradient(const dn_call *c, float *dw, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const dn_view taps = dn_under_taps(*c->x, l);
    const int64_t cost = l->cost / l->out.c * DN_LANES;
    dn_view part = *dz;
    for (int o = 0; o < dz->c; o += part.c) {
        part.c =
            dn_band(c->ask, DN_CONV_TILE, cost, dz->c - o); /* as the kernel takes them */
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

void dn_conv_weight_gradient(const dn_call *c, float *dw, const dn_view *dz) {
    const dn_layer part = dn_conv_part(c->layer);
    dn_call call = *c;
    if (dn_conv_groups(c->layer) == 1) {
        part_weight_gradient(c, dw, dz);
        return;
    }
    call.layer = &part;
    for (int g = 0; g < dn_conv_groups(c->layer) && !c->ask->stopped; g++) {
        const dn_view from = maps_of(dz, g, part.out.c), x = maps_of(c->x, g, part.in.c);
        call.x = &x;
        part_weight_gradient(&call, dw + (size_t)g * dn_conv_weights(c->layer), &from);
    }
}
