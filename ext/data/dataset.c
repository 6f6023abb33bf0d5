/* dataset.c - the rows of a table as a training set: see dataset.h. Which of them are in
 * memory, when not all can be, is dataset_window.c's affair. */
#include <math.h>
#include <string.h>
#include "../image/image.h"
#include "../image/picture.h"
#include "alike.h"
#include "dataset_parts.h"
#include "row.h"
#include "row_shape.h"

/* --- reading rows ------------------------------------------------------------------- */

static int store_grow(struct ext_dataset_store *store) {
    if (store->n < store->room) return SQLITE_OK;
    const sqlite3_uint64 room = store->room ? 2 * (sqlite3_uint64)store->room : 1024;
    void *classes = sqlite3_realloc64(store->class_of, room * sizeof *store->class_of);
    if (classes) store->class_of = classes;
    void *holdout = sqlite3_realloc64(store->is_holdout, room);
    if (holdout) store->is_holdout = holdout;
    void *facts = sqlite3_realloc64(store->facts, room * sizeof *store->facts);
    if (facts) store->facts = facts;
    if (!classes || !holdout || !facts) return SQLITE_NOMEM;
    store->room = (uint32_t)room;
    return SQLITE_OK;
}

/* row_measure - what is kept of a row's pixels when they themselves may have to go. Bytes
 * are summed up exactly, floats in double precision in their order. */
static void row_measure(struct ext_row_facts *facts, const dn_image *image,
                        size_t values) {
    const unsigned char *bytes = image->pixels;
    facts->is_float = image->type == DN_FLOAT32;
    facts->hash = row_hash(image, values);
    facts->sum = facts->squares = 0;
    if (facts->is_float) {
        for (size_t k = 0; k < values; k++) {
            const double value = (double)ext_float(bytes, k);
            facts->sum += value;
            facts->squares += value * value;
        }
    } else {
        uint64_t sum = 0, squares = 0;
        for (size_t k = 0; k < values; k++) {
            sum += bytes[k];
            squares += (uint64_t)bytes[k] * bytes[k];
        }
        facts->sum = (double)sum;
        facts->squares = (double)squares;
    }
}

/* row_form - the form that a row came in. A PNG's pixels lie in the source's room. */
static unsigned row_form(const ext_source *source, const dn_image *image) {
    if (image->type == DN_FLOAT32) return ROW_FLOAT32;
    return image->pixels == source->room.pixels ? ROW_PNG : ROW_UINT8;
}

/* border_is_bright - whether more than half of the pixels at the border of a grey image
 * are. */
static int border_is_bright(const dn_image *image, dn_shape s) {
    const size_t w = (size_t)s.w, h = (size_t)s.h, last = (h - 1) * w;
    size_t bright = 0;
    if (s.c != 1) return 0;
    for (size_t x = 0; x < w; x++) {
        bright += ext_value(image, x) > 0.5f;
        bright += ext_value(image, last + x) > 0.5f;
    }
    for (size_t y = 0; y <= last; y += w) {
        bright += ext_value(image, y) > 0.5f;
        bright += ext_value(image, y + w - 1) > 0.5f;
    }
    return bright > w + h;
}

/* row_look - counts a row among those that look odd. is_picture: it is a PNG as it was,
 * of any colours. */
static void row_look(struct ext_dataset_store *store, const struct ext_row_facts *facts,
                     const dn_image *image, dn_shape shape, int is_picture) {
    store->n_blank += facts->squares == 0 && facts->sum == 0;
    store->n_mask += !facts->is_float && facts->sum > 0 && facts->sum == facts->squares;
    store->n_faint += facts->is_float && facts->sum > 0 && facts->sum < 1e-6;
    if (!is_picture && border_is_bright(image, shape)) store->n_paper++;
}

/* row_add - appends the row the source stands on, if it takes part. */
static int row_add(struct ext_dataset_store *store, ext_source *source,
                   const ext_dataset_request *request, dn_shape *shape, char *error) {
    int holdout = 0;
    dn_label label;
    dn_image image;
    if (!ext_row_is_used(source, request->holdout, &holdout))
        return ext_left_out_add(&store->left_out, source) == SQLITE_OK
                   ? SQLITE_OK
                   : ext_no_memory(error);
    int rc = ext_row_image(source, shape, &image, error);
    if (rc == SQLITE_OK) rc = ext_row_label(source, &label, error);
    if (rc != SQLITE_OK) return rc;
    if (!store->pixels.values) ext_pixels_start(&store->pixels, *shape);
    const int32_t class = ext_classes_find(&store->classes, &label);
    if (class == -2)
        return ext_row_error(source, "there are more than 65536 different labels", error);
    if (class < 0 || store_grow(store) != SQLITE_OK) return ext_no_memory(error);
    if (request->visit && request->visit(request->context, source) != SQLITE_OK)
        return ext_no_memory(error);
    const unsigned form = row_form(source, &image);
    store->forms |= form;
    rc = ext_pixels_add(&store->pixels, &image);
    if (rc == SQLITE_FULL) return ext_row_error(source, "there are too many rows", error);
    if (rc != SQLITE_OK) return ext_no_memory(error);
    struct ext_row_facts *facts = &store->facts[store->n];
    image = ext_pixels_get(&store->pixels, store->pixels.n - 1);
    row_measure(facts, &image, store->pixels.values);
    facts->id = ext_source_rowid(source);
    if (form != ROW_PNG &&
        ext_digit_form_look(&store->digit_form, &image, *shape) != SQLITE_OK)
        return ext_no_memory(error);
    row_look(store, facts, &image, *shape,
             form == ROW_PNG &&
                 ext_picture_of(source->room.picture, *shape) != EXT_PICTURE_DIGIT);
    /* More than may be held: from here on rows are read, measured and let go. */
    if (store->windowed || ext_pixels_size(&store->pixels) > request->cache) {
        store->windowed = 1;
        ext_pixels_clear(&store->pixels);
    }
    store->class_of[store->n] = class;
    store->is_holdout[store->n] = (unsigned char)holdout;
    store->n_holdout += (uint32_t)holdout;
    store->n++;
    return SQLITE_OK;
}

/* no_rows - says that none can be learned from, and which values of split were met. */
static int no_rows(const struct ext_dataset_store *store, const ext_source *source,
                   char *error) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    ext_left_out_splits(&store->left_out, out);
    const int odd = sqlite3_str_length(out) > 0;
    char *splits = sqlite3_str_finish(out);
    if (odd && !splits) return ext_no_memory(error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%!.100s has no usable rows: none has %s%s%s",
                     source->name,
                     source->split < 0 ? "both pixels and a label"
                                       : "split = 'train', pixels and a label",
                     odd ? "; there are rows whose split is " : "", odd ? splits : "");
    sqlite3_free(splits);
    return SQLITE_ERROR;
}

/* rows_check - whether what was read can be learned from. */
static int rows_check(const struct ext_dataset_store *store, const ext_source *source,
                      const ext_dataset_request *request, char *error) {
    const dn_label *label = store->classes.labels;
    if (store->n == store->n_holdout) return no_rows(store, source, error);
    if (store->classes.n > 1 || request->one_class)
        return request->distinct_labels ? SQLITE_OK
                                        : ext_alike_find(&store->classes, error);
    if (label->text)
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%.100s has one label only, '%.100s'; expected 2 or more",
                         source->name, label->text);
    else
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%.100s has one label only, %lld; expected 2 or more",
                         source->name, (sqlite3_int64)label->integer);
    return SQLITE_ERROR;
}

/* rows_read - reads all rows of the source. */
static int rows_read(ext_dataset *data, sqlite3 *db, sqlite3_value *name,
                     const ext_dataset_request *request, char *error) {
    ext_source source;
    data->shape = request->shape;
    data->picture = request->picture;
    const int split = request->any_split ? 0 : SOURCE_SPLIT;
    int rc = ext_source_open(&source, db, name, request->key,
                             SOURCE_LABEL | split | request->flags, error);
    if (rc == SQLITE_OK && !request->is_stored &&
        (!data->shape.h || data->picture == EXT_PICTURE_UNSAID))
        rc = ext_rows_shape(&source, request->holdout, &data->shape, &data->picture,
                            &data->notes, error);
    source.room.picture = data->picture;
    if (rc == SQLITE_OK) {
        while ((rc = ext_source_next(&source, error)) == SQLITE_ROW) {
            rc = row_add(data->store, &source, request, &data->shape, error);
            if (rc != SQLITE_OK) break;
        }
        if (rc == SQLITE_DONE) rc = rows_check(data->store, &source, request, error);
    }
    ext_source_close(&source);
    return rc;
}

/* --- what becomes of them ----------------------------------------------------------- */

/* classes_number - replaces the classes' numbers by their places in the sorted order. */
static int classes_number(ext_dataset *data) {
    struct ext_dataset_store *store = data->store;
    const int32_t n = store->classes.n;
    int32_t *ranks = sqlite3_malloc64((sqlite3_uint64)n * sizeof *ranks);
    if (!ranks) return SQLITE_NOMEM;
    ext_classes_sort(&store->classes, ranks);
    for (uint32_t i = 0; i < store->n; i++)
        store->class_of[i] = ranks[store->class_of[i]];
    sqlite3_free(ranks);
    data->labels = store->classes.labels;
    data->classes = n;
    data->n = store->n;
    return SQLITE_OK;
}

/* holdout_choose - marks a share of each class's rows: round(share · rows), but never
 * all, the first of them in an order that depends on the seed. Epochs count from 1, so
 * order 0 is free for this. */
static int holdout_choose(ext_dataset *data, double share, uint64_t seed) {
    struct ext_dataset_store *store = data->store;
    const uint32_t n = store->n;
    uint32_t *order = sqlite3_malloc64(n * sizeof *order);
    uint32_t *left = sqlite3_malloc64((sqlite3_uint64)data->classes * sizeof *left);
    if (order && left) {
        memset(left, 0, (size_t)data->classes * sizeof *left);
        for (uint32_t i = 0; i < n; i++) left[store->class_of[i]]++;
        for (int c = 0; c < data->classes; c++) {
            const uint32_t chosen = (uint32_t)(left[c] * share + 0.5);
            left[c] = chosen < left[c] ? chosen : left[c] - 1;
        }
        dn_shuffle(order, n, seed, 0);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t *of_class = &left[store->class_of[order[i]]];
            store->is_holdout[order[i]] = *of_class > 0;
            store->n_holdout += *of_class > 0;
            *of_class -= *of_class > 0;
        }
    }
    const int rc = order && left ? SQLITE_OK : SQLITE_NOMEM;
    sqlite3_free(left);
    sqlite3_free(order);
    return rc;
}

/* rows_split - lists the rows of either part. */
static int rows_split(ext_dataset *data) {
    const struct ext_dataset_store *store = data->store;
    const sqlite3_uint64 n_train = store->n - store->n_holdout;
    data->train = sqlite3_malloc64(n_train * sizeof *data->train);
    data->holdout = sqlite3_malloc64((store->n_holdout + 1ull) * sizeof *data->holdout);
    if (!data->train || !data->holdout) return SQLITE_NOMEM;
    for (uint32_t i = 0; i < store->n; i++)
        if (store->is_holdout[i])
            data->holdout[data->n_holdout++] = i;
        else
            data->train[data->n_train++] = i;
    return SQLITE_OK;
}

/* pixels_measure - mean and deviation of the training rows' pixels. */
static void pixels_measure(ext_dataset *data) {
    const struct ext_dataset_store *store = data->store;
    double sum[2] = {0, 0}, squares[2] = {0, 0}; /* of bytes, of floats */
    for (uint32_t i = 0; i < data->n_train; i++) {
        const struct ext_row_facts *facts = &store->facts[data->train[i]];
        sum[facts->is_float] += facts->sum;
        squares[facts->is_float] += facts->squares;
    }
    const double n = (double)data->n_train * (double)store->pixels.values;
    const double mean = (sum[0] / 255 + sum[1]) / n;
    const double variance = (squares[0] / (255.0 * 255.0) + squares[1]) / n - mean * mean;
    data->mean = (float)mean;
    data->std = variance > 1e-8 ? (float)sqrt(variance) : 1;
}

static uint64_t dataset_checksum(const ext_dataset *data) {
    const struct ext_dataset_store *store = data->store;
    uint64_t sum = HASH_START;
    for (uint32_t i = 0; i < data->n; i++) {
        sum = hash_word(sum, (uint64_t)store->class_of[i] << 1 | store->is_holdout[i]);
        sum = hash_word(sum, store->facts[i].hash);
    }
    return sum;
}

/* look_notes - of images that are no ordinary ones, and what would mend them. */
static int look_notes(const struct ext_dataset_store *store, ext_notes *notes) {
    const uint32_t n = store->n, inked = n - store->n_blank;
    int rc = SQLITE_OK;
    if (store->n_blank)
        rc = ext_note(notes, "%u of %u images are blank: all of their pixels are 0",
                      store->n_blank, n);
    if (rc == SQLITE_OK && store->n_mask)
        rc = ext_note(notes,
                      "%u of %u images have bytes of 0 and 1 alone, nearly black of "
                      "0..255; in numpy, store (x * 255).astype('u1')",
                      store->n_mask, n);
    if (rc == SQLITE_OK && store->n_faint)
        rc = ext_note(notes,
                      "%u of %u images are nearly blank: their floats add up to less "
                      "than 1e-6; expected 0..1 each",
                      store->n_faint, n);
    if (rc == SQLITE_OK && store->n_paper && store->n_paper >= inked - inked / 4)
        rc = ext_note(notes,
                      "%u of %u images have a bright border, as of dark ink on paper; "
                      "those of MNIST and the built-in model are bright ink on 0: in "
                      "numpy, store 255 - x (uint8) or 1 - x (float32)",
                      store->n_paper, n);
    return rc;
}

int ext_dataset_few(ext_dataset *data, const char *what) {
    const uint32_t n = data->n_holdout;
    if (!n || n >= EXT_LEAST_HELD) return SQLITE_OK;
    return ext_note(&data->notes, "%u held-out images are too few to %s", n, what);
}

/* rows_notes - what the caller should hear of the rows. */
static int rows_notes(ext_dataset *data) {
    const struct ext_dataset_store *store = data->store;
    int rc = ext_left_out_notes(&store->left_out, &data->notes);
    if (rc == SQLITE_OK) rc = look_notes(store, &data->notes);
    return rc == SQLITE_OK ? ext_alike_notes(data->labels, data->classes, &data->notes)
                           : rc;
}

/* picture_settle - what PNGs became, or would have: where none was among the first rows,
 * the network's usual picture, unless later rows were read by the shape alone, or a
 * stored training says none: it is one of version 0.1. Whoever trains on images of
 * MNIST's size that are not the ten digits, letters or clothes perhaps, hears what PNGs
 * would become. */
static int picture_settle(ext_dataset *data, int is_stored) {
    if (data->picture != EXT_PICTURE_UNSAID) return SQLITE_OK;
    if (is_stored || data->store->forms & ROW_PNG) {
        data->picture = ext_picture_of(EXT_PICTURE_UNSAID, data->shape);
        return SQLITE_OK;
    }
    data->picture = ext_picture_usual(data->shape, data->labels, data->classes);
    if (ext_digit_form_differs(&data->store->digit_form)) data->picture = EXT_PICTURE_FIT;
    const dn_shape s = data->shape;
    if (s.h != 28 || s.w != 28 || s.c != 1 || data->picture == EXT_PICTURE_DIGIT)
        return SQLITE_OK;
    return ext_note(
        &data->notes,
        "a PNG that this model predicts is scaled as it is, by picture = '%s'; "
        "where PNGs show ink on paper, set picture = 'digit'",
        ext_picture_word(data->picture));
}

/* rows_form - the form of all rows in a word. */
static const char *rows_form(unsigned forms) {
    return forms == ROW_UINT8     ? "uint8"
           : forms == ROW_FLOAT32 ? "float32"
           : forms == ROW_PNG     ? "PNG"
                                  : "mixed";
}

/* --- the interface ------------------------------------------------------------------ */

int ext_dataset_load(ext_dataset **out, sqlite3 *db, sqlite3_value *source,
                     const ext_dataset_request *request, char *error) {
    ext_dataset *data = sqlite3_malloc64(sizeof *data);
    struct ext_dataset_store *store = sqlite3_malloc64(sizeof *store);
    *out = NULL;
    if (!data || !store) {
        sqlite3_free(store);
        sqlite3_free(data);
        return ext_no_memory(error);
    }
    memset(data, 0, sizeof *data);
    memset(store, 0, sizeof *store);
    data->store = store;
    int rc = rows_read(data, db, source, request, error);
    if (rc == SQLITE_OK) {
        rc = classes_number(data);
        if (rc == SQLITE_OK && request->holdout > 0 && !store->n_holdout)
            rc = holdout_choose(data, request->holdout, request->seed);
        if (rc == SQLITE_OK) rc = rows_split(data);
        if (rc == SQLITE_OK) rc = rows_notes(data);
        if (rc != SQLITE_OK) ext_no_memory(error);
    }
    if (rc != SQLITE_OK) {
        ext_dataset_free(data);
        return rc;
    }
    data->rows = rows_form(store->forms);
    pixels_measure(data);
    data->checksum = dataset_checksum(data);
    store->picture = data->picture;
    rc = picture_settle(data, request->is_stored);
    if (rc == SQLITE_OK) rc = ext_window_start(data, db, source, request);
    if (rc != SQLITE_OK) {
        ext_dataset_free(data);
        return ext_no_memory(error);
    }
    *out = data;
    return SQLITE_OK;
}

void ext_dataset_free(ext_dataset *data) {
    if (!data) return;
    struct ext_dataset_store *store = data->store;
    sqlite3_free(data->holdout);
    sqlite3_free(data->train);
    ext_window_end(store);
    sqlite3_free(store->facts);
    sqlite3_free(store->is_holdout);
    sqlite3_free(store->class_of);
    ext_classes_free(&store->classes);
    ext_left_out_free(&store->left_out);
    ext_notes_free(&data->notes);
    ext_pixels_free(&store->pixels);
    sqlite3_free(store);
    sqlite3_free(data);
}
