/* number_pale.c - digits of thin or pale strokes beside dark ones: number_parts.h.
 *
 * A plane's 1 is what most strokes reach, so a digit that a sharp pencil wrote, or a pen
 * that ran dry, may lie below NUMBER_INK beside others: all of it, or here and there, and
 * then it falls apart. What hangs together at far less ink, is as high as the digits are
 * and stands where one could, is stretched until its own strokes reach 1. */
#include <stdlib.h>
#include "number_parts.h"

#define PALE   0.1f  /* a plane's value from which on a pixel may be pale ink */
#define DARK   0.75f /* strokes that reach that stay as they are */
#define STROKE 3.5f  /* times its longer side: a digit's strokes are not longer */

/* How dark a piece is: the mean of what is darker than half of its darkest pixel. */
typedef struct {
    float darkest, sum;
    int n;
} tone;

static void find_tones(tone *tones, const int *labels, const float *plane, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        tone *t = &tones[labels[i]];
        t->darkest = plane[i] > t->darkest ? plane[i] : t->darkest;
    }
    for (size_t i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        tone *t = &tones[labels[i]];
        if (!(2.0f * plane[i] > t->darkest)) continue;
        t->sum += plane[i];
        t->n++;
    }
}

/* Whether there is a dark digit that stands as high in the picture. */
static int has_neighbour(const number_desk *d, const digit_box *box) {
    for (int i = 0; i < d->n_groups; i++) {
        const digit_box *b = &d->groups[i].box;
        const int both = least(b->y1, box->y1) - at_least(b->y0, box->y0);
        if ((float)number_high(b) < 0.5f * d->height) continue;
        if (2 * both >= least(number_high(b), number_high(box))) return 1;
    }
    return 0;
}

static int is_digit_like(const number_desk *d, const digit_piece *p) {
    const int high = number_high(&p->box), wide = number_wide(&p->box);
    const float most = STROKE * (d->stroke + 2.0f) * (float)at_least(high, wide);
    return (float)high >= 0.5f * d->height && (float)high <= 1.6f * d->height &&
           (float)wide <= 3.0f * d->height && (float)p->area <= most &&
           has_neighbour(d, &p->box);
}

/* Makes sum / n of a piece that stays 0. Returns how many do not. */
static int choose(tone *tones, const digit_piece *pieces, int n, const number_desk *d) {
    int chosen = 0;
    for (int i = 0; i < n; i++) {
        tone *t = &tones[i];
        const int is_pale = t->sum < DARK * (float)t->n && is_digit_like(d, &pieces[i]);
        if (!is_pale) t->n = 0;
        chosen += is_pale;
    }
    return chosen;
}

static void stretch(float *plane, const int *labels, const tone *tones, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (labels[i] < 0 || !tones[labels[i]].n) continue;
        const tone *t = &tones[labels[i]];
        const float v = plane[i] * (float)t->n / t->sum;
        plane[i] = v > 1.0f ? 1.0f : v;
    }
}

int number_pale(number_desk *d, int *changed) {
    const size_t n = area_of(d->w, d->h);
    unsigned char *mask = malloc(n);
    int *labels = malloc(n * sizeof *labels), status = DIGIT_NOMEM, found;
    digit_piece *pieces = NULL;
    tone *tones = NULL;
    *changed = 0;
    if (!mask || !labels) goto done;
    for (size_t i = 0; i < n; i++) mask[i] = d->plane[i] > PALE;
    found = digit_pieces(&pieces, labels, mask, d->w, d->h);
    if (found >= 0) tones = calloc((size_t)at_least(found, 1), sizeof *tones);
    if (!tones) goto done;
    find_tones(tones, labels, d->plane, n);
    *changed = choose(tones, pieces, found, d);
    if (*changed) stretch(d->plane, labels, tones, n);
    status = load_stopped(d->stop) ? DIGIT_STOPPED : 0;
done:
    free(tones);
    free(pieces);
    free(labels);
    free(mask);
    return status;
}
