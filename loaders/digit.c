/* digit.c - a picture of a digit becomes what MNIST's are: see digit.h.
 *
 *     picture ─► plane ─► contrast ─► strokes ─► 20×20 ─► 28×28
 *
 *   plane     grey over paper, brought down to at most 400 pixels a side by taking means
 *   contrast  0 paper … 1 ink, whatever the light (digit_paper.c)
 *   strokes   the digit's alone, of a width people write with (digit_ink.c)
 *   20×20     the digit scaled to fit, its aspect kept; pixels are means over areas
 *   28×28     moved by whole pixels until the centre of mass is at pixel 14, 14: it is
 *             there in all of MNIST's pictures, to within half a pixel
 *
 * If the digit turns out to be small in a large picture, the part around it is taken and
 * all is done again, with more pixels for the digit.
 *
 * Limits: one digit, whose strokes are narrower than a third of the picture, on paper
 * that fills the picture. A scribble beside the digit that is larger is taken for it.
 * Chalk under the edge of a deep shadow may lose a piece there, where in the shadow it is
 * brighter than the board in the light. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

#define SIDE 400 /* pixels a side, at most, while a picture is worked on */

/* --- plane ---------------------------------------------------------------------- */

/* Paper is white, unless hardly any of what can be seen is dark: white strokes on nothing
 * were drawn to lie on a dark ground. */
static int paper_behind(const digit_view *p) {
    uint64_t all = 0, dark = 0;
    int step = 1 + p->h / 1024; /* of a high picture, some rows will do */
    if (!p->alpha) return 255;
    for (int y = 0; y < p->h; y += step) {
        const size_t row = (size_t)y * (size_t)p->w;
        const unsigned char *alpha = p->alpha + row;
        for (int x = 0; x < p->w; x++) {
            const int grey = p->deep ? p->deep[row + (size_t)x] >> 8
                                     : p->grey[row + (size_t)x];
            all += alpha[x];
            dark += grey < 128 ? alpha[x] : 0;
        }
    }
    return dark * 32 < all ? 0 : 255;
}

digit_view digit_view_of(const digit_picture *source, const load_stop *stop) {
    digit_view view = {source->grey,   source->alpha, source->deep, source->width,
                       source->height, 255,           stop};
    view.paper = paper_behind(&view);
    return view;
}

/* Adds 255·grey over paper of n pixels of a row, beginning with pixel at, to sums. */
static void add_row(uint32_t *sums, const digit_view *p, size_t at, int n) {
    const unsigned char *grey = p->grey + at;
    if (p->alpha) {
        const unsigned char *alpha = p->alpha + at;
        uint32_t paper = (uint32_t)p->paper;
        for (int x = 0; x < n; x++)
            sums[x] += (uint32_t)alpha[x] * grey[x] + (255u - alpha[x]) * paper;
    } else
        for (int x = 0; x < n; x++) sums[x] += 255u * grey[x];
}

/* The same of 16 bits, whose sums are 257 times as large. */
static void add_row_deep(uint32_t *sums, const digit_view *p, size_t at, int n) {
    const uint16_t *deep = p->deep + at;
    if (p->alpha) {
        const unsigned char *alpha = p->alpha + at;
        uint32_t paper = (uint32_t)p->paper * 257;
        for (int x = 0; x < n; x++)
            sums[x] += (uint32_t)alpha[x] * deep[x] + (255u - alpha[x]) * paper;
    } else
        for (int x = 0; x < n; x++) sums[x] += 255u * deep[x];
}

/* digit_reduce's, sums: room for as many numbers as box is wide. They hold
 * k · 255 · 65535 < 2³². */
static int reduce(float *plane, uint32_t *sums, const digit_view *p, const digit_box *box,
                  int k, int w, int h) {
    int wide = box->x1 - box->x0;
    const double white = p->deep ? 255.0 * 257.0 : 255.0;
    for (int y = 0; y < h; y++) {
        int y0 = box->y0 + y * k, y1 = least(y0 + k, box->y1);
        if (load_stopped(p->stop)) return DIGIT_STOPPED;
        memset(sums, 0, (size_t)wide * sizeof *sums);
        for (int v = y0; v < y1; v++)
            (p->deep ? add_row_deep : add_row)(
                sums, p, (size_t)v * (size_t)p->w + (size_t)box->x0, wide);
        for (int x = 0; x < w; x++) {
            int x0 = x * k, x1 = least(x0 + k, wide);
            uint64_t sum = 0;
            for (int u = x0; u < x1; u++) sum += sums[u];
            *plane++ = (float)((double)sum / (white * (x1 - x0) * (y1 - y0)));
        }
    }
    return 0;
}

int digit_reduce(float *plane, const digit_view *view, const digit_box *box, int k) {
    const int wide = box->x1 - box->x0, high = box->y1 - box->y0;
    uint32_t *sums = malloc((size_t)wide * sizeof *sums);
    if (!sums) return DIGIT_NOMEM;
    const int status =
        reduce(plane, sums, view, box, k, (wide + k - 1) / k, (high + k - 1) / k);
    free(sums);
    return status;
}

/* --- 20×20 ---------------------------------------------------------------------- */

/* Where ink begins in a profile of n values, stride apart (-1: seen from the end), in
 * pixels from that end: where it has risen to half of what it reaches within depth. Ink's
 * outermost row of pixels counts in full if it stands alone, and soft edges for half. */
static double edge_of(const float *profile, int n, int stride, int depth) {
    const float *p = stride > 0 ? profile : profile + n - 1;
    int first = 0;
    while (first < n && !(p[first * stride] > 0.08f)) first++;
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

/* out[m] = means over m intervals of length step of a line of n values, stride apart, the
 * first of which begins at 'from'. */
static void resample(double *out, int m, size_t out_stride, const double *line, int n,
                     size_t stride, double from, double step) {
    double soft = step < 1.0 ? 1.0 - step : 0.0; /* enlarged pixels show no steps */
    for (int j = 0; j < m; j++) {
        double a = from + j * step, b = a + step, sum = 0.0;
        int first = at_least((int)(a - 1.5), 0), last = least((int)(b + 1.5), n - 1);
        for (int i = first; i <= last; i++) {
            double share = share_before(b - (i + 0.5), soft) -
                           share_before(a - (i + 0.5), soft);
            sum += share * line[(size_t)i * stride];
        }
        out[(size_t)j * out_stride] = sum / step;
    }
}

/* Contrast that brings the edges of strokes back which enlarging a picture has made soft:
 * MNIST's were cut from bilevel scans. None where the picture is about as small as what
 * it becomes, as its greys are all that tells where the edges are. scale: how many times
 * longer it is. */
static void sharpen(float *plane, size_t n, double scale) {
    double gain = scale < 1.0 ? 1.0 : scale > 2.0 ? 1.5 : 0.5 + 0.5 * scale;
    for (size_t i = 0; i < n; i++) {
        double v = ((double)plane[i] - 0.5) * gain + 0.5;
        plane[i] = (float)(v < 0.0 ? 0.0 : v > 1.0 ? 1.0 : v);
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
    double b[4];
    if (!work || !line || !narrow) goto done;
    ink_bounds(b, plane, work, w, h, at_least(1, (int)(scale + 0.5)));
    double wide = b[1] - b[0], high = b[3] - b[2];
    double step = wide / bw > high / bh ? wide / bw : high / bh;
    /* Whole pixels; what they have too much goes to both sides. */
    f->w = at_least(1, least(bw, (int)ceil(wide / step - 0.02)));
    f->h = at_least(1, least(bh, (int)ceil(high / step - 0.02)));
    double x0 = b[0] - 0.5 * (f->w * step - wide), y0 = b[2] - 0.5 * (f->h * step - high);
    status = DIGIT_STOPPED;
    for (int y = 0; y < h; y++) {
        if (load_stopped(stop)) goto done;
        for (int x = 0; x < w; x++)
            line[x] = (double)plane[(size_t)y * (size_t)w + (size_t)x];
        resample(narrow + (size_t)y * (size_t)f->w, f->w, 1, line, w, 1, x0, step);
    }
    for (int x = 0; x < f->w; x++) {
        if (load_stopped(stop)) goto done;
        resample(f->v + x, f->h, (size_t)f->w, narrow + x, h, (size_t)f->w, y0, step);
    }
    status = 0;
done:
    free(narrow);
    free(line);
    free(work);
    return status;
}

/* The strokes in box of a plane, changed, as a field of at most bw × bh. */
static int shrink(field *f, float *plane, int w, int h, const digit_box *ink, int bw,
                  int bh, const load_stop *stop) {
    const double scale = (double)at_least(ink->x1 - ink->x0, ink->y1 - ink->y0) /
                         at_least(bw, bh);
    sharpen(plane, area_of(w, h), scale);
    return fit(f, plane, w, h, scale, bw, bh, stop);
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

/* draw - DIGIT_INK, or DIGIT_BLANK if the field has none. */
static int draw(unsigned char *out, int h, int w, const field *f) {
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

/* The part around the digit that is worth a second look: as much again as the digit on
 * all sides. Returns 0 if that is (nearly) what was looked at. */
static int closer(digit_box *box, const digit_box *ink, int k, const digit_view *p) {
    int margin = at_least(ink->x1 - ink->x0, ink->y1 - ink->y0) * 2 / 3 + 2;
    digit_box b = {at_least(box->x0 + (ink->x0 - margin) * k, 0),
                   at_least(box->y0 + (ink->y0 - margin) * k, 0),
                   least(box->x0 + (ink->x1 + margin) * k, p->w),
                   least(box->y0 + (ink->y1 + margin) * k, p->h)};
    int before = at_least(box->x1 - box->x0, box->y1 - box->y0);
    int after = at_least(b.x1 - b.x0, b.y1 - b.y0);
    if (k == 1 || after > before * 3 / 4) return 0;
    *box = b;
    return 1;
}

enum { CLOSER = DIGIT_INK + 1 };

/* Looks for the digit in box of the picture. DIGIT_INK and f, or DIGIT_BLANK,
 * DIGIT_NOMEM, DIGIT_STOPPED; CLOSER and another box if that should be looked at. */
static int look(field *f, digit_box *box, const digit_view *p, int bw, int bh) {
    int wide = box->x1 - box->x0, high = box->y1 - box->y0;
    int k = (at_least(wide, high) + SIDE - 1) / SIDE;
    int w = (wide + k - 1) / k, h = (high + k - 1) / k;
    float *plane = malloc(area_of(w, h) * sizeof *plane);
    digit_box ink;
    int status = DIGIT_NOMEM;
    if (!plane) goto done;
    status = digit_reduce(plane, p, box, k);
    if (status) goto done;
    status = digit_contrast(plane, w, h);
    if (status != DIGIT_INK) goto done;
    status = digit_strokes(plane, w, h, at_least(bw, bh), &ink);
    if (status != DIGIT_INK) goto done;
    if (closer(box, &ink, k, p))
        status = CLOSER;
    else {
        const int rc = shrink(f, plane, w, h, &ink, bw, bh, p->stop);
        if (rc) status = rc;
    }
done:
    free(plane);
    return status;
}

/* A field of the size that a digit has in h × w pixels: 20/28 of them. */
static int field_new(field *f, int h, int w, int *bw, int *bh) {
    *bw = at_least(1, (w * 5 + 3) / 7);
    *bh = at_least(1, (h * 5 + 3) / 7);
    *f = (field){malloc((size_t)*bw * (size_t)*bh * sizeof(double)), 0, 0};
    return f->v ? 0 : DIGIT_NOMEM;
}

int digit_normalise(unsigned char *out, int h, int w, const digit_picture *source,
                    const load_stop *stop) {
    const digit_view p = digit_view_of(source, stop);
    digit_box box = {0, 0, p.w, p.h};
    int bw, bh;
    field f;
    if (field_new(&f, h, w, &bw, &bh)) return DIGIT_NOMEM;
    memset(out, 0, (size_t)h * (size_t)w);
    int status = look(&f, &box, &p, bw, bh);
    while (status == CLOSER) status = look(&f, &box, &p, bw, bh);
    if (status == DIGIT_INK) status = draw(out, h, w, &f);
    free(f.v);
    return status;
}

int digit_draw(unsigned char *out, int h, int w, float *plane, int wide, int high,
               const load_stop *stop) {
    int bw, bh;
    digit_box ink;
    field f;
    if (field_new(&f, h, w, &bw, &bh)) return DIGIT_NOMEM;
    memset(out, 0, (size_t)h * (size_t)w);
    int status = digit_pen(plane, wide, high, at_least(bw, bh), &ink);
    if (status == DIGIT_INK) {
        const int rc = shrink(&f, plane, wide, high, &ink, bw, bh, stop);
        status = rc ? rc : draw(out, h, w, &f);
    }
    free(f.v);
    return status;
}
