/* store_write.c - the tables of models and of training logs: see store.h. */
#include <math.h>
#include <string.h>
#include "../base/error.h"
#include "store.h"

static const char *const create_sql[2] = {
    "CREATE TABLE IF NOT EXISTS \"%w\".digitnet_models(name TEXT NOT NULL, "
    "version INTEGER NOT NULL, active INTEGER NOT NULL DEFAULT 0, created TEXT, "
    "source TEXT, layers TEXT, shape TEXT, classes TEXT, options TEXT, seed INTEGER, "
    "epochs INTEGER, loss REAL, accuracy REAL, holdout_accuracy REAL, seconds REAL, "
    "weights BLOB, state BLOB, parameters INTEGER, bytes INTEGER, precision TEXT, "
    "microseconds REAL, picture TEXT, PRIMARY KEY(name, version))",
    "CREATE TABLE IF NOT EXISTS \"%w\".digitnet_epochs(name TEXT NOT NULL, "
    "version INTEGER NOT NULL, epoch INTEGER NOT NULL, loss REAL, accuracy REAL, "
    "holdout_loss REAL, holdout_accuracy REAL, rate REAL, images_per_second REAL, "
    "seconds REAL, PRIMARY KEY(name, version, epoch))"};

/* What 0.1 did not have, as create_sql has it, and last there too: tables that were made
 * new and tables that grew have one order. */
typedef struct added_column {
    const char *name, *type;
} added_column;
static const added_column new_columns[] = {{"parameters", "INTEGER"},
                                           {"bytes", "INTEGER"},
                                           {"precision", "TEXT"},
                                           {"microseconds", "REAL"},
                                           {"picture", "TEXT"}};

/* How long a checkpoint waits for another connection to give up its lock, and how often
 * it looks. The host's own busy handler comes first, where SQLite calls it. */
#define LOCK_SECONDS 5.0
#define LOCK_SLEEP   20 /* ms */

/* --- one statement ------------------------------------------------------------------ */

/* store_prepare - a statement whose parameter 1 is the model's name. */
static int store_prepare(sqlite3_stmt **out, sqlite3 *db, const char *sql,
                         const char *name, char *error) {
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    if (rc == SQLITE_OK && name) rc = sqlite3_bind_text(*out, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) return rc;
    ext_sqlite_error(db, rc, error);
    sqlite3_finalize(*out);
    *out = NULL;
    return rc;
}

/* The binders keep the first result that is not SQLITE_OK: memory can run out where a
 * text is converted, and a blob can be longer than the host's limit. */
static void bind_integer(int *rc, sqlite3_stmt *s, int k, sqlite3_int64 value) {
    if (*rc == SQLITE_OK) *rc = sqlite3_bind_int64(s, k, value);
}

static void bind_number(int *rc, sqlite3_stmt *s, int k, double value) {
    if (*rc == SQLITE_OK && !isnan(value)) *rc = sqlite3_bind_double(s, k, value);
}

static void bind_text(int *rc, sqlite3_stmt *s, int k, const char *text) {
    if (*rc == SQLITE_OK) *rc = sqlite3_bind_text(s, k, text, -1, SQLITE_STATIC);
}

static void bind_blob(int *rc, sqlite3_stmt *s, int k, const void *bytes, size_t size) {
    if (*rc == SQLITE_OK) *rc = sqlite3_bind_blob64(s, k, bytes, size, SQLITE_STATIC);
}

/* bound - rc itself, after freeing the statement and wording the error if it is one. */
static int bound(int rc, sqlite3 *db, sqlite3_stmt *statement, char *error) {
    if (rc == SQLITE_OK) return rc;
    ext_sqlite_error(db, rc, error);
    sqlite3_finalize(statement);
    return rc;
}

/* lock_error - words the error of a lock that stays. */
static int lock_error(sqlite3 *db, int rc, char *error) {
    if (sqlite3_extended_errcode(db) != SQLITE_BUSY_SNAPSHOT)
        return ext_sqlite_error(db, rc, error);
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "another connection wrote to the database meanwhile, so this statement "
        "no longer can");
    return SQLITE_BUSY_SNAPSHOT;
}

/* store_run - runs a statement that returns no rows, and frees it. Waits for locks that
 * readers give up soon; one that cannot end (a snapshot grown old) is an error at
 * once. */
static int store_run(sqlite3 *db, ext_poll *poll, sqlite3_stmt *statement, char *error) {
    const double start = ext_seconds();
    int rc;
    for (;;) {
        sqlite3_step(statement);
        rc = sqlite3_reset(statement);
        if ((rc & 0xFF) != SQLITE_BUSY || !poll) break;
        if (sqlite3_extended_errcode(db) == SQLITE_BUSY_SNAPSHOT) break;
        if (ext_seconds() - start > LOCK_SECONDS) break;
        ext_sleep(LOCK_SLEEP);
        int stop = ext_poll_check(poll, db);
        if (stop != SQLITE_OK) {
            rc = stop;
            break;
        }
    }
    if ((rc & 0xFF) == SQLITE_BUSY)
        rc = lock_error(db, rc, error);
    else if (rc != SQLITE_OK)
        ext_sqlite_error(db, rc, error);
    sqlite3_finalize(statement);
    return rc;
}

/* ext_store_replicable - refuses what dqlite would not replicate: it takes what an EXEC
 * or a COMMIT has written from its VFS and sends it to the other nodes. What is committed
 * from within a SELECT stays there, and is no part of what follows: the next write fails
 * an assertion of dqlite's that ends the process, and so the leader (1.11.1). */
int ext_store_replicable(sqlite3 *db, char *error) {
    sqlite3_vfs *vfs = NULL;
    sqlite3_stmt *s = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
    if (!vfs || strncmp(vfs->zName, "dqlite", 6) != 0) return SQLITE_OK;
    if (!sqlite3_get_autocommit(db)) return SQLITE_OK;
    while ((s = sqlite3_next_stmt(db, s)) != NULL)
        if (sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s)) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "dqlite does not replicate what a SELECT writes; expected BEGIN before "
        "it, or, of a table, INSERT INTO … SELECT");
    return SQLITE_MISUSE;
}

int ext_store_try(sqlite3 *db, char *error) {
    sqlite3_stmt *statement = NULL;
    sqlite3_int64 version = 0;
    int rc = ext_store_replicable(db, error);
    if (rc == SQLITE_OK)
        rc = store_prepare(&statement, db, "PRAGMA main.user_version", NULL, error);
    if (rc != SQLITE_OK) return rc;
    if (sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int64(statement, 0);
    rc = sqlite3_finalize(statement);
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    char sql[64];
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA main.user_version = %lld", version);
    rc = store_prepare(&statement, db, sql, NULL, error);
    return rc == SQLITE_OK ? store_run(db, NULL, statement, error) : rc;
}

/* --- checkpoints -------------------------------------------------------------------- */

/* A checkpoint is one statement, so that it is there or not, whenever the process dies or
 * an interrupt comes:
 *
 *     INSERT OR REPLACE INTO digitnet_epochs
 *         SELECT name, digitnet_checkpoint(pointer, i, 0),
 *             digitnet_checkpoint(pointer, i, 1), …
 *         FROM (0, 1, … n-1 AS i)
 *
 * (p, 0, 0), the first call of all, writes the model's row by statements of its own. (p,
 * i, 0) is the version, (p, i, k) number k of log row i, the very double. SQLite commits
 * in autocommit when the last running statement that writes has ended, so the inner ones
 * are committed, or taken back, with the outer one. They must not touch the table that
 * the outer one is inserting into. */
#define CHECKPOINT "digitnet_checkpoint"

/* What the pointer points to. */
typedef struct checkpoint {
    sqlite3 *db;
    const ext_store_model *model;
    const ext_store_epoch *epochs;
    sqlite3_int64 version; /* of the model's row, once it is written */
    int rc;                /* of writing it */
    char *error;           /* [EXT_ERROR_SIZE], that one's sentence */
} checkpoint;

/* bind_progress - parameters 2 to 10 and 16 to 19, the same when a model is added and
 * updated. */
static int bind_progress(sqlite3_stmt *s, const ext_store_model *model) {
    int rc = SQLITE_OK;
    bind_integer(&rc, s, 2, model->version);
    bind_integer(&rc, s, 3, model->epochs);
    bind_number(&rc, s, 4, model->loss);
    bind_number(&rc, s, 5, model->accuracy);
    bind_number(&rc, s, 6, model->holdout_accuracy);
    bind_number(&rc, s, 7, model->seconds);
    bind_blob(&rc, s, 8, model->state, model->state_size);
    bind_blob(&rc, s, 9, model->weights, model->weights_size);
    bind_text(&rc, s, 10, model->options);
    bind_integer(&rc, s, 16, model->parameters);
    bind_text(&rc, s, 17, model->precision);
    bind_number(&rc, s, 18, model->microseconds);
    bind_text(&rc, s, 19, model->picture);
    return rc;
}

static int insert_model(sqlite3 *db, const ext_store_model *model, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = store_prepare(&s, db,
                           "INSERT INTO main.digitnet_models(name, version, active, "
                           "created, source, layers, "
                           "shape, classes, options, seed, epochs, loss, accuracy, "
                           "holdout_accuracy, seconds, "
                           "weights, state, parameters, bytes, precision, microseconds, "
                           "picture) "
                           "VALUES(?1, ?2, 0, "
                           "strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?11, ?12, "
                           "?13, ?14, ?10, ?15, ?3, ?4, ?5, ?6, ?7, ?9, ?8, ?16, "
                           "length(?9), ?17, ?18, ?19)",
                           model->name, error);
    if (rc != SQLITE_OK) return rc;
    rc = bind_progress(s, model);
    bind_text(&rc, s, 11, model->source);
    bind_text(&rc, s, 12, model->layers);
    bind_text(&rc, s, 13, model->shape);
    bind_text(&rc, s, 14, model->classes);
    if (model->source) bind_integer(&rc, s, 15, model->seed); /* else it was imported */
    rc = bound(rc, db, s, error);
    return rc == SQLITE_OK ? store_run(db, NULL, s, error) : rc;
}

static int update_model(sqlite3 *db, const ext_store_model *model, char *error) {
    sqlite3_stmt *s = NULL;
    int rc =
        store_prepare(&s, db,
                      "UPDATE main.digitnet_models SET epochs = ?3, loss = ?4, "
                      "accuracy = ?5, holdout_accuracy = ?6, seconds = ?7, state = ?8, "
                      "weights = coalesce(?9, weights), options = ?10, layers = ?11, "
                      "parameters = ?16, bytes = length(coalesce(?9, weights)), "
                      "precision = ?17, microseconds = ?18, picture = ?19 "
                      "WHERE name = ?1 AND version = ?2",
                      model->name, error);
    if (rc != SQLITE_OK) return rc;
    rc = bind_progress(s, model);
    bind_text(&rc, s, 11, model->layers);
    rc = bound(rc, db, s, error);
    if (rc == SQLITE_OK) rc = store_run(db, NULL, s, error);
    if (rc != SQLITE_OK || sqlite3_changes(db) == 1) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "model %.100s@%lld was deleted while it trained", model->name,
                     model->version);
    return SQLITE_ERROR;
}

/* stands_error - words what keeps a version from being there, or from being active. */
static int stands_error(const char *name, sqlite3_int64 version, int is_there,
                        char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     is_there
                         ? "model %.100s@%lld cannot be made the only active "
                           "version: a trigger or an authorizer keeps rows of "
                           "digitnet_models as they are; activate = 0 leaves them so"
                         : "model %.100s@%lld was written, but is not in "
                           "digitnet_models: a trigger or an authorizer keeps it out",
                     name, version);
    return SQLITE_ERROR;
}

int ext_store_stands(sqlite3 *db, const char *schema, const char *name,
                     sqlite3_int64 version, int active, char *error) {
    sqlite3_stmt *s = NULL;
    int is_there = 0, is_active = 0, others = 0;
    char *sql = sqlite3_mprintf("SELECT total(version = ?2), "
                                "total(version = ?2 AND active), "
                                "total(version <> ?2 AND active) "
                                "FROM \"%w\".digitnet_models WHERE name = ?1",
                                schema);
    int rc = sql ? store_prepare(&s, db, sql, name, error) : ext_no_memory(error);
    sqlite3_free(sql);
    if (rc != SQLITE_OK) return rc;
    bind_integer(&rc, s, 2, version);
    rc = bound(rc, db, s, error);
    if (rc != SQLITE_OK) return rc;
    if (sqlite3_step(s) == SQLITE_ROW) {
        is_there = sqlite3_column_int(s, 0);
        is_active = sqlite3_column_int(s, 1);
        others = sqlite3_column_int(s, 2);
    }
    rc = sqlite3_finalize(s);
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    if (is_there && (!active || (is_active && !others))) return SQLITE_OK;
    return stands_error(name, version, is_there, error);
}

/* next_version - 1 + the newest of a name, into *version. */
static int next_version(sqlite3 *db, const char *name, sqlite3_int64 *version,
                        char *error) {
    sqlite3_stmt *s = NULL;
    int rc =
        store_prepare(&s, db,
                      "SELECT coalesce(max(version), 0) + 1 FROM main.digitnet_models "
                      "WHERE name = ?1",
                      name, error);
    if (rc != SQLITE_OK) return rc;
    if (sqlite3_step(s) == SQLITE_ROW) *version = sqlite3_column_int64(s, 0);
    rc = sqlite3_finalize(s);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(db, rc, error);
}

/* activate - makes a version the active one of its name, unless it is to be inactive, in
 * one statement, which changes nothing if its row is not there: then the old version
 * stays active. */
static int activate(sqlite3 *db, const ext_store_model *model, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = store_prepare(&s, db,
                           "UPDATE main.digitnet_models SET active = "
                           "CASE WHEN ?3 THEN active ELSE version = ?2 END "
                           "WHERE name = ?1 AND (version = ?2 OR (active AND NOT ?3)) "
                           "AND EXISTS(SELECT 1 FROM main.digitnet_models "
                           "WHERE name = ?1 AND version = ?2)",
                           model->name, error);
    if (rc != SQLITE_OK) return rc;
    bind_integer(&rc, s, 2, model->version);
    bind_integer(&rc, s, 3, model->inactive);
    rc = bound(rc, db, s, error);
    if (rc == SQLITE_OK) rc = store_run(db, NULL, s, error);
    if (rc != SQLITE_OK) return rc;
    return ext_store_stands(db, "main", model->name, model->version, !model->inactive,
                            error);
}

/* checkpoint_model - writes the model's row, and notes its version. */
static int checkpoint_model(checkpoint *c) {
    ext_store_model added = *c->model;
    int rc = SQLITE_OK;
    if (added.version) {
        rc = update_model(c->db, &added, c->error);
    } else {
        rc = next_version(c->db, added.name, &added.version, c->error);
        if (rc == SQLITE_OK) rc = insert_model(c->db, &added, c->error);
        if (rc == SQLITE_OK) rc = activate(c->db, &added, c->error);
    }
    c->version = added.version;
    return rc;
}

/* checkpoint_function - digitnet_checkpoint(pointer, i, k): see above. */
static void checkpoint_function(sqlite3_context *context, int argc,
                                sqlite3_value **argv) {
    checkpoint *c = argc == 3 ? sqlite3_value_pointer(argv[0], CHECKPOINT) : NULL;
    if (!c) {
        sqlite3_result_error(context, CHECKPOINT " is for train_model alone", -1);
        return;
    }
    const int i = sqlite3_value_int(argv[1]), k = sqlite3_value_int(argv[2]);
    const ext_store_epoch *e = &c->epochs[i];
    const double numbers[] = {
        e->loss, e->accuracy,          e->holdout_loss, e->holdout_accuracy,
        e->rate, e->images_per_second, e->seconds};
    if (k == 0 && i == 0) c->rc = checkpoint_model(c);
    if (c->rc != SQLITE_OK)
        sqlite3_result_error_code(context, c->rc);
    else if (k < 2)
        sqlite3_result_int64(context, k == 0 ? c->version : e->epoch);
    else if (!isnan(numbers[k - 2]))
        sqlite3_result_double(context, numbers[k - 2]);
}

int ext_store_register(sqlite3 *db) {
    return sqlite3_create_function_v2(db, CHECKPOINT, -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                      NULL, checkpoint_function, NULL, NULL, NULL);
}

const char *ext_store_added(int k) {
    return k < (int)(sizeof new_columns / sizeof *new_columns) ? new_columns[k].name
                                                               : NULL;
}

int ext_store_has(sqlite3 *db, const char *schema, const char *table,
                  const char *column) {
    return sqlite3_table_column_metadata(db, schema, table, column, NULL, NULL, NULL,
                                         NULL, NULL) == SQLITE_OK;
}

/* columns_add - the columns that a table of 0.1 lacks. A view's are its owner's. */
static int columns_add(sqlite3 *db, ext_poll *poll, const char *schema, char *error) {
    int rc = SQLITE_OK;
    if (!ext_store_has(db, schema, "digitnet_models", "weights")) return rc;
    for (int k = 0; ext_store_added(k) && rc == SQLITE_OK; k++) {
        if (ext_store_has(db, schema, "digitnet_models", new_columns[k].name)) continue;
        sqlite3_stmt *alter = NULL;
        char *sql = sqlite3_mprintf("ALTER TABLE \"%w\".digitnet_models ADD COLUMN %s %s",
                                    schema, new_columns[k].name, new_columns[k].type);
        rc = sql ? store_prepare(&alter, db, sql, NULL, error) : ext_no_memory(error);
        if (rc == SQLITE_OK) rc = store_run(db, poll, alter, error);
        sqlite3_free(sql);
    }
    return rc;
}

int ext_store_tables(sqlite3 *db, ext_poll *poll, const char *schema, char *error) {
    int rc = SQLITE_OK;
    for (int i = 0; i < 2 && rc == SQLITE_OK; i++) {
        sqlite3_stmt *create = NULL;
        char *sql = sqlite3_mprintf(create_sql[i], schema);
        rc = sql ? store_prepare(&create, db, sql, NULL, error) : ext_no_memory(error);
        if (rc == SQLITE_OK) rc = store_run(db, poll, create, error);
        sqlite3_free(sql);
    }
    return rc == SQLITE_OK ? columns_add(db, poll, schema, error) : rc;
}

static const char checkpoint_sql[] =
    "WITH RECURSIVE log(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM log WHERE i + 1 < "
    "?3) "
    "INSERT OR REPLACE INTO main.digitnet_epochs(name, version, epoch, loss, accuracy, "
    "holdout_loss, holdout_accuracy, rate, images_per_second, seconds) SELECT "
    "?1, " CHECKPOINT "(?2, i, 0), " CHECKPOINT "(?2, i, 1), " CHECKPOINT
    "(?2, i, 2), " CHECKPOINT "(?2, i, 3), " CHECKPOINT "(?2, i, 4), " CHECKPOINT
    "(?2, i, 5), " CHECKPOINT "(?2, i, 6), " CHECKPOINT "(?2, i, 7), " CHECKPOINT
    "(?2, i, 8) FROM log";

/* Without a log: no row comes of it, for a version is not NULL. */
static const char checkpoint_alone_sql[] =
    "INSERT INTO main.digitnet_epochs(name, version, epoch) SELECT ?1, 0, ?3 "
    "WHERE " CHECKPOINT "(?2, 0, 0) IS NULL";

int ext_store_checkpoint(sqlite3 *db, ext_poll *poll, ext_store_model *model,
                         const ext_store_epoch *epochs, int n, char *error) {
    static const ext_store_epoch none = {0};
    sqlite3_stmt *s = NULL;
    char reason[EXT_ERROR_SIZE] = "";
    checkpoint c = {db, model, n ? epochs : &none, 0, SQLITE_OK, reason};
    int rc = ext_store_replicable(db, error);
    if (rc == SQLITE_OK)
        rc = model->version ? columns_add(db, poll, "main", error)
                            : ext_store_tables(db, poll, "main", error);
    /* OR REPLACE: a model deleted by hand may have left its log. */
    if (rc == SQLITE_OK)
        rc = store_prepare(&s, db, n ? checkpoint_sql : checkpoint_alone_sql, model->name,
                           error);
    if (rc != SQLITE_OK) return rc;
    rc = sqlite3_bind_pointer(s, 2, &c, CHECKPOINT, NULL);
    bind_integer(&rc, s, 3, n);
    rc = bound(rc, db, s, error);
    if (rc != SQLITE_OK) return rc;
    const sqlite3_int64 last_rowid = sqlite3_last_insert_rowid(db);
    rc = store_run(db, poll, s, error);
    sqlite3_set_last_insert_rowid(db, last_rowid);
    if (rc == SQLITE_OK) model->version = c.version;
    if (rc == SQLITE_OK && !c.version) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "the checkpoint was not written: an authorizer lets no row into "
                         "digitnet_epochs");
        return SQLITE_AUTH;
    }
    if (rc != SQLITE_OK && c.rc != SQLITE_OK) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", reason);
        return c.rc;
    }
    return rc;
}
