/* test_files.c - what the read_… functions make of paths that are no files: FIFOs,
 * sockets, devices, folders, /proc, by name and by a link, alone and inside a folder.
 *
 * Each is an error that names the path, or gives no rows where it is passed over; no
 * device is so much as opened, and nothing waits: an alarm ends the program if one
 * does. */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "sql.h"

#define TMP "build/tmp/files"

/* Seconds that a call may take on a machine that is busy with other things. */
#define MOST_SECONDS 300

static const char *const paths[] = {TMP "/fifo",
                                    TMP "/socket",
                                    TMP "/folder",
                                    TMP "/dangling",
                                    TMP "/loop",
                                    TMP "/absent",
                                    TMP "/empty",
                                    TMP "/fifo/x",
                                    "/dev/zero",
                                    "/dev/null",
                                    "/dev/full",
                                    "/dev/urandom",
                                    "/dev/tty",
                                    "/dev/ptmx",
                                    "/dev/stdin",
                                    "/dev/fd/0",
                                    "/proc/self/mem",
                                    "/proc/self/maps",
                                    "/proc/kmsg",
                                    "/proc/self/environ",
                                    "/proc/self/fd",
                                    "/proc/self",
                                    "/proc/kcore",
                                    "/proc/self/stat",
                                    "/sys/kernel/uevent_seqnum",
                                    ""};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static void make_file(const char *path, const unsigned char *bytes, size_t n) {
    FILE *f = fopen(path, "wb");
    if (!CHECK(f != NULL)) exit(1);
    fwrite(bytes, 1, n, f);
    fclose(f);
}

static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0,
                                       0, 2, 0, 0, 0, 2, 9, 9, 9, 9};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 1, 7};

static void make_paths(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = TMP "/socket"};
    CHECK(system("rm -rf " TMP " && mkdir -p " TMP "/folder " TMP "/real " TMP
                 "/png/7 && cp tests/drawn/7/109* " TMP "/png/7/a.png") == 0);
    CHECK(mkfifo(TMP "/fifo", 0600) == 0);
    CHECK(symlink("nowhere", TMP "/dangling") == 0);
    CHECK(symlink("loop", TMP "/loop") == 0);
    make_file(TMP "/empty", images, 0);
    make_file(TMP "/images", images, sizeof images);
    make_file(TMP "/labels", labels, sizeof labels);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    close(fd);
}

/* call - one statement, whose answer is an error of `who`, or, where it may pass the path
 * over, the answer `passed`. */
static void call(sqlite3 *db, const char *who, const char *path, const char *passed,
                 char *sql) {
    char begins[64];
    snprintf(begins, sizeof begins, "error: %s: ", who);
    alarm(MOST_SECONDS);
    const char *text = sql_text(db, sql);
    alarm(0);
    const int is_error = strncmp(text, begins, strlen(begins)) == 0;
    if (!CHECK(is_error || (passed && strcmp(text, passed) == 0)))
        printf("    %s on '%s': %.200s\n", who, path, text);
    sqlite3_free(sql);
}

/* place - puts a link to the path in a place of its own. */
static void place(const char *path, const char *at) {
    char full[4096];
    unlink(at);
    if (path[0] == '/' || !path[0])
        snprintf(full, sizeof full, "%s", path[0] ? path : "nowhere");
    else if (!CHECK(getcwd(full, sizeof full - 100) != NULL))
        exit(1);
    else
        snprintf(full + strlen(full), 100, "/%s", path);
    CHECK(symlink(full, at) == 0);
}

static void test_path(sqlite3 *db, const char *path) {
    static const char *const mnist[] = {"train-images-idx3", "train-labels-idx1",
                                        "t10k-images-idx3", "t10k-labels-idx1"};
    char link[200];
    place(path, TMP "/link");
    for (int i = 0; i < 2; i++) {
        const char *p = i ? TMP "/link" : path;
        call(db, "read_idx", p, NULL, sqlite3_mprintf("SELECT * FROM read_idx(%Q)", p));
        call(db, "read_idx", p, NULL,
             sqlite3_mprintf("SELECT * FROM read_idx('" TMP "/images', %Q)", p));
        call(db, "read_mnist", p, NULL,
             sqlite3_mprintf("SELECT * FROM read_mnist(%Q)", p));
        /* Folders are read, as folders; none of these has a picture. */
        call(db, "read_png", p, "0",
             sqlite3_mprintf("SELECT count(pixels) FROM read_png(%Q)", p));
    }
    /* In a folder: each of MNIST's files in turn, a picture, a class. */
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++) {
            snprintf(link, sizeof link, TMP "/real/%s-ubyte", mnist[k]);
            unlink(link);
            if (i == k)
                place(path, link);
            else
                make_file(link, k % 2 ? labels : images,
                          k % 2 ? sizeof labels : sizeof images);
        }
        call(db, "read_mnist", path, NULL,
             sqlite3_mprintf("SELECT * FROM read_mnist('" TMP "/real')"));
    }
    struct stat st;
    const int is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    place(path, TMP "/png/7/b.png");
    call(db, "read_png", path, NULL,
         sqlite3_mprintf("SELECT count(pixels) FROM read_png('" TMP "/png')"));
    unlink(TMP "/png/7/b.png");
    place(path, TMP "/png/8");
    call(db, "read_png", path, "1",
         sqlite3_mprintf("SELECT count(pixels) FROM read_png('" TMP "/png')"));
    place(path, TMP "/png/8.png");
    call(db, "read_png", path, is_folder ? "1" : NULL,
         sqlite3_mprintf("SELECT count(pixels) FROM read_png('" TMP "/png')"));
    unlink(TMP "/png/8.png");
    unlink(TMP "/png/8");
}

/* What is there works by a link as by its name. */
static void test_links(sqlite3 *db) {
    place(TMP "/images", TMP "/link");
    CHECK_SQL(db, "SELECT length(pixels) FROM read_idx('" TMP "/link')", "16");
    place(TMP "/png", TMP "/link");
    CHECK_SQL(db, "SELECT path, label FROM read_png('" TMP "/link')",
              TMP "/link/7/a.png|7");
    /* A folder that holds itself: two levels are read, no more. */
    CHECK(symlink(".", TMP "/png/9") == 0);
    CHECK_SQL(db, "SELECT count(pixels) FROM read_png('" TMP "/png')", "1");
    unlink(TMP "/png/9");
}

/* Devices are told by their names: to open one can wind a tape or start a watchdog. A
 * FIFO stands for them here. */
static void test_not_opened(sqlite3 *db) {
    char events[4096];
    const int fd = inotify_init1(IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch(fd, TMP "/fifo", IN_OPEN) < 0) {
        printf("no inotify: whether a device is opened was not looked at\n");
        return;
    }
    CHECK_SQL(db, "SELECT * FROM read_idx('" TMP "/fifo')",
              "error: read_idx: " TMP "/fifo: is a FIFO; expected a regular file");
    CHECK(read(fd, events, sizeof events) < 0);
    /* It would have been seen. */
    const int fifo = open(TMP "/fifo", O_RDONLY | O_NONBLOCK);
    CHECK(read(fd, events, sizeof events) > 0);
    close(fifo);
    close(fd);
}

int main(void) {
    int input[2];
    sqlite3 *db = sql_open(":memory:");
    make_paths();
    /* Standard input is one that nothing ever comes from. */
    CHECK(pipe(input) == 0 && dup2(input[0], 0) == 0);
    for (int i = 0; i < COUNT(paths); i++) test_path(db, paths[i]);
    test_links(db);
    test_not_opened(db);
    sql_close(db);
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_files");
}
