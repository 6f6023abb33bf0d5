/* idx.c - the IDX format: see idx.h.
 *
 *     00 00           magic
 *     tt              element type: 08 ubyte   09 sbyte   0b short (2 bytes)
 *                                   0c int (4)   0d float (4)   0e double (8)
 *     dd              number of dimensions d, 1..255
 *     n0 n0 n0 n0     size of dimension 0: the number of items
 *     n1 n1 n1 n1     size of dimension 1
 *     …
 *     e e e …         n0 · n1 · … elements, the last dimension running fastest
 *
 * All numbers are big-endian, integers in two's complement. The file ends with the last
 * element: its length is 4 + 4·d + n0·n1·…·size(t), not a byte more or less. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "file.h"
#include "format.h"
#include "gz.h"
#include "idx.h"
#include "pixels.h"

enum {
    UBYTE = 0x08,
    SBYTE = 0x09,
    SHORT = 0x0b,
    INT = 0x0c,
    FLOAT = 0x0d,
    DOUBLE = 0x0e
};
enum { IMAGES, LABELS };

#define MAX_HEADER (4 + 4 * 255)

#define PIXELS_A_TIME ((size_t)1 << 16) /* converted before stop is asked */

struct idx_file {
    gz_file *bytes;
    int holds; /* IMAGES or LABELS */
    int type;
    int dimensions;
    uint64_t count;     /* items */
    uint64_t next;      /* the item that idx_next will read */
    size_t item;        /* elements of one item */
    size_t sides[2];    /* the first two dimensions of an item, 1 where it has fewer */
    size_t item_bytes;  /* the same in bytes */
    size_t header_size; /* bytes */
    const load_stop *stop;
    unsigned char *raw; /* [item_bytes] the current item, as in the file */
    char claim[100];    /* "60000 images of 28x28": for messages */
};

/* --- elements ------------------------------------------------------------------- */

static size_t element_size(int type) {
    switch (type) {
    case UBYTE:
    case SBYTE: return 1;
    case SHORT: return 2;
    case INT:
    case FLOAT: return 4;
    case DOUBLE: return 8;
    }
    return 0;
}

static uint32_t big_endian(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* n bits of two's complement, without relying on how a cast wraps. */
static int64_t as_signed(uint32_t bits, int n) {
    int64_t limit = (int64_t)1 << (n - 1);
    return (int64_t)bits < limit ? (int64_t)bits : (int64_t)bits - 2 * limit;
}

static int64_t integer_element(const unsigned char *b, int type) {
    if (type == UBYTE) return b[0];
    if (type == SBYTE) return as_signed(b[0], 8);
    if (type == SHORT) return as_signed((uint32_t)b[0] << 8 | b[1], 16);
    return as_signed(big_endian(b), 32);
}

static double float_element(const unsigned char *b, int type) {
    if (type == FLOAT) {
        uint32_t bits = big_endian(b);
        float f;
        memcpy(&f, &bits, sizeof f);
        return f;
    }
    uint64_t bits = (uint64_t)big_endian(b) << 32 | big_endian(b + 4);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static int is_float(int type) { return type == FLOAT || type == DOUBLE; }

/* --- opening -------------------------------------------------------------------- */

/* Reads n bytes that must be there; what names them in the message. */
static int read_all(idx_file *file, void *bytes, size_t n, const char *what, char *error,
                    size_t error_size) {
    size_t got;
    int rc = gz_read(file->bytes, bytes, n, &got, error, error_size);
    if (rc != GZ_OK || got == n) return rc;
    return gz_fail(error, error_size, "%s: ends within %s", idx_name(file), what);
}

/* fail_magic - says what the file is instead, if that is known. */
static int fail_magic(idx_file *file, const unsigned char magic[4], char *error,
                      size_t error_size) {
    unsigned char head[FORMAT_HEAD] = {0};
    char unheard[FILE_NAME + 100];
    size_t got;
    memcpy(head, magic, 4);
    if (gz_read(file->bytes, head + 4, sizeof head - 4, &got, unheard, sizeof unheard))
        got = 0;
    const file_format *f = file_format_of(head, 4 + got);
    return gz_fail(
        error, error_size,
        "%s: begins with %02x %02x %02x %02x; an IDX file begins with 00 00%s%s",
        gz_name(file->bytes), magic[0], magic[1], magic[2], magic[3],
        f ? ": this is " : "", f ? f->name : "");
}

static int read_magic(idx_file *file, char *error, size_t error_size) {
    unsigned char magic[4];
    const char *name = gz_name(file->bytes);
    size_t got;
    int rc = gz_read(file->bytes, magic, 4, &got, error, error_size);
    if (rc != GZ_OK) return rc;
    if (got < 4)
        return gz_fail(error, error_size,
                       "%s: has %zu bytes; an IDX file begins with 4 bytes of magic",
                       name, got);
    if (magic[0] || magic[1]) return fail_magic(file, magic, error, error_size);
    file->type = magic[2];
    if (!element_size(file->type))
        return gz_fail(error, error_size,
                       "%s: element type is 0x%02x; expected 0x08 (ubyte), 0x09 (sbyte), "
                       "0x0b (short), 0x0c (int), 0x0d (float) or 0x0e (double)",
                       name, file->type);
    file->dimensions = magic[3];
    if (file->holds == IMAGES && file->dimensions < 2)
        return gz_fail(error, error_size,
                       "%s: has %d dimension%s; images need 2 or more, as "
                       "count x height x width",
                       name, file->dimensions, file->dimensions == 1 ? "" : "s");
    if (file->holds == LABELS && (file->dimensions < 1 || file->dimensions > 2))
        return gz_fail(error, error_size,
                       "%s: has %d dimensions; labels need 1, or 2 as count x columns",
                       name, file->dimensions);
    return IDX_OK;
}

/* "60000 images of 28x28": cut where there are very many dimensions. */
static void describe(idx_file *file, const unsigned char *sizes) {
    const char *what = file->holds == IMAGES ? "images" : "labels";
    const size_t room = sizeof file->claim;
    size_t n = (size_t)snprintf(file->claim, room, "%" PRIu64 " %s", file->count, what);
    for (int i = 1; i < file->dimensions && n < room; i++)
        n += (size_t)snprintf(file->claim + n, room - n, "%s%" PRIu32,
                              i == 1 ? " of " : "x", big_endian(sizes + 4 * i));
}

static int read_dimensions(idx_file *file, char *error, size_t error_size) {
    unsigned char sizes[MAX_HEADER];
    const size_t n = 4 * (size_t)file->dimensions;
    int rc = read_all(file, sizes, n, "its header", error, error_size);
    if (rc != IDX_OK) return rc;
    file->header_size = 4 + n;
    file->count = big_endian(sizes);
    describe(file, sizes);
    file->item = file->sides[0] = file->sides[1] = 1;
    for (int i = 1; i < file->dimensions; i++) {
        size_t size = big_endian(sizes + 4 * i);
        /* A 0 further on would hide a product that overflowed, so it goes first. */
        if (size == 0)
            return gz_fail(error, error_size,
                           "%s: header claims %s: an item without elements",
                           idx_name(file), file->claim);
        if (size > IDX_MAX_PIXELS / file->item)
            return gz_fail(error, error_size,
                           "%s: header claims %s: an item may have at most %zu elements",
                           idx_name(file), file->claim, IDX_MAX_PIXELS);
        file->item *= size;
        if (i <= 2) file->sides[i - 1] = size;
    }
    file->item_bytes = file->item * element_size(file->type); /* at most 2²⁴ · 8 */
    return IDX_OK;
}

/* Unpacks until the content has ended or is longer than it should be. */
static int measure(idx_file *file, uint64_t expected, char *error, size_t error_size) {
    unsigned char scratch[16384];
    uint64_t length = 0;
    size_t got = sizeof scratch;
    int rc = gz_rewind(file->bytes, error, error_size);
    while (rc == GZ_OK && got == sizeof scratch && length <= expected) {
        rc = gz_read(file->bytes, scratch, sizeof scratch, &got, error, error_size);
        length += got;
    }
    if (rc != GZ_OK) return rc;
    if (length != expected)
        return gz_fail(
            error, error_size,
            "%s: header claims %s (%" PRIu64 " bytes), but the unpacked file has "
            "%s%" PRIu64 " bytes",
            idx_name(file), file->claim, expected, length > expected ? "at least " : "",
            length > expected ? expected + 1 : length);
    rc = gz_rewind(file->bytes, error, error_size);
    if (rc != GZ_OK) return rc;
    return read_all(file, scratch, file->header_size, "its header", error, error_size);
}

static int check_length(idx_file *file, char *error, size_t error_size) {
    /* At most 2³² items of 2²⁷ bytes: cannot overflow. */
    uint64_t expected = file->header_size + file->count * file->item_bytes;
    uint64_t size = gz_size(file->bytes);
    if (!gz_packed(file->bytes)) {
        if (size == expected) return IDX_OK;
        return gz_fail(error, error_size,
                       "%s: header claims %s (%" PRIu64
                       " bytes), but the file has %" PRIu64 " bytes",
                       idx_name(file), file->claim, expected, size);
    }
    if (!gz_could_hold(file->bytes, expected))
        return gz_fail(error, error_size,
                       "%s: header claims %s (%" PRIu64
                       " bytes), but the file has %" PRIu64
                       " bytes of gzip, which cannot hold so much",
                       idx_name(file), file->claim, expected, size);
    if (gz_claims(file->bytes, expected)) return IDX_OK;
    /* A wrong length, or right and packed in several members: only unpacking tells. */
    return measure(file, expected, error, error_size);
}

static int open_file(idx_file **out, int holds, const char *path, const load_stop *stop,
                     char *error, size_t error_size) {
    int rc;
    *out = NULL;
    idx_file *file = calloc(1, sizeof *file);
    if (!file) {
        gz_fail(error, error_size, "out of memory while opening a file");
        return IDX_NOMEM;
    }
    file->holds = holds;
    file->stop = stop;
    rc = gz_open(&file->bytes, path, stop, error, error_size);
    if (rc == IDX_OK) rc = read_magic(file, error, error_size);
    if (rc == IDX_OK) rc = read_dimensions(file, error, error_size);
    if (rc == IDX_OK) rc = check_length(file, error, error_size);
    if (rc == IDX_OK) {
        file->raw = malloc(file->item_bytes);
        if (!file->raw) {
            gz_fail(error, error_size, "%s: out of memory for an item of %zu bytes",
                    idx_name(file), file->item_bytes);
            rc = IDX_NOMEM;
        }
    }
    if (rc == IDX_OK)
        *out = file;
    else
        idx_close(file);
    return rc;
}

int idx_open_images(idx_file **out, const char *path, const load_stop *stop, char *error,
                    size_t error_size) {
    return open_file(out, IMAGES, path, stop, error, error_size);
}

int idx_open_labels(idx_file **out, const char *path, const load_stop *stop, char *error,
                    size_t error_size) {
    return open_file(out, LABELS, path, stop, error, error_size);
}

void idx_close(idx_file *file) {
    if (!file) return;
    free(file->raw);
    gz_close(file->bytes);
    free(file);
}

const char *idx_name(const idx_file *file) { return gz_name(file->bytes); }

uint64_t idx_count(const idx_file *file) { return file->count; }

size_t idx_pixel_count(const idx_file *file) { return file->item; }

size_t idx_rows(const idx_file *file) { return file->sides[0]; }

size_t idx_columns(const idx_file *file) { return file->sides[1]; }

/* --- reading -------------------------------------------------------------------- */

/* The file was as long as it should be when it was opened; gzip content was not always
 * looked at, and a file can change while it is read. */
int idx_next(idx_file *file, char *error, size_t error_size) {
    size_t got;
    if (file->next < file->count) {
        int rc =
            gz_read(file->bytes, file->raw, file->item_bytes, &got, error, error_size);
        if (rc != GZ_OK) return rc;
        if (got < file->item_bytes)
            return gz_fail(
                error, error_size,
                "%s: header claims %s, but the file ends within number %" PRIu64,
                idx_name(file), file->claim, file->next);
        file->next++;
        return IDX_OK;
    }
    unsigned char extra;
    int rc = gz_read(file->bytes, &extra, 1, &got, error, error_size);
    if (rc != GZ_OK) return rc;
    if (got)
        return gz_fail(error, error_size, "%s: header claims %s, but more data follow",
                       idx_name(file), file->claim);
    return IDX_END;
}

static int fail_pixel(const idx_file *file, size_t pixel, const char *value,
                      const char *expected, char *error, size_t error_size) {
    return gz_fail(error, error_size,
                   "%s: image %" PRIu64 ": pixel %zu is %s; expected %s", idx_name(file),
                   file->next - 1, pixel, value, expected);
}

/* "nan" whatever its sign, which differs from machine to machine. */
static void print_float(char text[32], double value) {
    if (isnan(value))
        snprintf(text, 32, "nan");
    else
        snprintf(text, 32, "%.9g", value);
}

static int interrupted(const idx_file *file, char *error, size_t error_size) {
    gz_fail(error, error_size, "%s: interrupted", idx_name(file));
    return IDX_STOPPED;
}

/* Asks now and then whether to go on, at pixel i. */
static int stopped_at(const idx_file *file, size_t i, char *error, size_t error_size) {
    if (i % PIXELS_A_TIME != 0 || !load_stopped(file->stop)) return 0;
    return interrupted(file, error, error_size);
}

/* Pixel i of a file of integers. */
static int grey_pixel(unsigned char *grey, const idx_file *file, size_t i, char *error,
                      size_t error_size) {
    char text[32];
    const int64_t value =
        integer_element(file->raw + i * element_size(file->type), file->type);
    *grey = (unsigned char)value;
    if (value >= 0 && value <= 255) return IDX_OK;
    snprintf(text, sizeof text, "%" PRId64, value);
    return fail_pixel(file, i, text, "0..255", error, error_size);
}

int idx_bytes(const idx_file *file, unsigned char *bytes, char *error,
              size_t error_size) {
    int status = IDX_OK;
    if (is_float(file->type))
        return gz_fail(error, error_size,
                       "%s: its pixels are floats; expected integers for 'uint8': "
                       "leave that out",
                       idx_name(file));
    if (file->type == UBYTE) memcpy(bytes, file->raw, file->item);
    for (size_t i = 0; i < file->item && file->type != UBYTE && status == IDX_OK; i++) {
        if (stopped_at(file, i, error, error_size)) return IDX_STOPPED;
        status = grey_pixel(bytes + i, file, i, error, error_size);
    }
    return status;
}

int idx_pixels(const idx_file *file, unsigned char *blob, char *error,
               size_t error_size) {
    int status = IDX_OK;
    char text[32];
    if (file->type == UBYTE)
        return pixels_from_grey(blob, file->raw, file->item, file->stop)
                   ? interrupted(file, error, error_size)
                   : IDX_OK;
    for (size_t i = 0; i < file->item && status == IDX_OK; i++) {
        if (stopped_at(file, i, error, error_size)) return IDX_STOPPED;
        if (is_float(file->type)) {
            double value =
                float_element(file->raw + i * element_size(file->type), file->type);
            if (!(value >= 0.0 && value <= 1.0)) { /* so that NaN is caught too */
                print_float(text, value);
                return fail_pixel(file, i, text, "0..1", error, error_size);
            }
            pixels_put(blob + 4 * i, (float)value);
        } else {
            unsigned char grey;
            status = grey_pixel(&grey, file, i, error, error_size);
            pixels_put_grey(blob + 4 * i, grey);
        }
    }
    return status;
}

int idx_label(const idx_file *file, int64_t *label, char *error, size_t error_size) {
    if (!is_float(file->type)) {
        *label = integer_element(file->raw, file->type);
        return IDX_OK;
    }
    const double most = 9007199254740992.0; /* 2⁵³: beyond it doubles skip integers */
    double value = float_element(file->raw, file->type);
    if (value >= -most && value <= most && value == floor(value)) {
        *label = (int64_t)value;
        return IDX_OK;
    }
    char text[32];
    print_float(text, value);
    return gz_fail(error, error_size,
                   "%s: label %" PRIu64 " is %s; expected a whole number", idx_name(file),
                   file->next - 1, text);
}
