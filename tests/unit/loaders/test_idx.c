/* test_idx.c - IDX files: right ones read, every class of wrong ones told by its exact
 * message.
 * Those packed by gzip are test_gzip.c's. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "../../../loaders/pixels.h"
#include "idx_files.h"

static const char *read_labels(const char *name) {
    idx_file *file;
    int64_t label;
    strcpy(error, "");
    int rc = idx_open_labels(&file, name, NULL, error, sizeof error);
    if (rc != IDX_OK) CHECK(file == NULL);
    while (rc == IDX_OK) {
        rc = idx_next(file, error, sizeof error);
        if (rc == IDX_OK) rc = idx_label(file, &label, error, sizeof error);
    }
    CHECK((rc == IDX_END) == (error[0] == 0));
    idx_close(file);
    return error;
}

/* Pixel i of a normalised blob. */
static float pixel(const unsigned char *blob, size_t i) {
    const unsigned char *b = blob + 4 * i;
    uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                    (uint32_t)b[3] << 24;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/* A function, as its arguments are floats even where expressions have more precision. */
static int is_pixel(const unsigned char *blob, size_t i, float value) {
    return pixel(blob, i) == value;
}

/* Opens a file of images and reads the first into blob. */
static int first_image(const char *name, unsigned char *blob) {
    idx_file *file;
    int rc = idx_open_images(&file, name, NULL, error, sizeof error);
    if (rc == IDX_OK) rc = idx_next(file, error, sizeof error);
    if (rc == IDX_OK) rc = idx_pixels(file, blob, error, sizeof error);
    idx_close(file);
    return rc;
}

/* --- what is not a file of bytes ------------------------------------------------ */

static void test_not_regular(void) {
    CHECK_STR(read_images("none"), "none: cannot be opened: No such file or directory");
    CHECK(mkdir("folder", 0700) == 0);
    CHECK_STR(read_images("folder"), "folder: is a directory; expected a regular file");
    CHECK(mkfifo("fifo", 0600) == 0);
    CHECK_STR(read_images("fifo"), "fifo: is a FIFO; expected a regular file");
    CHECK_STR(read_images("/dev/zero"),
              "/dev/zero: is a character device; expected a regular file");
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK_STR(read_images("socket"), "socket: is a socket; expected a regular file");
    close(fd);

    char path[402], name[202] = "...";
    memset(path, 'a', 400);
    memcpy(path + 400, "b", 2);
    memset(name + 3, 'a', 195);
    memcpy(name + 198, "b", 2);
    read_images(path);
    CHECK(strncmp(error, name, 199) == 0 && strncmp(error + 199, ": cannot", 8) == 0);
}

/* A 2-byte character may not be cut in half: 0xc3 0xa4 is "ä". */
static void test_long_name(void) {
    char path[401];
    for (int i = 0; i < 400; i += 2) memcpy(path + i, "\xc3\xa4", 2);
    memcpy(path + 399, "x", 2); /* odd, so that the cut falls within a character */
    path[398] = 'x';
    read_images(path);
    CHECK(strncmp(error, "...\xc3\xa4", 5) == 0);
    memmove(path + 1, path, 399);
    path[0] = 'x';
    path[400] = 0;
    read_images(path);
    CHECK(strncmp(error, "...\xc3\xa4", 5) == 0);
}

/* --- headers -------------------------------------------------------------------- */

static void test_magic(void) {
    write_bytes("empty", "", 0);
    CHECK_STR(read_images("empty"),
              "empty: has 0 bytes; an IDX file begins with 4 bytes of magic");
    write_bytes("three", "\0\0\x08", 3);
    CHECK_STR(read_images("three"),
              "three: has 3 bytes; an IDX file begins with 4 bytes of magic");
    write_bytes("png", "\x89PNG\r\n\x1a\n", 8);
    CHECK_STR(read_images("png"),
              "png: begins with 89 50 4e 47; an IDX file begins with 00 00: "
              "this is a PNG picture");
    write_bytes("second", "\0\x01\x08\x03", 4);
    CHECK_STR(read_images("second"),
              "second: begins with 00 01 08 03; an IDX file begins with 00 00");
    write_bytes("half", "\x1f\0\x08\x03", 4); /* of gzip's magic */
    CHECK_STR(read_images("half"),
              "half: begins with 1f 00 08 03; an IDX file begins with 00 00");
    START(0x0a, 1, 1, 1);
    CHECK_STR(read_images(plain("type")),
              "type: element type is 0x0a; expected 0x08 (ubyte), 0x09 (sbyte), "
              "0x0b (short), 0x0c (int), 0x0d (float) or 0x0e (double)");
    START(UBYTE, 5);
    CHECK_STR(
        read_images(plain("labels")),
        "labels: has 1 dimension; images need 2 or more, as count x height x width");
    write_bytes("scalar", "\0\0\x08\0\x01", 5);
    CHECK_STR(
        read_images("scalar"),
        "scalar: has 0 dimensions; images need 2 or more, as count x height x width");
    CHECK_STR(read_labels("scalar"),
              "scalar: has 0 dimensions; labels need 1, or 2 as count x columns");
    START(UBYTE, 1, 2, 2);
    add(0, 4);
    CHECK_STR(read_labels(plain("images")),
              "images: has 3 dimensions; labels need 1, or 2 as count x columns");
    START(UBYTE, 1, 28, 28);
    n_made = 15;
    CHECK_STR(read_images(plain("header")), "header: ends within its header");
}

static void test_sizes(void) {
    START(UBYTE, 3, 28, 0);
    CHECK_STR(read_images(plain("flat")),
              "flat: header claims 3 images of 28x0: an item without elements");
    START(UBYTE, 1, 4097, 4096);
    CHECK_STR(read_images(plain("wide")), "wide: header claims 1 images of 4097x4096: an "
                                          "item may have at most 16777216 elements");
    START(DOUBLE, 1, 0xffffffff, 0xffffffff, 0xffffffff);
    CHECK_STR(
        read_images(plain("huge")),
        "huge: header claims 1 images of 4294967295x4294967295x4294967295: an item may "
        "have at most 16777216 elements");
    /* 65536 · 65536 · 0 and 2³² both are 0 in 32 bits. */
    START(UBYTE, 1, 65536, 65536);
    CHECK_STR(read_images(plain("wrap")),
              "wrap: header claims 1 images of 65536x65536: an "
              "item may have at most 16777216 elements");
    START(UBYTE, 0x80000000, 28, 28);
    CHECK_STR(
        read_images(plain("many")),
        "many: header claims 2147483648 images of 28x28 (1683627180048 bytes), but the "
        "file has 16 bytes");
    START(DOUBLE, 0xffffffff, 4096, 4096);
    CHECK_STR(
        read_images(plain("most")),
        "most: header claims 4294967295 images of 4096x4096 (576460752169205776 bytes), "
        "but the file has 16 bytes");
    START(INT, 0xffffffff, 8);
    CHECK_STR(read_labels(plain("qmnist")),
              "qmnist: header claims 4294967295 labels of 8 "
              "(137438953452 bytes), but the file has 12 bytes");
    uint32_t sizes[255];
    for (int i = 0; i < 255; i++) sizes[i] = 1;
    start(UBYTE, 255, sizes);
    add(51, 1);
    unsigned char blob[4];
    CHECK(first_image(plain("deep"), blob) == IDX_OK && is_pixel(blob, 0, 51 / 255.0f));
    add(51, 1);
    CHECK(first_image(plain("deeper"), blob) == IDX_ERROR);
    CHECK(strncmp(error, "deeper: header claims 1 images of 1x1x1x1x", 42) == 0);
    CHECK(strstr(error, "(1025 bytes), but the file has 1026 bytes") != NULL);
}

/* --- lengths -------------------------------------------------------------------- */

static void test_plain_length(void) {
    small_images();
    CHECK_STR(read_images(plain("right")), "");
    n_made = 27;
    CHECK_STR(read_images(plain("short")),
              "short: header claims 3 images of 2x2 (28 bytes), "
              "but the file has 27 bytes");
    n_made = 29;
    CHECK_STR(read_images(plain("long")),
              "long: header claims 3 images of 2x2 (28 bytes), "
              "but the file has 29 bytes");
    START(UBYTE, 0, 28, 28);
    CHECK_STR(read_images(plain("none")), "");
    add(0, 1);
    CHECK_STR(read_images(plain("not none")), "not none: header claims 0 images of 28x28 "
                                              "(16 bytes), but the file has 17 bytes");
}

/* Cut after it was opened: larger than any buffer, so that the cut is met. */
static void test_cut_while_read(void) {
    START(UBYTE, 1000, 28, 28);
    while (n_made < 16 + 784000) add(0, 8);
    plain("shrinking");
    idx_file *file;
    CHECK(idx_open_images(&file, "shrinking", NULL, error, sizeof error) == IDX_OK);
    if (!file) return;
    CHECK(truncate("shrinking", 16 + 784 * 900 + 1) == 0);
    int n = 0, rc;
    while ((rc = idx_next(file, error, sizeof error)) == IDX_OK) n++;
    CHECK(rc == IDX_ERROR && n == 900);
    CHECK_STR(error,
              "shrinking: header claims 1000 images of 28x28, but the file ends within "
              "number 900");
    idx_close(file);
}

/* --- elements ------------------------------------------------------------------- */

static void test_normalise(void) {
    unsigned char grey[256], blob[1024];
    for (int k = 0; k < 256; k++) grey[k] = (unsigned char)k;
    CHECK(pixels_from_grey(blob, grey, 256, NULL) == 0);
    int right = 0;
    for (int k = 0; k < 256; k++) right += is_pixel(blob, (size_t)k, (float)k / 255.0f);
    CHECK(right == 256);
    const unsigned char one[4] = {0, 0, 0x80, 0x3f}; /* 1.0f, little-endian */
    CHECK(memcmp(blob + 4 * 255, one, 4) == 0);
}

static void test_pixel_types(void) {
    unsigned char blob[16];
    START(UBYTE, 1, 2, 2);
    add(0x007fff01, 4);
    CHECK(first_image(plain("ubyte"), blob) == IDX_OK && is_pixel(blob, 0, 0) &&
          is_pixel(blob, 1, 127 / 255.0f) && is_pixel(blob, 2, 1) &&
          is_pixel(blob, 3, 1 / 255.0f));
    START(SBYTE, 1, 2);
    add(0x007f, 2);
    CHECK(first_image(plain("sbyte"), blob) == IDX_OK && is_pixel(blob, 0, 0) &&
          is_pixel(blob, 1, 127 / 255.0f));
    START(SHORT, 1, 1, 2);
    add(255, 2), add(3, 2);
    CHECK(first_image(plain("short"), blob) == IDX_OK && is_pixel(blob, 0, 1) &&
          is_pixel(blob, 1, 3 / 255.0f));
    START(INT, 1, 2, 1);
    add(254, 4), add(0, 4);
    CHECK(first_image(plain("int"), blob) == IDX_OK && is_pixel(blob, 0, 254 / 255.0f) &&
          is_pixel(blob, 1, 0));
    START(FLOAT, 1, 1, 2);
    add_float(0.1f), add_float(1.0f);
    CHECK(first_image(plain("float"), blob) == IDX_OK && is_pixel(blob, 0, 0.1f) &&
          is_pixel(blob, 1, 1.0f));
    START(DOUBLE, 1, 1, 1, 2);
    add_double(0.1), add_double(0.0);
    CHECK(first_image(plain("double"), blob) == IDX_OK && is_pixel(blob, 0, 0.1f) &&
          is_pixel(blob, 1, 0.0f));
}

static void test_pixel_errors(void) {
    START(SBYTE, 1, 2);
    add(0x01ff, 2);
    CHECK_STR(read_images(plain("sbyte")),
              "sbyte: image 0: pixel 1 is -1; expected 0..255");
    START(SHORT, 2, 1);
    add(255, 2), add(256, 2);
    CHECK_STR(read_images(plain("short")),
              "short: image 1: pixel 0 is 256; expected 0..255");
    START(INT, 1, 1);
    add(0x80000000, 4);
    CHECK_STR(read_images(plain("int")),
              "int: image 0: pixel 0 is -2147483648; expected 0..255");
    START(FLOAT, 1, 3);
    add_float(0.5f), add_float(1.0f), add_float(255.0f);
    CHECK_STR(read_images(plain("float")),
              "float: image 0: pixel 2 is 255; expected 0..1");
    START(FLOAT, 1, 1);
    add(0xffc00000, 4);
    CHECK_STR(read_images(plain("nan")), "nan: image 0: pixel 0 is nan; expected 0..1");
    START(DOUBLE, 1, 1);
    add_double(-(double)INFINITY);
    CHECK_STR(read_images(plain("inf")), "inf: image 0: pixel 0 is -inf; expected 0..1");
    START(DOUBLE, 1, 1);
    add_double(-1e-300);
    CHECK_STR(read_images(plain("tiny")),
              "tiny: image 0: pixel 0 is -1e-300; expected 0..1");
}

static int64_t first_label(const char *name) {
    idx_file *file;
    int64_t label = -999;
    int rc = idx_open_labels(&file, name, NULL, error, sizeof error);
    if (rc == IDX_OK) rc = idx_next(file, error, sizeof error);
    if (rc == IDX_OK) rc = idx_label(file, &label, error, sizeof error);
    idx_close(file);
    return label;
}

static void test_labels(void) {
    START(UBYTE, 1);
    add(200, 1);
    CHECK(first_label(plain("ubyte")) == 200);
    START(SBYTE, 1);
    add(0xfe, 1);
    CHECK(first_label(plain("sbyte")) == -2);
    START(SHORT, 1);
    add(0x8000, 2);
    CHECK(first_label(plain("short")) == -32768);
    START(INT, 1);
    add(0x7fffffff, 4);
    CHECK(first_label(plain("int")) == 2147483647);
    START(FLOAT, 1);
    add_float(-7.0f);
    CHECK(first_label(plain("float")) == -7);
    START(DOUBLE, 1);
    add_double(9007199254740992.0);
    CHECK(first_label(plain("double")) == 9007199254740992);
    START(DOUBLE, 2);
    add_double(1.0), add_double(9007199254740994.0);
    CHECK_STR(read_labels(plain("large")),
              "large: label 1 is 9.00719925e+15; expected a whole number");
    START(FLOAT, 2);
    add_float(1.0f), add_float(1.5f);
    CHECK_STR(read_labels(plain("half")),
              "half: label 1 is 1.5; expected a whole number");
    START(DOUBLE, 1);
    add_double((double)NAN);
    CHECK_STR(read_labels(plain("nan")), "nan: label 0 is nan; expected a whole number");
}

/* QMNIST: N×8 ints, the class in the first column. */
static void test_label_columns(void) {
    START(INT, 3, 8);
    for (int i = 0; i < 24; i++) add((uint64_t)(i % 8 ? 99 : i), 4);
    packed("qmnist.gz", "wb");
    idx_file *file;
    CHECK(idx_open_labels(&file, "qmnist.gz", NULL, error, sizeof error) == IDX_OK);
    if (!file) return;
    CHECK(idx_count(file) == 3);
    for (int i = 0; i < 3; i++) {
        int64_t label = -1;
        CHECK(idx_next(file, error, sizeof error) == IDX_OK);
        CHECK(idx_label(file, &label, error, sizeof error) == IDX_OK && label == 8 * i);
    }
    CHECK(idx_next(file, error, sizeof error) == IDX_END);
    CHECK(idx_next(file, error, sizeof error) == IDX_END);
    idx_close(file);
}

/* An item of 128 MiB, in a file that takes no room on the disk, and no memory for it.
 * A sanitiser brings an allocator of its own, which the limit would stop; an emulator or
 * valgrind (RUN: see run.sh) takes no notice of it. */
static void test_no_memory(void) {
#if !defined __SANITIZE_ADDRESS__ && defined __linux__
    struct rlimit before, little;
    idx_file *file;
    if (check_emulated()) return;
    START(DOUBLE, 1, 4096, 4096);
    plain("large");
    CHECK(truncate("large", 16 + 8 * 4096 * 4096) == 0);
    CHECK(getrlimit(RLIMIT_DATA, &before) == 0);
    little = before;
    little.rlim_cur = 100 << 20;
    CHECK(setrlimit(RLIMIT_DATA, &little) == 0);
    CHECK(idx_open_images(&file, "large", NULL, error, sizeof error) == IDX_NOMEM &&
          !file);
    CHECK_STR(error, "large: out of memory for an item of 134217728 bytes");
    CHECK(setrlimit(RLIMIT_DATA, &before) == 0);
#endif
}

int main(void) {
    char folder[] = "/tmp/test_idx_XXXXXX";
    enter(folder);
    test_not_regular();
    test_long_name();
    test_magic();
    test_sizes();
    test_plain_length();
    test_cut_while_read();
    test_normalise();
    test_pixel_types();
    test_pixel_errors();
    test_labels();
    test_label_columns();
    test_no_memory();
    leave(folder);
    return check_done("test_idx");
}
