/* format.h - what bytes are that are not what was expected.
 *
 *     const file_format *f = file_format_of(bytes, size);
 *     if (f) printf("this is %s: %s", f->name, f->advice);
 *
 *     this is a JPEG picture: convert it to PNG */
#ifndef LOADERS_FORMAT_H
#define LOADERS_FORMAT_H

#include <stddef.h>

typedef struct file_format {
    const char *name;   /* "a JPEG picture" */
    const char *advice; /* "convert it to PNG" */
    int sure;           /* whether pixels hardly ever begin so */
} file_format;

/* file_format_of - the format that bytes begin as, as text or binary; NULL if it is none
 * of those that are known. Looks at no more than the first 512 bytes. */
#define FORMAT_HEAD 512
const file_format *file_format_of(const void *bytes, size_t size);

#endif
