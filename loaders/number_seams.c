/* number_seams.c - parts that may be several digits are cut where little ink is in the
 * way: number_parts.h.
 *
 * A seam runs from the top of a part to its bottom, upright as the line would be, but
 * free to bend: through gaps where it can, through ink where it must, as little of it as
 * it can. One is looked for around each place; those that cross no more than a few
 * strokes are kept. Each costs what it crosses, whoever reads the number decides.
 *
 * Seams run free through what lies between two loops (number_loops.c), and as much of
 * that as a stroke is wide goes to both sides.
 *
 *     upright plane of a part, [high][wide]: x + slant·y - left, y - top */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

#define LEAST_WIDE   0.35f /* of a part that is cut; this and the next: of the height */
#define LEAST_APART  0.12f /* between seams, and from a part's ends */
#define SWAY         0.20f /* how far a seam may go to the left or right */
#define MOST_STROKES 3.2f  /* that a seam may cross */
#define MOST_WALLED  0.6f  /* of the height: walls that one digit reaches over */
#define ON_WALL                                                                          \
    0.25f /* of its ink is what a seam on a wall crosses: strokes meet there */
#define NEAR_WALL 0.08f /* of the height: no other seam is so near to a wall */

/* A seam: where it is in each row, and its ink. */
typedef struct {
    float ink, middle;
    int wall; /* that it is, and 1; 0: none */
    int *at;  /* [high] */
} seam;

/* One part while it is cut. */
typedef struct {
    float *ink; /* [high][wide] 0 … 1: paler between two strokes that touch */
    int wide, high;
    float *cost; /* [high][2·sway + 1] of the cheapest way down to there */
    int sway;
    seam *seams; /* [n], from left to right, and room for one more than room */
    int n, room;
    int *rows; /* [room + 1][high] where they are */
} bench;

/* The column of a part's upright plane that a pixel is in. */
static int column_of(const number_piece *part, float slant, int x, int y) {
    return (int)((float)x + slant * (float)y - part->left);
}

/* Ways that bend cost a little, so that a straight one is taken where ink is the same. */
static float way_down(const float *above, int k, int n, int *from) {
    float best = above[k];
    *from = k;
    if (k > 0 && above[k - 1] + 0.05f < best) best = above[ *from = k - 1] + 0.05f;
    if (k + 1 < n && above[k + 1] + 0.05f < best) best = above[ *from = k + 1] + 0.05f;
    return best;
}

/* The seam of least ink around column c: written to s, whose rows have room. */
static void seam_find(seam *s, const bench *b, int c) {
    const int n = 2 * b->sway + 1;
    int best = 0, from;
    for (int y = 0; y < b->high; y++) {
        float *row = b->cost + (size_t)y * (size_t)n;
        for (int k = 0; k < n; k++) {
            const int v = c - b->sway + k;
            const int inside = v >= 0 && v < b->wide;
            row[k] = y ? way_down(row - n, k, n, &from) : 0.0f;
            row[k] += inside ? b->ink[(size_t)y * (size_t)b->wide + (size_t)v] : 1.0f;
        }
    }
    const float *last = b->cost + (size_t)(b->high - 1) * (size_t)n;
    for (int k = 1; k < n; k++)
        if (last[k] < last[best] ||
            (last[k] <= last[best] && abs(k - b->sway) < abs(best - b->sway)))
            best = k;
    *s = (seam){.at = s->at};
    for (int y = b->high - 1, k = best; y >= 0; y--) {
        const int v = c - b->sway + k;
        s->at[y] = v;
        s->middle += (float)v / (float)b->high;
        if (v >= 0 && v < b->wide)
            s->ink += b->ink[(size_t)y * (size_t)b->wide + (size_t)v];
        if (y) {
            way_down(b->cost + (size_t)(y - 1) * (size_t)n, k, n, &from);
            k = from;
        }
    }
}

/* Whether a place lies between two walls that one digit reaches over. */
static int is_walled(const bench *b, float middle, float high) {
    float left = -high, right = -high; /* away */
    for (int i = 0; i < b->n; i++) {
        const float away = b->seams[i].middle - middle;
        if (!b->seams[i].wall) continue;
        if (away < 0.0f && away > left) left = away;
        if (away >= 0.0f && -away > right) right = -away;
    }
    return left + right > -MOST_WALLED * high;
}

/* Keeps the seam that was found last, where seams are sorted from left to right: unless
 * one that is close by has no more ink, or runs between two loops. */
static void seam_keep(bench *b, float high) {
    seam s = b->seams[b->n];
    if (!s.wall && is_walled(b, s.middle, high)) return;
    for (int i = 0; i < b->n && !s.wall; i++) {
        const float away = b->seams[i].middle - s.middle;
        const float apart = (b->seams[i].wall ? NEAR_WALL : LEAST_APART) * high;
        if (away >= apart || away <= -apart) continue;
        if (b->seams[i].wall || b->seams[i].ink <= s.ink) return;
        seam worse = b->seams[i];
        b->n--;
        memmove(&b->seams[i], &b->seams[i + 1], (size_t)(b->n - i) * sizeof *b->seams);
        b->seams[b->n] = s;
        b->seams[b->n + 1] = worse; /* its room is free again */
        i--;
    }
    int at = b->n++;
    for (; at > 0 && b->seams[at - 1].middle > s.middle; at--)
        b->seams[at] = b->seams[at - 1];
    b->seams[at] = s;
}

/* The seams between loops. */
static void seams_of_walls(bench *b, const number_desk *d, int part,
                           const number_walls *walls, float high) {
    const number_piece *p = &d->parts[part];
    for (int i = 0; i < walls->n; i++) {
        seam *s = &b->seams[b->n];
        *s = (seam){.at = s->at, .wall = i + 1};
        for (int y = 0; y < b->high; y++) {
            const int x = walls->walls[i].at[y];
            const int v = column_of(p, d->slant[p->line], x, p->box.y0 + y);
            s->at[y] = v;
            s->middle += (float)v / (float)b->high;
            if (v >= 0 && v < b->wide) s->ink += b->ink[area_of(y, b->wide) + (size_t)v];
        }
        s->ink *= ON_WALL;
        seam_keep(b, high);
    }
}

static int seams_find(bench *b, const number_desk *d, float high) {
    const float apart = LEAST_APART * high;
    const int step = at_least(1, (int)(high / 24.0f));
    for (int c = (int)apart; c < b->wide - (int)apart && b->n < b->room; c += step) {
        seam *s = &b->seams[b->n];
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        seam_find(s, b, c);
        if (s->ink > MOST_STROKES * d->stroke) continue;
        if (s->middle < apart || s->middle > (float)b->wide - apart) continue;
        seam_keep(b, high);
    }
    return 0;
}

static void bench_free(bench *b) {
    free(b->seams);
    free(b->rows);
    free(b->cost);
    free(b->ink);
}

/* Lays a part of a line that high on the bench, with room for more seams. */
static int bench_fill(bench *b, const number_desk *d, int part, int more, float high) {
    const number_piece *p = &d->parts[part];
    *b = (bench){.wide = (int)(p->right - p->left) + 2,
                 .high = number_high(&p->box),
                 .sway = at_least(1, (int)(SWAY * high))};
    b->room = (int)((float)b->wide / (LEAST_APART * high)) + 2 + more;
    b->ink = calloc(area_of(b->wide, b->high), sizeof *b->ink);
    b->cost = malloc(area_of(2 * b->sway + 1, b->high) * sizeof *b->cost);
    b->rows = malloc(area_of(b->room + 1, b->high) * sizeof *b->rows);
    b->seams = malloc((size_t)(b->room + 1) * sizeof *b->seams);
    if (!b->ink || !b->cost || !b->rows || !b->seams) return DIGIT_NOMEM;
    for (int i = 0; i <= b->room; i++)
        b->seams[i] = (seam){.at = b->rows + (size_t)i * (size_t)b->high};
    for (int y = p->box.y0; y < p->box.y1; y++)
        for (int x = p->box.x0; x < p->box.x1; x++) {
            const size_t i = (size_t)y * (size_t)d->w + (size_t)x;
            if (d->owner[i] != part || d->shared[i]) continue;
            const int v = column_of(p, d->slant[p->line], x, y);
            b->ink[(size_t)(y - p->box.y0) * (size_t)b->wide + (size_t)v] =
                (d->plane[i] - 0.3f) / 0.7f;
        }
    return 0;
}

/* --- cutting --------------------------------------------------------------------- */

/* Parts as they become. Until all are cut, their owners are numbered from d->n_parts
 * on. */
typedef struct {
    number_piece *parts;
    int n, room;
} heap;

static int heap_room(heap *out, int more) {
    if (out->n + more <= out->room) return 0;
    if (out->n + more > NUMBER_MAX_PARTS) return DIGIT_CROWDED;
    const int room = 2 * (out->n + more);
    number_piece *parts = realloc(out->parts, (size_t)room * sizeof *parts);
    if (!parts) return DIGIT_NOMEM;
    out->parts = parts;
    out->room = room;
    return 0;
}

/* The number of seams to the left of column v, or in it, in row y of the bench. */
static int seams_before(const bench *b, int v, int y) {
    int n = 0;
    for (int i = 0; i < b->n; i++) n += b->seams[i].at[y] <= v;
    return n;
}

static void part_grow(number_piece *p, int x, int y, float slant) {
    const float u = (float)x + slant * (float)y;
    number_box_join(&p->box, &(digit_box){x, y, x + 1, y + 1});
    p->left = p->area == 0 || u < p->left ? u : p->left;
    p->right = p->area == 0 || u + 1.0f > p->right ? u + 1.0f : p->right;
    p->area++;
}

/* Takes the parts without ink out of the last n; to [n]: where the others go. */
static void drop_empty(heap *out, int *to, int n) {
    const int first = out->n - n;
    out->n = first;
    for (int i = 0; i < n; i++) {
        to[i] = out->n;
        if (out->parts[first + i].area) out->parts[out->n++] = out->parts[first + i];
    }
}

/* Cuts a part along the seams on the bench. to: room for one more than these. 0 or
 * DIGIT_STOPPED. */
static int cut(heap *out, number_desk *d, int part, const bench *b, int *to) {
    const number_piece *p = &d->parts[part];
    const float slant = d->slant[p->line], high = d->high[p->line];
    number_piece *parts = out->parts + out->n;
    for (int i = 0; i <= b->n; i++) {
        parts[i] = (number_piece){.box = {d->w, d->h, 0, 0}, .line = p->line};
        parts[i].sign = b->n && p->right - p->left > high ? 0 : p->sign;
        if (i) parts[i].cut = 0.1f + b->seams[i - 1].ink / d->stroke;
    }
    out->n += b->n + 1;
    for (int pass = 0; pass < 2; pass++) {
        for (int y = p->box.y0; y < p->box.y1; y++) {
            if (load_stopped(d->stop)) return DIGIT_STOPPED;
            for (int x = p->box.x0; x < p->box.x1; x++) {
                int *owner = &d->owner[(size_t)y * (size_t)d->w + (size_t)x];
                if (*owner != part) continue;
                const int k = seams_before(b, column_of(p, slant, x, y), y - p->box.y0);
                if (pass)
                    *owner = d->n_parts + to[k];
                else
                    part_grow(&parts[k], x, y, slant);
            }
        }
        if (!pass) drop_empty(out, to, b->n + 1);
    }
    return 0;
}

/* What is between two loops goes to the parts at both sides of the seam that runs there,
 * k of the bench. */
static void share_wall(heap *out, number_desk *d, const number_piece *p,
                       const number_wall *wall, const int *to, int k) {
    const float slant = d->slant[p->line];
    const int apart = to[k] < to[k + 1] && to[k + 1] < out->n;
    for (int i = 0; i < wall->n; i++) {
        const int at = wall->pixels[i], x = at % d->w, y = at / d->w;
        if (!apart) {
            d->shared[at] = 0;
            continue;
        }
        d->owner[at] = d->n_parts + to[k];
        part_grow(&out->parts[to[k]], x, y, slant);
        part_grow(&out->parts[to[k + 1]], x, y, slant);
    }
}

static void share(heap *out, number_desk *d, const number_piece *p, const bench *b,
                  const number_walls *walls, const int *to) {
    for (int k = 0; k < b->n; k++)
        if (b->seams[k].wall)
            share_wall(out, d, p, &walls->walls[b->seams[k].wall - 1], to, k);
}

/* The height of the digits in a part: the line's, or the part's own where that is one
 * tall digit, such as one before small zeros. */
static float height_in(const number_desk *d, const number_piece *p) {
    const float high = d->high[p->line], own = (float)number_high(&p->box);
    return own > NUMBER_TALL * high && p->right - p->left < 1.3f * own ? own : high;
}

/* One part, cut or not, goes to the others. */
static int part_cut(heap *out, number_desk *d, int part) {
    const number_piece *p = &d->parts[part];
    const float high = height_in(d, p);
    const int may_cut = !p->broken && p->right - p->left > LEAST_WIDE * high &&
                        (float)number_high(&p->box) > 0.5f * high;
    int *to = NULL;
    bench b = {0};
    number_walls walls = {0};
    int status = load_stopped(d->stop) ? DIGIT_STOPPED : 0;
    if (!status && may_cut) status = number_loops(&walls, d, part, high);
    if (!status) status = bench_fill(&b, d, part, walls.n, high);
    if (!status) seams_of_walls(&b, d, part, &walls, high);
    if (!status && may_cut) status = seams_find(&b, d, high);
    if (!status) status = heap_room(out, b.n + 1);
    to = status ? NULL : malloc((size_t)(b.n + 1) * sizeof *to);
    if (!to && !status) status = DIGIT_NOMEM;
    if (!status) status = cut(out, d, part, &b, to);
    if (!status) share(out, d, p, &b, &walls, to);
    free(to);
    number_walls_free(&walls);
    bench_free(&b);
    return status;
}

/* Counts the sides of pixels where a part borders on what is no part's: not on another
 * that it was cut off. */
static void find_outlines(number_desk *d) {
    const int w = d->w, h = d->h;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int *o = d->owner + (size_t)y * (size_t)w + (size_t)x;
            if (*o < 0) continue;
            d->parts[*o].outline += (x == 0 || o[-1] < 0) + (x == w - 1 || o[1] < 0) +
                                    (y == 0 || o[-w] < 0) + (y == h - 1 || o[w] < 0);
        }
}

int number_seams(number_desk *d) {
    const size_t n = area_of(d->w, d->h);
    heap out = {0};
    int status = 0;
    for (int k = 0; k < d->n_lines && !status; k++) {
        const int first = out.n;
        for (int i = d->lines[k].first; i < d->lines[k].last && !status; i++)
            status = part_cut(&out, d, i);
        d->lines[k].first = first;
        d->lines[k].last = out.n;
    }
    for (size_t i = 0; i < n && !status; i++)
        if (d->owner[i] >= d->n_parts) d->owner[i] -= d->n_parts;
    free(d->parts);
    d->parts = out.parts;
    d->n_parts = out.n;
    if (!status) find_outlines(d);
    return status;
}
