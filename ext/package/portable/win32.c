/* win32.c - see win32.h, which stands before it, too. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* --- texts -------------------------------------------------------------------------- */

/* wide - UTF-8 as UTF-16, malloc'd; NULL and errno if it is none or memory is out. */
static wchar_t *wide(const char *text) {
    const int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    if (n <= 0) {
        errno = ENOENT;
        return NULL;
    }
    wchar_t *out = malloc((size_t)n * sizeof *out);
    if (out) MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, out, n);
    if (!out) errno = ENOMEM;
    return out;
}

/* --- files -------------------------------------------------------------------------- */

int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...) {
    wchar_t *name = wide(path);
    if (!name) return -1;
    const int fd = _wopen(name, flags);
    free(name);
    return fd;
}

int win32_stat(const char *path, struct _stat64 *st) {
    wchar_t *name = wide(path);
    if (!name) return -1;
    const int rc = _wstat64(name, st);
    free(name);
    return rc;
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at) {
    const __int64 before = _lseeki64(fd, 0, SEEK_CUR);
    if (before < 0 || _lseeki64(fd, at, SEEK_SET) < 0) return -1;
    const int got = _read(fd, bytes, n > INT_MAX ? INT_MAX : (unsigned)n);
    const int error = errno;
    if (_lseeki64(fd, before, SEEK_SET) < 0) return -1;
    errno = error;
    return got;
}

/* --- folders ------------------------------------------------------------------------ */

/* What we say that a DIR is. */
typedef struct folder {
    _WDIR *dir;
    struct dirent entry;
} folder;

DIR *__wrap_opendir(const char *path);
struct dirent *__wrap_readdir(DIR *dir);
int __wrap_closedir(DIR *dir);

DIR *__wrap_opendir(const char *path) {
    wchar_t *name = wide(path);
    folder *f = calloc(1, sizeof *f);
    if (f && name) f->dir = _wopendir(name);
    const int error = f ? errno : ENOMEM;
    free(name);
    if (f && f->dir) return (DIR *)f;
    free(f);
    errno = error;
    return NULL;
}

/* A name is at most 259 bytes of UTF-8: longer ones are an error. */
struct dirent *__wrap_readdir(DIR *dir) {
    folder *f = (folder *)dir;
    const struct _wdirent *entry = _wreaddir(f->dir);
    if (!entry) return NULL;
    if (WideCharToMultiByte(CP_UTF8, 0, entry->d_name, -1, f->entry.d_name,
                            sizeof f->entry.d_name, NULL, NULL) > 0)
        return &f->entry;
    errno = ENAMETOOLONG;
    return NULL;
}

int __wrap_closedir(DIR *dir) {
    folder *f = (folder *)dir;
    const int rc = _wclosedir(f->dir);
    free(f);
    return rc;
}

/* --- the machine -------------------------------------------------------------------- */

long sysconf(int name) {
    SYSTEM_INFO info;
    (void)name;
    GetSystemInfo(&info);
    return (long)info.dwNumberOfProcessors;
}
