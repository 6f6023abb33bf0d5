/* input.c - see input.h. */
#include <string.h>
#include "bytes.h"
#include "input.h"

void dn_input_table(float *table, float mean, float inverse) {
    for (int k = 0; k < 256; k++) table[k] = ((float)k / 255.0f - mean) * inverse;
}

/* n values to every step-th float of to. */
static void convert(float *to, ptrdiff_t step, const uint8_t *from, dn_pixel_type type,
                    ptrdiff_t from_step, int n, const float *table, float mean,
                    float inverse) {
    if (type == DN_UINT8)
        for (int i = 0; i < n; i++) to[i * step] = table[from[i * from_step]];
    else
        for (int i = 0; i < n; i++)
            to[i * step] = (get_float(from + i * from_step * 4) - mean) * inverse;
}

static const uint8_t *value_at(const dn_image *image, ptrdiff_t i) {
    return (const uint8_t *)image->pixels + (image->type == DN_UINT8 ? i : 4 * i);
}

/* row_rest - dn_input_row, from column `first` on. */
static void row_rest(float *to, ptrdiff_t step, const dn_image *image, dn_shape shape,
                     int y, int c, int first, const float *table, float mean,
                     float inverse) {
    const ptrdiff_t pixel = (ptrdiff_t)y * shape.w + first;
    convert(to, step, value_at(image, pixel * shape.c + c), image->type, shape.c,
            shape.w - first, table, mean, inverse);
}

void dn_input_row(float *to, ptrdiff_t step, const dn_image *image, dn_shape shape, int y,
                  int c, const float *table, float mean, float inverse) {
    row_rest(to, step, image, shape, y, c, 0, table, mean, inverse);
}

/* BY_FOURS - floats of four images by four pixels are turned in registers, where vectors
 * are the processor's and round as its scalars do. */
#if defined(__has_builtin) && (defined(__SSE2__) || defined(__ARM_NEON)) &&              \
    (defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)) &&                \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#if __has_builtin(__builtin_shufflevector)
#define BY_FOURS
#endif
#endif

#ifdef BY_FOURS
typedef float four __attribute__((vector_size(16)));

static four four_of(const void *pixels, ptrdiff_t i, float mean, float inverse) {
    four v;
    memcpy(&v, (const uint8_t *)pixels + 4 * i, sizeof v);
    return (v - mean) * inverse;
}

/* line_fours - of n floats one after the other. Returns how many are done: all but up to
 * three. */
static int line_fours(float *to, const uint8_t *from, int n, float mean, float inverse) {
    const int done = n / 4 * 4;
    for (int i = 0; i < done; i += 4) {
        const four v = four_of(from, i, mean, inverse);
        memcpy(to + i, &v, sizeof v);
    }
    return done;
}

/* Pixels i … i + 3 of four images, into four lanes of four columns. */
static void turn_four(float *to, ptrdiff_t column, const dn_image *images, ptrdiff_t i,
                      float mean, float inverse) {
    const four a = four_of(images[0].pixels, i, mean, inverse);
    const four b = four_of(images[1].pixels, i, mean, inverse);
    const four c = four_of(images[2].pixels, i, mean, inverse);
    const four d = four_of(images[3].pixels, i, mean, inverse);
    const four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const four CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const four turned[4] = {__builtin_shufflevector(ab, cd, 0, 1, 4, 5),
                            __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
                            __builtin_shufflevector(AB, CD, 0, 1, 4, 5),
                            __builtin_shufflevector(AB, CD, 2, 3, 6, 7)};
    for (int k = 0; k < 4; k++) memcpy(to + k * column, &turned[k], sizeof turned[k]);
}

/* turn_row - row y of 16 images of one channel. Returns how many columns are done: all
 * but up to three, or none where a pixel is a byte. */
static int turn_row(float *to, const dn_view *x, const dn_image *images, int n, int y,
                    float mean, float inverse) {
    int columns = n == 16 && x->c == 1 ? x->w / 4 * 4 : 0;
    for (int k = 0; k < n; k++)
        if (images[k].type != DN_FLOAT32) columns = 0;
    for (int at = 0; at < columns; at += 4)
        for (int k = 0; k < 16; k += 4)
            turn_four(to + at * x->column + k, x->column, images + k,
                      (ptrdiff_t)y * x->w + at, mean, inverse);
    return columns;
}
#else
static int line_fours(float *to, const uint8_t *from, int n, float mean, float inverse) {
    (void)to, (void)from, (void)n, (void)mean, (void)inverse;
    return 0;
}

static int turn_row(float *to, const dn_view *x, const dn_image *images, int n, int y,
                    float mean, float inverse) {
    (void)to, (void)x, (void)images, (void)n, (void)y, (void)mean, (void)inverse;
    return 0;
}
#endif

void dn_input_group(const dn_view *x, const dn_image *images, int n, const float *table,
                    float mean, float inverse) {
    const dn_shape shape = {x->h, x->w, x->c};
    for (int c = 0; c < x->c; c++)
        for (int row = 0; row < x->h; row++) {
            float *to = x->p + c * x->channel + row * x->row;
            const int done = turn_row(to, x, images, n, row, mean, inverse);
            for (int k = 0; k < n; k++)
                row_rest(to + done * x->column + k, x->column, &images[k], shape, row, c,
                         done, table, mean, inverse);
            for (int column = 0; column < x->w; column++)
                for (int k = n; k < 16; k++) to[column * x->column + k] = 0.0f;
        }
}

void dn_input_single(float *p, ptrdiff_t row, dn_shape shape, const dn_image *image,
                     const float *table, float mean, float inverse) {
    const int values = shape.w * shape.c;
    for (int y = 0; y < shape.h; y++) {
        float *to = p + y * row;
        const ptrdiff_t at = (ptrdiff_t)y * values;
        int done = 0;
        if (image->type == DN_FLOAT32)
            done = line_fours(to, value_at(image, at), values, mean, inverse);
        convert(to + done, 1, value_at(image, at + done), image->type, 1, values - done,
                table, mean, inverse);
    }
}
