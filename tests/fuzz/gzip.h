/* gzip.h - for the targets whose input may be packed: gzip members without
 * compression. */
#ifndef FUZZ_GZIP_H
#define FUZZ_GZIP_H

#include <zlib.h>
#include "fuzz.h"

#define FUZZ_GZIP_FRAME 23 /* bytes that a member has beside its content */

/* fuzz_gzip - a member with n bytes of content, n < 65536, CRC and size right. Returns
 * the bytes written: n + FUZZ_GZIP_FRAME. */
static inline size_t fuzz_gzip(uint8_t *out, const uint8_t *bytes, size_t n) {
    static const uint8_t head[11] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1};
    memcpy(out, head, sizeof head);
    out[11] = (uint8_t)n;
    out[12] = (uint8_t)(n >> 8);
    out[13] = (uint8_t)~n;
    out[14] = (uint8_t)(~n >> 8);
    if (n) memcpy(out + 15, bytes, n);
    fuzz_put_le(out + 15 + n, (uint32_t)crc32(0, bytes, (uInt)n));
    fuzz_put_le(out + 19 + n, (uint32_t)n);
    return n + FUZZ_GZIP_FRAME;
}

#endif
