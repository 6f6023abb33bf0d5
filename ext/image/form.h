/* form.h - what the bytes of a blob look like, where its size does not say it.
 *
 * 3136 bytes are 28×28 float32 or 56×56 uint8. Their values tell which, and they tell
 * what was stored instead of an image, for the error that refuses it:
 *
 *     const int form = ext_form_guess(bytes, 784); // FORM_FLOAT32
 *     ext_form_say(bytes, 3136, (dn_shape){28, 28, 1}, error);
 *     // pixel 0 is 255; expected 0..1: the image looks like float32 of 0..255; in numpy,
 *     // store (x / 255).astype('<f4')
 *
 * A float32's exponent is its last byte, so the last bytes of images of floats are alike
 * and the others are not; in a picture of bytes neighbours are alike. */
#ifndef EXT_FORM_H
#define EXT_FORM_H

#include <string.h>
#include "../../core/dn.h"
#include "../base/ext.h"

/* Bits of a float32. For finite floats that are not negative, order of the bits is order
 * of the values: 0..1 is 0..FORM_ONE, and all other floats but -0 have larger bits. */
#define FORM_ONE        0x3F800000u
#define FORM_MINUS_ZERO 0x80000000u
#define FORM_FAINTEST                                                                    \
    0x35800000u /* 2^-20: no picture has a fainter pixel that is not 0 */

/* ext_form_bits - the little-endian 32-bit word k at any address. */
static inline uint32_t ext_form_bits(const unsigned char *data, size_t k) {
    uint32_t bits;
    memcpy(&bits, data + 4 * k, sizeof bits);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bits = bits >> 24 | (bits >> 8 & 0xFF00) | (bits & 0xFF00) << 8 | bits << 24;
#endif
    return bits;
}

enum {
    FORM_UINT8,
    FORM_FLOAT32, /* half of what is not 0, or more, lies in 2^-20..1 */
    FORM_ODD, /* four bytes a pixel, but no floats in 0..1: ext_form_say knows which */
    FORM_UNSETTLED /* as good as floats as it is as bytes */
};

/* ext_form_is_blank - whether all bytes are 0: such a blob may be floats or bytes. */
int ext_form_is_blank(const void *bytes, size_t size);

/* ext_form_guess - the form of 4·n bytes that may be n float32. Zeros are
 * FORM_FLOAT32. */
int ext_form_guess(const void *bytes, size_t n);

/* ext_form_is_float - whether 4·n bytes, n not 0, are float32 beyond doubt though uint8
 * were expected. Cheap for images of bytes: their first ink ends it. */
int ext_form_is_float(const void *bytes, size_t n);

/* ext_form_is_other - whether n words, all of them float32 in 0..1 but below 2^-20, are
 * of another form (int32, the other byte order) or denormal: too small for any picture,
 * and for the noise of computing one. */
int ext_form_is_other(const void *bytes, size_t n);

/* ext_form_say - appends to a sentence in error [EXT_ERROR_SIZE] what a blob looks like
 * that is no image of this shape, and how to mend it: whether it is a form that has a
 * name. Adds nothing where neither size nor values say anything. */
int ext_form_say(const void *bytes, size_t size, dn_shape shape, char *error);

#endif
