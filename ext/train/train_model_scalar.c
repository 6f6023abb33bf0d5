/* train_model_scalar.c - train_model(source [, model [, options]]) as a function: trains
 * to the end, and returns what came of it.
 *
 *     SELECT train_model('images');
 *     SELECT train_model('images', 'digits', '{"layers": "mlp", "epochs": 5}');
 *
 *     {"model":"digits","version":3,"epochs":5,"kept":5,"loss":0.034,"accuracy":0.99,
 *      "holdout_loss":0.07,"holdout_accuracy":0.978,"images":54000,
 *      "seconds":2.1,"notes":[]}
 *
 * epochs are those done, kept is the one whose weights are stored; loss, accuracy and the
 * holdout's two are that epoch's, null where there is no holdout.
 *
 * It does the table's work (train_model.c) in one row, so that a client which fetches one
 * row, or none, trains to the end. And it reads no table of its own: in autocommit each
 * statement it runs is a transaction by itself, so other connections write between two
 * checkpoints, with a rollback journal too. */
#include <math.h>
#include <string.h>
#include "../base/direct.h"
#include "../base/error.h"
#include "../base/json.h"
#include "../model/cache.h"
#include "../model/own_rows.h"
#include "../base/option_object.h"
#include "run.h"

/* number - a member; null for NaN and infinities. */
static void number(sqlite3_str *out, const char *name, double value) {
    sqlite3_str_appendf(out, ",\"%s\":", name);
    if (isfinite(value))
        ext_json_real(out, value);
    else
        sqlite3_str_appendall(out, "null");
}

static void result_json(sqlite3_context *context, const ext_training *run) {
    const ext_training_result r = ext_training_result_of(run);
    sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
    sqlite3_str_appendall(out, "{\"model\":");
    ext_json_string(out, r.name, strlen(r.name));
    sqlite3_str_appendf(out, ",\"version\":%lld,\"epochs\":%lld,\"kept\":%lld", r.version,
                        r.epochs, r.kept);
    number(out, "loss", r.loss);
    number(out, "accuracy", r.accuracy);
    number(out, "holdout_loss", r.holdout_loss);
    number(out, "holdout_accuracy", r.holdout_accuracy);
    sqlite3_str_appendf(out, ",\"images\":%lld", r.images);
    number(out, "seconds", r.seconds);
    sqlite3_str_appendall(out, ",\"notes\":");
    ext_notes_json(r.notes, out);
    sqlite3_str_appendchar(out, 1, '}');
    char *text = ext_text_mend(sqlite3_str_finish(out));
    if (text)
        sqlite3_result_text(context, text, -1, sqlite3_free);
    else
        sqlite3_result_error_nomem(context);
}

/* run_all - trains until there is no further epoch. */
static int run_all(ext_training *run, char *error) {
    ext_store_epoch row;
    int rc;
    while ((rc = ext_training_epoch(run, &row, error)) == SQLITE_ROW) {}
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void train_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    sqlite3 *db = sqlite3_context_db_handle(context);
    char error[EXT_ERROR_SIZE] = "";
    ext_training *run = NULL;
    sqlite3_value *values[EXT_MOST_OPTIONS] = {NULL};
    ext_option_object object = {0};
    if (ext_direct_only(context, "train_model") != SQLITE_OK) return;
    int rc = ext_enter(models, error);
    if (rc != SQLITE_OK) {
        ext_result_code(context, "train_model", rc, error);
        return;
    }
    rc = ext_option_object_read(&object, db, "train_model", argc > 2 ? argv[2] : NULL,
                                ext_train_option_name, values, error);
    if (rc == SQLITE_OK) rc = ext_own_rows(db, "main", "train_model", context, error);
    if (rc == SQLITE_OK)
        rc = ext_training_start(&run, models, db, argv[0], argc > 1 ? argv[1] : NULL,
                                values, error);
    if (rc == SQLITE_OK) rc = run_all(run, error);
    if (rc == SQLITE_OK)
        result_json(context, run);
    else
        ext_result_code(context, "train_model", rc, error);
    ext_training_free(run);
    ext_option_object_clear(&object);
    ext_leave(models);
}

int ext_register_train_model_scalar(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 3 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "train_model", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), train_model, NULL, NULL, ext_context_unref);
    return rc;
}
