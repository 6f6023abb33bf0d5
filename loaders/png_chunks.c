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
 * The contents of all IDAT chunks are one zlib stream. It unpacks to the rows of each
 * pass, each row with one byte before it that names its filter, 0..4.
 *
 * The survey bounds what a file can cost. It refuses nothing else that libpng would read:
 * a wrong checksum of a text, say, or a palette in a greyscale picture. */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include "format.h"
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

/* --- the header --------------------------------------------------------------------- */

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

static int crc_is_right(const unsigned char *chunk, size_t size) {
    uLong crc = crc32(0, chunk + 4, (uInt)(size - 8)); /* below 2³¹ + 4 */
    return crc == big_endian(chunk + size - 4);
}

/* signature_failure - says what it is instead. */
static int signature_failure(const void *bytes, size_t size, char *error,
                             size_t error_size) {
    const file_format *f = file_format_of(bytes, size);
    if (!f) return png_failure(error, error_size, "signature is missing");
    return png_failure(error, error_size, "signature is missing, this is %s: %s", f->name,
                       f->advice);
}

int png_survey_head(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
                    size_t error_size) {
    memset(plan, 0, sizeof *plan);
    if (!png_has_signature(bytes, size))
        return signature_failure(bytes, size, error, error_size);
    if (size < PNG_HEAD) return png_failure(error, error_size, "ends within its header");
    const unsigned char *chunk = bytes + sizeof signature;
    if (big_endian(chunk) != 13 || memcmp(chunk + 4, "IHDR", 4) != 0)
        return png_failure(error, error_size, "first chunk is not IHDR with 13 bytes");
    if (!crc_is_right(chunk, 13 + FRAME))
        return png_failure(error, error_size, "CRC of chunk IHDR is wrong");
    return head_check(plan, chunk + 8, error, error_size);
}

int png_check_head(const void *bytes, size_t size, char *error, size_t error_size) {
    png_plan plan;
    return png_survey_head(&plan, bytes, size, error, error_size);
}

/* --- chunks ------------------------------------------------------------------------- */

static int is_letter(unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

size_t png_chunk_size(const unsigned char *chunk) {
    const uint32_t length = big_endian(chunk);
    return (length > INT_MAX ? (size_t)INT_MAX : length) + FRAME; /* fits 32 bits too */
}

/* chunk_check - whether a chunk starts at a place, and all of it is there. */
static int chunk_check(const unsigned char *bytes, size_t start, size_t size, char *error,
                       size_t error_size) {
    const unsigned char *chunk = bytes + start;
    const size_t left = size - start;
    if (left == 0) return png_failure(error, error_size, "ends without a chunk IDAT");
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
    return PNG_OK;
}

static int is_type(const unsigned char *chunk, const char *type) {
    return memcmp(chunk + 4, type, 4) == 0;
}

int png_chunk_matters(const unsigned char *chunk) {
    return is_type(chunk, "PLTE") || is_type(chunk, "tRNS") || is_type(chunk, "IDAT");
}

/* chunk_take - one before the data. */
static int chunk_take(const unsigned char *chunk, char *error, size_t error_size) {
    if (is_type(chunk, "IEND"))
        return png_failure(error, error_size, "chunk IDAT is missing");
    if (is_type(chunk, "IHDR"))
        return png_failure(error, error_size, "has two chunks IHDR");
    if (is_type(chunk, "CgBI"))
        return png_failure(
            error, error_size,
            "is Apple's form for iPhones (CgBI), which is not PNG; convert "
            "it with pngcrush -revert-iphone-optimizations");
    if (chunk[4] < 'a' && !png_chunk_matters(chunk))
        return png_failure(error, error_size, "critical chunk %.4s is unknown",
                           chunk + 4);
    return PNG_OK;
}

/* --- which way up ------------------------------------------------------------------- */

/* The content of eXIf is a TIFF file. Of its first directory, the entry 0112 counts:
 *
 *     49 49 2a 00   oo oo oo oo     little-endian (4d 4d 00 2a: big-endian); its place
 *     nn nn                         entries
 *     12 01 03 00   01 00 00 00   vv vv 00 00     orientation, one 16-bit value: 1..8
 *     … */
typedef struct tiff {
    const unsigned char *bytes;
    size_t size;
    int little;
} tiff;

/* tiff_number - n bytes at a place; 0 where there are none. */
static uint32_t tiff_number(const tiff *t, size_t at, int n) {
    uint32_t number = 0;
    if (at > t->size || t->size - at < (size_t)n) return 0;
    for (int i = 0; i < n; i++)
        number = number << 8 | t->bytes[at + (size_t)(t->little ? n - 1 - i : i)];
    return number;
}

/* orientation_of - what a chunk eXIf says; 0 if that is nothing, or nonsense. */
static int orientation_of(const unsigned char *content, size_t size) {
    const tiff t = {content, size, size > 0 && *content == 'I'};
    if (size < 8 || content[0] != content[1] || (!t.little && content[0] != 'M') ||
        tiff_number(&t, 2, 2) != 42)
        return 0;
    const size_t directory = tiff_number(&t, 4, 4);
    const size_t entries = tiff_number(&t, directory, 2);
    for (size_t i = 0; i < entries; i++) {
        const size_t at = directory + 2 + 12 * i;
        if (at >= size) break;
        if (tiff_number(&t, at, 2) != 0x112) continue;
        const uint32_t value = tiff_number(&t, at + 8, 2);
        const int is_short = tiff_number(&t, at + 2, 2) == 3;
        return is_short && tiff_number(&t, at + 4, 4) == 1 && value <= 8 ? (int)value : 0;
    }
    return 0;
}

/* orientation_take - of a chunk, if it is eXIf, undamaged and the first that says
 * something. */
static void orientation_take(png_plan *plan, const unsigned char *chunk) {
    const size_t size = png_chunk_size(chunk);
    if (plan->orientation || !is_type(chunk, "eXIf") || !crc_is_right(chunk, size))
        return;
    plan->orientation = orientation_of(chunk + 8, size - FRAME);
}

/* colours_take - of a chunk, if it is the palette: whether a colour is in it. */
static void colours_take(png_plan *plan, const unsigned char *chunk) {
    if (plan->colour != PNG_PALETTE || !is_type(chunk, "PLTE")) return;
    const unsigned char *entry = chunk + 8;
    const size_t n = (png_chunk_size(chunk) - FRAME) / 3;
    for (size_t i = 0; i < n && i < 256; i++, entry += 3)
        plan->coloured |= entry[0] != entry[1] || entry[1] != entry[2];
}

/* --- the whole file ----------------------------------------------------------------- */

/* data_size - bytes of the chunks IDAT, which start at plan->data; as many as there are,
 * for the last may be cut off. */
static size_t data_size(const png_plan *plan, const unsigned char *bytes, size_t size) {
    size_t at = plan->data;
    while (size - at >= FRAME && is_type(bytes + at, "IDAT")) {
        const size_t chunk = png_chunk_size(bytes + at);
        at += chunk < size - at ? chunk : size - at;
    }
    return at - plan->data;
}

/* chunks_walk - goes through those before the data. */
static int chunks_walk(png_plan *plan, const unsigned char *bytes, size_t size,
                       char *error, size_t error_size) {
    for (size_t at = PNG_HEAD; !plan->data; at += png_chunk_size(bytes + at)) {
        if (size - at >= FRAME && is_type(bytes + at, "IDAT")) {
            plan->data = at; /* a last one that is cut off may still hold all pixels */
            break;
        }
        int rc = chunk_check(bytes, at, size, error, error_size);
        if (rc == PNG_OK) rc = chunk_take(bytes + at, error, error_size);
        if (rc != PNG_OK) return rc;
        orientation_take(plan, bytes + at);
        colours_take(plan, bytes + at);
    }
    return PNG_OK;
}

/* chunks_behind - goes through those behind the data, for eXIf, as far as they make
 * sense. */
static void chunks_behind(png_plan *plan, const unsigned char *bytes, size_t at,
                          size_t size) {
    char unheard[8];
    while (!plan->orientation &&
           chunk_check(bytes, at, size, unheard, sizeof unheard) == PNG_OK &&
           !is_type(bytes + at, "IEND")) {
        orientation_take(plan, bytes + at);
        at += png_chunk_size(bytes + at);
    }
}

int png_survey(png_plan *plan, const unsigned char *bytes, size_t size, char *error,
               size_t error_size) {
    int rc = png_survey_head(plan, bytes, size, error, error_size);
    if (rc == PNG_OK) rc = chunks_walk(plan, bytes, size, error, error_size);
    if (rc != PNG_OK) return rc;
    const size_t data = data_size(plan, bytes, size);
    if (plan->raw / MOST_PACKED > data)
        return png_failure(error, error_size,
                           "header claims %" PRIu32 "x%" PRIu32
                           " pixels, but %zu bytes of data cannot hold so many",
                           plan->width, plan->height, data);
    chunks_behind(plan, bytes, plan->data + data, size);
    if (!plan->orientation) plan->orientation = 1;
    plan->coloured |= plan->colour == PNG_RGB || plan->colour == PNG_RGBA;
    return PNG_OK;
}

int png_size(int *height, int *width, int *channels, const void *bytes, size_t size,
             char *error, size_t error_size) {
    png_plan plan;
    const int rc = png_survey(&plan, bytes, size, error, error_size);
    if (rc != PNG_OK) return rc;
    const int turned = plan.orientation > 4;
    *height = (int)(turned ? plan.width : plan.height);
    *width = (int)(turned ? plan.height : plan.width);
    *channels = plan.coloured ? 3 : 1;
    return PNG_OK;
}
