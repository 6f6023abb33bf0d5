/* io.c - every read, write, sync, truncation, lock, opening and deletion fails once: an
 * error that says so, and in the database whole models only, as many as were stored.
 *
 *     make io                     200 at most of each kind in a case, evenly; SHORT=1: 3;
 *                                 MOST=n: n
 *     CASE=resume make io         one case
 *
 * A VFS stands between SQLite and its own one for files (faults.h). First each case is
 * run undisturbed, in a rollback journal and in WAL; then with the n-th operation of a
 * kind failing, n = 1, 2, … until there is no n-th; once with that one failing alone,
 * once with all from it on. The last kinds are of the C library's read, which is SQLite's
 * and the loaders': it fails, or gives a single byte; only where nothing is written.
 * After each
 *
 * - the script has said what went wrong (an I/O error, a full disk, a file that cannot be
 *   opened, a lock), or the very truth: some things can be done without,
 * - sqlite3_close finds nothing left open, and no file or memory is left,
 * - PRAGMA integrity_check says ok, and the tables hold what they did before; or, after
 *   training,
 *   the epochs that it gave rows of, or the next one too. Each was looked at when
 *   nothing failed: verify_model trained its models again and found the same bytes,
 * - the model that was there predicts what it did, and the script, run again, gets to its
 *   end.
 *
 * Then the same on a full disk: a file system in memory, of every size from that of the
 * database to one that suffices, if this process may mount one. */
#define _GNU_SOURCE
#include "faults.h" /* before any other */
#include <sched.h>
#include <sys/mount.h>
#include "state.h"

/* --- cases -------------------------------------------------------------------------- */

#define START "build/tmp/io_start.db"
#define FILES "build/tmp/io"

static char work[64] = "build/tmp/io.db";

typedef struct io_case {
    const char *name;
    int kind;
    const char *sql;
} io_case;

#define TINY "layers = '4C3b/2-D0.2-6N' AND epochs = 2 AND batch = 16 AND threads = 1 "

static const io_case cases[] = {
    {"prediction", READS,
     "SELECT digit_predict(pixels) FROM images; SELECT * FROM predict_model('images')"},
    {"files", READS,
     "SELECT * FROM read_mnist('" FILES "/idx'); SELECT * FROM read_mnist('" FILES
     "/gz'); SELECT * FROM read_png('" FILES "/png')"},
    {"import", WRITES,
     "CREATE TABLE a AS SELECT * FROM read_mnist('" FILES "/idx'), (VALUES (1), (2))"},
    {"training", TRAINS, "SELECT * FROM train_model('images', 'new') WHERE " TINY},
    {"INSERT … SELECT", WRITES,
     "INSERT INTO runs SELECT epoch FROM train_model('images') WHERE " TINY},
    {"in a transaction", WRITES,
     "BEGIN; SELECT epoch FROM train_model('images', 'new') WHERE " TINY "; COMMIT"},
    {"resume", TRAINS,
     "SELECT * FROM train_model('images') WHERE resume = 1 AND epochs = 4"},
    {"search", TRAINS,
     "SELECT trial, rung, loss, best FROM search_model('images', '{\"layers\": "
     "[\"softmax\", \"5N\"]}', 6) WHERE model = 'found' AND trials = 2"},
    {"saving", WRITES,
     "BEGIN; UPDATE digitnet_models SET name = 'mine' WHERE name = 'default'; "
     "UPDATE digitnet_epochs SET name = 'mine' WHERE name = 'default'; "
     "INSERT INTO runs SELECT weights FROM digitnet_models; COMMIT"},
};

#define N_CASES ((int)(sizeof cases / sizeof *cases))

static const char *wants; /* of the run, for the messages */
static long wrong;

static int expect(int ok, const io_case *c, const char *what, const char *is) {
    if (ok) {
        check_passed++;
        return 1;
    }
    check_failed++;
    if (wrong++ < 8)
        printf("    %s, %s %ld%s: %s: %s\n", c->name, wants, fail_at,
               forever ? " and all after it" : "", what, is);
    return 0;
}

static sqlite3 *connect_to(void) {
    sqlite3 *db = sql_open(work);
    /* Pages are written before the end: there are more of them than the cache holds. */
    sql_run(db, "PRAGMA cache_size = 20");
    return db;
}

static void keep_state(void *context, int row) {
    truth *t = context;
    if (row >= MOST_STATES) return;
    sqlite3 *db = sql_open(work);
    CHECK((t->state[row] = state_of(db)) != 0);
    t->n = row + 1;
    sql_close(db);
}

/* models_are_whole - trains each again, from what its row says. */
static int models_are_whole(sqlite3 *db) {
    return strcmp(sql_text(db, "SELECT count(*) = sum(same) FROM digitnet_models AS m, "
                               "verify_model(m.name || '@' || m.version)"),
                  "1") == 0;
}

static void keep_whole_state(void *context, int row) {
    keep_state(context, row);
    sqlite3 *db = sql_open(work);
    if (!CHECK(models_are_whole(db)))
        printf("    %s\n", sql_text(db, "SELECT m.name, note FROM digitnet_models AS m, "
                                        "verify_model(m.name || '@' || m.version)"));
    sql_close(db);
}

static void truth_find(truth *t, const io_case *c) {
    memset(t, 0, sizeof *t);
    CHECK(file_copy(work, START));
    keep_whole_state(t, 0);
    sqlite3 *db = connect_to();
    said_run(&t->said, db, c->sql, c->kind == TRAINS ? keep_whole_state : NULL, t);
    sql_close(db);
    if (c->kind == WRITES) keep_whole_state(t, 1);
    if (!CHECK(t->said.rc == SQLITE_OK)) printf("    %s: %s\n", c->name, t->said.error);
    CHECK(t->n > (c->kind == READS ? 0 : 1));
}

/* is_told - whether an error is one of a failing disk, in code and words. */
static int is_told(const answer *said, const fault *f) {
    static const struct {
        int code;
        const char *words;
    } known[] = {{SQLITE_IOERR, "disk I/O error"},
                 {SQLITE_FULL, "database or disk is full"},
                 {SQLITE_CANTOPEN, "unable to open database file"},
                 {SQLITE_BUSY, "database is locked"}};
    for (int i = 0; i < 4; i++)
        if ((said->rc & 0xFF) == known[i].code && strstr(said->error, known[i].words))
            return 1;
    if (!f || f->operation != HOST_READ) return 0;
    /* What SQLite makes of EIO; and what a loader says of a file of its own. */
    return (said->rc == SQLITE_CORRUPT && strstr(said->error, "malformed")) ||
           strstr(said->error, "Input/output error");
}

/* after_it - all that is to be true of the file once the disk works again. */
static void after_it(const io_case *c, const truth *t, const answer *said) {
    answer again;
    sqlite3 *db = sql_open(work);
    expect(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0, c,
           "integrity_check", sql_text(db, "PRAGMA integrity_check"));
    char is[100];
    const uint64_t state = state_of(db);
    int at = 0;
    while (at < t->n && t->state[at] != state) at++;
    snprintf(is, sizeof is, "state %d of %d after %d rows, %d", at, t->n, said->rows,
             said->rc);
    if (!expect(truth_allows(t, c->kind, said, state), c, "stored", is))
        expect(models_are_whole(db), c, "models are not whole", is);
    said_run(&again, db, "SELECT digit_predict(pixels, 'words') FROM images", NULL, NULL);
    expect(again.rc == SQLITE_OK && again.rows == 40, c, "prediction", again.error);
    if (said->rc) {
        said_run(&again, db, c->sql, NULL, NULL);
        /* A sync that fails can come when all is written: then nothing is left to
         * resume. */
        const int ended = at == t->n - 1 &&
                          strstr(again.error, "is already trained for ");
        expect(again.rc == SQLITE_OK || ended, c, "run again", again.error);
    }
    sql_close(db);
}

/* io_run - the case with the n-th operation failing; 0 if it had fewer. */
static int io_run(const io_case *c, const truth *t, const fault *f, long n, int all,
                  int wal) {
    answer said;
    char is[600];
    CHECK(file_copy(work, START));
    sqlite3 *db = connect_to();
    const char *mode = wal ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = delete";
    CHECK_SQL(db, mode, wal ? "wal" : "delete");
    wants = f ? f->name : "no space";
    watch(f, n, all);
    said_run(&said, db, c->sql, NULL, NULL);
    if (!sqlite3_get_autocommit(db)) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    const int rc = sqlite3_close(db);
    const long missed = unwatch();
    expect(rc == SQLITE_OK && sqlite3_memory_used() == 0, c, "sqlite3_close",
           sqlite3_errstr(rc));
    snprintf(is, sizeof is, "%d, %s", said.rc, said.error);
    if (said.rc)
        expect((missed || !f) && is_told(&said, f), c, "its error", is);
    else
        expect(said.hash == t->said.hash && said.rows == t->said.rows, c,
               "no error, but not what it says undisturbed", is);
    if (missed) after_it(c, t, &said);
    return missed > 0;
}

/* io_case_run - all faults of one case. */
static long io_case_run(const io_case *c) {
    truth t;
    long all_runs = 0;
    const long most = getenv("SHORT") ? 3 : getenv("MOST") ? atol(getenv("MOST")) : 200;
    truth_find(&t, c);
    for (int i = 0; i < N_FAULTS; i++) {
        const fault *f = &faults[i];
        const double start = sql_seconds();
        long made = 0, runs = 0;
        wrong = 0;
        if (f->operation == HOST_READ && c->kind != READS) continue;
        for (int wal = 0; wal < 2; wal++) {
            io_run(c, &t, f, 1L << 40, 0, wal);
            made += done;
            const long step = done > most ? done / most : 1;
            for (int all = 0; all < 2; all++)
                for (long n = 1; io_run(c, &t, f, n, all, wal); n += step) runs++;
        }
        if (made)
            printf("%-18s %-26s %8ld %8ld %8ld %8.1f\n", c->name, f->name, made, runs,
                   wrong, sql_seconds() - start);
        fflush(stdout);
        all_runs += runs;
    }
    return all_runs;
}

/* --- a full disk -------------------------------------------------------------------- */

#define DISK "build/tmp/disk"

/* disk_mount - a file system of so many bytes; again: with what is in it. */
static int disk_mount(long bytes, int again) {
    char size[40];
    snprintf(size, sizeof size, "size=%ld", bytes);
    return mount("none", DISK, "tmpfs", again ? MS_REMOUNT : 0, size) == 0;
}

static long disk_case_run(const io_case *c, int wal) {
    truth t;
    struct stat st = {0};
    char is[600], mode[60];
    long runs = 0;
    stat(START, &st);
    CHECK(disk_mount(1L << 26, 0));
    truth_find(&t, c);
    CHECK(umount(DISK) == 0);
    wants = "bytes";
    forever = 0;
    const long step = getenv("SHORT") ? 1 << 17 : 1 << 13;
    for (fail_at = (st.st_size + 40960) >> 12 << 12; fail_at < 1L << 25;
         fail_at += step, runs++) {
        answer said;
        CHECK(disk_mount(fail_at, 0) && file_copy(work, START));
        sqlite3 *db = connect_to();
        snprintf(mode, sizeof mode, "PRAGMA journal_mode = %s", wal ? "wal" : "delete");
        sqlite3_exec(db, mode, NULL, NULL, NULL);
        said_run(&said, db, c->sql, NULL, NULL);
        if (!sqlite3_get_autocommit(db)) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        expect(sqlite3_close(db) == SQLITE_OK, c, "sqlite3_close", "busy");
        snprintf(is, sizeof is, "%d, %s", said.rc, said.error);
        if (said.rc) expect(is_told(&said, NULL), c, "its error", is);
        CHECK(disk_mount(1L << 26, 1));
        after_it(c, &t, &said);
        CHECK(umount(DISK) == 0);
        if (said.rc == SQLITE_OK) return runs;
    }
    CHECK(fail_at < 1L << 25); /* else it never was enough */
    return runs;
}

/* disks - whether a file system could be mounted, in a name space of this process'
 * own. */
static int disks(long *runs) {
    mkdir(DISK, 0777);
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 0;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return 0;
    if (!disk_mount(1 << 20, 0) || umount(DISK) != 0) return 0;
    snprintf(work, sizeof work, "%s/io.db", DISK);
    for (int i = 0; i < N_CASES; i++) {
        const char *only = getenv("CASE");
        if (cases[i].kind == READS || (only && strcmp(only, cases[i].name) != 0))
            continue;
        for (int wal = 0; wal < 2; wal++) {
            const double start = sql_seconds();
            wrong = 0;
            const long n = disk_case_run(&cases[i], wal);
            printf("%-18s %-26s %8s %8ld %8ld %8.1f\n", cases[i].name,
                   wal ? "a full disk, WAL" : "a full disk", "", n, wrong,
                   sql_seconds() - start);
            fflush(stdout);
            *runs += n;
        }
    }
    return 1;
}

/* --- all of it ---------------------------------------------------------------------- */

static void make_start(void) {
    files_make(FILES, 6);
    CHECK(system("rm -rf " FILES "/gz && cp -r " FILES "/idx " FILES "/gz && gzip " FILES
                 "/gz/*") == 0);
    sqlite3 *db = sql_new(START);
    sql_run(db,
            "CREATE TABLE images AS SELECT *, iif(id % 4, 'train', 'holdout') AS split "
            "FROM synthetic_digits(40); "
            "CREATE TABLE named AS SELECT pixels, 'n' || label AS label FROM images; "
            "CREATE TABLE runs(epoch); "
            "SELECT * FROM train_model('images') WHERE " TINY "; "
            "SELECT * FROM train_model('named', 'words') WHERE layers = '4N' AND "
            "epochs = 1 AND holdout = 0");
    sql_close(db);
}

int main(void) {
    const char *only = getenv("CASE");
    long runs = 0, full = 0;
    if (!CHECK(faults_start())) return 1;
    make_start();
    printf("%-18s %-26s %8s %8s %8s %8s\n", "case", "what fails", "of them", "failed",
           "wrong", "seconds");
    for (int i = 0; i < N_CASES; i++)
        if (!only || strcmp(only, cases[i].name) == 0) runs += io_case_run(&cases[i]);
    printf("%ld runs with operations failing\n", runs);
    if (disks(&full))
        printf("%ld runs on a full disk (a tmpfs)\n", full);
    else
        printf("no small file system could be mounted: a full disk was the VFS' alone\n");
    return check_done("io");
}
