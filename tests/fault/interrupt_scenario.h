/* interrupt_scenario.h - for interrupt.c: interrupts of a statement at random moments, by
 * sqlite3_interrupt from a second thread and by a progress handler every 1,000
 * instructions.
 *
 *     interrupts(db, "digit_png", "SELECT digit_png(b) FROM raw", NULL, times, most);
 *     all_interrupted();   // fails for a function or table of ours that none of them had
 *
 *     longest_gap(db, "SELECT digit_png(b) FROM raw"); // seconds
 *
 * Seconds that other programs had the processor for do not count: what does is the time
 * that the calling thread worked, or the process on all cores if that is more, but never
 * more than the clock says. */
#include <pthread.h>
#include "../host/sql.h"

static double random_unit(void) {
    static unsigned long long state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* --- time ------------------------------------------------------------------------------

 * Seconds worked, by a thread and by all of them. */
typedef struct busy_times {
    double thread, all;
} busy_times;

static busy_times busy_now(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (busy_times){(double)now.tv_sec + 1e-9 * (double)now.tv_nsec, sql_busy()};
}

/* late_by - how long it took, of `seconds` by the clock, since `before`. */
static double late_by(double seconds, busy_times before, busy_times after) {
    const double all = (after.all - before.all) / (double)sysconf(_SC_NPROCESSORS_ONLN);
    const double thread = after.thread - before.thread;
    const double used = thread > all ? thread : all;
    return used < seconds ? used : seconds;
}

/* --- one run ------------------------------------------------------------------------ */

/* The one who interrupts: after `wait` seconds, unless the run is over before. */
typedef struct stopper {
    sqlite3 *db;
    double wait, at; /* at: when it did so, 0 before */
    busy_times busy; /* then */
    clockid_t clock; /* of the thread that is interrupted */
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
            s->busy = busy_now(s->clock);
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
    CHECK(pthread_getcpuclockid(pthread_self(), &s.clock) == 0);
    CHECK(pthread_create(&thread, NULL, stop, &s) == 0);
    *rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    const double returned = sql_seconds();
    const busy_times busy = busy_now(s.clock);
    pthread_mutex_lock(&s.mutex);
    s.over = 1;
    pthread_mutex_unlock(&s.mutex);
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&s.mutex);
    return s.at == 0 ? -1 : late_by(returned - s.at, s.busy, busy);
}

/* The same by a progress handler. */
typedef struct handler {
    double from;     /* when it is to stop */
    busy_times busy; /* at the last call before */
} handler;

static int handler_call(void *context) {
    handler *h = context;
    if (sql_seconds() >= h->from) return 1;
    h->busy = busy_now(CLOCK_THREAD_CPUTIME_ID);
    return 0;
}

/* handled - seconds from the moment at which a handler wants to stop to the return; below
 * 0 if the run was over before. */
static double handled(sqlite3 *db, const char *sql, double wait, int *rc) {
    handler h = {sql_seconds() + wait, busy_now(CLOCK_THREAD_CPUTIME_ID)};
    sqlite3_progress_handler(db, 1000, handler_call, &h);
    *rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    const double late =
        late_by(sql_seconds() - h.from, h.busy, busy_now(CLOCK_THREAD_CPUTIME_ID));
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return *rc == SQLITE_OK ? -1 : late;
}

/* --- between two checks ------------------------------------------------------------- */

/* The longest while between two calls of a progress handler: no interrupt waits longer,
 * at whatever moment. */
typedef struct pace {
    double last, longest;
    busy_times busy; /* at the last call */
} pace;

static int pace_call(void *context) {
    pace *p = context;
    const double now = sql_seconds();
    const busy_times busy = busy_now(CLOCK_THREAD_CPUTIME_ID);
    const double gap = late_by(now - p->last, p->busy, busy);
    if (gap > p->longest) p->longest = gap;
    p->last = now;
    p->busy = busy;
    return 0;
}

/* longest_gap - of a statement that nobody interrupts, its start and its end included. */
static double longest_gap(sqlite3 *db, const char *sql) {
    pace p = {sql_seconds(), 0, busy_now(CLOCK_THREAD_CPUTIME_ID)};
    sqlite3_progress_handler(db, 1000, pace_call, &p);
    sql_run(db, sql);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    pace_call(&p);
    return p.longest;
}

/* --- a row of the table ------------------------------------------------------------- */

/* All that was interrupted. */
static char interrupted[1 << 16];

/* interrupts - `times` interrupts of each kind of a statement, and its longest gap.
 *
 *   once   what takes as long as the part of it that is looked at; NULL: itself */
static void interrupts(sqlite3 *db, const char *name, const char *sql, const char *once,
                       int times, double most) {
    double worst[2] = {0};
    int n = 0, rc;
    CHECK(strlen(interrupted) + strlen(sql) < sizeof interrupted);
    strcat(interrupted, sql);
    const double start = sql_seconds();
    const double gap = longest_gap(db, once ? once : sql);
    const double length = sql_seconds() - start;
    for (int i = 0; i < 2 * times; i++) {
        /* One in each part of it, anywhere in that part. */
        const double wait = length * (once ? 1.1 : 1) * (i / 2 + random_unit()) / times;
        const double late = (i % 2 ? handled : run)(db, sql, wait, &rc);
        /* After its last check it ends, as if nobody had asked. */
        if (late < 0 || (rc == SQLITE_OK && late <= gap)) continue;
        if (!CHECK(rc == SQLITE_INTERRUPT))
            printf("    %d: %s\n", rc, sqlite3_errmsg(db));
        CHECK(sqlite3_get_autocommit(db) == 1);
        if (!sqlite3_get_autocommit(db)) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        if (late > worst[i % 2]) worst[i % 2] = late;
        if (late > most)
            printf("    late by %.0f ms, interrupted after %.3f of %.3f s\n", 1e3 * late,
                   wait, length);
        n++;
    }
    if (!CHECK(gap <= most && worst[0] <= most && worst[1] <= most))
        printf("    %s\n", name);
    printf("%-48s %6.2f s %4d %8.1f %8.1f %8.1f\n", name, length, n, 1e3 * worst[0],
           1e3 * worst[1], 1e3 * gap);
}

/* --- all of ours -------------------------------------------------------------------- */

static int is_word(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int was_interrupted(const char *name) {
    const size_t n = strlen(name);
    for (const char *p = interrupted; (p = strstr(p, name)); p++)
        if ((p == interrupted || !is_word(p[-1])) && !is_word(p[n])) return 1;
    return 0;
}

/* all_interrupted - whether each function and table that SQLite has of ours was. */
static void all_interrupted(void) {
    strcat(interrupted, " digitnet_checkpoint "); /* a part of train_model */
    sqlite3 *db = sql_new(":memory:"), *without = NULL;
    sqlite3_stmt *s = NULL, *known = NULL;
    CHECK(sqlite3_open(":memory:", &without) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(without,
                             "SELECT 1 FROM pragma_function_list WHERE name = ?1 UNION "
                             "SELECT 1 FROM pragma_module_list WHERE name = ?1",
                             -1, &known, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT name FROM pragma_function_list UNION "
                             "SELECT name FROM pragma_module_list",
                             -1, &s, NULL) == SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        sqlite3_bind_text(known, 1, name, -1, SQLITE_TRANSIENT);
        if (sqlite3_step(known) != SQLITE_ROW && !CHECK(was_interrupted(name)))
            printf("    nobody interrupts %s\n", name);
        sqlite3_reset(known);
    }
    sqlite3_finalize(known);
    sqlite3_finalize(s);
    sqlite3_close(without);
    sql_close(db);
}
