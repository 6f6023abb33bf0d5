/* answers.c - rows of a source and what a network says of them: see answers.h.
 *
 * A value among the bytes, each part at any address:
 *
 *     type     1 byte: SQLITE_INTEGER … SQLITE_NULL
 *     INTEGER  8 bytes   REAL  8 bytes   NULL  none     as the machine has them
 *     TEXT, BLOB  8 bytes: their size, then the bytes themselves (TEXT: UTF-8)
 *     TEXT that begins like a number: behind them 8 bytes, the REAL that SQLite makes of
 *     it */
#include <stdlib.h>
#include <string.h>
#include "../base/argument.h"
#include "../data/classes.h"
#include "answers.h"

/* A value, apart from where it lies. */
typedef struct answer_value {
    int type;
    union {
        sqlite3_int64 integer; /* or the size of bytes */
        double real;
    } number;
    const void *bytes;
    double real; /* of a TEXT that begins like a number */
} answer_value;

/* --- values to bytes, and back ------------------------------------------------------ */

static int is_bytes(const answer_value *v) {
    return v->type == SQLITE_TEXT || v->type == SQLITE_BLOB;
}

/* is_digits - whether a value is a TEXT that begins like a number. Only such a one equals
 * a number, where a comparison converts it. */
static int is_digits(const answer_value *v) {
    const char *at = v->bytes, *end;
    if (v->type != SQLITE_TEXT) return 0;
    end = at + v->number.integer;
    while (at < end && (*at == ' ' || (*at >= '\t' && *at <= '\r'))) at++;
    return at < end &&
           ((*at >= '0' && *at <= '9') || *at == '+' || *at == '-' || *at == '.');
}

static size_t value_size(const answer_value *v) {
    if (v->type == SQLITE_NULL) return 1;
    return 1 + 8 + (is_bytes(v) ? (size_t)v->number.integer : 0) + (is_digits(v) ? 8 : 0);
}

static void value_write(unsigned char *out, const answer_value *v) {
    *out = (unsigned char)v->type;
    if (v->type == SQLITE_NULL) return;
    memcpy(out + 1, &v->number, 8);
    if (is_bytes(v) && v->number.integer)
        memcpy(out + 9, v->bytes, (size_t)v->number.integer);
    if (is_digits(v)) memcpy(out + 9 + v->number.integer, &v->real, 8);
}

static answer_value value_read(const unsigned char *in) {
    answer_value v = {.type = *in};
    if (v.type != SQLITE_NULL) memcpy(&v.number, in + 1, 8);
    v.bytes = in + 9;
    if (is_digits(&v)) memcpy(&v.real, in + 9 + v.number.integer, 8);
    return v;
}

/* value_of_column - the bytes are the statement's. SQLITE_OK or SQLITE_NOMEM. */
static int value_of_column(answer_value *v, sqlite3_stmt *s, int column) {
    *v =
        (answer_value){.type = column < 0 ? SQLITE_NULL : sqlite3_column_type(s, column)};
    switch (v->type) {
    case SQLITE_INTEGER: v->number.integer = sqlite3_column_int64(s, column); break;
    case SQLITE_FLOAT: v->number.real = sqlite3_column_double(s, column); break;
    case SQLITE_TEXT: v->bytes = sqlite3_column_text(s, column); break;
    case SQLITE_BLOB: v->bytes = sqlite3_column_blob(s, column); break;
    }
    if (!is_bytes(v)) return SQLITE_OK;
    v->number.integer = sqlite3_column_bytes(s, column);
    if (!v->bytes && v->number.integer) return SQLITE_NOMEM;
    if (is_digits(v)) v->real = sqlite3_column_double(s, column);
    return SQLITE_OK;
}

/* value_of - the same for an argument. */
static int value_of(answer_value *v, sqlite3_value *value) {
    *v = (answer_value){.type = sqlite3_value_type(value)};
    switch (v->type) {
    case SQLITE_INTEGER: v->number.integer = sqlite3_value_int64(value); break;
    case SQLITE_FLOAT: v->number.real = sqlite3_value_double(value); break;
    case SQLITE_TEXT: v->bytes = sqlite3_value_text(value); break;
    case SQLITE_BLOB: v->bytes = sqlite3_value_blob(value); break;
    }
    if (!is_bytes(v)) return SQLITE_OK;
    v->number.integer = sqlite3_value_bytes(value);
    if (!v->bytes && v->number.integer) return SQLITE_NOMEM;
    if (is_digits(v)) v->real = sqlite3_value_double(value);
    return SQLITE_OK;
}

/* --- room --------------------------------------------------------------------------- */

/* rows_room - for n more rows, whose values take size bytes. */
static int rows_room(ext_answers *a, size_t n, size_t size) {
    if (a->n + n > a->room) {
        const size_t room = a->n + n > 2 * a->room ? a->n + n : 2 * a->room;
        void *rows = sqlite3_realloc64(a->rows, room * sizeof *a->rows);
        if (!rows) return SQLITE_NOMEM;
        a->rows = rows;
        a->room = room;
    }
    if (a->size + size > a->bytes_room) {
        const size_t half = a->bytes_room + a->bytes_room / 2;
        const size_t room = a->size + size > half ? a->size + size : half;
        void *bytes = sqlite3_realloc64(a->bytes, room);
        if (!bytes) return SQLITE_NOMEM;
        a->bytes = bytes;
        a->bytes_room = room;
    }
    return SQLITE_OK;
}

int ext_answers_add(ext_answers *a, const ext_source *source) {
    answer_value id, label;
    int rc = value_of_column(&id, source->rows, source->id);
    if (rc == SQLITE_OK) rc = value_of_column(&label, source->rows, source->label);
    if (rc == SQLITE_OK) rc = rows_room(a, 1, value_size(&id) + value_size(&label));
    if (rc != SQLITE_OK) return rc;
    a->rows[a->n++] = (ext_answer){ext_source_rowid(source), a->size, -1, 0};
    value_write(a->bytes + a->size, &id);
    a->size += value_size(&id);
    value_write(a->bytes + a->size, &label);
    a->size += value_size(&label);
    return SQLITE_OK;
}

int ext_answers_append(ext_answers *a, const ext_answers *other, size_t from,
                       size_t end) {
    const size_t n = end - from;
    if (!n) return SQLITE_OK;
    const size_t start = other->rows[from].values,
                 size = (end < other->n ? other->rows[end].values : other->size) - start;
    if (rows_room(a, n, size) != SQLITE_OK) return SQLITE_NOMEM;
    memcpy(a->bytes + a->size, other->bytes + start, size);
    for (size_t i = from; i < end; i++) {
        a->rows[a->n] = other->rows[i];
        a->rows[a->n++].values += a->size - start;
    }
    a->size += size;
    return SQLITE_OK;
}

void ext_answers_clear(ext_answers *a) { a->n = a->size = 0; }

void ext_answers_free(ext_answers *a) {
    sqlite3_free(a->by_id);
    sqlite3_free(a->bytes);
    sqlite3_free(a->rows);
    memset(a, 0, sizeof *a);
}

void ext_answers_result(const ext_answers *a, size_t row, int which,
                        sqlite3_context *context) {
    const unsigned char *at = a->bytes + a->rows[row].values;
    answer_value v = value_read(at);
    if (which == ANSWER_LABEL) v = value_read(at + value_size(&v));
    const sqlite3_uint64 size = (sqlite3_uint64)v.number.integer;
    switch (v.type) {
    case SQLITE_INTEGER: sqlite3_result_int64(context, v.number.integer); break;
    case SQLITE_FLOAT: sqlite3_result_double(context, v.number.real); break;
    case SQLITE_TEXT:
        sqlite3_result_text64(context, v.bytes, size, SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    case SQLITE_BLOB:
        sqlite3_result_blob64(context, v.bytes, size, SQLITE_TRANSIENT);
        break;
    default: sqlite3_result_null(context);
    }
}

void ext_answers_label(const ext_answers *a, size_t row, int labels,
                       sqlite3_context *context) {
    const unsigned char *at = a->bytes + a->rows[row].values;
    answer_value v = value_read(at);
    v = value_read(at + value_size(&v));
    sqlite3_int64 whole = v.number.integer;
    const int is_whole =
        v.type == SQLITE_INTEGER ||
        (v.type == SQLITE_FLOAT && ext_whole(v.number.real, &whole)) ||
        (v.type == SQLITE_TEXT && labels == LABELS_INTEGER &&
         ext_label_integer((const char *)v.bytes, (size_t)v.number.integer, &whole));
    char text[24];
    sqlite3_snprintf(sizeof text, text, "%lld", whole);
    if (!is_whole || labels == LABELS_MIXED)
        ext_answers_result(a, row, ANSWER_LABEL, context);
    else if (labels == LABELS_INTEGER)
        sqlite3_result_int64(context, whole);
    else
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

/* --- by id -------------------------------------------------------------------------- */

/* number_compare - an integer with a real, exactly: a double cannot hold each integer. */
static int number_compare(sqlite3_int64 i, double r) {
    if (r < -9223372036854775808.0) return 1;
    if (r >= 9223372036854775808.0) return -1;
    const sqlite3_int64 whole = (sqlite3_int64)r;
    if (i != whole) return i < whole ? -1 : 1;
    return ((double)whole > r) - ((double)whole < r);
}

static int is_number(const answer_value *v) {
    return v->type == SQLITE_INTEGER || v->type == SQLITE_FLOAT;
}

/* value_real - of what is a number, or begins like one, as SQLite converts it. */
static double value_real(const answer_value *v) {
    if (v->type == SQLITE_INTEGER) return (double)v->number.integer;
    return v->type == SQLITE_FLOAT ? v->number.real : v->real;
}

/* value_rank - NULL, numbers and texts that begin like one, other texts, blobs. */
static int value_rank(const answer_value *v) {
    if (v->type == SQLITE_NULL) return 0;
    if (is_number(v) || is_digits(v)) return 1;
    return v->type == SQLITE_TEXT ? 2 : 3;
}

/* reals_compare - by rank, and by what they are as a REAL: whatever equals a number by
 * some affinity lies together. */
static int reals_compare(const answer_value *a, const answer_value *b) {
    const int order = value_rank(a) - value_rank(b);
    if (order || value_rank(a) != 1) return order;
    const double x = value_real(a), y = value_real(b);
    return (x > y) - (x < y);
}

/* value_compare - the same, and then by type and value, exactly. */
static int value_compare(const answer_value *a, const answer_value *b) {
    const int near = reals_compare(a, b), types = is_bytes(a) - is_bytes(b);
    if (near || types) return near ? near : types;
    if (a->type == SQLITE_NULL) return 0;
    const sqlite3_int64 m = a->number.integer, n = b->number.integer;
    if (is_bytes(a)) {
        const sqlite3_int64 common = m < n ? m : n;
        const int order = common ? memcmp(a->bytes, b->bytes, (size_t)common) : 0;
        return order ? order : (m > n) - (m < n);
    }
    if (a->type == SQLITE_INTEGER && b->type == SQLITE_INTEGER) return (m > n) - (m < n);
    if (a->type == SQLITE_INTEGER) return number_compare(m, b->number.real);
    if (b->type == SQLITE_INTEGER) return -number_compare(n, a->number.real);
    return (a->number.real > b->number.real) - (a->number.real < b->number.real);
}

static answer_value id_of(const ext_answers *a, size_t row) {
    return value_read(a->bytes + a->rows[row].values);
}

/* ids_compare - the ids of two rows; equal ones stay in the rows' order. */
static int ids_compare(const ext_answers *a, size_t i, size_t j) {
    const answer_value x = id_of(a, i), y = id_of(a, j);
    const int order = value_compare(&x, &y);
    return order ? order : (i > j) - (i < j);
}

/* heap_sink - makes a heap of order [n] whose root alone may be out of place. */
static void heap_sink(const ext_answers *a, size_t *order, size_t root, size_t n) {
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && ids_compare(a, order[child], order[child + 1]) < 0) child++;
        if (ids_compare(a, order[root], order[child]) >= 0) return;
        const size_t other = order[root];
        order[root] = order[child];
        order[child] = other;
    }
}

/* A heap sort: it takes no memory and no worse time for any order. qsort has no place for
 * a context. */
int ext_answers_sort(ext_answers *a) {
    a->by_id = sqlite3_malloc64((a->n + 1) * sizeof *a->by_id);
    if (!a->by_id) return SQLITE_NOMEM;
    int sorted = 1;
    for (size_t i = 0; i < a->n; i++) {
        a->by_id[i] = i;
        sorted &= !i || ids_compare(a, i - 1, i) < 0;
    }
    if (sorted) return SQLITE_OK;
    for (size_t i = a->n / 2; i-- > 0;) heap_sink(a, a->by_id, i, a->n);
    for (size_t n = a->n; n-- > 1;) {
        const size_t largest = a->by_id[0];
        a->by_id[0] = a->by_id[n];
        a->by_id[n] = largest;
        heap_sink(a, a->by_id, 0, n);
    }
    return SQLITE_OK;
}

/* place_of - how many rows have an id below v, or not above it. */
static size_t place_of(const ext_answers *a, const answer_value *v, int above) {
    size_t low = 0, high = a->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const answer_value id = id_of(a, a->by_id[middle]);
        const int order = is_number(v) ? reals_compare(&id, v) : value_compare(&id, v);
        if (order < above)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int ext_answers_find(const ext_answers *a, sqlite3_value *value, size_t *first,
                     size_t *last) {
    answer_value v;
    const int rc = value_of(&v, value);
    *first = rc == SQLITE_OK ? place_of(a, &v, 0) : 0;
    *last = rc == SQLITE_OK ? place_of(a, &v, 1) : 0;
    return rc;
}

int ext_answers_id(const ext_answers *a, size_t row) { return id_of(a, row).type; }

int ext_answers_same(const ext_answers *a, size_t row, sqlite3_value *value, int *same) {
    answer_value v;
    const answer_value id = id_of(a, row);
    const int rc = value_of(&v, value);
    *same = rc == SQLITE_OK && value_compare(&id, &v) == 0;
    return rc;
}
