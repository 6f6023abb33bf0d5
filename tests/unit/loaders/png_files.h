/* png_files.h - PNGs put together chunk by chunk, so that any of it can be wrong. */
#ifndef TEST_PNG_FILES_H
#define TEST_PNG_FILES_H

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>
#include "../check.h"

static unsigned char file[16 << 20];
static size_t n_file;

static inline void add_word(uint32_t word) {
    for (int i = 24; i >= 0; i -= 8) file[n_file++] = (unsigned char)(word >> i);
}

static inline uint32_t word_at(size_t i) {
    return (uint32_t)file[i] << 24 | (uint32_t)file[i + 1] << 16 |
           (uint32_t)file[i + 2] << 8 | file[i + 3];
}

static inline void add_chunk(const char *type, const void *content, size_t n) {
    add_word((uint32_t)n);
    memcpy(file + n_file, type, 4);
    if (n) memcpy(file + n_file + 4, content, n);
    const uLong crc = crc32(0, file + n_file, (uInt)n + 4);
    n_file += n + 4;
    add_word((uint32_t)crc);
}

static inline void start(uint32_t width, uint32_t height, int depth, int colour,
                         int interlaced) {
    n_file = 0;
    add_word(0x89504e47);
    add_word(0x0d0a1a0a);
    const unsigned char head[13] = {(unsigned char)(width >> 24),
                                    (unsigned char)(width >> 16),
                                    (unsigned char)(width >> 8),
                                    (unsigned char)width,
                                    (unsigned char)(height >> 24),
                                    (unsigned char)(height >> 16),
                                    (unsigned char)(height >> 8),
                                    (unsigned char)height,
                                    (unsigned char)depth,
                                    (unsigned char)colour,
                                    0,
                                    0,
                                    (unsigned char)interlaced};
    add_chunk("IHDR", head, 13);
}

static unsigned char packed[8 << 20];

/* n zeros, or what bytes says, as a zlib stream in packed; its size. */
static inline size_t pack(const unsigned char *bytes, size_t n) {
    static const unsigned char zeros[1 << 16];
    z_stream z = {0};
    CHECK(deflateInit(&z, 9) == Z_OK);
    z.next_out = packed;
    z.avail_out = sizeof packed;
    while (n > 0) {
        const size_t part = bytes || n < sizeof zeros ? n : sizeof zeros;
        z.next_in = (z_const Bytef *)(bytes ? bytes : zeros);
        z.avail_in = (uInt)part;
        CHECK(deflate(&z, Z_NO_FLUSH) == Z_OK);
        n -= part;
    }
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static inline void add_zeros(size_t n) { add_chunk("IDAT", packed, pack(NULL, n)); }

static inline void end(void) { add_chunk("IEND", NULL, 0); }

static unsigned char original[4096];
static size_t n_original;

static inline void original_make(int colour, int interlaced) {
    static const unsigned char colours[9] = {1, 2, 3, 250, 0, 7, 8, 9, 200};
    static const int samples[] = {1, 0, 3, 1, 2, 0, 4};
    unsigned char raw[1000] = {0};
    size_t n = 0;
    start(5, 3, 8, colour, interlaced);
    if (colour == 3) {
        add_chunk("PLTE", colours, 9);
        add_chunk("tRNS", colours, 3);
    }
    if (colour == 2) add_chunk("tRNS", colours, 6);
    add_chunk("tEXt", "Title\0digit", 11);
    /* Adam7 makes of 5×3: 1×1, 1×1, nothing, 1×1, 3×1, 2×2, 5×1. */
    static const int widths[] = {1, 1, 1, 3, 2, 2, 5};
    for (int row = 0; row < (interlaced ? 7 : 3); row++) {
        const int width = interlaced ? widths[row] : 5;
        raw[n++] = (unsigned char)(row % 5);
        for (int i = 0; i < width * samples[colour]; i++)
            raw[n++] = (unsigned char)(colour == 3 ? i % 3 : 37 * i + row);
    }
    const size_t size = pack(raw, n);
    add_chunk("IDAT", packed, size / 2);
    add_chunk("IDAT", packed + size / 2, size - size / 2);
    end();
    memcpy(original, file, n_file);
    n_original = n_file;
}

/* Checksums made right again after a change, so that it reaches what lies behind them. */
static inline void repair(void) {
    for (size_t at = 8; n_file - at >= 12;) {
        const size_t n = word_at(at);
        if (n > n_file - at - 12) return;
        const uint32_t crc = (uint32_t)crc32(0, file + at + 4, (uInt)n + 4);
        for (int i = 0; i < 4; i++)
            file[at + 8 + n + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
        at += n + 12;
    }
}

#endif
