/* test_numbers.c - how well numbers are read: those in tests/numbers, whose names
 * say what they are, and strings of MNIST's test images, apart and touching; and that
 * pictures made to take long, or to be nothing, end soon. */
#include <dirent.h>
#include <math.h>
#include "../../loaders/png.h"
#include "../../loaders/synth.h"
#include "sql.h"

#define DRAWN "tests/numbers"

/* ask - what a query answers, as a new text; of it ?1 is a file's bytes. */
static char *ask(sqlite3 *db, const char *sql, const void *png, size_t size) {
    sqlite3_stmt *s = NULL;
    char *text = NULL;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob64(s, 1, png, size, SQLITE_STATIC);
    if (CHECK(sqlite3_step(s) == SQLITE_ROW))
        text = sqlite3_mprintf("%s", sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    return text;
}

/* read_number - digit_read of a file's bytes; spaces are left out unless kept. */
static char *read_number(sqlite3 *db, const void *png, size_t size, int spaces) {
    return ask(db,
               spaces ? "SELECT ifnull(digit_read(?1), '')"
                      : "SELECT replace(ifnull(digit_read(?1), ''), ' ', '')",
               png, size);
}

/* first_x - where the first digit from the left begins; -1: there is none. */
static int first_x(sqlite3 *db, const void *png, size_t size) {
    char *text = ask(db, "SELECT ifnull(min(x), -1) FROM digit_find(?1)", png, size);
    const int x = text ? atoi(text) : -1;
    sqlite3_free(text);
    return x;
}

/* --- drawn -------------------------------------------------------------------------- */

/* The number in a file's name, "017-cells-12_345+67.png". */
static void truth_of(char *truth, const char *name) {
    const char *from = strrchr(name, '-') + 1;
    for (; *from != '.'; from++)
        *truth++ = *from == '_' ? ' ' : *from == '+' ? '\n' : *from;
    *truth = 0;
}

static void test_drawn(sqlite3 *db, int wanted) {
    DIR *folder = opendir(DRAWN);
    int n = 0, right = 0;
    if (!CHECK(folder != NULL)) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[600], truth[300];
        unsigned char *bytes = NULL;
        size_t size = 0;
        if (!strstr(entry->d_name, ".png")) continue;
        snprintf(path, sizeof path, DRAWN "/%s", entry->d_name);
        truth_of(truth, entry->d_name);
        CHECK(png_load(&bytes, &size, path, NULL, truth + 100, 200) == PNG_OK);
        char *text = read_number(db, bytes, size, strchr(truth, ' ') != NULL);
        const int is_right = strcmp(text, truth) == 0;
        if (!is_right) printf("  %s: '%s'\n", entry->d_name, text);
        right += is_right;
        n++;
        sqlite3_free(text);
        free(bytes);
    }
    closedir(folder);
    printf("drawn numbers: %d of %d\n", right, n);
    CHECK(n >= 100 && right >= wanted);
}

/* --- strings of MNIST --------------------------------------------------------------- */

#define HIGH 36
#define WIDE 200

/* Puts an image into the picture, its ink from column x on, gap columns behind what is
 * there; returns the column behind. */
static int put(unsigned char *picture, const unsigned char *pixels, int x) {
    int first = 28, last = 0;
    for (int i = 0; i < 784; i++) {
        if (!pixels[i]) continue;
        first = i % 28 < first ? i % 28 : first;
        last = i % 28 > last ? i % 28 : last;
    }
    for (int i = 0; i < 784; i++) {
        unsigned char *at = picture + (i / 28 + 4) * WIDE + x + i % 28 - first;
        if (i % 28 >= first && i % 28 <= last && pixels[i] > *at) *at = pixels[i];
    }
    return x + last + 1 - first;
}

/* n strings of five test images, so many pixels apart: how many in 1000 are read. */
static void test_strings(sqlite3 *db, int n, int gap, int wanted) {
    sqlite3_stmt *s = NULL;
    int right = 0;
    char error[200];
    CHECK(sqlite3_prepare_v2(db, "SELECT label, pixels FROM strings", -1, &s, NULL) ==
          SQLITE_OK);
    for (int i = 0; i < n; i++) {
        static unsigned char picture[HIGH * WIDE];
        char truth[6] = "";
        unsigned char *png = NULL;
        size_t size = 0;
        int x = 6;
        memset(picture, 0, sizeof picture);
        for (int k = 0; k < 5 && sqlite3_step(s) == SQLITE_ROW; k++) {
            truth[k] = (char)('0' + sqlite3_column_int(s, 0));
            x = put(picture, sqlite3_column_blob(s, 1), x) + gap;
        }
        for (int k = 0; k < HIGH * WIDE && i % 2; k++)
            picture[k] = (unsigned char)(255 - picture[k]);
        CHECK(png_encode(&png, &size, picture, WIDE, HIGH, 1, NULL, error,
                         sizeof error) == PNG_OK);
        char *text = read_number(db, png, size, 0);
        right += strcmp(text, truth) == 0;
        sqlite3_free(text);
        free(png);
    }
    sqlite3_finalize(s);
    printf("strings of MNIST's test images, %d px apart: %d of %d\n", gap, right, n);
    CHECK(right * 1000 >= wanted * n);
}

/* --- strokes that look like rules --------------------------------------------------- */

#define SHEET_WIDE 480
#define SHEET_HIGH 200

static void ink(unsigned char *sheet, int x, int y, int wide, int high) {
    for (int v = y; v < y + high; v++)
        memset(sheet + v * SHEET_WIDE + x, 0, (size_t)wide);
}

/* A printed 1, 4 or 7, 80 high, whose bar or foot reaches from one side to the other. */
static void print_digit(unsigned char *sheet, int x, int y, int digit, int wide,
                        int pen) {
    const int stem = digit == 4 ? wide * 2 / 3 : wide / 2 - pen / 2;
    if (digit == 4) ink(sheet, x, y + 54, wide, pen);
    if (digit == 1) ink(sheet, x, y + 80 - pen, wide, pen);
    if (digit == 7) ink(sheet, x, y, wide, pen);
    if (digit != 7) ink(sheet, x + stem, y, pen, 80);
    for (int v = 0; v < 54 && digit == 4; v++)
        ink(sheet, x + stem - v * stem / 54, y + v, pen + 1, 1);
    for (int v = 0; v < 18 && digit == 1; v++)
        ink(sheet, x + stem - v, y + v, pen + 1, 1);
    for (int v = 0; v < 80 && digit == 7; v++)
        ink(sheet, x + (wide - pen) * (100 - v) / 100 - 1, y + v, pen + 1, 1);
}

/* A sheet as a PNG file, to be freed. */
static unsigned char *sheet_png(const unsigned char *sheet, size_t *size) {
    unsigned char *png = NULL;
    char error[200];
    CHECK(png_encode(&png, size, sheet, SHEET_WIDE, SHEET_HIGH, 1, NULL, error,
                     sizeof error) == PNG_OK);
    return png;
}

/* Whether a sheet is read as the truth. */
static int reads(sqlite3 *db, const unsigned char *sheet, const char *truth) {
    size_t size = 0;
    unsigned char *png = sheet_png(sheet, &size);
    char *text = read_number(db, png, size, 0);
    const int right = strcmp(text, truth) == 0;
    if (!right) printf("  %s: '%s'\n", truth, text);
    sqlite3_free(text);
    free(png);
    return right;
}

/* Bars and feet of digits that touch are read as such, and a line below is not. */
static void test_bars(sqlite3 *db) {
    static const char *const numbers[] = {"444",  "4444",  "11111",
                                          "7777", "44144", "17471"};
    for (int i = 0; i < 6; i++)
        for (int pen = 7; pen <= 10; pen += 3)
            for (int line = 0; line < 3; line++) {
                static unsigned char sheet[SHEET_WIDE * SHEET_HIGH];
                memset(sheet, 255, sizeof sheet);
                for (int k = 0; numbers[i][k]; k++)
                    print_digit(sheet, 50 + 62 * k, 60, numbers[i][k] - '0', 60, pen);
                if (line) ink(sheet, 20, 142 + 6 * line, 440, 3);
                if (!CHECK(reads(db, sheet, numbers[i])))
                    printf("  pen %d, line %d\n", pen, line);
            }
}

/* --- rows of zeros ------------------------------------------------------------------ */

/* A small random number, the same on every machine: 0 … n - 1. */
static int draw(unsigned *state, int n) {
    *state = *state * 1664525u + 1013904223u;
    return (int)((*state >> 8) % (unsigned)n);
}

/* Whether x, y is in an ellipse about 0, 0. */
static int inside(int x, int y, int rx, int ry) {
    return x * x * ry * ry + y * y * rx * rx <= rx * rx * ry * ry;
}

/* A ring that leans lean/20 to the right, its foot at y = 140. */
static void ring(unsigned char *sheet, int x, int rx, int ry, int pen, int lean) {
    for (int v = -ry; v <= ry; v++)
        for (int u = -rx; u <= rx; u++)
            if (inside(u, v, rx, ry) && !inside(u, v, rx - pen, ry - pen))
                ink(sheet, x + u + (ry - v) * lean / 20, 140 - ry + v, 1, 1);
}

static void roughen(unsigned char *sheet, unsigned *state) {
    for (int i = 0; i < SHEET_WIDE * SHEET_HIGH; i++)
        sheet[i] = (unsigned char)(sheet[i] / 255 * 190 + 30 + draw(state, 16));
}

/* A digit as with a pen, 80 high, its foot at y = 140; returns which. */
static int pen_digit(unsigned char *sheet, int x, unsigned id) {
    unsigned char image[SYNTH_PIXELS];
    synth_digit(image, SYNTH_PEN, 3, id);
    for (int v = 0; v < 112; v++)
        for (int u = 0; u < 112; u++)
            if (image[v / 4 * 28 + u / 4] > 120) ink(sheet, x + u, 44 + v, 1, 1);
    return synth_label(SYNTH_PEN, id);
}

enum { SHARING, SMALL, CROSSING, CHAIN };

/* Columns from the end of a ring to the next one's start. */
static int ring_gap(unsigned *state, int kind, int rx, int pen) {
    if (kind == SMALL) return 10 + draw(state, 10);
    if (kind == CHAIN) return -pen - rx * (20 + draw(state, 45)) / 100;
    if (kind == CROSSING) return -pen - rx * (35 + draw(state, 45)) / 100;
    return -pen * (4 + draw(state, 7)) / 10;
}

/* A digit and two or three rings: as high as the digit or lower, a side of each also the
 * next one's, or each reaching into the next, two or three in a row; or apart, and about
 * half as high. Returns whether they are read. */
static int read_rings(sqlite3 *db, unsigned *state, int kind) {
    static unsigned char sheet[SHEET_WIDE * SHEET_HIGH];
    static const int digits[] = {1, 4, 7};
    int first = digits[draw(state, 3)];
    const int more = draw(state, 2), zeros = kind == CHAIN      ? 3
                                             : kind == CROSSING ? 2
                                                                : 2 + more;
    const int pen = 6 + draw(state, 5), lean = draw(state, 5);
    const int ry = kind == SMALL ? 20 + draw(state, 8) : 26 + draw(state, 16),
              rx = ry * (70 + draw(state, 40)) / 100;
    char truth[5] = "0000";
    memset(sheet, 255, sizeof sheet);
    if (kind == SMALL)
        first = pen_digit(sheet, 0, *state);
    else
        print_digit(sheet, 30, 60, first, 55, pen);
    truth[0] = (char)('0' + first);
    truth[1 + zeros] = 0;
    for (int k = 0, x = 112 + rx; k < zeros; k++) {
        ring(sheet, x, rx, ry, pen, lean);
        x += 2 * rx + ring_gap(state, kind, rx, pen);
    }
    roughen(sheet, state);
    return reads(db, sheet, truth);
}

/* Zeros that have a stroke between them in common are zeros still, and so are those that
 * cross; and small ones do not make two digits of a tall one before them. */
static void test_rings(sqlite3 *db) {
    static const char *const names[] = {"sharing strokes", "small", "crossing",
                                        "three that cross"};
    static const int wanted[] = {43, 43, 45, 45};
    for (int kind = 0; kind < 4; kind++) {
        unsigned state = 5;
        int right = 0;
        for (int i = 0; i < 48; i++) right += read_rings(db, &state, kind);
        printf("rows of zeros, %s: %d of 48\n", names[kind], right);
        CHECK(right >= wanted[kind]);
    }
}

/* Two zeros share a stroke, and the 1 behind them leans so far over it that its box
 * begins before that stroke. */
static void test_leaning(sqlite3 *db) {
    static unsigned char sheet[SHEET_WIDE * SHEET_HIGH];
    memset(sheet, 255, sizeof sheet);
    for (int v = 0; v <= 80; v++) {
        ink(sheet, 30 + 80 - v, 60 + v, 10, 1);
        ink(sheet, 137 + 80 - v, 60 + v, 10, 1);
    }
    ring(sheet, 80, 20, 40, 10, 20);
    ring(sheet, 112, 20, 40, 10, 20);
    CHECK(reads(db, sheet, "1001"));
}

/* --- what lies along the border ----------------------------------------------------- */

/* A dark frame, or the dark edge of a scan at the left or the right, is no 0 and no 1;
 * and boxes are of the whole picture. */
static void test_border(sqlite3 *db) {
    static const int widths[] = {3, 8, 20, 30};
    for (int i = 0; i < 12; i++) {
        static unsigned char sheet[SHEET_WIDE * SHEET_HIGH];
        const int wide = widths[i / 3], left = i % 3 < 2, right = i % 3 != 1;
        size_t size = 0;
        memset(sheet, 255, sizeof sheet);
        for (int k = 0; k < 4; k++)
            print_digit(sheet, 110 + 68 * k, 60, "4711"[k] - '0', 52, 8);
        if (left) ink(sheet, 0, 0, wide, SHEET_HIGH);
        if (right) ink(sheet, SHEET_WIDE - wide, 0, wide, SHEET_HIGH);
        if (left && right) ink(sheet, 0, 0, SHEET_WIDE, wide);
        if (left && right) ink(sheet, 0, SHEET_HIGH - wide, SHEET_WIDE, wide);
        unsigned char *png = sheet_png(sheet, &size);
        char *text = read_number(db, png, size, 0);
        const int x = first_x(db, png, size);
        if (!CHECK(strcmp(text, "4711") == 0 && abs(x - 110) < 4))
            printf("  %d px%s%s: '%s' at %d\n", wide, left ? ", left" : "",
                   right ? ", right" : "", text, x);
        sqlite3_free(text);
        free(png);
    }
}

/* A number in the shade beside a lit strip, whose edge is soft: the strip is no ink. */
static void test_strip(sqlite3 *db) {
    for (int i = 0; i < 12; i++) {
        static unsigned char sheet[SHEET_WIDE * SHEET_HIGH];
        const int wide = 30 + i / 2 * 6;
        size_t size = 0;
        memset(sheet, 255, sizeof sheet);
        for (int k = 0; k < 4; k++)
            print_digit(sheet, 110 + 68 * k, 60, "4711"[k] - '0', 52, 8);
        for (int n = 0; n < SHEET_WIDE * SHEET_HIGH; n++) {
            const int x = n % SHEET_WIDE, from = i % 2 ? SHEET_WIDE - 1 - x : x;
            const double t = fmin(fmax((from - wide) / 20.0 + 0.5, 0), 1);
            sheet[n] = (unsigned char)((sheet[n] ? 240 : 60) * (1 - 0.35 * t));
        }
        unsigned char *png = sheet_png(sheet, &size);
        char *text = read_number(db, png, size, 0);
        if (!CHECK_STR(text, "4711")) printf("  lit strip of %d px\n", wide);
        sqlite3_free(text);
        free(png);
    }
}

/* bytes_of - float32 as uint8. */
static void bytes_of(sqlite3_context *context, int argc, sqlite3_value **argv) {
    unsigned char out[784];
    const unsigned char *floats = sqlite3_value_blob(argv[0]);
    (void)argc;
    for (int i = 0; i < 784; i++) {
        const unsigned char *p = floats + 4 * i; /* little-endian */
        const uint32_t bits = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24;
        float v;
        memcpy(&v, &bits, 4);
        out[i] = (unsigned char)(v * 255.0f + 0.5f);
    }
    sqlite3_result_blob(context, out, sizeof out, SQLITE_TRANSIENT);
}

static void test_mnist(sqlite3 *db) {
    if (access("mnist", R_OK) != 0) {
        printf("no MNIST: no strings of its digits\n");
        return;
    }
    const int n = check_sanitised() || check_emulated() ? 40 : 400;
    CHECK(sqlite3_create_function_v2(db, "bytes_of", 1, SQLITE_UTF8, NULL, bytes_of, NULL,
                                     NULL, NULL) == SQLITE_OK);
    sql_run(db, "CREATE TEMP TABLE strings AS SELECT label, pixels FROM "
                "(SELECT id * 7919 % 10000 AS place, label, bytes_of(pixels) AS pixels "
                "FROM read_mnist('mnist') WHERE split = 'test') ORDER BY place LIMIT "
                "2000");
    test_strings(db, n, 4, 980);
    test_strings(db, n, 0, 950);
}

int main(void) {
    sqlite3 *db = sql_open(":memory:");
    test_drawn(db, 122);
    test_bars(db);
    test_rings(db);
    test_leaning(db);
    test_border(db);
    test_strip(db);
    test_mnist(db);
    sql_close(db);
    return check_done("test_numbers");
}
