/* interrupt.h - checks for interrupts during long work.
 *
 *     ext_poll poll = {0};
 *     while (work) {
 *         … some milliseconds of it …
 *         if ((rc = ext_poll_check(&poll, db)) != SQLITE_OK) break;
 *     }
 *     ext_poll_end(&poll);
 *
 * sqlite3_interrupt and a progress handler act on running statements, so a check runs
 * one: a small count that takes some thousand steps of SQLite's machine. It is kept from
 * check to check, since SQLite adds up a statement's steps to know when to call the
 * handler.
 *
 * Whether work takes long enough for a check depends on the time, so what an authorizer
 * answers must not matter: where it denies the count, or a limit forbids it, checks run a
 * statement about which SQLite asks no authorizer. Nothing fails, and all can be
 * stopped. */
#ifndef EXT_INTERRUPT_H
#define EXT_INTERRUPT_H

#include "ext.h"

typedef struct ext_poll {
    sqlite3_stmt *statement;
    int is_denied; /* the count is, so the other statement is run */
    double last;   /* ext_seconds() of the last check */
} ext_poll;

/* ext_poll_check - SQLITE_OK to go on, SQLITE_INTERRUPT to stop, or another error. Does
 * something only if the last check was 10 ms ago or more. Start from zeros. */
int ext_poll_check(ext_poll *poll, sqlite3 *db);

/* ext_poll_now - the same however short a while ago the last check was: for a place where
 * an interrupt must not be missed, such as before a write (which would take the host's
 * whole transaction back if the interrupt met it and not us). */
int ext_poll_now(ext_poll *poll, sqlite3 *db);

/* ext_watch - the same asked by core and the loaders: stop of a dn_watch or a load_stop,
 * whose context this is. Whatever else can go wrong with a check is no reason to stop. */
typedef struct ext_watch {
    ext_poll poll;
    sqlite3 *db;
    double worked; /* seconds without a check, in calls before */
} ext_watch;
int ext_watch_stop(void *watch);

/* ext_watch_begin, ext_watch_end - around the work of one call of a function that is
 * called for row after row: many short calls are as long as a long one, so the time since
 * the last check is carried over from call to call. A call shorter than 10 ms seldom
 * costs more than a look at the clock. ext_watch_end frees the statement. */
void ext_watch_begin(ext_watch *watch);
void ext_watch_end(ext_watch *watch);

/* ext_poll_end - frees the statement: before the caller's own statement ends. */
void ext_poll_end(ext_poll *poll);

/* ext_seconds - a clock that only goes forward. */
double ext_seconds(void);

/* ext_sleep - waits for less than a second. Not sqlite3_sleep: in an older SQLite
 * compiled without HAVE_USLEEP that waits for whole seconds, and no interrupt is noticed
 * in them. */
void ext_sleep(int milliseconds);

#endif
