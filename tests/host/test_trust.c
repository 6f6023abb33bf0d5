/* test_trust.c - what a database's author may make a user's connection do.
 *
 * The author has no digitnet: functions of the same names that he vouches for take its
 * place while he writes his file, and where even that is refused he writes into
 * sqlite_master. In it each of our functions and tables stands in each place that SQL can
 * stand in; then a user with digitnet opens or attaches it and touches that place, with
 * and without trusted_schema.
 *
 *     DIRECT    never: it reads files, writes, trains, or takes SQL's names as text
 *     GUARDED   never, and it sees to that itself where SQLite does not
 *               (ext/base/direct.h)
 *     TRUSTED   in main's schema where the user trusts it: it reads main.digitnet_models
 *     ANYWHERE  it depends on its arguments alone, or tells what is in the library
 *
 * Each function and each table of ours must be in the lists below, so none comes in
 * without a decision. Tables of ours that the author made are test_hostile.c's. */
#define _GNU_SOURCE
#include "one_core.h"
#include "sql.h"

#define FILE_NAME "build/tmp/trust.db"
#define BAIT      "build/tmp/bait"

/* A 1 of 24 pixels, so that there is something to read. */
#define ONE                                                                              \
    "digit_png(x'0000000000000000000000ff00000000000000ff00000000000000ff00000000"       \
    "000000ff00000000000000ff00000000000000ff000000000000000000000000', 4)"

enum { DIRECT, GUARDED, TRUSTED, ANYWHERE };

typedef struct decision {
    const char *name;
    const char *call; /* as an expression, or what stands behind FROM */
    int who;
} decision;

static const decision functions[] = {
    {"copy_model", "copy_model('mine', 'came')", GUARDED},
    {"digit_confidence", "digit_confidence(zeroblob(784))", TRUSTED},
    {"digit_data_uri", "digit_data_uri(x'89504e470d0a1a0a')", ANYWHERE},
    {"digit_embedding", "digit_embedding(zeroblob(784))", TRUSTED},
    {"digit_image", "digit_image(zeroblob(784))", ANYWHERE},
    {"digit_png", "digit_png(zeroblob(784), 2)", ANYWHERE},
    {"digit_predict", "digit_predict(zeroblob(784))", TRUSTED},
    {"digit_probabilities", "digit_probabilities(zeroblob(784))", TRUSTED},
    {"digit_read", "digit_read(" ONE ")", TRUSTED},
    {"digit_read_confidence", "digit_read_confidence(" ONE ")", TRUSTED},
    {"digit_saliency", "digit_saliency(zeroblob(784))", TRUSTED},
    {"digit_shape", "digit_shape(zeroblob(784))", ANYWHERE},
    {"digit_sheet", "digit_sheet(zeroblob(784), 'x')", ANYWHERE},
    {"digit_show", "digit_show(zeroblob(784))", ANYWHERE},
    {"digitnet_checkpoint", "digitnet_checkpoint(1, 0, 0)", DIRECT},
    {"digitnet_model", "digitnet_model()", TRUSTED},
    {"digitnet_debug", "digitnet_debug()", GUARDED},
    {"digitnet_limit", "digitnet_limit('memory', 1000000000)", GUARDED},
    {"digitnet_version", "digitnet_version()", ANYWHERE},
    {"export_c", "export_c()", GUARDED},
    {"export_model", "export_model()", GUARDED},
    {"import_model", "import_model('came', export_model())", GUARDED},
    {"quantise_model", "quantise_model('mine', 'came', 'images')", GUARDED},
    {"report_model", "report_model('images', 'mine')", GUARDED},
    {"train_model",
     "train_model('images', 'came', '{\"layers\":\"softmax\",\"epochs\":1}')", GUARDED},
    {"try_predict", "try_predict(zeroblob(784))", TRUSTED},
};

static const decision tables[] = {
    {"digit_find", "digit_find(" ONE ")", DIRECT},
    {"digit_pixels", "digit_pixels(zeroblob(784))", ANYWHERE},
    {"digitnet_builtin", "digitnet_builtin", ANYWHERE},
    {"digitnet_builtin_epochs", "digitnet_builtin_epochs", ANYWHERE},
    {"digitnet_options", "digitnet_options", ANYWHERE},
    {"predict_model", "predict_model('images', 'builtin')", DIRECT},
    {"image_rows", "image_rows('images')", DIRECT},
    {"inspect_model", "inspect_model(x'3a00')", DIRECT},
    {"read_cifar", "read_cifar('" BAIT "')", DIRECT},
    {"read_idx", "read_idx('" BAIT "/train-images-idx3-ubyte')", DIRECT},
    {"read_mnist", "read_mnist('" BAIT "')", DIRECT},
    {"read_png", "read_png('" BAIT "')", DIRECT},
    {"search_model", "search_model('images', '{\"layers\": \"softmax\"}', 1)", DIRECT},
    {"suspect_labels", "suspect_labels('images', 'mine')", DIRECT},
    {"synthetic_digits", "synthetic_digits(3)", ANYWHERE},
    {"train_model", "train_model('images') WHERE layers = 'softmax' AND epochs = 1",
     DIRECT},
    {"verify_model", "verify_model('mine')", DIRECT},
};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* --- each has its decision ---------------------------------------------------------- */

static const decision *find(const decision *list, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0) return &list[i];
    printf("%s: no decision who may use it\n", name);
    return NULL;
}

/* bare - a connection without digitnet. */
static sqlite3 *bare(const char *path) {
    sqlite3 *db = NULL;
    if (!CHECK(sqlite3_open(path, &db) == SQLITE_OK)) exit(1);
    return db;
}

/* What pragma_function_list says of ours beside what it says without us. */
static void test_decisions(void) {
    static const int direct_only = 0x80000, innocuous = 0x200000, deterministic = 0x800;
    sqlite3 *db = sql_open(":memory:"), *without = bare(":memory:");
    sqlite3_stmt *s, *known;
    int n = 0, previous = -1;
    CHECK(sqlite3_prepare_v2(without,
                             "SELECT 1 FROM pragma_function_list WHERE name = ?1 UNION "
                             "SELECT 1 FROM pragma_module_list WHERE name = ?1",
                             -1, &known, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(
              db,
              "SELECT DISTINCT name, flags, 1 FROM pragma_function_list UNION ALL "
              "SELECT name, 0, 0 FROM pragma_module_list ORDER BY 3, 1",
              -1, &s, NULL) == SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        const int flags = sqlite3_column_int(s, 1);
        const int is_function = sqlite3_column_int(s, 2);
        sqlite3_bind_text(known, 1, name, -1, SQLITE_TRANSIENT);
        const int is_ours = sqlite3_step(known) != SQLITE_ROW;
        sqlite3_reset(known);
        if (!is_ours) continue;
        const decision *d = is_function ? find(functions, COUNT(functions), name)
                                        : find(tables, COUNT(tables), name);
        if (!CHECK(d != NULL)) continue;
        const int number = (int)(d - (is_function ? functions : tables));
        n += number != previous;
        previous = number;
        if (!is_function) continue;
        CHECK(!(flags & direct_only) == (d->who > GUARDED));
        CHECK(!(flags & innocuous) == (d->who != ANYWHERE));
        /* The model may change: no constant to put into an index. */
        if (d->who != ANYWHERE) CHECK(!(flags & deterministic));
    }
    CHECK(n == COUNT(functions) + COUNT(tables));
    sqlite3_finalize(s);
    sqlite3_finalize(known);
    sql_close(without);
    sql_close(db);
}

/* --- places ------------------------------------------------------------------------- */

/* Where SQL can stand in a schema, and what the user does that comes upon it. %s is an
 * expression. */
typedef struct place {
    const char *name, *schema, *touch;
} place;

static const place places[] = {
    {"view", "CREATE VIEW v AS SELECT %s AS x", "SELECT x FROM v"},
    {"view's FILTER",
     "CREATE VIEW v AS SELECT count(*) FILTER (WHERE %s IS NOT 5) AS x FROM images",
     "SELECT x FROM v"},
    {"view's OVER",
     "CREATE VIEW v AS SELECT count(*) OVER (PARTITION BY %s) AS x FROM images",
     "SELECT x FROM v LIMIT 1"},
    {"view's WINDOW",
     "CREATE VIEW v AS SELECT count(*) OVER w AS x FROM images WINDOW w AS (ORDER BY %s)",
     "SELECT x FROM v LIMIT 1"},
    {"trigger",
     "CREATE TABLE t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN "
     "SELECT %s; END",
     "INSERT INTO t VALUES(1)"},
    {"trigger's WHEN",
     "CREATE TABLE t(a); CREATE TRIGGER r BEFORE UPDATE ON t WHEN "
     "%s IS NOT 5 BEGIN SELECT 1; END; INSERT INTO t VALUES(1)",
     "UPDATE t SET a = 2"},
    {"trigger's FILTER",
     "CREATE TABLE t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN "
     "SELECT count(*) FILTER (WHERE %s IS NOT 5); END",
     "INSERT INTO t VALUES(1)"},
    {"trigger's UPSERT",
     "CREATE TABLE t(a); CREATE TABLE u(k PRIMARY KEY, v); INSERT INTO u VALUES(1, 1); "
     "CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO u VALUES(1, 2) "
     "ON CONFLICT(k) DO UPDATE SET v = %s; END",
     "INSERT INTO t VALUES(1)"},
    {"generated column",
     "CREATE TABLE t(a, b AS (%s)); INSERT INTO t(a) "
     "VALUES(1)",
     "SELECT b FROM t"},
    {"stored generated column", "CREATE TABLE t(a, b AS (%s) STORED)",
     "INSERT INTO t(a) VALUES(1)"},
    {"CHECK", "CREATE TABLE t(a, CHECK(%s IS NOT 5))", "INSERT INTO t VALUES(1)"},
    {"CHECK, when checked",
     "CREATE TABLE t(a, CHECK(%s IS NOT 5)); INSERT INTO t VALUES(1)",
     "PRAGMA quick_check"},
    {"CHECK, when checked for a query",
     "CREATE TABLE t(a, CHECK(%s IS NOT 5)); INSERT INTO t VALUES(1)",
     "SELECT * FROM pragma_integrity_check"},
    {"CHECK, when altered",
     "CREATE TABLE t(a, CHECK(%s IS NOT 5)); INSERT INTO t VALUES(1)",
     "ALTER TABLE t ADD COLUMN b CHECK(b IS NULL)"},
    {"index", "CREATE TABLE t(a); CREATE INDEX i ON t(a, %s)", "INSERT INTO t VALUES(1)"},
    {"partial index", "CREATE TABLE t(a); CREATE INDEX i ON t(a) WHERE %s IS NOT 5",
     "INSERT INTO t VALUES(1)"},
    {"DEFAULT", "CREATE TABLE t(a, b DEFAULT (%s))", "INSERT INTO t(a) VALUES(1)"},
    {"view of a table named as models are",
     "CREATE VIEW digitnet_models AS SELECT 'default' AS name, 1 AS active, 1 AS "
     "version, "
     "1 AS rowid, %s AS weights",
     "SELECT name, weights FROM digitnet_models"},
};

/* The last is a place of main's schema alone. */
enum { VIEW = 0, OF_MAIN = COUNT(places) - 1 };

/* is_place - whether a place is one: ALTER TABLE evaluates CHECKs since some SQLite after
 * 3.31. */
static int is_place(const place *p, int attached) {
    if (strcmp(p->name, "CHECK, when altered") == 0)
        return sqlite3_libversion_number() >= 3040000;
    return !attached || p != &places[OF_MAIN];
}

/* dummy - what the author's functions do. */
static void dummy(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc, (void)argv;
    sqlite3_result_int(context, 1);
}

static void dummy_end(sqlite3_context *context) { sqlite3_result_int(context, 1); }

/* author - the author's connection to a new file, which has images to train on. */
static sqlite3 *author(void) {
    static const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    sqlite3 *db = sql_new(FILE_NAME);
    sql_close(db);
    db = bare(FILE_NAME);
    for (int i = 0; i < COUNT(functions); i++) {
        const char *name = functions[i].name;
        const int is_sheet = strcmp(name, "digit_sheet") == 0;
        CHECK(sqlite3_create_function(db, name, -1, flags, NULL, is_sheet ? NULL : dummy,
                                      is_sheet ? dummy : NULL,
                                      is_sheet ? dummy_end : NULL) == SQLITE_OK);
    }
    sql_run(db, "PRAGMA synchronous = off; PRAGMA journal_mode = memory");
    sql_images(db, "images", 40, 0);
    return db;
}

/* plant - writes the schema of a place; by force where SQLite will not have it. 0 where
 * even so it is none: an aggregate in a CHECK, say. */
static int plant(const char *schema, const char *call) {
    sqlite3 *db = author();
    char *sql = sqlite3_mprintf(schema, call);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    if (rc != SQLITE_OK) {
        /* First with a harmless expression, 'bait', then that one's text is replaced. */
        sql = sqlite3_mprintf(schema, "12345");
        CHECK(sqlite3_exec(db, "DROP TABLE IF EXISTS t", NULL, NULL, NULL) == SQLITE_OK);
        sql_run(db, sql);
        sqlite3_free(sql);
        sql = sqlite3_mprintf("PRAGMA writable_schema = on; UPDATE sqlite_master SET sql "
                              "= replace(sql, '12345', %Q)",
                              call);
        sql_run(db, sql);
        sqlite3_free(sql);
    }
    sql_close(db);
    return rc == SQLITE_OK;
}

/* is_refusal - whether an error is one for SQL that may not stand there. Of one within a
 * PRAGMA that a query or ALTER TABLE runs, SQLite gives the code alone. */
static int is_refusal(const char *text) {
    static const char *const words[] = {"unsafe use of",
                                        "prohibited",
                                        "malformed",
                                        "misuse of",
                                        "runs only while all running",
                                        "SQL logic error",
                                        "which SQLite lets it do before 3.36",
                                        "lets it do though trusted_schema is OFF",
                                        "may not ask main's models",
                                        "is for train_model alone"};
    for (int i = 0; i < COUNT(words); i++)
        if (strncmp(text, "error: ", 7) == 0 && strstr(text, words[i])) return 1;
    return 0;
}

/* touch - comes upon the place; whether SQLite let it be. Whatever is said of it, nothing
 * is trained: what tables there are has not changed. */
static int touch(const char *what, const char *where, const char *sql, int attached,
                 int trusted, int allowed) {
    char before[2048];
    static const char *const names = "SELECT count(*), group_concat(name) FROM (SELECT "
                                     "name FROM sqlite_master ORDER BY "
                                     "name)";
    sqlite3 *db = sql_open(attached ? ":memory:" : FILE_NAME);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, trusted, NULL);
    snprintf(before, sizeof before, "%s", sql_text(db, names));
    const char *text = attached ? sql_text(db, "ATTACH '" FILE_NAME "' AS evil") : "";
    if (!*text) {
        sql_run(db, "BEGIN");
        text = sql_text(db, sql);
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    const int refused = is_refusal(text);
    if (!CHECK(refused || allowed))
        printf("    %s in a %s%s, trusted_schema %s: '%.80s'\n", what, where,
               attached ? " that is attached" : "", trusted ? "on" : "off", text);
    CHECK_STR(sql_text(db, names), before);
    sql_close(db);
    return !refused && strncmp(text, "error", 5) != 0;
}

/* What each may: nothing but its decision, in whatever place, of whatever SQLite. */
static void test_functions(void) {
    int ran[COUNT(places)] = {0};
    for (int i = 0; i < COUNT(functions) * COUNT(places); i++) {
        const decision *d = &functions[i / COUNT(places)];
        const place *p = &places[i % COUNT(places)];
        plant(p->schema, d->call);
        for (int k = 0; k < 4; k++) {
            const int attached = k / 2, trusted = k % 2;
            const int allowed = d->who == ANYWHERE ||
                                (d->who == TRUSTED && trusted && !attached);
            if (!is_place(p, attached)) continue;
            const int runs =
                touch(d->name, p->name, p->touch, attached, trusted, allowed);
            ran[i % COUNT(places)] += runs;
            /* What is allowed at all is allowed in a view. */
            if (p == &places[VIEW] && !CHECK(runs == allowed))
                printf("    %s in a view, trusted_schema %s\n", d->name,
                       trusted ? "on" : "off");
        }
    }
    /* The places are ones that are come upon. */
    for (int k = 0; k < COUNT(places); k++)
        if (is_place(&places[k], 0) && !CHECK(ran[k] > 0))
            printf("    nothing ran in a %s\n", places[k].name);
}

/* A table stands in a subquery where an expression stood. */
static void test_tables(void) {
    int ran = 0;
    for (int i = 0; i < COUNT(tables); i++) {
        const decision *d = &tables[i];
        char *call = sqlite3_mprintf("(SELECT count(*) FROM %s)", d->call);
        for (int k = 0; k < COUNT(places); k++) {
            plant(places[k].schema, call);
            for (int trusted = 0; trusted < 4; trusted++)
                if (is_place(&places[k], trusted / 2))
                    ran += touch(d->name, places[k].name, places[k].touch, trusted / 2,
                                 trusted % 2, d->who == ANYWHERE);
        }
        sqlite3_free(call);
        /* As a table of the file, which its author cannot make but write by force; what
         * he gives as arguments is nothing to us. */
        call = sqlite3_mprintf("SELECT name FROM %s", d->call);
        sqlite3 *db = author();
        char *sql = sqlite3_mprintf(
            "CREATE VIEW v AS SELECT * FROM own('a', 'b'); PRAGMA writable_schema = on; "
            "INSERT INTO sqlite_master VALUES('table', 'own', 'own', 0, "
            "'CREATE VIRTUAL TABLE own USING %s(''" BAIT "'', images)')",
            d->name);
        sql_run(db, sql);
        sqlite3_free(sql);
        sqlite3_free(call);
        sql_close(db);
        for (int trusted = 0; trusted < 2; trusted++) {
            ran += touch(d->name, "table of the file", "SELECT * FROM v", 0, trusted,
                         d->who == ANYWHERE);
            db = sql_open(FILE_NAME);
            if (d->who == DIRECT)
                CHECK(strncmp(sql_text(db, "SELECT * FROM own"), "error: ", 7) == 0);
            sql_close(db);
        }
    }
    CHECK(ran > 0);
}

/* The same calls at top level: it is the place that they were refused for. */
static void test_top_level(void) {
    sqlite3 *db = author();
    sql_close(db);
    db = sql_open(FILE_NAME);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sql_run(db,
            "SELECT * FROM train_model('images', 'mine') WHERE layers = 'softmax' AND "
            "epochs = 1; CREATE TABLE digits AS SELECT * FROM synthetic_digits(9)");
    for (int i = 0; i < COUNT(functions); i++) {
        char *sql = sqlite3_mprintf("SELECT %s IS NULL", functions[i].call);
        CHECK_SQL(db, sql,
                  strcmp(functions[i].name, "digitnet_checkpoint") == 0
                      ? "error: digitnet_checkpoint is for train_model alone"
                      : "0");
        sqlite3_free(sql);
    }
    for (int i = 0; i < COUNT(tables); i++) {
        const int reads_digits = strcmp(tables[i].name, "predict_model") == 0;
        /* Of labels that are right, none is suspect. */
        const int may_be_empty = strcmp(tables[i].name, "suspect_labels") == 0;
        char *sql = sqlite3_mprintf(
            "SELECT count(*) %s 0 FROM %s", may_be_empty ? ">=" : ">",
            reads_digits ? "predict_model('digits', 'builtin')" : tables[i].call);
        CHECK_SQL(db, sql, "1");
        sqlite3_free(sql);
    }
    /* What is the connection's own, it may do. */
    sql_run(db,
            "CREATE TEMP VIEW own AS SELECT * FROM predict_model('digits', 'builtin')");
    CHECK_SQL(db, "SELECT count(*) FROM own", "9");
    sql_close(db);
}

/* A TEMP view may do what its maker may; a TEMP trigger and CHECK stand in statements
 * that write, where no function with side effects runs. */
static void test_temp(void) {
    static const char *const own[][2] = {
        {"CREATE TEMP VIEW v AS SELECT %s AS x", "SELECT x IS NULL FROM v"},
        {"CREATE TEMP VIEW v AS SELECT count(*) FILTER (WHERE %s IS NOT 5) AS x",
         "SELECT x - 1 FROM v"},
        {"CREATE TEMP TABLE t(a); CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT "
         "%s; "
         "END",
         "INSERT INTO t VALUES(1)"},
        {"CREATE TEMP TABLE t(a, CHECK(%s IS NOT 5))", "INSERT INTO t VALUES(1)"}};
    for (int i = 0; i < COUNT(functions) * COUNT(own); i++) {
        const decision *d = &functions[i / COUNT(own)];
        const int k = i % COUNT(own), writes = k > 1;
        if (strcmp(d->name, "digit_sheet") == 0) continue; /* an aggregate */
        if (strcmp(d->name, "digitnet_checkpoint") == 0) continue;
        sqlite3 *db = sql_open(":memory:");
        sql_images(db, "images", 40, 0);
        sql_run(db, "SELECT * FROM train_model('images', 'mine')" QUICK);
        char *sql = sqlite3_mprintf(own[k][0], d->call);
        sql_run(db, sql);
        sqlite3_free(sql);
        const char *text = sql_text(db, own[k][1]);
        if (writes && d->who == GUARDED)
            CHECK(strstr(text, "runs only while all running statements") != NULL);
        else
            CHECK_STR(text, writes ? "" : "0");
        sql_close(db);
    }
}

/* bait - files that a read_… function would read. */
static void bait(void) {
    static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0,
                                           0, 2, 0, 0, 0, 2, 9, 9, 9, 9};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 1, 7};
    static const char *const names[] = {"train-images-idx3", "train-labels-idx1",
                                        "t10k-images-idx3", "t10k-labels-idx1"};
    char path[100];
    CHECK(system("mkdir -p " BAIT "/7 && cp tests/drawn/7/109* " BAIT "/7/") == 0);
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, BAIT "/%s-ubyte", names[i]);
        FILE *f = fopen(path, "wb");
        if (!CHECK(f != NULL)) exit(1);
        fwrite(i % 2 ? labels : images, 1, i % 2 ? sizeof labels : sizeof images, f);
        fclose(f);
    }
    static const unsigned char row[3073] = {7};
    for (int i = 1; i <= 6; i++) {
        snprintf(path, sizeof path, BAIT "/test_batch.bin");
        if (i < 6) snprintf(path, sizeof path, BAIT "/data_batch_%d.bin", i);
        FILE *f = fopen(path, "wb");
        if (!CHECK(f != NULL)) exit(1);
        fwrite(row, 1, sizeof row, f);
        fclose(f);
    }
}

/* --- circles ------------------------------------------------------------------------ */

#define CIRCLE                                                                           \
    "recursion deeper than 4: does its source, or a trigger, call it "                   \
    "again?"

/* SQL that runs itself through ours would fill the stack. */
static void test_circles(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 2000, 0);
    sql_run(db, "SELECT * FROM train_model('images')" QUICK);
    sql_run(db, "CREATE TEMP VIEW round AS SELECT pixels, label FROM images UNION ALL "
                "SELECT zeroblob(16), prediction FROM predict_model('round')");
#define P "predict_model: "
    CHECK_SQL(db, "SELECT count(*) FROM round", "error: " P P P P P CIRCLE);
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('images')", "2000");

    /* A source of a source is none. The rows of a view count from 1. */
    sql_run(db,
            "CREATE TEMP VIEW a AS SELECT pixels, images.label FROM "
            "predict_model('images') JOIN images ON images.rowid = predict_model.id;"
            "CREATE TEMP VIEW b AS SELECT pixels, images.label FROM predict_model('a') "
            "JOIN images ON images.rowid = predict_model.rowid - 1");
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('b')", "2000");

    sql_run(db, "CREATE TEMP TABLE sink(x);"
                "CREATE TEMP TRIGGER again AFTER INSERT ON main.digitnet_epochs BEGIN "
                "INSERT INTO sink SELECT epoch FROM train_model('images')" QUICK "; END");
#define T "train_model: "
    CHECK_SQL(db, "SELECT count(*) FROM train_model('images')" QUICK,
              "error: " T T T T T CIRCLE);
    CHECK_SQL(db, "SELECT count(*), max(version) FROM digitnet_models", "1|1");
    sql_run(db, "DROP TRIGGER again");
    CHECK_SQL(db, "SELECT count(*) FROM train_model('images')" QUICK, "3");
    sql_close(db);

    /* The file's own models ask for a model. */
    db = author();
    sql_run(db,
            "CREATE VIEW digitnet_models AS SELECT 'default' AS name, 1 AS active, 1 AS "
            "version, 1 AS rowid, digit_predict(zeroblob(784)) AS weights");
    sql_close(db);
    db = sql_open(FILE_NAME);
#define ITSELF "main.digitnet_models asks for a model itself; expected a table"
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(784))",
              "error: digit_predict: digit_predict: " ITSELF);
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('images')",
              "error: predict_model: digit_predict: " ITSELF);
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(784), 'builtin') IS NULL", "0");
    sql_close(db);
}

int main(void) {
    one_core();
    bait();
    test_decisions();
    test_functions();
    test_tables();
    test_top_level();
    test_temp();
    test_circles();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_trust");
}
