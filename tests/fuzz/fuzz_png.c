/* fuzz_png.c - PNG files, and what becomes of their pixels.
 *
 *     1 byte   0: the rest is a file
 *              1: … without its signature, all checksums to be put right
 *              2: … a picture to be written: colour type, depth, interlacing, width,
 *                 height, sizes of palette and transparency, how the stream ends, a byte
 *                 each; then palette, transparency, and rows as they are stored
 *              3: … grey and alpha: width, height, what image to make, and pixels */
#include <sqlite3.h>
#include <zlib.h>
#include "../../ext/image/image.h"
#include "../../loaders/digit.h"
#include "../../loaders/number.h"
#include "../../loaders/png.h"
#include "library.h"

#define MOST_PIXELS (96 * 96) /* of a picture that is made into a digit */
#define ROOM        (1 << 16)

static uint8_t made[ROOM];

static size_t put_chunk(uint8_t *at, const char *type, const uint8_t *content, size_t n) {
    fuzz_put_be(at, (uint32_t)n);
    memcpy(at + 4, type, 4);
    if (n) memcpy(at + 8, content, n);
    fuzz_put_be(at + 8 + n, (uint32_t)crc32(0, at + 4, (uInt)n + 4));
    return n + 12;
}

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

/* with_checksums - a copy with its signature, chunks' CRCs right as far as it has
 * chunks. */
static size_t with_checksums(fuzz_input *in) {
    const size_t n = in->left < ROOM - 8 ? in->left : ROOM - 8;
    memcpy(made, signature, 8);
    if (n) memcpy(made + 8, in->at, n);
    for (size_t at = 8; at + 12 <= n + 8;) {
        const uint8_t *p = made + at;
        const size_t length = (size_t)p[0] << 24 | (size_t)p[1] << 16 |
                              (size_t)p[2] << 8 | p[3];
        if (length > n + 8 - at - 12) break;
        fuzz_put_be(made + at + 8 + length, (uint32_t)crc32(0, p + 4, (uInt)length + 4));
        at += length + 12;
    }
    return n + 8;
}

/* put_stream - a zlib stream of stored blocks, n < 60000. */
static size_t put_stream(uint8_t *out, const uint8_t *bytes, size_t n) {
    out[0] = 0x78;
    out[1] = 0x01;
    out[2] = 1;
    out[3] = (uint8_t)n;
    out[4] = (uint8_t)(n >> 8);
    out[5] = (uint8_t)~n;
    out[6] = (uint8_t)(~n >> 8);
    if (n) memcpy(out + 7, bytes, n);
    fuzz_put_be(out + 7 + n, (uint32_t)adler32(1, bytes, (uInt)n));
    return n + 11;
}

/* stored_size - bytes of all rows; each pass on its own where it is interlaced. */
static size_t stored_size(int colour, int depth, int interlaced, size_t w, size_t h) {
    static const uint8_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
    static const uint8_t adam7[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8},
                                        {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2},
                                        {0, 1, 1, 2}};
    size_t size = 0;
    for (int i = 0; i < (interlaced ? 7 : 1); i++) {
        const uint8_t *a = adam7[i];
        const size_t columns = interlaced ? (w + a[2] - 1 - a[0]) / a[2] : w;
        const size_t rows = interlaced ? (h + a[3] - 1 - a[1]) / a[3] : h;
        if (columns)
            size += rows * (1 + (columns * samples[colour] * (size_t)depth + 7) / 8);
    }
    return size;
}

static size_t with_pixels(fuzz_input *in, int *right) {
    static const uint8_t colours[5] = {0, 2, 3, 4, 6};
    static uint8_t stream[ROOM];
    uint8_t head[13] = {0};
    const int colour = colours[fuzz_below(in, 5)], depth = 1 << fuzz_below(in, 5);
    const int interlaced = fuzz_below(in, 2);
    const size_t w = 1 + fuzz_byte(in) % 48, h = 1 + fuzz_byte(in) % 48;
    const size_t entries = fuzz_byte(in), clear = fuzz_byte(in);
    const unsigned ending = fuzz_byte(in);
    fuzz_put_be(head, (uint32_t)w);
    fuzz_put_be(head + 4, (uint32_t)h);
    head[8] = (uint8_t)depth;
    head[9] = (uint8_t)colour;
    head[12] = (uint8_t)interlaced;
    memcpy(made, signature, 8);
    size_t n = 8 + put_chunk(made + 8, "IHDR", head, 13);
    if (entries) {
        uint8_t *palette = fuzz_copy(in, 3 * entries);
        n += put_chunk(made + n, "PLTE", palette, 3 * entries);
        free(palette);
    }
    if (clear) {
        uint8_t *alpha = fuzz_copy(in, clear);
        n += put_chunk(made + n, "tRNS", alpha, clear);
        free(alpha);
    }
    const size_t size = stored_size(colour, depth, interlaced, w, h);
    uint8_t *rows = fuzz_copy(in, size + 1);
    size_t m = put_stream(stream, rows,
                          ending == 1   ? size + 1
                          : ending == 2 ? size - 1
                                        : size);
    free(rows);
    if (ending == 3) m--;
    if (ending == 4) m++;
    const size_t half = ending == 5 ? m / 2 : 0;
    if (half) n += put_chunk(made + n, "IDAT", stream, half);
    n += put_chunk(made + n, "IDAT", stream + half, m - half);
    *right = ending == 0 || ending > 4;
    return n + put_chunk(made + n, "IEND", NULL, 0);
}

/* read_picture - as png_decode alone does, and back: written and read again it is the
 * same. */
static int read_picture(const uint8_t *bytes, size_t size) {
    char error[256] = "";
    png_picture picture, again;
    unsigned char *out;
    size_t out_size;
    const int rc = png_decode(&picture, bytes, size, NULL, error, sizeof error);
    FUZZ_CHECK((rc == PNG_OK) == (picture.grey || picture.deep));
    if (rc == PNG_ERROR) FUZZ_CHECK(strncmp(error, "PNG: ", 5) == 0 && error[5]);
    if (rc != PNG_OK) return 0;
    const size_t n = (size_t)picture.width * (size_t)picture.height;
    const int small = n <= MOST_PIXELS;
    if (small && picture.grey) {
        FUZZ_CHECK(png_encode(&out, &out_size, picture.grey, picture.width,
                              picture.height, 1, NULL, error, sizeof error) == PNG_OK);
        FUZZ_CHECK(png_decode(&again, out, out_size, NULL, error, sizeof error) ==
                   PNG_OK);
        FUZZ_CHECK(again.width == picture.width && again.height == picture.height &&
                   !again.alpha && !again.coloured &&
                   memcmp(again.grey, picture.grey, n) == 0);
        png_picture_free(&again);
        free(out);
    }
    png_picture_free(&picture);
    return small;
}

static void read_file(const uint8_t *bytes, size_t size) {
    char error[EXT_ERROR_SIZE] = "";
    ext_room room = {0};
    dn_image image;
    dn_shape shape;
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    const int small = png_has_signature(copy, size) ? read_picture(copy, size) : 1;
    if (small) {
        int rc =
            ext_image_infer_from(&image, &shape, SQLITE_BLOB, copy, size, &room, error);
        FUZZ_CHECK(rc == SQLITE_OK || error[0]);
        rc = ext_image_from(&image, SQLITE_BLOB, copy, size, (dn_shape){5, 9, 1}, &room,
                            error);
        FUZZ_CHECK(rc == SQLITE_OK || error[0]);
    }
    ext_room_free(&room);
    free(copy);
}

/* The spans of a picture lie within it. */
static void read_digits(int h, int w, const digit_picture *picture) {
    number_lattice l;
    const int found = number_find(&l, h, w, picture, w % 2, NULL);
    FUZZ_CHECK(found == DIGIT_INK || found == DIGIT_BLANK || found == DIGIT_CROWDED);
    for (int i = 0; i < l.n_spans && found == DIGIT_INK; i++) {
        const number_span *s = &l.spans[i];
        FUZZ_CHECK(s->first >= 0 && s->first < s->last && s->last <= l.n_parts);
        FUZZ_CHECK(s->x >= 0 && s->width > 0 && s->x + s->width <= picture->width);
        FUZZ_CHECK(s->y >= 0 && s->height > 0 && s->y + s->height <= picture->height);
    }
    number_free(&l);
}

static void read_pixels(fuzz_input *in) {
    const int width = 1 + fuzz_below(in, 64), height = 1 + fuzz_below(in, 64);
    const int h = 1 + fuzz_below(in, 40), w = 1 + fuzz_below(in, 40);
    const int has_alpha = fuzz_below(in, 2);
    const size_t n = (size_t)width * (size_t)height;
    unsigned char *out = malloc((size_t)h * (size_t)w);
    uint8_t *grey = fuzz_copy(in, n), *alpha = has_alpha ? fuzz_copy(in, n) : NULL;
    if (!out) abort();
    memset(out, 1, (size_t)h * (size_t)w);
    const digit_picture picture = {
        .grey = grey, .alpha = alpha, .height = height, .width = width};
    FUZZ_CHECK(digit_normalise(out, h, w, &picture, NULL) >= 0);
    read_digits(h, w, &picture);
    free(alpha);
    free(grey);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fuzz_input in = {bytes, size};
    int right = 0;
    library_start();
    switch (fuzz_below(&in, 4)) {
    case 0: read_file(in.at, in.left); break;
    case 1: {
        const size_t n = with_checksums(&in);
        read_file(made, n);
        break;
    }
    case 2: {
        const size_t n = with_pixels(&in, &right);
        read_file(made, n);
        break;
    }
    case 3: read_pixels(&in); break;
    }
    return 0;
}

/* A one, in a picture of 20×20. */
static uint8_t drawn(int i) {
    return i % 20 / 2 == 5 && i / 20 > 3 && i / 20 < 16 ? 20 : 235;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    if (i < 8) { /* each colour type; some interlaced */
        static const uint8_t heads[8][8] = {
            {2, 0, 3, 0, 19, 19, 0, 0}, {2, 0, 3, 1, 19, 19, 0, 2},
            {2, 1, 3, 0, 9, 9, 0, 6},   {2, 2, 2, 0, 9, 9, 16, 4},
            {2, 3, 3, 1, 9, 9, 0, 0},   {2, 4, 4, 0, 9, 9, 0, 0},
            {2, 0, 0, 0, 19, 19, 0, 0}, {2, 0, 3, 0, 27, 27, 0, 0}};
        memcpy(out, heads[i], 8);
        out[8] = i == 3 ? 5 : 0;
        memset(out + 9, 0, 400);
        for (int k = 0; k < 400 && i != 7; k++) out[9 + k] = drawn(k);
        for (int k = 0; k < 20; k++) out[9 + 21 * k] = 0; /* filters */
        return 9 + 400;
    }
    if (i == 8) {
        memcpy(out, "\3\x13\x13\x1b\x1b\0", 6);
        for (int k = 0; k < 400; k++) out[6 + k] = drawn(k);
        return 406;
    }
    if (i == 9 || i == 10) { /* a whole file */
        fuzz_input in;
        uint8_t small[32] = {0, 3, 0, 3, 3, 0, 0, 0};
        int right;
        in = (fuzz_input){small, sizeof small};
        const size_t n = with_pixels(&in, &right), skip = i == 10 ? 8 : 0;
        out[0] = (uint8_t)(i - 9);
        memcpy(out + 1, made + skip, n - skip);
        return 1 + n - skip;
    }
    return 0;
}
