/* error.h - how core's functions fail: a status and one sentence. */
#ifndef DN_ERROR_H
#define DN_ERROR_H

#include <stdarg.h>
#include <stdio.h>
#include "dn.h"

/* dn_fail - puts a sentence (printf format) into error, cut to size, and returns
 * DN_ERROR. */
__attribute__((format(printf, 3, 4))) static inline int dn_fail(char *error, size_t size,
                                                                const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (size > 0) vsnprintf(error, size, format, args);
    va_end(args);
    return DN_ERROR;
}

#endif
