/* test_utf8.c - error texts and notes are valid UTF-8, whatever they name and wherever it
 * is cut.
 *
 * Each of our functions and tables gets, as each of its arguments, long texts of
 * characters of 2, 3 and 4 bytes that begin at each offset, and texts that are no UTF-8.
 * Tables, columns, labels and stored models have such names, too. Python's sqlite3 raises
 * UnicodeDecodeError in place of an error whose text it cannot decode. */
#define _GNU_SOURCE
#include <stdint.h>
#include "one_core.h"
#include "sql.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static long n_errors;

/* is_utf8 - as a strict decoder reads it: the code point is computed, then judged. */
static int is_utf8(const char *text) {
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        uint32_t c = *p < 0x80   ? *p
                     : *p < 0xE0 ? *p & 31u
                     : *p < 0xF0 ? *p & 15u
                                 : *p & 7u;
        const int more = *p < 0x80 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if ((*p >= 0x80 && *p < 0xC0) || *p >= 0xF8) return 0;
        for (int i = 1; i <= more; i++) {
            if ((p[i] & 0xC0) != 0x80) return 0;
            c = c << 6 | (p[i] & 0x3Fu);
        }
        if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0;
        p += 1 + more;
    }
    return 1;
}

/* texts - number k of them, 0 at the end; sqlite3_malloc'd. */
static char *hostile(int k) {
    static const char *const units[] = {
        "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xe9", "\xed\xa0\x80",
        "\xc0\xaf", "\xf4\x90\x80", "\xe2\x82",         "\xff'"};
    static const char *const starts[] = {"", "a", "ab", "abc", "@", "{\"", "[\"", "a,"};
    if (k >= COUNT(units) * COUNT(starts)) return NULL;
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_str_appendall(out, starts[k / COUNT(units)]);
    for (int i = 0; i < 400; i++) sqlite3_str_appendall(out, units[k % COUNT(units)]);
    return sqlite3_str_finish(out);
}

/* probe - runs a statement with a text for ?1; what it says is to be UTF-8, and its
 * notes. */
static void probe(sqlite3 *db, const char *sql, const char *text) {
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) return;
    sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
    int rc = SQLITE_ROW;
    for (int rows = 0; rc == SQLITE_ROW && rows < 3; rows++) {
        rc = sqlite3_step(s);
        for (int i = 0; rc == SQLITE_ROW && i < sqlite3_column_count(s); i++)
            if (strcmp(sqlite3_column_name(s, i), "note") == 0 &&
                sqlite3_column_type(s, i) == SQLITE_TEXT)
                CHECK(is_utf8((const char *)sqlite3_column_text(s, i)));
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        n_errors++;
        if (!CHECK(is_utf8(sqlite3_errmsg(db))))
            printf("    %s, %.10s…: %s\n", sql, text, sqlite3_errmsg(db));
    }
    sqlite3_finalize(s);
}

/* functions - the text as each argument of each function, of 1 to 4. */
static void functions(sqlite3 *db, const char *name, const char *text) {
    static const char *const fill[] = {"zeroblob(784)", "'images'", "export_model()"};
    for (int n = 1; n <= 4; n++)
        for (int at = 0; at < n; at++)
            for (int f = 0; f < COUNT(fill); f++) {
                char *sql = sqlite3_mprintf("SELECT %s(", name);
                for (int i = 0; i < n; i++)
                    sql = sqlite3_mprintf("%z%s%s", sql, i ? ", " : "",
                                          i == at ? "?1"
                                          : i > 1 ? "export_model()"
                                                  : fill[f]);
                sql = sqlite3_mprintf("%z)", sql);
                probe(db, sql, text);
                sqlite3_free(sql);
            }
}

/* tables - the text as each hidden column, alone and with the first ones given. */
static void tables(sqlite3 *db, const char *name, const char *text) {
    static const char *const with[] = {
        "",
        " AND source = 'images'",
        " AND source = 'images' AND model = 'mine'",
        " AND source = 'images' AND model = 'mine' AND resume = 1 AND epochs = 2",
        " AND model = 'mine'",
        " AND source = 'images' AND space = '{}' AND budget = 1"};
    sqlite3_stmt *s = NULL;
    char *sql =
        sqlite3_mprintf("SELECT name FROM pragma_table_xinfo(%Q) WHERE hidden", name);
    CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_free(sql);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < COUNT(with); i++) {
            sql = sqlite3_mprintf("SELECT * FROM %s WHERE \"%w\" = ?1%s", name,
                                  sqlite3_column_text(s, 0), with[i]);
            probe(db, sql, text);
            sqlite3_free(sql);
        }
    sqlite3_finalize(s);
}

/* is_ours - whether a function or module is there with digitnet alone. */
static int is_ours(sqlite3_stmt *known, const char *name) {
    sqlite3_bind_text(known, 1, name, -1, SQLITE_TRANSIENT);
    const int ours = sqlite3_step(known) != SQLITE_ROW;
    sqlite3_reset(known);
    return ours;
}

static void test_arguments(sqlite3 *db) {
    sqlite3 *bare = NULL;
    sqlite3_stmt *known, *s;
    int n = 0;
    CHECK(sqlite3_open(":memory:", &bare) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(bare,
                             "SELECT 1 FROM pragma_function_list WHERE name = ?1 UNION "
                             "SELECT 1 FROM pragma_module_list WHERE name = ?1",
                             -1, &known, NULL) == SQLITE_OK);
    CHECK(
        sqlite3_prepare_v2(db,
                           "SELECT DISTINCT name, 1 FROM pragma_function_list UNION ALL "
                           "SELECT name, 0 FROM pragma_module_list",
                           -1, &s, NULL) == SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        char *text;
        if (!is_ours(known, name)) continue;
        for (int k = 0; (text = hostile(k)) != NULL; k++) {
            (sqlite3_column_int(s, 1) ? functions : tables)(db, name, text);
            sqlite3_free(text);
        }
        n++;
    }
    CHECK(n > 20);
    sqlite3_finalize(s);
    sqlite3_finalize(known);
    sqlite3_close(bare);
}

/* What is named in errors about data: tables, their columns and labels, stored models. */
static void test_data(sqlite3 *db) {
    static const char *const uses[] = {
        "SELECT count(*) FROM train_model(?1)",
        "SELECT count(*) FROM train_model(?1) WHERE layers = 'softmax' AND epochs = 1",
        "SELECT count(*) FROM predict_model(?1, 'mine')",
        "SELECT * FROM verify_model(?1)",
        "SELECT * FROM train_model('images', ?1) WHERE resume = 1",
        "SELECT digit_predict(zeroblob(16), ?1)",
        "SELECT export_model(?1)"};
    static const char *const breaks[] = {
        "UPDATE digitnet_models SET name = ?1 WHERE name <> 'mine'",
        "UPDATE digitnet_models SET weights = x'00' WHERE name = ?1",
        "UPDATE digitnet_models SET weights = NULL WHERE name = ?1",
        "UPDATE digitnet_models SET layers = ?1 WHERE name = ?1",
        "UPDATE digitnet_models SET shape = ?1 WHERE name = ?1",
        "UPDATE digitnet_models SET classes = ?1 WHERE name = ?1",
        "UPDATE digitnet_models SET source = ?1 WHERE name = ?1",
        "UPDATE digitnet_models SET options = ?1 WHERE name = ?1",
        "UPDATE digitnet_models SET options = json_object(?1, 1) WHERE name = ?1",
        "UPDATE digitnet_models SET options = json_object('start', ?1) WHERE name = ?1",
        "UPDATE digitnet_models SET options = json_object('teacher', ?1) WHERE name = ?1",
        "UPDATE digitnet_models SET active = 0 WHERE name = ?1"};
    static const char *const sources[] = {
        "CREATE TABLE \"%w\"(pixels, label)",
        "CREATE TABLE \"%w\" AS SELECT pixels, %Q AS label FROM images",
        "CREATE TABLE \"%w\" AS SELECT %Q AS pixels, label FROM images",
        "CREATE TABLE \"%w\" AS SELECT pixels, label AS \"%w\" FROM images",
        "CREATE VIEW \"%w\" AS SELECT \"%w\" FROM images"};
    char *text;
    for (int k = 0; (text = hostile(k)) != NULL; k++) {
        for (int i = 0; i < COUNT(breaks); i++) {
            sql_run(db, "SAVEPOINT a");
            if (i) probe(db, breaks[0], text);
            probe(db, breaks[i], text);
            for (int u = 2; u < COUNT(uses); u++) probe(db, uses[u], text);
            sql_run(db, "ROLLBACK TO a; RELEASE a");
        }
        for (int i = 0; i < COUNT(sources); i++) {
            char *sql = sqlite3_mprintf(sources[i], text, text);
            sql_run(db, "SAVEPOINT a");
            sqlite3_exec(db, sql, NULL, NULL, NULL);
            sqlite3_free(sql);
            for (int u = 0; u < 3; u++) probe(db, uses[u], text);
            sql_run(db, "ROLLBACK TO a; RELEASE a");
        }
        sqlite3_free(text);
    }
}

int main(void) {
    one_core();
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(db, "SELECT * FROM train_model('images', 'mine')" QUICK);
    sql_run(db, "SELECT * FROM train_model('images', 'other')" QUICK);
    test_arguments(db);
    test_data(db);
    /* What became of the texts. */
    CHECK_SQL(db, "SELECT export_model('caf' || CAST(x'e9' AS TEXT))",
              "error: export_model: there is no model named 'caf?'");
    CHECK_SQL(db, "SELECT export_model('a' || printf('%.*c', 60, char(233)))",
              "error: export_model: there is no model named 'a"
              "ééééééééééééééééééééééééééééééééééééééééééééééééé?'");
    sql_close(db);
    printf("%ld errors\n", n_errors);
    CHECK(n_errors > 1000);
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_utf8");
}
