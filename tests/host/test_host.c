/* test_host.c - what a host may forbid while ours work, and what they say then:
 *
 * - an authorizer that denies, or ignores, each action code in turn, and each single call
 *   of it; what it says of the checks for interrupts changes nothing
 * - a progress handler that stops at the first, second, … step
 *
 * test_switches.c has limits and switches, and what cannot be written to. */
#define _GNU_SOURCE
#include "one_core.h"
#include "operations.h"

/* --- authorizers -------------------------------------------------------------------- */

#define MOST_ACTIONS 40

typedef struct guard {
    int code;   /* the action that is denied, each time; 0 for none */
    int call;   /* the call that is denied, 1 for the first; 0 for none */
    int answer; /* SQLITE_DENY or SQLITE_IGNORE */
    int calls, denied;
    int seen[MOST_ACTIONS]; /* calls by action */
    char what[200];         /* the last that was denied */
} guard;

static int authorize(void *context, int code, const char *a, const char *b,
                     const char *schema, const char *trigger) {
    guard *g = context;
    (void)trigger;
    g->calls++;
    if (code > 0 && code < MOST_ACTIONS) g->seen[code]++;
    if (code != g->code && g->calls != g->call) return SQLITE_OK;
    g->denied++;
    snprintf(g->what, sizeof g->what, "action %d (%s, %s, %s), call %d", code, a ? a : "",
             b ? b : "", schema ? schema : "", g->calls);
    return g->answer;
}

/* denied - whether what was denied is told as that. A check for an interrupt takes place
 * or not, by the time, so where only one is denied all must be as usual. Why a run cannot
 * be verified may be told by a row. */
static int denied(sqlite3 *db, const operation *o, int rc, const outcome *given,
                  const outcome *usual) {
    if (rc == SQLITE_OK)
        return CHECK(strcmp(o->name, "verifying") == 0 || is_same_outcome(given, usual));
    return CHECK(rc == SQLITE_AUTH || rc == SQLITE_ERROR) &&
           CHECK(strstr(sqlite3_errmsg(db), "not authorized") ||
                 strstr(sqlite3_errmsg(db), "authorization denied") ||
                 strstr(sqlite3_errmsg(db), "prohibited"));
}

/* guarded - an operation under a guard; what is stored is then whole. usual: what it
 * gives without. */
static void guarded(sqlite3 *db, sqlite3 *start, const operation *o, guard *g,
                    const outcome *usual) {
    start_over(db, start);
    sqlite3_set_authorizer(db, authorize, g);
    outcome given;
    const int rc = perform(db, o, &given);
    int ok = rc == SQLITE_OK || is_told(db, o);
    sqlite3_set_authorizer(db, NULL, NULL);
    if (g->denied && g->answer == SQLITE_DENY) ok &= denied(db, o, rc, &given, usual);
    if (g->denied == 0) ok &= CHECK(rc == SQLITE_OK);
    /* Ignoring leaves out what the host wants left out: a column, an index. It is
     * nobody's training any more, but a row of training is one of a model that is
     * there. */
    if (g->answer == SQLITE_DENY)
        ok &= is_whole(db, g->call % 8 == 0);
    else {
        ok &= CHECK(sqlite3_get_autocommit(db) == 1) &&
              CHECK(!sqlite3_next_stmt(db, NULL)) &&
              CHECK(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0);
        if (given.rows && !strstr(g->what, "action 23") && o->sql &&
            strstr(o->sql, "'new'"))
            ok &= CHECK(
                sql_int(db, "SELECT epochs FROM digitnet_models WHERE name = 'new'") ==
                given.rows);
    }
    if (!ok) printf("    %s: %s: rc %d\n", o->name, g->what, rc);
}

/* The report is SQLite's own affair: plain SQL, and 3.40 does not survive a SELECT of it
 * that is ignored. */
static void test_authorizer(sqlite3 *start) {
    int seen[MOST_ACTIONS] = {0}, calls = 0;
    for (int i = 0; i < COUNT(operations); i++) {
        const operation *o = &operations[i];
        sqlite3 *db = sql_open(":memory:");
        sql_run(db, PREDICTIONS);
        guard all = {0};
        outcome usual;
        start_over(db, start);
        CHECK(perform(db, o, &usual) == SQLITE_OK);
        guarded(db, start, o, &all, &usual);
        for (int code = 1; code < MOST_ACTIONS; code++) {
            seen[code] += all.seen[code];
            if (!all.seen[code]) continue;
            guarded(db, start, o, &(guard){.code = code, .answer = SQLITE_DENY}, &usual);
            if (o->sql)
                guarded(db, start, o, &(guard){.code = code, .answer = SQLITE_IGNORE},
                        &usual);
        }
        for (int call = 1; call <= all.calls; call++) {
            guarded(db, start, o, &(guard){.call = call, .answer = SQLITE_DENY}, &usual);
            if (o->sql)
                guarded(db, start, o, &(guard){.call = call, .answer = SQLITE_IGNORE},
                        &usual);
        }
        calls += all.calls;
        sql_close(db);
    }
    printf("authorizer: %d calls denied and ignored; actions", calls);
    for (int code = 1; code < MOST_ACTIONS; code++)
        if (seen[code]) printf(" %d", code);
    printf("\n");
    /* What ours are made of: SQLITE_INSERT, _PRAGMA, _READ, _SELECT, _UPDATE, _FUNCTION,
     * _RECURSIVE. */
    CHECK(seen[SQLITE_INSERT] && seen[SQLITE_PRAGMA] && seen[SQLITE_READ] &&
          seen[SQLITE_SELECT] && seen[SQLITE_UPDATE] && seen[SQLITE_FUNCTION] &&
          seen[SQLITE_RECURSIVE] && seen[SQLITE_CREATE_TABLE]);
}

/* no_files - a host's authorizer that keeps SQL from files. */
static int no_files(void *context, int code, const char *a, const char *b,
                    const char *schema, const char *trigger) {
    (void)context, (void)b, (void)schema, (void)trigger;
    return code == SQLITE_READ && strncmp(a, "read_", 5) == 0 ? SQLITE_DENY : SQLITE_OK;
}

/* What a host that runs untrusted SQL can restrict: by name, or for good. */
static void test_taken_away(void) {
    static const char *const calls[] = {"SELECT * FROM read_idx('" IDX "')",
                                        "SELECT count(*) FROM read_idx('" IDX "')",
                                        "SELECT 1 FROM read_png('build/tmp/png')"};
    sqlite3 *db = sql_open(":memory:");
    for (int taken = 0; taken < 2; taken++) {
        sqlite3_set_authorizer(db, NULL, NULL);
        for (int i = 0; i < COUNT(calls); i++)
            CHECK(strncmp(sql_text(db, calls[i]), "error: ", 7) != 0);
        if (taken) {
            sqlite3_create_module(db, "read_idx", NULL, NULL);
            sqlite3_create_module(db, "read_png", NULL, NULL);
        } else
            sqlite3_set_authorizer(db, no_files, NULL);
        for (int i = 0; i < COUNT(calls); i++)
            CHECK(strncmp(sql_text(db, calls[i]), "error: ", 7) == 0);
        CHECK_SQL(db, "SELECT count(*) FROM synthetic_digits(2)", "2");
    }
    sql_close(db);
}

/* The very first training of a database, too: it makes the tables. */
static void test_authorizer_first(void) {
    static const operation first = {"training",
                                    "SELECT epoch FROM train_model('images')" QUICK, 1};
    sqlite3 *db = sql_open(":memory:"), *start = sql_open(":memory:");
    sql_images(start, "images", 40, 0);
    start_over(db, start);
    guard all = {0};
    outcome usual, given;
    sqlite3_set_authorizer(db, authorize, &all);
    CHECK(perform(db, &first, &usual) == SQLITE_OK);
    for (int call = 1; call <= all.calls; call++) {
        guard g = {.call = call, .answer = SQLITE_DENY};
        start_over(db, start);
        sqlite3_set_authorizer(db, authorize, &g);
        const int rc = perform(db, &first, &given);
        const int ok = !g.denied || denied(db, &first, rc, &given, &usual);
        sqlite3_set_authorizer(db, NULL, NULL);
        const int tables = sql_int(db, "SELECT count(*) FROM sqlite_master WHERE name IN "
                                       "('digitnet_models', 'digitnet_epochs')");
        const int models =
            tables > 0 ? sql_int(db, "SELECT count(*) FROM digitnet_models") : 0;
        if (!ok || !CHECK(models == 0 || is_whole(db, 1))) printf("    %s\n", g.what);
        /* The next one is none the wiser. */
        if (call % 16 == 0) {
            sql_run(db, first.sql);
            is_whole(db, 1);
        }
    }
    sql_close(start);
    sql_close(db);
}

/* --- progress handlers -------------------------------------------------------------- */

typedef struct steps {
    int stop_at, so_far, always;
} steps;

static int progress(void *context) {
    steps *s = context;
    s->so_far++;
    return s->always ? s->so_far >= s->stop_at : s->so_far == s->stop_at;
}

/* stepped - an operation stopped at one call of the handler; 1 if it was stopped. */
static int stepped(sqlite3 *db, sqlite3 *start, const operation *o, int stop_at,
                   int always) {
    steps s = {stop_at, 0, always};
    start_over(db, start);
    sqlite3_progress_handler(db, 1, progress, &s);
    const int rc = perform(db, o, NULL);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    const int stopped = s.so_far >= stop_at;
    int ok = CHECK(rc == (stopped ? SQLITE_INTERRUPT : SQLITE_OK));
    if (stopped && !CHECK(strstr(sqlite3_errmsg(db), "interrupted") != NULL))
        printf("    %s: '%s'\n", o->name, sqlite3_errmsg(db));
    ok &= is_whole(db, stop_at % 8 == 0);
    if (!ok) printf("    %s: stopped at step %d: rc %d\n", o->name, stop_at, rc);
    return stopped;
}

static void test_progress(sqlite3 *start) {
    int stops = 0;
    for (int i = 0; i < COUNT(operations); i++) {
        sqlite3 *db = sql_open(":memory:");
        sql_run(db, PREDICTIONS);
        /* All of the first steps, then ever fewer. */
        for (int at = 1; stepped(db, start, &operations[i], at, at % 2);
             at += 1 + at / (check_sanitised() ? 8 : 25))
            stops++;
        sql_close(db);
    }
    CHECK(stops > 12 * 25);
    printf("progress handler: %d stops\n", stops);
}

/* interrupted - its argument, after which the statement is to end. */
static void interrupted(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    sqlite3_interrupt(sqlite3_context_db_handle(context));
    sqlite3_result_value(context, argv[0]);
}

/* An interrupt is told as one, wherever in an import it is noticed. */
static void test_interrupted(void) {
    sqlite3 *db = sql_new(":memory:");
    CHECK(sqlite3_create_function_v2(db, "interrupted", 1, SQLITE_UTF8, NULL, interrupted,
                                     NULL, NULL, NULL) == SQLITE_OK);
    CHECK_SQL(db, "SELECT import_model('m', export_model('builtin'), interrupted('{}'))",
              "error: import_model: interrupted");
    CHECK_SQL(db, "SELECT import_model(interrupted('m'), export_model('builtin'))",
              "error: export_model: interrupted");
    CHECK_SQL(db, "SELECT count(*) FROM sqlite_master", "0");
    sql_close(db);
}

/* --- checks for interrupts that an authorizer denies -------------------------------- */

static int checks_denied;

/* no_queries - a host's authorizer for a connection that writes and never asks. */
static int no_queries(void *context, int code, const char *a, const char *b,
                      const char *schema, const char *trigger) {
    (void)a, (void)b, (void)schema, (void)trigger;
    if (code != SQLITE_SELECT && code != SQLITE_RECURSIVE) return SQLITE_OK;
    checks_denied++;
    return *(int *)context;
}

static int stop(void *context) {
    ++*(int *)context;
    return 1;
}

/* What takes long works as without an authorizer, and still ends when it is to. */
static void test_checks_denied(void) {
    static const char insert[] =
        "INSERT INTO drawn VALUES(digit_png(zeroblob(16000000), 1, '4000x4000'))";
    for (int round = 0; round < 2; round++) {
        int answer = round ? SQLITE_IGNORE : SQLITE_DENY, stops = 0;
        sqlite3 *db = sql_new(":memory:");
        sql_run(db, "CREATE TABLE drawn(png)");
        checks_denied = 0;
        sqlite3_set_authorizer(db, no_queries, &answer);
        sql_run(db, insert);
        CHECK(checks_denied > 0);
        /* The statement itself takes fewer steps than that. */
        sqlite3_progress_handler(db, 1000, stop, &stops);
        CHECK(sqlite3_exec(db, insert, NULL, NULL, NULL) == SQLITE_INTERRUPT);
        sqlite3_progress_handler(db, 0, NULL, NULL);
        CHECK(stops == 1);
        sqlite3_set_authorizer(db, NULL, NULL);
        CHECK_SQL(db, "SELECT count(*) FROM drawn", "1");
        sql_close(db);
    }
}

int main(void) {
    one_core();
    sqlite3 *start = make_start();
    test_authorizer(start);
    test_authorizer_first();
    test_taken_away();
    test_progress(start);
    test_interrupted();
    test_checks_denied();
    sql_close(start);
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_host");
}
