/* test_attached.c - what an attached file's schema may ask: nothing of main's models
 * (trust.h).
 *
 * How SQLite keeps a function out of each place is test_trust.c's. */
#define _GNU_SOURCE
#include "one_core.h"
#include "sql.h"

#define FILE_NAME "build/tmp/attached.db"
#define SECRET    "digit_predict(zeroblob(16), 'secret')"
#define COUNT(a)  ((int)(sizeof(a) / sizeof *(a)))

static void dummy(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc, (void)argv;
    sqlite3_result_int(context, 1);
}

/* evil - a new file whose author has functions of his own by our names. */
static void evil(const char *schema) {
    static const char *const names[] = {"digit_predict", "my_digit_predict"};
    sqlite3 *db = sql_new(FILE_NAME);
    sql_close(db);
    CHECK(sqlite3_open(FILE_NAME, &db) == SQLITE_OK); /* without digitnet */
    for (int i = 0; i < 2; i++)
        CHECK(sqlite3_create_function(db, names[i], -1, SQLITE_UTF8 | SQLITE_INNOCUOUS,
                                      NULL, dummy, NULL, NULL) == SQLITE_OK);
    sql_run(db, schema);
    sql_close(db);
}

/* Ways to write a call that SQLite's tokenizer knows, and texts that are no call. */
static void test_spelling(void) {
    static const struct {
        const char *text;
        int calls;
    } texts[] = {
        {"DIGIT_Predict (zeroblob(16), 'secret')", 1},
        {"\"digit_predict\"/* ( */(zeroblob(16), 'secret')", 1},
        {"[digit_predict] -- (\n(zeroblob(16), 'secret')", 1},
        {"`digit_predict`\t\r\n\f(zeroblob(16), 'secret')", 1},
        {"1+\xef\xbb\xbf" SECRET, 1},
        {"x''||" SECRET, 1},
        {"'it''s'||" SECRET, 1},
        {"1 AS \"it\"\"s\"," SECRET, 1},
        {"1e5+" SECRET, 1},
        {"'digit_predict('", 0},
        {"'''digit_predict('", 0},
        {"1 AS \"digit_predict(pixels)\"", 0},
        {"1 AS digit_predict", 0},
        {"1 /* digit_predict( */", 0},
        {"my_digit_predict(1)", 0},
    };
    static const char refused[] = "error: digit_predict: evil's 'r' calls digit_predict";
    for (int i = 0; i < COUNT(texts); i++) {
        char *sql =
            sqlite3_mprintf("CREATE TABLE t(x); CREATE TRIGGER r AFTER INSERT ON t "
                            "BEGIN SELECT %s; END",
                            texts[i].text);
        evil(sql);
        sqlite3_free(sql);
        sqlite3 *db = sql_open(":memory:");
        sql_run(db, "ATTACH '" FILE_NAME "' AS evil");
        const char *text = sql_text(db, "SELECT digit_predict(zeroblob(784)) IS NULL");
        if (!CHECK(texts[i].calls ? strncmp(text, refused, strlen(refused)) == 0
                                  : strcmp(text, "0") == 0))
            printf("    %s\n", texts[i].text);
        sql_close(db);
    }
}

/* victim - a connection with a secret model in main, and the file attached. */
static sqlite3 *victim(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 200, 0);
    sql_run(db, "SELECT * FROM train_model('images', 'secret')" QUICK);
    sql_run(db, "PRAGMA trusted_schema = ON; ATTACH '" FILE_NAME "' AS evil");
    return db;
}

#define NOT_MAINS                                                                        \
    " calls digit_predict, and may not ask main's models; ask them by predict_model, "   \
    "say PRAGMA trusted_schema = OFF, or DETACH it"

/* A trigger and a view. SQLite does not say who calls, so the connection's own calls stop
 * too, until the file cannot call or is gone. */
static void test_views(void) {
    evil(
        "CREATE TABLE inbox(x); CREATE TABLE stolen(x); CREATE VIEW v AS SELECT " SECRET
        "; CREATE TRIGGER r AFTER INSERT ON inbox BEGIN INSERT INTO stolen SELECT " SECRET
        "; END");
    sqlite3 *db = victim();
    CHECK_SQL(db, "INSERT INTO inbox VALUES(1)",
              "error: digit_predict: evil's 'v'" NOT_MAINS);
    CHECK_SQL(db, "SELECT * FROM v", "error: digit_predict: evil's 'v'" NOT_MAINS);
    CHECK_SQL(db, "SELECT " SECRET, "error: digit_predict: evil's 'v'" NOT_MAINS);
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(784), 'builtin') IS NULL", "0");
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('main.images', 'secret')", "200");
    sql_run(db, "PRAGMA trusted_schema = OFF");
    CHECK_SQL(db, "INSERT INTO inbox VALUES(1)", "error: unsafe use of digit_predict()");
    CHECK_SQL(db, "SELECT * FROM v", "error: unsafe use of digit_predict()");
    const char *own = sql_text(db, "SELECT " SECRET " IS NULL");
    if (sqlite3_libversion_number() < 3036000)
        CHECK(strstr(own, "lets it do though trusted_schema is OFF") != NULL);
    else
        CHECK_STR(own, "0");
    CHECK_SQL(db, "SELECT count(*) FROM stolen", "0");
    sql_run(db, "PRAGMA trusted_schema = ON; DETACH evil");
    CHECK_SQL(db, "SELECT " SECRET " IS NULL", "0");
    sql_close(db);
}

/* A CHECK keeps the rows that answer rightly: trusted_schema = OFF does not reach it
 * before SQLite 3.50. */
static void test_check(void) {
    evil("CREATE TABLE oracle(x, CHECK(" SECRET " IS x)); INSERT INTO oracle VALUES(1)");
    sqlite3 *db = victim();
    static const char ask[] =
        "INSERT OR IGNORE INTO oracle SELECT value FROM json_each('[0, 1, 2, 3]')";
    CHECK_SQL(db, ask, "error: digit_predict: evil's 'oracle'" NOT_MAINS);
    sql_run(db, "PRAGMA trusted_schema = OFF");
    CHECK(strncmp(sql_text(db, ask), "error: ", 7) == 0);
    CHECK(strncmp(sql_text(db, "PRAGMA evil.quick_check"), "error: ", 7) == 0);
    CHECK_SQL(db, "SELECT count(*) FROM oracle", "1");
    /* A query cannot evaluate it: the connection's own are answered. */
    if (sqlite3_libversion_number() >= 3036000)
        CHECK_SQL(db, "SELECT " SECRET " IS NULL", "0");
    sql_close(db);
}

/* TEMP is the connection's own, and may stand between the two. */
static void test_temp(void) {
    evil("CREATE TABLE pictures(pixels); INSERT INTO pictures VALUES(zeroblob(16)); "
         "CREATE "
         "TABLE inbox(x)");
    sqlite3 *db = victim();
    sql_run(db,
            "CREATE TEMP VIEW seen AS SELECT digit_predict(pixels, 'secret') AS x FROM "
            "pictures; CREATE TEMP TRIGGER r AFTER INSERT ON evil.inbox BEGIN INSERT "
            "INTO pictures SELECT x FROM seen; END");
    for (int trusted = 1; trusted >= 0; trusted--) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, trusted, NULL);
        CHECK_SQL(db, "SELECT x IS NULL FROM seen LIMIT 1", "0");
        sql_run(db, "DELETE FROM pictures WHERE typeof(pixels) <> 'blob'");
        sql_run(db, "INSERT INTO inbox VALUES(1)");
        CHECK_SQL(db, "SELECT count(*) FROM pictures", "2");
        sql_run(db, "DELETE FROM pictures WHERE typeof(pixels) <> 'blob'");
    }
    sql_close(db);
}

/* SQLite takes $a(') as one variable, NULL in a stored schema, and so what stands between
 * two of them as code; its parser lets none into a trigger, but the file's author can. */
static void test_variables(void) {
    static const char *const spelled[] = {"$a(')", "@a(')",    ":a(')",
                                          "#a(')", "$a::b(')", "$::a(')"};
    for (int i = 0; i < COUNT(spelled); i++) {
        char *trigger = sqlite3_mprintf(
            "CREATE TRIGGER r AFTER INSERT ON inbox BEGIN INSERT INTO stolen SELECT "
            "coalesce(%s, " SECRET ", %s); END",
            spelled[i], spelled[i]);
        char *sql = sqlite3_mprintf("CREATE TABLE inbox(x); CREATE TABLE stolen(x); "
                                    "CREATE TRIGGER r AFTER INSERT ON "
                                    "inbox BEGIN SELECT 1; END; PRAGMA writable_schema = "
                                    "ON; UPDATE sqlite_master SET "
                                    "sql = %Q WHERE name = 'r'",
                                    trigger);
        evil(sql);
        sqlite3_free(sql);
        sqlite3_free(trigger);
        sqlite3 *db = victim();
        const char *said = sql_text(db, "INSERT INTO inbox VALUES(1)");
        if (!CHECK(strncmp(said, "error: ", 7) == 0)) printf("    %s\n", spelled[i]);
        CHECK_SQL(db, "SELECT count(*) FROM stolen", "0");
        CHECK(strncmp(sql_text(db, "SELECT " SECRET), "error: ", 7) == 0);
        sql_close(db);
    }
}

/* A virtual table of the file whose module calls what its text names: FTS4's uncompress
 * runs in a query of its own, in which SQLite before 3.50.4 sees nothing of a schema. */
static void test_virtual(void) {
    static const char *const functions[] = {"train_model",    "import_model",
                                            "export_model",   "copy_model",
                                            "quantise_model", "digitnet_limit"};
    for (int i = 0; i <= COUNT(functions); i++) {
        const char *name = i < COUNT(functions) ? functions[i] : "digit_probabilities";
        char *sql = sqlite3_mprintf(
            "CREATE VIRTUAL TABLE notes USING fts4(body, compress=lower, "
            "uncompress=lower); "
            "INSERT INTO notes(body) VALUES('evil.images'); PRAGMA writable_schema = ON; "
            "UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE notes USING fts4(body, "
            "compress=lower, uncompress=%s)' WHERE name = 'notes'",
            name);
        evil(sql);
        sqlite3_free(sql);
        sqlite3 *db = victim();
        for (int trusted = 0; trusted < 2; trusted++) {
            sql_run(db, trusted ? "PRAGMA trusted_schema = ON"
                                : "PRAGMA trusted_schema = OFF");
            const char *text = sql_text(db, "SELECT body FROM evil.notes");
            if (!CHECK(strncmp(text, "error: ", 7) == 0))
                printf("    %s: %s\n", name, text);
        }
        CHECK_SQL(db, "SELECT count(*) FROM main.digitnet_models", "1");
        sql_close(db);
    }
}

int main(void) {
    one_core();
    test_spelling();
    test_views();
    test_check();
    test_temp();
    test_variables();
    test_virtual();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_attached");
}
