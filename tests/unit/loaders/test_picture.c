/* test_picture.c - PNGs of every kind as images of another size: where a picture lies,
 * what is around and behind it, its channels. */
#include <stdlib.h>
#include "../../../loaders/picture.h"
#include "../check.h"

static unsigned char out[64 * 64 * 3];

/* Planes as png_decode_rgb gives them, of values of our own. */
static png_picture picture_of(int h, int w, int c, const unsigned char *values,
                              const unsigned char *alpha) {
    const size_t n = (size_t)(h * w);
    png_picture p = {.height = h, .width = w};
    unsigned char **plane = c == 3 ? &p.rgb : &p.grey;
    *plane = malloc(n * (size_t)c);
    memcpy(*plane, values, n * (size_t)c);
    if (alpha) {
        p.alpha = malloc(n);
        memcpy(p.alpha, alpha, n);
    }
    return p;
}

/* The image as text: a letter a value, 'a' for 0 … 'z' for 250 and more. */
static const char *placed(png_picture p, int h, int w, int channels, picture_way way) {
    static char text[200];
    CHECK(picture_place(out, h, w, channels, way, &p, NULL) == RESIZE_OK);
    for (int i = 0; i < h * w * channels; i++) text[i] = (char)('a' + out[i] / 10);
    text[h * w * channels] = 0;
    png_picture_free(&p);
    return text;
}

#define GREY(h, w, ...) picture_of(h, w, 1, (const unsigned char[]){__VA_ARGS__}, NULL)
#define CLEAR(h, w, c, alpha, ...)                                                       \
    picture_of(h, w, c, (const unsigned char[]){__VA_ARGS__},                            \
               (const unsigned char[])alpha)
#define ALPHA(...)                                                                       \
    { __VA_ARGS__ }

/* Within the image, in its middle, or covering it; the border's mean around. */
static void test_ways(void) {
    CHECK_STR(placed(GREY(2, 4, 0, 10, 20, 30, 40, 50, 60, 70), 4, 4, 1, PICTURE_FIT),
              "ddddabcdefghdddd"); /* the mean is 35 */
    CHECK_STR(placed(GREY(4, 2, 0, 10, 20, 30, 40, 50, 60, 70), 4, 4, 1, PICTURE_FIT),
              "dabddcdddefddghd");
    CHECK_STR(placed(GREY(2, 4, 0, 10, 20, 30, 40, 50, 60, 70), 2, 2, 1, PICTURE_CROP),
              "bcfg");
    CHECK_STR(placed(GREY(4, 2, 0, 10, 20, 30, 40, 50, 60, 70), 2, 2, 1, PICTURE_CROP),
              "cdef");
    CHECK_STR(placed(GREY(1, 2, 0, 200), 2, 2, 1, PICTURE_STRETCH), "auau");
    CHECK_STR(placed(GREY(3, 3, 0, 0, 0, 0, 250, 0, 0, 0, 0), 3, 4, 1, PICTURE_FIT),
              "aaaaazaaaaaa"); /* the middle does not count for the border */
    CHECK_STR(placed(GREY(1, 1, 70), 2, 3, 1, PICTURE_FIT), "hhhhhh");
    CHECK_STR(placed(GREY(1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0), 3, 2, 1, PICTURE_FIT),
              "aaaaaa"); /* never less than a pixel high */
}

/* Red, green, blue and their luma; one channel spread. */
static void test_channels(void) {
    static const unsigned char rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 99, 99, 99};
    CHECK_STR(placed(picture_of(2, 2, 3, rgb, NULL), 2, 2, 3, PICTURE_STRETCH),
              "zaaazaaazjjj");
    CHECK_STR(placed(picture_of(2, 2, 3, rgb, NULL), 2, 2, 1, PICTURE_STRETCH), "hpcj");
    CHECK(out[0] == 76 && out[1] == 150 && out[2] == 29 && out[3] == 99);
    CHECK_STR(placed(GREY(1, 2, 0, 100), 1, 2, 3, PICTURE_CROP), "aaakkk");
}

/* White behind what is transparent; black where white would leave nothing. */
static void test_background(void) {
    CHECK_STR(placed(CLEAR(1, 3, 1, ALPHA(255, 0, 128), 0, 0, 0), 1, 3, 1, PICTURE_FIT),
              "azm");
    CHECK_STR(
        placed(CLEAR(1, 2, 3, ALPHA(255, 0), 200, 0, 0, 1, 2, 3), 1, 2, 3, PICTURE_FIT),
        "uaazzz");
    CHECK_STR(
        placed(CLEAR(1, 3, 1, ALPHA(255, 0, 128), 255, 255, 255), 1, 3, 1, PICTURE_FIT),
        "zam");
    CHECK_STR(placed(CLEAR(1, 2, 3, ALPHA(255, 0), 255, 250, 245, 0, 0, 0), 1, 2, 3,
                     PICTURE_FIT),
              "zzyaaa");
    CHECK_STR(placed(CLEAR(1, 2, 3, ALPHA(255, 0), 255, 255, 100, 0, 0, 0), 1, 2, 3,
                     PICTURE_FIT),
              "zzkzzz"); /* yellow shows on white */
    CHECK_STR(placed(CLEAR(1, 2, 1, ALPHA(0, 0), 0, 0), 1, 2, 1, PICTURE_FIT),
              "zz"); /* nothing at all is white */
}

static int countdown(void *context) { return (*(int *)context)-- <= 0; }

static void test_stop(void) {
    int asked = 0, rc = RESIZE_STOPPED;
    for (; rc == RESIZE_STOPPED; asked++) {
        int left = asked;
        const load_stop stop = {countdown, &left};
        png_picture p = CLEAR(1, 2, 1, ALPHA(1, 2), 3, 4);
        rc = picture_place(out, 2, 2, 3, PICTURE_FIT, &p, &stop);
        png_picture_free(&p);
    }
    CHECK(rc == RESIZE_OK && asked == 4);
}

int main(void) {
    test_ways();
    test_channels();
    test_background();
    test_stop();
    return check_done("test_picture");
}
