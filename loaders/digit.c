/* digit.c - a picture of a digit becomes what MNIST's are: see digit.h.
 *
 *     picture ─► grey ─► paper ─► ink ─► the digit's ─► 20×20 ─► 28×28
 *
 *   grey         of 200 pixels a side at most, by taking means (digit_reduce.c); colours
 *                as their luma, or as whatever mixture tells ink from paper
 *                (digit_colour.c)
 *   paper        without a frame, or a window's title, along the border (digit_frame.c),
 *                and without the table that a sheet lies on (digit_sheet.c)
 *   ink          0 paper … 1 ink, whatever the light (digit_paper.c, digit_even.c,
 *                digit_levels.c)
 *   the digit's  without boxes, combs and lines below (digit_rule.c), and without what
 *                lies apart (digit_ink.c)
 *   20×20        of a pen that people write with (digit_pen.c), scaled to fit, its aspect
 *                kept; pixels are means over areas (digit_field.c)
 *   28×28        moved by whole pixels until the centre of mass is at pixel 14, 14: it is
 *                there in all of MNIST's pictures, to within half a pixel
 *
 * If the digit turns out to be small in a large picture, the part around it is taken and
 * all is done again, with more pixels for the digit. A picture that is a digit of this
 * form already stays as it is.
 *
 * tests/drawn/stages.sh draws the stages.
 *
 * Limits: one digit. A scribble beside it that is larger is taken for it. Under a shadow,
 * strokes must be narrower than a third of the picture. Of 16 bits a sample only luma is
 * looked at. Chalk under the edge of a deep shadow may lose a piece there, where in the
 * shadow it is brighter than the board in the light. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

#define SIDE 200 /* pixels a side, at most, while a picture is worked on */

/* --- together ------------------------------------------------------------------- */

/* The part around the digit that is worth a second look: as much again as the digit on
 * all sides. Returns 0 if that is (nearly) what was looked at. */
static int closer(digit_box *box, const digit_box *ink, const digit_box *paper, int k,
                  const digit_view *p) {
    int margin = at_least(ink->x1 - ink->x0, ink->y1 - ink->y0) * 2 / 3 + 2;
    digit_box b = {at_least(box->x0 + (paper->x0 + ink->x0 - margin) * k, 0),
                   at_least(box->y0 + (paper->y0 + ink->y0 - margin) * k, 0),
                   least(box->x0 + (paper->x0 + ink->x1 + margin) * k, p->w),
                   least(box->y0 + (paper->y0 + ink->y1 + margin) * k, p->h)};
    int before = at_least(box->x1 - box->x0, box->y1 - box->y0);
    int after = at_least(b.x1 - b.x0, b.y1 - b.y0);
    if (k == 1 || after > before * 3 / 4) return 0;
    *box = b;
    return 1;
}

/* A plane becomes its part that is paper: without a frame, without a table. 0 or
 * DIGIT_NOMEM. */
static int cut_paper(digit_box *paper, float *plane, int *w, int *h) {
    digit_box sheet;
    int status = digit_frame(paper, plane, *w, *h);
    if (status) return status;
    digit_crop(plane, w, h, paper);
    status = digit_sheet(&sheet, plane, *w, *h);
    if (status) return status;
    digit_crop(plane, w, h, &sheet);
    *paper = (digit_box){paper->x0 + sheet.x0, paper->y0 + sheet.y0, paper->x0 + sheet.x1,
                         paper->y0 + sheet.y1};
    return 0;
}

enum { CLOSER = DIGIT_SEVERAL + 1 };

/* Looks for the digit in box of the picture. DIGIT_INK and out, or DIGIT_BLANK,
 * DIGIT_NOMEM, DIGIT_STOPPED; CLOSER and another box if that should be looked at.
 * *several becomes 1 if others stand beside it. */
static int look(unsigned char *out, int oh, int ow, digit_box *box, int *several,
                const digit_view *view) {
    int wide = box->x1 - box->x0, high = box->y1 - box->y0;
    int k = (at_least(wide, high) + SIDE - 1) / SIDE;
    int w = digit_reduced(wide, k), h = digit_reduced(high, k);
    float *plane = malloc(area_of(w, h) * sizeof *plane);
    unsigned char *mask = malloc(area_of(w, h));
    digit_box ink = {0}, paper;
    int status = DIGIT_NOMEM;
    if (!plane || !mask) goto done;
    status = digit_reduce(plane, view, box, k);
    if (!status) status = cut_paper(&paper, plane, &w, &h);
    if (!status) status = digit_contrast(plane, w, h, view->stop);
    if (status == DIGIT_INK) status = digit_choose(mask, plane, w, h, &ink);
    *several |= status == DIGIT_SEVERAL;
    if (status == DIGIT_SEVERAL) status = DIGIT_INK;
    if (status == DIGIT_INK && closer(box, &ink, &paper, k, view))
        status = CLOSER;
    else if (status == DIGIT_INK)
        status = digit_draw_part(out, oh, ow, plane, mask, w, h, view->stop);
done:
    free(mask);
    free(plane);
    return status;
}

/* --- as they are ---------------------------------------------------------------- */

/* Pixel i, 0..255: of 16 bits the nearest. */
static unsigned char grey_at(const digit_picture *p, size_t i) {
    if (p->rgb) return p->rgb[3 * i];
    return p->deep ? (unsigned char)((p->deep[i] * 255u + 32895u) >> 16) : p->grey[i];
}

/* Whether a picture is what a digit is to become: bright on 0, as long as the field or a
 * pixel shorter, its centre of mass near to the middle, by a 20th of the side. All 70,000
 * of MNIST's are: 19 or 20 pixels long, at most 0.5 off; and those that synth.c draws, at
 * most 1.3 off. If so, it is copied to out. */
static int is_ready(unsigned char *out, int h, int w, const digit_picture *p) {
    uint64_t mass = 0, mx = 0, my = 0;
    digit_box box = {w, h, 0, 0};
    if (p->height != h || p->width != w || p->alpha) return 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const size_t i = area_of(y, w) + (size_t)x;
            const unsigned char *rgb = p->rgb ? p->rgb + 3 * i : NULL;
            if (rgb && (rgb[0] != rgb[1] || rgb[1] != rgb[2])) return 0;
            const unsigned v = out[i] = grey_at(p, i);
            if (!v) continue;
            digit_box_add(&box, x, y, x + 1, y + 1);
            mass += v;
            mx += (uint64_t)v * (unsigned)x;
            my += (uint64_t)v * (unsigned)y;
        }
    if (!mass) return 0;
    const int wide = box.x1 - box.x0, high = box.y1 - box.y0;
    const int bw = digit_field(w), bh = digit_field(h);
    if (wide > bw || high > bh || (wide < bw - 1 && high < bh - 1)) return 0;
    const double x = (double)mx / (double)mass - w / 2;
    const double y = (double)my / (double)mass - h / 2;
    return fabs(x) * 20.0 <= w && fabs(y) * 20.0 <= h;
}

int digit_normalise(unsigned char *out, int h, int w, const digit_picture *source,
                    const load_stop *stop) {
    if (is_ready(out, h, w, source)) return DIGIT_INK;
    const digit_view view = digit_view_of(source, stop);
    digit_box box = {0, 0, source->width, source->height};
    int status = CLOSER, several = 0;
    memset(out, 0, area_of(w, h));
    while (status == CLOSER) status = look(out, h, w, &box, &several, &view);
    return status == DIGIT_INK && several ? DIGIT_SEVERAL : status;
}
