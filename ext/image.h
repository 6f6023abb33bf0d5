/* image.h - an SQL value -> the pixels that core works on.
 *
 *     dn_image image;
 *     if (ext_image_get(&image, argv[0], shape, error) != DN_OK)
 *         return ext_result_error(context, "digit_predict", error);
 *
 * Two forms are known by their sizes: h·w·c·4 bytes are float32, little-endian, each in
 * 0..1; h·w·c bytes are uint8. Nothing is copied: the image points into the value, whose
 * bytes may lie at any address. A PNG is recognised by its signature and, so far, refused.
 *
 * Errors are one sentence without the function's name: "image has 700 bytes; expected 784
 * (uint8), 3136 (float32) or a PNG", "pixel 5 is 1.5; expected 0..1" (counted from 0). */
#ifndef EXT_IMAGE_H
#define EXT_IMAGE_H

#include "../core/dn.h"
#include "error.h"
#include "ext.h"

/* ext_image_get - the image in a value, for images of one shape.
 *
 *   value   not SQL NULL: the caller answers NULL with NULL
 *   error   [EXT_ERROR_SIZE], written on DN_ERROR
 *
 * The image lives as long as the value is neither changed nor converted. Returns DN_OK
 * or DN_ERROR. */
int ext_image_get(dn_image *out, sqlite3_value *value, dn_shape shape, char *error);

/* ext_image_infer - the same where no model says what shape to expect: a square with one
 * channel.
 *
 * n bytes can be a square of float32 and one of uint8 at once (3136: 28×28 or 56×56).
 * They are float32 if at least half of those that are not 0 lie in 2^-20..1: a
 * photograph's bytes do not look like that, and a normalised blob with one bad pixel
 * still does, so that the pixel is reported. */
int ext_image_infer(dn_image *out, dn_shape *shape, sqlite3_value *value, char *error);

/* ext_image_from, ext_image_infer_from - the two for a value of an SQL type (SQLITE_BLOB, …)
 * whose bytes the caller has at hand: a column of a nested statement. */
int ext_image_from(dn_image *out, int type, const void *bytes, size_t size,
                   dn_shape shape, char *error);
int ext_image_infer_from(dn_image *out, dn_shape *shape, int type, const void *bytes,
                         size_t size, char *error);

/* ext_float - value k of little-endian float32 data at any address. */
float ext_float(const void *data, size_t k);

#endif
