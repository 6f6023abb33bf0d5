/* png_chunks.c - a PNG's structure, checked before libpng sees a byte: see png_chunks.h.
 *
 *     89 50 4e 47 0d 0a 1a 0a     signature
 *     chunks                      IHDR [PLTE] [tRNS] IDAT … IDAT IEND, others in between
 *
 * A chunk, numbers big-endian:
 *
 *     nn nn nn nn     length of its content, below 2³¹
 *     tt tt tt tt     type, four letters; the first is a capital where it is critical
 *     …               content
 *     cc cc cc cc     CRC-32 of type and content
 *
 * IHDR's content:
 *
 *     ww ww ww ww     width
 *     hh hh hh hh     height
 *     dd              bits of a sample: 1, 2, 4, 8, 16; not all with every colour type
 *     tt              0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
 *     00 00           compression: deflate; filtering: by rows
 *     ii              0, or 1: interlaced (Adam7)
 *
 * The contents of all IDAT chunks are one zlib stream. It unpacks to the rows of each pass,
 * each row with one byte before it that names its filter, 0..4.
 *
 * The survey is in the order of its cost: header, lengths and order of the chunks, whether so
 * few compressed bytes can be so many pixels at all, checksums, unpacking. */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include "png.h"
#include "png_chunks.h"

#define MOST_PACKED 1032 /* bytes that one byte of deflate can stand for at most */
#define FRAME       12   /* bytes of a chunk beside its content */

static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

int png_failure(char *error, size_t error_size, const char *format, ...) {
    va_list args;
    int n = snprintf(error, error_size, "PNG: ");
    va_start(args, format);
    if (n > 0 && (size_t)n < error_size)
        vsnprintf(error + n, error_size - (size_t)n, format, args);
    va_end(args);
    return PNG_ERROR;
}

static uint32_t big_endian(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

int png_has_signature(const void *bytes, size_t size) {
    return size >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

/* --- the header ------------------------------------------------------------------------ */

int png_plan_passes(const png_plan *plan) { return plan->interlaced ? 7 : 1; }

png_pass png_plan_pass(const png_plan *plan, int i) {
    static const png_pass adam7[7] = {{0, 0, 8, 8, 0, 0, 0}, {4, 0, 8, 8, 0, 0, 0},
                                      {0, 4, 4, 8, 0, 0, 0}, {2, 0, 4, 4, 0, 0, 0},
                                      {0, 2, 2, 4, 0, 0, 0}, {1, 0, 2, 2, 0, 0, 0},
                                      {0, 1, 1, 2, 0, 0, 0}};
    static const size_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
    png_pass pass = {0, 0, 1, 1, 0, 0, 0};
    if (plan->interlaced) pass = adam7[i];
    pass.width = (plan->width + pass.dx - 1 - pass.x0) / pass.dx;
    pass.height = (plan->height + pass.dy - 1 - pass.y0) / pass.dy;
    if (!pass.width || !pass.height) pass.width = pass.height = 0;
    pass.row_bytes =
        ((size_t)pass.width * samples[plan->colour] * (size_t)plan->depth + 7) / 8;
    return pass;
}

/* Which depths go with a colour type: a bit for each, bit d standing for d bits. */
static uint32_t depths_of(int colour) {
    switch (colour) {
    case PNG_GREY: return 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16;
    case PNG_PALETTE: return 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8;
    case PNG_RGB:
    case PNG_GREY_ALPHA:
    case PNG_RGBA: return 1u << 8 | 1u << 16;
    }
    return 0;
}

/* head_check - the fields of a header that has been found to be whole. */
static int head_check(png_plan *plan, const unsigned char *content, char *error,
                      size_t error_size) {
    plan->width = big_endian(content);
    plan->height = big_endian(content + 4);
    plan->depth = content[8];
    plan->colour = content[9];
    plan->interlaced = content[12];
    if (plan->width < 1 || plan->width > PNG_MAX_SIDE || plan->height < 1 ||
        plan->height > PNG_MAX_SIDE)
        return png_failure(error, error_size,
                           "header claims %" PRIu32 "x%" PRIu32
                           " pixels; expected 1x1 to %dx%d",
                           plan->width, plan->height, PNG_MAX_SIDE, PNG_MAX_SIDE);
    if (!depths_of(plan->colour))
        return png_failure(error, error_size,
                           "header says colour type %d; expected 0, 2, 3, 4 or 6",
                           plan->colour);
    if (plan->depth > 16 || !(depths_of(plan->colour) >> plan->depth & 1))
        return png_failure(error, error_size,
                           "header says %d bits a sample, which colour type %d cannot "
                           "have",
                           plan->depth, plan->colour);
    if (content[10] || content[11] || plan->interlaced > 1)
        return png_failure(error, error_size,
                           "header says compression %d, filtering %d and interlacing %d; "
                           "expected 0, 0 and 0 or 1",
                           content[10], content[11], plan->interlaced);
    plan->raw = 0;
    for (int i = 0; i < png_plan_passes(plan); i++) {
        const png_pass pass = png_plan_pass(plan, i);
        plan->raw += pass.height * (pass.row_bytes + 1); /* in all 2²⁷ and a little */
    }
    if (plan->raw > PNG_MAX_RAW)
        return png_failure(error, error_size,
                           "%" PRIu32 "x%" PRIu32 " pixels of its kind take %zu bytes; "
                           "expected %zu at most",
                           plan->width, plan->height, plan->raw, PNG_MAX_RAW);
    return PNG_OK;
}

static int crc_check(const unsigned char *chunk, size_t size, char *error,
                     size_t error_size) {
    uLong crc = crc32(0, chunk + 4, (uInt)(size - 8)); /* below 2³¹ + 4 */
    if (crc == big_endian(chunk + size - 4)) return PNG_OK;
    return png_failure(error, error_size, "CRC of chunk %.4s is wrong", chunk + 4);
}

int png_survey_head(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
                    size_t error_size) {
    memset(plan, 0, sizeof *plan);
    if (!png_has_signature(bytes, size))
        return png_failure(error, error_size, "signature is missing");
    if (size < PNG_HEAD) return png_failure(error, error_size, "ends within its header");
    const unsigned char *chunk = bytes + sizeof signature;
    if (big_endian(chunk) != 13 || memcmp(chunk + 4, "IHDR", 4) != 0)
        return png_failure(error, error_size, "first chunk is not IHDR with 13 bytes");
    int rc = crc_check(chunk, 13 + FRAME, error, error_size);
    return rc == PNG_OK ? head_check(plan, chunk + 8, error, error_size) : rc;
}

int png_check_head(const void *bytes, size_t size, char *error, size_t error_size) {
    png_plan plan;
    return png_survey_head(&plan, bytes, size, error, error_size);
}

/* --- chunks --------------------------------------------------------------------------- */

static int is_letter(unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* span_at - the chunk that starts at a place, if it is one and all of it is there. */
static int span_at(png_span *out, const unsigned char *bytes, size_t start, size_t size,
                   char *error, size_t error_size) {
    const unsigned char *chunk = bytes + start;
    const size_t left = size - start;
    if (left == 0) return png_failure(error, error_size, "ends without a chunk IEND");
    if (left < FRAME)
        return png_failure(error, error_size, "ends within a chunk's frame");
    for (int i = 4; i < 8; i++)
        if (!is_letter(chunk[i]))
            return png_failure(error, error_size,
                               "%02x %02x %02x %02x at byte %zu is no chunk's type",
                               chunk[4], chunk[5], chunk[6], chunk[7], start + 4);
    const uint32_t length = big_endian(chunk);
    if (length > INT_MAX || length > left - FRAME)
        return png_failure(error, error_size,
                           "chunk %.4s claims %" PRIu32 " bytes, but %zu are left",
                           chunk + 4, length, left - FRAME);
    *out = (png_span){start, length + FRAME};
    return PNG_OK;
}

static int is_type(const unsigned char *chunk, const char *type) {
    return memcmp(chunk + 4, type, 4) == 0;
}

/* palette_take - the chunk PLTE: 1 to 256 colours of three bytes. */
static int palette_take(png_plan *plan, png_span span, char *error, size_t error_size) {
    const size_t length = span.size - FRAME;
    if (plan->plte.size || plan->trns.size || plan->data.size)
        return png_failure(error, error_size, "chunk PLTE is out of place");
    if (plan->colour == PNG_GREY || plan->colour == PNG_GREY_ALPHA)
        return png_failure(error, error_size, "a greyscale picture has a chunk PLTE");
    if (length == 0 || length % 3 || length > 3 * 256)
        return png_failure(error, error_size,
                           "chunk PLTE has %zu bytes; expected 3 for each of 1 to 256 "
                           "colours",
                           length);
    plan->entries = (int)(length / 3);
    /* What no pixel can mean is not counted; libpng does the same. */
    if (plan->entries > 1 << plan->depth) plan->entries = 1 << plan->depth;
    plan->plte = span;
    return PNG_OK;
}

/* transparency_take - the chunk tRNS: one colour that is clear, or alpha of the palette. */
static int transparency_take(png_plan *plan, png_span span, char *error,
                             size_t error_size) {
    const size_t length = span.size - FRAME;
    if (plan->trns.size || plan->data.size ||
        (plan->colour == PNG_PALETTE && !plan->plte.size))
        return png_failure(error, error_size, "chunk tRNS is out of place");
    const int right = plan->colour == PNG_GREY  ? length == 2
                      : plan->colour == PNG_RGB ? length == 6
                      : plan->colour == PNG_PALETTE
                          ? length >= 1 && length <= (size_t)plan->entries
                          : 0;
    if (!right)
        return png_failure(error, error_size,
                           "chunk tRNS has %zu bytes, which does not fit colour type %d",
                           length, plan->colour);
    plan->trns = span;
    return PNG_OK;
}

/* data_take - a chunk IDAT: next to the one before it, if there is one. */
static int data_take(png_plan *plan, png_span span, char *error, size_t error_size) {
    if (plan->colour == PNG_PALETTE && !plan->plte.size)
        return png_failure(error, error_size, "chunk PLTE is missing");
    if (!plan->data.size)
        plan->data = span;
    else if (plan->data.start + plan->data.size == span.start)
        plan->data.size += span.size;
    else
        return png_failure(error, error_size, "chunks IDAT do not follow each other");
    return PNG_OK;
}

static int chunk_take(png_plan *plan, const unsigned char *chunk, png_span span,
                      char *error, size_t error_size) {
    if (is_type(chunk, "PLTE")) return palette_take(plan, span, error, error_size);
    if (is_type(chunk, "tRNS")) return transparency_take(plan, span, error, error_size);
    if (is_type(chunk, "IDAT")) return data_take(plan, span, error, error_size);
    if (is_type(chunk, "IEND")) {
        if (!plan->data.size)
            return png_failure(error, error_size, "chunk IDAT is missing");
        if (span.size != FRAME)
            return png_failure(error, error_size, "chunk IEND is not empty");
        plan->end = span;
        return PNG_OK;
    }
    if (is_type(chunk, "IHDR"))
        return png_failure(error, error_size, "has two chunks IHDR");
    if (chunk[4] < 'a')
        return png_failure(error, error_size, "critical chunk %.4s is unknown",
                           chunk + 4);
    return PNG_OK;
}

/* chunks_walk - finds what chunks there are, by their lengths. */
static int chunks_walk(png_plan *plan, const unsigned char *bytes, size_t size,
                       char *error, size_t error_size) {
    png_span span = {0, 0};
    for (size_t at = PNG_HEAD; !plan->end.size; at += span.size) {
        int rc = span_at(&span, bytes, at, size, error, error_size);
        if (rc == PNG_OK) rc = chunk_take(plan, bytes + at, span, error, error_size);
        if (rc != PNG_OK) return rc;
    }
    return PNG_OK;
}

/* crcs_check - the checksums of all chunks behind the header. */
static int crcs_check(const png_plan *plan, const unsigned char *bytes, char *error,
                      size_t error_size) {
    const size_t end = plan->end.start + plan->end.size;
    for (size_t at = PNG_HEAD; at < end;) {
        const size_t size = (size_t)big_endian(bytes + at) + FRAME;
        int rc = crc_check(bytes + at, size, error, error_size);
        if (rc != PNG_OK) return rc;
        at += size;
    }
    return PNG_OK;
}

/* --- compressed data ------------------------------------------------------------------- */

/* How far through the rows the unpacked data have come. */
typedef struct row_counter {
    const png_plan *plan;
    int pass;            /* the next one to begin */
    uint32_t rows;       /* to begin in the current pass */
    size_t row_bytes;    /* of a row of it */
    size_t left;         /* in the current row */
    size_t bytes;        /* seen so far */
    int more, no_filter; /* what was wrong: bytes after the last row; a filter above 4 */
} row_counter;

static void rows_count(row_counter *c, const unsigned char *bytes, size_t n) {
    c->bytes += n;
    while (n > 0) {
        if (c->left > 0) {
            const size_t part = n < c->left ? n : c->left;
            c->left -= part;
            bytes += part;
            n -= part;
            continue;
        }
        while (c->rows == 0) {
            if (c->pass == png_plan_passes(c->plan)) {
                c->more = 1;
                return;
            }
            const png_pass pass = png_plan_pass(c->plan, c->pass++);
            c->rows = pass.height;
            c->row_bytes = pass.row_bytes;
        }
        c->no_filter |= *bytes > 4;
        c->rows--;
        c->left = c->row_bytes;
        bytes++;
        n--;
    }
}

/* unpack_all - runs the stream through the counter until it ends or goes wrong; returns
 * zlib's code. unused: bytes of IDAT behind the stream's end. */
static int unpack_all(z_stream *z, row_counter *counter, const unsigned char *bytes,
                      size_t *unused) {
    unsigned char scratch[16384];
    const png_span data = counter->plan->data;
    int code = Z_OK;
    *unused = 0;
    for (size_t at = data.start, size; at < data.start + data.size; at += size + FRAME) {
        size = big_endian(bytes + at);
        if (code == Z_STREAM_END) {
            *unused += size;
            continue;
        }
        z->next_in = (z_const Bytef *)(bytes + at + 8);
        z->avail_in = (uInt)size;
        do {
            z->next_out = scratch;
            z->avail_out = sizeof scratch;
            code = inflate(z, Z_NO_FLUSH);
            rows_count(counter, scratch, sizeof scratch - z->avail_out);
        } while (code == Z_OK && z->avail_out == 0 && !counter->more);
        if (code == Z_BUF_ERROR) code = Z_OK; /* only: no input is left for it */
        if ((code != Z_OK && code != Z_STREAM_END) || counter->more) break;
        *unused += z->avail_in;
    }
    return code;
}

static int data_check(const png_plan *plan, const unsigned char *bytes, char *error,
                      size_t error_size) {
    z_stream z = {0};
    row_counter counter = {.plan = plan};
    size_t unused;
    int rc = PNG_OK;
    if (inflateInit(&z) != Z_OK) {
        png_failure(error, error_size, "out of memory");
        return PNG_NOMEM;
    }
    const int code = unpack_all(&z, &counter, bytes, &unused);
    if (code == Z_MEM_ERROR) {
        png_failure(error, error_size, "out of memory");
        rc = PNG_NOMEM;
    } else if (counter.more)
        rc = png_failure(error, error_size,
                         "compressed data unpack to more than the %zu bytes that "
                         "%" PRIu32 "x%" PRIu32 " pixels need",
                         plan->raw, plan->width, plan->height);
    else if (code != Z_OK && code != Z_STREAM_END)
        rc = png_failure(error, error_size, "compressed data are damaged: %s",
                         z.msg ? z.msg : "a dictionary is asked for");
    else if (counter.bytes < plan->raw)
        rc = png_failure(error, error_size,
                         "compressed data end after %zu of the %zu bytes that %" PRIu32
                         "x%" PRIu32 " pixels need",
                         counter.bytes, plan->raw, plan->width, plan->height);
    else if (code != Z_STREAM_END)
        rc = png_failure(error, error_size, "compressed data are cut off");
    else if (unused > 0)
        rc = png_failure(error, error_size, "%zu bytes follow the compressed data",
                         unused);
    else if (counter.no_filter)
        rc = png_failure(error, error_size, "a row has an unknown filter");
    inflateEnd(&z);
    return rc;
}

int png_survey(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
               size_t error_size) {
    int rc = png_survey_head(plan, bytes, size, error, error_size);
    if (rc == PNG_OK) rc = chunks_walk(plan, bytes, size, error, error_size);
    if (rc != PNG_OK) return rc;
    if (plan->raw / MOST_PACKED > plan->data.size)
        return png_failure(error, error_size,
                           "header claims %" PRIu32 "x%" PRIu32
                           " pixels, but %zu bytes of data cannot hold so many",
                           plan->width, plan->height, plan->data.size);
    rc = crcs_check(plan, bytes, error, error_size);
    return rc == PNG_OK ? data_check(plan, bytes, error, error_size) : rc;
}
