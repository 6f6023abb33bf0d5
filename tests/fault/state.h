/* state.h - what a script says and what a database holds, as numbers to compare: the same
 * before and after a fault, whatever the clock says.
 *
 *     answer now;
 *     said_run(&now, db, "SELECT 1; SELECT * FROM images", NULL, NULL);
 *     if (now.rc == SQLITE_OK && now.hash == before.hash && state_of(db) == state) …
 *
 * Columns called created, seconds, microseconds and images_per_second differ: left
 * out. */
#ifndef STATE_H
#define STATE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include "../host/sql.h"

/* FNV-1a, 64 bits. */
static inline uint64_t state_add(uint64_t hash, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

static inline int state_is_clock(const char *column) {
    return column &&
           (strcmp(column, "seconds") == 0 || strcmp(column, "microseconds") == 0 ||
            strcmp(column, "created") == 0 || strcmp(column, "images_per_second") == 0);
}

/* What a script came to. */
typedef struct answer {
    int rc; /* SQLITE_OK, or the extended code of what went wrong */
    char error[512];
    uint64_t hash; /* of all rows' values */
    int rows;
} answer;

typedef void (*said_each)(void *context, int rows);

/* said_row - adds a row to the hash. */
static inline void said_row(answer *out, sqlite3_stmt *s) {
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        const int type = sqlite3_column_type(s, i);
        if (state_is_clock(sqlite3_column_name(s, i))) continue;
        out->hash = state_add(out->hash, &type, sizeof type);
        if (type == SQLITE_INTEGER) {
            const sqlite3_int64 value = sqlite3_column_int64(s, i);
            out->hash = state_add(out->hash, &value, sizeof value);
        } else if (type == SQLITE_FLOAT) {
            const double value = sqlite3_column_double(s, i);
            out->hash = state_add(out->hash, &value, sizeof value);
        } else if (type != SQLITE_NULL) {
            const void *bytes = type == SQLITE_TEXT
                                    ? (const void *)sqlite3_column_text(s, i)
                                    : sqlite3_column_blob(s, i);
            if (!bytes)
                continue; /* an empty blob, or out of memory: the next step says so */
            out->hash = state_add(out->hash, bytes, (size_t)sqlite3_column_bytes(s, i));
        }
    }
    out->rows++;
}

/* said_run - runs statements up to the first that fails, as a host would; each, if given,
 * is called after every row. */
static inline void said_run(answer *out, sqlite3 *db, const char *sql, said_each each,
                            void *context) {
    memset(out, 0, sizeof *out);
    for (const char *rest; *sql && out->rc == SQLITE_OK; sql = rest) {
        sqlite3_stmt *s = NULL;
        int rc = sqlite3_prepare_v2(db, sql, -1, &s, &rest);
        while (s && rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
            said_row(out, s);
            if (each) each(context, out->rows);
        }
        if (rc == SQLITE_OK) rc = sqlite3_finalize(s);
        if (rc == SQLITE_OK) continue;
        out->rc = sqlite3_extended_errcode(db);
        snprintf(out->error, sizeof out->error, "%s", sqlite3_errmsg(db));
    }
}

/* state_of - all that the main database holds; 0 if it cannot be read. */
static inline uint64_t state_of(sqlite3 *db) {
    answer rows;
    sqlite3_stmt *s = NULL;
    uint64_t hash = 0xcbf29ce484222325u;
    int rc = sqlite3_prepare_v2(
        db, "SELECT name, sql FROM main.sqlite_master ORDER BY name", -1, &s, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        const char *sql = (const char *)sqlite3_column_text(s, 1);
        rc = SQLITE_OK;
        if (!sql || strncmp(sql, "CREATE TABLE", 12) != 0) continue;
        char *all = sqlite3_mprintf("SELECT * FROM main.\"%w\" ORDER BY rowid", name);
        said_run(&rows, db, all, NULL, NULL);
        sqlite3_free(all);
        rc = rows.rc;
        hash = state_add(state_add(hash, sql, strlen(sql)), &rows.hash, sizeof hash);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? hash : 0;
}

/* --- what is to come of it ---------------------------------------------------------- */

/* A script reads; writes, all or nothing; or trains and stores something new a row. */
enum { READS, WRITES, TRAINS };

#define MOST_STATES 64

/* What an undisturbed run says and leaves. */
typedef struct truth {
    answer said;
    int n;                       /* states */
    uint64_t state[MOST_STATES]; /* [0]: before; [i]: after row i, or the whole script */
} truth;

/* truth_allows - whether a state may come of a run that said this. An epoch is stored
 * before its row is given: after an error there may be one more. */
static inline int truth_allows(const truth *t, int kind, const answer *said,
                               uint64_t state) {
    const int last = t->n - 1;
    if (kind != TRAINS) return state == t->state[said->rc ? 0 : last];
    const int rows = said->rows < last ? said->rows : last;
    return state == t->state[rows] ||
           (said->rc && rows < last && state == t->state[rows + 1]);
}

/* --- files -------------------------------------------------------------------------- */

/* file_copy - a database file over another one, whose journals go. 0 if it cannot. */
static inline int file_copy(const char *to, const char *from) {
    static const char *const ends[] = {"-journal", "-wal", "-shm"};
    static unsigned char buffer[1 << 16];
    char name[256];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", to, ends[i]);
        unlink(name);
    }
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    int ok = in && out;
    for (size_t n; ok && (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
        ok = fwrite(buffer, 1, n, out) == n;
    if (in) ok = !ferror(in) && fclose(in) == 0 && ok;
    if (out) ok = fclose(out) == 0 && ok;
    return ok;
}

/* file_write - a file of n bytes in a folder that may have to be made. */
static inline void file_write(const char *folder, const char *name, const void *bytes,
                              size_t n) {
    char path[256];
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!CHECK(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0)) exit(1);
}

/* file_text - a whole file, malloc'd. */
static inline char *file_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!CHECK(file != NULL)) exit(1);
    fseek(file, 0, SEEK_END);
    const size_t n = (size_t)ftell(file);
    char *text = malloc(n + 1);
    rewind(file);
    if (!CHECK(text && fread(text, 1, n, file) == n)) exit(1);
    fclose(file);
    text[n] = 0;
    return text;
}

/* --- what is read ------------------------------------------------------------------- */

#define PUT_BE32(n)                                                                      \
    (unsigned char)((n) >> 24), (unsigned char)((n) >> 16), (unsigned char)((n) >> 8),   \
        (unsigned char)(n)

/* files_make - MNIST's four files in miniature in folder/idx, n images in each pair;
 * CIFAR-10's of one row in folder/cifar; and four PNG files in folder/png. n ≥ 4. */
static inline void files_make(const char *folder, int n) {
    static unsigned char images[16 + 64 * 784], labels[8 + 64];
    static const char *const drawn[3] = {"tests/drawn/2/031-tiny-white-pal2.png",
                                         "tests/drawn/1/029-felt-white-rgb8.png",
                                         "tests/drawn/1/027-marker-cream-rgba8.png"};
    const unsigned char image_head[16] = {0,           0, 8, 3, PUT_BE32(n), PUT_BE32(28),
                                          PUT_BE32(28)};
    const unsigned char label_head[8] = {0, 0, 8, 1, PUT_BE32(n)};
    char idx[200], png[200];
    memcpy(images, image_head, 16);
    memcpy(labels, label_head, 8);
    for (int i = 0; i < n * 784; i++)
        images[16 + i] = (unsigned char)((i % 784 / 28 % 7 < 3) * (i % 251));
    for (int i = 0; i < n; i++) labels[8 + i] = (unsigned char)(i % 10);
    mkdir(folder, 0777);
    snprintf(idx, sizeof idx, "%s/idx", folder);
    snprintf(png, sizeof png, "%s/png", folder);
    for (int k = 0; k < 2; k++) {
        file_write(idx, k ? "t10k-images-idx3-ubyte" : "train-images-idx3-ubyte", images,
                   16 + (size_t)n * 784);
        file_write(idx, k ? "t10k-labels-idx1-ubyte" : "train-labels-idx1-ubyte", labels,
                   8 + (size_t)n);
    }
    snprintf(idx, sizeof idx, "%s/cifar", folder);
    images[0] = 7;
    for (int k = 1; k <= 6; k++) {
        char name[32] = "test_batch.bin";
        if (k < 6) snprintf(name, sizeof name, "data_batch_%d.bin", k);
        file_write(idx, name, images, 3073);
    }
    mkdir(png, 0777);
    for (int k = 0; k < 3; k++) {
        char to[256];
        snprintf(to, sizeof to, "%s/%d", png, 2 - (k + 1) / 2);
        mkdir(to, 0777);
        snprintf(to, sizeof to, "%s/%d/%d.png", png, 2 - (k + 1) / 2, k);
        if (!CHECK(file_copy(to, drawn[k]))) exit(1);
    }
}

#endif
