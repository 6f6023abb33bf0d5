/* copy_model.c - copy_model(from, to [, activate]): a model and its log, put under
 * another name or into another database.
 *
 *     SELECT copy_model('digits@3', 'tested');            -- 1, the new version
 *     ATTACH 'night.db' AS night;
 *     SELECT copy_model('night.icons', 'main.icons');     -- 4: after main's three
 *     SELECT copy_model('icons@2', 'icons', 0);           -- 5, not the active one
 *
 * A name is 'name' or 'name@version', with the name of a database before it if need be;
 * one that has a dot in itself is written with its database, 'main.v1.2'. from is the
 * active version where it gives none; to is the next version of its name, or the one it
 * gives, which must not be there yet. activate (1) makes it the active one. The copy is
 * whole or not there, but for a log without a model after an interrupt or where memory
 * ran out. Weights that are damaged are not copied. */
#include <string.h>
#include "../base/argument.h"
#include "../base/direct.h"
#include "../base/error.h"
#include "cache.h"
#include "name.h"
#include "own_rows.h"
#include "store.h"

/* The columns beside the key, and what an age or a copy decides. */
#define MODEL_REST                                                                       \
    "source, layers, shape, classes, options, seed, epochs, loss, accuracy, "            \
    "holdout_accuracy, seconds, weights, state"
#define EPOCH_REST                                                                       \
    "epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate, images_per_second, "   \
    "seconds"

/* One end of a copy. */
typedef struct place {
    char *schema, *name;   /* sqlite3_malloc'd */
    sqlite3_int64 version; /* 0: not given */
} place;

static void place_free(place *p) {
    sqlite3_free(p->schema);
    sqlite3_free(p->name);
}

/* place_read - takes an argument apart. */
static int place_read(place *out, sqlite3 *db, sqlite3_value *value, const char *argument,
                      char *error) {
    ext_model_request request;
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%s is %s; expected 'name' or 'name@version', with or without "
                         "'schema.' before it",
                         argument, ext_type_name(sqlite3_value_type(value)));
        return SQLITE_ERROR;
    }
    const char *text;
    int rc = ext_text(&text, value, argument, error);
    if (rc != SQLITE_OK) return rc;
    const int before = (int)strcspn(text, ".");
    out->schema = sqlite3_mprintf("%.*s", before, text);
    if (!out->schema) return ext_no_memory(error);
    if (text[before] && sqlite3_db_readonly(db, out->schema) >= 0) {
        text += before + 1;
    } else if (text[before]) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "%s is '%!.100s', but there is no database '%!.60s'; a name that "
            "has a dot in it is written with its database: 'main.%!.100s'",
            argument, text, out->schema, text);
        return SQLITE_ERROR;
    } else {
        sqlite3_free(out->schema);
        out->schema = sqlite3_mprintf("main");
        if (!out->schema) return ext_no_memory(error);
    }
    rc = ext_model_request_text(&request, text, (int)strlen(text), error);
    if (rc != SQLITE_OK) return rc;
    out->name = sqlite3_mprintf("%.*s", request.name_size, text);
    out->version = request.by == BY_VERSION ? request.version : 0;
    if (!out->schema || !out->name) return ext_no_memory(error);
    if (request.by != BUILTIN && request.name_size && strcmp(out->name, "builtin") != 0)
        return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "%s is '%!.100s'; expected a stored model's name", argument, text);
    return SQLITE_ERROR;
}

/* --- statements --------------------------------------------------------------------- */

/* The two ends; parameters 1 and 2 of each statement are to's name and version, 3 and 4
 * from's. */
typedef struct copy {
    ext_context *models;
    sqlite3_context *context; /* of the call */
    sqlite3 *db;
    place to, from;
    char *error; /* [EXT_ERROR_SIZE] */
} copy;

static int prepare(const copy *c, sqlite3_stmt **out, char *sql) {
    const struct {
        const place *place;
        int at;
    } binds[] = {{&c->to, 1}, {&c->from, 3}};
    int rc = sql ? sqlite3_prepare_v2(c->db, sql, -1, out, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    for (int i = 0; i < 2 && rc == SQLITE_OK; i++) {
        if (sqlite3_bind_parameter_count(*out) < binds[i].at) break;
        rc =
            sqlite3_bind_text(*out, binds[i].at, binds[i].place->name, -1, SQLITE_STATIC);
        if (rc == SQLITE_OK && sqlite3_bind_parameter_count(*out) > binds[i].at)
            rc = sqlite3_bind_int64(*out, binds[i].at + 1, binds[i].place->version);
    }
    return rc == SQLITE_OK ? rc : ext_sqlite_error(c->db, rc, c->error);
}

/* ended - frees a statement; its error, or rc where it had none. */
static int ended(const copy *c, sqlite3_stmt *s, int rc) {
    const int failed = sqlite3_finalize(s);
    if (rc != SQLITE_OK || failed == SQLITE_OK) return rc;
    return ext_sqlite_error(c->db, failed, c->error);
}

/* run - runs SQL, which is freed; *out, if it is not NULL, becomes the integer it
 * gives. */
static int run(const copy *c, char *sql, sqlite3_int64 *out) {
    sqlite3_stmt *s = NULL;
    const int rc = prepare(c, &s, sql);
    if (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW && out)
        *out = sqlite3_column_int64(s, 0);
    return ended(c, s, rc);
}

/* no_model - says what is not there; returns SQLITE_ERROR. */
static int no_model(const copy *c) {
    char version[32] = "";
    if (c->from.version)
        sqlite3_snprintf(sizeof version, version, "@%lld", c->from.version);
    sqlite3_snprintf(EXT_ERROR_SIZE, c->error, "%!.60s has no %smodel '%!.100s%s'",
                     c->from.schema, c->from.version ? "" : "active ", c->from.name,
                     version);
    return SQLITE_ERROR;
}

/* from_weights - whether the row that was found is a model: a version that is an integer,
 * and weights that can be predicted with. */
static int from_weights(copy *c, sqlite3_stmt *s) {
    ext_model *model = NULL;
    char reason[EXT_ERROR_SIZE] = "its version is no INTEGER, or its weights no BLOB";
    int status = DN_ERROR;
    c->from.version = sqlite3_column_int64(s, 0);
    if (sqlite3_column_type(s, 0) == SQLITE_INTEGER &&
        sqlite3_column_type(s, 1) == SQLITE_BLOB)
        status = ext_model_parse(&model, c->models, sqlite3_column_blob(s, 1),
                                 sqlite3_column_bytes(s, 1), reason);
    if (status == DN_OK) ext_model_unref(model);
    if (status == DN_ERROR)
        sqlite3_snprintf(EXT_ERROR_SIZE, c->error, "model %!.100s@%lld: %s", c->from.name,
                         c->from.version, reason);
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, c->error);
}

/* from_check - whether the weights that are copied are a model's; finds from's
 * version. */
static int from_check(copy *c) {
    sqlite3_stmt *s = NULL;
    if (sqlite3_table_column_metadata(c->db, c->from.schema, "digitnet_models", NULL,
                                      NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
        return no_model(c);
    int rc =
        prepare(c, &s,
                sqlite3_mprintf("SELECT version, weights FROM \"%w\".digitnet_models "
                                "WHERE name = ?3 AND CASE ?4 WHEN 0 THEN active ELSE "
                                "version = ?4 END ORDER BY version DESC LIMIT 1",
                                c->from.schema));
    const int found = rc == SQLITE_OK ? sqlite3_step(s) : SQLITE_ERROR;
    if (rc == SQLITE_OK && found == SQLITE_DONE) rc = no_model(c);
    if (rc == SQLITE_OK && found == SQLITE_ROW) rc = from_weights(c, s);
    return ended(c, s, rc);
}

/* to_version - the next version of its name, or the one given, which must be free. */
static int to_version(copy *c) {
    sqlite3_int64 taken = 0;
    if (!c->to.version)
        return run(c,
                   sqlite3_mprintf("SELECT coalesce(max(version), 0) + 1 FROM "
                                   "\"%w\".digitnet_models WHERE name = ?1",
                                   c->to.schema),
                   &c->to.version);
    const int rc =
        run(c,
            sqlite3_mprintf("SELECT count(*) FROM \"%w\".digitnet_models WHERE "
                            "name = ?1 AND version = ?2",
                            c->to.schema),
            &taken);
    if (rc != SQLITE_OK || !taken) return rc;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, c->error,
        "%!.60s already has model '%!.100s@%lld'; leave out the version for the "
        "next one",
        c->to.schema, c->to.name, c->to.version);
    return SQLITE_ERROR;
}

/* log_copy - the model's log, if it has one. Of a version that is not there, rows may be
 * left by a model that was deleted by hand, or by a copy that was interrupted. */
static int log_copy(const copy *c) {
    if (sqlite3_table_column_metadata(c->db, c->from.schema, "digitnet_epochs", NULL,
                                      NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
        return SQLITE_OK;
    return run(
        c,
        sqlite3_mprintf(
            "INSERT OR REPLACE INTO \"%w\".digitnet_epochs(name, version, " EPOCH_REST
            ") SELECT ?1, ?2, " EPOCH_REST
            " FROM \"%w\".digitnet_epochs WHERE name = ?3 AND "
            "version = ?4",
            c->to.schema, c->from.schema),
        NULL);
}

/* model_copy - the model's row, with as many of the columns that 0.1 did not have as from
 * has. */
static int model_copy(const copy *c, int activate) {
    sqlite3_str *columns = sqlite3_str_new(c->db);
    sqlite3_str_appendall(columns, MODEL_REST);
    for (int k = 0; ext_store_added(k); k++)
        if (ext_store_has(c->db, c->from.schema, "digitnet_models", ext_store_added(k)))
            sqlite3_str_appendf(columns, ", %s", ext_store_added(k));
    char *rest = sqlite3_str_finish(columns);
    if (!rest) return ext_no_memory(c->error);
    const int rc = run(
        c,
        sqlite3_mprintf("INSERT INTO \"%w\".digitnet_models(name, version, active, "
                        "created, %s) SELECT ?1, ?2, %d, created, %s "
                        "FROM \"%w\".digitnet_models WHERE name = ?3 AND version = ?4",
                        c->to.schema, rest, activate, rest, c->from.schema),
        NULL);
    sqlite3_free(rest);
    if (rc != SQLITE_OK || sqlite3_changes(c->db) == 1) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, c->error,
                     "%d rows were written for the model; expected 1: a trigger or an "
                     "authorizer keeps it out",
                     sqlite3_changes(c->db));
    return SQLITE_ERROR;
}

/* remove_from - deletes from a table what was written of a model before an error. */
static void remove_from(const copy *c, const char *table) {
    char unheard[EXT_ERROR_SIZE];
    const copy undo = {.db = c->db, .to = c->to, .from = c->from, .error = unheard};
    run(&undo,
        sqlite3_mprintf("DELETE FROM \"%w\".%s WHERE name = ?1 AND version = ?2",
                        c->to.schema, table),
        NULL);
}

/* activate_copy - puts the other versions aside. */
static int activate_copy(const copy *c) {
    const int rc = run(
        c,
        sqlite3_mprintf("UPDATE \"%w\".digitnet_models SET active = 0 WHERE name = ?1 "
                        "AND active AND version <> ?2",
                        c->to.schema),
        NULL);
    if (rc != SQLITE_OK) return rc;
    return ext_store_stands(c->db, c->to.schema, c->to.name, c->to.version, 1, c->error);
}

/* copy_run - one statement after the other, each of which leaves a state that is right:
 * of several active versions the newest counts. A savepoint could not be ended after an
 * interrupt, which lets no statement begin. */
static int copy_run(copy *c, int activate) {
    int rc = ext_store_replicable(c->db, c->error);
    if (rc == SQLITE_OK)
        rc = ext_own_rows(c->db, c->to.schema, "copy_model", c->context, c->error);
    if (rc == SQLITE_OK) rc = from_check(c);
    if (rc == SQLITE_OK) rc = ext_store_tables(c->db, NULL, c->to.schema, c->error);
    if (rc == SQLITE_OK) rc = to_version(c);
    if (rc == SQLITE_OK) rc = log_copy(c);
    if (rc != SQLITE_OK) return rc;
    rc = model_copy(c, activate);
    if (rc == SQLITE_OK && activate) {
        rc = activate_copy(c);
        if (rc != SQLITE_OK) remove_from(c, "digitnet_models");
    }
    if (rc != SQLITE_OK) remove_from(c, "digitnet_epochs");
    return rc;
}

static void copy_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    char error[EXT_ERROR_SIZE] = "";
    copy c = {.models = models,
              .context = context,
              .db = sqlite3_context_db_handle(context),
              .error = error};
    int activate = 1;
    if (ext_direct_only(context, "copy_model") != SQLITE_OK) return;
    int rc = place_read(&c.from, c.db, argv[0], "from", error);
    if (rc == SQLITE_OK) rc = place_read(&c.to, c.db, argv[1], "to", error);
    if (rc == SQLITE_OK && argc > 2)
        rc = ext_integer(&activate, argv[2], "activate", 0, 1, error);
    if (rc == SQLITE_OK && (rc = ext_enter(models, error)) == SQLITE_OK) {
        rc = copy_run(&c, activate);
        ext_leave(models);
    }
    if (rc == SQLITE_OK)
        sqlite3_result_int64(context, c.to.version);
    else
        ext_result_code(context, "copy_model", rc, error);
    place_free(&c.from);
    place_free(&c.to);
}

int ext_register_copy_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 2; n <= 3 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "copy_model", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), copy_model, NULL, NULL, ext_context_unref);
    return rc;
}
