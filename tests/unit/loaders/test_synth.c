/* test_synth.c - synthetic digits: the same bits everywhere, in MNIST's form, and each
 * digit like others of its kind. */
#include <stdint.h>
#include "../../../loaders/synth.h"
#include "../check.h"

/* FNV-1a */
static uint64_t hash_of(synth_style style, uint64_t seed, uint64_t first, int n) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < n; i++) {
        unsigned char image[SYNTH_PIXELS];
        synth_digit(image, style, seed, first + (uint64_t)i);
        for (int k = 0; k < SYNTH_PIXELS; k++) hash = (hash ^ image[k]) * 0x100000001b3u;
    }
    return hash;
}

/* These stand for what every machine, compiler and instruction set must draw. */
static void test_same_bits(void) {
    CHECK(hash_of(SYNTH_PEN, 1, 0, 20000) == 0x752774370f884aa5u);
    CHECK(hash_of(SYNTH_PEN, 0, 0, 100) == 0x9e99b6331948adffu);
    CHECK(hash_of(SYNTH_PEN, UINT64_MAX, UINT64_MAX - 99, 100) == 0xdbe138eb5440a7d0u);
    CHECK(hash_of(SYNTH_WORLD, 1, 0, 5000) == 0x20d82ed03906f633u);
    CHECK(hash_of(SYNTH_PRINT, 1, 0, 5000) == 0xeb2ed9ec533395acu);
    CHECK(hash_of(SYNTH_SEGMENTS, 1, 0, 5000) == 0x708c16854f140078u);
    CHECK(hash_of(SYNTH_NONE, 1, 0, 5000) == 0x20c0fde0431df5a5u);
    CHECK(hash_of(SYNTH_MOUSE, 1, 0, 5000) == 0x031ca8a8d071f20eu);
    CHECK(hash_of(SYNTH_DISPLAYS, 1, 0, 5000) == 0xe3ba203b7656d8adu);
    CHECK(hash_of(SYNTH_CURSIVE, 1, 0, 5000) == 0x111bad55426b0250u);
    CHECK(hash_of(SYNTH_CUT, 1, 0, 5000) == 0x459eabcd2f9f0f7fu);
    CHECK(hash_of(SYNTH_MISCUT, 1, 0, 5000) == 0x66e175c5a350ea5cu);
}

static void test_function_of_seed_and_id(void) {
    unsigned char a[SYNTH_PIXELS], b[SYNTH_PIXELS];
    synth_digit(a, SYNTH_PEN, 1, 5);
    memset(b, 77, sizeof b); /* every pixel is written */
    synth_digit(b, SYNTH_PEN, 1, 6);
    synth_digit(b, SYNTH_PEN, 1, 5);
    CHECK(memcmp(a, b, sizeof a) == 0);
    synth_digit(b, SYNTH_PEN, 2, 5);
    CHECK(memcmp(a, b, sizeof a) != 0);
    synth_digit(b, SYNTH_PEN, 1, 15);
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK(hash_of(SYNTH_PEN, 1, 0, 10) != hash_of(SYNTH_PEN, 2, 0, 10));
}

static void test_label(void) {
    CHECK(synth_label(SYNTH_PEN, 0) == 0);
    CHECK(synth_label(SYNTH_PEN, 9) == 9);
    CHECK(synth_label(SYNTH_PEN, 10) == 0);
    CHECK(synth_label(SYNTH_PEN, UINT64_MAX) == 5);
    CHECK(synth_label(SYNTH_SEGMENTS, 19) == 9);
    CHECK(synth_label(SYNTH_NONE, 9) == -1);
    CHECK(synth_label(SYNTH_DISPLAYS, 19) == 9);
    CHECK(synth_label(SYNTH_CUT, 19) == 9);
    CHECK(synth_label(SYNTH_MISCUT, 9) == -1);
}

/* The digit touches the sides of a 20×20 box one way, and its centre of mass is within
 * half a pixel of the middle, unless that would take the box out of the image. */
static void check_form(synth_style style, int most_off_centre, int least_dark,
                       int least_size) {
    int off_centre = 0, wrong_size = 0, pale = 0;
    for (uint64_t id = 0; id < 5000; id++) {
        unsigned char image[SYNTH_PIXELS];
        int left = SYNTH_SIZE, right = -1, top = SYNTH_SIZE, bottom = -1, darkest = 0;
        double mass = 0, x_sum = 0, y_sum = 0;
        synth_digit(image, style, 3, id);
        for (int y = 0; y < SYNTH_SIZE; y++)
            for (int x = 0; x < SYNTH_SIZE; x++) {
                int ink = image[y * SYNTH_SIZE + x];
                mass += ink, x_sum += ink * (x + 0.5), y_sum += ink * (y + 0.5);
                if (ink > darkest) darkest = ink;
                if (!ink) continue;
                if (x < left) left = x;
                if (x > right) right = x;
                if (y < top) top = y;
                if (y > bottom) bottom = y;
            }
        int width = right - left + 1, height = bottom - top + 1;
        int size = width > height ? width : height;
        double dx = x_sum / mass - 14, dy = y_sum / mass - 14;
        wrong_size += size < least_size || size > 20;
        off_centre += dx < -0.5001 || dx > 0.5001 || dy < -0.5001 || dy > 0.5001;
        pale += darkest < least_dark;
    }
    printf("test_synth: %s: %d of a wrong size, %d off centre, %d pale\n",
           synth_style_name(style), wrong_size, off_centre, pale);
    CHECK(wrong_size == 0);
    CHECK(off_centre <= most_off_centre);
    CHECK(pale == 0);
}

static void test_form(void) {
    check_form(SYNTH_PEN, 5, 200, 19);
    check_form(SYNTH_WORLD, 10, 60, 17);
    check_form(SYNTH_PRINT, 10, 60, 17);
    check_form(SYNTH_SEGMENTS, 10, 60, 17);
    check_form(SYNTH_NONE, 10, 60, 15);
    check_form(SYNTH_MOUSE, 10, 60, 17);
    check_form(SYNTH_DISPLAYS, 40, 60, 13);
    check_form(SYNTH_CURSIVE, 10, 60, 17);
    check_form(SYNTH_CUT, 10, 60, 15);
    check_form(SYNTH_MISCUT, 10, 60, 15);
}

/* A digit is nearer to the mean of its kind than to that of any other kind, mostly: what
 * the plainest classifier there is can tell. */
static void check_legible(synth_style style, int least, int most) {
    static double mean[10][SYNTH_PIXELS];
    unsigned char image[SYNTH_PIXELS];
    const int n = 5000;
    int right = 0;
    memset(mean, 0, sizeof mean);
    for (int id = 0; id < n; id++) {
        synth_digit(image, style, 1, (uint64_t)id);
        for (int k = 0; k < SYNTH_PIXELS; k++) mean[id % 10][k] += image[k] * 10.0 / n;
    }
    for (int id = 0; id < n; id++) {
        int best = 0;
        double nearest = 1e30;
        synth_digit(image, style, 2, (uint64_t)id);
        for (int digit = 0; digit < 10; digit++) {
            double distance = 0;
            for (int k = 0; k < SYNTH_PIXELS; k++)
                distance += (image[k] - mean[digit][k]) * (image[k] - mean[digit][k]);
            if (distance < nearest) nearest = distance, best = digit;
        }
        right += best == id % 10;
    }
    printf("test_synth: %s: nearest mean reads %.1f %%\n", synth_style_name(style),
           100.0 * right / n);
    CHECK(right > n * least / 100);
    CHECK(right < n * most / 100); /* or there is no variety */
}

static void test_legible(void) {
    check_legible(SYNTH_PEN, 70, 95);
    check_legible(SYNTH_WORLD, 60, 95);
    check_legible(SYNTH_PRINT, 70, 99);
    check_legible(SYNTH_SEGMENTS, 70, 99);
    check_legible(SYNTH_MOUSE, 60, 95);
    check_legible(SYNTH_DISPLAYS, 60, 97);
    check_legible(SYNTH_CURSIVE, 60, 95);
    check_legible(SYNTH_CUT, 45, 95);
}

int main(void) {
    test_same_bits();
    test_function_of_seed_and_id();
    test_label();
    test_form();
    test_legible();
    return check_done("test_synth");
}
