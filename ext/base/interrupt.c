/* interrupt.c - checks for interrupts during long work: see interrupt.h. */
#include <time.h>
#include "interrupt.h"

#define SECONDS_BETWEEN 0.01

/* Some 1,500 steps in some 30 µs: with a check each 10 ms, a progress handler set to
 * every 10,000 steps is called within 100 ms, and the checks take less than a hundredth
 * of the time. */
static const char count_sql[] =
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) "
    "SELECT count(*) FROM c";

double ext_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ext_sleep(int milliseconds) {
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000L}, NULL);
}

int ext_poll_now(ext_poll *poll, sqlite3 *db) {
    poll->last = ext_seconds();
    if (!poll->statement) {
        int rc = sqlite3_prepare_v2(db, count_sql, -1, &poll->statement, NULL);
        if (rc != SQLITE_OK) return rc;
    }
    sqlite3_step(poll->statement);
    int rc = sqlite3_reset(poll->statement);
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
