/* image.c - an SQL value -> the pixels that core works on: see image.h. */
#include <string.h>
#include "image.h"

static const unsigned char png_signature[8] = {0x89, 'P',  'N',  'G',
                                               '\r', '\n', 0x1A, '\n'};

/* Bits of a float32. For finite floats that are not negative, order of the bits is order
 * of the values: 0..1 is 0..ONE, and all other floats but -0 have larger bits. */
#define ONE        0x3F800000u
#define MINUS_ZERO 0x80000000u
#define FAINTEST   0x35800000u /* 2^-20: no picture has a fainter pixel that is not 0 */

/* image_bits - the little-endian 32-bit word k at any address. */
static uint32_t image_bits(const unsigned char *data, size_t k) {
    uint32_t bits;
    memcpy(&bits, data + 4 * k, sizeof bits);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bits = bits >> 24 | (bits >> 8 & 0xFF00) | (bits & 0xFF00) << 8 | bits << 24;
#endif
    return bits;
}

float ext_float(const void *data, size_t k) {
    uint32_t bits = image_bits(data, k);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* image_is_bad - 1 for a float that is not in 0..1. */
static uint32_t image_is_bad(uint32_t bits) {
    return (bits > ONE) & (bits != MINUS_ZERO);
}

/* image_first_bad - the place of the first float outside 0..1, or n if there is none.
 *
 * Nearly all images have none, so blocks of 16 are tried at once, without a branch: that
 * is what the compiler turns into vector instructions. */
static size_t image_first_bad(const unsigned char *data, size_t n) {
    size_t k = 0;
    for (; k + 16 <= n; k += 16) {
        uint32_t bad = 0;
        for (size_t i = 0; i < 16; i++) bad |= image_is_bad(image_bits(data + 4 * k, i));
        if (bad) break;
    }
    while (k < n && !image_is_bad(image_bits(data, k))) k++;
    return k;
}

/* image_is_blob - refuses what no image can be: other types, and PNGs for now. */
static int image_is_blob(int type, const void *bytes, size_t size, char *error) {
    if (type != SQLITE_BLOB) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "image is %s; expected a BLOB",
                         ext_type_name(type));
        return DN_ERROR;
    }
    if (size > 0 && !bytes) { /* a zeroblob that could not be filled */
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "out of memory");
        return DN_ERROR;
    }
    if (size >= sizeof png_signature &&
        memcmp(bytes, png_signature, sizeof png_signature) == 0) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "image is a PNG, which this version cannot read yet; expected "
                         "pixels in uint8 or float32");
        return DN_ERROR;
    }
    return DN_OK;
}

/* image_check_floats - DN_ERROR and the culprit's name unless all n floats lie in 0..1. */
static int image_check_floats(const void *bytes, size_t n, char *error) {
    size_t bad = image_first_bad(bytes, n);
    if (bad == n) return DN_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "pixel %lld is %.8g; expected 0..1",
                     (sqlite3_int64)bad, (double)ext_float(bytes, bad));
    return DN_ERROR;
}

int ext_image_from(dn_image *out, int type, const void *bytes, size_t size,
                   dn_shape shape, char *error) {
    if (image_is_blob(type, bytes, size, error) != DN_OK) return DN_ERROR;
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    out->pixels = bytes;
    out->type = size == n ? DN_UINT8 : DN_FLOAT32;
    if (size == n) return DN_OK;
    if (size == 4 * n) return image_check_floats(bytes, n, error);
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "image has %lld bytes; expected %lld (uint8), %lld (float32) or a PNG",
        (sqlite3_int64)size, (sqlite3_int64)n, (sqlite3_int64)(4 * n));
    return DN_ERROR;
}

/* image_side - s with s·s = n, or 0 if there is none up to DN_MAX_SIDE. */
static int image_side(size_t n) {
    size_t low = 1, high = DN_MAX_SIDE;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (middle * middle < n)
            low = middle + 1;
        else
            high = middle;
    }
    return low * low == n ? (int)low : 0;
}

/* image_looks_float - whether n words look like a normalised blob: see image.h. */
static int image_looks_float(const unsigned char *data, size_t n) {
    size_t set = 0, plausible = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t bits = image_bits(data, k);
        set += bits != 0;
        plausible += bits >= FAINTEST && bits <= ONE;
    }
    return 2 * plausible >= set;
}

int ext_image_infer_from(dn_image *out, dn_shape *shape, int type, const void *bytes,
                         size_t size, char *error) {
    if (image_is_blob(type, bytes, size, error) != DN_OK) return DN_ERROR;
    const int as_uint8 = image_side(size);
    const int as_float = size % 4 == 0 ? image_side(size / 4) : 0;
    out->pixels = bytes;
    out->type = DN_UINT8;
    if (as_float && (!as_uint8 || image_looks_float(bytes, size / 4))) {
        out->type = DN_FLOAT32;
        *shape = (dn_shape){as_float, as_float, 1};
        return image_check_floats(bytes, size / 4, error);
    }
    *shape = (dn_shape){as_uint8, as_uint8, 1};
    if (as_uint8) return DN_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "image has %lld bytes, which is no square of uint8 or float32 pixels",
        (sqlite3_int64)size);
    return DN_ERROR;
}

int ext_image_get(dn_image *out, sqlite3_value *value, dn_shape shape, char *error) {
    int type = sqlite3_value_type(value);
    const void *bytes = type == SQLITE_BLOB ? sqlite3_value_blob(value) : NULL;
    return ext_image_from(out, type, bytes, (size_t)sqlite3_value_bytes(value), shape,
                          error);
}

int ext_image_infer(dn_image *out, dn_shape *shape, sqlite3_value *value, char *error) {
    int type = sqlite3_value_type(value);
    const void *bytes = type == SQLITE_BLOB ? sqlite3_value_blob(value) : NULL;
    return ext_image_infer_from(out, shape, type, bytes,
                                (size_t)sqlite3_value_bytes(value), error);
}
