/* source.h - the rows of a table or view that a query names as text.
 *
 *     ext_source source;
 *     int rc = ext_source_open(&source, db, argv[0], NULL, SOURCE_SPLIT, error);
 *     if (rc == SQLITE_OK)
 *         while ((rc = ext_source_next(&source, error)) == SQLITE_ROW) …
 *     ext_source_close(&source);
 *
 * A name is 'images' or 'schema.images'. Where a part has dots or starts with a quote, it
 * is quoted as in SQL: '"my.table"', 'aux."a""b"', '[my.table]'. It is never SQL: nothing
 * in it is run. Case does not matter, as everywhere in SQLite.
 *
 * Without a schema the name is looked for as SQLite does: in temp, then main, then the
 * attached databases in their order.
 *
 * A row's id is its value in the column that a key names, else in the column "id", else
 * its rowid. A view or a WITHOUT ROWID table with neither has none, and asking for it is
 * an error that says so. */
#ifndef EXT_SOURCE_H
#define EXT_SOURCE_H

#include "../base/ext.h"
#include "../image/image.h"

/* Columns beside pixels, and which rows are asked for: */
enum {
    SOURCE_LABEL = 1,        /* label is read, and must be there */
    SOURCE_LABEL_IF_ANY = 2, /* label is read if there is one */
    SOURCE_SPLIT = 4,        /* split is read, if there is one */
    SOURCE_ID = 8,           /* the id is read, and must be there */
    SOURCE_RANGE = 16,       /* rows by ranges of rowids, where they have any */
    SOURCE_BY_ID = 32,       /* rows by one id */
    SOURCE_BY_ROWID = 64,    /* rows by one rowid, where they have any */
    SOURCE_BY_ANY_ID = 128   /* rows by one number, which their ids may be as TEXT */
};

typedef struct ext_source {
    sqlite3 *db;
    sqlite3_stmt *rows;
    char *name;       /* as it was given, for error texts */
    int label, split; /* columns of rows, or -1; pixels is column 0 */
    int id;           /* the same for the id, as SOURCE_ID asks for it */
    int named;        /* the same for the column that has a table's ids, for errors */
    int rowid;        /* the same for the rowid: -1 in a view or a WITHOUT ROWID table */
    /* SOURCE_RANGE, or SOURCE_BY_…, was possible: nothing is read before a range, or a
     * value, is set. */
    int by_range, by_value;
    int numeric_ids; /* SOURCE_BY_ID: no id is a TEXT that could be a number */
    /* Rows by one id, of a source without rowids, for ext_source_number: */
    char *numbers;        /* SQL: all rows, the last column 1 for those that are read */
    sqlite3_value *value; /* a copy of the id */
    sqlite3_int64 row;    /* number of the row it stands on, 1 for the first */
    ext_room room;        /* for its pixels, if they are a PNG */
    ext_poll poll;        /* while rows are read */
} ext_source;

/* ext_source_open - finds the table or view and its columns, and starts reading: a
 * table's rows come in the order of their rowids, a view's as it gives them. Of a table
 * that is read from its start, rows behind the one that is the last now are not read: the
 * caller may add some.
 *
 *   key     TEXT, the name of the column that has the ids; NULL or an SQL NULL for none
 *   flags   SOURCE_…
 *
 * Returns an SQLite result code; error [EXT_ERROR_SIZE] is written unless it is
 * SQLITE_OK. Close it in any case. */
int ext_source_open(ext_source *out, sqlite3 *db, sqlite3_value *name, sqlite3_value *key,
                    int flags, char *error);
void ext_source_close(ext_source *source);

/* ext_source_next - SQLITE_ROW, SQLITE_DONE, or an error and its text. */
int ext_source_next(ext_source *source, char *error);

/* ext_source_range - starts over, with the rows whose rowid is in first..last; only where
 * by_range is set. SQLITE_OK, or an error and its text. */
int ext_source_range(ext_source *source, sqlite3_int64 first, sqlite3_int64 last,
                     char *error);

/* ext_source_restart - starts over; where by_value is set, with the rows that have this
 * value, which the source copies. SQLITE_OK, or an error and its text. */
int ext_source_restart(ext_source *source, sqlite3_value *value, char *error);

/* ext_source_finds - whether rows by this id are all that SQLite may hold equal to it, in
 * a source opened with SOURCE_BY_ID.
 *
 * A column of a virtual table that has no type is compared by the affinity of the other
 * side, which no one tells us: where that has a numeric one, '7' and '007' equal 7.
 * (Where it has TEXT, 7 is not '7'.) So a number that is looked up may mean a TEXT. Where
 * the answer is 0, SOURCE_BY_ANY_ID reads each id, and finds those as well. */
int ext_source_finds(const ext_source *source, sqlite3_value *value);

/* ext_source_rowid - the rowid of the row it stands on, or its number. */
sqlite3_int64 ext_source_rowid(const ext_source *source);

/* ext_source_number - the number of a row in the whole source, which is the nth of those
 * with the id, NULL for the last that was looked up; only where numbers is set. Reads the
 * source. SQLITE_OK, or an error and its text. */
int ext_source_number(const ext_source *source, sqlite3_value *id, sqlite3_int64 nth,
                      sqlite3_int64 *number, char *error);

#endif
