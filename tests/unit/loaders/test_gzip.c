/* test_gzip.c - IDX files packed by gzip: lengths, members, damage. */
#include <sys/stat.h>
#include "idx_files.h"

static void test_gzip_length(void) {
    small_images();
    CHECK_STR(read_images(packed("right.gz", "wb")), "");
    n_made = 27;
    CHECK_STR(
        read_images(packed("short.gz", "wb")),
        "short.gz: header claims 3 images of 2x2 (28 bytes), but the unpacked file has "
        "27 bytes");
    n_made = 10;
    CHECK_STR(read_images(packed("header.gz", "wb")),
              "header.gz: ends within its header");
    n_made = 2000;
    memset(made + 28, 0, 2000 - 28);
    CHECK_STR(
        read_images(packed("long.gz", "wb")),
        "long.gz: header claims 3 images of 2x2 (28 bytes), but the unpacked file has "
        "at least 29 bytes");
    /* Told from the length of the packed file alone. */
    START(UBYTE, 0x80000000, 28, 28);
    packed("many.gz", "wb");
    struct stat st;
    char expected[200];
    CHECK(stat("many.gz", &st) == 0);
    snprintf(
        expected, sizeof expected,
        "many.gz: header claims 2147483648 images of 28x28 (1683627180048 bytes), but "
        "the file has %d bytes of gzip, which cannot hold so much",
        (int)st.st_size);
    CHECK_STR(read_images("many.gz"), expected);
    /* Zeros pack best: still fewer than 1032 : 1, so never refused by mistake. */
    START(UBYTE, 1000, 28, 28);
    while (n_made < 16 + 784000) add(0, 8);
    CHECK_STR(read_images(packed("zeros.gz", "wb9")), "");
}

static void test_gzip_members(void) {
    small_images();
    n_made = 20; /* one file in two members, of 20 and 8 bytes */
    packed("members.gz", "wb");
    small_images();
    memmove(made, made + 20, 8);
    n_made = 8;
    CHECK_STR(read_images(packed("members.gz", "ab")), "");
    /* The last member is as long as the whole should be: the trailer looks right. */
    small_images();
    packed("twice.gz", "wb");
    CHECK_STR(read_images(packed("twice.gz", "ab")),
              "twice.gz: header claims 3 images of 2x2, but more data follow");
}

static void test_gzip_damage(void) {
    small_images();
    packed("good.gz", "wb");
    load("good.gz");
    size_t n = n_made;
    n_made = n - 1;
    CHECK_STR(read_images(plain("cut1.gz")),
              "cut1.gz: gzip data are cut off: they end after 28 bytes of content");
    n_made = n - 8;
    CHECK_STR(read_images(plain("cut8.gz")),
              "cut8.gz: gzip data are cut off: they end after 28 bytes of content");
    n_made = 10;
    CHECK_STR(read_images(plain("cut10.gz")),
              "cut10.gz: gzip data are cut off: they end after 0 bytes of content");
    n_made = 2;
    CHECK_STR(read_images(plain("magic.gz")),
              "magic.gz: gzip data are cut off: they end after 0 bytes of content");
    n_made = n;
    made[n - 8] ^= 1;
    CHECK_STR(read_images(plain("crc.gz")),
              "crc.gz: gzip data are damaged: incorrect data check");
    made[n - 8] ^= 1;
    made[2] = 7;
    CHECK_STR(read_images(plain("method.gz")),
              "method.gz: gzip data are damaged: unknown compression method");
    made[2] = 8;
    made[10] = 0xff; /* a deflate block of the reserved type */
    CHECK_STR(read_images(plain("block.gz")),
              "block.gz: gzip data are damaged: invalid block type");
}

/* Found only while the rows are read: the trailer's length is right. */
static void test_gzip_damage_late(void) {
    START(UBYTE, 1000, 28, 28);
    uint32_t random = 1;
    while (n_made < 16 + 784000) {
        random = random * 1664525 + 1013904223;
        add(random >> 24, 1);
    }
    packed("late.gz", "wb");
    load("late.gz");
    made[n_made - 5] ^= 0x80; /* the CRC's last byte */
    plain("late.gz");
    idx_file *file;
    CHECK(idx_open_images(&file, "late.gz", NULL, error, sizeof error) == IDX_OK);
    int n = 0, rc = IDX_ERROR;
    while (file && (rc = idx_next(file, error, sizeof error)) == IDX_OK) n++;
    CHECK(rc == IDX_ERROR && n == 1000);
    CHECK_STR(error, "late.gz: gzip data are damaged: incorrect data check");
    idx_close(file);
}

/* Empty members, before and behind: they are content of no length. */
static void test_gzip_empty(void) {
    static const unsigned char member[20] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3};
    static unsigned char all[20000 * 20 + 1000];
    size_t n = 0;
    small_images();
    packed("some.gz", "wb");
    load("some.gz");
    for (int i = 0; i < 10000; i++, n += 20) memcpy(all + n, member, 20);
    memcpy(all + n, made, n_made);
    n += n_made;
    for (int i = 0; i < 10000; i++, n += 20) memcpy(all + n, member, 20);
    FILE *f = fopen("empty.gz", "wb");
    CHECK(f && fwrite(all, 1, n, f) == n && fclose(f) == 0);
    CHECK_STR(read_images("empty.gz"), "");
}

static int countdown(void *context) { return (*(int *)context)-- <= 0; }

/* read_stopped - the status of reading all of a file, which is stopped at question k. */
static int read_stopped(const char *name, int k) {
    const load_stop stop = {countdown, &k};
    unsigned char blob[4 * 4];
    idx_file *file;
    int rc = idx_open_images(&file, name, &stop, error, sizeof error);
    while (rc == IDX_OK) {
        rc = idx_next(file, error, sizeof error);
        if (rc == IDX_OK) rc = idx_pixels(file, blob, error, sizeof error);
    }
    idx_close(file);
    return rc;
}

/* At any question it stops and leaves nothing; after 20,000 empty members, of as many. */
static void test_gzip_stop(void) {
    int k = 0;
    while (k < 100 && read_stopped("some.gz", k) == IDX_STOPPED) {
        CHECK_STR(error, "some.gz: interrupted");
        k++;
    }
    CHECK(k > 2 && read_stopped("some.gz", k) == IDX_END);
    CHECK(read_stopped("empty.gz", 30000) == IDX_STOPPED);
}

int main(void) {
    char folder[] = "/tmp/test_gzip_XXXXXX";
    enter(folder);
    test_gzip_length();
    test_gzip_members();
    test_gzip_damage();
    test_gzip_damage_late();
    test_gzip_empty();
    test_gzip_stop();
    leave(folder);
    return check_done("test_gzip");
}
