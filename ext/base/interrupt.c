/* interrupt.c - checks for interrupts during long work: see interrupt.h. */
#include <time.h>
#include "interrupt.h"

#define SECONDS_BETWEEN 0.01

/* With a thousand steps each 10 ms, a progress handler set to every 10,000 steps is
 * called within 100 ms. */
#define STEPS 1000

/* Some 1,700 steps in some 30 µs, so checks take less than a hundredth of the time. */
static const char count_sql[] =
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) "
    "SELECT count(*) FROM c";

/* SQLite asks no authorizer about a trigger that is not there, and none can have this
 * name. Three steps: hundreds of runs are one check, and a host that traces statements
 * sees each, so this is for where count_sql is denied. */
static const char unasked_sql[] = "DROP TRIGGER IF EXISTS temp.sqlite_none";

double ext_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ext_sleep(int milliseconds) {
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000L}, NULL);
}

static int steps_of(sqlite3_stmt *statement) {
    return sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
}

/* run_steps - runs a statement, kept or new, until it has made STEPS. What an authorizer
 * ignores in count_sql can leave it two steps long. */
static int run_steps(ext_poll *poll, sqlite3 *db, const char *sql) {
    int rc = SQLITE_OK;
    if (!poll->statement) rc = sqlite3_prepare_v2(db, sql, -1, &poll->statement, NULL);
    const unsigned before = poll->statement ? (unsigned)steps_of(poll->statement) : 0;
    for (int i = 0; rc == SQLITE_OK && i < STEPS; i++) {
        sqlite3_step(poll->statement);
        rc = sqlite3_reset(poll->statement);
        if ((unsigned)steps_of(poll->statement) - before >= STEPS) break;
    }
    return rc;
}

int ext_poll_now(ext_poll *poll, sqlite3 *db) {
    int rc = run_steps(poll, db, poll->is_denied ? unasked_sql : count_sql);
    if (rc != SQLITE_OK && rc != SQLITE_INTERRUPT && !poll->is_denied) {
        ext_poll_end(poll);
        poll->is_denied = 1;
        rc = run_steps(poll, db, unasked_sql);
    }
    poll->last = ext_seconds();
    return rc;
}

int ext_poll_check(ext_poll *poll, sqlite3 *db) {
    return ext_seconds() - poll->last < SECONDS_BETWEEN ? SQLITE_OK
                                                        : ext_poll_now(poll, db);
}

int ext_watch_stop(void *context) {
    ext_watch *watch = context;
    return ext_poll_check(&watch->poll, watch->db) == SQLITE_INTERRUPT;
}

void ext_watch_begin(ext_watch *watch) {
    watch->poll.last = ext_seconds() - watch->worked;
}

void ext_watch_end(ext_watch *watch) {
    watch->worked = ext_seconds() - watch->poll.last;
    ext_poll_end(&watch->poll);
}

void ext_poll_end(ext_poll *poll) {
    sqlite3_finalize(poll->statement);
    poll->statement = NULL;
}
