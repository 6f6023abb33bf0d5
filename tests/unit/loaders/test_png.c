/* test_png.c - PNGs of every kind, written by libpng here: each pixel read must be what
 * was written, by formulas of its own. And what png_encode writes is read back
 * exactly. */
#include <math.h>
#include <png.h>
#include <stdint.h>
#include <stdlib.h>
#include "../../../loaders/png.h"
#include "../check.h"

#define MOST 64 /* pixels a side */

static char error[512];
static unsigned noise = 1;

static unsigned random_below(unsigned n) {
    noise = noise * 1664525u + 1013904223u;
    return (noise >> 8) % n;
}

/* --- making a picture --------------------------------------------------------------- */

/* One kind of PNG, and the samples of one picture of it. */
typedef struct kind {
    int colour, depth, interlaced, transparent;
    int width, height;
    int channels; /* samples a pixel */
    unsigned samples[MOST * MOST * 4];
    png_color palette[256];
    int entries, alphas; /* of the palette */
    png_byte alpha[256];
    png_color_16 clear; /* the colour that is clear */
} kind;

static unsigned char file[1 << 20];
static size_t n_file;

static void put(png_structp png, png_bytep bytes, size_t n) {
    (void)png;
    if (!CHECK(n_file + n <= sizeof file)) exit(1);
    memcpy(file + n_file, bytes, n);
    n_file += n;
}

static void fill(kind *k) {
    const unsigned top = 1u << k->depth;
    k->channels = k->colour == PNG_COLOR_TYPE_RGB          ? 3
                  : k->colour == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
                  : k->colour == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                           : 1;
    k->entries = k->colour == PNG_COLOR_TYPE_PALETTE ? 1 + (int)random_below(top) : 0;
    for (int i = 0; i < k->entries; i++) {
        k->palette[i] = (png_color){(png_byte)random_below(256),
                                    (png_byte)random_below(256),
                                    (png_byte)random_below(256)};
        k->alpha[i] = (png_byte)random_below(255);
    }
    k->alphas = k->entries ? 1 + (int)random_below((unsigned)k->entries) : 0;
    const int n = k->width * k->height * k->channels;
    for (int i = 0; i < n; i++)
        k->samples[i] = random_below(k->entries ? (unsigned)k->entries : top);
    /* One that occurs. */
    k->clear.gray = k->clear.red = (png_uint_16)k->samples[0];
    k->clear.green = (png_uint_16)k->samples[k->channels > 1];
    k->clear.blue = (png_uint_16)k->samples[k->channels > 2 ? 2 : 0];
}

static void write_file(kind *k) {
    static png_byte bytes[MOST][MOST * 8];
    png_bytep rows[MOST];
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    n_file = 0;
    png_set_write_fn(png, NULL, put, NULL);
    png_set_IHDR(png, info, (png_uint_32)k->width, (png_uint_32)k->height, k->depth,
                 k->colour, k->interlaced, 0, 0);
    if (k->entries) png_set_PLTE(png, info, k->palette, k->entries);
    if (k->transparent && k->entries) png_set_tRNS(png, info, k->alpha, k->alphas, NULL);
    if (k->transparent && !k->entries) png_set_tRNS(png, info, NULL, 0, &k->clear);
    /* These must make no difference. */
    png_text text = {PNG_TEXT_COMPRESSION_zTXt, "Title", "a digit", 7, 0, NULL, NULL};
    png_set_gAMA(png, info, 0.45455);
    png_set_text(png, info, &text, 1);
    png_set_filter(png, 0, PNG_ALL_FILTERS);
    png_write_info(png, info);
    png_set_packing(png);
    for (int y = 0; y < k->height; y++) {
        rows[y] = bytes[y];
        const unsigned *s = k->samples + y * k->width * k->channels;
        for (int i = 0; i < k->width * k->channels; i++)
            if (k->depth == 16) {
                bytes[y][2 * i] = (png_byte)(s[i] >> 8);
                bytes[y][2 * i + 1] = (png_byte)s[i];
            } else
                bytes[y][i] = (png_byte)s[i];
    }
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

/* --- what it must be ---------------------------------------------------------------- */

static int to_8(const kind *k, unsigned sample) {
    return (int)floor(sample * 255.0 / ((1 << k->depth) - 1) + 0.5);
}

static int grey_of(const kind *k, unsigned sample) {
    return k->depth == 16 ? (int)sample : to_8(k, sample);
}

static int luma(int r, int g, int b) {
    return (int)floor((6968.0 * r + 23434.0 * g + 2366.0 * b) / 32768 + 0.5);
}

/* Pixel i: its colour, of 16 bits where the file has them, alpha (of 8), grey value, and
 * whether it is coloured. */
static void expected_rgb(const kind *k, int i, int rgb[3], int *alpha) {
    const unsigned *s = k->samples + i * k->channels;
    int r = 0, g = 0, b = 0;
    *alpha = 255;
    if (k->colour == PNG_COLOR_TYPE_PALETTE) {
        r = k->palette[*s].red, g = k->palette[*s].green, b = k->palette[*s].blue;
        if (k->transparent && (int)*s < k->alphas) *alpha = k->alpha[*s];
    } else if (k->channels >= 3) {
        r = grey_of(k, s[0]), g = grey_of(k, s[1]), b = grey_of(k, s[2]);
        if (k->channels == 4) *alpha = to_8(k, s[3]);
        if (k->transparent && s[0] == k->clear.red && s[1] == k->clear.green &&
            s[2] == k->clear.blue)
            *alpha = 0;
    } else {
        r = g = b = grey_of(k, s[0]);
        if (k->channels == 2) *alpha = to_8(k, s[1]);
        if (k->transparent && s[0] == k->clear.gray) *alpha = 0;
    }
    rgb[0] = r, rgb[1] = g, rgb[2] = b;
}

static void expected(const kind *k, int i, int *grey, int *alpha, int *coloured) {
    int rgb[3];
    expected_rgb(k, i, rgb, alpha);
    *coloured = rgb[0] != rgb[1] || rgb[1] != rgb[2];
    *grey = *coloured ? luma(rgb[0], rgb[1], rgb[2]) : rgb[0];
}

/* has_colours - whether a file is made for them, and its palette, if any, has some. */
static int has_colours(const kind *k) {
    int differ = 0;
    for (int i = 0; i < k->entries; i++)
        differ |= k->palette[i].red != k->palette[i].green ||
                  k->palette[i].green != k->palette[i].blue;
    return k->entries ? differ : k->channels >= 3;
}

/* check_rgb - the same file with its colours, in 8 bits. */
static void check_rgb(const kind *k) {
    png_picture p;
    int h, w, c, right = 1, most = 255, rgb[3], alpha;
    if (!CHECK(png_decode_rgb(&p, file, n_file, NULL, error, sizeof error) == PNG_OK))
        return;
    CHECK(png_size(&h, &w, &c, file, n_file, error, sizeof error) == PNG_OK);
    CHECK(h == k->height && w == k->width && c == (has_colours(k) ? 3 : 1));
    CHECK(p.height == h && p.width == w && !p.deep && !p.grey == (c == 3) &&
          !p.rgb == (c == 1));
    for (int i = 0; i < w * h && k->depth == 16; i++) {
        expected_rgb(k, i, rgb, &alpha);
        for (int j = 0; j < 3; j++)
            while (most < rgb[j]) most = 2 * most + 1;
    }
    for (int i = 0; i < w * h * c; i++) {
        expected_rgb(k, i / c, rgb, &alpha);
        const double value = floor(rgb[i % c] * 65535.0 / most + 0.5) / 257;
        const int eight = k->depth == 16 ? (int)floor(value + 0.5) : rgb[i % c];
        right &= (c == 3 ? p.rgb : p.grey)[i] == eight;
        right &= (p.alpha ? p.alpha[i / c] : 255) == alpha;
    }
    CHECK(right);
    png_picture_free(&p);
}

static void check_picture(const kind *k) {
    png_picture p;
    strcpy(error, "");
    int right = png_decode(&p, file, n_file, NULL, error, sizeof error) == PNG_OK;
    if (!CHECK(right)) {
        printf("colour %d depth %d interlaced %d clear %d %dx%d: %s\n", k->colour,
               k->depth, k->interlaced, k->transparent, k->width, k->height, error);
        return;
    }
    int coloured = 0, opaque = 1, grey, alpha, c, used = 255;
    for (int i = 0; i < k->width * k->height && k->depth == 16; i++) {
        expected(k, i, &grey, &alpha, &c);
        while (used < grey) used = 2 * used + 1;
    }
    CHECK((p.deep != NULL) == (k->depth == 16) && (p.grey != NULL) == (k->depth < 16));
    CHECK(p.width == k->width && p.height == k->height);
    for (int i = 0; i < k->width * k->height; i++) {
        expected(k, i, &grey, &alpha, &c);
        right &= p.deep ? p.deep[i] == (int)floor(grey * 65535.0 / used + 0.5)
                        : p.grey[i] == grey;
        right &= (p.alpha ? p.alpha[i] : 255) == alpha;
        coloured |= c;
        opaque &= alpha == 255;
    }
    CHECK(right && p.coloured == coloured && (p.alpha == NULL) == opaque);
    png_picture_free(&p);
}

static void test_kinds(void) {
    static const int colours[] = {0, 2, 3, 4, 6};
    static const int sizes[][2] = {{1, 1}, {2, 1},   {1, 2},   {5, 3},  {8, 8},
                                   {3, 9}, {33, 17}, {28, 28}, {64, 64}};
    static kind k;
    for (int c = 0; c < 5; c++)
        for (int depth = 1; depth <= 16; depth *= 2) {
            if (depth < 8 && colours[c] != 0 && colours[c] != 3) continue;
            if (depth == 16 && colours[c] == 3) continue;
            for (int i = 0; i < 4; i++)
                for (int s = 0; s < 9; s++) {
                    k = (kind){.colour = colours[c],
                               .depth = depth,
                               .interlaced = i & 1,
                               .transparent = i >> 1 && colours[c] < 4,
                               .width = sizes[s][0],
                               .height = sizes[s][1]};
                    fill(&k);
                    write_file(&k);
                    check_picture(&k);
                    check_rgb(&k);
                }
        }
}

/* Alpha that never says anything but "opaque" is no alpha; grey RGB is grey. */
static void test_plain_rgba(void) {
    static kind k;
    k = (kind){.colour = 6, .depth = 8, .width = 7, .height = 5};
    fill(&k);
    for (int i = 0; i < 35; i++) {
        k.samples[4 * i + 1] = k.samples[4 * i + 2] = k.samples[4 * i];
        k.samples[4 * i + 3] = 255;
    }
    write_file(&k);
    check_picture(&k);
    png_picture p;
    CHECK(png_decode(&p, file, n_file, NULL, error, sizeof error) == PNG_OK);
    CHECK(!p.alpha && !p.coloured);
    png_picture_free(&p);
}

/* --- png_encode --------------------------------------------------------------------- */

/* Encodes, reads back, compares; returns the file's size and leaves its depth. */
static size_t round_trip(const unsigned char *grey, int w, int h, int scale, int *depth) {
    unsigned char *bytes, *again;
    size_t size, size_again;
    png_picture p;
    CHECK(png_encode(&bytes, &size, grey, w, h, scale, NULL, error, sizeof error) ==
          PNG_OK);
    CHECK(png_encode(&again, &size_again, grey, w, h, scale, NULL, error, sizeof error) ==
          PNG_OK);
    CHECK(size == size_again && memcmp(bytes, again, size) == 0);
    *depth = bytes[24];
    CHECK(bytes[25] == 0);
    if (CHECK(png_decode(&p, bytes, size, NULL, error, sizeof error) == PNG_OK)) {
        int right = p.width == w * scale && p.height == h * scale && !p.alpha;
        for (int y = 0; right && y < h * scale; y++)
            for (int x = 0; x < w * scale; x++)
                right &= p.grey[y * w * scale + x] == grey[y / scale * w + x / scale];
        CHECK(right);
    }
    png_picture_free(&p);
    free(again);
    free(bytes);
    return size;
}

static void test_encode(void) {
    unsigned char grey[37 * 23];
    int depth;
    for (int bits = 1; bits <= 8; bits *= 2)
        for (int scale = 1; scale <= 64; scale += 21) {
            for (int i = 0; i < 37 * 23; i++)
                grey[i] =
                    (unsigned char)(random_below(1u << bits) * 255 / ((1u << bits) - 1));
            grey[5] = (unsigned char)(255 / ((1 << bits) - 1));
            round_trip(grey, 37, 23, scale, &depth);
            CHECK(depth == bits);
        }
    unsigned char *blank = calloc(4096, 4096);
    CHECK(round_trip(blank, 1, 1, 1, &depth) < 80 && depth == 1);
    CHECK(round_trip(blank, 4096, 4096, 1, &depth) < 4096);
    CHECK(round_trip(blank, 64, 64, 64, &depth) < 4096);
    free(blank);
}

static void test_encode_limits(void) {
    static const int wrong[][3] = {{0, 1, 1},    {1, 0, 1},   {1, 1, 0},
                                   {1, 1, 65},   {1, -1, 1},  {4097, 1, 1},
                                   {1, 4097, 1}, {65, 1, 64}, {1, 65, 64}};
    unsigned char *bytes, pixel = 0;
    size_t size;
    for (int i = 0; i < 9; i++) {
        CHECK(png_encode(&bytes, &size, &pixel, wrong[i][0], wrong[i][1], wrong[i][2],
                         NULL, error, sizeof error) == PNG_ERROR);
        CHECK(!bytes && size == 0);
    }
    CHECK_STR(error, "PNG: 1x65 pixels, 64 times as large, are no size for a picture; "
                     "expected 4096x4096 at most");
}

/* --- png_encode_rgb ----------------------------------------------------------------- */

/* What libpng itself reads back, enlarged or not. */
static void test_rgb(void) {
    static unsigned char rgb[37 * 23 * 3], back[9 * 37 * 23 * 3];
    for (int i = 0; i < 37 * 23 * 3; i++) rgb[i] = (unsigned char)random_below(256);
    for (int scale = 1; scale <= 3; scale += 2) {
        unsigned char *bytes;
        size_t size;
        int right = 1;
        CHECK(png_encode_rgb(&bytes, &size, rgb, 37, 23, scale, NULL, error,
                             sizeof error) == PNG_OK);
        CHECK(bytes[24] == 8 && bytes[25] == 2);
        png_image image = {.version = PNG_IMAGE_VERSION};
        CHECK(png_image_begin_read_from_memory(&image, bytes, size));
        image.format = PNG_FORMAT_RGB;
        CHECK((int)image.width == 37 * scale && (int)image.height == 23 * scale);
        CHECK(png_image_finish_read(&image, NULL, back, 0, NULL));
        for (int y = 0; y < 23 * scale; y++)
            for (int x = 0; x < 37 * scale; x++)
                right &= memcmp(back + 3 * (y * 37 * scale + x),
                                rgb + 3 * (y / scale * 37 + x / scale), 3) == 0;
        CHECK(right);
        free(bytes);
        CHECK(png_encode_rgb(&bytes, &size, rgb, 4097, 1, 1, NULL, error, sizeof error) ==
              PNG_ERROR);
        CHECK(!bytes && size == 0);
    }
}

/* --- png_encode_palette ------------------------------------------------------------- */

/* Colours that no pixel has are left out, and the others are read back by libpng
 * itself. */
static void test_palette(void) {
    static const int counts[] = {1, 2, 3, 4, 5, 16, 17, 200, 256};
    static const int depths[] = {1, 1, 2, 2, 4, 4, 8, 8, 8};
    unsigned char palette[256][3], indices[37 * 23], *bytes, rgb[37 * 23 * 3];
    size_t size;
    for (int t = 0; t < 9; t++) {
        const int step = 256 / counts[t], first = (int)random_below((unsigned)step);
        for (int i = 0; i < 256 * 3; i++)
            palette[i / 3][i % 3] = (unsigned char)random_below(256);
        for (int i = 0; i < 37 * 23; i++) {
            int k = i < counts[t] ? i : (int)random_below((unsigned)counts[t]);
            indices[i] = (unsigned char)(first + k * step);
        }
        CHECK(png_encode_palette(&bytes, &size, indices, 37, 23,
                                 (const unsigned char(*)[3])palette, NULL, error,
                                 sizeof error) == PNG_OK);
        CHECK(bytes[24] == depths[t] && bytes[25] == 3);
        CHECK(256 * bytes[33 + 2] + bytes[33 + 3] == 3 * counts[t]); /* PLTE's length */
        png_image image = {.version = PNG_IMAGE_VERSION};
        CHECK(png_image_begin_read_from_memory(&image, bytes, size));
        image.format = PNG_FORMAT_RGB;
        CHECK(image.width == 37 && image.height == 23);
        CHECK(png_image_finish_read(&image, NULL, rgb, 0, NULL));
        int right = 1;
        for (int i = 0; i < 37 * 23; i++)
            right &= memcmp(rgb + 3 * i, palette[indices[i]], 3) == 0;
        CHECK(right);
        free(bytes);
    }
    CHECK(png_encode_palette(&bytes, &size, indices, 0, 1,
                             (const unsigned char(*)[3])palette, NULL, error,
                             sizeof error) == PNG_ERROR);
}

int main(void) {
    test_kinds();
    test_plain_rgba();
    test_encode();
    test_encode_limits();
    test_rgb();
    test_palette();
    return check_done("test_png");
}
