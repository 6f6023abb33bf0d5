/* pixel_type.c - see pixel_type.h. */
#include "pixel_type.h"
#include <string.h>
#include "../base/argument.h"

const char *ext_pixel_type_name(dn_pixel_type type) {
    return type == DN_UINT8 ? "uint8" : "float32";
}

int ext_pixel_type_value(dn_pixel_type *out, sqlite3_value *value, char *error) {
    const char *text = NULL;
    if (sqlite3_value_type(value) == SQLITE_NULL) return SQLITE_OK;
    if (sqlite3_value_type(value) == SQLITE_TEXT) {
        const int rc = ext_text(&text, value, "type", error);
        if (rc != SQLITE_OK) return rc;
        const int bytes = strcmp(text, "uint8") == 0;
        *out = bytes ? DN_UINT8 : DN_FLOAT32;
        if (bytes || strcmp(text, "float32") == 0) return SQLITE_OK;
    }
    return ext_argument_error(error, "type", value, "'float32' or 'uint8'");
}
