/* gz.h - reads a file's bytes, unpacked where it is gzip.
 *
 *     gz_file *file;
 *     int rc = gz_open(&file, "train-images-idx3-ubyte.gz", NULL, error, sizeof error);
 *     if (rc == GZ_OK) rc = gz_read(file, bytes, 16, &got, error, sizeof error);
 *     gz_close(file);
 *
 * Plain and gzip files are told apart by their first two bytes, not by their names. Only
 * regular files are opened: a FIFO without a writer or a device without an end would
 * hold the caller for ever. What follows the last gzip member is not looked at, as
 * gzip(1) does, unless it is another member.
 *
 * Fallible functions return a status and, if it is not GZ_OK, put one sentence that
 * begins with the file's name into error. */
#ifndef GZ_H
#define GZ_H

#include <stddef.h>
#include <stdint.h>
#include "stop.h"

enum { GZ_OK = 0, GZ_ERROR = 1, GZ_NOMEM = 2, GZ_STOPPED = LOAD_STOPPED };

typedef struct gz_file gz_file;

/* gz_open - opens a regular file. *out is the caller's to close, NULL after an error.
 * stop, which may be NULL, is kept, and asked while the file is read. */
int gz_open(gz_file **out, const char *path, const load_stop *stop, char *error,
            size_t error_size);

/* gz_close - closes the file; NULL is allowed. */
void gz_close(gz_file *file);

/* gz_read - the next n bytes of content; *got < n only where the content ends. Content
 * that is damaged, or ends before gzip says so, is an error. */
int gz_read(gz_file *file, void *bytes, size_t n, size_t *got, char *error,
            size_t error_size);

/* gz_rewind - goes back to the first byte. */
int gz_rewind(gz_file *file, char *error, size_t error_size);

/* gz_name - the path for a message, its beginning cut off where it is very long. Lives
 * as long as the file. */
const char *gz_name(const gz_file *file);

/* gz_size - bytes of the file itself, packed or not, when it was opened. */
uint64_t gz_size(const gz_file *file);

/* gz_packed - whether the file is gzip. */
int gz_packed(const gz_file *file);

/* gz_could_hold - whether a gzip file may unpack to n bytes: deflate never packs more
 * than 1032 : 1, so this is known before any of it is unpacked. */
int gz_could_hold(const gz_file *file, uint64_t n);

/* gz_claims - whether the last bytes of a gzip file claim n bytes of content, modulo
 * 2³². They speak of its last member alone, so "no" only casts doubt. */
int gz_claims(const gz_file *file, uint64_t n);

/* gz_fail - writes an error text (printf format) and returns GZ_ERROR: for the parsers
 * on top of this one. */
int gz_fail(char *error, size_t error_size, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#endif
