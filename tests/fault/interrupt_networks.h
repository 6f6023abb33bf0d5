/* interrupt_networks.h - for interrupt.c: every function and table that has to do with
 * models, on the largest network that digitnet_limit allows by default, and what is too
 * short to be interrupted. */

/* --- models that nobody would train ------------------------------------------------- */

static void put32(unsigned char *p, unsigned v) {
    for (int i = 0; i < 4; i++) p[i] = (unsigned char)(v >> 8 * i);
}

/* model_checksum - as core/model.c says, of all that follows. */
static unsigned long long model_checksum(const unsigned char *p, size_t size) {
    unsigned long long sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i += 4)
        sum = (sum ^ (p[i] | (unsigned)p[i + 1] << 8 | (unsigned)p[i + 2] << 16 |
                      (unsigned)p[i + 3] << 24)) *
              0x100000001b3u;
    return sum ^ sum >> 29;
}

/* for_images - makes a network whose weights do not depend on the size of an image (one
 * with GAP) one for squares of another side. */
static void for_images(sqlite3 *db, const char *name, int side) {
    sqlite3_stmt *s = NULL;
    CHECK(sqlite3_prepare_v2(db, "SELECT weights FROM digitnet_models WHERE name = ?1",
                             -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    if (!CHECK(sqlite3_step(s) == SQLITE_ROW)) return;
    const size_t size = (size_t)sqlite3_column_bytes(s, 0);
    unsigned char *p = malloc(size);
    memcpy(p, sqlite3_column_blob(s, 0), size);
    sqlite3_finalize(s);
    put32(p + 24, (unsigned)side);
    put32(p + 28, (unsigned)side);
    const unsigned long long sum = model_checksum(p + 16, size - 16);
    put32(p + 8, (unsigned)sum);
    put32(p + 12, (unsigned)(sum >> 32));
    CHECK(sqlite3_prepare_v2(db,
                             "UPDATE digitnet_models SET weights = ?2 WHERE name = ?1",
                             -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(s, 2, p, size, free);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
}

/* --- scenarios ---------------------------------------------------------------------- */

#define ONCE(source, name, layers)                                                       \
    "SELECT * FROM train_model('" source "', '" name "') WHERE layers = '" layers        \
    "' AND epochs = 1 AND holdout = 0"

/* Forgets the decoded models. */
#define FORGET                                                                           \
    "SELECT digitnet_limit('memory', 1); SELECT digitnet_limit('memory', 1 << 28); "

/* row_gap - how long SQLite asks nobody while it writes a row of the widest model,
 * weights and state, and then changes it: it does so at a stretch, of 400 MB. A disk's
 * time varies: twice that is allowed to what writes one. */
static double row_gap(sqlite3 *db) {
    double gap = longest_gap(db, "CREATE TABLE wide_row AS SELECT * FROM digitnet_models "
                                 "WHERE name = 'wide'");
    const double again = longest_gap(db, "UPDATE wide_row SET active = 0");
    sql_run(db, "DROP TABLE wide_row");
    return gap > again ? gap : again;
}

static void networks(int times, double most) {
    const char *const wide = getenv("SHORT") ? "1024N-1024N" : "4096N-4096N";
    char sql[1000];
    static const char *const scenarios[][2] = {
        {"train_model, 4096N-4096N, one step", ONCE("ten", "made", "%s")},
        {"the same as a scalar",
         "SELECT train_model('ten', 'made', '{\"layers\": \"%s\", "
         "\"epochs\": 1, \"holdout\": 0}')"},
        {"the same from another's weights",
         ONCE("ten", "made", "%s") " AND start = 'wide'"},
        {"the same resumed",
         "DELETE FROM digitnet_models WHERE name = 'again'; "
         "DELETE FROM digitnet_epochs WHERE name = 'again'; "
         "SELECT copy_model('wide', 'again'); "
         "SELECT train_model('ten', 'again', '{\"resume\": 1, \"epochs\": 2}')"},
        {"the same searched",
         "SELECT * FROM search_model('fifty', '{\"layers\": \"%s\"}', 2)"},
        {"suspect_labels, 4096N-4096N",
         "SELECT count(*) FROM suspect_labels('fifty', NULL, NULL, '{\"layers\": "
         "\"%s\", \"epochs\": 1}')"},
        {"suspect_labels, 10^10 multiply-adds an image",
         "SELECT count(*) FROM suspect_labels('ten', 'deep')"},
        {"suspect_labels, its own networks",
         "SELECT count(*) FROM suspect_labels('fifty')"},
        {"report_model", "SELECT length(report_model('fifty', 'builtin'))"},
        {"verify_model", "SELECT * FROM verify_model('wide')"},
        {"copy_model", "SELECT copy_model('wide', 'copied')"},
        {"quantise_model", "SELECT quantise_model('wide', 'made', 'ten')"},
        {"quantise_model, 10^10 multiply-adds an image",
         "SELECT digitnet_limit('memory', 1 << 29); "
         "SELECT quantise_model('deep', 'made', 'ten'); "
         "SELECT digitnet_limit('memory', 1 << 28)"},
        {"export_model", "SELECT length(export_model('wide'))"},
        {"export_c, 5.5 million weights", "SELECT export_c('packed') IS NULL"},
        {"import_model", "SELECT import_model('made', export_model('wide'))"},
        {"import_model, fitted",
         "SELECT import_model('made', export_model('wide'), '{\"fit\": \"ten\"}')"},
        {"inspect_model", "SELECT count(*) FROM (SELECT export_model('wide') AS file), "
                          "inspect_model(file)"},
        {"digit_predict, decoding it",
         FORGET "SELECT digit_predict(pixels, 'wide') FROM ten LIMIT 1"},
        {"try_predict, decoding 24 MB of packed weights",
         FORGET "SELECT try_predict(pixels, 'packed') FROM ten LIMIT 1"},
        {"digit_embedding, decoding batch norm",
         FORGET "SELECT length(digit_embedding(pixels, 'normed')) FROM ten LIMIT 1"},
        {"digit_predict, 10^10 multiply-adds",
         "SELECT digit_predict(pixels, 'deep') FROM ten LIMIT 3"},
        {"try_predict, an image of 2048x2048",
         FORGET "SELECT try_predict(zeroblob(2048 * 2048), 'large')"},
        {"digit_confidence, digit_probabilities, 200 rows",
         "SELECT count(digit_confidence(t.pixels, 'wide') + "
         "length(digit_probabilities(t.pixels, 'wide'))) FROM ten AS t, ten, ten AS u"},
        {"digit_saliency, 32C3-32C3 of 28x28",
         "SELECT length(digit_saliency(pixels, 'some')) FROM ten"},
        {"digit_saliency, 4096N-3000N",
         "SELECT length(digit_saliency(pixels, 'less')) FROM ten"},
        {"predict_model, 10^10 multiply-adds an image",
         "SELECT count(*) FROM predict_model('ten', 'deep')"},
        {"predict_model, images of 2048x2048",
         "SELECT count(*) FROM predict_model('sheets', 'large')"},
        {"predict_model, a source that takes long",
         "SELECT count(*) FROM predict_model('slow', 'builtin')"},
        {"image_rows, a million rows", "SELECT count(id) FROM image_rows('slow')"},
        {"image_rows, 100 of 2048x2048",
         "SELECT sum(length(pixels)) FROM image_rows('stack')"},
        {"digit_data_uri, 64 MB", "SELECT digit_data_uri(png) IS NULL FROM long"},
        {"digitnet_options", "SELECT count(*) FROM digitnet_options"},
        {"digitnet_builtin, its epochs",
         "SELECT sum(length(weights)) FROM digitnet_builtin; "
         "SELECT count(*) FROM digitnet_builtin_epochs"},
        {"digitnet_version, _debug, _model",
         "SELECT digitnet_version(), digitnet_debug(), digitnet_model()"},
    };
    sqlite3 *db = sql_new(FILE_NAME);
    sql_run(db,
            "PRAGMA synchronous = OFF; "
            "CREATE TABLE ten AS SELECT pixels, label FROM synthetic_digits(10); "
            "CREATE TABLE fifty AS SELECT pixels, label FROM synthetic_digits(50); "
            "CREATE TABLE long AS SELECT CAST(x'89504e470d0a1a0a' || zeroblob(64000000) "
            "AS BLOB) AS png; "
            "CREATE TABLE tiny AS SELECT zeroblob(64) AS pixels, label FROM ten; "
            "CREATE VIEW sheets AS SELECT rowid AS id, zeroblob(2048 * 2048) AS pixels "
            "FROM ten; "
            "CREATE TABLE stack AS SELECT randomblob(2048 * 2048) AS pixels FROM ten, "
            "ten AS t; "
            "CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            "FROM n WHERE i < 1000000) SELECT i AS id, NULL AS pixels FROM n");
    snprintf(sql, sizeof sql, ONCE("ten", "wide", "%s"), wide);
    sql_run(db, sql);
    sql_run(db, ONCE("ten", "less", "4096N-3000N"));
    sql_run(db, ONCE("ten", "normed", "4096Nb-2048Nb"));
    sql_run(db, ONCE("ten", "some", "32C3-32C3"));
    sql_run(db, ONCE("tiny", "packed", "1024C3-MP2-600C3-GAP"));
    sql_run(db, ONCE("tiny", "deep", "512C5-MP2-512C5-512C5-GAP"));
    sql_run(db, ONCE("tiny", "large", "2C5/2-MP2-64C3-GAP"));
    for_images(db, "packed", 28);
    for_images(db, "deep", 28);
    for_images(db, "large", 2048);
    const double row = 2 * row_gap(db);
    printf("%-48s %48.1f\n", "SQLite alone writes such a row", 1e3 * row / 2);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const int writes = strstr(scenarios[i][1], "train_model") ||
                           strstr(scenarios[i][1], "search_model") ||
                           strstr(scenarios[i][1], "copy_model") ||
                           strstr(scenarios[i][1], "quantise_model") ||
                           strstr(scenarios[i][1], "import_model");
        snprintf(sql, sizeof sql, scenarios[i][1], wide);
        interrupts(db, scenarios[i][0], sql, NULL, times, writes ? most + row : most);
        sql_run(
            db,
            "DELETE FROM digitnet_models WHERE name IN ('made', 'copied', 'default')");
    }
    sql_close(db);
}
