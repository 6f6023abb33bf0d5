/* test_two.c - two SQLite libraries in one process load the same digitnet: the second is
 * refused with a sentence, and the first goes on. They have a table of routines each, and
 * we one pointer: calling the first's connections by the second's table crashed.
 *
 * The second is a copy of the SQLite that this program is linked with, by another
 * name. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include "sql.h"

#define COPY  "build/tmp/second_sqlite.so"
#define LOADS 50

static struct {
    int (*open)(const char *, sqlite3 **);
    int (*close)(sqlite3 *);
    int (*config)(sqlite3 *, int, ...);
    int (*load)(sqlite3 *, const char *, const char *, char **);
    void (*free)(void *);
} second;

/* second_open - loads the copy; 0 where SQLite or a sanitizer is linked in. */
static int second_open(void) {
    Dl_info info;
    char command[4200];
    if (check_sanitised() || check_emulated()) return 0;
    if (!dladdr((void *)(size_t)sqlite3_libversion, &info) ||
        !strstr(info.dli_fname, "libsqlite3"))
        return 0;
    snprintf(command, sizeof command, "cp '%s' " COPY, info.dli_fname);
    if (!CHECK(system(command) == 0)) return 0;
    void *library = dlopen(COPY, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!CHECK(library != NULL)) return 0;
    *(void **)&second.open = dlsym(library, "sqlite3_open");
    *(void **)&second.close = dlsym(library, "sqlite3_close");
    *(void **)&second.config = dlsym(library, "sqlite3_db_config");
    *(void **)&second.load = dlsym(library, "sqlite3_load_extension");
    *(void **)&second.free = dlsym(library, "sqlite3_free");
    return CHECK(second.open && second.open != sqlite3_open && second.load);
}

static void second_load(void) {
    sqlite3 *db = NULL;
    char *error = NULL;
    CHECK(second.open(":memory:", &db) == SQLITE_OK);
    second.config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    CHECK(second.load(db, "./digitnet.so", NULL, &error) == SQLITE_ERROR);
    CHECK(error && strstr(error, "by another SQLite library (") != NULL);
    second.free(error);
    CHECK(second.close(db) == SQLITE_OK);
}

static void *first_loads(void *unused) {
    (void)unused;
    for (int i = 0; i < LOADS; i++) {
        sqlite3 *db = sql_open(":memory:");
        CHECK_SQL(db, "SELECT digit_predict(zeroblob(784)) IS NULL", "0");
        sql_close(db);
    }
    return NULL;
}

static void *second_loads(void *unused) {
    for (int i = 0; i < LOADS; i++) second_load();
    return unused;
}

int main(void) {
    if (!second_open()) {
        printf("skipped: there is no second SQLite\n");
        CHECK(1);
        return check_done("test_two");
    }
    sqlite3 *db = sql_open(":memory:");
    second_load();
    sql_images(db, "images", 40, 0);
    CHECK_SQL(db, "SELECT count(*) FROM train_model('images')" QUICK, "3");
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('images')", "40");
    pthread_t other;
    CHECK(pthread_create(&other, NULL, second_loads, NULL) == 0);
    first_loads(NULL);
    pthread_join(other, NULL);
    sql_close(db);
    return check_done("test_two");
}
