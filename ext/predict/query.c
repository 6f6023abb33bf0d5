/* query.c - what one statement asks predict_model: see query.h. */
#include <string.h>
#include "../base/error.h"
#include "query.h"

/* Seconds that one prediction is supposed to take before one was measured. */
#define SECONDS_GUESSED 3e-5

/* Look-ups are worth holding all answers when they have read for as long as predicting
 * all rows takes. How many rows that is, nobody knows before they are counted: which is
 * done when so many could have been predicted, and again when half as many more could
 * have been. */
#define FIRST_WORTH 64

enum { WAY_SCAN, WAY_ID, WAY_ANY_ID, WAY_ROWID, N_WAYS };

struct ext_query {
    sqlite3 *db;
    ext_context *models;
    int columns;
    sqlite3_value *arguments[EXT_QUERY_ARGUMENTS];
    ext_model *model;           /* counted */
    ext_predictor ways[N_WAYS]; /* each opened when it is first needed */
    int scans;                  /* begun so far */
    size_t worth; /* rows that look-ups should be worth before the next count */

    /* All answers, if they are held, and how their reading ended: */
    int held;
    ext_answers all;
    int rc;
    char error[EXT_ERROR_SIZE];
};

/* --- a query ------------------------------------------------------------------------ */

ext_query *ext_query_new(sqlite3 *db, ext_context *models, int columns,
                         sqlite3_value *const *arguments) {
    ext_query *query = sqlite3_malloc64(sizeof *query);
    if (!query) return NULL;
    memset(query, 0, sizeof *query);
    query->db = db;
    query->models = models;
    query->columns = columns;
    query->worth = FIRST_WORTH;
    for (int k = 0; k < EXT_QUERY_ARGUMENTS; k++) {
        if (!arguments[k] || (query->arguments[k] = sqlite3_value_dup(arguments[k])))
            continue;
        ext_query_free(query);
        return NULL;
    }
    return query;
}

void ext_query_free(ext_query *query) {
    if (!query) return;
    for (int way = 0; way < N_WAYS; way++) ext_predictor_close(&query->ways[way]);
    ext_answers_free(&query->all);
    ext_model_unref(query->model);
    for (int k = 0; k < EXT_QUERY_ARGUMENTS; k++) sqlite3_value_free(query->arguments[k]);
    sqlite3_free(query);
}

/* same_text - whether two arguments are one TEXT, or none. What is of another type is an
 * error, which is told each time. */
static int same_text(sqlite3_value *a, sqlite3_value *b) {
    if (!a || !b) return a == b;
    if (sqlite3_value_type(a) != SQLITE_TEXT || sqlite3_value_type(b) != SQLITE_TEXT)
        return 0;
    const void *x = sqlite3_value_text(a), *y = sqlite3_value_text(b);
    const int n = sqlite3_value_bytes(a);
    return x && y && n == sqlite3_value_bytes(b) && memcmp(x, y, (size_t)n) == 0;
}

int ext_query_is(const ext_query *query, int columns, sqlite3_value *const *arguments) {
    int same = query->columns == columns && query->model;
    for (int k = 0; same && k < EXT_QUERY_ARGUMENTS; k++)
        same = same_text(query->arguments[k], arguments[k]);
    return same;
}

sqlite3_value *ext_query_argument(const ext_query *query, int which) {
    return query->arguments[which];
}

const ext_model *ext_query_model(const ext_query *query) { return query->model; }

/* way_open - one of the ways to read the source, and the model. */
static int way_open(ext_query *query, int way, char *error) {
    static const int flags[N_WAYS] = {[WAY_ID] = SOURCE_BY_ID,
                                      [WAY_ANY_ID] = SOURCE_BY_ANY_ID,
                                      [WAY_ROWID] = SOURCE_BY_ROWID};
    ext_predictor *p = &query->ways[way];
    int rc = SQLITE_OK;
    if (!p->source.rows)
        rc = ext_predictor_open(p, query->db, query->arguments[EXT_QUERY_SOURCE],
                                query->arguments[EXT_QUERY_KEY],
                                query->columns | flags[way], error);
    if (rc != SQLITE_OK || query->model) return rc;
    ext_model *model;
    rc = ext_model_find(&model, query->models, NULL, query->arguments[EXT_QUERY_MODEL],
                        error);
    if (rc == SQLITE_OK) query->model = ext_model_ref(model);
    return rc;
}

/* --- all answers -------------------------------------------------------------------- */

/* all_hold - reads all rows and holds their answers. An error of the source is one of
 * them, told behind the rows before it. */
static int all_hold(ext_query *query, char *error) {
    ext_predictor *p = &query->ways[WAY_SCAN];
    int rc = way_open(query, WAY_SCAN, error);
    if (rc == SQLITE_OK)
        rc = ext_predictor_start(p, query->model, query->arguments[EXT_QUERY_MODEL], NULL,
                                 error);
    if (rc != SQLITE_OK) return rc;
    while (rc == SQLITE_OK && (rc = ext_predictor_next(p, query->error)) == SQLITE_ROW) {
        const ext_answers *batch = ext_predictor_answers(p);
        rc = ext_answers_append(&query->all, batch, 0, batch->n);
    }
    query->rc = rc;
    query->held = rc == SQLITE_DONE || rc == SQLITE_ERROR;
    if (query->held) return SQLITE_OK;
    ext_answers_free(&query->all);
    if (rc == SQLITE_NOMEM) return ext_no_memory(error);
    memcpy(error, query->error, sizeof query->error);
    return rc;
}

/* all_worth - rows that could have been predicted, on all cores, in the time that
 * look-ups have read. */
static size_t all_worth(const ext_predictor *p) {
    double each = p->predicted ? p->predicting / (double)p->predicted : SECONDS_GUESSED;
    if (each < 1e-6) each = 1e-6;
    return (size_t)(p->reading / each * dn_threads_available());
}

/* all_is_worth - whether the source has no more rows than that, for look-ups of one way.
 * SQLITE_OK, or an error and its text. */
static int all_is_worth(ext_query *query, int way, int *is_worth, char *error) {
    ext_source *source = &query->ways[WAY_SCAN].source;
    const size_t worth = all_worth(&query->ways[way]);
    size_t n = 0;
    *is_worth = 0;
    if (worth < query->worth) return SQLITE_OK;
    query->worth = worth + worth / 2;
    int rc = way_open(query, WAY_SCAN, error);
    if (rc == SQLITE_OK) rc = ext_source_restart(source, NULL, error);
    if (rc != SQLITE_OK) return rc;
    while (n <= worth && (rc = ext_source_next(source, error)) == SQLITE_ROW) n++;
    *is_worth = rc == SQLITE_DONE;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* found_all - stands on the first of the answers that are held. */
static int found_all(ext_query *query, ext_found *found, char *error) {
    found->list = &query->all;
    found->end = query->all.n;
    found->rc = query->rc;
    memcpy(found->error, query->error, sizeof query->error);
    if (found->end || found->rc == SQLITE_DONE) return SQLITE_OK;
    memcpy(error, found->error, sizeof found->error);
    return found->rc;
}

/* --- where it stands ---------------------------------------------------------------- */

/* found_turn - goes on to the next list. */
static int found_turn(ext_found *found, char *error) {
    found->at = found->end = 0;
    if (found->more) {
        found->rc = ext_predictor_next(found->more, found->error);
        found->list = ext_predictor_answers(found->more);
        if (found->rc == SQLITE_ROW) {
            found->end = found->list->n;
            return SQLITE_OK;
        }
    }
    if (found->rc == SQLITE_DONE) return SQLITE_OK;
    memcpy(error, found->error, sizeof found->error);
    return found->rc;
}

/* found_rest - reads at once what is still to come, from the row after this one on. */
static int found_rest(ext_found *found, char *error) {
    int rc = ext_answers_append(&found->rest, found->list, found->at + 1, found->list->n);
    while (rc == SQLITE_OK &&
           (found->rc = ext_predictor_next(found->more, found->error)) == SQLITE_ROW) {
        const ext_answers *batch = ext_predictor_answers(found->more);
        rc = ext_answers_append(&found->rest, batch, 0, batch->n);
    }
    if (rc != SQLITE_OK) return ext_no_memory(error);
    found->more = NULL;
    found->list = &found->rest;
    found->at = 0;
    found->end = found->rest.n;
    return found->end ? SQLITE_OK : found_turn(found, error);
}

size_t ext_found_row(const ext_found *found) {
    return found->order ? found->order[found->at] : found->at;
}

int ext_found_rowid(const ext_found *found, sqlite3_int64 *rowid, char *error) {
    sqlite3_value *id = found->ids ? found->ids[found->at] : NULL;
    *rowid = found->list->rows[ext_found_row(found)].rowid;
    return found->by_id && (id || !found->ids)
               ? ext_source_number(found->by_id, id, *rowid, rowid, error)
               : SQLITE_OK;
}

int ext_found_next(ext_found *found, char *error) {
    if (found->more && sqlite3_total_changes(found->query->db) != found->changes)
        return found_rest(found, error);
    if (++found->at < found->end) return SQLITE_OK;
    return found_turn(found, error);
}

void ext_found_clear(ext_found *found) {
    for (size_t i = 0; found->ids && i < found->n_ids; i++)
        sqlite3_value_free(found->ids[i]);
    sqlite3_free(found->ids);
    ext_answers_free(&found->rest);
    memset(found, 0, sizeof *found);
}

/* found_start - stands on the first row of one of the ways to read the source. */
static int found_start(ext_query *query, ext_found *found, int way, sqlite3_value *value,
                       char *error) {
    found->more = &query->ways[way];
    if (found->more->source.numbers) found->by_id = &found->more->source;
    found->changes = sqlite3_total_changes(query->db);
    const int rc = ext_predictor_start(found->more, query->model,
                                       query->arguments[EXT_QUERY_MODEL], value, error);
    return rc == SQLITE_OK ? found_turn(found, error) : rc;
}

/* --- scans and look-ups ------------------------------------------------------------- */
static int is_writing(sqlite3 *db) {
    for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(db, s)) != NULL;)
        if (sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s)) return 1;
    return 0;
}

int ext_query_scan(ext_query *query, ext_found *found, char *error) {
    ext_found_clear(found);
    found->query = query;
    int rc = way_open(query, WAY_SCAN, error);
    if (rc != SQLITE_OK) return rc;
    if (!query->held && !query->scans++ && !is_writing(query->db))
        return found_start(query, found, WAY_SCAN, NULL, error);
    if (!query->held) rc = all_hold(query, error);
    return rc == SQLITE_OK ? found_all(query, found, error) : rc;
}

/* answers_find - a look-up in the answers that are held. */
static int answers_find(ext_query *query, ext_found *found, sqlite3_value *value,
                        char *error) {
    int rc = query->all.by_id ? SQLITE_OK : ext_answers_sort(&query->all);
    found->list = &query->all;
    found->order = query->all.by_id;
    found->rc = SQLITE_DONE;
    if (rc == SQLITE_OK)
        rc = ext_answers_find(&query->all, value, &found->at, &found->end);
    return rc == SQLITE_OK ? rc : ext_no_memory(error);
}

int ext_query_find(ext_query *query, ext_found *found, int by_rowid, sqlite3_value *value,
                   char *error) {
    int way = by_rowid ? WAY_ROWID : WAY_ID;
    int is_worth = 0;
    ext_found_clear(found);
    found->query = query;
    int rc = way_open(query, way, error);
    if (rc != SQLITE_OK) return rc;
    if (!query->ways[way].source.by_value) return ext_query_scan(query, found, error);
    if (!by_rowid && !ext_source_finds(&query->ways[WAY_ID].source, value)) {
        way = WAY_ANY_ID;
        rc = way_open(query, way, error);
    }
    if (rc == SQLITE_OK && !by_rowid && !query->held)
        rc = all_is_worth(query, way, &is_worth, error);
    if (rc == SQLITE_OK && is_worth) rc = all_hold(query, error);
    if (rc != SQLITE_OK) return rc;
    /* What ended with an error is not all. */
    return by_rowid || !query->held || query->rc != SQLITE_DONE
               ? found_start(query, found, way, value, error)
               : answers_find(query, found, value, error);
}

/* --- lists -------------------------------------------------------------------------- */

#if SQLITE_VERSION_NUMBER >= 3038000
/* lists_direct - whether look-ups by their very values find all rows of a list. */
static int lists_direct(const ext_source *source, sqlite3_value *list) {
    sqlite3_value *value;
    int direct = source->by_value, rc = sqlite3_vtab_in_first(list, &value);
    for (; direct && rc == SQLITE_OK; rc = sqlite3_vtab_in_next(list, &value))
        direct = ext_source_finds(source, value);
    return direct && rc == SQLITE_DONE;
}

/* found_add - adds the row that one stands on, if it has this very id: then it has none
 * of the others in the list. */
static int found_add(ext_found *found, const ext_found *one, sqlite3_value *id) {
    const size_t row = ext_found_row(one), n = found->rest.n;
    int same, rc = ext_answers_same(one->list, row, id, &same);
    if (rc != SQLITE_OK || !same) return rc;
    if (n == found->n_ids && one->by_id) {
        const size_t room = 2 * n + 8;
        sqlite3_value **ids = sqlite3_realloc64(found->ids, room * sizeof *ids);
        if (!ids) return SQLITE_NOMEM;
        memset(ids + n, 0, (room - n) * sizeof *ids);
        found->ids = ids;
        found->n_ids = room;
    }
    rc = ext_answers_append(&found->rest, one->list, row, row + 1);
    if (rc != SQLITE_OK || !one->by_id) return rc;
    found->by_id = one->by_id;
    found->ids[n] = sqlite3_value_dup(id);
    return found->ids[n] ? SQLITE_OK : SQLITE_NOMEM;
}

/* list_find - adds all rows that have one id of a list. */
static int list_find(ext_query *query, ext_found *found, sqlite3_value *id, char *error) {
    ext_found one = {0};
    int rc = ext_query_find(query, &one, 0, id, error);
    while (rc == SQLITE_OK && one.at != one.end) {
        rc = found_add(found, &one, id);
        rc = rc == SQLITE_OK ? ext_found_next(&one, error) : ext_no_memory(error);
    }
    ext_found_clear(&one);
    return rc;
}

int ext_query_find_list(ext_query *query, ext_found *found, sqlite3_value *list,
                        char *error) {
    sqlite3_value *id;
    ext_found_clear(found);
    int rc = way_open(query, WAY_ID, error);
    if (rc != SQLITE_OK) return rc;
    if (!lists_direct(&query->ways[WAY_ID].source, list))
        return ext_query_scan(query, found, error);
    found->query = query;
    for (int more = sqlite3_vtab_in_first(list, &id);
         rc == SQLITE_OK && more == SQLITE_OK; more = sqlite3_vtab_in_next(list, &id))
        rc = list_find(query, found, id, error);
    found->list = &found->rest;
    found->end = found->rest.n;
    found->rc = SQLITE_DONE;
    return rc;
}
#else
/* Nobody tells such a library of a list: ext_tvf_takes_list. */
int ext_query_find_list(ext_query *query, ext_found *found, sqlite3_value *list,
                        char *error) {
    (void)list;
    return ext_query_scan(query, found, error);
}
#endif
