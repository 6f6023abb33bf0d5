/* test_silence.c - what would be a wrong answer without a word is an error that says what
 * came: texts that would be cut at a zero byte, and statements that would meet the models
 * they make. */
#include "sql.h"

#define SOFTMAX " WHERE layers = 'softmax' AND shape = '4x4' AND epochs = 1"

static sqlite3 *open_images(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(db, "SELECT * FROM train_model('images', 'm')" SOFTMAX);
    return db;
}

/* Z is a text that ends in a zero byte and more: cut there, it would be right. */
static void test_zero_bytes(void) {
#define Z(text) "'" text "' || char(0) || 'x'"
    static const struct {
        const char *sql, *name, *before;
    } cases[] = {
        {"SELECT * FROM train_model(" Z("images") ")", "train_model: source", "images"},
        {"SELECT * FROM train_model('images', " Z("m") ")", "train_model: model", "m"},
        {"SELECT train_model('images', " Z("m") ")", "train_model: model", "m"},
        {"SELECT train_model('images', 'm', " Z("{}") ")", "train_model: options", "{}"},
        {"SELECT * FROM train_model('images') WHERE layers = " Z("4N"),
         "train_model: layers", "4N"},
        {"SELECT * FROM train_model('images') WHERE optimizer = " Z("sgd"),
         "train_model: optimizer", "sgd"},
        {"SELECT * FROM train_model('images') WHERE shape = " Z("4x4"),
         "train_model: shape", "4x4"},
        {"SELECT * FROM train_model('images') WHERE start = " Z("m"),
         "train_model: start", "m"},
        {"SELECT * FROM search_model('images', " Z("{}") ")", "search_model: space",
         "{}"},
        {"SELECT * FROM verify_model(" Z("m") ")", "verify_model: model", "m"},
        {"SELECT * FROM predict_model(" Z("images") ")", "predict_model: source",
         "images"},
        {"SELECT * FROM predict_model('images', " Z("m") ")", "predict_model: model",
         "m"},
        {"SELECT * FROM predict_model('images', 'm', " Z("id") ")", "predict_model: key",
         "id"},
        {"SELECT * FROM image_rows('images', " Z("id") ")", "image_rows: key", "id"},
        {"SELECT digit_predict(pixels, " Z("m") ") FROM images", "digit_predict: model",
         "m"},
        {"SELECT digit_show(pixels, 9, 0, " Z("4x4") ") FROM images", "digit_show: shape",
         "4x4"},
        {"SELECT export_model(" Z("m") ")", "export_model: model", "m"},
        {"SELECT export_c(" Z("m") ")", "export_c: model", "m"},
        {"SELECT export_c('m', " Z("n") ")", "export_c: name", "n"},
        {"SELECT import_model(" Z("n") ", export_model('m'))", "import_model: model",
         "n"},
        {"SELECT import_model('n', export_model('m'), " Z("{}") ")",
         "import_model: options", "{}"},
        {"SELECT copy_model(" Z("m") ", 'n')", "copy_model: from", "m"},
        {"SELECT copy_model('m', " Z("n") ")", "copy_model: to", "n"},
        {"SELECT quantise_model(" Z("m") ", 'n', 'images')", "quantise_model: model",
         "m"},
        {"SELECT quantise_model('m', " Z("n") ", 'images')", "quantise_model: model",
         "n"},
        {"SELECT quantise_model('m', 'n', " Z("images") ")", "quantise_model: source",
         "images"},
        {"SELECT quantise_model('m', 'n', 'images', " Z("{}") ")",
         "quantise_model: options", "{}"},
        {"SELECT digitnet_model(" Z("m") ")", "digitnet_model: model", "m"},
        {"SELECT digitnet_limit(" Z("memory") ")", "digitnet_limit: name", "memory"},
        {"SELECT * FROM read_idx(" Z("images") ")", "read_idx: images", "images"},
        {"SELECT * FROM read_png(" Z(".") ")", "read_png: dir", "."},
    };
    char want[200];
    sqlite3 *db = open_images();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(want, sizeof want,
                 "error: %s has a zero byte in it, behind '%s'; expected a text without "
                 "one",
                 cases[i].name, cases[i].before);
        if (!CHECK_SQL(db, cases[i].sql, want)) printf("    %s\n", cases[i].sql);
    }
    CHECK_SQL(
        db, "SELECT train_model('images', 'm', '{\"layers\": \"4N\\u0000x\"}')",
        "error: train_model: options has a zero byte, \\u0000, in it; expected texts "
        "without one");
    CHECK_SQL(
        db,
        "SELECT import_model('m', export_model('m'), '{\"classes\": [\"\\\\u0000\", "
        "\"\\u0000\"]}')",
        "error: import_model: options has a zero byte, \\u0000, in it; expected texts "
        "without one");
    CHECK_SQL(db,
              "SELECT json_extract(import_model('n', export_model('m'), '{\"classes\": "
              "[\"\\\\u0000\", \"b\"]}'), '$.version')",
              "1");
    CHECK_SQL(db, "SELECT count(*) FROM digitnet_models WHERE name = 'm'", "1");
    sql_close(db);
}

/* A loop that makes a model for each never ends; one over what was read before does. */
static void test_own_rows(void) {
    static const char *const endless[] = {
        "SELECT copy_model(name, 'x') FROM digitnet_models",
        "SELECT copy_model(name || '@' || version, name) FROM digitnet_models",
        "SELECT copy_model(name, 'x') FROM digitnet_models ORDER BY seconds LIMIT 1",
        "SELECT copy_model(name, 'x') FROM (SELECT name FROM digitnet_models LIMIT 99)",
        "SELECT copy_model('m', 'x') FROM images, DIGITNET_EPOCHS AS e WHERE id < 2",
        "SELECT copy_model('aux.' || name, 'main.' || name) FROM aux.digitnet_models AS "
        "m "
        "JOIN main.digitnet_models USING (name)",
        "SELECT import_model(name, (SELECT export_model('m'))) FROM digitnet_models",
        "SELECT copy_model(name, name) FROM digitnet_models WHERE name = 'm'",
        "SELECT quantise_model(name, 'q', 'images') FROM digitnet_models",
        "SELECT train_model('images', name, '{\"layers\": \"softmax\", \"epochs\": 1}') "
        "FROM digitnet_models",
        "SELECT t.epoch FROM digitnet_models AS m, train_model('images', m.name) AS t "
        "WHERE t.layers = 'softmax' AND t.epochs = 1",
        "SELECT s.trial FROM digitnet_models AS m, search_model('images', "
        "'{\"layers\": \"softmax\"}', 1, m.name) AS s",
    };
    static const struct {
        const char *sql, *want;
    } others[] = {
        {"SELECT copy_model((SELECT name FROM digitnet_models ORDER BY loss), 'x')", "1"},
        {"SELECT copy_model(name, name) FROM (SELECT name FROM digitnet_models ORDER BY "
         "loss LIMIT 9)",
         "2 2"},
        {"SELECT copy_model(name, name) FROM names", "3 3"},
        {"SELECT copy_model('main.' || name, 'aux.y') FROM digitnet_models AS m", /* */
         "1 2 3 4 5 6"},
        {"SELECT copy_model(name || '@' || version, 'w') FROM digitnet_models WHERE name "
         "IN ('m', 'y') AND loss < 1e9",
         "1 2 3"},
        {"SELECT copy_model('m', 'z') WHERE NOT EXISTS (SELECT 1 FROM digitnet_models "
         "WHERE name = 'z')",
         "1"},
        {"SELECT max(epoch), (SELECT count(*) FROM digitnet_models) FROM "
         "train_model('images', 'z')" SOFTMAX,
         "1|11"},
    };
    char sql[400];
    sqlite3 *db = open_images();
    sql_run(db, "ATTACH ':memory:' AS aux; SELECT copy_model('m', 'aux.m');"
                "CREATE TEMP TABLE names(name)");
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        const char *is = sql_text(db, endless[i]);
        if (!CHECK(strstr(
                is, ": it is called for the rows of main's models, or of their log, and "
                    "would then read those it adds; read them first, into a TEMP table")))
            printf("    %s\n    %.200s\n", endless[i], is);
    }
    /* Two that look models up made as many as there were: one, then two. */
    CHECK_SQL(db, "SELECT count(*) FROM digitnet_models", "4");
    sql_run(db, "DELETE FROM digitnet_models WHERE version > 1; UPDATE digitnet_models "
                "SET active = 1");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (i == 2)
            sql_run(db, "INSERT INTO names SELECT DISTINCT name FROM digitnet_models");
        snprintf(sql, sizeof sql, "%s", others[i].sql);
        if (!CHECK_SQL(db, sql, others[i].want)) printf("    %s\n", sql);
    }
    sql_close(db);
}

int main(void) {
    test_zero_bytes();
    test_own_rows();
    return check_done("test_silence");
}
