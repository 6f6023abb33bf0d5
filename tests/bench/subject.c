/* subject.c - see subject.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "subject.h"

#define MOST_SESSIONS 64
#define CHECKED       256 /* images whose outputs are compared */
#define CHECKED_BATCH 64

/* --- what bench.c left -------------------------------------------------------------- */

static sqlite3_stmt *query(const subject *s, sqlite3 **db, const char *sql) {
    char path[4096];
    sqlite3_stmt *statement = NULL;
    snprintf(path, sizeof path, "%s/bench.db", s->folder);
    if (sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(*db, sql, -1, &statement, NULL) != SQLITE_OK)
        host_fail("%s: %s", path, sqlite3_errmsg(*db));
    return statement;
}

static int read_images(subject *s) {
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = query(s, &db, "SELECT pixels FROM test");
    int room = 0;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const int bytes = sqlite3_column_bytes(rows, 0);
        if (!s->n) s->pixels = bytes / (int)sizeof(float);
        if (s->n == room) {
            room = room ? 2 * room : 1024;
            s->images = realloc(s->images, (size_t)room * (size_t)bytes);
            if (!s->images) host_fail("out of memory");
        }
        memcpy(s->images + (size_t)s->n++ * (size_t)s->pixels,
               sqlite3_column_blob(rows, 0), (size_t)bytes);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return s->n > 0;
}

void *subject_model(const subject *s, const char *name, size_t *size) {
    sqlite3 *db = NULL;
    void *bytes = NULL;
    sqlite3_stmt *rows =
        query(s, &db, "SELECT weights FROM digitnet_models WHERE name = ?1 AND active");
    sqlite3_bind_text(rows, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(rows) == SQLITE_ROW) {
        *size = (size_t)sqlite3_column_bytes(rows, 0);
        bytes = malloc(*size);
        if (bytes) memcpy(bytes, sqlite3_column_blob(rows, 0), *size);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return bytes;
}

/* --- sessions ----------------------------------------------------------------------- */

typedef struct session {
    char name[64];
    int batch, threads;
    void *made;
} session;

typedef struct server {
    const peer_engine *engine;
    subject s;
    session sessions[MOST_SESSIONS];
    int n;
    char error[256];
} server;

static void *session_of(server *v, const char *name, int batch, int threads) {
    for (int i = 0; i < v->n; i++) {
        const session *at = &v->sessions[i];
        if (!strcmp(at->name, name) && at->batch == batch && at->threads == threads)
            return at->made;
    }
    snprintf(v->error, sizeof v->error, "too many sessions");
    if (v->n == MOST_SESSIONS) return NULL;
    session *next = &v->sessions[v->n];
    next->made = v->engine->open(&v->s, name, batch, threads, v->error);
    if (!next->made) return NULL;
    snprintf(next->name, sizeof next->name, "%s", name);
    next->batch = batch;
    next->threads = threads;
    v->n++;
    return next->made;
}

/* --- answers ------------------------------------------------------------------------ */

/* infer - all images over and over, a batch at a time, as a query would meet them. */
static void infer(server *v, const char *name, int batch, int threads, double seconds) {
    void *made = session_of(v, name, batch, threads);
    if (!made || batch > v->s.n) {
        printf("error: %s\n", made ? "a batch larger than the test set" : v->error);
        return;
    }
    float *y = malloc(sizeof *y * (size_t)batch * DN_MAX_CLASSES);
    if (!y) host_fail("out of memory");
    const size_t step = (size_t)batch * (size_t)v->s.pixels;
    const int batches = v->s.n / batch;
    int right = 1, at = 0;
    for (int i = 0; i < 3; i++) right &= v->engine->run(made, v->s.images, y);
    const double start = host_seconds(), cpu = host_cpu();
    double images = 0;
    while (right && host_seconds() - start < seconds) {
        right &= v->engine->run(made, v->s.images + (size_t)at * step, y);
        images += batch;
        at = (at + 1) % batches;
    }
    if (right)
        printf("%.1f %.1f\n", images / (host_cpu() - cpu),
               images / (host_seconds() - start));
    else
        printf("error: a run failed\n");
    free(y);
}

/* The largest difference of softmax(logits) from probabilities. */
static double difference(const float *logits, const float *probabilities, int classes) {
    double sum = 0, most = 0, top = (double)logits[0];
    for (int o = 1; o < classes; o++)
        if ((double)logits[o] > top) top = (double)logits[o];
    for (int o = 0; o < classes; o++) sum += exp((double)logits[o] - top);
    for (int o = 0; o < classes; o++) {
        const double d =
            fabs(exp((double)logits[o] - top) / sum - (double)probabilities[o]);
        if (!(d <= most)) most = d; /* NaN shows, too */
    }
    return most;
}

/* check - the largest difference of its outputs from digitnet's, and how far apart the
 * probabilities of one class are at least: a network that says the same of each image
 * would agree with anything. */
static void check(server *v, const char *name) {
    size_t size = 0;
    void *bytes = subject_model(&v->s, name, &size),
         *made = session_of(v, name, CHECKED_BATCH, 1);
    dn_model *model = NULL;
    dn_model_info info;
    if (!made || !bytes ||
        dn_model_decode(&model, bytes, size, NULL, v->error, sizeof v->error) != DN_OK) {
        printf("error: %s\n", bytes ? v->error : "no such model");
        free(bytes);
        return;
    }
    dn_model_get_info(model, &info);
    const size_t classes = (size_t)info.classes, pixels = (size_t)v->s.pixels;
    float *y = calloc(CHECKED_BATCH * classes, sizeof *y);
    float *p = calloc(CHECKED * classes, sizeof *p);
    dn_image *images = calloc(CHECKED, sizeof *images);
    if (!y || !p || !images) host_fail("out of memory");
    for (size_t k = 0; k < CHECKED; k++)
        images[k] = (dn_image){v->s.images + k * pixels, DN_FLOAT32};
    int right = dn_predict_batch(model, NULL, images, CHECKED, p) == DN_OK;
    double most = 0;
    float low = 1, high = 0;
    for (size_t k = 0; k < CHECKED && right; k += CHECKED_BATCH) {
        right &= v->engine->run(made, v->s.images + k * pixels, y);
        for (size_t i = 0; i < CHECKED_BATCH; i++) {
            const float *mine = p + (k + i) * classes;
            most = fmax(most, difference(y + i * classes, mine, info.classes));
            low = fminf(low, mine[0]);
            high = fmaxf(high, mine[0]);
        }
    }
    if (right)
        printf("%.2g %.2g\n", most, (double)(high - low));
    else
        printf("error: a run failed\n");
    free(images);
    free(p);
    free(y);
    free(bytes);
    dn_model_free(model);
}

int subject_serve(const peer_engine *engine, const char *folder) {
    server *v = calloc(1, sizeof *v);
    if (!v) host_fail("out of memory");
    v->engine = engine;
    v->s.folder = folder;
    char line[512], name[64];
    int batch = 0, threads = 0;
    double seconds = 0;
    while (fgets(line, sizeof line, stdin)) {
        const char *version = engine->version();
        if (!strncmp(line, "version", 7))
            printf("%s\n", version ? version : "error: not found");
        else if (!v->s.n && !read_images(&v->s))
            printf("error: no images\n");
        else if (sscanf(line, "infer %63s %d %d %lf", name, &batch, &threads, &seconds) ==
                 4)
            infer(v, name, batch, threads, seconds);
        else if (sscanf(line, "check %63s", name) == 1)
            check(v, name);
        else
            printf("error: cannot do that\n");
        fflush(stdout);
    }
    free(v->s.images);
    free(v);
    return 0;
}
