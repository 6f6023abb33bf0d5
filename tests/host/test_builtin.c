/* test_builtin.c - the model that comes with the library, before anything is trained:
 * what it is, and what it makes of MNIST, of MNIST drawn larger, of the drawn digits in
 * tests/drawn, of digits drawn by code, and of pictures of nothing. */
#include <math.h>
#include <png.h>
#include <unistd.h>
#include "../../core/bytes.h"
#include "sql.h"

/* Right answers in 1000, of the query's rows of (label, pixels). */
static void check_accuracy(sqlite3 *db, const char *what, const char *rows,
                           int at_least) {
    char sql[2000];
    const double start = sql_seconds();
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE seen AS SELECT label, digit_predict(pixels) "
             "AS prediction FROM (%s)",
             rows);
    sql_run(db, sql);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) > 0, printf('%%d of %%d', sum(label = prediction), count(*)), "
        "sum(label = prediction) * 1000 >= %d * count(*) FROM temp.seen",
        at_least);
    const char *text = sql_text(db, sql);
    CHECK(strncmp(text, "1|", 2) == 0 && strcmp(text + strlen(text) - 2, "|1") == 0);
    printf("%s: %s, %.1f s\n", what, text, sql_seconds() - start);
    sql_run(db, "DROP TABLE temp.seen");
}

static void test_rows(sqlite3 *db) {
    CHECK_SQL(db,
              "SELECT name, version, active, shape, classes, state FROM digitnet_builtin",
              "builtin|1|1|28x28x1|[0,1,2,3,4,5,6,7,8,9]|NULL");
    CHECK_SQL(db,
              "SELECT m.epochs = count(*), m.epochs = max(e.epoch), m.layers = "
              "json_extract(m.options, '$.layers') FROM digitnet_builtin m, "
              "digitnet_builtin_epochs e",
              "1|1|1");
    CHECK_SQL(db, "SELECT length(weights) <= 700000 FROM digitnet_builtin", "1");
    /* Without a name it is the built-in one; a model named default takes its place. */
    CHECK_SQL(
        db,
        "SELECT digit_predict(zeroblob(784)) = digit_predict(zeroblob(784), 'builtin')",
        "1");
    CHECK_SQL(db, "SELECT digit_confidence(zeroblob(784)) <= 0.15", "1");
    sql_run(db, "CREATE TABLE small AS SELECT * FROM synthetic_digits(100)");
    sql_run(db, "BEGIN; SELECT * FROM train_model('small') WHERE layers = 'softmax' AND "
                "epochs = 1");
    CHECK_SQL(db,
              "SELECT digit_confidence(zeroblob(784)) = digit_confidence(zeroblob(784), "
              "'builtin')",
              "0");
    /* A copy of its own under another name. */
    sql_run(db,
            "INSERT INTO digitnet_models SELECT 'mine', 1, 1, created, source, layers, "
            "shape, classes, options, seed, epochs, loss, accuracy, holdout_accuracy, "
            "seconds, weights, state, parameters, bytes, precision, microseconds, "
            "picture FROM "
            "digitnet_builtin");
    CHECK_SQL(db,
              "SELECT sum(digit_confidence(pixels, 'mine') IS digit_confidence(pixels, "
              "'builtin')) FROM small",
              "100");
    sql_run(db, "ROLLBACK");
    CHECK_SQL(db,
              "SELECT digit_confidence(zeroblob(784)) = digit_confidence(zeroblob(784), "
              "'builtin')",
              "1");
    CHECK_SQL(db, "SELECT count(*) FROM sqlite_master WHERE name GLOB 'digitnet*'", "0");
}

/* Pictures without ink are read as they are: an answer, and not a sure one. */
static void test_nothing(sqlite3 *db) {
    sql_run(db, "CREATE TEMP TABLE blank(pixels)");
    sql_run(db, "INSERT INTO blank VALUES(zeroblob(784)), (zeroblob(3136)), "
                "(digit_png(zeroblob(784))), (digit_png(zeroblob(784), 9))");
    CHECK_SQL(
        db,
        "SELECT count(digit_predict(pixels)), max(digit_confidence(pixels)) < 0.95, "
        "count(DISTINCT digit_confidence(pixels)) FROM blank",
        "4|1|1");
}

/* Digits drawn by code in every style, of a seed that the model has not learned from; and
 * pictures of no digit, of which it is not sure. */
static void test_styles(sqlite3 *db) {
    static const struct {
        const char *style;
        int at_least; /* right in 1000 */
    } styles[] = {{"pen", 990},   {"world", 990},    {"print", 995},  {"segments", 995},
                  {"mouse", 985}, {"displays", 970}, {"cursive", 980}};
    const int n = check_emulated() || check_sanitised() ? 200 : 2000;
    char sql[300];
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        snprintf(sql, sizeof sql,
                 "SELECT label, pixels FROM synthetic_digits(%d, 77, '%s')", n,
                 styles[i].style);
        check_accuracy(db, styles[i].style, sql, styles[i].at_least);
    }
    snprintf(sql, sizeof sql,
             "SELECT avg(digit_confidence(pixels)) FROM synthetic_digits(%d, 77, 'none')",
             n);
    const double sure = atof(sql_text(db, sql));
    printf("no digit: confidence %.3f\n", sure);
    CHECK(sure > 0.1 && sure < 0.25);
}

/* --- MNIST drawn larger ------------------------------------------------------------- */

/* One function of SQL for it: enlarged(pixels, side, n) - the normalised image of 28×28
 * as black ink on white, bilinear at side×side, off centre on a canvas half as large
 * again, an RGBA PNG. n chooses where it lies. */
static unsigned char grey_at(const unsigned char *pixels, double x, double y) {
    const int left = (int)floor(x), top = (int)floor(y);
    double sum = 0;
    for (int r = 0; r < 2; r++)
        for (int q = 0; q < 2; q++) {
            const int column = left + q, row = top + r;
            if (column < 0 || column > 27 || row < 0 || row > 27) continue;
            const double share = (1 - fabs(x - column)) * (1 - fabs(y - row));
            sum += share * (double)get_float(pixels + 4 * (row * 28 + column));
        }
    return (unsigned char)(255 - (int)(255 * sum + 0.5));
}

static void write_bytes(png_structp png, png_bytep data, size_t size) {
    sqlite3_str_append(png_get_io_ptr(png), (const char *)data, (int)size);
}

static void no_flush(png_structp png) { (void)png; }

static void enlarged(sqlite3_context *context, int argc, sqlite3_value **argv) {
    const unsigned char *pixels = sqlite3_value_blob(argv[0]);
    const int side = sqlite3_value_int(argv[1]), canvas = side + side / 2;
    const int n = sqlite3_value_int(argv[2]), rest = canvas - side;
    const int left = n * 7 % (rest + 1), top = n * 13 % (rest + 1);
    unsigned char *row = malloc((size_t)canvas * 4);
    sqlite3_str *out = sqlite3_str_new(NULL);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    (void)argc;
    png_set_write_fn(png, out, write_bytes, no_flush);
    png_set_IHDR(png, info, (png_uint_32)canvas, (png_uint_32)canvas, 8,
                 PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < canvas; y++) {
        for (int x = 0; x < canvas; x++) {
            const int in = x >= left && x < left + side && y >= top && y < top + side;
            const double u = (x - left + 0.5) * 28 / side - 0.5;
            const double v = (y - top + 0.5) * 28 / side - 0.5;
            memset(row + 4 * x, in ? grey_at(pixels, u, v) : 255, 3);
            row[4 * x + 3] = 255;
        }
        png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(row);
    const int size = sqlite3_str_length(out);
    sqlite3_result_blob(context, sqlite3_str_finish(out), size, sqlite3_free);
}

static void test_mnist(sqlite3 *db) {
    /* As they are: all 10,000, or 1,000 under an emulator, which takes a hundred times as
     * long, and sanitised.
     * Drawn larger: all with FULL=1, else 1,000, and 200 of the largest. */
    const int all = getenv("FULL") != NULL, few = check_emulated() || check_sanitised();
    sqlite3_create_function(db, "enlarged", 3, SQLITE_UTF8, NULL, enlarged, NULL, NULL);
    sql_run(
        db,
        "CREATE TABLE test AS SELECT * FROM read_mnist('mnist') WHERE split = 'test'");
    if (few) sql_run(db, "DELETE FROM test WHERE id % 10");
    check_accuracy(db, "MNIST", "SELECT label, pixels FROM test", few ? 990 : 995);
    if (!all) sql_run(db, "DELETE FROM test WHERE id % 10");
    check_accuracy(db, "MNIST at 56x56, off centre",
                   "SELECT label, enlarged(pixels, 56, id) AS pixels FROM test", 990);
    if (!all) sql_run(db, "DELETE FROM test WHERE id % 50");
    check_accuracy(db, "MNIST at 200x200, off centre",
                   "SELECT label, enlarged(pixels, 200, id) AS pixels FROM test", 995);
}

int main(void) {
    sqlite3 *db = sql_open(":memory:");
    test_rows(db);
    test_nothing(db);
    check_accuracy(db, "tests/drawn", "SELECT label, pixels FROM read_png('tests/drawn')",
                   980);
    test_styles(db);
    if (access("mnist", R_OK) == 0)
        test_mnist(db);
    else
        puts("MNIST: not here");
    sql_close(db);
    return check_done("test_builtin");
}
