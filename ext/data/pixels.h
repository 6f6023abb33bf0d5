/* pixels.h - many images of one shape in memory, as small as they can be without loss.
 *
 * An image goes into one of two pools: bytes, if each of its values is k/255, or floats.
 * A pool is a list of blocks of about a megabyte, so it grows without a copy:
 *
 *     blocks[0]  image 0 | image 1 | … | image per_block−1
 *     blocks[1]  image per_block | … */
#ifndef EXT_PIXELS_H
#define EXT_PIXELS_H

#include "../../core/dn.h"
#include "../base/ext.h"

typedef struct pixel_pool {
    unsigned char **blocks;
    uint32_t n_blocks, room; /* blocks there are, and that fit in the list */
    uint32_t count;          /* images */
    uint32_t per_block;
    size_t image_size; /* in bytes */
} pixel_pool;

typedef struct pixel_set {
    pixel_pool bytes, floats;
    uint32_t
        *places; /* [n] where image i lies: its number in bytes, or FLOATS | number */
    uint32_t n, room;
    size_t values; /* h·w·c */
} pixel_set;

void pixels_start(pixel_set *p, dn_shape shape);
void pixels_free(pixel_set *p);

/* pixels_clear - no images any more; their memory is kept for others. */
void pixels_clear(pixel_set *p);

/* pixels_size - bytes that its images take. */
sqlite3_int64 pixels_size(const pixel_set *p);

/* pixels_add - appends a copy of an image whose floats are known to lie in 0..1.
 * SQLITE_OK, SQLITE_NOMEM, or SQLITE_FULL after 2^31−1 images. */
int pixels_add(pixel_set *p, const dn_image *image);

/* pixels_get - image i; it stays where it is until pixels_clear. */
dn_image pixels_get(const pixel_set *p, uint32_t i);

#endif
