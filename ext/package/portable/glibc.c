/* glibc.c - stat and fstat for a portable library: glibc.h.
 *
 * Before glibc 2.33 they were inline functions that called these two with the version of
 * struct stat. The linker's --wrap sends calls of the new ones here. */
#define _GNU_SOURCE
#include <sys/stat.h>

int __xstat64(int version, const char *path, struct stat64 *st);
int __fxstat64(int version, int fd, struct stat64 *st);
int __wrap_stat64(const char *path, struct stat64 *st);
int __wrap_fstat64(int fd, struct stat64 *st);

#ifdef __aarch64__
enum { STAT_VERSION = 0 };
#else
enum { STAT_VERSION = 1 };
#endif

int __wrap_stat64(const char *path, struct stat64 *st) {
    return __xstat64(STAT_VERSION, path, st);
}

int __wrap_fstat64(int fd, struct stat64 *st) { return __fxstat64(STAT_VERSION, fd, st); }
