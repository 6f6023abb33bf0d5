/* sql.h - what the tests that open databases have in common: opening one with digitnet in
 * it, running SQL, and tables of tiny images.
 *
 * The library is ./digitnet.so, or linked in where SQLITE_CORE is defined. */
#ifndef SQL_H
#define SQL_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../unit/check.h"

#ifdef SQLITE_CORE
int sqlite3_digitnet_init(sqlite3 *, char **, const void *);
#endif

static inline double sql_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* sql_busy - seconds of the processor that this process has used, on all cores: what
 * others do beside it does not count. */
static inline double sql_busy(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* sql_sleep - by itself: sqlite3_sleep may know whole seconds only (SQLite 3.31 compiled
 * without HAVE_USLEEP). */
static inline void sql_sleep(int ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* sql_patience - seconds of the processor (sql_busy) that may go by until an interrupt is
 * heeded, twenty times what it needs; an emulator takes its time. */
static inline double sql_patience(void) {
    return check_emulated() ? 30 : check_sanitised() ? 5 : 2;
}

/* sql_open - a connection with digitnet loaded. */
static inline sqlite3 *sql_open_flags(const char *path, int flags) {
    sqlite3 *db = NULL;
    char *error = NULL;
    if (!CHECK(sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK)) exit(1);
#ifdef SQLITE_CORE
    CHECK(sqlite3_digitnet_init(db, &error, NULL) == SQLITE_OK);
#else
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    if (sqlite3_load_extension(db, "./digitnet.so", NULL, &error) != SQLITE_OK) {
        CHECK_STR(error, "no error");
        exit(1);
    }
#endif
    return db;
}

static inline sqlite3 *sql_open(const char *path) {
    return sql_open_flags(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

/* sql_new - the same for a file made afresh. */
static inline sqlite3 *sql_new(const char *path) {
    char name[256];
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return sql_open(path);
}

/* sql_close - nothing of ours may stand in the way of sqlite3_close. */
static inline void sql_close(sqlite3 *db) { CHECK(sqlite3_close(db) == SQLITE_OK); }

/* sql_run - runs SQL that is to succeed. */
#define sql_run(db, sql) sql_run_at(db, sql, __FILE__, __LINE__)
static inline void sql_run_at(sqlite3 *db, const char *sql, const char *file, int line) {
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK) {
        check_passed++;
        return;
    }
    check_failed++;
    printf("%s:%d: %s\n    is: %s\n", file, line, sql, error);
    sqlite3_free(error);
}

/* sql_text - the values of a statement's rows, '|' between columns and ' ' between rows;
 * or "error: …". Valid until it was called four times more. */
static inline const char *sql_text(sqlite3 *db, const char *sql) {
    static char texts[4][2048];
    static int next;
    char *text = texts[next++ % 4];
    size_t n = 0, size = sizeof texts[0];
    sqlite3_stmt *s = NULL;
    text[0] = 0;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *value = (const char *)sqlite3_column_text(s, i);
            n += (size_t)snprintf(text + n, size - n, "%s%s",
                                  i   ? "|"
                                  : n ? " "
                                      : "",
                                  value ? value : "NULL");
            if (n >= size) n = size - 1;
        }
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_DONE) snprintf(text, size, "error: %s", sqlite3_errmsg(db));
    sqlite3_finalize(s);
    return text;
}

#define CHECK_SQL(db, sql, want) CHECK_STR(sql_text(db, sql), want)

/* sql_images - a table of n images of 4×4 uint8 pixels: bright above and dark below where
 * i is even, else the other way round, with a little noise. label is i % 2, or the other
 * one if swapped. */
static inline void sql_images(sqlite3 *db, const char *table, int n, int swapped) {
    char sql[256];
    sqlite3_stmt *s = NULL;
    unsigned noise = 12345;
    snprintf(sql, sizeof sql, "CREATE TABLE %s(id INTEGER PRIMARY KEY, pixels, label)",
             table);
    sql_run(db, sql);
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES(?1, ?2, ?3)", table);
    CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sql_run(db, "BEGIN");
    for (int i = 0; i < n; i++) {
        unsigned char pixels[16];
        for (int k = 0; k < 16; k++) {
            noise = noise * 1664525u + 1013904223u;
            pixels[k] = (unsigned char)((k < 8) == (i % 2 == 0) ? 200 + noise % 56u / 2u
                                                                : noise >> 24 & 31u);
        }
        sqlite3_bind_int(s, 1, i);
        sqlite3_bind_blob(s, 2, pixels, sizeof pixels, SQLITE_TRANSIENT);
        sqlite3_bind_int(s, 3, swapped ? 1 - i % 2 : i % 2);
        CHECK(sqlite3_step(s) == SQLITE_DONE);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    sql_run(db, "COMMIT");
}

/* Options that make training on these images a matter of milliseconds. */
#define QUICK " WHERE layers = 'softmax' AND epochs = 3 AND batch = 8 AND rate = 0.1 "

#endif
