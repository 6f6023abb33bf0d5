/* test_png_memory.c - reading and writing PNGs when memory runs out: at each allocation
 * in turn the answer is PNG_NOMEM and nothing is left behind; with all of them, the
 * result.
 *
 * loaders/png.c is compiled a second time, under other names, with its allocator
 * replaced: it passes that on to libpng as well. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "../check.h"

static long countdown; /* allocations that still succeed */
static long held;      /* pieces not freed */

static void *test_realloc(void *memory, size_t size) {
    if (countdown-- <= 0) return NULL;
    if (!memory) held++;
    return realloc(memory, size);
}

static void *test_malloc(size_t size) { return test_realloc(NULL, size); }

static void test_free(void *memory) {
    if (memory) held--;
    free(memory);
}

/* Included first, so that their own declarations keep their names. */
#include <png.h>
#include <setjmp.h>
#include <string.h>

#define malloc             test_malloc
#define realloc            test_realloc
#define free               test_free
#define png_decode         test_decode
#define png_decode_rgb     test_decode_rgb
#define png_decode_all     test_decode_all
#define png_encode         test_encode
#define png_encode_palette test_encode_palette
#define png_encode_rgb     test_encode_rgb
#define png_picture_free   test_picture_free
#include "../../../loaders/png.c"

static char error[512];

/* One pixel of a palette, interlaced, with alpha: IHDR PLTE tRNS IDAT IEND. */
static const unsigned char palette_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x03, 0x00, 0x00,
    0x01, 0x5f, 0xcc, 0x04, 0x2d, 0x00, 0x00, 0x00, 0x03, 0x50, 0x4c, 0x54, 0x45, 0x0a,
    0x14, 0x1e, 0x7e, 0x4c, 0x52, 0x3a, 0x00, 0x00, 0x00, 0x01, 0x74, 0x52, 0x4e, 0x53,
    0x4d, 0x48, 0x8b, 0xe5, 0x4b, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x48, 0xaf, 0xa4, 0x71, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

/* One pixel of 16-bit RGB: IHDR IDAT IEND. */
static const unsigned char deep_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
    0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01,
    0x10, 0x02, 0x00, 0x00, 0x00, 0xc0, 0xe7, 0x8f, 0x9d, 0x00, 0x00, 0x00,
    0x0f, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x64, 0x62, 0x66,
    0x61, 0x65, 0x03, 0x00, 0x00, 0x3f, 0x00, 0x16, 0x98, 0xc1, 0x68, 0x13,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static void test_writing(unsigned char **out, size_t *size, int colours) {
    unsigned char pixels[28 * 28 * 3];
    int rc = PNG_NOMEM;
    for (int i = 0; i < 28 * 28 * 3; i++) pixels[i] = (unsigned char)(i * i >> 4);
    for (long k = 0; rc == PNG_NOMEM && k < 1000; k++) {
        countdown = k;
        rc = (colours ? png_encode_rgb : png_encode)(out, size, pixels, 28, 28, 3, NULL,
                                                     error, sizeof error);
        if (rc != PNG_NOMEM) break;
        CHECK(!*out && *size == 0 && held == 0);
        CHECK_STR(error, "PNG: out of memory");
    }
    CHECK(rc == PNG_OK && held == 1);
}

static void test_reading(const unsigned char *bytes, size_t size, int colours) {
    png_picture p;
    int rc = PNG_NOMEM;
    held = 0;
    for (long k = 0; rc == PNG_NOMEM && k < 1000; k++) {
        countdown = k;
        rc = (colours ? png_decode_rgb : png_decode)(&p, bytes, size, NULL, error,
                                                     sizeof error);
        if (rc != PNG_NOMEM) break;
        CHECK(!p.grey && !p.deep && !p.rgb && !p.alpha && held == 0);
        CHECK_STR(error, "PNG: out of memory");
    }
    CHECK(rc == PNG_OK && held == 1 + (p.alpha != NULL));
    png_picture_free(&p);
    CHECK(held == 0);
}

int main(void) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    test_writing(&bytes, &size, 1);
    free(bytes);
    test_writing(&bytes, &size, 0);
    for (int colours = 0; colours < 2; colours++) {
        test_reading(bytes, size, colours);
        test_reading(palette_png, sizeof palette_png, colours);
        test_reading(deep_png, sizeof deep_png, colours);
    }
    free(bytes);
    return check_done("test_png_memory");
}
