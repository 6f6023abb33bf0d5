/* fuzz_gzip.c - gzip files.
 *
 *     1 byte   bit 0: made up of members by us; the others: how much is read at a time
 *     …        the file
 *
 * or, made up: pieces of it, each 1 byte for the length and that many bytes of content of
 * a member; a length of 255 ends them, and 1 byte says how much of the file's end is
 * lost. */
#define _GNU_SOURCE /* memfd_create */
#include "../../loaders/gz.h"
#include "memory_file.h"
#include "gzip.h"

#define ROOM (1 << 16)

static uint8_t made[ROOM], content[ROOM];

/* make_file - members; returns the file's size, and what it unpacks to. */
static size_t make_file(fuzz_input *in, size_t *unpacked, int *whole) {
    size_t size = 0;
    *unpacked = 0;
    *whole = 1;
    while (in->left && size + 256 + FUZZ_GZIP_FRAME <= ROOM) {
        size_t n = fuzz_byte(in);
        if (n == 255) break;
        if (n > in->left) n = in->left;
        memcpy(content + *unpacked, in->at, n);
        *unpacked += n;
        size += fuzz_gzip(made + size, in->at, n);
        in->at += n;
        in->left -= n;
    }
    const size_t lost = fuzz_byte(in);
    if (lost && lost < FUZZ_GZIP_FRAME - 1 && lost < size) {
        size -= lost; /* within the last member, both bytes of its magic left */
        *whole = 0;
    }
    return size;
}

/* read_all - to the end, step bytes at a time; returns the status. */
static int read_all(gz_file *file, uint8_t *out, size_t step, size_t *total,
                    char *error) {
    uint8_t *part = malloc(step);
    int rc = GZ_OK;
    *total = 0;
    while (rc == GZ_OK && part) {
        size_t got;
        rc = gz_read(file, part, step, &got, error, 256);
        FUZZ_CHECK(got <= step);
        if (*total + got <= ROOM) memcpy(out + *total, part, got);
        *total += got;
        if (got < step || *total > 16 * ROOM) break;
    }
    free(part);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static uint8_t first[ROOM], second[ROOM];
    fuzz_input in = {bytes, size};
    char error[256] = "";
    size_t unpacked = 0, total, again;
    int whole = 0;
    gz_file *file;
    const unsigned mode = fuzz_byte(&in);
    const size_t step = mode & 2 ? 4096 : 1 + (mode >> 2);
    if (mode & 1) {
        in.left = make_file(&in, &unpacked, &whole);
        in.at = made;
    }
    const char *path = fuzz_file(in.at, in.left);
    int rc = gz_open(&file, path, NULL, error, sizeof error);
    FUZZ_CHECK(rc == GZ_OK);
    FUZZ_CHECK(gz_size(file) == in.left);
    rc = read_all(file, first, step, &total, error);
    if (rc == GZ_ERROR) FUZZ_CHECK(strncmp(error, path, strlen(path)) == 0);
    if (rc == GZ_OK && total <= 16 * ROOM) FUZZ_CHECK(gz_could_hold(file, total));
    if (mode & 1 && in.left) {
        FUZZ_CHECK((rc == GZ_OK) == whole);
        FUZZ_CHECK(whole ? total == unpacked : total <= unpacked);
        FUZZ_CHECK(memcmp(first, content, total) == 0);
    }
    /* From the start once more, as a length is measured: the same. What was found to be
     * damaged need not be read again. */
    const int rewound = gz_rewind(file, error, sizeof error);
    FUZZ_CHECK(rewound == GZ_OK || rc == GZ_ERROR);
    if (rewound == GZ_OK && total <= ROOM) {
        FUZZ_CHECK(read_all(file, second, 4096, &again, error) == rc);
        if (rc == GZ_OK) FUZZ_CHECK(again == total && memcmp(first, second, total) == 0);
    }
    gz_close(file);
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    static const uint8_t text[] = "digits digits digits";
    switch (i) {
    case 0: memcpy(out, "\x02plain", 6); return 6;
    case 1: out[0] = 2; return 1 + fuzz_gzip(out + 1, text, sizeof text);
    case 2: memcpy(out, "\x03\x05three\x03two\xff", 12); return 12;
    case 3: memcpy(out, "\x05\x05three\x03two\xff\x04", 13); return 13;
    case 4: { /* deflated */
        uint8_t packed[256];
        z_stream z = {.next_in = (z_const Bytef *)text,
                      .avail_in = sizeof text,
                      .next_out = packed,
                      .avail_out = sizeof packed};
        if (deflateInit2(&z, 9, Z_DEFLATED, 31, 8, 0) != Z_OK) abort();
        deflate(&z, Z_FINISH);
        out[0] = 2;
        memcpy(out + 1, packed, z.total_out);
        deflateEnd(&z);
        return 1 + z.total_out;
    }
    }
    return 0;
}
