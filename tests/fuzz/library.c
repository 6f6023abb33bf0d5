/* library.c - digitnet, linked in: see library.h. */
#include "library.h"

int sqlite3_digitnet_init(sqlite3 *, char **, const void *);

sqlite3 *library_open(void) {
    sqlite3 *db = NULL;
    sqlite3_auto_extension((void (*)(void))sqlite3_digitnet_init);
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) abort();
    return db;
}

void library_start(void) {
    static int started;
    if (started++) return;
    sqlite3_close(library_open());
}

void library_run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    abort();
}
