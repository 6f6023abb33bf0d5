/* cache.c - looking models up, and each connection's cache of them: see cache.h. */
#include <string.h>
#include "../base/direct.h"
#include "../base/hash.h"
#include "../base/heap.h"
#include "../base/tvf.h"
#include "builtin.h"
#include "cache.h"
#include "name.h"
#include "store.h"
#include "trust.h"

/* What one connection has parsed, by what it was asked for. A few: the models of one
 * query, or of one application. */
#define CACHE_ENTRIES 8

typedef struct cache_entry {
    char *asked;           /* 'name' or 'name@7', sqlite3_malloc'd; NULL: free */
    int asked_size;        /* in bytes */
    ext_model *model;      /* counted */
    sqlite3_int64 version; /* of its name; 0: the built-in one */
    /* The session in which data_version vouches for the model, or 0. */
    sqlite3_uint64 trusted;
    unsigned data_version;    /* of main, when it was last looked up */
    int committed;            /* and main was not being written to then */
    sqlite3_uint64 last_used; /* ext_context.clock */
} cache_entry;

struct ext_context {
    sqlite3 *db;
    sqlite3 *reads; /* whose tables a source names; NULL: db */
    int references;
    sqlite3_uint64 sessions; /* numbers given out so far */
    sqlite3_uint64 clock;    /* look-ups so far */
    cache_entry entries[CACHE_ENTRIES];
    dn_limits limits;   /* of one prediction */
    ext_model *builtin; /* counted; parsed when first asked for */
    int entered;        /* ext_enter less ext_leave */
    int looking;        /* a look-up is under way */
};

/* How deep SQL that we run may call us again. A source may be a view that asks
 * predict_model about another; more of that is a circle. */
#define MOST_ENTERED 4

/* What the calls of one running statement share. It hangs on that statement as auxiliary
 * data under a negative key, which belongs to the statement and not to one argument (as
 * in SQLite's own json.c and stmtrand.c), and is freed when the statement ends. */
#define SESSION_KEY (-1648172)

typedef struct model_session {
    sqlite3_uint64 number;       /* 1, 2, …; 0 for one that lasts a single look-up */
    sqlite3_stmt *statements[2]; /* of lookup_sql, made when needed */
    int may_look;                /* ext_model_trust said so */
} model_session;

/* The length of a blob is read from the row's head: no page of the weights. */
static const char *const lookup_sql[2] = {
    "SELECT rowid, version, length(weights) FROM main.digitnet_models "
    "WHERE name = ?1 AND active ORDER BY version DESC LIMIT 1",
    "SELECT rowid, version, length(weights) FROM main.digitnet_models "
    "WHERE name = ?1 AND version = ?2"};

/* Where a look-up found the weights, and in which state of main. */
typedef struct location {
    sqlite3_int64 rowid, version, size;
    unsigned data_version;
    int committed;
} location;

/* --- the connection's context ------------------------------------------------------- */

ext_context *ext_context_new(sqlite3 *db) {
    ext_context *context = sqlite3_malloc64(sizeof *context);
    if (!context) return NULL;
    memset(context, 0, sizeof *context);
    context->db = db;
    context->references = 1;
    context->limits = (dn_limits){DN_LIMIT_MEMORY, DN_LIMIT_WORK,
                                  "; digitnet_limit(name, value) changes it"};
    return context;
}

sqlite3 *ext_context_db(const ext_context *context) { return context->db; }

sqlite3 *ext_context_reads(const ext_context *context) {
    return context->reads ? context->reads : context->db;
}

void ext_context_read_from(ext_context *context, sqlite3 *db) { context->reads = db; }

dn_host ext_context_host(const ext_context *context, ext_watch *watch) {
    dn_host host = {.heap = ext_heap, .limits = context->limits};
    if (watch) host.watch = (dn_watch){ext_watch_stop, watch};
    return host;
}

dn_limits ext_context_limits(const ext_context *context) { return context->limits; }

void *ext_context_ref(ext_context *context) {
    context->references++;
    return context;
}

static void entry_clear(cache_entry *entry) {
    ext_model_unref(entry->model);
    sqlite3_free(entry->asked);
    memset(entry, 0, sizeof *entry);
}

void ext_context_unref(void *pointer) {
    ext_context *context = pointer;
    if (--context->references > 0) return;
    for (int i = 0; i < CACHE_ENTRIES; i++) entry_clear(&context->entries[i]);
    ext_model_unref(context->builtin);
    sqlite3_free(context);
}

void ext_context_limit(ext_context *context, const dn_limits *limits) {
    context->limits = *limits;
    for (int i = 0; i < CACHE_ENTRIES; i++) entry_clear(&context->entries[i]);
    ext_model_unref(context->builtin);
    context->builtin = NULL;
}

int ext_model_parse(ext_model **out, ext_context *models, const void *bytes,
                    sqlite3_int64 size, char *error) {
    ext_watch watch = {.db = models->db};
    const dn_host host = ext_context_host(models, &watch);
    const int status = ext_model_decode(out, &host, bytes, size, error);
    ext_poll_end(&watch.poll);
    return status;
}

int ext_enter(ext_context *context, char *error) {
    if (context->entered == MOST_ENTERED) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "recursion deeper than %d: does its source, or a "
                         "trigger, call it again?",
                         MOST_ENTERED);
        return SQLITE_ERROR;
    }
    context->entered++;
    return SQLITE_OK;
}

void ext_leave(ext_context *context) { context->entered--; }

/* entry_find - the entry for a request, or NULL. */
static cache_entry *entry_find(ext_context *context, const ext_model_request *request) {
    for (int i = 0; i < CACHE_ENTRIES; i++) {
        cache_entry *entry = &context->entries[i];
        if (entry->asked && entry->asked_size == request->size &&
            memcmp(entry->asked, request->text, (size_t)request->size) == 0)
            return entry;
    }
    return NULL;
}

/* entry_make - the same, made if there is none: in the place of the one that was not used
 * for the longest time. NULL: out of memory. */
static cache_entry *entry_make(ext_context *context, const ext_model_request *request) {
    cache_entry *entry = entry_find(context, request);
    if (entry) return entry;
    char *asked = sqlite3_malloc64((sqlite3_uint64)request->size + 1);
    if (!asked) return NULL;
    memcpy(asked, request->text, (size_t)request->size);
    entry = &context->entries[0];
    for (int i = 1; i < CACHE_ENTRIES; i++)
        if (context->entries[i].last_used < entry->last_used)
            entry = &context->entries[i];
    entry_clear(entry);
    entry->asked = asked;
    entry->asked_size = request->size;
    return entry;
}

/* --- sessions ----------------------------------------------------------------------- */

static void session_clear(model_session *session) {
    for (int i = 0; i < 2; i++) {
        sqlite3_finalize(session->statements[i]);
        session->statements[i] = NULL;
    }
}

static void session_free(void *pointer) {
    session_clear(pointer);
    sqlite3_free(pointer);
}

/* session_get - the calling statement's session, made at its first look-up; NULL if there
 * can be none. */
static model_session *session_get(ext_context *models, sqlite3_context *context) {
    if (!context) return NULL;
    model_session *session = sqlite3_get_auxdata(context, SESSION_KEY);
    if (session) return session;
    session = sqlite3_malloc64(sizeof *session);
    if (!session) return NULL;
    memset(session, 0, sizeof *session);
    session->number = ++models->sessions;
    sqlite3_set_auxdata(context, SESSION_KEY, session, session_free);
    return sqlite3_get_auxdata(context, SESSION_KEY); /* frees it if out of memory */
}

/* main_state - whether main is only being read, so that what is seen is committed: 1 or
 * 0;
 * -1 before SQLite 3.34, which cannot tell. Then each look-up asks the table. */
static int main_state(sqlite3 *db) {
#if SQLITE_VERSION_NUMBER >= 3034000
    if (sqlite3_libversion_number() >= 3034000)
        return sqlite3_txn_state(db, "main") == SQLITE_TXN_READ;
#endif
    (void)db;
    return -1;
}

static unsigned main_data_version(sqlite3 *db) {
    unsigned version = 0;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

/* --- looking up --------------------------------------------------------------------- */

/* lookup_prepare - the session's statement for a request, its parameters bound; none, and
 * SQLITE_OK, if there is no table of models and the request can do without. */
static int lookup_prepare(sqlite3_stmt **out, sqlite3 *db, model_session *session,
                          const ext_model_request *request, char *error) {
    sqlite3_stmt **statement = &session->statements[request->by];
    if (!*statement) {
        int rc = sqlite3_prepare_v2(db, lookup_sql[request->by], -1, statement, NULL);
        if (rc != SQLITE_OK) {
            *out = NULL;
            ext_sqlite_error(db, rc, error);
            if (rc == SQLITE_ERROR &&
                sqlite3_table_column_metadata(db, "main", "digitnet_models", NULL, NULL,
                                              NULL, NULL, NULL, NULL) == SQLITE_ERROR)
                rc = request->has_default
                         ? SQLITE_OK
                         : ext_model_request_missing(db, request, 0, error);
            return rc;
        }
    }
    sqlite3_bind_text(*statement, 1, request->text, request->name_size, SQLITE_STATIC);
    if (request->by == BY_VERSION) sqlite3_bind_int64(*statement, 2, request->version);
    *out = *statement;
    return SQLITE_OK;
}

/* weights_same - whether an open blob holds the weights that an entry has parsed, as far
 * as their checksum can tell: enough unless something was committed since. */
static int weights_same(const cache_entry *entry, const location *where,
                        sqlite3_blob *blob) {
    unsigned char checksum[DN_MODEL_CHECKSUM];
    if (!entry->model || entry->model->size != where->size) return 0;
    if (where->committed &&
        !(entry->committed && entry->data_version == where->data_version))
        return 0;
    return sqlite3_blob_read(blob, checksum, DN_MODEL_CHECKSUM, DN_MODEL_CHECKSUM_AT) ==
               SQLITE_OK &&
           memcmp(entry->model->checksum, checksum, DN_MODEL_CHECKSUM) == 0;
}

/* weights_parse - the model of some weights: one in the cache that has the same, or a new
 * one. */
static int weights_parse(ext_model **out, ext_context *models, const void *bytes,
                         const ext_model_request *request, const location *where,
                         char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    const uint64_t hash = hash_bytes(HASH_START, bytes, (size_t)where->size);
    for (int i = 0; i < CACHE_ENTRIES; i++) {
        ext_model *model = models->entries[i].model;
        if (!model || model->size != where->size || model->hash != hash) continue;
        *out = ext_model_ref(model);
        return SQLITE_OK;
    }
    const int status = ext_model_parse(out, models, bytes, where->size, reason);
    if (status == DN_OK) return SQLITE_OK;
    if (status != DN_ERROR) return ext_from_core(status, error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "model %.*s@%lld: %s",
                     request->name_size > 100 ? 100 : request->name_size, request->text,
                     where->version, reason);
    return SQLITE_ERROR;
}

/* too_large - the error for weights that are not even read. */
static int too_large(const ext_context *models, const ext_model_request *request,
                     const location *where, char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "model %.*s@%lld: its weights are %lld bytes, more than the limit "
                     "'memory' of %lld%s",
                     request->name_size > 100 ? 100 : request->name_size, request->text,
                     where->version, where->size, (sqlite3_int64)models->limits.memory,
                     models->limits.advice);
    return SQLITE_ERROR;
}

/* weights_load - from where the weights are stored to their model. */
static int weights_load(ext_model **out, ext_context *models, const cache_entry *entry,
                        const ext_model_request *request, const location *where,
                        char *error) {
    sqlite3 *db = models->db;
    sqlite3_blob *blob = NULL;
    void *bytes = NULL;
    size_t size = 0;
    int rc = sqlite3_blob_open(db, "main", "digitnet_models", "weights", where->rowid, 0,
                               &blob);
    if (rc == SQLITE_OK && weights_same(entry, where, blob)) {
        *out = ext_model_ref(entry->model);
        goto done;
    }
    if (rc == SQLITE_OK && where->size > models->limits.memory) {
        rc = too_large(models, request, where, error);
        goto done;
    }
    if (rc != SQLITE_OK) {
        ext_sqlite_error(db, rc, error);
        goto done;
    }
    rc = ext_store_bytes(db, where->rowid, "weights", &bytes, &size, error);
    location read = *where;
    read.size = (sqlite3_int64)size;
    if (rc == SQLITE_OK) rc = weights_parse(out, models, bytes, request, &read, error);
done:
    sqlite3_free(bytes);
    sqlite3_blob_close(blob);
    return rc;
}

/* lookup_row - from the row that a look-up stands on to its model. */
static int lookup_row(ext_model **out, ext_context *models, sqlite3_stmt *row,
                      cache_entry *entry, const ext_model_request *request, char *error) {
    const int state = main_state(models->db);
    const location where = {
        .rowid = sqlite3_column_int64(row, 0),
        .version = sqlite3_column_int64(row, 1),
        .size = sqlite3_column_int64(row, 2),
        .data_version = main_data_version(models->db),
        .committed = state < 0 ? sqlite3_get_autocommit(models->db) : state,
    };
    if (sqlite3_column_type(row, 2) == SQLITE_NULL) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "model %.*s@%lld: weights are NULL",
                         request->name_size > 100 ? 100 : request->name_size,
                         request->text, where.version);
        return SQLITE_ERROR;
    }
    int rc = weights_load(out, models, entry, request, &where, error);
    entry->version = where.version;
    entry->data_version = where.data_version;
    entry->committed = where.committed;
    return rc;
}

/* builtin_get - the built-in model, parsed once a connection. */
static int builtin_get(ext_model **out, ext_context *models, char *error) {
    int size;
    const unsigned char *bytes = ext_builtin_weights(&size);
    int status = DN_OK;
    if (!size) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "there is no model of that name, and none is built into this "
                         "library, which was compiled with DIGITNET_OMIT_BUILTIN; train, "
                         "import or copy one");
        return SQLITE_ERROR;
    }
    if (!models->builtin)
        status = ext_model_parse(&models->builtin, models, bytes, size, error);
    *out = models->builtin;
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

/* lookup_step - runs the statement of a look-up and takes its row. */
static int lookup_step(ext_model **out, ext_context *models, sqlite3_stmt *statement,
                       cache_entry *entry, const ext_model_request *request,
                       char *error) {
    int rc = SQLITE_OK;
    const int found = sqlite3_step(statement);
    if (found == SQLITE_ROW)
        rc = lookup_row(out, models, statement, entry, request, error);
    const int ended = sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (found == SQLITE_DONE && !request->has_default)
        return ext_model_request_missing(models->db, request, 1, error);
    if (found != SQLITE_DONE && found != SQLITE_ROW)
        return ext_sqlite_error(models->db, ended, error);
    return rc;
}

/* cache_bound - lets go of the models that were not used for the longest time, until
 * those that are kept take no more than one prediction may. */
static void cache_bound(ext_context *models, const cache_entry *keep) {
    for (;;) {
        uint64_t taken = 0;
        cache_entry *oldest = NULL;
        for (int i = 0; i < CACHE_ENTRIES; i++) {
            cache_entry *entry = &models->entries[i];
            if (!entry->model) continue;
            taken += entry->model->info.memory;
            if (entry != keep && (!oldest || entry->last_used < oldest->last_used))
                oldest = entry;
        }
        if (taken <= (uint64_t)models->limits.memory || !oldest) return;
        entry_clear(oldest);
    }
}

/* lookup - asks the table and brings an entry up to date with it.
 *
 * The first statement is reset last, so that all reads see one state of the database, and
 * the entry is trusted until the next commit only if that state was a committed one. */
static int lookup(ext_context *models, model_session *session, cache_entry *entry,
                  const ext_model_request *request, char *error) {
    sqlite3_stmt *statement = NULL;
    ext_model *model = NULL;
    int rc = lookup_prepare(&statement, models->db, session, request, error);
    if (rc != SQLITE_OK) return rc;
    entry->trusted = 0;
    if (statement) rc = lookup_step(&model, models, statement, entry, request, error);
    if (rc == SQLITE_OK && !model) { /* the built-in one, until something is committed */
        rc = builtin_get(&model, models, error);
        if (rc == SQLITE_OK) ext_model_ref(model);
        entry->version = 0;
        entry->data_version = main_data_version(models->db);
        entry->committed = main_state(models->db) == 1;
    }
    if (rc != SQLITE_OK) return rc;
    if (entry->committed) entry->trusted = session->number;
    ext_model_unref(entry->model);
    entry->model = model;
    cache_bound(models, entry);
    return SQLITE_OK;
}

/* find - looks a request up in the cache, else in the table. *version is the one that was
 * found, or 0 for the built-in model.
 *
 * Not within itself: digitnet_models may be a view of the file's author that calls
 * digit_predict, which would look up without end, and use the entries that are being
 * made. */
static int find(ext_model **out, sqlite3_int64 *version, ext_context *models,
                sqlite3_context *context, const ext_model_request *request, char *error) {
    *version = 0;
    if (request->by == BUILTIN) return builtin_get(out, models, error);
    if (models->looking) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "main.digitnet_models asks for a model itself; expected a table");
        return SQLITE_ERROR;
    }
    model_session brief = {0};
    model_session *session = session_get(models, context);
    if (context && !(session && session->may_look)) {
        const int rc = ext_model_trust(models->db, error);
        if (rc != SQLITE_OK) return rc;
        if (session) session->may_look = 1;
    }
    cache_entry *entry = entry_find(models, request);
    if (!entry || !session || entry->trusted != session->number ||
        main_state(models->db) != 1 ||
        entry->data_version != main_data_version(models->db)) {
        entry = entry_make(models, request);
        if (!entry) return ext_sqlite_error(models->db, SQLITE_NOMEM, error);
        models->looking = 1;
        int rc = lookup(models, session ? session : &brief, entry, request, error);
        models->looking = 0;
        session_clear(&brief);
        if (rc != SQLITE_OK) {
            entry_clear(entry);
            return rc;
        }
    }
    entry->last_used = ++models->clock;
    *out = entry->model;
    *version = entry->version;
    return SQLITE_OK;
}

int ext_model_find(ext_model **out, ext_context *models, sqlite3_context *context,
                   sqlite3_value *name, char *error) {
    ext_model_request request;
    sqlite3_int64 version;
    int rc = ext_model_request_parse(&request, name, error);
    if (rc == SQLITE_NOMEM) return ext_sqlite_error(models->db, rc, error);
    if (rc == SQLITE_OK) rc = find(out, &version, models, context, &request, error);
    if (rc == SQLITE_OK) (*out)->room.watch.db = models->db;
    return rc;
}

int ext_model_exact(char **out, ext_context *models, sqlite3_context *context,
                    sqlite3_value *name, char *error) {
    ext_model_request request;
    sqlite3_int64 version;
    ext_model *model;
    int rc = ext_model_request_parse(&request, name, error);
    *out = NULL;
    if (rc == SQLITE_NOMEM) return ext_sqlite_error(models->db, rc, error);
    if (rc == SQLITE_OK) rc = find(&model, &version, models, context, &request, error);
    if (rc != SQLITE_OK) return rc;
    *out = version
               ? sqlite3_mprintf("%.*s@%lld", request.name_size, request.text, version)
               : sqlite3_mprintf("builtin");
    return *out ? rc : ext_no_memory(error);
}

void ext_model_takes(const ext_model *model, ext_context *models,
                     sqlite3_context *context, sqlite3_value *name, char *error) {
    const dn_shape shape = model->info.shape;
    const size_t end = strlen(error);
    char ignored[EXT_ERROR_SIZE], *exact;
    if (!model->room.misfit ||
        ext_model_exact(&exact, models, context, name, ignored) != SQLITE_OK)
        return;
    sqlite3_snprintf((int)(EXT_ERROR_SIZE - end), error + end,
                     "; model '%!.100s' takes images of %dx%dx%d", exact, shape.h,
                     shape.w, shape.c);
    sqlite3_free(exact);
}

int ext_model_named(ext_model **out, sqlite3_int64 *version, ext_context *models,
                    const char *name, int size, char *error) {
    ext_model_request request;
    int rc = ext_model_request_text(&request, name, size, error);
    return rc == SQLITE_OK ? find(out, version, models, NULL, &request, error) : rc;
}

int ext_tvf_enter(sqlite3_vtab *table, const char *name, ext_context *context) {
    char error[EXT_ERROR_SIZE];
    int rc = ext_direct_table(table, context->db, name);
    if (rc != SQLITE_OK) return rc;
    rc = ext_enter(context, error);
    return rc == SQLITE_OK ? rc : ext_tvf_error(table, rc, "%s: %s", name, error);
}
