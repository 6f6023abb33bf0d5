/* png_file.c - a PNG file on disk -> its bytes: see png.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "file.h"
#include "format.h"
#include "png.h"

#define PART ((size_t)1 << 20) /* bytes to read at a time: a millisecond or so */

/* read_all - n bytes that must be there. */
static int read_all(int fd, unsigned char *bytes, size_t n, const char *name,
                    const load_stop *stop, char *error, size_t error_size) {
    for (size_t at = 0; at < n;) {
        if (load_stopped(stop)) {
            snprintf(error, error_size, "%s: interrupted", name);
            return PNG_STOPPED;
        }
        const ssize_t got = read(fd, bytes + at, n - at < PART ? n - at : PART);
        if (got > 0) {
            at += (size_t)got;
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return file_failure(name, "cannot be read", errno, error, error_size);
        snprintf(error, error_size, "%s: became shorter while it was read", name);
        return PNG_ERROR;
    }
    return PNG_OK;
}

/* head_read - the first bytes, checked, so that a file that is no PNG is not read at
 * all. */
static int head_read(int fd, unsigned char head[FORMAT_HEAD], size_t n, const char *name,
                     char *error, size_t error_size) {
    char what[256];
    int rc = read_all(fd, head, n, name, NULL, error, error_size);
    if (rc != PNG_OK) return rc;
    rc = png_check_head(head, n, what, sizeof what);
    if (rc != PNG_OK) snprintf(error, error_size, "%s: %s", name, what);
    return rc;
}

int png_load(unsigned char **out, size_t *size, const char *path, const load_stop *stop,
             char *error, size_t error_size) {
    char name[FILE_NAME];
    unsigned char head[FORMAT_HEAD], *bytes = NULL;
    uint64_t length;
    int fd;
    *out = NULL;
    file_name(name, path);
    if (file_open(&fd, &length, path, name, error, error_size) != FILE_OK)
        return PNG_ERROR;
    const size_t n = length < FORMAT_HEAD ? (size_t)length : FORMAT_HEAD;
    int rc = head_read(fd, head, n, name, error, error_size);
    if (rc != PNG_OK) goto done;
    if (length > PNG_MAX_FILE) {
        snprintf(error, error_size, "%s: has %" PRIu64 " bytes; expected %zu at most",
                 name, length, PNG_MAX_FILE);
        rc = PNG_ERROR;
        goto done;
    }
    bytes = malloc((size_t)length);
    if (!bytes) {
        snprintf(error, error_size, "%s: out of memory", name);
        rc = PNG_NOMEM;
        goto done;
    }
    if (lseek(fd, 0, SEEK_SET) != 0)
        rc = file_failure(name, "cannot be read", errno, error, error_size);
    else
        rc = read_all(fd, bytes, (size_t)length, name, stop, error, error_size);
    if (rc != PNG_OK) goto done;
    *out = bytes;
    *size = (size_t)length;
    bytes = NULL;
done:
    free(bytes);
    close(fd);
    return rc;
}
