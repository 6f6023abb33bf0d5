/* interrupt.c - how long it takes from sqlite3_interrupt, at any moment of a run, until
 * the call that trains returns.
 *
 *     make interrupt              20 interrupts of each scenario, of 1,000,000 rows or
 *                                 20,000 digits; SHORT=1: 3, of fewer; TIMES=n: n, up to
 *                                 64
 *
 * A second thread interrupts at random moments of the first epoch and a little of the
 * second, so that each phase is met: reading rows, the first batches, the windows of a
 * set larger than its memory, the holdout, its temperature, the checkpoint. It passes if
 * all of them return within 100 ms, or as much as MOST_MS says. Where other work held the
 * processor, so that this process had less than two thirds of the time, what counts is
 * what it had, on all cores. */
#include <pthread.h>
#include "../host/sql.h"

#define FILE_NAME "build/tmp/interrupt.db"

static double random_unit(void) {
    static unsigned long long state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* --- one run ------------------------------------------------------------------------ */

/* The one who interrupts: after `wait` seconds, unless the run is over before. */
typedef struct stopper {
    sqlite3 *db;
    double wait, at; /* at: when it did so, 0 before */
    double busy;     /* sql_busy then */
    int over;
    pthread_mutex_t mutex;
} stopper;

static void *stop(void *context) {
    stopper *s = context;
    const double start = sql_seconds();
    for (int over = 0; !over && s->at == 0;) {
        struct timespec nap = {0, 200000};
        nanosleep(&nap, NULL);
        pthread_mutex_lock(&s->mutex);
        over = s->over;
        if (!over && sql_seconds() - start >= s->wait) {
            s->at = sql_seconds();
            s->busy = sql_busy();
            sqlite3_interrupt(s->db);
        }
        pthread_mutex_unlock(&s->mutex);
    }
    return NULL;
}

/* run - seconds from the interrupt to the return; below 0 if the run was over before. */
static double run(sqlite3 *db, const char *sql, double wait, int *rc) {
    pthread_t thread;
    stopper s = {.db = db, .wait = wait};
    pthread_mutex_init(&s.mutex, NULL);
    CHECK(pthread_create(&thread, NULL, stop, &s) == 0);
    *rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    const double returned = sql_seconds(), busy = sql_busy();
    pthread_mutex_lock(&s.mutex);
    s.over = 1;
    pthread_mutex_unlock(&s.mutex);
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&s.mutex);
    if (s.at == 0) return -1;
    const double late = returned - s.at, used = busy - s.busy;
    return late > 1.5 * used ? used / (double)sysconf(_SC_NPROCESSORS_ONLN) : late;
}

/* --- scenarios ---------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* scenario - `times` interrupts of a statement that would go on for long; `once` is what
 * takes as long as the part of it that is looked at. */
static void scenario(sqlite3 *db, const char *name, const char *once, const char *sql,
                     int times, double most) {
    double late[64];
    int n = 0, rc;
    const double start = sql_seconds();
    sql_run(db, once);
    const double length = sql_seconds() - start;
    for (int i = 0; i < times; i++) {
        /* One in each part of it, anywhere in that part. */
        const double wait = length * 1.1 * (i + random_unit()) / times;
        late[n] = run(db, sql, wait, &rc);
        if (late[n] < 0) continue;
        CHECK(rc == SQLITE_INTERRUPT);
        CHECK(sqlite3_get_autocommit(db) == 1);
        if (late[n] > most)
            printf("    late by %.0f ms, interrupted after %.3f of %.3f s\n",
                   1e3 * late[n], wait, length);
        n++;
    }
    qsort(late, (size_t)n, sizeof *late, compare);
    CHECK(n > 0 && late[n - 1] <= most);
    if (n)
        printf("%-44s %6.1f s %4d %8.1f %8.1f\n", name, length, n, 1e3 * late[n / 2],
               1e3 * late[n - 1]);
}

#include "interrupt_pictures.h"

/* many_rows - images of 25 bytes: of 16, one in a hundred looks like four floats. */
static void many_rows(sqlite3 *db, int rows) {
    char sql[400];
    snprintf(
        sql, sizeof sql,
        "CREATE TABLE many(id INTEGER PRIMARY KEY, pixels, label); "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO many SELECT i, randomblob(25), i %% 10 FROM n; "
        "CREATE VIEW seen AS SELECT pixels, label FROM many",
        rows);
    sql_run(db, sql);
}

#define TRAIN(source, options)                                                           \
    "SELECT * FROM train_model('" source "', 't') WHERE " options

int main(void) {
    const int is_short = getenv("SHORT") != NULL;
    const int wanted = getenv("TIMES") ? atoi(getenv("TIMES")) : is_short ? 3 : 20;
    const int times = wanted < 1 ? 1 : wanted > 64 ? 64 : wanted;
    const double most = (getenv("MOST_MS") ? atof(getenv("MOST_MS")) : 100) / 1e3;
    sqlite3 *db = sql_new(FILE_NAME);
    many_rows(db, is_short ? 100000 : 1000000);
    sql_run(db, is_short
                    ? "CREATE TABLE digits AS SELECT * FROM synthetic_digits(1000)"
                    : "CREATE TABLE digits AS SELECT * FROM synthetic_digits(20000)");
    printf("%-44s %8s %4s %8s %8s\n", "from interrupt to return", "length", "n", "median",
           "worst ms");
#define ROWS(options)                                                                    \
    TRAIN("many", options " AND epochs = 1"), TRAIN("many", options " AND epochs = 99")
    scenario(db, is_short ? "100,000 rows in memory" : "1,000,000 rows in memory",
             ROWS("layers = '16N' AND batch = 256"), times, most);
    scenario(db, "the same, holdout = 0.9", ROWS("layers = '16N' AND holdout = 0.9"),
             times, most);
    scenario(db, "the same in windows of 1 MB",
             ROWS("layers = 'softmax' AND batch = 1024 AND cache_mb = 1"), times, most);
    scenario(db, "a view, 8 MB of memory",
             TRAIN("seen", "layers = 'softmax' AND cache_mb = 8 AND epochs = 1"),
             TRAIN("seen", "layers = 'softmax' AND cache_mb = 8 AND epochs = 99"), times,
             most);
#define DIGITS(options)                                                                  \
    TRAIN("digits", options " AND epochs = 1"),                                          \
        TRAIN("digits", options " AND epochs = 99")
    scenario(db, "'deep', augmented", DIGITS("layers = 'deep' AND augment = 1"), times,
             most);
    scenario(db, "'cnn', 10,000 images a step, one thread",
             DIGITS("layers = 'cnn' AND batch = 10000 AND threads = 1"), times, most);
    scenario(db, "three layers of 32 maps of 28x28, 5x5",
             DIGITS("layers = '32C5-32C5b-32C5' AND batch = 500 AND holdout = 0.5"),
             times, most);
    sql_run(db, TRAIN("digits", "layers = 'cnn' AND epochs = 3"));
    scenario(db, "verify_model", "SELECT * FROM verify_model('t')",
             "SELECT * FROM verify_model('t')", times, most);
    scenario(db, "predict_model", "SELECT count(*) FROM predict_model('digits')",
             "SELECT count(*) FROM predict_model('digits'), (VALUES (1), (2), (3))",
             times, most);
    CHECK(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0);
    sql_close(db);
    pictures(times, most);
    CHECK(sqlite3_memory_used() == 0);
    return check_done("interrupt");
}
