/* shape.c - the shape of an image as a text, 'HxWxC': see shape.h. */
#include <stdlib.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "shape.h"

int ext_shape_parse(dn_shape *out, const char *text) {
    long side[3] = {0, 0, 1};
    int n = 0;
    for (const char *p = text; n < 3;) {
        char *end;
        if (*p < '0' || *p > '9') return 0;
        side[n++] = strtol(p, &end, 10);
        p = end;
        if (!*p) break;
        if ((*p != 'x' && *p != 'X') || n == 3) return 0;
        p++;
    }
    if (n < 2 || side[0] < 1 || side[1] < 1 || side[2] < 1 || side[0] > DN_MAX_SIDE ||
        side[1] > DN_MAX_SIDE || side[2] > DN_MAX_CHANNELS)
        return 0;
    if ((int64_t)side[0] * side[1] * side[2] > DN_MAX_PARAMETERS) return 0;
    *out = (dn_shape){(int)side[0], (int)side[1], (int)side[2]};
    return 1;
}

char *ext_shape_text(dn_shape shape) {
    return sqlite3_mprintf("%dx%dx%d", shape.h, shape.w, shape.c);
}

/* The value is TEXT and a shape: SQLITE_OK; else a sentence that says what it is. */
int ext_shape_value(dn_shape *out, sqlite3_value *value, char *error) {
    const int type = sqlite3_value_type(value);
    const char *text = ext_type_name(type);
    const int rc = type == SQLITE_TEXT ? ext_text(&text, value, "shape", error)
                                       : SQLITE_OK;
    if (rc != SQLITE_OK) return rc;
    if (type == SQLITE_TEXT && ext_shape_parse(out, text)) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     type == SQLITE_TEXT ? "shape is '%.100s'; expected " EXT_SHAPE_FORM
                                         : "shape is %s; expected " EXT_SHAPE_FORM,
                     text);
    return SQLITE_ERROR;
}
