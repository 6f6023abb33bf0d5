/* test_sheet.c - digit_sheet, dot by dot: where pictures and captions stand. */
#include "../../ext/image/font.h"
#include "../../loaders/png.h"
#include "sql.h"

static char error[512];

/* The only column of the only row, decoded. */
static int sheet_of(png_picture *out, sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    int rc = PNG_ERROR;
    memset(out, 0, sizeof *out);
    if (CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK) &&
        CHECK(sqlite3_step(s) == SQLITE_ROW))
        rc = png_decode(out, sqlite3_column_blob(s, 0),
                        (size_t)sqlite3_column_bytes(s, 0), NULL, error, sizeof error);
    sqlite3_finalize(s);
    return CHECK(rc == PNG_OK);
}

/* Whether the square of side dots at (x, y) is all of one grey. */
static int square_is(const png_picture *p, int x, int y, int side, int grey) {
    for (int v = y; v < y + side; v++)
        for (int u = x; u < x + side; u++)
            if (p->grey[v * p->width + u] != grey) return 0;
    return 1;
}

/* Lines of '#' and '.' at (x, y), 255 being '.' . */
static int dots_are(const png_picture *p, int x, int y, const char *const *lines, int n) {
    for (int v = 0; v < n; v++)
        for (int u = 0; lines[v][u]; u++)
            if ((p->grey[(y + v) * p->width + x + u] < 128) != (lines[v][u] == '#'))
                return 0;
    return 1;
}

/* 2×2 pixels, 42 times as large; a blank cell; one pixel of 84; three by two cells. */
static void test_cells(sqlite3 *db) {
    png_picture p;
    if (!sheet_of(&p, db,
                  "SELECT digit_sheet(column1) FROM (VALUES (x'40FF0000'), (NULL), "
                  "(x'0000803F000000000000000000000000'), (x'80'))"))
        return;
    CHECK(p.width == 2 * 88 + 4 && p.height == 2 * 88 + 4 && !p.alpha && !p.coloured);
    CHECK(square_is(&p, 0, 0, 4, 255) && square_is(&p, 176, 176, 4, 255));
    CHECK(square_is(&p, 4, 4, 42, 64) && square_is(&p, 46, 4, 42, 255));
    CHECK(square_is(&p, 4, 46, 42, 0) && square_is(&p, 46, 46, 42, 0));
    CHECK(square_is(&p, 92, 4, 84, 224));
    /* 42 of one pixel, in the middle. */
    CHECK(square_is(&p, 92 + 21, 92 + 21, 42, 128) && square_is(&p, 92, 92, 21, 255));
    png_picture_free(&p);
}

/* A red picture, 28 times as large, 3×1; a grey one, 1×2, in its middle; a caption in
 * black. */
static void test_colours(sqlite3 *db) {
    static const char *const A[] = {".###.", "#...#", "#...#", "#####"};
    png_picture p;
    if (!sheet_of(&p, db,
                  "SELECT digit_sheet(column1, 'A', column2) FROM (VALUES "
                  "(x'FF0000FF0000FF0000', '1x3x3'), (x'40C0', '2x1'))"))
        return;
    CHECK(p.coloured && p.width == 2 * 88 + 4 && p.height == 56 + 4 + 11 + 4);
    /* 54 is a red of 255, as Rec. 709 has it. */
    CHECK(square_is(&p, 4, 4, 14, 255) && square_is(&p, 4, 4 + 14, 28, 54) &&
          square_is(&p, 4 + 56, 4 + 14, 28, 54) && square_is(&p, 4, 4 + 42, 14, 255));
    CHECK(square_is(&p, 92 + 28, 4, 28, 64) && square_is(&p, 92 + 28, 4 + 28, 28, 192) &&
          square_is(&p, 92, 4, 28, 255) && square_is(&p, 92 + 56, 4, 28, 255));
    CHECK(dots_are(&p, 4, 4 + 56 + 2, A, 4) && dots_are(&p, 92, 4 + 56 + 2, A, 4));
    png_picture_free(&p);
}

static void test_captions(sqlite3 *db) {
    static const char *const gO[] = {"......#####", "......#...#", ".####.#...#",
                                     "#...#.#...#", "#...#.#...#", "#...#.#...#",
                                     ".####.#####", "....#......", ".###......."};
    static const char *const end[] = {"......", "......", "......", "......",
                                      "......", "......", "#.#.#."};
    png_picture p;
    if (!sheet_of(&p, db, "SELECT digit_sheet(x'80', column1) FROM (VALUES ('g\u00D6'))"))
        return;
    png_picture_free(&p);
    if (sheet_of(&p, db, "SELECT digit_sheet(x'80', 'g' || char(214))")) {
        CHECK(p.width == 92 && p.height == 92 + FONT_HEIGHT + 2);
        CHECK(dots_are(&p, 4, 4 + 84 + 2, gO, FONT_HEIGHT));
    }
    png_picture_free(&p);
    /* What has no picture gets a box, whatever bytes it is of. */
    CHECK_SQL(db,
              "SELECT digit_sheet(x'80', CAST(x'01' AS TEXT)) = digit_sheet(x'80', "
              "char(127)), digit_sheet(x'80', CAST(x'D6' AS TEXT)) = digit_sheet(x'80', "
              "char(214)), digit_sheet(x'80', CAST(x'C3C341' AS TEXT)) = "
              "digit_sheet(x'80', char(214, 214, 65))",
              "1|1|1");
    /* A cell is as wide as its caption: of 15 characters, and of 32 pixels, which are 64
     * dots. */
    if (sheet_of(&p, db, "SELECT digit_sheet(x'80', '123456789012345')"))
        CHECK(p.width == 15 * FONT_STEP - 1 + 8 && p.height == 92 + FONT_HEIGHT + 2 &&
              !dots_are(&p, 4 + 14 * FONT_STEP, 90, end, 7));
    png_picture_free(&p);
    if (sheet_of(&p, db, "SELECT digit_sheet(zeroblob(1024), 'zebra as horse', '32x32')"))
        CHECK(p.width == 14 * FONT_STEP - 1 + 8 && square_is(&p, 4, 4, 64, 0) &&
              square_is(&p, 68, 4, 19, 255));
    png_picture_free(&p);
    /* Of more than 40, the last two make place for an ellipsis. */
    if (sheet_of(&p, db, "SELECT digit_sheet(x'80', printf('%.41c', 'x'))"))
        CHECK(p.width == 40 * FONT_STEP - 1 + 8 &&
              dots_are(&p, 4 + 39 * FONT_STEP, 90, end, 7));
    png_picture_free(&p);
}

/* The largest that fits, and one more. */
static void test_limits(sqlite3 *db) {
    png_picture p;
    sql_run(db,
            "CREATE TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            "FROM c WHERE i < 20000) SELECT i FROM c");
    if (sheet_of(&p, db,
                 "SELECT digit_sheet(CAST(printf('%.784c', 'z') AS BLOB)) FROM n WHERE i "
                 "<= 16129")) {
        CHECK(p.width == 127 * 32 + 4 && p.height == 127 * 32 + 4);
        png_picture_free(&p);
    }
    /* Pictures shrink for whole captions; where that is not enough, captions are cut. */
    if (sheet_of(&p, db,
                 "SELECT digit_sheet(x'80', '123456789012345') FROM n WHERE i <= 2000"))
        CHECK((p.width - 4) % (15 * FONT_STEP + 3) == 0);
    png_picture_free(&p);
    if (sheet_of(&p, db, "SELECT digit_sheet(x'80', '123456789012345') FROM n"))
        CHECK((p.width - 4) % (19 + 4) == 0);
    png_picture_free(&p);
    CHECK_SQL(db, "SELECT digit_sheet(CAST(printf('%.784c', 'z') AS BLOB)) FROM n",
              "error: digit_sheet: row 16130: 16130 pictures of 28x28 make too large a "
              "sheet; expected 4096x4096 at most");
    CHECK_SQL(
        db, "SELECT digit_sheet(CAST(printf('%.*c', 4096 * 4096, 'z') AS BLOB)) FROM n",
        "error: digit_sheet: row 1: 1 pictures of 4096x4096 make too large a sheet; "
        "expected 4096x4096 at most");
    CHECK_SQL(db, "SELECT length(digit_sheet(NULL)) > 0 FROM n WHERE i < 100", "1");
}

static void test_rows(sqlite3 *db) {
    CHECK_SQL(db, "SELECT digit_sheet(x'80') IS NULL FROM n WHERE 0", "1");
    CHECK_SQL(db, "SELECT digit_sheet(CASE i WHEN 3 THEN x'0102' ELSE x'80' END) FROM n",
              "error: digit_sheet: row 3: image has 2 bytes, which is no square of uint8 "
              "or float32 pixels; give its shape, 'HxW' or 'HxWxC'");
    CHECK_SQL(db, "SELECT digit_sheet(7) FROM n",
              "error: digit_sheet: row 1: image is INTEGER; expected a BLOB");
    CHECK_SQL(db,
              "SELECT count(*), count(DISTINCT sheet) FROM (SELECT digit_sheet(pixels, "
              "label) AS sheet FROM synthetic_digits(60) GROUP BY label)",
              "10|10");
    /* A PNG gives what its pixels give. */
    CHECK_SQL(db,
              "SELECT digit_sheet(pixels, label) = digit_sheet(digit_png(pixels), label) "
              "FROM synthetic_digits(30)",
              "1");
}

int main(void) {
    sqlite3 *db = sql_new("build/tmp/sheet.db");
    test_cells(db);
    test_colours(db);
    test_captions(db);
    test_limits(db);
    test_rows(db);
    sql_close(db);
    return check_done("test_sheet");
}
