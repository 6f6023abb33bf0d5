/* query.h - what one statement asks predict_model, and what it has been told so far.
 *
 * A join may scan the same source many times, or look up one id after another. The rule:
 *
 *     the first scan     is read as it goes, a batch at a time; nothing is held
 *     the second         reads all rows and holds the answers
 *     each further one   comes from memory
 *     any scan in a statement that writes
 *                        reads all rows before it gives the first
 *     a look-up by rowid reads its row alone
 *     a look-up by id    reads its row alone, from the source; reads all ids, where a
 *                        number may mean a TEXT (see ext_source_finds). When look-ups
 *                        have taken as long as predicting the whole source would, all of
 *                        its answers are held, and found there
 *     a list of ids      is looked up one by one, at once
 *
 * So a source is read as it was when its scan began, whatever the statement writes. Where
 * the host itself writes between two steps of a SELECT, the rest is read before the next
 * row is given; a row that it changed or deleted in its first write may be met as it is
 * by then. A look-up from the source sees the row as it is when it is looked up. */
#ifndef EXT_QUERY_H
#define EXT_QUERY_H

#include "predictor.h"

enum { EXT_QUERY_SOURCE, EXT_QUERY_MODEL, EXT_QUERY_KEY, EXT_QUERY_ARGUMENTS };

typedef struct ext_query ext_query;

/* ext_query_new - a query with copies of its arguments, each NULL if it is not given.
 *
 *   models   the connection's
 *   columns  SOURCE_ID, SOURCE_LABEL_IF_ANY: what is asked for beside the prediction
 *
 * NULL: out of memory. ext_query_free takes NULL too. */
ext_query *ext_query_new(sqlite3 *db, ext_context *models, int columns,
                         sqlite3_value *const *arguments);
void ext_query_free(ext_query *query);

/* ext_query_is - whether a query is the one for these columns and arguments. */
int ext_query_is(const ext_query *query, int columns, sqlite3_value *const *arguments);

/* ext_query_argument - one of them, or NULL. */
sqlite3_value *ext_query_argument(const ext_query *query, int which);

/* ext_query_model - the one that all answers come from, once something was asked. */
const ext_model *ext_query_model(const ext_query *query);

/* Where one scan or look-up of a query stands. All zeros at first. */
typedef struct ext_found {
    ext_query *query;
    const ext_answers *list; /* what it stands in */
    const size_t *order;     /* numbers of rows there, or NULL: as they come */
    size_t at, end;          /* eof: at == end */
    ext_predictor *more;     /* where the next list comes from; NULL: there is none */
    ext_answers rest;        /* the list, where the rest was read at once */
    int rc;                  /* of more, or what the rest ended with */
    char error[EXT_ERROR_SIZE];
    int changes;             /* sqlite3_total_changes when it began */
    const ext_source *by_id; /* a look-up by id in a source without rowids, or NULL … */
    sqlite3_value **ids; /* [n_ids] … of a list: the id of each row, NULL for one … */
    size_t n_ids;        /* … that has its number; no ids: the one looked up */
} ext_found;

/* ext_query_scan - all rows; ext_query_find - those whose id, or rowid, SQLite may hold
 * equal to value: it still has to compare them. What a source without rowids is asked for
 * by rowid is all rows.
 *
 * found stands on the first row then, or at its end. SQLITE_OK, or an error and its text
 * [EXT_ERROR_SIZE]. */
int ext_query_scan(ext_query *query, ext_found *found, char *error);
int ext_query_find(ext_query *query, ext_found *found, int by_rowid, sqlite3_value *value,
                   char *error);

/* ext_query_find_list - the same for the values of "id IN (…)", which SQLite gives at
 * once (ext_tvf_takes_list): each row once. All rows, where a number may mean a TEXT. */
int ext_query_find_list(ext_query *query, ext_found *found, sqlite3_value *list,
                        char *error);

/* ext_found_row - the row it stands on, in found->list. */
size_t ext_found_row(const ext_found *found);

/* ext_found_rowid - the rowid of that row, or its number in the source. As
 * ext_query_scan. */
int ext_found_rowid(const ext_found *found, sqlite3_int64 *rowid, char *error);

/* ext_found_next - goes on to the next row. As ext_query_scan. */
int ext_found_next(ext_found *found, char *error);

void ext_found_clear(ext_found *found);

#endif
