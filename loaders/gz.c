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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "file.h"
#include "gz.h"

#define BUFFER_SIZE ((size_t)128 * 1024)
#define PART        ((size_t)512 * 1024) /* read or unpacked between two stops: 1 ms */
#define MOST_PACKED 1032 /* bytes that one byte of deflate can stand for at most */
#define GZIP_ONLY   (16 + MAX_WBITS)

struct gz_file {
    int fd;
    uint64_t size;
    uint64_t unpacked; /* content bytes read since the start */
    uint32_t claimed;  /* the size in the gzip trailer */
    int packed;
    const load_stop *stop;
    z_stream z;        /* of a packed file */
    int in_member;     /* between a member's magic and its end */
    int ended;         /* no member follows */
    unsigned char *in; /* [BUFFER_SIZE] of a packed file */
    unsigned char
        *out; /* [BUFFER_SIZE] content that was read before it was asked for, … */
    size_t at, have; /* … from where, and how much */
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

int gz_open(gz_file **out, const char *path, const load_stop *stop, char *error,
            size_t error_size) {
    int rc = GZ_NOMEM;
    *out = NULL;
    gz_file *file = calloc(1, sizeof *file);
    if (!file) goto done;
    file->fd = -1;
    file->stop = stop;
    file_name(file->name, path);
    rc = file_open(&file->fd, &file->size, path, file->name, error, error_size);
    if (rc == FILE_OK) rc = examine(file, file->fd, error, error_size);
    if (rc != GZ_OK) goto done;
    rc = GZ_NOMEM;
    if (!(file->out = malloc(BUFFER_SIZE))) goto done;
    if (file->packed &&
        (!(file->in = malloc(BUFFER_SIZE)) || inflateInit2(&file->z, GZIP_ONLY) != Z_OK))
        goto done;
    rc = GZ_OK;
    *out = file;
    file = NULL;
done:
    if (rc == GZ_NOMEM) gz_fail(error, error_size, "out of memory while opening a file");
    gz_close(file);
    return rc;
}

void gz_close(gz_file *file) {
    if (!file) return;
    if (file->z.state) inflateEnd(&file->z);
    free(file->out);
    free(file->in);
    if (file->fd >= 0) close(file->fd);
    free(file);
}

static int interrupted(const gz_file *file, char *error, size_t error_size) {
    gz_fail(error, error_size, "%s: interrupted", file->name);
    return GZ_STOPPED;
}

/* read_some - up to n bytes from where the file stands, PART at most; 0 only at its
 * end. */
static int read_some(gz_file *file, void *bytes, size_t n, size_t *got, char *error,
                     size_t error_size) {
    ssize_t count = -1;
    *got = 0;
    if (load_stopped(file->stop)) return interrupted(file, error, error_size);
    do count = read(file->fd, bytes, n < PART ? n : PART);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return file_failure(file->name, "cannot be read", errno, error, error_size);
    *got = (size_t)count;
    return GZ_OK;
}

/* fill - sees to `wanted` packed bytes at z.next_in, fewer only where the file ends. */
static int fill(gz_file *file, size_t wanted, char *error, size_t error_size) {
    z_stream *z = &file->z;
    if (z->avail_in < wanted && z->avail_in > 0)
        memmove(file->in, z->next_in, z->avail_in);
    if (z->avail_in < wanted) z->next_in = file->in;
    while (z->avail_in < wanted) {
        size_t got;
        const int rc = read_some(file, file->in + z->avail_in, BUFFER_SIZE - z->avail_in,
                                 &got, error, error_size);
        if (rc != GZ_OK) return rc;
        if (!got) break;
        z->avail_in += (uInt)got;
    }
    return GZ_OK;
}

/* member_start - whether another one follows; what does not begin as one is not looked
 * at. */
static int member_start(gz_file *file, char *error, size_t error_size) {
    const int rc = fill(file, 2, error, error_size);
    if (rc != GZ_OK) return rc;
    const unsigned char *magic = file->z.next_in;
    if (file->z.avail_in < 2 || magic[0] != 0x1f || magic[1] != 0x8b) {
        file->ended = 1;
        return GZ_OK;
    }
    inflateReset(&file->z);
    file->in_member = 1;
    return GZ_OK;
}

/* unpack_some - of the member it is in, until there is something or the member ends. */
static int unpack_some(gz_file *file, void *bytes, size_t n, size_t *got, char *error,
                       size_t error_size) {
    z_stream *z = &file->z;
    *got = 0;
    const int rc = fill(file, 1, error, error_size);
    if (rc != GZ_OK) return rc;
    if (!z->avail_in)
        return gz_fail(error, error_size,
                       "%s: gzip data are cut off: they end after %llu bytes of content",
                       file->name, (unsigned long long)file->unpacked);
    z->next_out = bytes;
    z->avail_out = (uInt)(n < PART ? n : PART);
    const uInt room = z->avail_out;
    const int code = inflate(z, Z_NO_FLUSH);
    *got = room - z->avail_out;
    file->unpacked += *got;
    if (code == Z_STREAM_END) file->in_member = 0;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) return GZ_OK;
    if (*got) return GZ_OK; /* what came before the error; it will come again */
    if (code == Z_MEM_ERROR) {
        gz_fail(error, error_size, "%s: out of memory", file->name);
        return GZ_NOMEM;
    }
    return gz_fail(error, error_size, "%s: gzip data are damaged: %s", file->name,
                   z->msg ? z->msg : "a dictionary is asked for");
}

/* content_some - the next bytes of content, 1 to n of them; 0 only where it ends. Members
 * may be empty, and millions: so stop is asked here, whatever comes of it. */
static int content_some(gz_file *file, void *bytes, size_t n, size_t *got, char *error,
                        size_t error_size) {
    int rc = GZ_OK;
    if (!file->packed) return read_some(file, bytes, n, got, error, error_size);
    *got = 0;
    while (rc == GZ_OK && !*got && !file->ended) {
        if (load_stopped(file->stop)) return interrupted(file, error, error_size);
        rc = file->in_member ? unpack_some(file, bytes, n, got, error, error_size)
                             : member_start(file, error, error_size);
    }
    return rc;
}

int gz_read(gz_file *file, void *bytes, size_t n, size_t *got, char *error,
            size_t error_size) {
    unsigned char *to = bytes;
    *got = 0;
    while (*got < n) {
        size_t part = n - *got;
        int rc = GZ_OK;
        if (file->have) { /* from what was read before */
            if (part > file->have) part = file->have;
            memcpy(to + *got, file->out + file->at, part);
            file->at += part;
            file->have -= part;
            *got += part;
        } else if (part >= BUFFER_SIZE) {
            rc = content_some(file, to + *got, part, &part, error, error_size);
            *got += part;
        } else {
            rc = content_some(file, file->out, BUFFER_SIZE, &part, error, error_size);
            file->at = 0;
            file->have = part;
        }
        if (rc != GZ_OK) return rc;
        if (!part) break;
    }
    return GZ_OK;
}

int gz_rewind(gz_file *file, char *error, size_t error_size) {
    file->unpacked = 0;
    file->in_member = file->ended = 0;
    file->have = 0;
    file->z.avail_in = 0;
    if (lseek(file->fd, 0, SEEK_SET) == 0) return GZ_OK;
    return file_failure(file->name, "cannot be read from its start again", errno, error,
                        error_size);
}

const char *gz_name(const gz_file *file) { return file->name; }

uint64_t gz_size(const gz_file *file) { return file->size; }

int gz_packed(const gz_file *file) { return file->packed; }

int gz_could_hold(const gz_file *file, uint64_t n) {
    return n / MOST_PACKED <= file->size;
}

int gz_claims(const gz_file *file, uint64_t n) { return file->claimed == (uint32_t)n; }
