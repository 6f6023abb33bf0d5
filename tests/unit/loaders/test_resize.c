/* test_resize.c - resize.h beside what Pillow 9.4 made of one picture, and beside the
 * same formula in doubles for many sizes. */
#include <math.h>
#include "../../../loaders/resize.h"
#include "../check.h"

#define MOST 90 /* pixels a side */

static unsigned char picture[MOST * MOST * 3], out[MOST * MOST * 3];
static unsigned noise = 7;

static int random_below(int n) {
    noise = noise * 1664525u + 1013904223u;
    return (int)((noise >> 8) % (unsigned)n);
}

/* --- Pillow ------------------------------------------------------------------------- */

/* Image.resize((4, 3), BILINEAR), resize((5, 9)), ImageOps.fit(…, (4, 4), BILINEAR) and
 * fit(…, (2, 6)) of the picture below. */
static const unsigned char stretch_3x4[] = {115, 101, 133, 118, 136, 119, 132, 127, 144,
                                            137, 124, 102, 119, 97,  135, 99,  100, 109,
                                            113, 96,  129, 133, 95,  99,  144, 117, 92,
                                            120, 134, 137, 119, 148, 95,  123, 131, 138};
static const unsigned char stretch_9x5[] = {
    74,  74,  74,  90,  90,  90,  127, 127, 127, 126, 126, 126, 117, 117, 117, 99,  95,
    123, 115, 127, 117, 152, 158, 164, 151, 101, 123, 142, 125, 108, 139, 103, 165, 119,
    145, 125, 132, 149, 158, 132, 129, 128, 138, 124, 88,  157, 94,  178, 106, 127, 114,
    91,  103, 129, 101, 147, 133, 125, 97,  76,  102, 72,  152, 93,  61,  103, 92,  47,
    135, 129, 34,  120, 145, 22,  106, 104, 108, 98,  95,  135, 91,  94,  64,  104, 131,
    136, 106, 147, 128, 108, 148, 96,  85,  109, 138, 121, 98,  111, 114, 115, 154, 91,
    137, 126, 123, 163, 95,  81,  127, 144, 156, 126, 137, 120, 103, 154, 91,  125, 110,
    152, 126, 127, 68,  142, 185, 174, 179, 121, 103, 104, 169, 107, 120, 129, 187};
static const unsigned char cover_4x4[] = {
    123, 120, 129, 128, 138, 117, 115, 117, 145, 167, 131, 127, 112, 106, 138, 94,
    132, 102, 121, 95,  174, 116, 130, 97,  81,  136, 103, 112, 70,  109, 111, 102,
    118, 111, 131, 93,  144, 153, 161, 122, 123, 139, 141, 157, 84,  93,  160, 112};
static const unsigned char cover_6x2[] = {155, 151, 147, 113, 120, 128, 140, 157, 130,
                                          143, 149, 200, 72,  102, 115, 111, 62,  156,
                                          115, 40,  110, 73,  67,  125, 70,  72,  118,
                                          127, 165, 104, 172, 104, 127, 157, 147, 85};

static int is_near(const unsigned char *a, const unsigned char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (abs(a[i] - b[i]) > 1) return 0;
    return 1;
}

static void test_pillow(void) {
    const resize_picture p = {picture, 7, 11, 3};
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 11; x++)
            for (int c = 0; c < 3; c++)
                picture[(y * 11 + x) * 3 + c] =
                    (unsigned char)(37 * y * y + 91 * x + 53 * c * x * y);
    CHECK(resize_stretch(out, 12, 3, 4, &p, NULL) == RESIZE_OK);
    CHECK(is_near(out, stretch_3x4, sizeof stretch_3x4));
    CHECK(resize_stretch(out, 15, 9, 5, &p, NULL) == RESIZE_OK);
    CHECK(is_near(out, stretch_9x5, sizeof stretch_9x5));
    CHECK(resize_cover(out, 12, 4, 4, &p, NULL) == RESIZE_OK);
    CHECK(is_near(out, cover_4x4, sizeof cover_4x4));
    CHECK(resize_cover(out, 6, 6, 2, &p, NULL) == RESIZE_OK);
    CHECK(is_near(out, cover_6x2, sizeof cover_6x2));
    CHECK(resize_stretch(out, 33, 7, 11, &p, NULL) == RESIZE_OK);
    CHECK(memcmp(out, picture, 7 * 11 * 3) == 0); /* the same size changes nothing */
}

/* --- the formula -------------------------------------------------------------------- */

/* The weighted mean of n values, `step` apart, around the centre of pixel i of a result
 * that begins at `start` and whose pixels are `scale` wide; rounded to a byte. */
static int mixed(const unsigned char *values, int n, int step, int i, double start,
                 double scale) {
    const double centre = start + (i + 0.5) * scale, reach = scale > 1 ? scale : 1;
    double sum = 0, weights = 0;
    for (int k = 0; k < n; k++) {
        const double w = 1 - fabs(k + 0.5 - centre) / reach;
        if (w <= 0) continue;
        sum += w * values[k * step];
        weights += w;
    }
    return (int)floor(sum / weights + 0.5);
}

/* formula - the result at (x, y) of channel c: rows first, rounded, then columns. */
static int formula(const resize_picture *p, int x, int y, int c, double left, double top,
                   double across, double down) {
    unsigned char column[MOST];
    for (int k = 0; k < p->h; k++)
        column[k] = (unsigned char)mixed(p->pixels + (size_t)(k * p->w * p->channels + c),
                                         p->w, p->channels, x, left, across);
    return mixed(column, p->h, 1, y, top, down);
}

static void test_formula(void) {
    for (int i = 0; i < 3 * MOST * MOST; i++)
        picture[i] = (unsigned char)random_below(256);
    for (int round = 0; round < 60; round++) {
        const resize_picture p = {picture, 1 + random_below(MOST), 1 + random_below(MOST),
                                  1 + 2 * random_below(2)};
        const int h = 1 + random_below(MOST), w = 1 + random_below(MOST),
                  covers = random_below(2);
        const size_t row = (size_t)(w * p.channels);
        double across = (double)p.w / w, down = (double)p.h / h;
        if (covers) across = down = across < down ? across : down;
        const double left = (p.w - across * w) / 2, top = (p.h - down * h) / 2;
        CHECK((covers ? resize_cover : resize_stretch)(out, row, h, w, &p, NULL) ==
              RESIZE_OK);
        int right = 1;
        for (int k = 0; k < 200; k++) {
            const int x = random_below(w), y = random_below(h),
                      c = random_below(p.channels);
            right &= abs(out[(y * w + x) * p.channels + c] -
                         formula(&p, x, y, c, left, top, across, down)) <= 1;
        }
        if (!CHECK(right)) printf("%dx%dx%d -> %dx%d\n", p.h, p.w, p.channels, h, w);
    }
}

/* --- edges -------------------------------------------------------------------------- */

/* White stays white, black black, however large the step. */
static void test_extremes(void) {
    static unsigned char wide[2][4096];
    memset(wide, 255, sizeof wide);
    for (int turn = 0; turn < 2; turn++) {
        const resize_picture p = {wide[0], turn ? 4096 : 2, turn ? 2 : 4096, 1};
        const int sizes[4][2] = {{1, 1}, {1, 4096}, {4096, 1}, {90, 89}};
        for (int k = 0; k < 4; k++) {
            const int h = sizes[k][0], w = sizes[k][1];
            int white = 1;
            for (int covers = 0; covers < 2; covers++) {
                memset(out, 0, sizeof out);
                CHECK((covers ? resize_cover : resize_stretch)(out, (size_t)w, h, w, &p,
                                                               NULL) == RESIZE_OK);
                for (int i = 0; i < h * w; i++) white &= out[i] == 255;
            }
            CHECK(white);
        }
    }
}

static int countdown(void *context) { return (*(int *)context)-- <= 0; }

static void test_stop(void) {
    const resize_picture p = {picture, 20, 30, 3};
    int left = 0, rc = RESIZE_STOPPED, asked = 0;
    for (; rc == RESIZE_STOPPED; asked++, left = asked) {
        const load_stop stop = {countdown, &left};
        rc = resize_stretch(out, 30, 10, 10, &p, &stop);
        CHECK(rc == RESIZE_STOPPED || rc == RESIZE_OK);
    }
    CHECK(asked > 20);
}

int main(void) {
    test_pillow();
    test_formula();
    test_extremes();
    test_stop();
    return check_done("test_resize");
}
