/* oom.c - every allocation fails once: no crash, no leak, an error that says so, and the
 * database is as it was.
 *
 *     make oom                    all of them; MOST=n: n at most of each case
 *     SHORT=1 make oom            one for each way through the library that leads to one
 *     CASE=digit_png make oom     one case;  K=17: only that allocation
 *     SHORT=1 make oom SAN=1      under AddressSanitizer
 *
 * Each case is a script (oom_cases.h). First it is run undisturbed: what it says and what
 * it leaves are the truth. Then with its k-th allocation failing, k = 1, 2, … until there
 * is no k-th;
 * once with that one failing alone, once with all from it on. After each
 *
 * - the script has said SQLITE_NOMEM and "out of memory", or the very truth: some things
 *   can be
 *   done without (a second thread, a cache of SQLite's),
 * - what was not written is said again, and rightly, on the same connection,
 * - sqlite3_close finds nothing left open, sqlite3_memory_used() is 0 and as many blocks
 *   are
 *   held as before it was opened; no thread and no file is left,
 * - a file that is only read was not written to; of another one PRAGMA integrity_check
 *   says ok,
 *   and the tables hold what they did before; or, after training, epochs it gave rows
 *   of, or the next one too.
 *
 * Every function and table that loading registers must be in a case: a new one fails the
 * test until it is. */
#define _GNU_SOURCE
#include <signal.h>
#include "allocator.h"
#include "oom_cases.h"

/* --- one case ----------------------------------------------------------------------- */

/* script - the case's SQL: for files of SQL, what is in them and in those that they
 * .read, without the shell's other commands. */
static const char *script(const oom_case *c) {
    static char text[1 << 17];
    char names[1024];
    if (!c->sql || strncmp(c->sql, "sql/", 4) != 0) return c->sql;
    snprintf(names, sizeof names, "%s", c->sql);
    text[0] = 0;
    for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
        char *file = file_text(name);
        for (char *line = file, *end; *line; line = end) {
            char read[200];
            end = strchr(line, '\n') + 1;
            if (sscanf(line, ".read %199s", read) == 1) {
                char *part = file_text(read);
                strcat(text, part);
                free(part);
                /* The page tells how long that took. */
                if (strcmp(read, "sql/report/answers.sql") == 0)
                    strcat(text, "UPDATE temp.report_seconds SET seconds = 1;\n");
            } else if (*line != '.') {
                strncat(text, line, (size_t)(end - line));
            }
        }
        free(file);
    }
    return text;
}

static long wrong; /* of the case that is run */

/* expect - says what is wrong, the first few times of a case. */
static int expect(int ok, const oom_case *c, long k, const char *what, const char *is) {
    if (ok) {
        check_passed++;
        return 1;
    }
    check_failed++;
    if (wrong++ < 8)
        printf("    %s, allocation %ld%s: %s: %s\n", c->name, k,
               forever ? " and all after it" : "", what, is);
    return 0;
}

static int (*library)(sqlite3 *, char **, const void *);

/* connect_to - a connection to the working copy. SQLite loads digitnet into it as it
 * opens. */
static int connect_to(sqlite3 **db) {
    return sqlite3_open_v2(WORK, db, SQLITE_OPEN_READWRITE, NULL);
}

static sqlite3 *plain(void) {
    sqlite3 *db = NULL;
    sqlite3_cancel_auto_extension((void (*)(void))library);
    CHECK(connect_to(&db) == SQLITE_OK);
    CHECK(sqlite3_auto_extension((void (*)(void))library) == SQLITE_OK);
    return db;
}

static void keep_state(void *context, int row) {
    truth *t = context;
    if (row >= MOST_STATES) return;
    sqlite3 *db = plain();
    CHECK((t->state[row] = state_of(db)) != 0);
    t->n = row + 1;
    sqlite3_close(db);
}

/* say_again - on the connection where it was said, or not. */
static void say_again(answer *out, sqlite3 *db, const char *sql) {
    sqlite3_exec(db, "DETACH report_fallback", NULL, NULL, NULL);
    said_run(out, db, sql, NULL, NULL);
}

/* truth_find - runs a case undisturbed. */
static void truth_find(truth *t, const oom_case *c, const char *sql) {
    answer again;
    sqlite3 *db = NULL;
    memset(t, 0, sizeof *t);
    file_copy(WORK, START);
    keep_state(t, 0);
    CHECK(connect_to(&db) == SQLITE_OK);
    if (sql) said_run(&t->said, db, sql, c->kind == TRAINS ? keep_state : NULL, t);
    if (c->kind == WRITES) keep_state(t, 1);
    if (c->kind == READS && sql) {
        say_again(&again, db, sql);
        CHECK(again.hash == t->said.hash);
    }
    if (!CHECK(t->said.rc == SQLITE_OK && (!sql || t->said.rows || c->kind == WRITES)))
        printf("    %s: %s\n", c->name, t->said.error);
    CHECK(t->n > (c->kind == READS ? 0 : 1));
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

/* is_no_memory - whether it is said so; code and words. */
static int is_no_memory(const answer *is) {
    const int code = is->rc & 0xFF;
    return (code == SQLITE_NOMEM || is->rc == SQLITE_IOERR_NOMEM) &&
           strstr(is->error, "out of memory") != NULL;
}

/* file_time - when the working copy was written last, in nanoseconds. */
static int64_t file_time(void) {
    struct stat st = {0};
    stat(WORK, &st);
    return st.st_mtim.tv_sec * 1000000000ll + st.st_mtim.tv_nsec;
}

/* check_state - what is stored after it. */
static void check_state(const oom_case *c, long k, const truth *t, const answer *said) {
    sqlite3 *db = plain();
    /* A copy that ran out of memory may leave a log without a model (copy_model.c). */
    if (strcmp(c->name, "copy_model") == 0)
        sql_run(db, "DELETE FROM digitnet_epochs WHERE (name, version) NOT IN "
                    "(SELECT name, version FROM digitnet_models)");
    const uint64_t state = state_of(db);
    int at = 0;
    while (at < t->n && t->state[at] != state) at++;
    expect(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0, c, k,
           "integrity_check", sql_text(db, "PRAGMA integrity_check"));
    char is[80];
    snprintf(is, sizeof is, "state %d of %d after %d rows", at, t->n, said->rows);
    expect(truth_allows(t, c->kind, said, state), c, k, "stored", is);
    sqlite3_close(db);
}

/* free_file - the least number that no open file has. */
static int free_file(void) {
    const int file = dup(0);
    close(file);
    return file;
}

/* threads_now - how many this process has. */
static int threads_now(void) {
    struct stat st = {0};
    stat("/proc/self/task", &st);
    return (int)st.st_nlink - 2;
}

/* oom_run - the case with its k-th allocation failing; 0 if it made fewer. */
static int oom_run(const oom_case *c, const char *sql, const truth *t, long k, int all) {
    answer now = {0}, again;
    sqlite3 *db = NULL;
    if (c->kind != READS) file_copy(WORK, START);
    const int64_t written = file_time();
    const int files = free_file();
    const long before = held;
    const sqlite3_int64 used =
        sqlite3_memory_used(); /* the list of libraries that load */
    if (!sql) watch(k, all);
    int rc = connect_to(&db);
    if (rc == SQLITE_OK) {
        if (c->kind != READS)
            sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
        if (sql) watch(k, all);
        if (sql) said_run(&now, db, sql, NULL, NULL);
    } else {
        now.rc = rc;
        snprintf(now.error, sizeof now.error, "%s", sqlite3_errmsg(db));
    }
    const long missed = unwatch();
    if (db && !sqlite3_get_autocommit(db)) sql_run(db, "ROLLBACK");
    if (now.rc) {
        char is[600];
        snprintf(is, sizeof is, "%d, %s", now.rc, now.error);
        expect(missed && is_no_memory(&now), c, k, "its error", is);
    } else {
        expect(now.hash == t->said.hash && now.rows == t->said.rows, c, k,
               "no error, but not what it says undisturbed", "");
    }
    if (sql && c->kind == READS && missed) {
        say_again(&again, db, sql);
        expect(again.rc == SQLITE_OK && again.hash == t->said.hash, c, k, "said again",
               again.error);
    }
    rc = sqlite3_close(db);
    expect(rc == SQLITE_OK, c, k, "sqlite3_close", sqlite3_errstr(rc));
    char is[120];
    /* One that was joined is listed until the kernel has put it away. */
    for (int i = 0; i < 1000 && threads_now() > 1; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    const int files_now = free_file(), threads = threads_now();
    snprintf(is, sizeof is, "%lld bytes of SQLite's, %ld blocks, %d files, %d threads",
             (long long)sqlite3_memory_used() - used, held - before, files_now - files,
             threads - 1);
    expect(sqlite3_memory_used() == used && held == before && files_now == files &&
               threads == 1,
           c, k, "left behind", is);
    if (c->kind != READS) {
        check_state(c, k, t, &now);
    } else {
        expect(file_time() == written, c, k, "the file was written", now.error);
    }
    return missed > 0;
}

static const oom_case *current;
static volatile long current_k;

static void crashed(int number) {
    fail_at = 0;
    printf("    crashed with signal %d: %s, allocation %ld%s\noom: 0 passed, 1 failed\n",
           number, current->name, current_k, forever ? " and all after it" : "");
    fflush(stdout);
    signal(number, SIG_DFL);
    raise(number);
}

/* oom_case_run - all of one case; how many allocations failed. */
static long oom_case_run(const oom_case *c) {
    truth t;
    const char *sql = script(c), *only = getenv("K");
    const double start = sql_seconds();
    long runs = 0;
    current = c;
    wrong = 0;
    truth_find(&t, c, sql);
    /* How many there are; and whatever is made once a process is made. */
    file_copy(WORK, START);
    for (int i = 0; i < 3; i++) {
        moved = 0;
        oom_run(c, sql, &t, NEVER, 0);
    }
    const long allocations = made;
    steady = !moved;
    const long most = getenv("MOST") ? atol(getenv("MOST")) : c->most;
    const long wanted = most ? most : allocations;
    const long step = allocations > wanted ? allocations / wanted : 1;
    for (int all = 0; all < 2; all++) {
        if (only) {
            oom_run(c, sql, &t, atol(only), all);
            continue;
        }
        for (long k = 1;; k += library_end ? 1 : step) {
            if (library_end && k > allocations) break;
            if (library_end && !site_is_new(k, all)) continue;
            current_k = k;
            alarm(300);
            runs++;
            const int did = oom_run(c, sql, &t, k, all);
            if (!did && !library_end) break;
            if (did || !steady) continue;
            steady = 0; /* it came at another place */
            oom_run(c, sql, &t, k, all);
            steady = 1;
        }
    }
    printf("%-32s %8ld %8ld %8ld %8.1f\n", c->name, allocations, runs, wrong,
           sql_seconds() - start);
    fflush(stdout);
    return runs;
}

/* --- all of them -------------------------------------------------------------------- */

/* check_names - every function and table that loading registers is in some case. */
static void check_names(void) {
    static const char *const lists[2] = {"SELECT DISTINCT name FROM pragma_function_list",
                                         "SELECT DISTINCT name FROM pragma_module_list"};
    for (int i = 0; i < 2; i++) {
        sqlite3 *db = NULL, *without = plain();
        sqlite3_stmt *s = NULL;
        CHECK(connect_to(&db) == SQLITE_OK);
        CHECK(sqlite3_prepare_v2(db, lists[i], -1, &s, NULL) == SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(s, 0);
            char sql[200];
            snprintf(sql, sizeof sql, "SELECT count(*) FROM (%s) WHERE name = '%s'",
                     lists[i], name);
            int found = strcmp(sql_text(without, sql), "0") != 0 ||
                        strcmp(name, "digitnet_checkpoint") == 0; /* all of training */
            for (int k = 0; k < N_CASES && !found; k++)
                found = cases[k].sql && strstr(cases[k].sql, name);
            if (!CHECK(found)) printf("    no case has %s\n", name);
        }
        sqlite3_finalize(s);
        sqlite3_close(db);
        sqlite3_close(without);
    }
}

/* make_start - the database that every case begins with: images, PNGs, a model whose
 * labels are integers and one whose labels are words, and a table that has to be read in
 * windows. */
static void make_start(const char *encoding) {
    sqlite3 *db = sql_new(START);
    sql_run(db, encoding);
    sql_run(
        db,
        "CREATE TABLE images AS SELECT 'train' AS split, * FROM synthetic_digits(40); "
        "UPDATE images SET split = 'holdout' WHERE id % 4 = 1; "
        "UPDATE images SET split = 'test' WHERE id % 8 = 2; "
        "CREATE TABLE pngs AS SELECT id, label, pixels, digit_png(pixels, 1 + id % 2) "
        "AS png FROM images LIMIT 2; "
        "INSERT INTO pngs SELECT 9, label, pixels, digit_png(pixels) FROM "
        "read_png('" FILES "/png') LIMIT 1; "
        "CREATE VIEW seen AS SELECT png AS pixels, 'digit ' || label AS label FROM pngs; "
        "CREATE TABLE many(pixels, label); "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
        "INSERT INTO many SELECT randomblob(4096), i % 10 FROM n; "
        "CREATE TABLE runs(epoch); "
        "SELECT * FROM train_model('images') WHERE " TINY "; "
        "SELECT * FROM train_model('seen', 'words') WHERE layers = '4N' AND epochs = 1 "
        "AND shape = '28x28' "
        "AND holdout = 0");
    sql_close(db);
}

/* A text of SQLite's is UTF-8 already, or has to be made so: an allocation more. */
static const char *const encodings[2] = {"PRAGMA encoding = 'UTF-8'",
                                         "PRAGMA encoding = 'UTF-16'"};

int main(void) {
    const char *only = getenv("CASE");
    long all = 0, n = 0;
    const int ready = allocator_start();
    void *handle = dlopen("./digitnet.so", RTLD_NOW);
    library = handle ? (int (*)(sqlite3 *, char **, const void *))dlsym(
                           handle, "sqlite3_digitnet_init")
                     : NULL;
    if (!CHECK(ready && library)) return 1;
    /* SQLite's own pool of small blocks would hide many of its allocations. */
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    files_make(FILES, 6);
    CHECK(system("rm -rf " FILES "/gz && cp -r " FILES "/idx " FILES "/gz && gzip " FILES
                 "/gz/*") == 0);
    sql_close(sql_new(WORK));
    CHECK(sqlite3_auto_extension((void (*)(void))library) == SQLITE_OK);
    check_names();
    if (getenv("SHORT")) CHECK(sites_watch());
    signal(SIGSEGV, crashed);
    signal(SIGABRT, crashed);
    signal(SIGALRM, crashed);
    for (int e = 0; e < 2; e++) {
        sqlite3_cancel_auto_extension((void (*)(void))library);
        make_start(encodings[e]);
        CHECK(sqlite3_auto_extension((void (*)(void))library) == SQLITE_OK);
        printf("%-32s %8s %8s %8s %8s\n", encodings[e], "made", "failed", "wrong",
               "seconds");
        for (int i = 0; i < N_CASES; i++) {
            if (only ? strcmp(only, cases[i].name) != 0 : e && cases[i].most) continue;
            all += oom_case_run(&cases[i]);
            n++;
        }
    }
    printf("%ld cases, %ld runs with allocations failing\n", n, all);
    return check_done("oom");
}
