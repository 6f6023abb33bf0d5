/* cache.h - from a model's name to a network that is ready to predict.
 *
 *     ext_model *model;
 *     int rc = ext_model_find(&model, models, context, argv[1], error);
 *
 * What a name stands for, looked up in main.digitnet_models:
 *
 *     NULL            the active version of 'default'; the built-in one if none is
 *     'name'          the active version of that name; should several be active (the
 *                     user's own UPDATE), the newest of them: no unique index forbids it,
 *                     for SQLite checks those row by row, and then
 *                     UPDATE digitnet_models SET active = (version = 3) WHERE name = 'd'
 *                     would fail on its way
 *     'name@7'        version 7, active or not
 *     'builtin'       the model that comes with the library (builtin.h)
 *
 * A connection parses a model once. Whether what it has is still what is stored is known
 * for certain at each row, and cheaply:
 *
 * - Inside one statement, while `main` is in a read transaction, nothing we may see can
 *   change but by a commit, and SQLITE_FCNTL_DATA_VERSION changes with each of those. So
 *   the first look-up of a statement asks the table and the others compare a number. If
 *   that number says that something was committed since the model was last looked up, all
 *   bytes of its weights are read and hashed; else their checksum alone.
 * - In a write transaction the number stands still: the table may be changed by the
 *   running statement itself and changed back by ROLLBACK TO. There each look-up asks the
 *   table, by a statement kept until the calling one ends: a seek for the version and one
 *   for the checksum of its weights. (Weights damaged by hand under an old checksum are
 *   noticed with the commit.)
 * - Nothing of ours outlives the calling statement but parsed models: no statement, no
 *   transaction, no hook. So sqlite3_close never finds us in its way. */
#ifndef EXT_CACHE_H
#define EXT_CACHE_H

#include "../../core/dn.h"
#include "../base/error.h"
#include "../base/ext.h"
#include "../base/interrupt.h"
#include "../image/image.h"

/* A parsed model and the room for one prediction. */
typedef struct ext_model {
    dn_model *model;
    dn_model_info info; /* points into model */
    dn_scratch *scratch;
    float *probabilities;  /* [info.classes] */
    float *embedding;      /* [info.embedding] */
    unsigned char *memory; /* the image these two belong to, … */
    size_t memory_size;    /* … in bytes; 0 for none yet */
    ext_room room;         /* for the one that is being predicted, if it is a PNG */
    /* Identity of the stored weights: */
    sqlite3_int64 size;                        /* of the stored weights */
    unsigned char checksum[DN_MODEL_CHECKSUM]; /* the one they hold */
    uint64_t hash;                             /* hash.h's of all of them */
    int references;
} ext_model;

/* ext_model_find - looks a model up, parsing it if this connection has not yet.
 *
 *   context   of the calling function, which lets one statement's calls share the work;
 *             NULL in a virtual table
 *   name      the argument, or NULL if there is none; an SQL NULL counts as none
 *   out       the cache's: valid until the next look-up; ext_model_ref it to keep it
 *   error     [EXT_ERROR_SIZE]: one sentence, if the result is not SQLITE_OK
 *
 * Returns an SQLite result code. */
int ext_model_find(ext_model **out, ext_context *models, sqlite3_context *context,
                   sqlite3_value *name, char *error);

/* ext_model_exact - what the name stands for, 'name@version' or 'builtin',
 * sqlite3_malloc'd. */
int ext_model_exact(char **out, ext_context *models, sqlite3_context *context,
                    sqlite3_value *name, char *error);

/* ext_model_takes - appends to the error of an image that the model's room refused for
 * its number of bytes: "; model 'digits@2' takes images of 28x28x1". To another error it
 * appends nothing. name is the argument that the model was found by, or NULL. */
void ext_model_takes(const ext_model *model, ext_context *models,
                     sqlite3_context *context, sqlite3_value *name, char *error);

/* ext_model_named - ext_model_find by a text of size bytes, in a virtual table. *version
 * is the one that the name stands for, 0 for 'builtin'. */
int ext_model_named(ext_model **out, sqlite3_int64 *version, ext_context *models,
                    const char *name, int size, char *error);

/* ext_model_parse - a model, counted once, from its stored bytes, if the connection's
 * limits allow it. DN_OK, DN_ERROR (error says why), DN_NOMEM or DN_STOPPED. */
int ext_model_parse(ext_model **out, ext_context *models, const void *bytes,
                    sqlite3_int64 size, char *error);

/* ext_model_decode - the same for any host. */
int ext_model_decode(ext_model **out, const dn_host *host, const void *bytes,
                     sqlite3_int64 size, char *error);

/* ext_model_picture - how a model makes images of PNGs: EXT_PICTURE_… (picture.h). */
int ext_model_picture(const dn_model_info *info);

ext_model *ext_model_ref(ext_model *model);
void ext_model_unref(ext_model *model); /* takes NULL too */

/* ext_model_run - probabilities and embedding of one image, into the model's own room.
 *
 * The last image is remembered: digit_predict and digit_confidence of one row cost one
 * run of the network. SQLITE_OK; or SQLITE_INTERRUPT, with its sentence in error
 * [EXT_ERROR_SIZE], where the host stopped a large one in its middle. */
int ext_model_run(ext_model *model, sqlite3 *db, const dn_image *image, char *error);

/* ext_several_doubt - what a model of the ten digits says of a picture of several, of
 * which it was shown one, or all at once (ext_room's several): half as sure, the rest is
 * shared by all classes. The likeliest stays so. */
void ext_several_doubt(float *probabilities, const dn_model_info *info);

/* ext_model_numbers - whether n probabilities that a model gave are numbers: SQLITE_OK,
 * or SQLITE_ERROR and a sentence. name is the argument that it was found by; NULL: none.
 * Weights that are finite may give what is not: those of an imported model, or of a
 * training that had diverged before that was looked for. */
int ext_model_numbers(const float *probabilities, size_t n, sqlite3_value *name,
                      char *error);

/* ext_result_class - a class's label as a result, in the type the training labels had. */
void ext_result_class(sqlite3_context *context, const ext_model *model, int class);

/* ext_tvf_enter - ext_enter in xFilter or xNext of the function called name: SQLITE_OK,
 * or an error whose text is set. */
int ext_tvf_enter(sqlite3_vtab *table, const char *name, ext_context *context);

/* --- the connection --- */

/* ext_context - what one connection shares between its functions: the model cache
 * (cache.h). Counted: each function and module that SQLite registers holds one
 * reference and gives it back by ext_context_unref, its destructor. */
ext_context *ext_context_new(sqlite3 *db);
sqlite3 *ext_context_db(const ext_context *context);

/* ext_context_reads - the connection whose tables a source names: the context's own, or
 * that of ext_context_read_from, which outlives it. */
sqlite3 *ext_context_reads(const ext_context *context);
void ext_context_read_from(ext_context *context, sqlite3 *db);
void *ext_context_ref(ext_context *context);
void ext_context_unref(void *context);

/* ext_context_host - what core may take on this connection: memory of SQLite's heap,
 * within its limits. Core asks watch whether to go on; NULL: nobody. */
dn_host ext_context_host(const ext_context *context, ext_watch *watch);

/* ext_context_limits - what one prediction may take. ext_context_limit - other limits,
 * from now on: models are parsed again, so each is checked. */
dn_limits ext_context_limits(const ext_context *context);
void ext_context_limit(ext_context *context, const dn_limits *limits);

/* ext_enter - before SQL that others wrote is run: a source, triggers. It may call us
 * again, and a view that reads itself through predict_model would do so until the stack
 * is full.
 * SQLITE_OK, or SQLITE_ERROR and its sentence in error [EXT_ERROR_SIZE] where that is
 * nested too deeply. ext_leave - after it, if it was SQLITE_OK. */
int ext_enter(ext_context *context, char *error);
void ext_leave(ext_context *context);

#endif
