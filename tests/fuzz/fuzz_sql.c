/* fuzz_sql.c - SQL that calls our functions in all ways: up to four statements, made of
 * the input's bytes by the little grammar below. Whatever they are, they give rows or an
 * error, and nothing of ours is left behind.
 *
 * No file is touched: paths come from a list of their own, of files in memory and of
 * names where there is nothing. */
#define _GNU_SOURCE /* memfd_create */
#include <stdarg.h>
#include "database.h"
#include "memory_file.h"

typedef struct maker {
    fuzz_input *in;
    char text[4096];
    size_t n;
    int depth;
} maker;

static void put(maker *m, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(m->text + m->n, sizeof m->text - m->n, format, args);
    va_end(args);
    m->n += (size_t)n;
    if (m->n >= sizeof m->text) m->n = sizeof m->text - 1;
}

#define PICK(m, list) list[fuzz_below((m)->in, (int)(sizeof list / sizeof *list))]

static const char *const literals[] = {"NULL",
                                       "0",
                                       "1",
                                       "2",
                                       "-1",
                                       "16",
                                       "28",
                                       "64",
                                       "65536",
                                       "4294967296",
                                       "1e308",
                                       "-0.5",
                                       "0.1",
                                       "2.5",
                                       "''",
                                       "'t'",
                                       "'words'",
                                       "'v'",
                                       "'w'",
                                       "'w@1'",
                                       "'default'",
                                       "'default@1'",
                                       "'builtin'",
                                       "'x@'",
                                       "'softmax'",
                                       "'2C3-4N'",
                                       "'4x4'",
                                       "'sgd'",
                                       "'float16'",
                                       "'main.t'",
                                       "'temp.t'",
                                       "'{}'",
                                       "'\"t\"'",
                                       "'{\"layers\":[\"softmax\",\"2N\"]}'",
                                       "x''",
                                       "x'00'",
                                       "x'ff'",
                                       "zeroblob(16)",
                                       "zeroblob(64)",
                                       "zeroblob(784)",
                                       "zeroblob(3136)",
                                       "zeroblob(1000000)",
                                       "x'89504e470d0a1a0a0000000d49484452'",
                                       "char(9731,0,65)",
                                       "9223372036854775807",
                                       "9e999"};

static const char *const names[] = {
    "pixels", "label",   "id",    "prediction", "confidence", "epoch", "loss", "value",
    "key",    "weights", "rowid", "source",     "options",    "model", "seed"};

static const char *const functions[] = {"digit_predict",
                                        "digit_confidence",
                                        "digit_probabilities",
                                        "digit_embedding",
                                        "digit_image",
                                        "digit_png",
                                        "digit_show",
                                        "digit_saliency",
                                        "digit_read",
                                        "digit_read_confidence",
                                        "digit_data_uri",
                                        "digitnet_version",
                                        "digitnet_debug",
                                        "digit_sheet",
                                        "digitnet_checkpoint",
                                        "json_valid",
                                        "length",
                                        "typeof",
                                        "hex",
                                        "count",
                                        "max",
                                        "coalesce"};

static const char *const tables[] = {"t",
                                     "words",
                                     "v",
                                     "digitnet_models",
                                     "digitnet_epochs",
                                     "digitnet_builtin",
                                     "digitnet_builtin_epochs",
                                     "digitnet_options",
                                     "out"};

static const char *const table_functions[] = {
    "predict_model", "image_rows",     "train_model",      "verify_model",
    "search_model",  "suspect_labels", "synthetic_digits", "read_idx",
    "read_mnist",    "read_png",       "json_each"};

static const char *const options[] = {
    "layers",      "epochs",        "batch",
    "rate",        "seed",          "holdout",
    "augment",     "patience",      "resume",
    "threads",     "shape",         "optimizer",
    "schedule",    "warmup",        "momentum",
    "beta2",       "weight_decay",  "label_smoothing",
    "ema",         "flip",          "blank",
    "teacher",     "teacher_share", "teacher_temperature",
    "temperature", "precision",     "cache_mb",
    "start",       "source",        "model",
    "n",           "images",        "labels",
    "dir",         "space",         "budget",
    "trials",      "style",         "teacher_checked",
    "teacher_mean"};

static const char *const operators[] = {"=",      "<",  ">=", "<>", "IS",
                                        "IS NOT", "IN", "||", "+",  "LIKE"};

static const char *file_path; /* an IDX file */

static void expression(maker *m);

static void arguments(maker *m, int most) {
    const int n = fuzz_below(m->in, most + 1);
    for (int i = 0; i < n; i++) {
        if (i) put(m, ", ");
        expression(m);
    }
}

static void select_from(maker *m);

static void expression(maker *m) {
    const int kind = m->depth > 3 ? fuzz_below(m->in, 2) : fuzz_below(m->in, 9);
    m->depth++;
    switch (kind) {
    case 0: put(m, "%s", PICK(m, literals)); break;
    case 1: put(m, "%s", PICK(m, names)); break;
    case 2:
    case 3:
    case 4: {
        const char *name = PICK(m, functions);
        put(m, "%s(", name);
        arguments(m, 3);
        put(m, ")");
        if (fuzz_below(m->in, 12) == 11) put(m, " OVER (ORDER BY 1)");
        break;
    }
    case 5:
        expression(m);
        put(m, " %s (", PICK(m, operators));
        expression(m);
        put(m, ")");
        break;
    case 6:
        put(m, "(");
        select_from(m);
        put(m, ")");
        break;
    case 7:
        put(m, "CAST(");
        expression(m);
        put(m, fuzz_below(m->in, 2) ? " AS BLOB)" : " AS TEXT)");
        break;
    case 8:
        put(m, "CASE WHEN ");
        expression(m);
        put(m, " THEN ");
        expression(m);
        put(m, " END");
        break;
    }
    m->depth--;
}

static void path(maker *m) {
    const char *const paths[] = {file_path, "/proc/self/fd/none", "", "/none/none"};
    put(m, "'%s'", PICK(m, paths));
}

static void table(maker *m) {
    if (fuzz_below(m->in, 3) == 0) {
        put(m, "%s", PICK(m, tables));
        return;
    }
    const char *name = PICK(m, table_functions);
    put(m, "%s(", name);
    if (strncmp(name, "read_", 5) == 0) {
        const int n = fuzz_below(m->in, 3);
        for (int i = 0; i < n; i++) {
            if (i) put(m, ", ");
            path(m);
        }
    } else if (fuzz_below(m->in, 4)) { /* such arguments as work */
        static const char *const sources[] = {"'t'", "'words'", "'v'",
                                              "5",   "pixels",  "NULL"};
        put(m, "%s", PICK(m, sources));
        if (fuzz_below(m->in, 2)) {
            put(m, ", ");
            expression(m);
        }
    } else
        arguments(m, 3);
    put(m, ")");
}

static void constraint(maker *m) {
    static const char *const quick[] = {"layers = 'softmax'", "epochs = 1",
                                        "epochs = 2",         "batch = 4",
                                        "threads = 1",        "resume = 1",
                                        "holdout = 0",        "layers = '2C3b-MP2-3N'",
                                        "augment = 1",        "teacher = 'w'",
                                        "start = 'default'",  "precision = 'float16'",
                                        "cache_mb = 1",       "trials = 2",
                                        "budget = 4"};
    if (fuzz_below(m->in, 2)) {
        put(m, "%s", PICK(m, quick));
        return;
    }
    const char *name = PICK(m, options);
    /* A path is no free text. */
    if (strcmp(name, "images") == 0 || strcmp(name, "labels") == 0 ||
        strcmp(name, "dir") == 0) {
        put(m, "%s = ", name);
        path(m);
        return;
    }
    put(m, "%s %s (", name, PICK(m, operators));
    expression(m);
    put(m, ")");
}

static void select_from(maker *m) {
    static const char *const joins[] = {", ", " LEFT JOIN ", " JOIN "};
    m->depth++;
    put(m, fuzz_below(m->in, 8) ? "SELECT " : "SELECT DISTINCT ");
    const int n = fuzz_below(m->in, 4);
    if (!n) put(m, "*");
    for (int i = 0; i < n; i++) {
        if (i) put(m, ", ");
        expression(m);
    }
    put(m, " FROM ");
    table(m);
    if (m->depth < 3 && fuzz_below(m->in, 4) == 3) {
        put(m, "%s", PICK(m, joins));
        table(m);
    }
    const int constraints = fuzz_below(m->in, 5);
    for (int i = 0; i < constraints; i++) {
        put(m, i ? " AND " : " WHERE ");
        constraint(m);
    }
    if (fuzz_below(m->in, 6) == 5) {
        put(m, " ORDER BY ");
        expression(m);
    }
    if (fuzz_below(m->in, 2)) put(m, " LIMIT %d", fuzz_below(m->in, 5));
    m->depth--;
}

static void statement(maker *m) {
    static const char *const plain[] = {
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT a",
        "ROLLBACK TO a",
        "RELEASE a",
        "DELETE FROM digitnet_epochs",
        "UPDATE digitnet_models SET active = (version = 1)",
        "UPDATE digitnet_models SET weights = NULL",
        "DROP TABLE digitnet_models",
        "CREATE TEMP TABLE t AS SELECT 1 AS pixels",
        "UPDATE t SET label = pixels",
        "UPDATE t SET pixels = zeroblob(64)",
        "DELETE FROM t WHERE id > 3",
        "ALTER TABLE digitnet_models RENAME COLUMN weights TO w",
        "CREATE TRIGGER r AFTER INSERT ON digitnet_epochs BEGIN DELETE FROM "
        "digitnet_models; END",
        "CREATE TRIGGER s AFTER UPDATE ON digitnet_models BEGIN UPDATE t SET label = 7; "
        "END"};
    switch (fuzz_below(m->in, 8)) {
    case 0: put(m, "%s", PICK(m, plain)); return;
    case 1: put(m, "INSERT INTO out(a) "); break;
    case 2: put(m, "CREATE VIEW x AS "); break;
    case 3:
        put(m, "UPDATE digitnet_models SET %s = ", PICK(m, names));
        expression(m);
        return;
    }
    select_from(m);
}

static void run(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (s) {
        for (int rows = 0; rows < 40 && (rc = sqlite3_step(s)) == SQLITE_ROW; rows++)
            for (int i = 0; i < sqlite3_column_count(s); i++) sqlite3_column_bytes(s, i);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE) /* says what is wrong */
            FUZZ_CHECK(strcmp(sqlite3_errmsg(db), "not an error") != 0);
        FUZZ_CHECK(rc != SQLITE_MISUSE && rc != SQLITE_INTERNAL && rc != SQLITE_CORRUPT);
    }
    sqlite3_finalize(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const uint8_t idx[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,
                                  0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8};
    fuzz_input in = {bytes, size};
    if (!file_path) file_path = fuzz_file(idx, sizeof idx);
    sqlite3 *db = database_open();
    for (int i = 0; i < 4 && in.left; i++) {
        maker m = {.in = &in};
        statement(&m);
        if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s;\n", m.text);
        run(db, m.text);
    }
    database_close(db);
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    unsigned noise = (unsigned)i;
    if (i >= 60) return 0;
    for (int k = 0; k < 80; k++) {
        noise = noise * 1664525u + 1013904223u;
        out[k] = (uint8_t)(noise >> 20);
    }
    return 80;
}
