/* png_chunks.h - a PNG's structure, checked before libpng sees a byte. For png.c. */
#ifndef LOADERS_PNG_CHUNKS_H
#define LOADERS_PNG_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGBA = 6 };

/* What a file turned out to be. */
typedef struct png_plan {
    uint32_t width, height; /* as stored */
    int depth;              /* bits of a sample */
    int colour;             /* PNG_GREY … */
    int coloured; /* whether it may have colours: not where its palette is grey */
    int interlaced;
    int orientation; /* by eXIf, 1..8; 1 where it says nothing that makes sense */
    size_t raw;      /* bytes the data unpack to: each row and its filter byte */
    size_t data;     /* where the first chunk IDAT starts in the file */
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

/* png_survey - looks through a whole file: PNG_OK or PNG_ERROR (png.h).
 *
 * After PNG_OK: the header is sound and within the limits, all chunks before the data lie
 * within the file, no critical one is unknown, and there are enough bytes of data that
 * they could be so many pixels. Whether they are, and whatever else can be wrong, libpng
 * says.
 * Takes time in proportion to the number of chunks, and no memory. */
int png_survey(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
               size_t error_size);

/* png_chunk_size - of the chunk, from its length to behind its checksum.
 * png_chunk_matters - whether it says what the pixels are: libpng gets no other. */
size_t png_chunk_size(const unsigned char *chunk);
int png_chunk_matters(const unsigned char *chunk);

/* png_survey_head - the same for the first PNG_HEAD bytes: fills width … interlaced,
 * raw. */
int png_survey_head(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
                    size_t error_size);

/* png_failure - writes "PNG: " and an error text (printf format); returns PNG_ERROR. */
int png_failure(char *error, size_t error_size, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#endif
