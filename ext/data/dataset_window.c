/* dataset_window.c - which rows of a training set are in memory, and in what order an
 * epoch takes them. See dataset.h and dataset_parts.h.
 *
 * A windowed epoch is shuffled in two steps, so that reading stays cheap and chance is
 * nearly as good as that of a full shuffle. Blocks of 64 neighbouring rows are put in
 * random order, and that order is cut into windows; the rows of a window are shuffled
 * among each other. A table of one class after the other does no harm: each window has
 * thousands of blocks from all over the table.
 *
 * A table with rowids is read a block at a time, by ranges of them. Any other source (a
 * view, a WITHOUT ROWID table, a virtual table) is read from its start to its end for
 * each window, which costs as much again for each. */
#include <string.h>
#include "../base/error.h"
#include "dataset_parts.h"
#include "row.h"

#define BLOCK_ROWS 64

/* Rows between two that are wanted which it is cheaper to read over than to seek past. */
#define GAP_ROWS 8

/* In place_of: a row that is not in the window, and one that is yet to be read. */
#define ABSENT UINT32_MAX
#define WANTED (UINT32_MAX - 1)

void ext_dataset_batch(ext_dataset *data, int batch) {
    const struct ext_dataset_store *store = data->store;
    const sqlite3_uint64 step = (sqlite3_uint64)batch;
    data->window = data->n_train;
    if (!store->windowed) return;
    sqlite3_uint64 rows = store->cache / store->row_size / step * step;
    if (rows < step) rows = step;
    if (rows < data->n_train) data->window = (uint32_t)rows;
}

void ext_dataset_leave_out(ext_dataset *data, const unsigned char *fold_of, int fold) {
    data->n_train = 0;
    for (uint32_t i = 0; i < data->n; i++)
        if (fold_of[i] != fold) data->train[data->n_train++] = i;
}

int32_t ext_dataset_class(const ext_dataset *data, uint32_t row) {
    return data->store->class_of[row];
}

int ext_window_start(ext_dataset *data, sqlite3 *db, sqlite3_value *source,
                     const ext_dataset_request *request) {
    struct ext_dataset_store *store = data->store;
    if (!store->windowed) {
        ext_dataset_batch(data, request->batch);
        sqlite3_free(store->facts);
        store->facts = NULL;
        return SQLITE_OK;
    }
    int is_float = 0;
    for (uint32_t i = 0; i < store->n; i++) is_float |= store->facts[i].is_float;
    store->row_size = store->pixels.values * (is_float ? 4 : 1) + sizeof(uint32_t);
    store->cache = (sqlite3_uint64)request->cache;
    ext_dataset_batch(data, request->batch);
    store->db = db;
    store->holdout = request->holdout;
    store->flags = SOURCE_LABEL | SOURCE_RANGE | (request->any_split ? 0 : SOURCE_SPLIT);
    store->source = sqlite3_value_dup(source);
    store->place_of = sqlite3_malloc64(store->n * sizeof *store->place_of);
    return store->source && store->place_of ? SQLITE_OK : SQLITE_NOMEM;
}

void ext_window_end(struct ext_dataset_store *store) {
    sqlite3_value_free(store->source);
    sqlite3_free(store->place_of);
}

int ext_dataset_order(const ext_dataset *data, uint32_t *order, uint64_t seed,
                      uint64_t epoch) {
    const uint32_t n = data->n_train;
    if (!data->store->windowed) {
        dn_shuffle(order, n, seed, epoch);
        return SQLITE_OK;
    }
    const uint32_t blocks = (n + BLOCK_ROWS - 1) / BLOCK_ROWS;
    const uint32_t most = data->window > blocks ? data->window : blocks;
    uint32_t *shuffled = sqlite3_malloc64(most * sizeof *shuffled);
    uint32_t *window = sqlite3_malloc64(data->window * sizeof *window);
    if (shuffled && window) {
        uint32_t at = 0;
        dn_shuffle(shuffled, blocks, seed, epoch);
        for (uint32_t b = 0; b < blocks; b++) {
            const uint32_t first = shuffled[b] * BLOCK_ROWS;
            for (uint32_t i = first; i < first + BLOCK_ROWS && i < n; i++)
                order[at++] = i;
        }
        uint64_t number = 1;
        for (uint32_t from = 0, count; from < n; from += count, number++) {
            count = n - from < data->window ? n - from : data->window;
            memcpy(window, order + from, count * sizeof *window);
            dn_shuffle(shuffled, count, seed, epoch | number << 32);
            for (uint32_t i = 0; i < count; i++) order[from + i] = window[shuffled[i]];
        }
    }
    const int rc = shuffled && window ? SQLITE_OK : SQLITE_NOMEM;
    sqlite3_free(window);
    sqlite3_free(shuffled);
    return rc;
}

/* row_take - puts row i into the window. It must be what it was when it was first
 * read. */
static int row_take(struct ext_dataset_store *store, ext_source *source, uint32_t i,
                    dn_shape shape, char *error) {
    dn_image image;
    int rc = ext_row_image(source, &shape, &image, error);
    if (rc == SQLITE_OK) rc = ext_pixels_add(&store->pixels, &image);
    if (rc == SQLITE_NOMEM) return ext_sqlite_error(source->db, rc, error);
    if (rc != SQLITE_OK) return rc;
    store->place_of[i] = store->pixels.n - 1;
    image = ext_pixels_get(&store->pixels, store->pixels.n - 1);
    if (row_hash(&image, store->pixels.values) == store->facts[i].hash) return SQLITE_OK;
    return ext_row_error(source, "it has changed since training began", error);
}

/* rows_missing - whether one of rows first … last-1 is still to be read. */
static int rows_missing(const struct ext_dataset_store *store, uint32_t first,
                        uint32_t last, const ext_source *source, char *error) {
    for (uint32_t i = first; i < last; i++) {
        if (store->place_of[i] != WANTED) continue;
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error, "%.100s, %s %lld: it was deleted after training began",
            source->name, source->rowid < 0 ? "row" : "rowid", store->facts[i].id);
        return SQLITE_ERROR;
    }
    return SQLITE_OK;
}

/* rows_by_range - reads the wanted rows in runs of neighbours. */
static int rows_by_range(const ext_dataset *data, ext_source *source, char *error) {
    struct ext_dataset_store *store = data->store;
    int rc = SQLITE_OK;
    for (uint32_t first = 0, last; first < store->n && rc == SQLITE_OK; first = last) {
        last = first + 1;
        if (store->place_of[first] != WANTED) continue;
        for (uint32_t i = last; i < store->n && i < last + GAP_ROWS; i++)
            if (store->place_of[i] == WANTED) last = i + 1;
        rc = ext_source_range(source, store->facts[first].id, store->facts[last - 1].id,
                              error);
        uint32_t i = first;
        while (rc == SQLITE_OK && (rc = ext_source_next(source, error)) == SQLITE_ROW) {
            const sqlite3_int64 id = ext_source_rowid(source);
            rc = SQLITE_OK;
            while (i < last && store->facts[i].id < id) i++;
            if (i < last && store->facts[i].id == id && store->place_of[i] == WANTED)
                rc = row_take(store, source, i, data->shape, error);
        }
        if (rc == SQLITE_DONE) rc = rows_missing(store, first, last, source, error);
    }
    return rc;
}

/* rows_by_scan - reads the wanted rows in one go over the whole source. */
static int rows_by_scan(const ext_dataset *data, ext_source *source, char *error) {
    struct ext_dataset_store *store = data->store;
    uint32_t i = 0;
    int rc, holdout;
    while ((rc = ext_source_next(source, error)) == SQLITE_ROW) {
        if (!ext_row_is_used(source, store->holdout, &holdout)) continue;
        if (i < store->n && store->place_of[i] == WANTED) {
            rc = row_take(store, source, i, data->shape, error);
            if (rc != SQLITE_OK) return rc;
        }
        i++;
    }
    return rc == SQLITE_DONE ? rows_missing(store, 0, store->n, source, error) : rc;
}

int ext_dataset_hold(ext_dataset *data, const uint32_t *rows, const uint32_t *order,
                     uint32_t n, char *error) {
    struct ext_dataset_store *store = data->store;
    if (!store->windowed) return SQLITE_OK;
    for (uint32_t i = 0; i < store->n; i++) store->place_of[i] = ABSENT;
    for (uint32_t i = 0; i < n; i++) store->place_of[rows[order ? order[i] : i]] = WANTED;
    ext_pixels_clear(&store->pixels);
    ext_source source;
    int rc =
        ext_source_open(&source, store->db, store->source, NULL, store->flags, error);
    source.room.picture = store->picture;
    if (rc == SQLITE_OK)
        rc = source.by_range ? rows_by_range(data, &source, error)
                             : rows_by_scan(data, &source, error);
    ext_source_close(&source);
    return rc;
}

void ext_dataset_get(const ext_dataset *data, const uint32_t *rows, int n,
                     dn_image *images, int32_t *classes) {
    const struct ext_dataset_store *store = data->store;
    for (int i = 0; i < n; i++) {
        const uint32_t place = store->windowed ? store->place_of[rows[i]] : rows[i];
        images[i] = ext_pixels_get(&store->pixels, place);
        classes[i] = store->class_of[rows[i]];
    }
}
