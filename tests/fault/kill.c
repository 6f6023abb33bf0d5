/* kill.c - kill -9 at random moments of training: what is stored is whole, and is one of
 * the run's epochs.
 *
 *     make kill                   200 kills; SHORT=1: 15; KILLS=n: n
 *
 * First a run that nobody disturbs: weights and state of each of its epochs are kept.
 * Then child processes train the same, in a database of their own, and each is killed
 * after a random time; one that finds a model there goes on with it (resume = 1). After
 * each kill
 *
 * - PRAGMA integrity_check says ok,
 * - there is no model, or one whose weights, state and log are those of the undisturbed
 *   run
 *   after as many epochs, to the last byte, and it predicts,
 * - where the child trained in one statement (INSERT … SELECT) or in a transaction, what
 *   it
 *   found is there, or all that it had to do.
 *
 * A run that gets to its end has the bytes of the undisturbed one; then the database is
 * made afresh. Journal modes and kinds of statement change from one to the next. */
#include <signal.h>
#include <sys/wait.h>
#include "../host/sql.h"

#define FILE_NAME "build/tmp/kill.db"
#define EPOCHS    12
#define OPTIONS                                                                          \
    " layers = '6C3b-MP2-D0.2-12N' AND epochs = 12 AND batch = 32 AND augment = 0.5 "    \
    "AND ema = 0.9 AND threads = 2"

enum { SELECT, INSERT, TRANSACTION, N_KINDS };
static const char *const kinds[N_KINDS] = {"SELECT", "INSERT … SELECT", "BEGIN … COMMIT"};

static double random_unit(void) {
    static unsigned long long state = 1234567;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* --- the child ---------------------------------------------------------------------- */

/* child - trains, or goes on; the status is 0 if it got to the end. */
static int child(int kind, int resume) {
    char sql[512];
    sqlite3 *db = sql_open(FILE_NAME);
    snprintf(sql, sizeof sql, "%sSELECT %s FROM train_model('images') WHERE %s%s",
             kind == INSERT        ? "INSERT INTO runs "
             : kind == TRANSACTION ? "BEGIN; "
                                   : "",
             kind == INSERT ? "epoch" : "*", resume ? "resume = 1" : OPTIONS,
             kind == TRANSACTION ? "; COMMIT" : "");
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc != SQLITE_OK;
}

/* trained - starts a child and kills it after so many seconds; 1 if it had ended by
 * then. */
static int trained(int kind, int resume, double seconds) {
    char arguments[2][4];
    int status = 0;
    snprintf(arguments[0], sizeof arguments[0], "%d", kind);
    snprintf(arguments[1], sizeof arguments[1], "%d", resume);
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "kill", arguments[0], arguments[1], (char *)NULL);
        _exit(127);
    }
    const double end = sql_seconds() + seconds;
    while (sql_seconds() < end) {
        struct timespec nap = {0, 500000};
        nanosleep(&nap, NULL);
        if (waitpid(pid, &status, WNOHANG) == pid) {
            CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            return 1;
        }
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return WIFEXITED(status);
}

/* --- what is to be there ------------------------------------------------------------ */

/* make_database - the images, in a journal mode. */
static void make_database(int wal) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_text(db, wal ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = delete");
    sql_run(db, "CREATE TABLE images AS SELECT * FROM synthetic_digits(500); "
                "CREATE TABLE runs(epoch)");
    sql_close(db);
}

/* The undisturbed run, epoch by epoch, in a database in memory: table truth. */
static sqlite3 *make_truth(double *seconds) {
    sqlite3 *db = sql_open(":memory:");
    sqlite3_stmt *s = NULL;
    int epochs = 0;
    sql_run(db, "CREATE TABLE images AS SELECT * FROM synthetic_digits(500)");
    const double start = sql_seconds();
    CHECK(sqlite3_prepare_v2(db, "SELECT * FROM train_model('images') WHERE" OPTIONS, -1,
                             &s, NULL) == SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        sql_run(db, epochs++ ? "INSERT INTO truth SELECT epochs, weights, state FROM "
                               "digitnet_models"
                             : "CREATE TABLE truth AS SELECT epochs, weights, state FROM "
                               "digitnet_models");
    }
    sqlite3_finalize(s);
    *seconds = sql_seconds() - start;
    CHECK(epochs == EPOCHS);
    return db;
}

/* look - checks what is stored; the epochs that are, or -1 if there is no model. */
static int look(sqlite3 *truth) {
    int epochs = -1;
    sqlite3 *db = sql_open(FILE_NAME);
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    sql_close(db);
    sql_run(truth, "ATTACH '" FILE_NAME "' AS killed");
    const char *found = sql_text(
        truth,
        "SELECT count(*) FROM killed.sqlite_master WHERE name GLOB 'digitnet_*[se]'");
    if (strcmp(found, "0") != 0 &&
        strcmp(sql_text(truth, "SELECT count(*) FROM killed.sqlite_master WHERE name = "
                               "'digitnet_models'"),
               "0") != 0 &&
        strcmp(sql_text(truth, "SELECT count(*) FROM killed.digitnet_models"), "0") !=
            0) {
        epochs = atoi(sql_text(truth, "SELECT epochs FROM killed.digitnet_models"));
        CHECK_SQL(
            truth,
            "SELECT count(*), sum(active), sum(m.weights = t.weights AND m.state = "
            "t.state) FROM killed.digitnet_models AS m JOIN truth AS t USING (epochs)",
            "1|1|1");
        CHECK_SQL(
            truth,
            "SELECT count(*) = (SELECT epochs FROM killed.digitnet_models) FROM "
            "killed.digitnet_epochs AS k JOIN main.digitnet_epochs AS e USING (name, "
            "version, epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate)",
            "1");
        CHECK_SQL(truth, "SELECT count(*) = max(epoch) FROM killed.digitnet_epochs", "1");
    }
    sql_run(truth, "DETACH killed");
    if (epochs > 0) {
        db = sql_open(FILE_NAME);
        CHECK_SQL(db,
                  "SELECT typeof(digit_predict(pixels, 'default')) FROM images LIMIT 1",
                  "integer");
        sql_close(db);
    }
    return epochs;
}

int main(int argc, char **argv) {
    if (argc == 3) return child(atoi(argv[1]), atoi(argv[2]));
    const char *wanted = getenv("KILLS");
    const int kills = wanted ? atoi(wanted) : getenv("SHORT") ? 15 : 200;
    double seconds;
    int killed = 0, ended = 0, before = -1, at[EPOCHS + 1] = {0}, of[N_KINDS] = {0},
        none = 0;
    sqlite3 *truth = make_truth(&seconds);
    make_database(0);
    for (int life = 0; killed < kills && !check_failed;) {
        const int kind = (life + killed) % N_KINDS;
        const int over =
            trained(kind, before > 0, seconds * (0.02 + 1.2 * random_unit()));
        const int epochs = look(truth);
        killed += !over;
        of[kind] += !over;
        if (!over && epochs > 0) at[epochs]++;
        if (!over && epochs < 0) none++;
        /* All or nothing. */
        if (kind != SELECT) CHECK(epochs == before || epochs == EPOCHS);
        CHECK(epochs >= before && (!over || epochs == EPOCHS));
        before = epochs;
        if (epochs < EPOCHS) continue;
        ended++;
        make_database(++life % 2);
        before = -1;
    }
    printf("%d kills (", killed);
    for (int k = 0; k < N_KINDS; k++)
        printf("%s%d in %s", k ? ", " : "", of[k], kinds[k]);
    printf("); %d runs got to their end. Stored after a kill: %d times nothing, epochs",
           ended, none);
    for (int e = 1; e <= EPOCHS; e++) printf(" %d:%d", e, at[e]);
    printf("\n");
    sql_close(truth);
    return check_done("kill");
}
