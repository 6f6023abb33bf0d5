/* batch.c - some rows of a source: see batch.h. */
#include <string.h>
#include "../base/error.h"
#include "../data/row.h"
#include "../image/image.h"
#include "batch.h"

void ext_block_clear(ext_block *block) {
    for (int i = 0; i < block->n_rows; i++) sqlite3_value_free(block->rows[i].label);
    block->n_rows = block->n_images = 0;
}

void ext_block_free(ext_block *block) {
    ext_block_clear(block);
    sqlite3_free(block->probabilities);
    sqlite3_free(block->pixels);
    sqlite3_free(block->images);
    sqlite3_free(block->rows);
    memset(block, 0, sizeof *block);
}

static sqlite3_uint64 values_of(dn_shape shape) {
    return (sqlite3_uint64)shape.h * (sqlite3_uint64)shape.w * (sqlite3_uint64)shape.c;
}

/* block_allocate - room for `wanted` rows in an empty block. */
static int block_allocate(ext_block *block, const dn_model_info *info, int wanted) {
    if (wanted <= block->largest) return SQLITE_OK;
    const sqlite3_uint64 rows = (sqlite3_uint64)wanted;
    ext_block_free(block);
    block->rows = sqlite3_malloc64(rows * sizeof *block->rows);
    block->images = sqlite3_malloc64(rows * sizeof *block->images);
    block->pixels = sqlite3_malloc64(rows * 4 * values_of(info->shape));
    block->probabilities =
        sqlite3_malloc64(rows * (sqlite3_uint64)info->classes * sizeof(float));
    if (!block->rows || !block->images || !block->pixels || !block->probabilities)
        return SQLITE_NOMEM;
    block->largest = wanted;
    return SQLITE_OK;
}

/* block_add - copies the row the source stands on. */
static int block_add(ext_block *block, ext_source *source, dn_shape shape, char *error) {
    sqlite3_stmt *s = source->rows;
    ext_block_row *row = &block->rows[block->n_rows];
    char reason[EXT_ERROR_SIZE];
    dn_image *image = &block->images[block->n_images];
    *row = (ext_block_row){ext_source_id(source), NULL, -1};
    const int type = sqlite3_column_type(s, 0);
    if (type != SQLITE_NULL) {
        const void *bytes = ext_image_column(s, 0);
        const size_t size = (size_t)sqlite3_column_bytes(s, 0);
        const int rc =
            ext_image_from(image, type, bytes, size, shape, &source->room, reason);
        if (rc == SQLITE_ERROR) return ext_row_error(source, reason, error);
        if (rc != SQLITE_OK) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", reason);
            return rc;
        }
        unsigned char *copy = block->pixels +
                              (size_t)block->n_images * 4 * values_of(shape);
        memcpy(copy, image->pixels, ext_image_size(image, shape));
        image->pixels = copy;
    }
    if (source->label >= 0) {
        row->label = sqlite3_value_dup(sqlite3_column_value(s, source->label));
        if (!row->label) return SQLITE_NOMEM;
    }
    if (type != SQLITE_NULL) row->image = block->n_images++;
    block->n_rows++;
    return SQLITE_OK;
}

int ext_block_read(ext_block *block, ext_source *source, const dn_model_info *info,
                   int wanted, char *error) {
    int rc = block_allocate(block, info, wanted);
    while (rc == SQLITE_OK && block->n_rows < wanted) {
        rc = ext_source_next(source, error);
        if (rc != SQLITE_ROW) return rc;
        rc = block_add(block, source, info->shape, error);
    }
    if (rc == SQLITE_OK) return SQLITE_ROW;
    if (rc == SQLITE_NOMEM) sqlite3_snprintf(EXT_ERROR_SIZE, error, "out of memory");
    return rc;
}
