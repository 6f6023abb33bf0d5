/* test_number.c - a picture of digits becomes spans that may be one: loaders/number.c.
 * How well a network then reads them, tests/host/test_numbers.c tells. */
#include <stdlib.h>
#include <time.h>
#include "../check.h"
#include "../../../loaders/number.h"
#include "../../../loaders/synth.h"

/* A picture of grey, white at first. */
typedef struct {
    int w, h;
    unsigned char *grey;
} sheet;

static sheet sheet_new(int w, int h) {
    sheet s = {w, h, malloc((size_t)w * (size_t)h)};
    if (!s.grey) exit(2);
    memset(s.grey, 255, (size_t)w * (size_t)h);
    return s;
}

static void ink(sheet *s, int x, int y, int wide, int high) {
    for (int v = y; v < y + high; v++)
        for (int u = x; u < x + wide; u++)
            if (u >= 0 && u < s->w && v >= 0 && v < s->h) s->grey[v * s->w + u] = 0;
}

/* Synthetic digit number id, k times as large, its field's corner at x, y. */
static void put(sheet *s, uint64_t id, int k, int x, int y) {
    unsigned char image[SYNTH_PIXELS];
    synth_digit(image, SYNTH_PEN, 3, id);
    for (int v = 0; v < 28 * k; v++)
        for (int u = 0; u < 28 * k; u++) {
            unsigned char *at = s->grey + (y + v) * s->w + x + u;
            const int grey = 255 - image[v / k * 28 + u / k];
            if (grey < *at) *at = (unsigned char)grey;
        }
}

static int find_as(number_lattice *lattice, const sheet *s, int keep,
                   const load_stop *stop) {
    const digit_picture picture = {.grey = s->grey, .height = s->h, .width = s->w};
    return number_find(lattice, 28, 28, &picture, keep, stop);
}

static int find(number_lattice *lattice, const sheet *s, const load_stop *stop) {
    return find_as(lattice, s, 0, stop);
}

/* What holds of every lattice: lines and spans in order, boxes in the picture. */
static void check_lattice(const number_lattice *l, const sheet *s) {
    int part = 0, span = 0;
    for (int i = 0; i < l->n_lines; i++) {
        const number_line *line = &l->lines[i];
        CHECK(line->first == part && line->first_span == span);
        for (int k = line->first_span; k < line->last_span; k++) {
            const number_span *p = &l->spans[k];
            CHECK(line->first <= p->first && p->first < p->last && p->last <= line->last);
            CHECK(k == line->first_span || p[-1].last < p->last ||
                  (p[-1].last == p->last && p[-1].first < p->first));
            CHECK(p->x >= 0 && p->y >= 0 && p->width > 0 && p->height > 0);
            CHECK(p->x + p->width <= s->w && p->y + p->height <= s->h);
            CHECK(number_cost(p, -1) >= 0.0f && number_cost(p, 7) >= 0.0f);
        }
        part = line->last;
        span = line->last_span;
    }
    CHECK(part == l->n_parts && span == l->n_spans);
    for (int i = 0; i < l->n_parts; i++) CHECK(l->skip[i] > 0.0f);
}

/* Whether a span that stands alone has about this box. */
static int has_digit(const number_lattice *l, int x, int y, int size) {
    for (int i = 0; i < l->n_spans; i++) {
        const number_span *p = &l->spans[i];
        const int mx = 2 * p->x + p->width - 2 * x - size,
                  my = 2 * p->y + p->height - 2 * y - size;
        if (p->whole && abs(mx) < size && abs(my) < size) return 1;
    }
    return 0;
}

static void test_digits(void) {
    for (int k = 1; k <= 5; k++) {
        sheet s = sheet_new(5 * 32 * k, 80 * k);
        number_lattice l;
        for (int i = 0; i < 5; i++) {
            put(&s, (uint64_t)(10 * k + i), k, 32 * k * i, 4 * k);
            put(&s, (uint64_t)(90 * k + i), k, 32 * k * i, 44 * k);
        }
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        check_lattice(&l, &s);
        CHECK(l.n_lines == 2);
        for (int i = 0; i < 10; i++)
            CHECK(
                has_digit(&l, 32 * k * (i % 5) + 4 * k, 8 * k + i / 5 * 40 * k, 20 * k));
        number_free(&l);
        free(s.grey);
    }
}

/* What was put at x, y becomes so much paler. */
static void fade(sheet *s, int k, int x, int y, float by) {
    for (int v = 0; v < 28 * k; v++)
        for (int u = 0; u < 28 * k; u++) {
            unsigned char *at = s->grey + (y + v) * s->w + x + u;
            *at = (unsigned char)(255.0f - by * (float)(255 - *at));
        }
}

/* Pale digits beside dark ones are digits, too; a pale shade is none. */
static void test_pale(void) {
    for (int k = 2; k <= 4; k++)
        for (int i = 0; i < 12; i++) {
            sheet s = sheet_new(4 * 32 * k, 40 * k);
            number_lattice l;
            int shade = 0;
            put(&s, (uint64_t)(i + 10), k, 0, 4 * k);
            put(&s, (uint64_t)(i + 50), k, 32 * k, 4 * k);
            fade(&s, k, 32 * k, 4 * k, i % 2 ? 0.2f : 0.35f);
            put(&s, (uint64_t)(i + 90), k, 64 * k, 4 * k);
            ink(&s, 100 * k, 8 * k, 20 * k, 20 * k);
            fade(&s, k, 97 * k, 6 * k, 0.3f);
            CHECK(find(&l, &s, NULL) == DIGIT_INK);
            check_lattice(&l, &s);
            for (int n = 0; n < 3; n++)
                CHECK(has_digit(&l, 32 * k * n + 4 * k, 8 * k, 20 * k));
            for (int n = 0; n < l.n_spans; n++)
                shade += l.spans[n].x + l.spans[n].width > 98 * k;
            CHECK(shade == 0);
            number_free(&l);
            free(s.grey);
        }
}

/* Of a large picture a pixel of the plane is several; the last may be less of them. */
static void test_reduced(void) {
    sheet s = sheet_new(1441, 721);
    number_lattice l;
    for (int i = 0; i < 3; i++) ink(&s, 100 + 600 * i, 521, 40, 200);
    ink(&s, 1401, 521, 40, 200);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    check_lattice(&l, &s);
    CHECK(l.n_lines == 1 && l.n_spans >= 4);
    number_free(&l);
    free(s.grey);
}

/* A rule, a box and a point are in no span. */
static void test_rules(void) {
    sheet s = sheet_new(400, 140);
    number_lattice l;
    for (int i = 0; i < 4; i++) put(&s, (uint64_t)i, 2, 40 + 80 * i, 40);
    ink(&s, 10, 112, 380, 2);
    for (int i = 0; i < 2; i++) {
        ink(&s, 10, 20 + 110 * i, 380, 2);
        ink(&s, 10 + 378 * i, 20, 2, 112);
    }
    ink(&s, 105, 84, 6, 6);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    check_lattice(&l, &s);
    CHECK(l.n_lines == 1 && !l.doubtful);
    for (int i = 0; i < l.n_spans; i++) {
        CHECK(l.spans[i].x > 30 && l.spans[i].x + l.spans[i].width < 370);
        CHECK(l.spans[i].y > 30 && l.spans[i].y + l.spans[i].height < 105);
    }
    number_free(&l);
    free(s.grey);
}

static void frame(sheet *s, int x, int y, int wide, int high, int thick) {
    for (int i = 0; i < 2; i++) {
        ink(s, x, y + i * (high - thick), wide, thick);
        ink(s, x + i * (wide - thick), y, thick, high);
    }
}

/* A row of boxes, a little apart, is no line; the teeth of a comb may be low; and a 1
 * that stands in the corner of a box is not its wall. */
static void test_cells(void) {
    for (int kind = 0; kind < 3; kind++) {
        sheet s = sheet_new(420, 140);
        number_lattice l;
        for (int i = 0; i < 4; i++) {
            put(&s, (uint64_t)i, 2, 43 + 90 * i, 40);
            if (kind == 0) frame(&s, 30 + 90 * i, 22, 82, 90, 3);
            if (kind == 1) ink(&s, 30 + 90 * i, 92, 2, 20);
        }
        if (kind == 1) ink(&s, 390, 92, 2, 20);
        if (kind == 1) ink(&s, 30, 110, 362, 2);
        if (kind == 2) frame(&s, 20, 30, 380, 85, 3);
        if (kind == 2) ink(&s, 36, 44, 5, 46);
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        check_lattice(&l, &s);
        CHECK(l.n_lines == 1);
        for (int i = 0; i < l.n_spans; i++) {
            CHECK(l.spans[i].x > 33 && l.spans[i].x + l.spans[i].width < 380);
            CHECK(l.spans[i].y > 30 && l.spans[i].y + l.spans[i].height < 108);
        }
        for (int i = 0; i < 4; i++) CHECK(has_digit(&l, 51 + 90 * i, 48, 40));
        if (kind == 2) CHECK(has_digit(&l, 36, 44, 46));
        number_free(&l);
        free(s.grey);
    }
}

/* A printed 4, its box 60 wide and 80 high at x, y. */
static void four(sheet *s, int x, int y) {
    ink(s, x, y + 50, 60, 10);
    ink(s, x + 40, y, 10, 80);
    for (int v = 0; v < 50; v++) ink(s, x + 36 - v * 36 / 50, y + v, 12, 1);
}

/* Bars of 4s that touch, or all but touch, may be no rule; a line below is one. */
static void test_fours(void) {
    for (int gap = -1; gap <= 2; gap++)
        for (int n = 2; n <= 5; n++)
            for (int ruled = 0; ruled < 2; ruled++) {
                sheet s = sheet_new(420, 180);
                number_lattice l;
                for (int i = 0; i < n; i++) four(&s, 40 + (60 + gap) * i, 40);
                if (ruled) ink(&s, 10, 150, 400, 4);
                CHECK(find_as(&l, &s, 1, NULL) == DIGIT_INK);
                check_lattice(&l, &s);
                for (int i = 0; i < n; i++) {
                    int found = 0;
                    for (int k = 0; k < l.n_spans; k++) {
                        const number_span *p = &l.spans[k];
                        found |= abs(p->x - 40 - (60 + gap) * i) <= 4 &&
                                 abs(p->width - 60) <= 8 && abs(p->height - 80) <= 4;
                    }
                    CHECK(found);
                }
                number_free(&l);
                free(s.grey);
            }
}

/* --- signs ---------------------------------------------------------------------- */

static void ring(sheet *s, int x, int y, int radius) {
    for (int v = -radius; v <= radius; v++)
        for (int u = -radius; u <= radius; u++) {
            const int away = u * u + v * v;
            if (away <= radius * radius && away > (radius - 6) * (radius - 6))
                ink(s, x + u, y + v, 1, 1);
        }
}

static void comma(sheet *s, int x) { ink(s, x + 14, 98, 10, 34); }

static void quote(sheet *s, int x) { ink(s, x + 14, 52, 9, 28); }

static void bracket(sheet *s, int x) {
    for (int v = -50; v <= 50; v++) ink(s, x + 12 + v * v / 150, 82 + v, 8, 1);
}

static void square_bracket(sheet *s, int x) {
    ink(s, x + 12, 34, 8, 96);
    ink(s, x + 12, 34, 24, 8);
    ink(s, x + 12, 122, 24, 8);
}

static void slash(sheet *s, int x) {
    for (int v = -50; v <= 50; v++) ink(s, x + 20 - v * 2 / 5, 82 + v, 8, 1);
}

static void low_slash(sheet *s, int x) {
    for (int v = -38; v <= 38; v++) ink(s, x + 20 - v * 2 / 5, 82 + v, 8, 1);
}

static void dash(sheet *s, int x) { ink(s, x + 8, 84, 34, 8); }

static void tilted_equals(sheet *s, int x) {
    for (int u = 0; u < 36; u++) {
        ink(s, x + 8 + u, 78 - u / 5, 1, 7);
        ink(s, x + 8 + u, 94 - u / 5, 1, 7);
    }
}

static void comma_dash(sheet *s, int x) {
    ink(s, x - 2, 104, 8, 22);
    ink(s, x + 8, 88, 38, 8);
}

static void percent(sheet *s, int x) {
    for (int v = -30; v <= 30; v++) ink(s, x + 20 - v / 2, 82 + v, 6, 1);
    ring(s, x + 6, 66, 13);
    ring(s, x + 42, 98, 13);
}

/* Between digits: nothing of what stands there may be taken for one. */
static void test_signs(void) {
    void (*const signs[])(sheet *, int) = {comma,      quote,     bracket, square_bracket,
                                           slash,      low_slash, dash,    tilted_equals,
                                           comma_dash, percent};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        sheet s = sheet_new(420, 170);
        number_lattice l;
        put(&s, 3, 3, 10, 40);
        put(&s, 8, 3, 90, 40);
        signs[i](&s, 180);
        put(&s, 5, 3, 240, 40);
        put(&s, 0, 3, 320, 40);
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        check_lattice(&l, &s);
        for (int k = 0; k < l.n_spans; k++)
            CHECK(l.spans[k].x + l.spans[k].width < 175 || l.spans[k].x > 238);
        number_free(&l);
        free(s.grey);
    }
}

/* Digits at both sides of a slash, which is half as high again, make no percent sign. */
static void test_fraction(void) {
    sheet s = sheet_new(260, 170);
    number_lattice l;
    ring(&s, 60, 82, 32);
    slash(&s, 102);
    ring(&s, 184, 82, 32);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    check_lattice(&l, &s);
    CHECK(has_digit(&l, 28, 50, 64) && has_digit(&l, 152, 50, 64));
    number_free(&l);
    free(s.grey);
}

/* Two brackets that face each other, as high as the digits between them, are none; two
 * strokes that bend to one side may be 1s. */
static void test_brackets(void) {
    for (int kind = 0; kind < 3; kind++) {
        sheet s = sheet_new(330, 140);
        number_lattice l;
        int kept = 0;
        for (int i = 0; i < 2; i++) {
            ring(&s, 125 + 80 * i, 70, 30);
            const int x = 50 + 220 * i, side = i && kind < 2 ? -1 : 1;
            for (int v = -31; v <= 31; v++)
                ink(&s, x + side * (kind == 1 ? -8 : v * v / 80), 70 + v, 8, 1);
            if (kind != 1) continue;
            ink(&s, side > 0 ? x - 8 : x - 6, 39, 22, 7);
            ink(&s, side > 0 ? x - 8 : x - 6, 95, 22, 7);
        }
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        check_lattice(&l, &s);
        for (int k = 0; k < l.n_spans; k++)
            kept += l.spans[k].x + l.spans[k].width < 80 || l.spans[k].x > 245;
        CHECK((kept > 0) == (kind == 2));
        number_free(&l);
        free(s.grey);
    }
}

/* An oval around digits is left out, though one of them touches it; a ring around a dot
 * is a digit. */
static void test_rings(void) {
    for (int kind = 0; kind < 4; kind++) {
        sheet s = sheet_new(300, 240);
        number_lattice l;
        const int two = kind == 1 || kind == 2, rx = two ? 120 : 90;
        for (int v = -90; v <= 90; v++)
            for (int u = -rx; u <= rx; u++) {
                const double a = (double)u / rx, b = v / 90.0;
                const double c = (double)u / (rx - 7), e = v / 83.0;
                if (a * a + b * b <= 1.0 && c * c + e * e > 1.0)
                    ink(&s, 150 + u, 120 + v, 1, 1);
            }
        if (kind < 3) put(&s, 3, 4, two ? 60 : 94, 64);
        if (two) put(&s, 5, 4, 130, 64);
        if (kind == 2) ink(&s, 95, 38, 7, 60);
        if (kind == 3) ink(&s, 143, 113, 14, 14);
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        check_lattice(&l, &s);
        int whole = 0;
        for (int k = 0; k < l.n_spans; k++) whole += l.spans[k].width > 2 * rx - 4;
        CHECK((whole > 0) == (kind == 3));
        if (kind == 0) CHECK(has_digit(&l, 110, 80, 80));
        number_free(&l);
        free(s.grey);
    }
}

/* A page of ovals with a stroke in each, cut by the page's edge. */
static sheet ovals(int side, int apart) {
    sheet s = sheet_new(side, side);
    for (int y = 15; y < side; y += apart)
        for (int x = 15; x < side; x += apart) {
            for (int v = -14; v <= 14; v++)
                for (int u = -14; u <= 14; u++)
                    if (u * u + v * v <= 196 && u * u + v * v > 144)
                        ink(&s, x + u, y + v, 1, 1);
            ink(&s, x - 1, y - 6, 3, 12);
        }
    return s;
}

/* What each oval takes, it takes for its own pixels: a page of 400 is read in less than
 * a second, where one look at the whole page for each takes four. */
static void test_many_rings(void) {
    sheet s = ovals(690, 34);
    number_lattice l;
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    check_lattice(&l, &s);
    for (int k = 0; k < l.n_spans; k++) CHECK(l.spans[k].width < 10);
    CHECK((double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec) <
          1.0);
    number_free(&l);
    free(s.grey);
}

/* A colon of bold type is as high as a digit, nearly, and its dots are close: none. */
static void test_bold_colon(void) {
    sheet s = sheet_new(460, 180);
    number_lattice l;
    for (int i = 0; i < 4; i++) ring(&s, 60 + 80 * i + 60 * (i > 1), 90, 32);
    for (int k = 0; k < 2; k++) ink(&s, 200, 75 + 31 * k, 16, 16);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    check_lattice(&l, &s);
    for (int k = 0; k < l.n_spans; k++) CHECK(l.spans[k].x < 190 || l.spans[k].x > 230);
    number_free(&l);
    free(s.grey);
}

/* A segment of a display, level or upright, its middle at x, y. */
static void segment(sheet *s, int x, int y, int upright) {
    ink(s, upright ? x - 5 : x - 14, upright ? y - 14 : y - 5, upright ? 10 : 28,
        upright ? 28 : 10);
}

/* A digit of seven segments, from 'a' at the top on, its corner at x, y. */
static void segments(sheet *s, int x, int y, const char *which) {
    static const int places[7][3] = {{20, 0, 0}, {40, 20, 1}, {40, 60, 1}, {20, 80, 0},
                                     {0, 60, 1}, {0, 20, 1},  {20, 40, 0}};
    for (; *which; which++) {
        const int *at = places[*which - 'a'];
        segment(s, x + at[0], y + at[1], at[2]);
    }
}

/* A display's digits, whose segments stand apart, are one part each: nothing else is to
 * be made of them. A minus before them is left out. */
static void test_segments(void) {
    static const char *const digits[] = {"abcdefg", "bc",     "bcfg",
                                         "abc",     "abcdef", "abged"};
    sheet s = sheet_new(660, 180);
    number_lattice l;
    segment(&s, 40, 80, 0);
    for (int i = 0; i < 6; i++) segments(&s, 90 + 90 * i, 40, digits[i]);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    check_lattice(&l, &s);
    CHECK(l.n_lines == 1 && l.n_parts == 6);
    for (int i = 0; i < 6; i++)
        CHECK(has_digit(&l, i == 1 ? 110 + 90 * i : 80 + 90 * i, 40, 60) || i == 1);
    number_free(&l);
    free(s.grey);
}

/* Digits of dots are one part each. */
static void test_dots(void) {
    static const char *const rows[] = {" ###  ### ", "#   ##   #", "#   #    #",
                                       " ###    # ", "#   #  #  ", "#   # #   ",
                                       " ###  ####"};
    sheet s = sheet_new(320, 160);
    number_lattice l;
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 10; x++)
            if (rows[y][x] == '#')
                ink(&s, 30 + 14 * x + 100 * (x > 4), 30 + 14 * y, 9, 9);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    check_lattice(&l, &s);
    CHECK(l.n_lines == 1 && l.n_parts == 2 && l.n_spans >= 2);
    number_free(&l);
    free(s.grey);
}

/* Among digits on one line, a slash as high as they are may be a 1: it is in doubt. */
static void test_doubt(void) {
    sheet s = sheet_new(330, 120);
    number_lattice l;
    int doubted = 0;
    for (int i = 0; i < 3; i++) ring(&s, 50 + 100 * i + 20 * (i > 0), 60, 30);
    for (int v = -30; v <= 30; v++) ink(&s, 106 - v / 3, 60 + v, 8, 1);
    CHECK(find(&l, &s, NULL) == DIGIT_INK);
    for (int k = 0; k < l.n_spans; k++) {
        const int is_slash = l.spans[k].x > 90 && l.spans[k].x + l.spans[k].width < 135;
        CHECK(l.spans[k].doubt == is_slash);
        doubted += is_slash;
    }
    CHECK(doubted == 1);
    number_free(&l);
    free(s.grey);
}

/* A dollar sign, above and below rings on one line: in doubt before two of them, however
 * it is cut; left out among more. */
static void test_dollar(void) {
    for (int among = 0; among < 2; among++) {
        sheet s = sheet_new(520, 140);
        number_lattice l;
        int dollars = 0;
        for (int i = 0; i < 2 + 2 * among; i++)
            ring(&s, 50 + 90 * i + 90 * (i > 1 || !among), 60, 30);
        const int x = among ? 230 : 50;
        ring(&s, x, 46, 17);
        ring(&s, x, 74, 17);
        ink(&s, x - 3, 20, 7, 82);
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        check_lattice(&l, &s);
        for (int k = 0; k < l.n_spans; k++) {
            const number_span *p = &l.spans[k];
            if (p->x < x - 20 || p->x + p->width > x + 20) continue;
            CHECK(p->doubt && !among);
            dollars++;
        }
        CHECK(among || dollars > 0);
        number_free(&l);
        free(s.grey);
    }
}

/* Behind digits, or hardly higher, what leans may be a 1 that someone wrote so: it stays.
 * So does a small digit at the foot of large ones, which a comma is not. */
static void test_kept(void) {
    for (int kind = 0; kind < 3; kind++) {
        sheet s = sheet_new(420, 190);
        number_lattice l;
        int kept = 0;
        put(&s, 3, 3, 10, 40);
        put(&s, 8, 3, 90, 40);
        if (kind == 0) slash(&s, 180);
        if (kind == 1) ring(&s, 190, 118, 18);
        if (kind == 2)
            for (int v = -32; v <= 32; v++) ink(&s, 200 - v * 2 / 5, 82 + v, 8, 1);
        if (kind > 0) put(&s, 5, 3, 240, 40);
        CHECK(find(&l, &s, NULL) == DIGIT_INK);
        for (int k = 0; k < l.n_spans; k++)
            kept += l.spans[k].x >= 165 && l.spans[k].x + l.spans[k].width <= 230;
        CHECK(kept > 0);
        number_free(&l);
        free(s.grey);
    }
}

/* --- others --------------------------------------------------------------------- */

static void test_nothing(void) {
    number_lattice l;
    sheet s = sheet_new(900, 700);
    CHECK(find(&l, &s, NULL) == DIGIT_BLANK && !l.n_spans && !l.lines);
    number_free(&l);
    for (int y = 10; y < 690; y += 12)
        for (int x = 10; x < 890; x += 12) ink(&s, x, y, 3, 8);
    CHECK(find(&l, &s, NULL) == DIGIT_CROWDED);
    number_free(&l);
    free(s.grey);
}

/* Pictures of any size, of noise and of bars. */
static void test_any(void) {
    unsigned state = 7;
    for (int i = 0; i < 3000; i++) {
        const int w = 1 + i % 53, h = 1 + i / 53;
        sheet s = sheet_new(w, h);
        number_lattice l;
        for (int k = 0; k < w * h; k++) {
            state = state * 1664525u + 1013904223u;
            if (state >> 28 < (unsigned)i % 9) s.grey[k] = (unsigned char)(state >> 16);
        }
        if (i % 2) ink(&s, w / 4, 0, w / 5 + 1, h);
        const int found = find(&l, &s, NULL);
        CHECK(found == DIGIT_INK || found == DIGIT_BLANK || found == DIGIT_CROWDED);
        if (found == DIGIT_INK) check_lattice(&l, &s);
        number_free(&l);
        free(s.grey);
    }
}

static int stops_later(void *context) { return --*(int *)context <= 0; }

/* Whenever it is stopped, it stops, and frees all. */
static void test_stop(void) {
    sheet s = sheet_new(600, 200);
    number_lattice l;
    int asked = 0;
    for (int i = 0; i < 8; i++) put(&s, (uint64_t)i, 2, 60 * i + 20, 60);
    for (int n = 1;; n += 1 + n / 4) {
        int left = n;
        const load_stop stop = {stops_later, &left};
        const int found = find(&l, &s, &stop);
        number_free(&l);
        if (found == DIGIT_INK) break;
        CHECK(found == DIGIT_STOPPED);
        asked = n;
    }
    CHECK(asked > 100);
    free(s.grey);
}

/* A ladder lying down: loops side by side, so many pixels apart, as high as it is. */
static sheet ladder(int w, int h, int apart) {
    sheet s = sheet_new(w, h);
    ink(&s, 20, 20, w - 40, h - 40);
    for (int x = 21; x + apart - 1 <= w - 21; x += apart)
        for (int y = 21; y < h - 21; y++)
            memset(s.grey + y * s.w + x, 255, (size_t)apart - 1);
    return s;
}

static int counts(void *context) {
    ++*(long *)context;
    return 0;
}

/* Very many walls and spans: it asks at each row that it cuts, and at each run of parts
 * that may be a span. It did not, and whoever wanted it to stop waited for 0.3 s. */
static void test_patience(void) {
    sheet s = ladder(2000, 1150, 4);
    long asked = 0;
    const load_stop stop = {counts, &asked};
    number_lattice l;
    CHECK(find(&l, &s, &stop) == DIGIT_CROWDED);
    CHECK(asked > 6000);
    number_free(&l);
    free(s.grey);
}

int main(void) {
    test_digits();
    test_pale();
    test_reduced();
    test_rules();
    test_cells();
    test_fours();
    test_signs();
    test_fraction();
    test_brackets();
    test_rings();
    test_many_rings();
    test_bold_colon();
    test_segments();
    test_dots();
    test_doubt();
    test_dollar();
    test_kept();
    test_nothing();
    test_any();
    test_stop();
    test_patience();
    return check_done("test_number");
}
