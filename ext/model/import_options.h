/* import_options.h - the options of import_model: what an ONNX file does not say.
 *
 *     mean, std   the network was trained on (x − mean) / std, for pixels x in 0..1.
 *                 Numbers, or arrays of one for each channel; std is not 0, and a mean
 *                 above 1.5, one of 0..255, is an error. (0 and 1; but
 *                 1/255 for an input of bytes, or that the file scales down itself)
 *     fit         in place of both, the name of a table of images with labels, on which
 *                 the usual ones are tried: import_fit.h
 *     classes     array of the labels, in the order of the outputs (the file's metadata
 *                 entry "classes" if it has one, as ours have; else 0, 1, 2, …)
 *     output      the name of the output that has the classes, where there are several
 *                 (the first)
 *     picture     what a PNG becomes: image/picture.h (by the classes and the channels)
 *     activate    1; 0 leaves the active version of the name as it is
 *     shape       'HxW' or 'HxWxC', where the input is flat (square) or has no numbers */
#ifndef EXT_IMPORT_OPTIONS_H
#define EXT_IMPORT_OPTIONS_H

#include "../../core/dn.h"
#include "../base/ext.h"

typedef struct ext_import_options {
    dn_onnx_given given; /* points into what follows */
    int has_classes, activate;
    int picture;          /* EXT_PICTURE_… */
    double *means, *stds; /* [n_means], [n_stds]: of arrays; NULL: none */
    int n_means, n_stds;
    char *output;
    sqlite3_value *fit; /* a TEXT, ours; NULL: not given */
    int fitted, right;  /* images that it was tried on, and those that it gave their label
                           in the end */
} ext_import_options;

/* ext_import_options_read - of a JSON object; NULL for none. SQLITE_OK, or an error and a
 * sentence in error [EXT_ERROR_SIZE]. Free them after either. */
int ext_import_options_read(ext_import_options *o, sqlite3 *db, const char *json,
                            char *error);
void ext_import_options_free(ext_import_options *o);

/* ext_import_json - as they stand in the options of the model's row: ,"mean":…,"std":….
 * std: the one that was taken, dn_onnx_info's, where no array was given. */
void ext_import_json(sqlite3_str *out, const ext_import_options *o, double std);

/* ext_import_rows - a statement whose first parameter is a JSON text, for json_each.
 * ext_import_done - ends it. stopped: why its rows were not all read, or SQLITE_OK. */
int ext_import_rows(sqlite3_stmt **out, sqlite3 *db, const char *sql, const char *json,
                    size_t size, char *error);
int ext_import_done(sqlite3_stmt *s, sqlite3 *db, int stopped, char *error);

#endif
