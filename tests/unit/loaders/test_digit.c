/* test_digit.c - pictures of digits become what MNIST's are: loaders/digit.c.
 *
 * Synthetic digits are enlarged, put on paper and under light in many ways, and must come
 * back as they were. How well a network reads the results is for other tests to tell. */
#include <math.h>
#include <stdlib.h>
#include "canvas.h"

/* --- what must come back -------------------------------------------------------- */

static void test_sizes(const unsigned char digit[OUT]) {
    static const int times[] = {1, 2, 3, 8, 20};
    unsigned char out[OUT];
    for (int i = 0; i < 5; i++) {
        int k = times[i];
        canvas c = new_canvas(37 * k, 33 * k + 5);
        put_digit(&c, digit, k, 5 * k + 2, 2 * k + 1);
        put_ink(&c, 255, 0);
        finish(out, &c);
        if (!CHECK(difference(out, digit) < (k == 1 ? 7.0 : 12.0)))
            printf("    %d times: %f\n", k, difference(out, digit));
        CHECK(extent_of(out) >= 19 && extent_of(out) <= 21);
        CHECK(off_centre(out) < 0.7);
    }
}

static void test_polarity(const unsigned char digit[OUT]) {
    static const float paper_ink[][2] = {
        {0, 255}, {250, 40}, {60, 220}, {140, 90}, {90, 140}};
    unsigned char plain[OUT], out[OUT];
    canvas c = new_canvas(150, 150);
    put_digit(&c, digit, 4, 20, 20);
    put_ink(&c, 255, 0);
    finish(plain, &c);
    for (int i = 0; i < 5; i++) {
        c = new_canvas(150, 150);
        put_digit(&c, digit, 4, 20, 20);
        put_ink(&c, paper_ink[i][0], paper_ink[i][1]);
        finish(out, &c);
        if (!CHECK(difference(out, plain) < (i == 0 ? 1e-9 : 6.0)))
            printf("    %d: %f\n", i, difference(out, plain));
    }
}

static void test_alpha(const unsigned char digit[OUT]) {
    unsigned char plain[OUT], out[OUT], grey[120 * 130];
    canvas c = new_canvas(120, 130);
    put_digit(&c, digit, 4, 3, 9);
    put_ink(&c, 0, 255);
    unsigned char *ink = greys_of(&c);
    finish(plain, &c);
    memset(grey, 0, sizeof grey); /* black strokes on nothing, which is black as well */
    CHECK(normalise(out, 28, 28, grey, ink, 130, 120) >= 0);
    CHECK(memcmp(out, plain, OUT) == 0);
    memset(grey, 255, sizeof grey); /* white strokes on nothing */
    CHECK(normalise(out, 28, 28, grey, ink, 130, 120) >= 0);
    CHECK(memcmp(out, plain, OUT) == 0);
    memset(ink, 0, sizeof grey); /* nothing */
    CHECK(normalise(out, 28, 28, grey, ink, 130, 120) >= 0);
    CHECK(is_blank(out, OUT));
    free(ink);
}

static void test_places(const unsigned char digit[OUT]) {
    static const int place[][2] = {
        {-16, -16}, {180, -16}, {-16, 120}, {90, 50}, {170, 130}};
    unsigned char first[OUT], out[OUT];
    for (int i = 0; i < 5; i++) {
        canvas c = new_canvas(300, 240);
        put_digit(&c, digit, 4, place[i][0], place[i][1]);
        put_ink(&c, 255, 20);
        finish(i ? out : first, &c);
        CHECK(i == 0 || difference(out, first) < 1.0);
    }
}

static void test_light(const unsigned char digit[OUT]) {
    unsigned char out[OUT];
    for (int kind = 0; kind < 3; kind++) { /* dark ink, with a shadow, bright ink */
        canvas c = new_canvas(220, 200);
        put_digit(&c, digit, 6, 30, 20);
        put_ink(&c, kind < 2 ? 235 : 70, kind < 2 ? 40 : 240);
        light_up(&c, 0.45f, kind == 1);
        add_noise(&c, 3.0f, 7);
        finish(out, &c);
        if (!CHECK(difference(out, digit) < 18.0))
            printf("    light %d: %f\n", kind, difference(out, digit));
    }
}

/* A shadow with a hard edge, nearly as dark as ink in the light is, over a corner. Where
 * it meets ink on the border, it may be taken for ink still. Returns how often it was
 * not, of 12. */
static int test_hard_shadow(const unsigned char digit[OUT]) {
    unsigned char out[OUT];
    int good = 0;
    for (int side = 60; side <= 180; side += 60)
        for (int corner = 0; corner < 4; corner++) {
            canvas c = new_canvas(side, side);
            put_digit(&c, digit, side / 30, side / 30, side / 30);
            put_ink(&c, 220, 45);
            for (int y = 0; y < side; y++)
                for (int x = 0; x < side; x++) {
                    const int u = corner % 2 ? x : side - x;
                    const int v = corner / 2 ? y : side - y;
                    if (5 * u + 4 * v < 4 * side) *at(&c, x, y) *= 0.45f;
                }
            add_noise(&c, 2.0f, 7);
            finish(out, &c);
            good += difference(out, digit) < 22.0;
        }
    return good;
}

static void test_lines_and_specks(const unsigned char digit[OUT]) {
    unsigned char out[OUT];
    canvas c = new_canvas(220, 220);
    put_digit(&c, digit, 6, 30, 20);
    put_ink(&c, 255, 0);
    for (int y = 0; y < 220; y++)
        for (int x = 0; x < 220; x++)
            if (y % 24 == 5 && *at(&c, x, y) > 205) *at(&c, x, y) = 205;
    for (int i = 0; i < 12; i++) *at(&c, (i * 83 + 11) % 220, (i * 57 + 3) % 220) = 60;
    finish(out, &c);
    if (!CHECK(difference(out, digit) < 12.0))
        printf("    lines: %f\n", difference(out, digit));
}

/* --- pens ----------------------------------------------------------------------- */

/* A ring of any pen has strokes of 1 to 5 pixels in the end, and is hollow. */
static void test_pens(void) {
    static const double pens[] = {1.2, 2, 5, 20, 60, 130};
    unsigned char out[OUT];
    for (int i = 0; i < 6; i++) {
        canvas c = new_canvas(900, 1000);
        put_ring(&c, 420, 480, 300, pens[i]);
        put_ink(&c, 255, 0);
        finish(out, &c);
        double width = mass_of(out) / (3.14159 * 18);
        if (!CHECK(width > 0.9 && width < 5.2))
            printf("    pen %f: width %f\n", pens[i], width);
        int top = 0;
        for (int p = 0; p < OUT; p++) top = out[p] > top ? out[p] : top;
        CHECK(top > 240);
        CHECK(out[14 * 28 + 14] == 0);
        CHECK(extent_of(out) == 20);
    }
}

static void test_separate_stroke(void) {
    unsigned char with[OUT], without[OUT];
    for (int bar = 0; bar < 2; bar++) {
        canvas c = new_canvas(200, 200);
        put_ring(&c, 90, 120, 40, 9);
        for (int y = 50; bar && y < 58; y++)
            for (int x = 70; x < 130; x++) *at(&c, x, y) = 1;
        put_ink(&c, 255, 0);
        finish(bar ? with : without, &c);
    }
    CHECK(difference(with, without) > 20); /* it is not taken for dirt */
}

/* --- extremes ------------------------------------------------------------------- */

static void test_no_ink(void) {
    static const int sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {8, 8}, {500, 300}};
    unsigned char out[OUT];
    for (int i = 0; i < 6; i++)
        for (int grey = 0; grey < 256; grey += 85) {
            canvas c = new_canvas(sizes[i][0], sizes[i][1]);
            put_ink(&c, (float)grey, 0);
            finish(out, &c);
            CHECK(is_blank(out, OUT));
        }
    for (int i = 0; i < 4; i++) { /* noise, light */
        canvas c = new_canvas(200, 150 + 40 * i);
        put_ink(&c, 150, 0);
        if (i > 1) light_up(&c, 0.5f, 0);
        add_noise(&c, i % 2 ? 20.0f : 3.0f, (unsigned)i);
        finish(out, &c);
        CHECK(is_blank(out, OUT));
    }
}

static void test_large(void) {
    unsigned char out[OUT];
    canvas c = new_canvas(4096, 4096);
    put_ring(&c, 2100, 2000, 1500, 150);
    put_ink(&c, 0, 255);
    finish(out, &c);
    CHECK(extent_of(out) == 20 && off_centre(out) < 0.7 && out[14 * 28 + 14] == 0);
    c = new_canvas(4096, 1200); /* small in it: the digit is looked at again */
    put_ring(&c, 3900, 150, 90, 16);
    put_ink(&c, 240, 30);
    finish(out, &c);
    CHECK(extent_of(out) == 20 && off_centre(out) < 0.7 && out[14 * 28 + 14] == 0);
    CHECK(mass_of(out) > 60 && mass_of(out) < 160);
}

/* Whatever the pixels: no error, and nothing outside of memory (for the sanitizers). */
static void test_any(void) {
    unsigned state = 1;
    for (int i = 0; i < 400; i++) {
        int w = 1 + (int)(random_bits(&state) % 40),
            h = 1 + (int)(random_bits(&state) % 40);
        int ow = 1 + (int)(random_bits(&state) % 40),
            oh = 1 + (int)(random_bits(&state) % 40);
        unsigned char *grey = malloc((size_t)(w * h)), *out = malloc((size_t)(ow * oh));
        if (!grey || !out) exit(2);
        unsigned few = random_bits(&state) % 5;
        for (int p = 0; p < w * h; p++)
            grey[p] = random_bits(&state) % 8 < few ? (unsigned char)random_bits(&state)
                                                    : 9;
        CHECK(normalise(out, oh, ow, grey, i % 2 ? grey : NULL, h, w) >= 0);
        free(out);
        free(grey);
    }
}

static void test_other_fields(const unsigned char digit[OUT]) {
    unsigned char out[56 * 70];
    canvas c = new_canvas(100, 100);
    put_digit(&c, digit, 3, 8, 8);
    put_ink(&c, 255, 0);
    unsigned char *grey = greys_of(&c);
    CHECK(normalise(out, 56, 70, grey, NULL, 100, 100) >= 0);
    int y0 = 56, y1 = 0;
    for (int i = 0; i < 56 * 70; i++)
        if (out[i] > 25) {
            y0 = i / 70 < y0 ? i / 70 : y0;
            y1 = i / 70 + 1;
        }
    CHECK(y1 - y0 >= 39 && y1 - y0 <= 41);
    free(grey);
    free(c.v);
}

static int countdown(void *context) { return (*(int *)context)-- <= 0; }

/* 16 bits give what 8 of the same value give; more of them are seen where 8 would see
 * nothing;
 * a sheet without ink is told; and it stops wherever it asks. */
static void test_deep_blank_stop(void) {
    enum { SIDE = 100 };
    static unsigned char grey[SIDE * SIDE], alpha[SIDE * SIDE], out[2][OUT];
    static uint16_t deep[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int x = i % SIDE, y = i / SIDE;
        grey[i] = x > 45 && x < 55 && y > 20 && y < 80 ? 40 : 230;
        deep[i] = (uint16_t)(grey[i] * 257);
        alpha[i] = (unsigned char)(255 - x / 4);
    }
    for (int k = 0; k < 2; k++) {
        const digit_picture a = {grey, NULL, k ? alpha : NULL, SIDE, SIDE, NULL};
        const digit_picture b = {NULL, deep, k ? alpha : NULL, SIDE, SIDE, NULL};
        CHECK(digit_normalise(out[0], 28, 28, &a, NULL) == DIGIT_INK);
        CHECK(digit_normalise(out[1], 28, 28, &b, NULL) == DIGIT_INK);
        CHECK(memcmp(out[0], out[1], OUT) == 0);
    }
    const digit_picture picture = {grey, NULL, NULL, SIDE, SIDE, NULL};
    int rc = DIGIT_STOPPED, asked = 0;
    for (; rc == DIGIT_STOPPED && asked < 10000; asked++) {
        int left = asked;
        const load_stop stop = {countdown, &left};
        rc = digit_normalise(out[0], 28, 28, &picture, &stop);
    }
    CHECK(rc == DIGIT_INK && asked > SIDE);
    memset(grey, 230, sizeof grey);
    CHECK(digit_normalise(out[0], 28, 28, &picture, NULL) == DIGIT_BLANK);
    memset(out[1], 0, OUT);
    CHECK(memcmp(out[0], out[1], OUT) == 0);
}

/* A picture of 28×28 is taken as it is if it is what MNIST's are; one that is smaller, or
 * not in the middle, is made so. */
static void test_ready(const unsigned char digit[OUT]) {
    unsigned char ready[OUT], off[OUT] = {0}, half[OUT] = {0}, out[OUT];
    canvas c = new_canvas(150, 150);
    put_digit(&c, digit, 4, 20, 20);
    put_ink(&c, 255, 0);
    finish(ready, &c);
    CHECK(normalise(out, 28, 28, ready, NULL, 28, 28) == DIGIT_INK);
    CHECK(memcmp(out, ready, OUT) == 0);
    for (int i = 0; i < OUT; i++) {
        const int x = i % 28, y = i / 28;
        if (x >= 3 && y >= 3) off[i] = ready[(y - 3) * 28 + x - 3];
        if (x < 14 && y < 14) {
            const unsigned char *p = ready + y * 56 + 2 * x;
            half[(y + 7) * 28 + x + 7] =
                (unsigned char)((p[0] + p[1] + p[28] + p[29]) / 4);
        }
    }
    CHECK(normalise(out, 28, 28, off, NULL, 28, 28) == DIGIT_INK);
    if (!CHECK(off_centre(out) < 0.7 && difference(out, ready) < 20.0))
        printf("    off: %f\n", difference(out, ready));
    CHECK(normalise(out, 28, 28, half, NULL, 28, 28) == DIGIT_INK);
    CHECK(extent_of(out) >= 19 && off_centre(out) < 0.7);
}

int main(void) {
    unsigned char digit[OUT];
    int shadows = 0;
    for (int i = 0; i < 20; i++) {
        synth_digit(digit, SYNTH_PEN, 3, (uint64_t)i);
        test_sizes(digit);
        test_polarity(digit);
        test_alpha(digit);
        test_light(digit);
        shadows += test_hard_shadow(digit);
        test_lines_and_specks(digit);
        test_ready(digit);
    }
    if (!CHECK(shadows >= 230)) printf("    hard shadows: %d of 240\n", shadows);
    synth_digit(digit, SYNTH_PEN, 3, 28);
    test_places(digit);
    test_other_fields(digit);
    test_pens();
    test_separate_stroke();
    test_no_ink();
    test_large();
    test_any();
    test_deep_blank_stop();
    return check_done("test_digit");
}
