/* pixels.c - many images of one shape in memory: see pixels.h. */
#include <string.h>
#include "../image/image.h"
#include "pixels.h"

#define BLOCK_SIZE (1 << 20)
#define FLOATS     0x80000000u /* in a place: of the pool of floats */

static void pool_start(ext_pixel_pool *pool, size_t image_size) {
    *pool = (ext_pixel_pool){.image_size = image_size};
    pool->per_block = image_size < BLOCK_SIZE ? (uint32_t)(BLOCK_SIZE / image_size) : 1;
}

static void pool_free(ext_pixel_pool *pool) {
    for (uint32_t i = 0; i < pool->n_blocks; i++) sqlite3_free(pool->blocks[i]);
    sqlite3_free(pool->blocks);
    *pool = (ext_pixel_pool){0};
}

static unsigned char *pool_at(const ext_pixel_pool *pool, uint32_t i) {
    return pool->blocks[i / pool->per_block] + i % pool->per_block * pool->image_size;
}

/* pool_next - room for one more image, which counts only when the caller raises count. */
static unsigned char *pool_next(ext_pixel_pool *pool) {
    if (pool->count / pool->per_block < pool->n_blocks) return pool_at(pool, pool->count);
    if (pool->n_blocks == pool->room) {
        uint32_t room = pool->room ? 2 * pool->room : 16;
        void *list = sqlite3_realloc64(pool->blocks, room * sizeof *pool->blocks);
        if (!list) return NULL;
        pool->blocks = list;
        pool->room = room;
    }
    void *block = sqlite3_malloc64(pool->per_block * pool->image_size);
    if (!block) return NULL;
    pool->blocks[pool->n_blocks++] = block;
    return pool_at(pool, pool->count);
}

/* byte_from_float - k of a value k/255; *differ becomes 1 if it is something else. The
 * product is within an ulp or two of k, so rounding finds it; the division is the
 * proof. */
static inline unsigned char byte_from_float(float value, int *differ) {
    const int k = (int)(value * 255.0f + 0.5f);
    *differ |= (float)k / 255.0f != value;
    return (unsigned char)k;
}

/* bytes_from_floats - writes k for each of n values k/255; 0 if one is something else.
 * Blocks of 16 without a branch are for the vectoriser. */
static int bytes_from_floats(unsigned char *out, const void *floats, size_t n) {
    int differ = 0;
    size_t i = 0;
    for (; i + 16 <= n && !differ; i += 16)
        for (size_t k = i; k < i + 16; k++)
            out[k] = byte_from_float(ext_float(floats, k), &differ);
    for (; i < n && !differ; i++) out[i] = byte_from_float(ext_float(floats, i), &differ);
    return !differ;
}

void ext_pixels_start(ext_pixel_set *p, dn_shape shape) {
    memset(p, 0, sizeof *p);
    p->values = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    pool_start(&p->bytes, p->values);
    pool_start(&p->floats, p->values * sizeof(float));
}

void ext_pixels_free(ext_pixel_set *p) {
    pool_free(&p->floats);
    pool_free(&p->bytes);
    sqlite3_free(p->places);
    p->places = NULL;
    p->n = p->room = 0;
}

void ext_pixels_clear(ext_pixel_set *p) { p->n = p->bytes.count = p->floats.count = 0; }

sqlite3_int64 ext_pixels_size(const ext_pixel_set *p) {
    return (sqlite3_int64)p->bytes.count * (sqlite3_int64)p->bytes.image_size +
           (sqlite3_int64)p->floats.count * (sqlite3_int64)p->floats.image_size +
           (sqlite3_int64)p->n * (sqlite3_int64)sizeof *p->places;
}

int ext_pixels_add(ext_pixel_set *p, const dn_image *image) {
    if (p->n == FLOATS - 1) return SQLITE_FULL;
    if (p->n == p->room) {
        const sqlite3_uint64 room = p->room ? 2 * (sqlite3_uint64)p->room : 1024;
        void *places = sqlite3_realloc64(p->places, room * sizeof *p->places);
        if (!places) return SQLITE_NOMEM;
        p->places = places;
        p->room = (uint32_t)room;
    }
    unsigned char *room = pool_next(&p->bytes);
    if (!room) return SQLITE_NOMEM;
    int fits = 1;
    if (image->type == DN_UINT8)
        memcpy(room, image->pixels, p->values);
    else
        fits = bytes_from_floats(room, image->pixels, p->values);
    if (fits) {
        p->places[p->n++] = p->bytes.count++;
        return SQLITE_OK;
    }
    room = pool_next(&p->floats);
    if (!room) return SQLITE_NOMEM;
    memcpy(room, image->pixels, p->values * sizeof(float));
    p->places[p->n++] = FLOATS | p->floats.count++;
    return SQLITE_OK;
}

dn_image ext_pixels_get(const ext_pixel_set *p, uint32_t i) {
    const uint32_t place = p->places[i];
    if (place & FLOATS)
        return (dn_image){pool_at(&p->floats, place & ~FLOATS), DN_FLOAT32};
    return (dn_image){pool_at(&p->bytes, place), DN_UINT8};
}
