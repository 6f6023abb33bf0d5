/* memory_file.h - for the targets that read files: one that lies in memory, under a
 * path. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

/* fuzz_file - makes bytes the content of the file, and returns its path. */
static inline const char *fuzz_file(const uint8_t *bytes, size_t size) {
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
        abort();
    return path;
}

#endif
