/* pixel_type.h - what a pixel is written as: the argument `type` of the loaders, of
 * synthetic_digits and of digit_image.
 *
 *     dn_pixel_type type = DN_FLOAT32;
 *     rc = ext_pixel_type_value(&type, value, error);          // of 'uint8': DN_UINT8
 *     blob = sqlite3_malloc64(ext_pixel_size(type) * n);
 */
#ifndef EXT_PIXEL_TYPE_H
#define EXT_PIXEL_TYPE_H

#include "../../core/dn.h"
#include "../base/ext.h"

/* ext_pixel_type_value - 'float32' or 'uint8'; *out as it was for NULL. SQLITE_OK, or an
 * error and its sentence in error [EXT_ERROR_SIZE]. */
int ext_pixel_type_value(dn_pixel_type *out, sqlite3_value *value, char *error);

/* ext_pixel_type_name - the word. */
const char *ext_pixel_type_name(dn_pixel_type type);

/* ext_pixel_size - bytes of a pixel. */
static inline size_t ext_pixel_size(dn_pixel_type type) {
    return type == DN_UINT8 ? 1 : sizeof(float);
}

#endif
