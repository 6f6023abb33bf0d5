/* file.h - opens regular files, and says clearly why one cannot be had.
 *
 * Anything else is refused: a FIFO without a writer or a device without an end would hold
 * the caller for ever. */
#ifndef LOADERS_FILE_H
#define LOADERS_FILE_H

#include <stddef.h>
#include <stdint.h>

enum { FILE_OK = 0, FILE_ERROR = 1 };

#define FILE_NAME 200 /* bytes for a path in a message */

/* file_name - the path for a message, its beginning cut off where it is very long. */
void file_name(char name[FILE_NAME], const char *path);

/* file_open - opens a regular file to read. *fd is the caller's to close, -1 after an
 * error, which is one sentence that begins with name. */
int file_open(int *fd, uint64_t *size, const char *path, const char *name, char *error,
              size_t error_size);

/* file_failure - writes "name: what: reason", the reason being errno's, and returns
 * FILE_ERROR. */
int file_failure(const char *name, const char *what, int code, char *error,
                 size_t error_size);

#endif
