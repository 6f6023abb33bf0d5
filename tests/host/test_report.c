/* test_report.c - report_model beside others: it reads one state of the database while
 * another connection writes, and no row, label or model, however odd, makes the page
 * NULL or no text. */
#include "sql.h"

#define PATH  "build/tmp/report.db"
#define ASIDE "build/tmp/aside.db"

/* Another connection, which writes when the source's column has been read so often. */
typedef struct writer {
    sqlite3 *db;
    int calls, at;
    const char *sql;
} writer;

/* seen(x) - x, and the writer's moment may have come. */
static void seen(sqlite3_context *context, int argc, sqlite3_value **argv) {
    writer *w = sqlite3_user_data(context);
    (void)argc;
    if (++w->calls == w->at) sql_run(w->db, w->sql);
    sqlite3_result_value(context, argv[0]);
}

/* page - the page of a source and model, but for the clock's figures; malloc'd. */
static char *page(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    char *out = NULL, *speed;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    if (sqlite3_step(s) != SQLITE_ROW)
        CHECK_STR(sqlite3_errmsg(db), "a page");
    else if (CHECK(sqlite3_column_type(s, 0) == SQLITE_TEXT))
        out = strdup((const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    if (out && (speed = strstr(out, " images a second"))) {
        char *end = speed;
        while (speed > out && speed[-1] != '>') speed--;
        memmove(speed, end, strlen(end) + 1);
    }
    return out;
}

/* one_state - the page is the same whenever another connection writes: into main, or into
 * an attached file that has the images. */
static void one_state(const char *schema, const char *write) {
    char sql[200], *before = NULL;
    for (int part = 0, calls = 0; part < 4; part++) {
        writer w = {.at = part * calls / 4, .sql = write};
        sqlite3_close(sql_new(ASIDE));
        sqlite3 *db = sql_new(PATH);
        sql_run(db, "ATTACH '" ASIDE "' AS aside; PRAGMA main.synchronous = off; "
                    "PRAGMA aside.synchronous = off; PRAGMA main.journal_mode = wal; "
                    "PRAGMA aside.journal_mode = wal");
        sql_images(db, "images", 40, 0);
        sql_run(db, "CREATE TABLE aside.images AS SELECT * FROM main.images");
        CHECK_SQL(db, "SELECT count(*) FROM train_model('main.images')" QUICK, "3");
        sql_run(db, "UPDATE digitnet_models SET created = '', seconds = 0");
        w.db = sql_open(strcmp(schema, "main") == 0 ? PATH : ASIDE);
        CHECK(sqlite3_create_function(db, "seen", 1, SQLITE_UTF8, &w, seen, NULL, NULL) ==
              SQLITE_OK);
        snprintf(sql, sizeof sql,
                 "CREATE TEMP VIEW rows AS SELECT seen(id) AS id, pixels, label FROM "
                 "%s.images",
                 schema);
        sql_run(db, sql);
        char *html = page(db, "SELECT report_model('temp.rows')");
        if (part == 0) {
            before = html;
            calls = w.calls;
            CHECK(calls >= 120);
        } else {
            CHECK(w.calls >= w.at);
            CHECK_STR(html && before && strcmp(html, before) == 0 ? "the same" : write,
                      "the same");
            free(html);
        }
        CHECK_SQL(db, "PRAGMA main.wal_checkpoint(TRUNCATE)", "0|0|0"); /* nobody reads */
        sql_close(w.db);
        sql_close(db);
    }
    free(before);
}

/* is_text - whether a page is UTF-8 and whole, and says so much. */
static void is_text(sqlite3 *db, const char *sql, const char *says) {
    char *html = page(db, sql);
    const size_t size = html ? strlen(html) : 0;
    CHECK(size > 1000 && strcmp(html + size - 7, "</html>") == 0);
    CHECK_STR(html && strstr(html, says) ? says : "not there", says);
    CHECK(html && !strchr(html, '\xff') && !strchr(html, '\xfe'));
    free(html);
}

static void odd_rows(sqlite3 *db) {
    is_text(db, "SELECT report_model('images')", "100.00&nbsp;%");
    sql_run(db,
            "CREATE TABLE odd AS SELECT id AS number, id, pixels, label, NULL AS split "
            "FROM images");
    sql_run(db, "UPDATE odd SET label = x'FF00' WHERE id < 3");
    is_text(db, "SELECT report_model('odd')",
            "Of the images 3 bear a label that is no class of the model, such as ?");
    sql_run(db, "UPDATE odd SET split = CAST(x'74657374FE' AS TEXT), label = id");
    is_text(db, "SELECT report_model('odd')", "test?");
    sql_run(db, "UPDATE odd SET split = NULL, label = 'l' || (label % 2)");
    is_text(db, "SELECT report_model('odd')",
            "None of the labels (l0, l1) is a class of the model, so no answer can be "
            "right. The classes are 0, 1.");
    sql_run(db, "UPDATE odd SET id = NULL WHERE number = 5");
    CHECK_SQL(
        db, "SELECT report_model('odd')",
        "error: report_model: a row that is judged has a NULL as its id: make a view "
        "with an id of its own");
    is_text(db, "SELECT report_model('odd', NULL, 'number')", "None of the labels");
    sql_run(db, "UPDATE odd SET id = 7");
    CHECK_SQL(
        db, "SELECT report_model('odd')",
        "error: report_model: several rows that are judged have the same id: make a "
        "view with an id of its own");
    CHECK_SQL(db, "SELECT report_model('odd', 'default', 7)",
              "error: report_model: key is 7; expected the name of a column");
    CHECK_SQL(
        db, "SELECT report_model('odd', 'default', 'nothing')",
        "error: report_model: image_rows: odd has no column 'nothing', which key names");
}

/* odd_models - what anybody may write into a model's row. */
static void odd_models(sqlite3 *db) {
    static const char *const columns[] = {"shape",  "classes", "options", "picture",
                                          "layers", "created", "source",  "epochs"};
    static const char *const values[] = {"NULL", "'{\"a'", "x'FF00'", "-5", "'0x0x0'"};
    char sql[200];
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 5; k++) {
            sql_run(db, "BEGIN");
            snprintf(sql, sizeof sql, "UPDATE digitnet_models SET %s = %s", columns[i],
                     values[k]);
            sql_run(db, sql);
            is_text(db, "SELECT report_model('images')", "4x4x1");
            sql_run(db, "ROLLBACK");
        }
}

int main(void) {
    static const char *const writes[] = {
        "DELETE FROM images", "UPDATE images SET label = 1 - label",
        "INSERT INTO images SELECT id + 1000, pixels, label FROM images"};
    for (int i = 0; i < 3; i++) {
        one_state("main", writes[i]);
        one_state("aside", writes[i]);
    }
    one_state("main", "DELETE FROM digitnet_epochs; DELETE FROM digitnet_models");
    sqlite3 *db = sql_new(PATH);
    sql_images(db, "images", 40, 0);
    CHECK_SQL(db, "SELECT count(*) FROM train_model('images')" QUICK, "3");
    odd_rows(db);
    odd_models(db);
    sql_close(db);
    return check_done("test_report");
}
