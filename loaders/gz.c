/* gz.c - plain and gzip files: see gz.h. All unpacking is zlib's.
 *
 * A gzip member (RFC 1952):
 *
 *     1f 8b           magic
 *     08              method: deflate
 *     …               flags, time, name …
 *     …               deflated content
 *     cc cc cc cc     CRC-32 of the content, checked by zlib
 *     ss ss ss ss     its size modulo 2³², little-endian: gz_claims */
#define _FILE_OFFSET_BITS 64 /* files over 2 GiB on 32-bit machines */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "file.h"
#include "gz.h"

#define BUFFER_SIZE (256 * 1024)
#define MOST_PACKED 1032 /* bytes that one byte of deflate can stand for at most */

struct gz_file {
    gzFile zlib; /* owns the file descriptor */
    uint64_t size;
    uint64_t unpacked; /* content bytes read since the start */
    uint32_t claimed;  /* the size in the gzip trailer */
    int packed;
    char name[FILE_NAME];
};

int gz_fail(char *error, size_t error_size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(error, error_size, format, args);
    va_end(args);
    return GZ_ERROR;
}

/* read_at - up to n bytes, fewer only where the file ends. 0 if they cannot be read. */
static int read_at(int fd, unsigned char *bytes, size_t n, off_t at) {
    while (n) {
        const ssize_t got = pread(fd, bytes, n, at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0;
        bytes += got;
        at += got;
        n -= (size_t)got;
    }
    return 1;
}

/* What can be told of the file without unpacking it. */
static int examine(gz_file *file, int fd, char *error, size_t error_size) {
    unsigned char magic[2] = {0, 0}, tail[4] = {0, 0, 0, 0};
    if (!read_at(fd, magic, 2, 0) ||
        (file->size >= 4 && !read_at(fd, tail, 4, (off_t)file->size - 4)))
        return file_failure(file->name, "cannot be read", errno, error, error_size);
    file->packed = magic[0] == 0x1f && magic[1] == 0x8b;
    file->claimed = (uint32_t)tail[0] | (uint32_t)tail[1] << 8 | (uint32_t)tail[2] << 16 |
                    (uint32_t)tail[3] << 24;
    return GZ_OK;
}

int gz_open(gz_file **out, const char *path, char *error, size_t error_size) {
    int rc = GZ_NOMEM, fd = -1;
    *out = NULL;
    gz_file *file = calloc(1, sizeof *file);
    if (!file) goto done;
    file_name(file->name, path);
    rc = file_open(&fd, &file->size, path, file->name, error, error_size);
    if (rc != FILE_OK) goto done;
    rc = examine(file, fd, error, error_size);
    if (rc != GZ_OK) goto done;
    rc = GZ_NOMEM;
    file->zlib = gzdopen(fd, "rb");
    if (!file->zlib) goto done;
    fd = -1;
    if (gzbuffer(file->zlib,
                 file->size < BUFFER_SIZE ? (unsigned)file->size + 8 : BUFFER_SIZE))
        goto done;
    *out = file;
    file = NULL;
    rc = GZ_OK;
done:
    if (rc == GZ_NOMEM) gz_fail(error, error_size, "out of memory while opening a file");
    if (fd >= 0) close(fd);
    gz_close(file);
    return rc;
}

void gz_close(gz_file *file) {
    if (!file) return;
    if (file->zlib) gzclose_r(file->zlib);
    free(file);
}

/* The status and text for what zlib met. */
static int fail_zlib(gz_file *file, char *error, size_t error_size) {
    int code, saved = errno;
    const char *text = gzerror(file->zlib, &code);
    const char *reason = strstr(text, ": "); /* after zlib's own name for the file */
    if (code == Z_MEM_ERROR) {
        gz_fail(error, error_size, "%s: out of memory", file->name);
        return GZ_NOMEM;
    }
    if (code == Z_ERRNO)
        return file_failure(file->name, "cannot be read", saved, error, error_size);
    if (code == Z_BUF_ERROR)
        return gz_fail(error, error_size,
                       "%s: gzip data are cut off: they end after %llu bytes of content",
                       file->name, (unsigned long long)file->unpacked);
    return gz_fail(error, error_size, "%s: gzip data are damaged: %s", file->name,
                   reason ? reason + 2 : text);
}

int gz_read(gz_file *file, void *bytes, size_t n, size_t *got, char *error,
            size_t error_size) {
    *got = 0;
    while (*got < n) {
        size_t left = n - *got;
        unsigned int part = left > INT_MAX ? INT_MAX : (unsigned int)left;
        int read = gzread(file->zlib, (unsigned char *)bytes + *got, part);
        if (read < 0) return fail_zlib(file, error, error_size);
        *got += (size_t)read;
        file->unpacked += (uint64_t)read;
        if ((unsigned int)read == part) continue;
        /* The end: but zlib reports one that comes too early only here. */
        int code;
        gzerror(file->zlib, &code);
        return code == Z_OK ? GZ_OK : fail_zlib(file, error, error_size);
    }
    return GZ_OK;
}

int gz_rewind(gz_file *file, char *error, size_t error_size) {
    file->unpacked = 0;
    if (!gzrewind(file->zlib)) return GZ_OK;
    return gz_fail(error, error_size, "%s: cannot be read from its start again",
                   file->name);
}

const char *gz_name(const gz_file *file) { return file->name; }

uint64_t gz_size(const gz_file *file) { return file->size; }

int gz_packed(const gz_file *file) { return file->packed; }

int gz_could_hold(const gz_file *file, uint64_t n) {
    return n / MOST_PACKED <= file->size;
}

int gz_claims(const gz_file *file, uint64_t n) { return file->claimed == (uint32_t)n; }
