/* load.c - many connections at once, for long: no error but SQLITE_BUSY, no wrong
 * prediction, no memory that grows.
 *
 *     make load                   ten minutes; MINUTES=n: n; SHORT=1: twenty seconds
 *
 * Two processes on one database in WAL mode, the second forked from the first when
 * digitnet was loaded there and had trained:
 *
 *     first     4 connections that predict, each in a thread; one that trains the model
 *               they predict by, now on some images and now on the same with their labels
 *               swapped
 *     second    4 that predict; one that imports digits and deletes them
 *     both      one that trains and predicts in a database of its own, undisturbed
 *
 * A run is the same to the last bit however often it is interrupted and resumed. So what
 * a model must say of each image after each epoch is known beforehand, from an
 * undisturbed run, and every answer is compared with what it must be by the source and
 * epochs of the version that the same statement sees as the active one.
 *
 * Training in a SELECT ends when another connection commits (train_model.c says why), and
 * is resumed; every other run is an INSERT … SELECT, which waits for its turn instead. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "../host/sql.h"

#define FILE_NAME "build/tmp/load.db"
#define IMAGES    40
#define EPOCHS    6
#define OPTIONS                                                                          \
    " WHERE layers = '4C3-MP2-8N' AND epochs = 6 AND batch = 8 AND holdout = 0 AND "     \
    "rate = 0.02 AND threads = 2 "
#define PREDICTORS 4

/* What is counted, of each process, in memory that both see. */
typedef struct figures {
    atomic_long predictions, scans, busy, snapshots, runs, epochs, imports, alone;
    atomic_long wrong, errors, versions;
    long rss[3], sqlite[3]; /* KB and bytes: early, at most, at the end */
    char first_error[300];
} figures;

typedef struct worker {
    figures *f;
    int number;
    double end;
    pthread_t thread;
} worker;

/* The expected row: of source s after epoch e, [s][e - 1]. */
static const char *const sources[2] = {"images", "swapped"};
static char *probabilities[2][EPOCHS][IMAGES];
static char *predictions[2][EPOCHS];

/* --- truth -------------------------------------------------------------------------- */

static char *copy(const char *text) {
    char *c = malloc(strlen(text) + 1);
    return c ? strcpy(c, text) : NULL;
}

#define ALL                                                                              \
    "SELECT group_concat(prediction, '') FROM (SELECT prediction FROM "                  \
    "predict_model('images', 'default'))"

static sqlite3 *make_truth(void) {
    char sql[256];
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", IMAGES, 0);
    sql_images(db, "swapped", IMAGES, 1);
    for (int s = 0; s < 2; s++) {
        sqlite3_stmt *run = NULL;
        snprintf(sql, sizeof sql, "SELECT epoch FROM train_model('%s')" OPTIONS,
                 sources[s]);
        CHECK(sqlite3_prepare_v2(db, sql, -1, &run, NULL) == SQLITE_OK);
        for (int e = 0; e < EPOCHS; e++) {
            CHECK(sqlite3_step(run) == SQLITE_ROW);
            predictions[s][e] = copy(sql_text(db, ALL));
            for (int i = 0; i < IMAGES; i++) {
                snprintf(sql, sizeof sql,
                         "SELECT digit_probabilities(pixels) FROM images WHERE id = %d",
                         i);
                probabilities[s][e][i] = copy(sql_text(db, sql));
            }
        }
        sqlite3_finalize(run);
    }
    /* Each epoch says something else, or a wrong one could not be told. */
    for (int s = 0; s < 2; s++)
        for (int e = 0; e < EPOCHS; e++)
            for (int k = 0; k < s * EPOCHS + e; k++)
                CHECK(strcmp(probabilities[s][e][0],
                             probabilities[k / EPOCHS][k % EPOCHS][0]));
    return db;
}

/* --- errors ------------------------------------------------------------------------- */

/* failed - counts what is not SQLITE_OK; 1 if it was. SQLITE_BUSY is what the manual
 * tells of. */
static int failed(figures *f, sqlite3 *db, int rc, const char *what) {
    if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE) return 0;
    if ((rc & 0xff) == SQLITE_BUSY) {
        atomic_fetch_add(&f->busy, 1);
        if (strstr(sqlite3_errmsg(db), "resume = 1 goes on"))
            atomic_fetch_add(&f->snapshots, 1);
    } else if (atomic_fetch_add(&f->errors, 1) == 0) {
        snprintf(f->first_error, sizeof f->first_error, "%s: rc %d: %s", what, rc,
                 sqlite3_errmsg(db));
    }
    return 1;
}

static int run(figures *f, sqlite3 *db, const char *sql) {
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return failed(f, db, rc, sql) ? rc : SQLITE_OK;
}

static void wrong(figures *f, const char *what, const char *is, const char *want) {
    if (atomic_fetch_add(&f->wrong, 1) == 0)
        snprintf(f->first_error, sizeof f->first_error, "%s: is %.90s, wanted %.90s",
                 what, is ? is : "NULL", want ? want : "NULL");
}

static sqlite3 *open_shared(void) {
    sqlite3 *db = sql_open(FILE_NAME);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_exec(db, "PRAGMA cache_size = -500; PRAGMA synchronous = normal", NULL, NULL,
                 NULL);
    return db;
}

static void nap(double seconds) {
    struct timespec t = {(time_t)seconds,
                         (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&t, NULL);
}

/* --- those who predict -------------------------------------------------------------- */

#define ACTIVE                                                                           \
    "(SELECT (source = 'swapped') * 100 + epochs || '/' || version FROM "                \
    "main.digitnet_models WHERE name = 'default' AND active)"

/* ask - one statement: what it says of an image, or of all, must be what the version says
 * that it sees. Returns that version and epoch, or NULL. */
static void ask(figures *f, sqlite3 *db, sqlite3_stmt *s, int image, char *seen,
                size_t size) {
    if (image >= 0) sqlite3_bind_int(s, 1, image);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        const char *version = (const char *)sqlite3_column_text(s, 0);
        const char *is = (const char *)sqlite3_column_text(s, 1);
        const int key = version ? atoi(version) : 0, epoch = key % 100;
        const char *want = epoch < 1 || epoch > EPOCHS ? NULL
                           : image < 0                 ? predictions[key / 100][epoch - 1]
                                       : probabilities[key / 100][epoch - 1][image];
        if (!is || !want || strcmp(is, want) != 0) wrong(f, version, is, want);
        if (version && strcmp(seen, version) != 0) {
            snprintf(seen, size, "%s", version);
            atomic_fetch_add(&f->versions, 1);
        }
        rc = sqlite3_step(s);
    }
    failed(f, db, rc, "predicting");
    sqlite3_reset(s);
}

static void *predict(void *context) {
    worker *w = context;
    char seen[64] = "";
    sqlite3 *db = open_shared();
    sqlite3_stmt *one = NULL, *all = NULL;
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT " ACTIVE ", digit_probabilities(pixels) FROM images "
                             "WHERE id = ?1",
                             -1, &one, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db, "SELECT " ACTIVE ", (" ALL ")", -1, &all, NULL) ==
          SQLITE_OK);
    for (unsigned i = (unsigned)w->number; sql_seconds() < w->end; i++) {
        if (i % 50 == 0) {
            ask(w->f, db, all, -1, seen, sizeof seen);
            atomic_fetch_add(&w->f->scans, 1);
        } else {
            ask(w->f, db, one, (int)(i * 7 % IMAGES), seen, sizeof seen);
            atomic_fetch_add(&w->f->predictions, 1);
        }
    }
    sqlite3_finalize(one);
    sqlite3_finalize(all);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return NULL;
}

/* --- those who write ---------------------------------------------------------------- */

/* train - run after run, until each has all of its epochs. */
static void *train(void *context) {
    worker *w = context;
    sqlite3 *db = open_shared();
    char sql[512];
    for (int k = 0; sql_seconds() < w->end; k++) {
        const char *into = k / 2 % 2 ? "INSERT INTO runs " : "";
        snprintf(sql, sizeof sql, "%sSELECT epoch FROM train_model('%s')" OPTIONS, into,
                 sources[k % 2]);
        int rc = run(w->f, db, sql);
        snprintf(sql, sizeof sql,
                 "%sSELECT epoch FROM train_model('%s') WHERE resume = 1", into,
                 sources[k % 2]);
        /* It was stopped, and has stored an epoch of its own: on with it. */
        while (rc == SQLITE_BUSY && sql_seconds() < w->end) {
            nap(0.01);
            sqlite3_stmt *s = NULL;
            sqlite3_prepare_v2(db,
                               "SELECT source, epochs FROM digitnet_models ORDER BY "
                               "version DESC LIMIT 1",
                               -1, &s, NULL);
            const int found = sqlite3_step(s);
            const int other =
                found != SQLITE_ROW ||
                strcmp((const char *)sqlite3_column_text(s, 0), sources[k % 2]) != 0 ||
                sqlite3_column_int(s, 1) == EPOCHS;
            sqlite3_finalize(s);
            if (other) break;
            rc = run(w->f, db, sql);
        }
        atomic_fetch_add(&w->f->runs, rc == SQLITE_OK);
        run(w->f, db,
            "DELETE FROM digitnet_models WHERE NOT active; DELETE FROM digitnet_epochs "
            "WHERE "
            "version NOT IN (SELECT version FROM digitnet_models); DELETE FROM runs");
        /* Some reader always reads, so the WAL would never be reset by itself, and its
         * index, which is mapped into memory, would grow with it: this waits for them. */
        run(w->f, db, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return NULL;
}

static void *import(void *context) {
    worker *w = context;
    sqlite3 *db = open_shared();
    for (int k = 0; sql_seconds() < w->end; k++) {
        char sql[200];
        snprintf(sql, sizeof sql,
                 "INSERT INTO imported SELECT * FROM synthetic_digits(100, %d)", k % 10);
        if (run(w->f, db, sql) == SQLITE_OK) atomic_fetch_add(&w->f->imports, 1);
        if (k % 10 == 9) run(w->f, db, "DELETE FROM imported");
        nap(0.05);
    }
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return NULL;
}

/* alone - trains and predicts in a database of its own, beside the others. */
static void *alone(void *context) {
    worker *w = context;
    sqlite3 *db = sql_open(":memory:");
    char sql[256];
    sql_images(db, "images", IMAGES, 0);
    sql_images(db, "swapped", IMAGES, 1);
    for (int k = 0; sql_seconds() < w->end; k++) {
        snprintf(sql, sizeof sql, "SELECT epoch FROM train_model('%s')" OPTIONS,
                 sources[k % 2]);
        run(w->f, db, sql);
        sqlite3_stmt *s = NULL;
        sqlite3_prepare_v2(db, ALL, -1, &s, NULL);
        const int rc = sqlite3_step(s);
        const char *is = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0)
                                          : NULL;
        if (!is || strcmp(is, predictions[k % 2][EPOCHS - 1]) != 0)
            wrong(w->f, "alone", is, predictions[k % 2][EPOCHS - 1]);
        sqlite3_finalize(s);
        run(w->f, db, "DELETE FROM digitnet_models; DELETE FROM digitnet_epochs");
        atomic_fetch_add(&w->f->alone, 1);
        nap(0.02);
    }
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return NULL;
}

/* --- a process ---------------------------------------------------------------------- */

static long rss_kb(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%*s %ld", &pages) != 1) pages = 0;
    if (f) fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* watch - samples memory until the end: early is after a minute, or a third of less
 * time. */
static void watch(figures *f, double start, double end) {
    const double early = end - start > 180 ? 60 : (end - start) / 3;
    for (double now; (now = sql_seconds()) < end; nap(0.2)) {
        const long rss = rss_kb(), used = (long)sqlite3_memory_used();
        if (now < start + early || !f->rss[0]) {
            if (rss > f->rss[0]) f->rss[0] = rss;
            if (used > f->sqlite[0]) f->sqlite[0] = used;
        }
        if (rss > f->rss[1]) f->rss[1] = rss;
        if (used > f->sqlite[1]) f->sqlite[1] = used;
        f->rss[2] = rss;
        f->sqlite[2] = used;
    }
}

static void process(figures *f, int number, double seconds) {
    worker workers[PREDICTORS + 2];
    const double start = sql_seconds(), end = start + seconds;
    for (int i = 0; i < PREDICTORS + 2; i++) {
        void *(*const work)(void *) = i < PREDICTORS   ? predict
                                      : i > PREDICTORS ? alone
                                      : number == 0    ? train
                                                       : import;
        workers[i] = (worker){.f = f, .number = i, .end = end};
        CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    watch(f, start, end);
    for (int i = 0; i < PREDICTORS + 2; i++) pthread_join(workers[i].thread, NULL);
}

static void judge(const figures *f, const char *name, double seconds) {
    printf(
        "%s: %.0f predictions/s, %ld scans; %ld BUSY, %ld of them for an old snapshot; "
        "%ld changes of version or epoch seen; %ld wrong, %ld errors\n",
        name, (double)f->predictions / seconds, f->scans, f->busy, f->snapshots,
        f->versions, f->wrong, f->errors);
    printf("    %ld runs trained, %ld imports, %ld runs alone; resident %ld KB early, "
           "%ld at "
           "most, %ld at the end; SQLite's %ld, %ld, %ld bytes\n",
           f->runs, f->imports, f->alone, f->rss[0], f->rss[1], f->rss[2], f->sqlite[0],
           f->sqlite[1], f->sqlite[2]);
    if (f->first_error[0]) printf("    the first: %s\n", f->first_error);
    CHECK(f->errors == 0 && f->wrong == 0);
    CHECK(f->predictions > 0 && f->scans > 0 && f->versions > 1 && f->alone > 0);
    CHECK(f->runs + f->imports > 0);
    /* Flat: what is taken for the threads' stacks and arenas is there early. */
    CHECK(f->rss[2] <= f->rss[0] + f->rss[0] / 10 + 4096);
    CHECK(f->sqlite[2] <= f->sqlite[0] + f->sqlite[0] / 10 + (1 << 18));
}

/* --- the database ------------------------------------------------------------------- */

static void make_database(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    CHECK_SQL(db, "PRAGMA journal_mode = wal", "wal");
    sql_images(db, "images", IMAGES, 0);
    sql_images(db, "swapped", IMAGES, 1);
    sql_run(db, "CREATE TABLE runs(epoch); CREATE TABLE imported(id, label, pixels)");
    sql_run(db, "SELECT * FROM train_model('images')" OPTIONS);
    sql_close(db);
}

static void free_truth(void) {
    for (int s = 0; s < 2; s++)
        for (int e = 0; e < EPOCHS; e++) {
            free(predictions[s][e]);
            for (int i = 0; i < IMAGES; i++) free(probabilities[s][e][i]);
        }
}

int main(void) {
    const double seconds = getenv("SHORT")     ? 20
                           : getenv("MINUTES") ? 60 * atof(getenv("MINUTES"))
                                               : 600;
    int status = 0;
    figures *f = mmap(NULL, 2 * sizeof *f, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!CHECK(f != MAP_FAILED)) return 1;
    sqlite3 *db = make_truth(); /* stays open over the fork, and is the parent's alone */
    make_database();
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        check_failed = 0;
        process(&f[1], 1, seconds);
        fflush(stdout);
        _exit(check_failed != 0);
    }
    process(&f[0], 0, seconds);
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    judge(&f[0], "first process", seconds);
    judge(&f[1], "second process, forked", seconds);
    CHECK(f[0].runs > 0 && f[1].imports > 0);
    /* The parent goes on with what it had before it forked. */
    CHECK_SQL(db, ALL, predictions[1][EPOCHS - 1]);
    sql_close(db);
    db = sql_open(FILE_NAME);
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    CHECK_SQL(db,
              "SELECT min(same) FROM digitnet_models AS m, verify_model(m.name || '@' || "
              "m.version)",
              "1");
    sql_close(db);
    free_truth();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("load");
}
