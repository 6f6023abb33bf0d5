/* input.c - see input.h. */
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

void dn_input_row(float *to, ptrdiff_t step, const dn_image *image, dn_shape shape, int y,
                  int c, const float *table, float mean, float inverse) {
    convert(to, step, value_at(image, (ptrdiff_t)y * shape.w * shape.c + c), image->type,
            shape.c, shape.w, table, mean, inverse);
}

void dn_input_group(const dn_view *x, const dn_image *images, int n, const float *table,
                    float mean, float inverse) {
    const dn_shape shape = {x->h, x->w, x->c};
    for (int c = 0; c < x->c; c++)
        for (int row = 0; row < x->h; row++) {
            float *to = x->p + c * x->channel + row * x->row;
            for (int k = 0; k < n; k++)
                dn_input_row(to + k, x->column, &images[k], shape, row, c, table, mean,
                             inverse);
            for (int column = 0; column < x->w; column++)
                for (int k = n; k < 16; k++) to[column * x->column + k] = 0.0f;
        }
}

void dn_input_single(float *p, ptrdiff_t row, dn_shape shape, const dn_image *image,
                     const float *table, float mean, float inverse) {
    const int values = shape.w * shape.c;
    for (int y = 0; y < shape.h; y++)
        convert(p + y * row, 1, value_at(image, (ptrdiff_t)y * values), image->type, 1,
                values, table, mean, inverse);
}
