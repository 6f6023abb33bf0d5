/* import_fit.h - which mean and std a network was trained with, where nobody knows: the
 * usual ones are tried on images whose labels are known, and the best is kept.
 *
 *     SELECT import_model('net', readfile('net.onnx'), '{"fit": "images"}');
 *
 *     nothing said       0..1, or what the file says itself
 *     0.1307, 0.3081     MNIST's own
 *     0.5, 0.5           -1..1
 *     0, 1/255           0..255
 *     ImageNet's         of three channels alone
 *
 * Of two that are as good the one of less loss is kept. */
#ifndef EXT_IMPORT_FIT_H
#define EXT_IMPORT_FIT_H

#include "../base/interrupt.h"
#include "../data/classes.h"
#include "cache.h"
#include "import_options.h"

/* ext_import_fit - o->given becomes the best one; o->fitted and o->right say how good it
 * is. SQLITE_OK; or an error and its text in error [EXT_ERROR_SIZE], as where the best is
 * no better than the commonest label, or than chance by three standard errors.
 *
 *   onnx      the file
 *   classes   what the network's outputs are called
 *   o         its fit is the source, and its picture what a PNG becomes */
int ext_import_fit(ext_import_options *o, ext_context *models, ext_watch *watch,
                   sqlite3_value *onnx, const ext_class_set *classes, char *error);

#endif
