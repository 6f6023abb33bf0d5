/* digit_field.c - ink becomes 20×20 pixels, and those 28×28: see digit_parts.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

#define FULL 0.9f /* ink of strokes, at least */

/* --- 20×20 ---------------------------------------------------------------------- */

/* Where ink begins in a profile of n values, stride apart (-1: seen from the end), in
 * pixels from that end: where it has risen to half of what it reaches within depth. Ink's
 * outermost row of pixels counts in full if it stands alone, and soft edges for half. */
static double edge_of(const float *profile, int n, int stride, int depth) {
    const float *p = stride > 0 ? profile : profile + n - 1;
    int first = 0;
    while (first < n && !(p[first * stride] > 0.2f)) first++;
    float high = 0.0f;
    for (int i = first; i < n && i < first + depth; i++)
        high = p[i * stride] > high ? p[i * stride] : high;
    float before = 0.0f;
    for (int i = first; i < n; i++) {
        float here = p[i * stride];
        if (here >= 0.5f * high)
            return i + 0.5 - (double)((here - 0.5f * high) / (here - before));
        before = here;
    }
    return 0.0;
}

/* The area that ink takes: x0, x1, y0, y1. work: room for w + h values. */
static void ink_bounds(double bounds[4], const float *plane, float *work, int w, int h,
                       int depth) {
    float *columns = work, *rows = work + w;
    for (int i = 0; i < w + h; i++) work[i] = 0.0f;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float v = plane[(size_t)y * (size_t)w + (size_t)x];
            columns[x] = v > columns[x] ? v : columns[x];
            rows[y] = v > rows[y] ? v : rows[y];
        }
    bounds[0] = edge_of(columns, w, 1, depth);
    bounds[1] = w - edge_of(columns, w, -1, depth);
    bounds[2] = edge_of(rows, h, 1, depth);
    bounds[3] = h - edge_of(rows, h, -1, depth);
}

/* Integral from -∞ to x of a pixel's share: 1 for |x| < 1/2 if soft = 0; else that
 * blurred over soft, up to a tent for soft = 1. It rises from 0 to 1. */
static double share_before(double x, double soft) {
    double a = 0.5 - 0.5 * soft, b = 0.5 + 0.5 * soft; /* flat until a, 0 from b on */
    double d = x < 0.0 ? -x : x, half = d < a ? d : a;
    if (d > a && soft > 0.0) {
        double e = (d < b ? d : b) - a;
        half += e - e * e / (2.0 * soft);
    }
    return x < 0.0 ? 0.5 - half : 0.5 + half;
}

/* Means over m intervals of length step of lines of n values, the first of which begins
 * at 'from': the shares that values have in them, and the first of these. */
typedef struct {
    double *shares; /* [m][room] */
    int *first;     /* [m] */
    int room, m, n;
    double step;
} weights;

static void weights_free(weights *w) {
    free(w->first);
    free(w->shares);
}

/* Free them, whatever the result: 0 or DIGIT_NOMEM. */
static int weights_make(weights *w, int m, int n, double from, double step) {
    const double soft = step < 1.0 ? 1.0 - step : 0.0; /* enlarged pixels show no steps */
    *w = (weights){.room = (int)step + 5, .m = m, .n = n, .step = step};
    w->shares = calloc(area_of(m, w->room), sizeof *w->shares);
    w->first = malloc((size_t)m * sizeof *w->first);
    if (!w->shares || !w->first) return DIGIT_NOMEM;
    for (int j = 0; j < m; j++) {
        const double a = from + j * step, b = a + step;
        const int first = at_least((int)(a - 1.5), 0),
                  last = least((int)(b + 1.5), n - 1);
        w->first[j] = first;
        for (int i = first; i <= last; i++)
            w->shares[area_of(j, w->room) + (size_t)(i - first)] =
                share_before(b - (i + 0.5), soft) - share_before(a - (i + 0.5), soft);
    }
    return 0;
}

/* out[m], out_stride apart, become those means of a line, whose values are stride
 * apart. */
static void resample(double *out, size_t out_stride, const double *line, size_t stride,
                     const weights *w) {
    for (int j = 0; j < w->m; j++) {
        const double *share = w->shares + area_of(j, w->room);
        const int n = least(w->room, w->n - w->first[j]);
        const double *v = line + (size_t)w->first[j] * stride;
        double sum = 0.0;
        for (int i = 0; i < n; i++) sum += share[i] * v[(size_t)i * stride];
        out[(size_t)j * out_stride] = sum / w->step;
    }
}

typedef struct {
    double *v; /* [h][w] */
    int w, h;
} field;

/* Fits the digit, some scale times too large, into at most bw × bh pixels. f->v has room
 * for them. Returns 0, DIGIT_NOMEM or DIGIT_STOPPED. */
static int fit(field *f, const float *plane, int w, int h, double scale, int bw, int bh,
               const load_stop *stop) {
    size_t most = (size_t)at_least(w, h);
    float *work = malloc(((size_t)w + (size_t)h) * sizeof *work);
    double *line = malloc(most * sizeof *line);
    double *narrow = malloc((size_t)h * (size_t)bw * sizeof *narrow);
    int status = DIGIT_NOMEM;
    weights across = {0}, down = {0};
    double b[4];
    if (!work || !line || !narrow) goto done;
    ink_bounds(b, plane, work, w, h, at_least(1, (int)(scale + 0.5)));
    double wide = b[1] - b[0], high = b[3] - b[2];
    double step = wide / bw > high / bh ? wide / bw : high / bh;
    /* Whole pixels; what they have too much goes to both sides. */
    f->w = at_least(1, least(bw, (int)ceil(wide / step - 0.02)));
    f->h = at_least(1, least(bh, (int)ceil(high / step - 0.02)));
    double x0 = b[0] - 0.5 * (f->w * step - wide), y0 = b[2] - 0.5 * (f->h * step - high);
    if (weights_make(&across, f->w, w, x0, step)) goto done;
    if (weights_make(&down, f->h, h, y0, step)) goto done;
    status = DIGIT_STOPPED;
    for (int y = 0; y < h; y++) {
        if (load_stopped(stop)) goto done;
        for (int x = 0; x < w; x++)
            line[x] = (double)plane[(size_t)y * (size_t)w + (size_t)x];
        resample(narrow + (size_t)y * (size_t)f->w, 1, line, 1, &across);
    }
    for (int x = 0; x < f->w; x++) {
        if (load_stopped(stop)) goto done;
        resample(f->v + x, (size_t)f->w, narrow + x, (size_t)f->w, &down);
    }
    status = 0;
done:
    weights_free(&down);
    weights_free(&across);
    free(narrow);
    free(line);
    free(work);
    return status;
}

/* --- 28×28 ---------------------------------------------------------------------- */

/* Where a field of n pixels with its centre of mass at 'mass' begins in 'size' pixels. */
static int place(double mass, int n, int size) {
    int at = (int)floor(size / 2 - mass + 0.5);
    return at_least(0, least(at, size - n));
}

/* Ink's brightest tenth: brought to 1, as in MNIST, where scaling has made it paler. */
static double gain_of(const field *f) {
    int counts[257] = {0}, inked = 0, n = f->w * f->h, bin = 256;
    for (int i = 0; i < n; i++) {
        int v = (int)(f->v[i] * 256.0);
        v = at_least(0, least(v, 256));
        if (v < 64) continue;
        counts[v]++;
        inked++;
    }
    if (!inked) return 1.0;
    for (int seen = counts[bin]; seen * 10 < inked; seen += counts[bin]) bin--;
    return 256.0 / (bin < 128 ? 128 : bin);
}

/* DIGIT_INK, or DIGIT_BLANK if the field has none. */
static int put(unsigned char *out, int h, int w, const field *f) {
    double mass = 0.0, mx = 0.0, my = 0.0, gain = gain_of(f);
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < f->w; x++) {
            double v = f->v[y * f->w + x];
            mass += v;
            mx += v * x;
            my += v * y;
        }
    if (!(mass > 0.0)) return DIGIT_BLANK;
    int left = place(mx / mass, f->w, w), top = place(my / mass, f->h, h);
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < f->w; x++) {
            double v = 255.0 * gain * f->v[y * f->w + x] + 0.5;
            v = v < 0.0 ? 0.0 : v > 255.0 ? 255.0 : v;
            out[(size_t)(top + y) * (size_t)w + (size_t)(left + x)] = (unsigned char)v;
        }
    return DIGIT_INK;
}

/* --- together ------------------------------------------------------------------- */

/* The digit's ink on paper of its own, with room around it. */
typedef struct {
    float *ink;          /* [h][w] */
    unsigned char *mask; /* [h][w] */
    int w, h, size;      /* size: the digit's longer side */
} sheet;

static digit_box box_of(const unsigned char *mask, int w, int h) {
    digit_box box = {w, h, 0, 0};
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, mask++)
            if (*mask) digit_box_add(&box, x, y, x + 1, y + 1);
    return box;
}

/* Wipes what is farther than edge pixels from the digit's strokes. */
static int wipe(const sheet *s, double edge) {
    const size_t n = area_of(s->w, s->h);
    int *distance = malloc(n * sizeof *distance);
    if (!distance) return DIGIT_NOMEM;
    const int status = digit_distances(distance, s->mask, s->w, s->h);
    for (size_t i = 0; i < n && !status; i++)
        if (distance[i] > edge * edge) s->ink[i] = 0.0f;
    free(distance);
    return status;
}

/* Pale parts of strokes become as dark as others: MNIST's are. A part's level is the
 * darkest around, as far as a stroke's edge is soft, or as a pixel is in the end. */
static int even_out(const sheet *s) {
    const size_t n = area_of(s->w, s->h);
    float *level = malloc(n * sizeof *level);
    const int soft = (int)digit_softness(s->ink, s->w, s->h, 1.0f);
    const int reach = 1 + least(at_least(soft, s->size / 16), s->size / 8);
    if (!level) return DIGIT_NOMEM;
    memcpy(level, s->ink, n * sizeof *level);
    const int status = digit_dilate(level, s->w, s->h, reach);
    for (size_t i = 0; i < n && !status; i++) {
        const float here = level[i] > DIGIT_PALE ? level[i] : DIGIT_PALE;
        if (here < FULL) s->ink[i] *= FULL / here;
        s->mask[i] = s->mask[i] && s->ink[i] > DIGIT_STRONG;
    }
    free(level);
    return status;
}

/* Copies the digit out of a plane, with a margin that its pen may grow into. Its strokes'
 * soft edges are up to 1.5 pixels wide in the end. sheet_free frees it in any case. */
static int sheet_make(sheet *s, const float *ink, const unsigned char *mask, int w, int h,
                      double longest) {
    const digit_box box = box_of(mask, w, h);
    *s = (sheet){0};
    if (box.x1 <= box.x0) return DIGIT_BLANK;
    s->size = at_least(box.x1 - box.x0, box.y1 - box.y0);
    const double edge = 1.0 + 1.5 * s->size / longest;
    const int margin = (int)edge + 2;
    s->w = box.x1 - box.x0 + 2 * margin;
    s->h = box.y1 - box.y0 + 2 * margin;
    s->ink = calloc(area_of(s->w, s->h), sizeof *s->ink);
    s->mask = calloc(area_of(s->w, s->h), 1);
    if (!s->ink || !s->mask) return DIGIT_NOMEM;
    const int x0 = at_least(box.x0 - margin, 0), x1 = least(box.x1 + margin, w);
    const size_t wide = (size_t)(x1 - x0);
    for (int y = at_least(box.y0 - margin, 0); y < least(box.y1 + margin, h); y++) {
        const size_t from = area_of(y, w) + (size_t)x0;
        const size_t to = area_of(y - box.y0 + margin, s->w) +
                          (size_t)(x0 - box.x0 + margin);
        memcpy(s->ink + to, ink + from, wide * sizeof *ink);
        memcpy(s->mask + to, mask + from, wide);
    }
    return wipe(s, edge) || even_out(s) ? DIGIT_NOMEM : DIGIT_INK;
}

static void sheet_free(sheet *s) {
    free(s->mask);
    free(s->ink);
}

int digit_draw_part(unsigned char *out, int h, int w, const float *ink,
                    const unsigned char *mask, int pw, int ph, const load_stop *stop) {
    const int bw = digit_field(w), bh = digit_field(h), most = at_least(bw, bh);
    field f = {malloc(area_of(bw, bh) * sizeof(double)), 0, 0};
    sheet s;
    memset(out, 0, area_of(w, h));
    int status = sheet_make(&s, ink, mask, pw, ph, most);
    if (!f.v) status = DIGIT_NOMEM;
    if (status == DIGIT_INK && digit_pen(s.ink, s.mask, s.w, s.h, s.size, most))
        status = DIGIT_NOMEM;
    if (status == DIGIT_INK) {
        const double scale = (double)s.size / most;
        status = fit(&f, s.ink, s.w, s.h, scale, bw, bh, stop);
        if (!status) status = put(out, h, w, &f);
    }
    sheet_free(&s);
    free(f.v);
    return status;
}

int digit_draw(unsigned char *out, int h, int w, const float *ink, int pw, int ph,
               const load_stop *stop) {
    const size_t n = area_of(pw, ph);
    unsigned char *mask = malloc(n);
    if (!mask) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) mask[i] = ink[i] > DIGIT_STRONG;
    const int status = digit_draw_part(out, h, w, ink, mask, pw, ph, stop);
    free(mask);
    return status;
}
