/* test_digit_kinds.c - pictures of digits as forms, screens, clocks and cameras give them
 * must become what the same digit, black on white, becomes: loaders/digit.c. */
#include "canvas.h"

/* The digit, each of its pixels 4 × 4, on a canvas that leaves it so much room on each
 * side; what it is to become goes to plain. */
static canvas with_room(unsigned char plain[OUT], const unsigned char digit[OUT],
                        int left, int right, int above, int below) {
    int x0 = 28, x1 = 0, y0 = 28, y1 = 0;
    for (int i = 0; i < OUT; i++) {
        if (digit[i] < 64) continue;
        x0 = i % 28 < x0 ? i % 28 : x0;
        x1 = i % 28 + 1 > x1 ? i % 28 + 1 : x1;
        y0 = i / 28 < y0 ? i / 28 : y0;
        y1 = i / 28 + 1;
    }
    canvas c = new_canvas(150, 150);
    put_digit(&c, digit, 4, 20, 20);
    put_ink(&c, 255, 0);
    finish(plain, &c);
    c = new_canvas(4 * (x1 - x0) + left + right, 4 * (y1 - y0) + above + below);
    put_digit(&c, digit, 4, left - 4 * x0, above - 4 * y0);
    return c;
}

static void put_bar(canvas *c, int x0, int y0, int x1, int y1, float ink) {
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            if (*at(c, x, y) < ink) *at(c, x, y) = ink;
}

static void put_box(canvas *c, int inset, int thick, float ink) {
    const int x1 = c->w - inset, y1 = c->h - inset;
    put_bar(c, inset, inset, x1, inset + thick, ink);
    put_bar(c, inset, y1 - thick, x1, y1, ink);
    put_bar(c, inset, inset, inset + thick, y1, ink);
    put_bar(c, x1 - thick, inset, x1, y1, ink);
}

/* Normalises what is on the canvas, ink on paper, and compares. */
static void compare(canvas *c, const unsigned char plain[OUT], float paper, float ink,
                    double most, const char *kind, int k) {
    unsigned char out[OUT];
    put_ink(c, paper, ink);
    finish(out, c);
    if (!CHECK(difference(out, plain) < most))
        printf("    %s %d: %f\n", kind, k, difference(out, plain));
}

/* Lines of 1 to 6 pixels, dark and pale, away from the border and along it, the digit
 * within and touching them. */
static void test_boxes(const unsigned char digit[OUT]) {
    static const struct {
        int thick, inset, room;
        float ink;
    } boxes[] = {{1, 6, 9, 1.0f},  {2, 6, 14, 1.0f}, {3, 12, 20, 1.0f}, {6, 9, 22, 1.0f},
                 {3, 8, 16, 0.5f}, {3, 0, 12, 1.0f}, {6, 0, 15, 1.0f},  {3, 8, 10, 1.0f}};
    unsigned char plain[OUT];
    for (int i = 0; i < 8; i++) {
        const int room = boxes[i].room + boxes[i].inset;
        canvas c = with_room(plain, digit, room, room, room, room);
        put_box(&c, boxes[i].inset, boxes[i].thick, boxes[i].ink);
        compare(&c, plain, 255, 0, 9.0, "box", i);
        c = with_room(plain, digit, room, room + 9, room + 5, room);
        put_box(&c, boxes[i].inset, boxes[i].thick, boxes[i].ink);
        compare(&c, plain, 20, 240, 9.0, "bright box", i);
    }
    canvas c = with_room(plain, digit, 80, 80, 60, 60);
    put_ring(&c, c.w / 2.0, c.h / 2.0, hypot(c.w - 160, c.h - 120) / 2.0 + 6.0, 4);
    compare(&c, plain, 255, 0, 9.0, "circle", 0);
}

static void test_lines(const unsigned char digit[OUT]) {
    unsigned char plain[OUT];
    for (int thick = 1; thick < 6; thick++) {
        canvas c = with_room(plain, digit, 30, 36, 10, 20);
        put_bar(&c, 8, c.h - 12, c.w - 8, c.h - 12 + thick, 1.0f);
        compare(&c, plain, 255, 0, 9.0, "underlined", thick);
        c = with_room(plain, digit, 30, 36, 10, 20); /* it stands on the line */
        put_bar(&c, 4, c.h - 20, c.w - 6, c.h - 20 + thick, 1.0f);
        compare(&c, plain, 255, 0, 20.0, "touching", thick);
        c = with_room(plain, digit, 22, 25, 10, 16);
        put_bar(&c, 3, c.h - 10, c.w - 3, c.h - 10 + thick, 1.0f);
        put_bar(&c, 3, c.h - 40, 3 + thick, c.h - 10, 1.0f);
        put_bar(&c, c.w - 3 - thick, c.h - 40, c.w - 3, c.h - 10, 1.0f);
        compare(&c, plain, 255, 0, 9.0, "comb", thick);
        c = with_room(plain, digit, 50, 55, 10, 16); /* cut out of a longer one */
        put_bar(&c, 0, c.h - 10, c.w, c.h - 10 + thick, 1.0f);
        for (int i = 0; i < 3; i++) {
            const int tooth = i < 2 ? 8 + 30 * i : c.w - 36;
            put_bar(&c, tooth, c.h - 40, tooth + thick, c.h - 10, 1.0f);
        }
        compare(&c, plain, 255, 0, 9.0, "cells of a comb", thick);
    }
}

static void test_edges(const unsigned char digit[OUT]) {
    static const int room[][4] = {
        {0, 0, 0, 0}, {0, 40, 20, 30}, {30, 0, 0, 9}, {9, 9, 50, 0}};
    unsigned char plain[OUT];
    for (int i = 0; i < 4; i++) {
        canvas c =
            with_room(plain, digit, room[i][0], room[i][1], room[i][2], room[i][3]);
        compare(&c, plain, 250, 10, 12.0, "edge", i);
        c = with_room(plain, digit, room[i][0], room[i][1], room[i][2], room[i][3]);
        compare(&c, plain, 10, 250, 12.0, "bright edge", i);
    }
    canvas c = with_room(plain, digit, 20, 20, 30, 12); /* a window's title */
    put_bar(&c, 0, 0, c.w, 16, 0.8f);
    compare(&c, plain, 255, 0, 9.0, "title", 0);
    c = with_room(plain, digit, 20, 20, 24, 12); /* a scanner's lid */
    put_bar(&c, 0, 0, c.w, 5, 1.0f);
    put_bar(&c, 0, 0, 7, c.h, 1.0f);
    compare(&c, plain, 250, 10, 9.0, "lid", 0);
}

/* Ink of one grey on paper under a lamp over the middle: there it is as bright as paper
 * says, 'dark' times that far from it. */
static void put_lamp(canvas *c, float paper, float dark, float ink) {
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            const float u = 2.0f * (float)x / (float)c->w - 1.0f;
            const float v = 2.0f * (float)y / (float)c->h - 1.0f;
            const float lit = paper * (dark + (1.0f - dark) * expf(-2 * (u * u + v * v)));
            *at(c, x, y) = lit + (ink - lit) * *at(c, x, y);
        }
}

/* Bold ones under a light from one side, cropped close. */
static void test_shaded(const unsigned char digit[OUT]) {
    unsigned char plain[OUT], bold[OUT];
    for (int i = 0; i < OUT; i++) {
        const int x = i % 28, y = i / 28;
        bold[i] = 0;
        for (int v = y - 1; v <= y + 1; v++)
            for (int u = x - 1; u <= x + 1; u++)
                if (u >= 0 && u < 28 && v >= 0 && v < 28 && digit[v * 28 + u] > bold[i])
                    bold[i] = digit[v * 28 + u];
    }
    for (int dark = 0; dark < 2; dark++) {
        unsigned char out[OUT];
        canvas c = with_room(plain, bold, 6, 4, 3, 5);
        put_ink(&c, dark ? 180 : 80, dark ? 40 : 190);
        light_up(&c, 0.6f, 0);
        add_noise(&c, 2.0f, 5);
        finish(out, &c);
        if (!CHECK(difference(out, plain) < 24.0))
            printf("    shaded %d: %f\n", dark, difference(out, plain));
    }
}

/* Strokes as wide as what they enclose, under a lamp: the holes of an 8 and of a 4 are
 * paper. */
static canvas lamp_canvas(int is_four) {
    canvas c = new_canvas(110, 184);
    if (is_four) {
        for (int y = 0; y < 126; y++) put_bar(&c, 62 - y / 2, y, 92 - y / 2, y + 1, 1.0f);
        put_bar(&c, 62, 0, 90, 184, 1.0f);
        put_bar(&c, 0, 110, 110, 136, 1.0f);
    } else {
        put_ring(&c, 55, 48, 34, 26);
        put_ring(&c, 55, 132, 38, 26);
    }
    return c;
}

static void test_lamp(void) {
    for (int i = 0; i < 8; i++) {
        unsigned char plain[OUT], out[OUT];
        canvas c = lamp_canvas(i % 2);
        put_ink(&c, 255, 0);
        finish(plain, &c);
        c = lamp_canvas(i % 2);
        put_lamp(&c, i < 4 ? 150 : 90, i / 2 % 2 ? 0.5f : 0.6f, i < 4 ? 45 : 190);
        add_noise(&c, 2.0f, 7);
        finish(out, &c);
        if (!CHECK(difference(out, plain) < 12.0))
            printf("    lamp %d: %f\n", i, difference(out, plain));
    }
}

/* Ink that fades from one side to the other. */
static void test_pale(const unsigned char digit[OUT]) {
    unsigned char plain[OUT];
    for (int way = 0; way < 4; way++) {
        canvas c = with_room(plain, digit, 20, 20, 20, 20);
        for (int y = 0; y < c.h; y++)
            for (int x = 0; x < c.w; x++) {
                const float along = way / 2 ? (float)y / (float)c.h
                                            : (float)x / (float)c.w;
                *at(&c, x, y) *= 0.2f + 0.8f * (way % 2 ? along : 1.0f - along);
            }
        compare(&c, plain, 255, 100, 16.0, "pale", way);
    }
}

/* A lens makes the corners dark; the digit is bold, and its ink not much darker. */
static void test_lens(const unsigned char digit[OUT]) {
    unsigned char plain[OUT];
    for (int dark = 0; dark < 2; dark++) {
        unsigned char out[OUT];
        canvas c = with_room(plain, digit, 12, 12, 12, 12);
        put_ink(&c, dark ? 150 : 70, dark ? 70 : 140);
        for (int y = 0; y < c.h; y++)
            for (int x = 0; x < c.w; x++) {
                const float u = (float)x / (float)c.w - 0.5f,
                            v = (float)y / (float)c.h - 0.5f;
                *at(&c, x, y) *= 1.0f - 0.6f * (u * u + v * v);
            }
        finish(out, &c);
        if (!CHECK(difference(out, plain) < 20.0))
            printf("    lens %d: %f\n", dark, difference(out, plain));
    }
}

/* Ink that is no darker than its paper, only of another colour. */
static void test_colours(const unsigned char digit[OUT]) {
    static const unsigned char pairs[][2][3] = {{{255, 255, 255}, {255, 255, 0}},
                                                {{220, 40, 40}, {20, 95, 20}},
                                                {{60, 60, 255}, {96, 80, 0}},
                                                {{255, 110, 190}, {150, 150, 150}}};
    unsigned char plain[OUT];
    for (int i = 0; i < 4; i++)
        for (int way = 0; way < 2; way++) {
            const unsigned char *paper = pairs[i][way], *ink = pairs[i][!way];
            canvas c = with_room(plain, digit, 20, 15, 12, 25);
            unsigned char *rgb = malloc(3 * (size_t)c.w * (size_t)c.h), out[OUT];
            if (!rgb) exit(2);
            for (int k = 0; k < 3 * c.w * c.h; k++) {
                const float v = c.v[k / 3], from = paper[k % 3], to = ink[k % 3];
                rgb[k] = (unsigned char)(from + (to - from) * v + 0.5f);
            }
            const digit_picture picture = {.rgb = rgb, .height = c.h, .width = c.w};
            CHECK(digit_normalise(out, 28, 28, &picture, NULL) == DIGIT_INK);
            if (!CHECK(difference(out, plain) < 9.0))
                printf("    colours %d %d: %f\n", i, way, difference(out, plain));
            free(rgb);
            free(c.v);
        }
}

/* Strokes that leave hardly any paper: a 1 cut out at its edges, a blot of an 8. */
static void test_full(void) {
    unsigned char out[OUT];
    for (int wide = 3; wide < 7; wide++) {
        canvas c = new_canvas(wide, 20);
        put_bar(&c, 0, 0, wide, 20, 0.25f);
        put_bar(&c, 1, 1, wide - 1, 19, 1.0f);
        put_ink(&c, 0, 255);
        finish(out, &c);
        CHECK(extent_of(out) >= 19 && out[14 * 28 + 14] > 200);
    }
    canvas c = new_canvas(20, 20);
    put_ring(&c, 10, 6, 2.2, 4.4);
    put_ring(&c, 10, 13, 2.6, 5.2);
    put_ink(&c, 255, 0);
    finish(out, &c);
    CHECK(extent_of(out) >= 19 && out[7 * 28 + 14] > 200 && out[19 * 28 + 14] > 200);
}

/* A clock's digit: segments that do not touch. None of them may be lost. */
static void test_segments(void) {
    static const int bars[7][4] = {{17, 4, 43, 12},  {48, 13, 56, 47}, {48, 53, 56, 87},
                                   {17, 88, 43, 96}, {4, 53, 12, 87},  {4, 13, 12, 47},
                                   {17, 46, 43, 54}};
    static const char *const digits[] = {"012345", "01346",  "01236",
                                         "02356",  "023456", "0123456"};
    for (int i = 0; i < 6; i++) {
        unsigned char out[OUT];
        canvas c = new_canvas(90, 120);
        for (const char *p = digits[i]; *p; p++) {
            const int *b = bars[*p - '0'];
            put_bar(&c, b[0] + 10, b[1] + 10, b[2] + 10, b[3] + 10, 1.0f);
        }
        put_ink(&c, 200, 30);
        finish(out, &c);
        for (const char *p = digits[i]; *p; p++) { /* the middle of each has ink */
            const int *b = bars[*p - '0'];
            double x = (b[0] + b[2]) / 2.0, y = (b[1] + b[3]) / 2.0;
            int most = 0;
            for (int v = 0; v < 28; v++)
                for (int u = 0; u < 28; u++)
                    if (fabs(u - (x - 30) * 20 / 92 - 13.5) < 2.6 &&
                        fabs(v - (y - 50) * 20 / 92 - 13.5) < 2.6 &&
                        out[v * 28 + u] > most)
                        most = out[v * 28 + u];
            if (!CHECK(most > 180)) printf("    segment %c of %s\n", *p, digits[i]);
        }
    }
}

/* A straight stroke, that wide. */
static void put_stroke(canvas *c, double x0, double y0, double x1, double y1,
                       double width) {
    const double dx = x1 - x0, dy = y1 - y0;
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            double t = ((x + 0.5 - x0) * dx + (y + 0.5 - y0) * dy) / (dx * dx + dy * dy);
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            if (hypot(x + 0.5 - x0 - t * dx, y + 0.5 - y0 - t * dy) < width / 2)
                *at(c, x, y) = 1.0f;
        }
}

/* Digits of straight strokes that lean a little: their sides are no box, their feet no
 * comb and no rule. What is drawn in each corner and in the middle stays. */
static void test_square(void) {
    static const char *const digits[] = {"CABDFEC", "EFDCAB", "CAEFBDC",
                                         "ABFEA",   "BACDFE", "ABDCEF"}; /* 6 … 2 */
    for (int i = 0; i < 36; i++) {
        static const double x[] = {0, 50, 0, 50, 0, 50}, y[] = {0, 0, 50, 50, 100, 100};
        const double lean = (i / 6 - 2) * 0.04, width = 4 + i % 4 * 3;
        unsigned char out[OUT];
        canvas c = new_canvas(120, 150);
        const char *p = digits[i % 6];
        double mass = 0.0, all = 0.0;
        for (; p[1]; p++) {
            const int a = p[0] - 'A', b = p[1] - 'A';
            put_stroke(&c, 35 + x[a] - lean * y[a] + b % 2, 25 + y[a] + a % 3,
                       35 + x[b] - lean * y[b] + b % 2, 25 + y[b] + a % 2, width);
        }
        for (int k = 0; k < c.w * c.h; k++) all += (double)c.v[k];
        put_ink(&c, 250, 20);
        finish(out, &c);
        for (int k = 0; k < OUT; k++) mass += out[k] / 255.0;
        /* 20 pixels are about 100 + width of these; thin strokes are made wider. */
        all *= 400 / ((100 + width) * (100 + width));
        if (!CHECK(mass > 0.8 * all)) printf("    square %d: %f of %f\n", i, mass, all);
    }
}

/* Lines below, thin beside the pen, that it stands on and that are hardly longer. */
static void test_thin_lines(const unsigned char digit[OUT]) {
    unsigned char plain[OUT];
    for (int more = 6; more < 14; more += 3) {
        canvas c = with_room(plain, digit, 30, 30, 10, 20);
        put_bar(&c, 30 - more, c.h - 21, c.w - 30 + more, c.h - 19, 1.0f);
        compare(&c, plain, 255, 0, 20.0, "thin line", more);
    }
}

static int rows_of(const unsigned char digit[OUT]) {
    int rows = 0;
    for (int y = 0; y < 28; y++) {
        int ink = 0;
        for (int x = 0; x < 28; x++) ink |= digit[y * 28 + x] > 64;
        rows += ink;
    }
    return rows;
}

/* Two digits side by side, near and far, dark and bright; a digit alone, with specks and
 * the edge of a neighbour; and five that touch. */
static void test_several(const unsigned char digit[OUT], const unsigned char other[OUT]) {
    for (int i = 0; i < 8; i++) {
        unsigned char out[OUT], *grey;
        canvas c = new_canvas(300, 130);
        const int gap = 4 + i / 2 * 20;
        put_digit(&c, digit, 4, 20, 8);
        if (i < 7) put_digit(&c, other, 4, 20 + 80 + gap, 12);
        put_ink(&c, i % 2 ? 20 : 250, i % 2 ? 230 : 10);
        grey = greys_of(&c);
        const int found = normalise(out, 28, 28, grey, NULL, c.h, c.w);
        if (!CHECK(found == (i < 7 ? DIGIT_SEVERAL : DIGIT_INK)))
            printf("    several %d: %d\n", i, found);
        free(grey);
        free(c.v);
    }
    unsigned char out[OUT];
    canvas c = new_canvas(420, 130);
    for (int i = 0; i < 5; i++) put_digit(&c, i % 2 ? digit : other, 4, 10 + 60 * i, 8);
    put_ink(&c, 250, 0);
    unsigned char *grey = greys_of(&c);
    CHECK(normalise(out, 28, 28, grey, NULL, c.h, c.w) == DIGIT_SEVERAL);
    free(grey);
    free(c.v);
    c = new_canvas(150, 130);
    put_digit(&c, digit, 4, 20, 8);
    for (int i = 0; i < 5; i++) put_bar(&c, 8 + 30 * i, 4, 12 + 30 * i, 7, 1.0f);
    put_bar(&c, 144, 30, 150, 100, 1.0f);
    put_ink(&c, 250, 0);
    grey = greys_of(&c);
    CHECK(normalise(out, 28, 28, grey, NULL, c.h, c.w) == DIGIT_INK);
    free(grey);
    free(c.v);
}

/* The digit as 8 × 8 pixels, enlarged to 48 × 48: most of it is strokes' soft edge. */
static canvas enlarged_from_8(const unsigned char digit[OUT]) {
    float small[8][8] = {{0}};
    for (int i = 0; i < 56 * 56; i++) /* each of its pixels in four */
        small[i / 392][i % 56 / 7] += digit[i / 112 * 28 + i % 56 / 2] / (255.0f * 49);
    canvas c = new_canvas(48, 48);
    for (int i = 0; i < 48 * 48; i++) {
        const float v = fminf(fmaxf(((float)(i / 48) + 0.5f) / 6 - 0.5f, 0), 6.999f);
        const float u = fminf(fmaxf(((float)(i % 48) + 0.5f) / 6 - 0.5f, 0), 6.999f);
        const int y = (int)v, x = (int)u;
        const float a = v - (float)y, b = u - (float)x;
        c.v[i] = (1 - a) * ((1 - b) * small[y][x] + b * small[y][x + 1]) +
                 a * ((1 - b) * small[y + 1][x] + b * small[y + 1][x + 1]);
    }
    return c;
}

/* Bright on black there is always ink. */
static void test_tiny(void) {
    unsigned char digit[OUT], out[OUT];
    int blank = 0;
    for (int i = 0; i < 400; i++) {
        int sum = 0;
        synth_digit(digit, SYNTH_PEN, 9, (uint64_t)i);
        canvas c = enlarged_from_8(digit);
        put_ink(&c, 0, 255);
        finish(out, &c);
        for (int k = 0; k < OUT; k++) sum += out[k];
        blank += sum == 0;
    }
    if (!CHECK(blank == 0)) printf("    blank: %d of 400\n", blank);
}

int main(void) {
    unsigned char digit[OUT], other[OUT];
    for (int i = 0; i < 20; i++) {
        synth_digit(digit, SYNTH_PEN, 3, (uint64_t)i);
        synth_digit(other, SYNTH_PEN, 3, (uint64_t)i + 1);
        if (rows_of(digit) > 15 && rows_of(other) > 15) test_several(digit, other);
        test_boxes(digit);
        test_lines(digit);
        test_thin_lines(digit);
        test_edges(digit);
        test_shaded(digit);
        test_pale(digit);
        test_lens(digit);
        test_colours(digit);
    }
    test_lamp();
    test_full();
    test_square();
    test_segments();
    test_tiny();
    return check_done("test_digit_kinds");
}
