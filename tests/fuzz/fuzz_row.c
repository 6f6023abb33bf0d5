/* fuzz_row.c - a row of digitnet_models that someone else wrote.
 *
 *     2 bytes  which columns are replaced, a bit each, in the table's order
 *     …        what by, for each: below
 *     1 byte   bit 0: something of the log is replaced as well: which, and what by
 *     1 byte   which statements are run, a bit each
 *
 * It is an honest row at first. Whatever it has become, the statements give their rows or
 * an error that says what is wrong. */
#include "../../core/bytes.h"
#include "database.h"

static const char *const columns[16] = {
    "name",    "version", "active", "source", "layers",           "shape",
    "classes", "options", "seed",   "epochs", "holdout_accuracy", "seconds",
    "weights", "weights", "state",  "state"};

static const char *const statements[8] = {
    "SELECT digit_predict(pixels, 'm'), digit_confidence(pixels, 'm'), "
    "json_valid(digit_probabilities(pixels, 'm')), length(digit_embedding(pixels, 'm')) "
    "FROM t LIMIT 3",
    "SELECT digit_saliency(pixels, 'm') FROM t LIMIT 2",
    "SELECT * FROM predict_model('t', 'm')",
    "SELECT * FROM train_model('t', 'm') WHERE resume = 1 AND threads = 1 LIMIT 2",
    "SELECT * FROM verify_model('m')",
    "SELECT * FROM train_model('t', 'n') WHERE start = 'm' AND epochs = 1 AND threads = "
    "1 "
    "AND layers = 'softmax'",
    "SELECT * FROM train_model('t', 'n') WHERE teacher = 'm@1' AND epochs = 1 AND "
    "threads = 1 AND layers = '2N' AND batch = 3",
    "SELECT * FROM train_model('t', 'm') WHERE resume = 1 AND epochs = 9 AND threads = 1 "
    "LIMIT 3"};

/* bind_any - a value of any kind. */
static void bind_any(sqlite3_stmt *s, fuzz_input *in) {
    static const char *const words[8] = {"m",     "t",     "",   "softmax",
                                         "4x4x1", "[0,1]", "{}", "\xff"};
    const int kind = fuzz_below(in, 6);
    if (kind == 0) sqlite3_bind_null(s, 1);
    if (kind == 1) sqlite3_bind_int64(s, 1, (int32_t)fuzz_word(in));
    if (kind == 2)
        sqlite3_bind_int64(s, 1, (sqlite3_int64)((uint64_t)fuzz_word(in) << 32));
    if (kind == 3) sqlite3_bind_double(s, 1, (double)fuzz_word(in) * 1e300);
    if (kind == 4) sqlite3_bind_text(s, 1, words[fuzz_below(in, 8)], -1, SQLITE_STATIC);
    if (kind == 5) {
        const size_t n = fuzz_byte(in), there = n < in->left ? n : in->left;
        uint8_t *bytes = fuzz_copy(in, there);
        if (n & 1)
            sqlite3_bind_text(s, 1, (char *)bytes, (int)there, SQLITE_TRANSIENT);
        else
            sqlite3_bind_blob(s, 1, bytes, (int)there, SQLITE_TRANSIENT);
        free(bytes);
    }
}

/* bind_changed - a column's bytes with some changed, and the checksum put right. */
static void bind_changed(sqlite3 *db, sqlite3_stmt *s, int k, fuzz_input *in) {
    char sql[100];
    sqlite3_stmt *old = NULL;
    snprintf(sql, sizeof sql, "SELECT %s FROM digitnet_models WHERE rowid = 1",
             columns[k]);
    if (sqlite3_prepare_v2(db, sql, -1, &old, NULL) != SQLITE_OK) abort();
    if (sqlite3_step(old) == SQLITE_ROW) {
        const size_t size = (size_t)sqlite3_column_bytes(old, 0);
        uint8_t *p = malloc(size + 1);
        if (!p) abort();
        if (size) memcpy(p, sqlite3_column_blob(old, 0), size);
        for (int n = 1 + fuzz_below(in, 6); n > 0; n--) {
            const size_t at = fuzz_pair(in);
            p[size ? at % size : 0] ^= (uint8_t)fuzz_byte(in);
        }
        if (k < 14 && size > 52 && size % 4 == 0)
            put64(p + 8, dn_checksum(p + 16, size - 16));
        else if (k >= 14 && size > 48 && size % 4 == 0)
            put64(p + size - 8, dn_checksum(p, size - 8));
        sqlite3_bind_blob(s, 1, p, (int)size, SQLITE_TRANSIENT);
        free(p);
    }
    sqlite3_finalize(old);
}

/* bind_options - the honest ones, one of them replaced by a piece of JSON. */
static void bind_options(sqlite3 *db, sqlite3_stmt *s, fuzz_input *in) {
    static const char *const names[16] = {"layers",   "epochs",    "batch",   "rate",
                                          "holdout",  "shape",     "images",  "data",
                                          "best",     "fitted",    "lengths", "ema",
                                          "cache_mb", "precision", "teacher", "start"};
    static const char *const values[16] = {
        "null",       "0",           "1e308",   "-1",         "65536", "\"m\"",
        "\"4C1-9N\"", "\"9/9 1/1\"", "2",       "\"9x9x1\"",  "9e999", "0.5",
        "\"2N\"",     "100000",      "\"m@1\"", "\"float16\""};
    sqlite3_stmt *old = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT json_set(options, '$.' || ?1, json(?2)) FROM "
                           "digitnet_models WHERE rowid = 1",
                           -1, &old, NULL) != SQLITE_OK)
        abort();
    sqlite3_bind_text(old, 1, names[fuzz_below(in, 16)], -1, SQLITE_STATIC);
    sqlite3_bind_text(old, 2, values[fuzz_below(in, 16)], -1, SQLITE_STATIC);
    if (sqlite3_step(old) == SQLITE_ROW)
        sqlite3_bind_value(s, 1, sqlite3_column_value(old, 0));
    sqlite3_finalize(old);
}

static void replace(sqlite3 *db, int k, fuzz_input *in) {
    char sql[100];
    sqlite3_stmt *s = NULL;
    snprintf(sql, sizeof sql, "UPDATE digitnet_models SET %s = ?1 WHERE rowid = 1",
             columns[k]);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) abort();
    if (k == 7 && fuzz_byte(in) & 1)
        bind_options(db, s, in);
    else if (k == 13 || k == 15)
        bind_changed(db, s, k, in);
    else
        bind_any(s, in);
    sqlite3_step(s); /* name and version must not be NULL: then they stay */
    sqlite3_finalize(s);
}

/* replace_log - the same in the training log. */
static void replace_log(sqlite3 *db, fuzz_input *in) {
    static const char *const kinds[4] = {
        "UPDATE digitnet_epochs SET epoch = ?1 WHERE epoch = 1",
        "UPDATE digitnet_epochs SET holdout_loss = ?1",
        "UPDATE digitnet_epochs SET version = ?1 WHERE epoch = 2",
        "UPDATE digitnet_epochs SET epoch = epoch + ?1"};
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, kinds[fuzz_below(in, 4)], -1, &s, NULL) != SQLITE_OK)
        abort();
    bind_any(s, in);
    sqlite3_step(s);
    sqlite3_finalize(s);
}

static void run(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc != SQLITE_OK) abort();
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (sql == statements[0]) FUZZ_CHECK(sqlite3_column_int(s, 2) == 1);
    if (rc != SQLITE_DONE) FUZZ_CHECK(strcmp(sqlite3_errmsg(db), "not an error") != 0);
    FUZZ_CHECK(rc != SQLITE_MISUSE && rc != SQLITE_INTERNAL && rc != SQLITE_CORRUPT);
    sqlite3_finalize(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fuzz_input in = {bytes, size};
    sqlite3 *db = database_open();
    const unsigned replaced = fuzz_pair(&in);
    library_run(db, "UPDATE digitnet_models SET name = 'm' WHERE rowid = 1;"
                    "UPDATE digitnet_epochs SET name = 'm' WHERE name = 'default'");
    for (int k = 0; k < 16; k++)
        if (replaced >> k & 1) replace(db, k, &in);
    if (fuzz_byte(&in) & 1) replace_log(db, &in);
    const unsigned wanted = fuzz_byte(&in);
    for (int i = 0; i < 8; i++)
        if (wanted >> i & 1) run(db, statements[i]);
    database_close(db);
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    memset(out, 0, 16);
    if (i < 8) { /* an honest row, each statement */
        out[3] = (uint8_t)(1 << i);
        return 4;
    }
    i -= 8;
    if (i < 16) { /* one column replaced, all statements */
        out[i / 8] = (uint8_t)(1 << i % 8);
        memset(out + 2, 4, 4);
        memset(out + 6, 255, 10);
        return 16;
    }
    return 0;
}
