/* host.h - what a host program does with SQLite, for bench.c: opens a database, loads the
 * library, runs SQL. The benchmark is a program of its own: where something fails, it
 * says so and ends. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <sqlite3.h>

/* host_fail - prints "bench: …" and ends the program. */
void host_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

double host_seconds(void); /* a clock that only goes forward */
double host_cpu(void);     /* seconds that all threads of this process have computed */
void host_rest(void);      /* some milliseconds: spinning threads of a peer go to sleep */

/* host_open - a connection with the library at path so in it; read and written without
 * waiting for the disk. */
sqlite3 *host_open(const char *path, const char *so);

/* host_run - runs SQL made as by sqlite3_mprintf (%d, %Q, …) and drops its rows. */
void host_run(sqlite3 *db, const char *sql, ...);

/* host_number - the first value of its first row; the statement is run to its end. */
double host_number(sqlite3 *db, const char *sql, ...);

/* host_text - the same as text, cut off at size - 1 bytes. */
void host_text(sqlite3 *db, const char *sql, char *out, size_t size);

/* host_try - 1 if SQL without parameters can be run, 0 if not. */
int host_try(sqlite3 *db, const char *sql);

/* host_worked - seconds that this process and its ended children have computed. */
double host_worked(void);

/* host_memory - the largest memory that this process has had, in MB; 0 if unknown. */
double host_memory(void);

/* host_use_cores - lets this process run on n cores only: the one it is on and those that
 * follow it, among those it was started with. 0: on all of them. */
void host_use_cores(int n);

/* host_cores - how many it was started with. */
int host_cores(void);

/* host_load - the machine's load average of the last minute; 0 if unknown. */
double host_load(void);

/* host_median - of n numbers, which are sorted; 0 for n = 0. */
double host_median(double *values, int n);

#endif
