/* test_digit_around.c - what is around a digit must not be taken for it: the table that
 * its sheet lies on, and shadows: loaders/digit.c. */
#include "canvas.h"

#define SIDE 200

/* The digit, each of its pixels 4 × 4, in the middle; what it is to become goes to plain.
 */
static canvas sheet_of(unsigned char plain[OUT], const unsigned char digit[OUT]) {
    canvas c = new_canvas(SIDE, SIDE);
    put_digit(&c, digit, 4, 44, 44);
    put_ink(&c, 230, 30);
    finish(plain, &c);
    c = new_canvas(SIDE, SIDE);
    put_digit(&c, digit, 4, 44, 44);
    put_ink(&c, 230, 30);
    return c;
}

/* What lies beyond the sides of a turned square becomes a table: those of the four (1
 * above, 2 below, 4 left, 8 right) that are asked for, 'inset' pixels from the border. */
static void put_table(canvas *c, int sides, double degrees, int inset, float grey) {
    const double sine = sin(degrees * 3.14159265 / 180), cosine = sqrt(1 - sine * sine);
    const double half = SIDE / 2.0 - inset;
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            const double u = x + 0.5 - SIDE / 2.0, v = y + 0.5 - SIDE / 2.0;
            const double along = u * cosine + v * sine, across = v * cosine - u * sine;
            if ((sides & 1 && across < -half) || (sides & 2 && across > half) ||
                (sides & 4 && along < -half) || (sides & 8 && along > half))
                *at(c, x, y) = grey;
        }
}

/* Normalises what is on the canvas, with noise, and compares. */
static void compare(canvas *c, const unsigned char plain[OUT], double most,
                    const char *kind, int k) {
    unsigned char out[OUT];
    add_noise(c, 2.0f, 3);
    finish(out, c);
    if (!CHECK(difference(out, plain) < most))
        printf("    %s %d: %f\n", kind, k, difference(out, plain));
}

/* A sheet on a table, turned and not, with the table on one to four sides. */
static void test_table(const unsigned char digit[OUT]) {
    static const int sides[] = {1, 9, 6, 7, 14, 15};
    unsigned char plain[OUT];
    for (int i = 0; i < 24; i++) {
        canvas c = sheet_of(plain, digit);
        const double turn = i < 12 ? 0 : i % 2 ? 4 : -6;
        put_table(&c, sides[i % 6], turn, 20, i / 6 % 2 ? 100 : 15);
        compare(&c, plain, 14.0, "table", i);
    }
}

/* A dark side, more than a fifth of the picture. */
static void test_side(const unsigned char digit[OUT]) {
    unsigned char plain[OUT];
    for (int side = 1; side <= 8; side *= 2) {
        canvas c = sheet_of(plain, digit);
        put_table(&c, side, 0, 43, side > 2 ? 40 : 100);
        compare(&c, plain, 14.0, "side", side);
    }
}

/* A shadow that takes 'strength' of the light, its edge straight, 'soft' pixels wide, and
 * 'from' pixels from the middle, in one of eight directions. */
static void put_shadow(canvas *c, int way, double from, double soft, double strength) {
    const double u = cos(way * 0.785 + 0.2), v = sin(way * 0.785 + 0.2);
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            const double t = ((x - c->w / 2) * u + (y - c->h / 2) * v - from) / soft +
                             0.5;
            const double dark = t < 0 ? 0 : t > 1 ? 1 : t * t * (3 - 2 * t);
            *at(c, x, y) *= (float)(1 - strength * dark);
        }
}

/* Shadows whose edges cross the digit, or nearly touch it, that leave a little of the
 * light or much. Returns how often that was not taken for ink, nor ink for it, of 32. */
static int test_shadow(const unsigned char digit[OUT]) {
    int good = 0;
    for (int i = 0; i < 32; i++) {
        unsigned char plain[OUT], out[OUT];
        canvas c = new_canvas(150, 150);
        put_digit(&c, digit, 5, 5, 5);
        put_ink(&c, 255, 0);
        finish(plain, &c);
        c = new_canvas(150, 150);
        put_digit(&c, digit, 5, 5, 5);
        put_ink(&c, 220, i % 2 ? 110 : 60);
        put_shadow(&c, i % 8, 45 - i / 8 * 30, 2 + i % 5 * 12, 0.35 + i % 3 * 0.15);
        add_noise(&c, 1.0f, 3);
        finish(out, &c);
        good += difference(out, plain) < 16.0;
    }
    return good;
}

int main(void) {
    unsigned char digit[OUT];
    int shadows = 0;
    for (int i = 0; i < 20; i++) {
        synth_digit(digit, SYNTH_PEN, 3, (uint64_t)i);
        test_table(digit);
        test_side(digit);
        shadows += test_shadow(digit);
    }
    if (!CHECK(shadows >= 570)) printf("    shadows: %d of 640\n", shadows);
    return check_done("test_digit_around");
}
