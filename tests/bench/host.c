/* host.c - see host.h. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "host.h"

void host_fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fflush(stdout);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

/* --- time --------------------------------------------------------------------------- */

double host_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double host_cpu(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

double host_load(void) {
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

void host_rest(void) {
    const struct timespec time = {0, 30000000};
    nanosleep(&time, NULL);
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double host_median(double *values, int n) {
    if (n < 1) return 0;
    qsort(values, (size_t)n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double host_worked(void) {
    static const int who[2] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    double seconds = 0;
    for (int i = 0; i < 2; i++) {
        struct rusage used;
        getrusage(who[i], &used);
        seconds += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
        seconds += 1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    }
    return seconds;
}

/* getrusage would not do: its figure is also that of the process which started this
 * one. */
double host_memory(void) {
    char line[256];
    double kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf", &kilobytes) == 1) break;
    if (file) fclose(file);
    return kilobytes / 1024;
}

/* --- SQL ---------------------------------------------------------------------------- */

sqlite3 *host_open(const char *path, const char *so) {
    sqlite3 *db = NULL;
    char *error = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) host_fail("%s: cannot be opened", path);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    if (sqlite3_load_extension(db, so, NULL, &error) != SQLITE_OK)
        host_fail("%s: %s", so, error);
    sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    return db;
}

/* step_all - runs a statement to its end; the first value of its first row. */
static double step_all(sqlite3 *db, char *sql) {
    sqlite3_stmt *statement = NULL;
    double first = 0;
    int rc = sql ? sqlite3_prepare_v2(db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        first = sqlite3_column_double(statement, 0);
    while (rc == SQLITE_ROW) rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE) host_fail("%s\n    in: %s", sqlite3_errmsg(db), sql);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return first;
}

void host_run(sqlite3 *db, const char *sql, ...) {
    va_list list;
    va_start(list, sql);
    step_all(db, sqlite3_vmprintf(sql, list));
    va_end(list);
}

double host_number(sqlite3 *db, const char *sql, ...) {
    va_list list;
    va_start(list, sql);
    const double value = step_all(db, sqlite3_vmprintf(sql, list));
    va_end(list);
    return value;
}

void host_text(sqlite3 *db, const char *sql, char *out, size_t size) {
    sqlite3_stmt *statement = NULL;
    const char *text = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        text = (const char *)sqlite3_column_text(statement, 0);
    if (!text) host_fail("%s\n    in: %s", sqlite3_errmsg(db), sql);
    snprintf(out, size, "%s", text);
    sqlite3_finalize(statement);
}

int host_try(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* --- cores -------------------------------------------------------------------------- */

#ifdef __linux__
/* The cores this process was started with: those of its parent, who never changes. */
static cpu_set_t cores_at_start(void) {
    static cpu_set_t set;
    static int known;
    if (!known) sched_getaffinity(0, sizeof set, &set);
    known = 1;
    return set;
}

int host_cores(void) {
    const cpu_set_t set = cores_at_start();
    return CPU_COUNT(&set);
}

void host_use_cores(int n) {
    const cpu_set_t all = cores_at_start();
    const int here = sched_getcpu();
    cpu_set_t some;
    CPU_ZERO(&some);
    for (int k = 0, found = 0; k < CPU_SETSIZE && found < n; k++) {
        const size_t core = (size_t)(here + k) % CPU_SETSIZE;
        if (!CPU_ISSET(core, &all)) continue;
        CPU_SET(core, &some);
        found++;
    }
    sched_setaffinity(0, sizeof some, n > 0 ? &some : &all);
}
#else
int host_cores(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }
void host_use_cores(int n) { (void)n; } /* nothing to be done about it here */
#endif
