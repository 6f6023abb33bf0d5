/* test_cache.c - a training set that is read again from its table, while somebody changes
 * the table between two epochs: an error that names the row, and the checkpoint is
 * kept. */
#include "sql.h"

#define TRAIN                                                                            \
    "SELECT epoch FROM train_model('t') WHERE cache_mb = 1 AND layers = '4C5/4' "        \
    "AND epochs = 3"

/* The error of the second epoch, when `change` was made after the first. */
static void check_change(const char *change, const char *expected) {
    sqlite3 *db = sql_new("build/tmp/cache.db");
    sqlite3_stmt *train = NULL;
    sql_run(db, "CREATE TABLE t AS SELECT label, pixels FROM synthetic_digits(2500)");
    CHECK(sqlite3_prepare_v2(db, TRAIN, -1, &train, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(train) == SQLITE_ROW);
    sql_run(db, change);
    CHECK(sqlite3_step(train) == (*expected ? SQLITE_ERROR : SQLITE_ROW));
    if (*expected) CHECK_STR(sqlite3_errmsg(db), expected);
    sqlite3_finalize(train);
    CHECK_STR(sql_text(db, "SELECT epochs FROM digitnet_models"), *expected ? "1" : "2");
    sql_close(db);
}

int main(void) {
    check_change("SELECT 1", "");
    check_change("UPDATE t SET pixels = zeroblob(784) WHERE rowid = 1200",
                 "train_model: t, rowid 1200: it has changed since training began");
    check_change("DELETE FROM t WHERE rowid = 77",
                 "train_model: t, rowid 77: it was deleted after training began");
    check_change("UPDATE t SET pixels = x'00' WHERE rowid = 5",
                 "train_model: t, rowid 5: image has 1 bytes; expected 784 (uint8), 3136 "
                 "(float32) or a PNG");
    return check_done("test_cache");
}
