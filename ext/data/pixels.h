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

typedef struct ext_pixel_pool {
    unsigned char **blocks;
    uint32_t n_blocks, room; /* blocks there are, and that fit in the list */
    uint32_t count;          /* images */
    uint32_t per_block;
    size_t image_size; /* in bytes */
} ext_pixel_pool;

typedef struct ext_pixel_set {
    ext_pixel_pool bytes, floats;
    uint32_t
        *places; /* [n] where image i lies: its number in bytes, or FLOATS | number */
    uint32_t n, room;
    size_t values; /* h·w·c */
} ext_pixel_set;

void ext_pixels_start(ext_pixel_set *p, dn_shape shape);
void ext_pixels_free(ext_pixel_set *p);

/* ext_pixels_clear - no images any more; their memory is kept for others. */
void ext_pixels_clear(ext_pixel_set *p);

/* ext_pixels_size - bytes that its images take. */
sqlite3_int64 ext_pixels_size(const ext_pixel_set *p);

/* ext_pixels_add - appends a copy of an image whose floats are known to lie in 0..1.
 * SQLITE_OK, SQLITE_NOMEM, or SQLITE_FULL after 2^31−1 images. */
int ext_pixels_add(ext_pixel_set *p, const dn_image *image);

/* ext_pixels_get - image i; it stays where it is until ext_pixels_clear. */
dn_image ext_pixels_get(const ext_pixel_set *p, uint32_t i);

#endif
