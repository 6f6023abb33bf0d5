/* png_chunks.h - a PNG's structure, checked before libpng sees a byte. For png.c. */
#ifndef LOADERS_PNG_CHUNKS_H
#define LOADERS_PNG_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGBA = 6 };

/* Where a chunk, or a run of them, lies in the file; size is 0 if there is none. */
typedef struct png_span {
    size_t start, size; /* from the length to behind the checksum */
} png_span;

/* What a file turned out to be. */
typedef struct png_plan {
    uint32_t width, height;
    int depth;  /* bits of a sample */
    int colour; /* PNG_GREY … */
    int interlaced;
    int entries; /* of the palette that depth bits can name, 0 for none */
    size_t raw;  /* bytes the data unpack to: each row and its filter byte */
    png_span plte, trns, data, end; /* data: all IDAT chunks, which are together */
} png_plan;

/* One of the reduced pictures that follow each other in the data: Adam7's seven, or the
 * whole one if it is not interlaced. Its pixel (x, y) is the picture's
 * (x0 + x·dx, y0 + y·dy). */
typedef struct png_pass {
    uint32_t x0, y0, dx, dy;
    uint32_t width, height; /* of the reduced one; either may be 0, then it has no rows */
    size_t row_bytes;       /* without the filter byte */
} png_pass;

/* png_plan_passes - how many there are: 1 or 7. png_plan_pass - pass i of them. */
int png_plan_passes(const png_plan *plan);
png_pass png_plan_pass(const png_plan *plan, int i);

/* png_survey - checks a whole file: PNG_OK, PNG_ERROR or PNG_NOMEM (png.h).
 *
 * After PNG_OK: every chunk lies within the file and has the right checksum, the critical
 * ones are in order and of a length that fits, the data unpack to exactly raw bytes and
 * each row has a filter there is. Needs under 100 KB whatever the file. */
int png_survey(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
               size_t error_size);

/* png_survey_head - the same for the first PNG_HEAD bytes: fills width … interlaced, raw. */
int png_survey_head(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
                    size_t error_size);

/* png_failure - writes "PNG: " and an error text (printf format); returns PNG_ERROR. */
int png_failure(char *error, size_t error_size, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#endif
