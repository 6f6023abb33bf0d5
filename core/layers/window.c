/* window.c - see window.h. */
#include <stdio.h>
#include "window.h"

/* Rows and columns from a window's first place to its last. */
static int reach_y(const dn_layer *l) { return (l->kh - 1) * (l->gap_y + 1) + 1; }
static int reach_x(const dn_layer *l) { return (l->kw - 1) * (l->gap_x + 1) + 1; }

int dn_is_uneven(const dn_layer *l) {
    return l->kh != l->kw || l->stride_x || l->gap_y || l->gap_x;
}

int dn_parse_padding(dn_parser *p, dn_layer *l) {
    int n = 0, *const sides[] = {&l->pad_y, &l->pad_x, &l->end_y, &l->end_x};
    p->newer = 1;
    l->valid = 0;
    l->padded = 1;
    do {
        if (n > 0) p->at++;
        *sides[n] = dn_parse_number(p);
        if (*sides[n] < 0 || *sides[n] >= (n % 2 ? reach_x(l) : reach_y(l)))
            return dn_parse_fail(p, "padding is not below the window's size");
    } while (++n < 4 && *p->at == '.');
    if (n == 1) l->pad_x = l->end_y = l->end_x = l->pad_y;
    if (l->pad_x >= reach_x(l))
        return dn_parse_fail(p, "padding is not below the window's size");
    return n == 1 || n == 4 ? DN_OK
                            : dn_parse_fail(p, "padding is not one number or four");
}

void dn_print_padding(char text[DN_PADDING_TEXT], const dn_layer *l, char sign) {
    const int even = l->pad_y == l->pad_x && l->pad_y == l->end_y && l->pad_y == l->end_x;
    text[0] = '\0';
    if (l->valid) snprintf(text, DN_PADDING_TEXT, "v");
    if (!l->padded) return;
    if (even)
        snprintf(text, DN_PADDING_TEXT, "%c%d", sign, l->pad_y);
    else
        snprintf(text, DN_PADDING_TEXT, "%c%d.%d.%d.%d", sign, l->pad_y, l->pad_x,
                 l->end_y, l->end_x);
}

int dn_same_padding(int in, int k, int stride, int *out) {
    *out = (in + stride - 1) / stride;
    int zeros = (*out - 1) * stride + k - in;
    return zeros > 0 ? zeros / 2 : 0;
}

/* Places of a window in so many rows or columns. */
static int places(int in, int k, int stride) {
    return in < k ? 0 : (in - k) / stride + 1;
}

void dn_shape_window(dn_layer *l) {
    if (l->valid || l->padded) {
        l->out.h = places(l->in.h + l->pad_y + l->end_y, reach_y(l), l->stride);
        l->out.w = places(l->in.w + l->pad_x + l->end_x, reach_x(l), dn_stride_x(l));
    } else {
        l->pad_y = dn_same_padding(l->in.h, l->kh, l->stride, &l->out.h);
        l->pad_x = dn_same_padding(l->in.w, l->kw, l->stride, &l->out.w);
    }
}

dn_maps dn_spread(const dn_layer *l) {
    const int64_t h = l->in.h + l->kh - 1, w = l->in.w + l->kw - 1;
    dn_maps maps = {.view = {.c = l->out.c, .h = l->out.h, .w = l->out.w}};
    const int64_t row = w * DN_LANES;
    maps.view.column = (ptrdiff_t)l->stride * DN_LANES;
    maps.view.row = (ptrdiff_t)(l->stride * row);
    maps.view.channel = (ptrdiff_t)(h * row);
    maps.origin =
        (uint64_t)((l->kh - 1 - l->pad_y) * row + (l->kw - 1 - l->pad_x) * DN_LANES);
    maps.size = (uint64_t)(l->out.c * h * row);
    return maps;
}
