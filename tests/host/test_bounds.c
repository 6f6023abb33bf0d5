/* test_bounds.c - what a model may take: digitnet_limit(), and
 * sqlite3_hard_heap_limit64(), which core's memory counts towards. (How costs are
 * counted: tests/unit/core/test_cost.c.) */
#include "../../core/memory.h"
#include "../../core/model.h"
#include "sql.h"

/* store - a model of a network with weights of zero, as a file's author would make it. */
static void store(sqlite3 *db, const char *name, const char *layers, dn_shape shape) {
    static dn_spec spec;
    const dn_heap heap = dn_heap_of(NULL);
    const dn_label labels[2] = {{NULL, 0, 0}, {NULL, 0, 1}};
    char error[256] = "";
    void *bytes = NULL;
    size_t size;
    sqlite3_stmt *s;
    CHECK(dn_spec_parse(&spec, layers, shape, 2, NULL, error, sizeof error) == DN_OK);
    float *weights = dn_floats(&heap, spec.total), *stats = dn_floats(&heap, spec.stats);
    const dn_content content = {.spec = &spec,
                                .labels = labels,
                                .std = 1,
                                .weights = weights,
                                .stats = stats,
                                .temperature = 1,
                                .precision = DN_KEEP_FLOAT32};
    CHECK(dn_model_encode(&bytes, &size, &content, &heap) == DN_OK);
    sqlite3_exec(db, "CREATE TABLE digitnet_models(name, version, active, weights)", NULL,
                 NULL, NULL);
    CHECK(
        sqlite3_prepare_v2(db,
                           "INSERT INTO digitnet_models(name, version, active, weights) "
                           "VALUES(?1, 1, 1, ?2)",
                           -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(s, 2, bytes, size, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    free(bytes);
    dn_floats_release(&heap, stats);
    dn_floats_release(&heap, weights);
}

/* fine - none of the calls is an error. */
static void fine(sqlite3 *db, const char *const *calls, int n) {
    for (int i = 0; i < n; i++) {
        const char *said = sql_text(db, calls[i]);
        if (!CHECK(!strstr(said, "error"))) printf("    %s: %s\n", calls[i], said);
    }
}

/* --- limits that are set ------------------------------------------------------------ */

static void test_function(void) {
    sqlite3 *db = sql_open(":memory:"), *other = sql_open(":memory:");
    CHECK_SQL(db, "SELECT digitnet_limit('memory'), digitnet_limit('Work')",
              "268435456|17179869184");
    CHECK_SQL(db, "SELECT digitnet_limit('memory', 1000)", "268435456");
    CHECK_SQL(db, "SELECT digitnet_limit('memory', NULL), digitnet_limit('work', 7)",
              "1000|17179869184");
    CHECK_SQL(db, "SELECT digitnet_limit('work', 9223372036854775807)", "7");
    CHECK_SQL(other, "SELECT digitnet_limit('memory')", "268435456"); /* each its own */
    static const char *const wrong[] = {"0", "-1", "1.5", "'7'", "x'07'"};
    for (int i = 0; i < 5; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT digitnet_limit('memory', %s)", wrong[i]);
        CHECK_SQL(
            db, sql,
            "error: digitnet_limit: value is no integer above 0; expected bytes for "
            "'memory', multiply-adds for 'work'");
    }
    CHECK_SQL(db, "SELECT digitnet_limit('memory')", "1000");
    CHECK_SQL(db, "SELECT digitnet_limit(NULL)",
              "error: digitnet_limit: name is 'NULL'; expected 'memory' or 'work'");
    CHECK_SQL(db, "SELECT digitnet_limit('length', 5)",
              "error: digitnet_limit: name is 'length'; expected 'memory' or 'work'");
    sql_close(other);
    sql_close(db);
}

/* A file of some kilobytes whose views took 36 s, or 1.6 GB. */
static void test_refused(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_run(db, "CREATE VIEW views AS SELECT 1 AS id, zeroblob(512 * 512) AS pixels");
    store(db, "time", "MP64/1-GAP", (dn_shape){512, 512, 1});
    store(db, "memory", "1C1-1C1-1C1-GAP", (dn_shape){4096, 2047, 1});
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(512 * 512), 'time')",
              "error: digit_predict: model time@1: a prediction takes 26432310704 "
              "multiply-adds, more than the limit 'work' of 17179869184; "
              "digitnet_limit(name, value) changes it");
    /* Some of the bytes hold pointers, which are 4 or 8 each. */
    const char *said =
        sql_text(db, "SELECT digit_predict(zeroblob(4096 * 2047), 'memory')");
    long long bytes = 0;
    int rest = 0;
    CHECK(sscanf(said,
                 "error: digit_predict: model memory@1: a prediction takes %lld bytes of "
                 "memory, more than %n",
                 &bytes, &rest) == 1);
    CHECK(bytes > 1173960000 && bytes < 1173970000);
    CHECK(strcmp(said + rest, "the limit 'memory' of 268435456; digitnet_limit(name, "
                              "value) changes it") == 0);
    CHECK(strstr(sql_text(db, "SELECT count(*) FROM predict_model('views', 'time')"),
                 "more than the limit 'work'"));
    /* Raised, and taken back: what is parsed already counts too. */
    sql_run(db, "SELECT digitnet_limit('work', 30000000000)");
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(512 * 512), 'time')", "0");
    sql_run(db, "SELECT digitnet_limit('work', 20000000000)");
    CHECK(strstr(sql_text(db, "SELECT digit_predict(zeroblob(512 * 512), 'time')"),
                 "more than the limit 'work' of 20000000000"));
    sql_close(db);
}

/* Lowered: nothing that has to do with a model goes beyond. */
static void test_lowered(void) {
    static const char *const calls[] = {
        "SELECT digit_predict(zeroblob(784))",
        "SELECT digit_saliency(zeroblob(784))",
        "SELECT count(*) FROM predict_model('images', 'builtin')",
        "SELECT export_model()",
        "SELECT quantise_model('builtin', 'm', 'images')",
        "SELECT import_model('m', (SELECT onnx FROM kept))",
        "SELECT train_model('images', 'm', '{\"layers\": \"3C3\", \"epochs\": 1}')"};
    static const char *const limits[] = {"memory", "work"};
    sqlite3 *db = sql_open(":memory:");
    sql_run(
        db,
        "CREATE TABLE images AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT "
        "i + 1 FROM n LIMIT 40) SELECT i % 2 AS label, CAST(replace(hex(zeroblob(392)), "
        "'00', '0' || (i % 3)) AS BLOB) AS pixels FROM n");
    sql_run(db, "CREATE TABLE kept(onnx)");
    sqlite3_stmt *s;
    CHECK(sqlite3_prepare_v2(db, "SELECT export_model()", -1, &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sqlite3_value *onnx = sqlite3_value_dup(sqlite3_column_value(s, 0));
    sqlite3_finalize(s);
    CHECK(sqlite3_prepare_v2(db, "INSERT INTO kept VALUES(?1)", -1, &s, NULL) ==
          SQLITE_OK);
    sqlite3_bind_value(s, 1, onnx);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    sqlite3_value_free(onnx);
    for (int k = 0; k < 2; k++) {
        char set[100], expected[100];
        snprintf(set, sizeof set, "SELECT digitnet_limit('%s', 1000)", limits[k]);
        snprintf(expected, sizeof expected, "more than the limit '%s' of 1000",
                 limits[k]);
        sql_run(db, set);
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            if (!CHECK(strstr(sql_text(db, calls[i]), expected)))
                printf("    %s: %s\n", calls[i], sql_text(db, calls[i]));
        snprintf(set, sizeof set, "SELECT digitnet_limit('%s', 1 << 40)", limits[k]);
        sql_run(db, set);
    }
    CHECK_SQL(db, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'digitnet%'", "0");
    fine(db, calls, (int)(sizeof calls / sizeof *calls));
    sql_close(db);
}

/* Saliency takes more than a prediction: of this network that is too much, of the other
 * one prediction is not. */
static void test_saliency(void) {
    sqlite3 *db = sql_open(":memory:");
    store(db, "large", "64C3-64C3-GAP", (dn_shape){128, 128, 1});
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(128 * 128), 'large')", "0");
    CHECK(strstr(sql_text(db, "SELECT digit_saliency(zeroblob(128 * 128), 'large')"),
                 "error: digit_saliency: saliency takes "));
    sql_run(db,
            "SELECT digitnet_limit('memory', 1 << 30), digitnet_limit('work', 1 << 36)");
    CHECK_SQL(db, "SELECT length(digit_saliency(zeroblob(128 * 128), 'large')) > 50",
              "1");
    sql_close(db);
}

/* --- the host's heap limit ---------------------------------------------------------- */

/* From /proc: the most memory that the process has had, in bytes; 0 where it is not
 * told. */
static long long peak(void) {
    long long kilobytes = 0;
    char line[200];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lld", &kilobytes) == 1) break;
    if (f) fclose(f);
    return kilobytes * 1024;
}

static void test_heap(void) {
    static const char *const calls[] = {
        "SELECT digit_predict(zeroblob(1000 * 1000), 'maps')",
        "SELECT digit_saliency(zeroblob(100 * 100), 'lanes')",
        "SELECT count(*) FROM predict_model('images', 'maps')",
        "SELECT train_model('small', 'm', '{\"layers\": \"4096N-2048N\"}')"};
    const long long limit = 32 << 20, megabyte = 1 << 20;
    sqlite3 *db = sql_open(":memory:");
    if (sqlite3_libversion_number() < 3031000) return;
    sql_images(db, "small", 40, 0);
    sql_run(db, "SELECT * FROM train_model('small', 'first') WHERE layers = 'softmax' "
                "AND epochs = 1");
    store(db, "maps", "1C1-GAP", (dn_shape){1000, 1000, 1});
    store(db, "lanes", "16C3-GAP", (dn_shape){100, 100, 1});
    sql_run(db, "CREATE VIEW images AS SELECT 1 AS id, zeroblob(1000 * 1000) AS pixels");
    const long long before = peak();
    sqlite3_hard_heap_limit64(limit);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        sqlite3_memory_highwater(1);
        CHECK(strstr(sql_text(db, calls[i]), "out of memory"));
        CHECK(sqlite3_memory_highwater(0) <= limit);
        CHECK_SQL(db, "SELECT digit_predict(zeroblob(784)) IS NOT NULL",
                  "1"); /* it goes on */
    }
    if (before && !check_sanitised() && !check_emulated())
        CHECK(peak() - before < limit + 16 * megabyte);
    sqlite3_hard_heap_limit64(0);
    fine(db, calls, (int)(sizeof calls / sizeof *calls));
    sql_close(db);
    CHECK(sqlite3_memory_used() == 0);
}

int main(void) {
    test_function();
    test_refused();
    test_lowered();
    test_saliency();
    test_heap();
    return check_done("test_bounds");
}
