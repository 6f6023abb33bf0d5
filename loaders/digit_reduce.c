/* digit_reduce.c - a picture, or a part of it, becomes a plane of grey: digit_parts.h. */
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

static int grey_of(const digit_view *p, const unsigned char *rgb) {
    const int *weights = p->weights;
    return (weights[0] * rgb[0] + weights[1] * rgb[1] + weights[2] * rgb[2] + p->offset +
            16384) >>
           15;
}

/* Paper is white, unless hardly any of what can be seen is dark: white strokes on nothing
 * were drawn to lie on a dark ground. */
static int paper_behind(const digit_view *p) {
    uint64_t all = 0, dark = 0;
    int step = 1 + p->h / 1024; /* of a high picture, some rows will do */
    if (!p->alpha) return 255;
    for (int y = 0; y < p->h; y += step) {
        const size_t row = area_of(y, p->w);
        const unsigned char *alpha = p->alpha + row;
        for (int x = 0; x < p->w; x++) {
            const int grey = p->rgb    ? grey_of(p, p->rgb + 3 * (row + (size_t)x))
                             : p->deep ? p->deep[row + (size_t)x] >> 8
                                       : p->grey[row + (size_t)x];
            all += alpha[x];
            dark += grey < 128 ? alpha[x] : 0;
        }
    }
    return dark * 32 < all ? 0 : 255;
}

digit_view digit_view_of(const digit_picture *source, const load_stop *stop) {
    digit_view view = {
        source->grey, source->alpha, source->deep, source->width, source->height,
        255,          stop,          source->rgb,  DIGIT_LUMA,    0};
    view.paper = paper_behind(&view);
    if (view.rgb) digit_colour(&view);
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

/* The same of colours. */
static void add_row_rgb(uint32_t *sums, const digit_view *p, size_t at, int n) {
    const unsigned char *rgb = p->rgb + 3 * at;
    const unsigned char white[3] = {255, 255, 255}, black[3] = {0, 0, 0};
    const uint32_t paper = (uint32_t)grey_of(p, p->paper ? white : black);
    for (int x = 0; x < n; x++, rgb += 3) {
        const uint32_t alpha = p->alpha ? p->alpha[at + (size_t)x] : 255u;
        sums[x] += alpha * (uint32_t)grey_of(p, rgb) + (255u - alpha) * paper;
    }
}

/* A row of the plane: means over rows y0 … y1 - 1 of the picture, k columns each. sums:
 * room for as many numbers as box is wide. They hold k · 255 · 65535 < 2³². */
static void reduce_row(float *out, uint32_t *sums, const digit_view *v,
                       const digit_box *box, int k, int y0, int y1) {
    const int wide = box->x1 - box->x0;
    const double white = v->deep ? 255.0 * 257.0 : 255.0;
    memset(sums, 0, (size_t)wide * sizeof *sums);
    for (int y = y0; y < y1; y++) {
        const size_t at = area_of(y, v->w) + (size_t)box->x0;
        if (v->rgb)
            add_row_rgb(sums, v, at, wide);
        else if (v->deep)
            add_row_deep(sums, v, at, wide);
        else
            add_row(sums, v, at, wide);
    }
    for (int x0 = 0; x0 < wide; x0 += k) {
        const int x1 = least(x0 + k, wide);
        uint64_t sum = 0;
        for (int x = x0; x < x1; x++) sum += sums[x];
        *out++ = (float)((double)sum / (white * (x1 - x0) * (y1 - y0)));
    }
}

int digit_reduce(float *plane, const digit_view *view, const digit_box *box, int k) {
    const int wide = box->x1 - box->x0, w = digit_reduced(wide, k);
    uint32_t *sums = malloc((size_t)wide * sizeof *sums);
    int status = sums ? 0 : DIGIT_NOMEM;
    for (int y = box->y0; y < box->y1 && !status; y += k, plane += w) {
        reduce_row(plane, sums, view, box, k, y, least(y + k, box->y1));
        if (load_stopped(view->stop)) status = DIGIT_STOPPED;
    }
    free(sums);
    return status;
}
