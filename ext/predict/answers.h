/* answers.h - rows of a source and what a network says of them.
 *
 *     ext_answers a = {0};
 *     int rc = ext_answers_add(&a, source);
 *     a.rows[a.n - 1].class = 7;
 *     ext_answers_result(&a, 0, ANSWER_ID, context);
 *     ext_answers_free(&a);
 *
 * Made to hold many: a row takes 24 bytes, its id 1 to 9 bytes or the text's length and
 * 9 or 17, its label the same if it is wanted. */
#ifndef EXT_ANSWERS_H
#define EXT_ANSWERS_H

#include "../data/source.h"

typedef struct ext_answer {
    sqlite3_int64 rowid; /* ext_source_rowid's */
    size_t values;       /* where its id lies in bytes; its label lies behind it */
    int32_t class;       /* -1: the row has no image */
    float confidence;
} ext_answer;

/* All zeros at first. */
typedef struct ext_answers {
    ext_answer *rows; /* [n] */
    size_t n, room;
    unsigned char *bytes; /* [size] ids and labels: answers.c says how */
    size_t size, bytes_room;
    size_t *by_id; /* ext_answers_sort's: [n] numbers of rows, in order of their ids */
} ext_answers;

enum { ANSWER_ID, ANSWER_LABEL };

/* ext_answers_add - adds the row the source stands on, with its id and label as far as
 * the source reads them; class is -1. SQLITE_OK or SQLITE_NOMEM. */
int ext_answers_add(ext_answers *a, const ext_source *source);

/* ext_answers_append - adds rows from … end-1 of other. SQLITE_OK or SQLITE_NOMEM. */
int ext_answers_append(ext_answers *a, const ext_answers *other, size_t from, size_t end);

/* ext_answers_result - a row's id or label as a column's result; a text is copied. */
void ext_answers_result(const ext_answers *a, size_t row, int which,
                        sqlite3_context *context);

/* ext_answers_label - the label in the type of a model's labels, where its text can be
 * one of them: a CSV file's '7' and a REAL 7.0 are 7 for a model of INTEGER labels, 7 is
 * '7' for one of TEXT. So label = prediction says what label = digit_predict(pixels) says
 * of a column that has a type. */
enum { LABELS_INTEGER, LABELS_TEXT, LABELS_MIXED };
void ext_answers_label(const ext_answers *a, size_t row, int labels,
                       sqlite3_context *context);

/* ext_answers_sort - makes by_id, after which no row is added. SQLITE_OK or
 * SQLITE_NOMEM. */
int ext_answers_sort(ext_answers *a);

/* ext_answers_find - the rows whose id SQLite may hold equal to value, without a
 * collation, as by_id[first … last-1]: for a number, those of TEXT too that an affinity
 * makes the same REAL (see ext_source_finds). SQLITE_OK or SQLITE_NOMEM. */
int ext_answers_find(const ext_answers *a, sqlite3_value *value, size_t *first,
                     size_t *last);

/* ext_answers_id - the type of a row's id: SQLITE_INTEGER … SQLITE_NULL. */
int ext_answers_id(const ext_answers *a, size_t row);

/* ext_answers_same - whether a row's id equals value without affinity and collation.
 * SQLITE_OK or SQLITE_NOMEM. */
int ext_answers_same(const ext_answers *a, size_t row, sqlite3_value *value, int *same);

void ext_answers_clear(ext_answers *a); /* empties it; the room stays */
void ext_answers_free(ext_answers *a);

#endif
