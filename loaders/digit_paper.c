/* digit_paper.c - from grey to ink: what is paper, and how much darker or brighter than
 * it is each pixel? See digit_parts.h.
 *
 *     grey ─► even paper?  ─yes─► distance from the paper's grey ──────┐
 *                          ─no──► distance from the paper's envelope ──┴─► 0 … 1
 *
 * Even paper has one grey, or a ramp of light on it: the picture was drawn, or scanned
 * well. Then the border says which grey, and ink is what differs from it, however wide
 * and wherever it is.
 *
 * A photograph has light and shadow, which can differ more than ink from paper. There the
 * paper at a place is what would be seen if strokes were filled: the envelope. It follows
 * ramps of light and edges of shadows but not strokes, as they are narrow. Ink reflects a
 * share of the light that falls on the paper, so it is measured as a share of the paper's
 * grey: the same in light and shadow. Strokes as wide as what they enclose are no holes
 * in an envelope, so before that, one curved surface is tried for all of the paper.
 *
 * In the end ink is stretched to 0 … 1 (digit_levels.c). */
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

/* --- ink or paper --------------------------------------------------------------- */

/* The ring is the frame of pixels along the border, about 1/32 of the picture wide. */
static int ring_width(int w, int h) { return at_least(1, least(w, h) / 32); }

/* The ring's next place in row y after x; w or more if there is none. */
static int ring_next(int x, int y, int w, int h) {
    const int t = ring_width(w, h), inner = y >= t && y < h - t;
    return inner && x + 1 >= t && x + 1 < w - t ? w - t : x + 1;
}

static void mark_ring(unsigned char *ring, int w, int h) {
    memset(ring, 0, area_of(w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x = ring_next(x, y, w, h))
            ring[area_of(y, w) + (size_t)x] = 1;
}

#define SHADES 64

/* The grey that best parts dark pixels from bright ones (Otsu 1979). share: of the greys'
 * variance, how much that explains: 2/3 of noise, 3/4 of a ramp. */
static float threshold_of(double *share, const float *grey, size_t n) {
    double counts[SHADES] = {0}, all = 0.0, sum = 0.0, square = 0.0, best = 0.0;
    int at = SHADES / 2;
    for (size_t i = 0; i < n; i++) {
        const int k = least((int)(grey[i] * (SHADES / 256.0f)), SHADES - 1);
        counts[k]++;
        sum += k;
        square += (double)k * k;
    }
    double below = 0.0, moment = 0.0;
    all = (double)n;
    for (int k = 0; k + 1 < SHADES; k++) {
        below += counts[k];
        moment += counts[k] * k;
        if (below < 1.0 || all - below < 1.0) continue;
        const double apart = moment / below - (sum - moment) / (all - below);
        const double between = below * (all - below) * apart * apart / (all * all);
        if (between <= best) continue;
        best = between;
        at = k;
    }
    const double variance = square / all - sum / all * (sum / all);
    *share = variance > 0.0 ? best / variance : 0.0;
    return (float)(at + 1) * (256.0f / SHADES);
}

/* The share of the ring's pixels that are brighter than a grey; the corners, where ink
 * hardly comes, count four times. */
static double ring_bright(const float *grey, int w, int h, float threshold) {
    const int k = at_least(1, least(w, h) / 8);
    double bright = 0.0, all = 0.0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x = ring_next(x, y, w, h)) {
            const int corner = (x < k || x >= w - k) && (y < k || y >= h - k);
            const double weight = corner ? 4.0 : 1.0;
            all += weight;
            bright += grey[area_of(y, w) + (size_t)x] >= threshold ? weight : 0.0;
        }
    return bright / all;
}

/* +1 if ink is darker than the paper, -1 if it is brighter: the side on which pixels are
 * farther away, by the sum of their squares. */
static float ink_side(const float *grey, size_t n, float paper) {
    double dark = 0.0, bright = 0.0;
    for (size_t i = 0; i < n; i++) {
        double off = (double)(paper - grey[i]);
        if (off > 0.0)
            dark += off * off;
        else
            bright += off * off;
    }
    return dark >= bright ? 1.0f : -1.0f;
}

/* --- even paper ----------------------------------------------------------------- */

/* Paper's grey at x, y: light that falls from one side, and less of it far from the
 * middle of a lens. */
#define TERMS 6
typedef struct {
    double of[TERMS]; /* of 1, x, y, x², xy, y², where x and y go from −1 to 1 */
    int w, h;
    int step; /* of the pixels that it is fitted to, in x and y; 0: the ring's, all */
} surface;

static int surface_next(const surface *s, int x, int y) {
    return s->step ? x + s->step : ring_next(x, y, s->w, s->h);
}

static void terms_at(double t[TERMS], const surface *s, int x, int y) {
    const double u = (2.0 * x + 1.0) / s->w - 1.0, v = (2.0 * y + 1.0) / s->h - 1.0;
    t[0] = 1.0, t[1] = u, t[2] = v, t[3] = u * u, t[4] = u * v, t[5] = v * v;
}

/* By its first terms; the others are 0. */
static float surface_at(const surface *s, int terms, int x, int y) {
    double t[TERMS], sum = 0.0;
    terms_at(t, s, x, y);
    for (int i = 0; i < terms; i++) sum += s->of[i] * t[i];
    return (float)sum;
}

/* Solves a · of = a[..][TERMS] by elimination; terms that say nothing become 0. */
static void solve(double of[TERMS], double a[TERMS][TERMS + 1], int terms) {
    double scale[TERMS];
    for (int i = 0; i < terms; i++) scale[i] = a[i][i];
    for (int i = 0; i < terms; i++) {
        const int useful = a[i][i] > 1e-6 * scale[i];
        for (int k = 0; k < terms; k++) {
            if (k == i) continue;
            const double f = useful ? a[k][i] / a[i][i] : 0.0;
            for (int j = i; j <= TERMS; j++) a[k][j] -= f * a[i][j];
            if (!useful) a[k][i] = 0.0;
        }
        if (!useful) a[i][i] = 0.0;
    }
    for (int i = 0; i < TERMS; i++)
        of[i] = i < terms && a[i][i] > 0.0 ? a[i][TERMS] / a[i][i] : 0.0;
}

/* Fits the first terms of a surface to the chosen pixels, by least squares. */
static void fit_surface(surface *s, const float *grey, const unsigned char *chosen,
                        int terms) {
    double a[TERMS][TERMS + 1] = {{0}}, t[TERMS];
    for (int y = 0; y < s->h; y += at_least(s->step, 1))
        for (int x = 0; x < s->w; x = surface_next(s, x, y)) {
            const size_t k = area_of(y, s->w) + (size_t)x;
            if (!chosen[k]) continue;
            terms_at(t, s, x, y);
            for (int i = 0; i < terms; i++) {
                for (int j = i; j < terms; j++) a[i][j] += t[i] * t[j];
                a[i][TERMS] += t[i] * (double)grey[k];
            }
        }
    for (int i = 1; i < terms; i++)
        for (int j = 0; j < i; j++) a[i][j] = a[j][i];
    solve(s->of, a, terms);
}

/* Marks the ring's pixels on the paper's side of a threshold. */
static void mark_paper(unsigned char *chosen, const float *grey,
                       const unsigned char *ring, size_t n, float side, float threshold) {
    for (size_t i = 0; i < n; i++)
        chosen[i] = ring[i] && side * (grey[i] - threshold) >= 0.0f;
}

/* Marks the ring's pixels that are near to the paper's surface. Returns how many; and
 * whether they are others than were marked. */
static size_t mark_near(unsigned char *chosen, const float *grey, const surface *paper,
                        int terms, int w, int h, int *others) {
    size_t count = 0;
    *others = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x = ring_next(x, y, w, h)) {
            const size_t i = area_of(y, w) + (size_t)x;
            const float off = grey[i] - surface_at(paper, terms, x, y);
            const unsigned char is_near = off < 12.0f && off > -12.0f;
            *others |= chosen[i] != is_near;
            chosen[i] = is_near;
            count += is_near;
        }
    return count;
}

/* Fits a surface of so many terms again and again to what is near to it: no soft edges,
 * no ink. *near: how many of the ring's pixels are. 0 or DIGIT_STOPPED. */
static int refine(surface *paper, size_t *near, unsigned char *chosen, const float *grey,
                  int terms, int w, int h, const load_stop *stop) {
    int others;
    for (int again = 0; again < 8; again++) {
        if (load_stopped(stop)) return DIGIT_STOPPED;
        *near = mark_near(chosen, grey, paper, terms, w, h, &others);
        if (!*near || (again && !others)) return 0; /* it fits these already */
        fit_surface(paper, grey, chosen, terms);
    }
    *near = mark_near(chosen, grey, paper, terms, w, h, &others);
    return 0;
}

/* ink = how far a pixel is to one side of the paper's surface: darker, if side is 1. */
static void put_ink(float *ink, const float *grey, const surface *paper, float side,
                    int w, int h) {
    const double *of = paper->of;
    for (int y = 0; y < h; y++) {
        const double v = (2.0 * y + 1.0) / h - 1.0;
        const float base = (float)(of[0] + of[2] * v + of[5] * v * v);
        const float right = (float)(of[1] + of[4] * v), bend = (float)of[3];
        for (int x = 0; x < w; x++) {
            const float u = (float)(2 * x + 1) / (float)w - 1.0f;
            *ink++ = side * (base + u * (right + u * bend) - *grey++);
        }
    }
}

/* ink = how far a pixel differs from paper that has one grey, or a ramp of light. 0 or
 * DIGIT_STOPPED. */
static int even_ink(float *ink, const float *grey, const unsigned char *ring,
                    unsigned char *chosen, int w, int h, const load_stop *stop) {
    const size_t n = area_of(w, h);
    double share;
    float side, threshold = threshold_of(&share, grey, n);
    surface paper = {{0.0}, w, h, 0};
    if (share > 0.8) {
        side = ring_bright(grey, w, h, threshold) >= 0.5 ? 1.0f : -1.0f;
        mark_paper(chosen, grey, ring, n, side, threshold);
        fit_surface(&paper, grey, chosen, 3);
        put_ink(ink, grey, &paper, 1.0f, w, h);
        for (size_t i = 0; i < n; i++) ink[i] += 128.0f; /* soft edges drew it to ink */
        paper.of[0] += 128.0 - (double)digit_quantile(ink, chosen, n, 256.0f,
                                                      side > 0.0f ? 0.25 : 0.75);
    } else {
        paper.of[0] = (double)digit_quantile(grey, ring, n, 255.0f, 0.5);
        side = ink_side(grey, n, (float)paper.of[0]);
    }
    size_t near, more;
    if (refine(&paper, &near, chosen, grey, 3, w, h, stop)) return DIGIT_STOPPED;
    surface bent = paper; /* if that explains more */
    if (refine(&bent, &more, chosen, grey, TERMS, w, h, stop)) return DIGIT_STOPPED;
    if (10 * more > 11 * near) paper = bent;
    put_ink(ink, grey, &paper, side, w, h);
    return load_stopped(stop) ? DIGIT_STOPPED : 0;
}

/* --- shaded paper ----------------------------------------------------------------- */

#define SEEN 2000 /* pixels, about, to which a surface of the whole picture is fitted */

/* Marks the pixels that are nearer to the surface than to what ink is off it, on the
 * mean. Returns whether they are others than were marked. */
static int mark_side(unsigned char *chosen, const float *grey, const surface *paper,
                     float side) {
    double off = 0.0;
    int n = 0, others = 0;
    for (int again = 0; again < 2; again++)
        for (int y = 0; y < paper->h; y += paper->step)
            for (int x = 0; x < paper->w; x += paper->step) {
                const size_t i = area_of(y, paper->w) + (size_t)x;
                const float ink = side * (surface_at(paper, TERMS, x, y) - grey[i]);
                if (again) {
                    const unsigned char is_near = 2.0 * ink * n < off;
                    others |= chosen[i] != is_near;
                    chosen[i] = is_near;
                } else if (!chosen[i]) {
                    off += (double)ink;
                    n++;
                }
            }
    return others;
}

/* ink = how far a pixel differs from a surface that is fitted to all of the paper, not to
 * the ring's: bold ink may leave little of that, and light fall on the middle. 0 or
 * DIGIT_STOPPED. */
static int shaded_ink(float *ink, const float *grey, unsigned char *chosen, int w, int h,
                      const load_stop *stop) {
    const size_t n = area_of(w, h);
    double share;
    const float threshold = threshold_of(&share, grey, n);
    const float side = ring_bright(grey, w, h, threshold) >= 0.5 ? 1.0f : -1.0f;
    surface paper = {{0.0}, w, h, 1};
    while (n > (size_t)SEEN * (size_t)paper.step * (size_t)paper.step) paper.step++;
    for (size_t i = 0; i < n; i++) chosen[i] = side * (grey[i] - threshold) >= 0.0f;
    int others = 1;
    for (int again = 0; again < 12 && others; again++) {
        if (load_stopped(stop)) return DIGIT_STOPPED;
        fit_surface(&paper, grey, chosen, TERMS);
        others = mark_side(chosen, grey, &paper, side);
    }
    put_ink(ink, grey, &paper, side, w, h);
    return 0;
}

/* --- uneven paper --------------------------------------------------------------- */

/* Whether much of a picture is darker than that: bright ink on black, in no light that
 * could fall unevenly. */
static int is_black(const float *grey, size_t n, float darkest) {
    size_t black = 0;
    for (size_t i = 0; i < n; i++) black += grey[i] <= darkest;
    return 8 * black > n;
}

/* Ink is the side on which pixels differ more from their surroundings, by the sum of
 * their cubes: an edge of a shadow has as much on both sides, and a stroke is narrower
 * than what surrounds it, so it differs more. In shares of the surroundings: in greys,
 * the lit part would say nearly all. What is darker than darkest counts as so dark. */
static int local_side(float *side, float *work, const float *grey, int w, int h,
                      float darkest) {
    const size_t n = area_of(w, h);
    const int black = is_black(grey, n, darkest);
    double sum = 0.0;
    if (digit_means(work, grey, w, h, at_least(2, least(w, h) / 4))) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const float around = work[i] > darkest ? work[i] : darkest;
        const double off = (double)((work[i] - grey[i]) / (black ? 1.0f : around));
        sum += off * off * off;
    }
    *side = sum >= 0.0 ? 1.0f : -1.0f;
    return 0;
}

/* grey becomes ink as a share of the paper's grey, work the paper's grey. darkest: what
 * is darker counts as so dark, or noise in the dark would be ink. */
static int local_ink(float *grey, float *work, int w, int h, float darkest,
                     const load_stop *stop) {
    size_t n = area_of(w, h);
    float side;
    if (least(w, h) >= 64) digit_blur(grey, w, h);
    if (local_side(&side, work, grey, w, h, darkest)) return DIGIT_NOMEM;
    if (load_stopped(stop)) return DIGIT_STOPPED;
    if (digit_envelope(work, grey, w, h, at_least(2, least(w, h) / 6), side > 0.0f))
        return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) {
        float paper = work[i] > darkest ? work[i] : darkest;
        grey[i] = side * (work[i] - grey[i]) / paper;
    }
    return load_stopped(stop) ? DIGIT_STOPPED : 0;
}

/* --- together ------------------------------------------------------------------- */

int digit_contrast(float *plane, int w, int h, const load_stop *stop) {
    size_t n = area_of(w, h);
    float *work = calloc(n, sizeof *work);
    int *distance = malloc(n * sizeof *distance);
    unsigned char *ring = malloc(n), *mask = calloc(n, 1);
    int status = DIGIT_NOMEM;
    if (!work || !distance || !ring || !mask) goto done;
    float noise = digit_noise(plane, work, w, h), scale = 1.0f;
    mark_ring(ring, w, h);
    const float paper = digit_quantile(plane, ring, n, 255.0f, 0.5);
    status = even_ink(work, plane, ring, mask, w, h, stop);
    if (status) goto done;
    int even = digit_evenness(work, ring, mask, distance, w, h, 0);
    if (even == DIGIT_UNEVEN) {
        status = shaded_ink(work, plane, mask, w, h, stop);
        if (status) goto done;
        even = digit_evenness(work, ring, mask, distance, w, h, 1);
    }
    status = even == DIGIT_NOMEM ? DIGIT_NOMEM : load_stopped(stop) ? DIGIT_STOPPED : 0;
    if (status) goto done;
    if (even == DIGIT_EVEN) {
        for (size_t i = 0; i < n; i++) plane[i] = work[i];
    } else {
        scale = paper > 8.0f ? paper : 8.0f;
        status = local_ink(plane, work, w, h, 0.3f * scale, stop);
        if (status) goto done;
    }
    status = digit_stretch(plane, mask, distance, w, h, scale, noise, even == DIGIT_EVEN);
done:
    free(mask);
    free(ring);
    free(distance);
    free(work);
    return status;
}
