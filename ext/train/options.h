/* options.h - the options of train_model: from SQL values, to JSON, and back.
 *
 *     SELECT * FROM train_model('images') WHERE layers = 'mlp' AND epochs = 5;
 *
 * digitnet_models.options keeps all of them, those by default too, so that a run can be
 * resumed or repeated where defaults have changed:
 *
 *     {"layers":"128N","epochs":5,"batch":128,"rate":0.01,"seed":1,"holdout":0.1,…,
 *      "shape":"28x28x1",…,"images":54000,"data":"9f3c0a55d1e07b62","rows":"float32",
 *      "fitted":0.87}
 *
 * with the number of images that an epoch trained on, the checksums of the data, of the
 * teachers and of the model it started from, if there were any, the epoch whose weights
 * are kept ("best"), the form that the rows' pixels had (dataset.h) and the temperature
 * that they have. A run that was resumed with another number of epochs has
 * "lengths" too: "6/6 9/20" says that its schedule was 6 epochs long until epoch 6 was
 * done, and 20 until epoch 9 was. teacher and start name versions ('digits@2'), for a
 * name may stand for another one by now. threads and resume are left out: they change no
 * result. Numbers are rounded to 15 digits when they come in (json.h), so that a run that
 * is resumed has the very same doubles. */
#ifndef EXT_OPTIONS_H
#define EXT_OPTIONS_H

#include "../../core/dn.h"
#include "../base/option_object.h"

/* The layers of one who gives none. */
#define EXT_DEFAULT_LAYERS "cnn"

typedef struct ext_options {
    dn_options net; /* the first; net.shape.h is 0 as long as no shape was given */
    double holdout;
    double temperature; /* of the stored model's probabilities; 0: run_parts.h says */
    char teacher[EXT_ERROR_SIZE];   /* models' names, joined by commas; "": none */
    char start[EXT_ERROR_SIZE / 2]; /* the model it begins from; "": none */
    char lengths[128];              /* earlier lengths of the schedule: see above */
    int open;    /* EXT_OPEN_… : what was left to the data, by ext_options_start … */
    int preset;  /* … and what came with the layers that were given */
    int picture; /* EXT_PICTURE_…; net.picture is 0 where bytes need not say it */
    int patience, resume, threads, activate, distinct_labels;
    int cache_mb; /* budget for pixels; it tells the order only where it is too small */
    uint32_t images;   /* from the JSON of a stored model: … */
    uint64_t checksum; /* … see above */
    uint64_t taught;   /* hash of the teachers' weights, 0 without any */
    uint64_t started;  /* hash of the weights it began from, 0 without any */
    const char *rows;  /* form of the rows; NULL in what is read: each run sees its own */
    int best;          /* the epoch whose weights are stored */
    int stored_epochs; /* what the JSON said of epochs, by ext_options_resume */
    double fitted;     /* the temperature of the weights that are stored */
} ext_options;

/* ext_options_start - defaults, and the values given: values [EXT_MOST_OPTIONS], NULL or
 * SQL NULL for "not given". SQLITE_OK, or SQLITE_ERROR and a sentence in error
 * [EXT_ERROR_SIZE]: "epochs is 'ten'; expected an integer from 1 to 100000". */
int ext_options_start(ext_options *out, sqlite3_value *const *values, char *error);

/* ext_options_few - what was left open, for a training on n images. The presets suit tens
 * of thousands of images; fewer are seen more often and in smaller batches, and pictures
 * more distorted. *changed: whether anything was. */
enum { EXT_OPEN_EPOCHS = 1, EXT_OPEN_BATCH = 2, EXT_OPEN_AUGMENT = 4 };
void ext_options_few(ext_options *options, uint32_t n, int pictures, int *changed);

/* ext_options_start_layers - the same, with layers that are used if none are given. */
int ext_options_start_layers(ext_options *out, const char *layers,
                             sqlite3_value *const *values, char *error);

/* ext_options_resume - those of a stored model; epochs, patience and threads may be given
 * anew, any other value given must be the same as before. */
int ext_options_resume(ext_options *out, sqlite3 *db, const char *json,
                       sqlite3_value *const *values, char *error);

/* ext_options_stored - those of a stored model, as they are. */
int ext_options_stored(ext_options *out, sqlite3 *db, const char *json, char *error);

/* ext_options_lengthen - remembers in lengths that the schedule was stored_epochs long
 * until epoch `done`, if it is not now. ext_options_length - how long it was for the
 * epoch that comes after `done`; 0 if that was not kept. */
void ext_options_lengthen(ext_options *options, int64_t done);
int ext_options_length(const ext_options *options, int64_t done);

/* ext_options_given - sets the members of a JSON object, layers first, over what is in
 * out: its other options become the defaults that come with layers, if that is among
 * them. Members that are no options are ignored. SQLITE_OK, or an error and its
 * sentence. */
int ext_options_given(ext_options *out, sqlite3 *db, const char *json, char *error);

/* ext_options_layers - a notation as train_model takes it: 'softmax' where it is ''. */
const char *ext_options_layers(const char *layers);

/* ext_option_at - option k: its name, range, default and meaning (dn.h, option_table.c).
 * NULL past the last. */
const dn_option *ext_option_at(int k);

/* ext_train_option_name - its name, or NULL, as ext_option_object_read asks for it. */
const char *ext_train_option_name(int k);

/* ext_options_find - the number of the option of a name, or -1. */
int ext_options_find(const char *name);

/* ext_options_shared - the number of the i-th option that is DN_SHARED: of those that
 * search_model takes for all its trials. -1 past the last. */
int ext_options_shared(int i);

/* ext_options_json - all of them as a JSON object, sqlite3_malloc'd; NULL: out of
 * memory. */
char *ext_options_json(const ext_options *options);

/* ext_options_result - option k as the result of a column. */
void ext_options_result(sqlite3_context *context, const ext_options *options, int k);

#endif
