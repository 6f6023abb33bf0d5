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

/* Outputs for CHECKED images: theirs are logits, ours probabilities. */
typedef struct outputs {
    float *theirs, *ours; /* [CHECKED][classes] */
    int classes;
} outputs;

static void free_outputs(outputs *o) {
    free(o->theirs);
    free(o->ours);
}

/* ours - what digitnet's model gives; 0: error says why it gives nothing. */
static int ours(server *v, const char *name, outputs *out) {
    size_t size = 0;
    void *bytes = subject_model(&v->s, name, &size);
    dn_model *model = NULL;
    dn_model_info info;
    dn_image *images = calloc(CHECKED, sizeof *images);
    if (!images) host_fail("out of memory");
    snprintf(v->error, sizeof v->error, "no such model");
    int right = bytes && dn_model_decode(&model, bytes, size, NULL, v->error,
                                         sizeof v->error) == DN_OK;
    if (right) {
        dn_model_get_info(model, &info);
        out->classes = info.classes;
        out->ours = calloc(CHECKED * (size_t)info.classes, sizeof *out->ours);
        if (!out->ours) host_fail("out of memory");
        for (size_t k = 0; k < CHECKED; k++)
            images[k] = (dn_image){v->s.images + k * (size_t)v->s.pixels, DN_FLOAT32};
        right = dn_predict_batch(model, NULL, images, CHECKED, out->ours) == DN_OK;
    }
    free(images);
    free(bytes);
    dn_model_free(model);
    return right;
}

/* compute - both; 0: error says why not. Free with free_outputs. */
static int compute(server *v, const char *name, const char *model, outputs *out) {
    *out = (outputs){NULL, NULL, 0};
    void *made = session_of(v, name, CHECKED_BATCH, 1);
    int right = made && ours(v, model, out);
    if (!right) return 0;
    const size_t classes = (size_t)out->classes, pixels = (size_t)v->s.pixels;
    out->theirs = calloc(CHECKED * classes, sizeof *out->theirs);
    if (!out->theirs) host_fail("out of memory");
    for (size_t k = 0; k < CHECKED; k += CHECKED_BATCH)
        right &=
            v->engine->run(made, v->s.images + k * pixels, out->theirs + k * classes);
    snprintf(v->error, sizeof v->error, "a run failed");
    return right;
}

/* check - the largest difference of its outputs from digitnet's, and how far apart the
 * probabilities of one class are at least: a network that says the same of each image
 * would agree with anything. */
static void check(server *v, const char *name) {
    outputs o;
    const int right = compute(v, name, name, &o);
    double most = 0;
    float low = 1, high = 0;
    for (int k = 0; k < CHECKED && right; k++) {
        const float *mine = o.ours + k * o.classes;
        most = fmax(most, difference(o.theirs + k * o.classes, mine, o.classes));
        low = fminf(low, mine[0]);
        high = fmaxf(high, mine[0]);
    }
    if (right)
        printf("%.2g %.2g\n", most, (double)(high - low));
    else
        printf("error: %s\n", v->error);
    free_outputs(&o);
}

static int likeliest(const float *y, int classes) {
    int best = 0;
    for (int o = 1; o < classes; o++)
        if (y[o] > y[best]) best = o;
    return best;
}

/* agree - the share of images to which it gives the label that digitnet's model gives. */
static void agree(server *v, const char *name, const char *model) {
    outputs o;
    const int right = compute(v, name, model, &o);
    int same = 0;
    for (int k = 0; k < CHECKED && right; k++)
        same += likeliest(o.theirs + k * o.classes, o.classes) ==
                likeliest(o.ours + k * o.classes, o.classes);
    if (right)
        printf("%.4f\n", (double)same / CHECKED);
    else
        printf("error: %s\n", v->error);
    free_outputs(&o);
}

int subject_serve(const peer_engine *engine, const char *folder) {
    server *v = calloc(1, sizeof *v);
    if (!v) host_fail("out of memory");
    v->engine = engine;
    v->s.folder = folder;
    char line[512], name[64], model[64];
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
        else if (sscanf(line, "agree %63s %63s", name, model) == 2)
            agree(v, name, model);
        else
            printf("error: cannot do that\n");
        fflush(stdout);
    }
    free(v->s.images);
    free(v);
    return 0;
}
