/* stages.c - draws what becomes of pictures on their way to 28×28: see stages.sh.
 *
 *     stages out.png picture.png …
 *
 * A column for each picture, from above: its grey; its ink; what of that is the digit's,
 * dark, and what is not, pale; the image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../loaders/digit_parts.h"
#include "../../loaders/png.h"

#define CELL   84
#define SPACE  8
#define STAGES 4

typedef struct sheet {
    unsigned char *grey;
    int w, h;
} sheet;

/* put - a plane into a cell, as large as fits; value v becomes black + v · (white -
 * black). */
static void put(const sheet *s, int column, int stage, const float *plane, int w, int h,
                float black, float white) {
    const double scale = (double)CELL / at_least(w, h);
    const int cw = (int)(w * scale), ch = (int)(h * scale);
    const int x0 = column * (CELL + SPACE) + SPACE + (CELL - cw) / 2;
    const int y0 = stage * (CELL + SPACE) + SPACE + (CELL - ch) / 2;
    for (int y = 0; y < ch; y++)
        for (int x = 0; x < cw; x++) {
            const int u = least((int)(x / scale), w - 1),
                      v = least((int)(y / scale), h - 1);
            const float value = plane[area_of(v, w) + (size_t)u];
            s->grey[area_of(y0 + y, s->w) + (size_t)(x0 + x)] =
                (unsigned char)(black + value * (white - black) + 0.5f);
        }
}

/* put_stages - the column of one picture. */
static int put_stages(const sheet *s, int column, const digit_picture *picture) {
    const digit_view view = digit_view_of(picture, NULL);
    const digit_box all = {0, 0, view.w, view.h};
    const int k = (at_least(view.w, view.h) + 199) / 200;
    const int w = digit_reduced(view.w, k), h = digit_reduced(view.h, k);
    float *plane = malloc(area_of(w, h) * sizeof *plane), image[28 * 28];
    unsigned char *mask = malloc(area_of(w, h)), out[28 * 28];
    digit_box paper, box;
    if (!plane || !mask || digit_reduce(plane, &view, &all, k)) return 1;
    put(s, column, 0, plane, w, h, 0.0f, 1.0f);
    if (digit_frame(&paper, plane, w, h)) return 1;
    int wide = w, high = h;
    digit_crop(plane, &wide, &high, &paper);
    if (digit_sheet(&paper, plane, wide, high)) return 1;
    digit_crop(plane, &wide, &high, &paper);
    if (digit_contrast(plane, wide, high, NULL) != DIGIT_INK) return 1;
    put(s, column, 1, plane, wide, high, 255.0f, 0.0f);
    float *chosen = malloc(area_of(wide, high) * sizeof *chosen);
    if (!chosen) return 1;
    memcpy(chosen, plane, area_of(wide, high) * sizeof *chosen);
    if (digit_choose(mask, plane, wide, high, &box) < DIGIT_INK) return 1;
    for (size_t i = 0; i < area_of(wide, high); i++)
        chosen[i] = mask[i] ? plane[i] : 0.25f * chosen[i];
    put(s, column, 2, chosen, wide, high, 255.0f, 0.0f);
    if (digit_normalise(out, 28, 28, picture, NULL) < DIGIT_INK) return 1;
    for (int i = 0; i < 28 * 28; i++) image[i] = out[i] / 255.0f;
    put(s, column, 3, image, 28, 28, 0.0f, 255.0f);
    free(chosen);
    free(mask);
    free(plane);
    return 0;
}

int main(int argc, char **argv) {
    const int n = argc - 2;
    sheet s = {NULL, n * (CELL + SPACE) + SPACE, STAGES * (CELL + SPACE) + SPACE};
    unsigned char *bytes;
    size_t size;
    char error[300] = "stages out.png picture.png …";
    if (n < 1 || !(s.grey = malloc(area_of(s.w, s.h))))
        return fprintf(stderr, "%s\n", error), 1;
    memset(s.grey, 190, area_of(s.w, s.h));
    for (int i = 0; i < n; i++) {
        png_picture p;
        if (png_load(&bytes, &size, argv[i + 2], NULL, error, sizeof error) ||
            png_decode_all(&p, bytes, size, NULL, error, sizeof error))
            return fprintf(stderr, "%s\n", error), 1;
        const digit_picture picture = {p.grey, p.deep, p.alpha, p.height, p.width, p.rgb};
        if (put_stages(&s, i, &picture))
            return fprintf(stderr, "%s: no ink\n", argv[i + 2]), 1;
        png_picture_free(&p);
        free(bytes);
    }
    if (png_encode(&bytes, &size, s.grey, s.w, s.h, 1, NULL, error, sizeof error))
        return fprintf(stderr, "%s\n", error), 1;
    FILE *file = fopen(argv[1], "wb");
    const int ok = file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0;
    free(bytes);
    free(s.grey);
    return !ok;
}
