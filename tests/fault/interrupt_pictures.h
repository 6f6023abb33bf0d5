/* interrupt_pictures.h - for interrupt.c: every function of pictures and files, on the
 * largest it takes, interrupted by sqlite3_interrupt and by a progress handler every
 * 1,000 instructions. */
#include <sys/stat.h>
#include <zlib.h>

#define FOLDER "build/tmp/interrupt"

/* --- files -------------------------------------------------------------------------- */

static void write_file(const char *name, const void *bytes, size_t n) {
    FILE *f = fopen(name, "wb");
    CHECK(f && fwrite(bytes, 1, n, f) == n);
    if (f) fclose(f);
}

/* idx_write - one image of 4096×4096 floats, of 64 MiB. */
static void idx_write(const char *name) {
    static const unsigned char head[16] = {0, 0, 0x0d, 3, 0, 0, 0,  1,
                                           0, 0, 16,   0, 0, 0, 16, 0};
    FILE *f = fopen(name, "wb");
    CHECK(f && fwrite(head, 1, 16, f) == 16 && fseek(f, 15 + (64 << 20), SEEK_SET) == 0 &&
          fputc(0, f) == 0);
    if (f) fclose(f);
}

/* cifar_write - CIFAR-10's six files, of n blank pictures each. */
static void cifar_write(const char *folder, int n) {
    char path[256];
    mkdir(folder, 0777);
    for (int i = 1; i <= 6; i++) {
        snprintf(path, sizeof path, "%s/test_batch.bin", folder);
        if (i < 6) snprintf(path, sizeof path, "%s/data_batch_%d.bin", folder, i);
        FILE *f = fopen(path, "wb");
        CHECK(f && fseek(f, 3073L * n - 1, SEEK_SET) == 0 && fputc(0, f) == 0);
        if (f) fclose(f);
    }
}

/* mnist_write - an IDX file of n blank images, or of their labels. */
static void mnist_write(const char *name, int n, int images) {
    const unsigned char head[16] = {0,
                                    0,
                                    8,
                                    images ? 3 : 1,
                                    0,
                                    (unsigned char)(n >> 16),
                                    (unsigned char)(n >> 8),
                                    (unsigned char)n,
                                    0,
                                    0,
                                    0,
                                    28,
                                    0,
                                    0,
                                    0,
                                    28};
    const long size = images ? 16 + 784L * n : 8L + n;
    FILE *f = fopen(name, "wb");
    CHECK(f && fwrite(head, 1, images ? 16 : 8, f) == (images ? 16u : 8u) &&
          fseek(f, size - 1, SEEK_SET) == 0 && fputc(0, f) == 0);
    if (f) fclose(f);
}

/* gzip_write - an image file that goes on for `zeros` bytes too many, and `empty` empty
 * members behind it: its claim is not in its trailer, so all must be unpacked. */
static void gzip_write(const char *name, size_t zeros, int empty) {
    static const unsigned char head[16] = {0, 0, 8, 3, 0x20, 0, 0, 0,
                                           0, 0, 0, 1, 0,    0, 0, 1};
    static const unsigned char member[20] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3};
    static unsigned char block[1 << 16];
    gzFile f = gzopen(name, "wb9");
    CHECK(f && gzwrite(f, head, 16) == 16);
    for (size_t at = 0; f && at < zeros; at += sizeof block)
        gzwrite(f, block, sizeof block);
    if (f) gzclose(f);
    FILE *more = fopen(name, "ab");
    for (int i = 0; more && i < empty; i++) fwrite(member, 1, 20, more);
    if (more) fclose(more);
}

/* folder_write - PNGs, and names that are none. */
static void folder_write(sqlite3 *db, int pngs, int others) {
    char name[100];
    sqlite3_stmt *s = NULL;
    mkdir(FOLDER "/7", 0777);
    mkdir(FOLDER "/names", 0777);
    CHECK(sqlite3_prepare_v2(db, "SELECT colours FROM png", -1, &s, NULL) == SQLITE_OK &&
          sqlite3_step(s) == SQLITE_ROW);
    for (int i = 0; i < pngs; i++) {
        snprintf(name, sizeof name, FOLDER "/7/%d.png", i);
        write_file(name, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
    }
    sqlite3_finalize(s);
    for (int i = 0; i < others; i++) {
        snprintf(name, sizeof name, FOLDER "/names/%d.txt", i * 7919 % others);
        write_file(name, "", 0);
    }
}

/* boards - a chessboard of single pixels and a fine grid, as PNGs: whatever can be taken
 * for a rule, or for a side of a box, is there as often as it can be. */
static void boards(sqlite3 *db) {
    enum { SIDE = 774 };
    static unsigned char chess[SIDE * SIDE], grid[SIDE * SIDE];
    sqlite3_stmt *s = NULL;
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int x = i % SIDE, y = i / SIDE;
        chess[i] = (x + y) % 2 ? 255 : 0;
        grid[i] = x % 4 && y % 4 ? 255 : 0;
    }
    CHECK(sqlite3_prepare_v2(db,
                             "CREATE TABLE board AS SELECT digit_png(?1, 1, '774x774') "
                             "AS chess, digit_png(?2, 1, '774x774') AS grid",
                             -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, chess, sizeof chess, SQLITE_STATIC);
    sqlite3_bind_blob(s, 2, grid, sizeof grid, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
}

static void pictures(int times, double most) {
    const int is_short = getenv("SHORT") != NULL;
    CHECK(system("rm -rf " FOLDER) == 0 && mkdir(FOLDER, 0777) == 0);
    sqlite3 *db = sql_new(FILE_NAME);
    /* 16 megapixels of noise, 4 in colours, 200 small ones. */
    sql_run(db,
            "CREATE TABLE raw(b); INSERT INTO raw VALUES(randomblob(4096 * 4096)); "
            "CREATE TABLE png(grey, colours); "
            "INSERT INTO png SELECT digit_png(b, 1, '4096x4096'), "
            "digit_png(substr(b, 1, 12000000), 1, '2000x2000x3') FROM raw; "
            "CREATE TABLE small(png); "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 200) "
            "INSERT INTO small SELECT digit_png(randomblob(40000), 1, '200x200') FROM n");
    boards(db);
    folder_write(db, 4, 20000);
    idx_write(FOLDER "/large");
    mkdir(FOLDER "/mnist", 0777);
    mnist_write(FOLDER "/mnist/train-images-idx3-ubyte", 60000, 1);
    mnist_write(FOLDER "/mnist/train-labels-idx1-ubyte", 60000, 0);
    mnist_write(FOLDER "/mnist/t10k-images-idx3-ubyte", 10000, 1);
    mnist_write(FOLDER "/mnist/t10k-labels-idx1-ubyte", 10000, 0);
    cifar_write(FOLDER "/cifar", 10000);
    gzip_write(FOLDER "/bomb.gz", (size_t)512 << 20, 1);
    gzip_write(FOLDER "/empty.gz", (size_t)512 << 20, is_short ? 10000 : 1000000);
    static const char *const scenarios[][2] = {
        {"digit_png, 4096x4096", "SELECT digit_png(b, 1, '4096x4096') FROM raw"},
        {"digit_png, 64x64x64", "SELECT digit_png(randomblob(4096), 64)"},
        {"digit_sheet, 4000x4000",
         "SELECT digit_sheet(substr(b, 1, 16000000), NULL, '4000x4000') FROM raw"},
        {"digit_show in colours, 4096x4096",
         "SELECT digit_show(b, 512, 1, '4096x4096') FROM raw"},
        {"digit_image, PNG of 4096x4096", "SELECT digit_image(grey) FROM png"},
        {"digit_image, PNG of 2000x2000 in colours",
         "SELECT digit_image(colours) FROM png"},
        {"the same as 4096x4096", "SELECT digit_image(colours, '4096x4096') FROM png"},
        {"as 4096x4096x3, which fit",
         "SELECT digit_image(colours, '4096x4096x3') FROM png"},
        {"as 224x224x3, the middle",
         "SELECT digit_image(colours, '224x224x3', 'crop') FROM png"},
        {"digit_shape, PNG of 4096x4096", "SELECT digit_shape(grey) FROM png"},
        {"digit_pixels, PNG of 2000x2000 in colours",
         "SELECT sum(value) FROM png, digit_pixels(colours, NULL, 'fit')"},
        {"digit_predict, PNG of 4096x4096", "SELECT digit_predict(grey) FROM png"},
        {"the same in floats, made bytes",
         "SELECT digit_image(digit_image(colours, '2048x4096x3'), '2048x4096x3', NULL, "
         "'uint8') FROM png"},
        {"digit_image, 200 PNGs of 200x200", "SELECT count(digit_image(png)) FROM small"},
        {"digit_predict, 200 PNGs of 200x200",
         "SELECT count(digit_predict(png)) FROM small"},
        {"digit_read, PNG of 4096x4096", "SELECT digit_read(grey) FROM png"},
        {"digit_read, 200 PNGs of 200x200",
         "SELECT count(digit_read(png)) + count(digit_read_confidence(png)) FROM small"},
        {"digit_find, a sheet of 500 digits",
         "SELECT count(*) FROM digit_find((SELECT digit_sheet(pixels) FROM "
         "synthetic_digits(500)))"},
        {"digit_read, a chessboard", "SELECT digit_read(chess) FROM board"},
        {"digit_find, a fine grid", "SELECT count(*) FROM board, digit_find(board.grid)"},
        {"read_png, 2000x2000 in colours",
         "SELECT sum(length(pixels)) FROM read_png('" FOLDER "')"},
        {"the same as 4096x4096x3",
         "SELECT sum(length(pixels)) FROM read_png('" FOLDER "', '4096x4096x3')"},
        {"read_png, 20,000 other names, ten times",
         "SELECT count(*) FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) "
         "CROSS JOIN read_png('" FOLDER "')"},
        {"read_idx, 4096x4096 floats",
         "SELECT length(pixels) FROM read_idx('" FOLDER "/large')"},
        {"the same transposed",
         "SELECT length(pixels) FROM read_idx('" FOLDER "/large', NULL, 1)"},
        {"read_idx, gzip, an empty member behind",
         "SELECT count(*) FROM (SELECT 1 FROM read_idx('" FOLDER "/bomb.gz') LIMIT 1)"},
        {"read_idx, gzip, a million empty members",
         "SELECT count(*) FROM (SELECT 1 FROM read_idx('" FOLDER "/empty.gz') LIMIT 1)"},
        {"read_mnist, 70,000 images",
         "SELECT sum(length(pixels)) FROM read_mnist('" FOLDER "/mnist')"},
        {"read_cifar, 60,000 pictures",
         "SELECT sum(length(pixels)) FROM read_cifar('" FOLDER "/cifar')"},
        {"synthetic_digits",
         "SELECT sum(length(pixels)) FROM synthetic_digits(10000, 1, 'world')"},
    };
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        interrupts(db, scenarios[i][0], scenarios[i][1], NULL, times, most);
    sql_close(db);
    CHECK(system("rm -rf " FOLDER) == 0);
}
