/* test_folder.c - folders of PNG files: what is found, in which order, and what is
 * refused. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../../loaders/folder.h"
#include "../../../loaders/png.h"
#include "../check.h"

static char error[512];

static void make(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, n, file) == n);
    if (file) fclose(file);
}

/* All that a folder gives, as "path:label " each; or the error. */
static const char *walk(const char *dir) {
    static char text[4096];
    folder_walk *w;
    size_t n = 0;
    text[0] = 0;
    int rc = folder_open(&w, dir, ".png", NULL, error, sizeof error);
    CHECK((rc == FOLDER_OK) == (w != NULL));
    while (rc == FOLDER_OK) {
        rc = folder_next(w, error, sizeof error);
        if (rc != FOLDER_OK) break;
        const char *label = folder_label(w);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s:%s ", folder_path(w),
                              label ? label : "-");
    }
    if (rc == FOLDER_END) CHECK(folder_next(w, error, sizeof error) == FOLDER_END);
    folder_close(w);
    return rc == FOLDER_END ? text : error;
}

static void test_walk(void) {
    static const char *const files[] = {
        "d/b/2.png",  "d/b/10.png", "d/b/1.PNG",   "d/b/.x.png",      "d/b/x.jpg",
        "d/b/.png",   "d/b/png",    "d/B/x.png",   "d/a.png",         "d/c.png",
        "d/.h/x.png", "d/notes",    "d/b/e/x.png", "d/\xc3\xa9/x.png"};
    CHECK(mkdir("d", 0700) == 0 && mkdir("d/b", 0700) == 0 && mkdir("d/B", 0700) == 0);
    CHECK(mkdir("d/.h", 0700) == 0 && mkdir("d/b/e", 0700) == 0);
    CHECK(mkdir("d/\xc3\xa9", 0700) == 0 && mkdir("d/empty", 0700) == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) make(files[i], "", 0);
    static const char expected[] = "d/B/x.png:B d/a.png:- d/b/1.PNG:b d/b/10.png:b "
                                   "d/b/2.png:b d/c.png:- d/\xc3\xa9/x.png:\xc3\xa9 ";
    CHECK_STR(walk("d"), expected);
    CHECK_STR(walk("d//"), expected);
    CHECK_STR(walk("d/empty"), "d/empty has no .png files, nor has a folder in it");
    CHECK(symlink("b", "d/z") == 0 && symlink("nowhere", "d/lost") == 0);
    CHECK(strstr(walk("d"), " d/z/1.PNG:z d/z/10.png:z "));
    CHECK_STR(walk("nothing"), "nothing: cannot be opened: No such file or directory");
    CHECK_STR(walk("d/notes"), "d/notes: cannot be opened: Not a directory");
    CHECK_STR(walk(""), ": cannot be opened: No such file or directory");
}

/* Nothing to give is an error that says what lies there. */
static void test_nothing(void) {
    CHECK(mkdir("n", 0700) == 0 && mkdir("n/deep", 0700) == 0);
    CHECK(mkdir("n/deep/7", 0700) == 0 && mkdir("n/other", 0700) == 0);
    CHECK(mkdir("n/other/7", 0700) == 0);
    make("n/deep/7/x.png", "", 0);
    make("n/other/7/x.jpg", "", 0);
    CHECK_STR(walk("n"),
              "n has no .png files, nor has a folder in it; there is n/deep/7, a "
              "folder too deep: give the folder above it");
    CHECK_STR(walk("n/other"),
              "n/other has no .png files, nor has a folder in it; there is "
              "n/other/7/x.jpg");
    CHECK_STR(walk("n/deep"), "n/deep/7/x.png:7 ");
}

/* A folder with more names than fit at first. */
static void test_many(void) {
    folder_walk *w;
    char path[64];
    CHECK(mkdir("many", 0700) == 0);
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "many/%03d.png", i * 7 % 1000);
        make(path, "", 0);
    }
    CHECK(folder_open(&w, "many", ".png", NULL, error, sizeof error) == FOLDER_OK);
    int right = 1;
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "many/%03d.png", i);
        right &= folder_next(w, error, sizeof error) == FOLDER_OK &&
                 strcmp(folder_path(w), path) == 0;
    }
    CHECK(right && folder_next(w, error, sizeof error) == FOLDER_END);
    folder_close(w);
    folder_close(NULL);
}

/* The error of loading a file, "" if it is loaded. */
static const char *load(const char *path) {
    unsigned char *bytes;
    size_t size;
    strcpy(error, "");
    const int rc = png_load(&bytes, &size, path, NULL, error, sizeof error);
    CHECK((rc == PNG_OK) == (error[0] == 0) && (rc == PNG_OK) == (bytes != NULL));
    free(bytes);
    return error;
}

static void test_load(void) {
    unsigned char *bytes = NULL, *again = NULL;
    const unsigned char grey[4] = {1, 2, 3, 4};
    size_t size = 0, size_again = 0;
    CHECK(png_encode(&bytes, &size, grey, 2, 2, 1, NULL, error, sizeof error) == PNG_OK);
    make("a.png", bytes, size);
    CHECK(png_load(&again, &size_again, "a.png", NULL, error, sizeof error) == PNG_OK);
    CHECK(size == size_again && memcmp(bytes, again, size) == 0);
    free(again);
    CHECK_STR(load("none.png"), "none.png: cannot be opened: No such file or directory");
    CHECK_STR(load("d"), "d: is a directory; expected a regular file");
    CHECK_STR(load("/dev/zero"),
              "/dev/zero: is a character device; expected a regular file");
    CHECK(mkfifo("fifo.png", 0600) == 0);
    CHECK_STR(load("fifo.png"), "fifo.png: is a FIFO; expected a regular file");
    make("empty.png", "", 0);
    CHECK_STR(load("empty.png"), "empty.png: PNG: signature is missing");
    make("cut.png", bytes, 32);
    CHECK_STR(load("cut.png"), "cut.png: PNG: ends within its header");
    /* Files that take no room on the disk: one is not read, for it is no PNG; the other
     * begins like one. */
    make("zeros.png", "", 0);
    CHECK(truncate("zeros.png", (off_t)1 << 40) == 0);
    CHECK_STR(load("zeros.png"), "zeros.png: PNG: signature is missing");
    make("large.png", bytes, size);
    CHECK(truncate("large.png", ((off_t)128 << 20) + 1) == 0);
    CHECK_STR(load("large.png"),
              "large.png: has 134217729 bytes; expected 134217728 at most");
    free(bytes);
}

static int countdown(void *context) { return (*(int *)context)-- <= 0; }

/* Wherever it asks it can be stopped: names are read, sorted, gone through. */
static void test_stop(void) {
    int rc = FOLDER_STOPPED, asked = 0;
    for (; rc == FOLDER_STOPPED && asked < 100000; asked += 7) {
        int left = asked;
        const load_stop stop = {countdown, &left};
        folder_walk *w;
        rc = folder_open(&w, "many", ".png", &stop, error, sizeof error);
        while (rc == FOLDER_OK) rc = folder_next(w, error, sizeof error);
        if (rc == FOLDER_STOPPED) CHECK_STR(error, "interrupted while reading a folder");
        folder_close(w);
    }
    CHECK(rc == FOLDER_END && asked > 100);
}

int main(void) {
    char folder[] = "/tmp/test_folder_XXXXXX";
    if (!mkdtemp(folder) || chdir(folder)) return 1;
    test_walk();
    test_nothing();
    test_many();
    test_stop();
    test_load();
    if (chdir("/")) return 1;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK(system(command) == 0);
    return check_done("test_folder");
}
