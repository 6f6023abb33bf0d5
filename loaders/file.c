/* file.c - opens regular files: see file.h. */
#define _FILE_OFFSET_BITS 64 /* files over 2 GiB on 32-bit machines */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"

void file_name(char name[FILE_NAME], const char *path) {
    size_t n = strlen(path);
    if (n < FILE_NAME) {
        memcpy(name, path, n + 1);
        return;
    }
    const char *end = path + n - (FILE_NAME - 4);
    while ((*end & 0xc0) == 0x80) end++; /* not within a UTF-8 character */
    snprintf(name, FILE_NAME, "...%s", end);
}

int file_failure(const char *name, const char *what, int code, char *error,
                 size_t error_size) {
    /* Not strerror_r, which returns a status or a text, as _GNU_SOURCE will have it: for
     * a code that the system gave, this text is a constant in every C library. */
    snprintf(error, error_size, "%s: %s: %s", name, what, strerror(code));
    return FILE_ERROR;
}

static const char *kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a FIFO";
    if (S_ISCHR(mode)) return "a character device";
    if (S_ISBLK(mode)) return "a block device";
    return "a socket";
}

/* not_regular - says what a path is instead of a file. */
static int not_regular(const char *name, mode_t mode, char *error, size_t error_size) {
    snprintf(error, error_size, "%s: is %s; expected a regular file", name,
             kind_of(mode));
    return FILE_ERROR;
}

int file_open(int *fd, uint64_t *size, const char *path, const char *name, char *error,
              size_t error_size) {
    struct stat st;
    int rc = FILE_OK;
    *fd = -1;
    /* Asked before it is opened: to open a device can be to do something to it. */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return not_regular(name, st.st_mode, error, error_size);
    /* And after, for it may be another one by now. Without O_NONBLOCK a FIFO would be
     * waited for before fstat can tell. */
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0) return file_failure(name, "cannot be opened", errno, error, error_size);
    if (fstat(*fd, &st))
        rc = file_failure(name, "cannot be examined", errno, error, error_size);
    else if (!S_ISREG(st.st_mode))
        rc = not_regular(name, st.st_mode, error, error_size);
    if (rc == FILE_OK) {
        *size = (uint64_t)st.st_size;
        return FILE_OK;
    }
    close(*fd);
    *fd = -1;
    return rc;
}
